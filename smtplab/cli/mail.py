"""The command ``send``: check one message, deliver it to a server, and print the conversation."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path as FilePath
from typing import Any, TypeVar

import click

from ..client.arguments import own_name
from ..client.message import from_file, make
from ..client.outcomes import ClientError, Delivery, ServiceRefused, Timeouts, Unsupported
from ..client.sentences import UNANSWERED
from ..protocol.body import begins_with_field, check_line_ends, long_line
from ..protocol.commands import Ehlo, Mail, Rcpt
from ..protocol.extensions import is_international
from ..protocol.grammar import Path, check_string
from ..protocol.replies import ProtocolError
from ..transcript import Transcript
from ..worlds.tcp_client import Client
from . import sentences
from .frame import ExitCode, fail, one_line, seconds, sentence
from .output import complain
from .reach import check_host
from .screen import ShownTranscript

CheckedT = TypeVar("CheckedT")


@dataclass(frozen=True, slots=True)
class _SendOptions:
    """The options of one call."""

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    file: FilePath
    subject: str | None
    helo: str
    timeout: float | None
    allow_remote: bool
    quiet: bool


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="NAME", help="The server's name or address.")
@click.option("--port", default=2525, show_default=True, type=click.IntRange(1, 65535), help="The server's port.")
@click.option(
    "--from",
    "sender",
    required=True,
    metavar="ADDRESS",
    help='Who is told if the message cannot be delivered; "" for nobody.',
)
@click.option("--to", "recipients", required=True, multiple=True, metavar="ADDRESS", help="Who gets it; once for each.")
@click.option(
    "--file",
    required=True,
    type=click.Path(path_type=FilePath, allow_dash=True),
    help="The message, header section and body; - for standard input.",
)
@click.option("--subject", metavar="TEXT", help="Then the file is the body alone, and a header section is made for it.")
@click.option("--helo", default="[127.0.0.1]", show_default=True, metavar="NAME", help="What to call this host.")
@click.option(
    "--timeout",
    type=seconds,
    metavar="SECONDS",
    help="How long to wait for each reply.  [2 to 10 minutes, as RFC 5321 has it]",
)
@click.option("--allow-remote", is_flag=True, help="Let mail leave this machine.")
@click.option("--quiet", is_flag=True, help="Do not print the conversation.")
def send(**options: Any) -> int:
    """Deliver one message to a server, and print the conversation.

    Of a message of more than 100 lines the first 100 are printed. Message and addresses are checked first. A recipient
    who is refused is reported with the server's reply, and the exit code is then 1.
    """
    settings = _SendOptions(**options)
    sender, recipients = _envelope(settings)
    content = _content(settings, sender, recipients)
    check_host(settings.host, settings.port, allow_remote=settings.allow_remote, purpose="mail leave this one")
    transcript = None if settings.quiet else ShownTranscript()
    try:
        delivery = _deliver(settings, sender, recipients, content, transcript)
    except (ServiceRefused, Unsupported, ProtocolError) as error:
        fail(sentence(error), ExitCode.REFUSED)
    except ClientError as error:
        fail(sentence(error))
    finally:
        if transcript is not None:
            transcript.flush()
    for complaint in _complaints(delivery, explains=transcript is not None):
        complain(one_line(complaint))
    if not delivery.complete:
        return ExitCode.REFUSED
    unprinted = None if transcript is None else transcript.failure
    if unprinted is not None:
        fail(sentences.NOT_PRINTED.format(reason=unprinted.strerror))
    return ExitCode.DONE


def _deliver(
    settings: _SendOptions, sender: Path, recipients: list[Path], content: bytes, transcript: Transcript | None
) -> Delivery:
    client = Client(
        settings.host,
        settings.port,
        helo=settings.helo,
        timeouts=None if settings.timeout is None else Timeouts.all(settings.timeout),
        allow_remote=settings.allow_remote,
        transcript=transcript,
    )
    with client:
        return client.deliver(sender, recipients, content)


def _envelope(settings: _SendOptions) -> tuple[Path, list[Path]]:
    """Return the addresses; end the command if one of them or the name for HELO is not valid."""
    _check("--helo", settings.helo, lambda name: Ehlo(own_name(name)))
    sender = _check("--from", settings.sender, _sender)
    return sender, [_check("--to", address, _recipient) for address in settings.recipients]


def _check(option: str, value: str, read: Callable[[str], CheckedT]) -> CheckedT:
    try:
        return read(value)
    except ProtocolError as error:
        fail(sentences.NOT_SENDABLE.format(option=option, value=value, reason=error), ExitCode.USAGE)


def _sender(address: str) -> Path:
    return Mail(Path.parse(address or "<>")).path


def _recipient(address: str) -> Path:
    return Rcpt(Path.parse(address)).path


def _content(settings: _SendOptions, sender: Path, recipients: list[Path]) -> bytes:
    """Return the message as it will be sent; end the command if it is missing or cannot be sent."""
    data = _read(settings.file)
    if not data and settings.subject is None:
        fail(sentences.NO_MESSAGE.format(file=_name(settings.file)), ExitCode.USAGE)
    content = from_file(data)
    if settings.subject is not None:
        _check("--subject", settings.subject, partial(check_string, what="it"))
    elif data.startswith(BOM_UTF8):
        fail(sentences.BYTE_ORDER_MARK.format(file=_name(settings.file)), ExitCode.USAGE)
    try:
        check_line_ends(content)
        if settings.subject is None:
            is_international((), content)  # raises if the header section cannot be sent at all
            _warn_of_no_header_section(settings.file, content)
            _warn_of_long_line(settings.file, content)
            return content
        if sender.is_null:
            raise ValueError(sentences.SUBJECT_NEEDS_FROM)
        return make(sender.address, [path.address for path in recipients], settings.subject, content)
    except (ProtocolError, ValueError) as error:
        fail(sentence(error), ExitCode.USAGE)


def _warn_of_no_header_section(file: FilePath, content: bytes) -> None:
    """Warn of a message that begins with its body: SMTP carries it, but RFC 5322 3.6 wants at least From and Date."""
    if not begins_with_field(content):
        complain(one_line(sentences.NO_HEADER_FIELD.format(file=_name(file))))


def _warn_of_long_line(file: FilePath, content: bytes) -> None:
    """Warn of the first line that is longer than every server has to take (RFC 5321 4.5.3.1.6)."""
    if found := long_line(content):
        number, octets = found
        complain(one_line(sentences.LONG_LINE.format(number=number, file=_name(file), octets=octets)))


def _read(file: FilePath) -> bytes:
    if str(file) != "-":
        try:
            return file.read_bytes()
        except OSError as error:
            fail(sentences.FILE_UNREADABLE.format(file=file, reason=error.strerror), ExitCode.USAGE)
    if sys.stdin.isatty():
        complain("Type the message, and Ctrl-D on a line of its own to end it:")
    return sys.stdin.buffer.read()


def _name(file: FilePath) -> str:
    return "standard input" if str(file) == "-" else str(file)


def _complaints(delivery: Delivery, *, explains: bool) -> Iterator[str]:
    """Yield a sentence for each refusal.

    Args:
        delivery: the outcome.
        explains: True to say of replies that are shown why they are there, such as 503 to DATA.
    """
    explained = delivery.explained if explains else ()
    if not delivery.sender_reply.is_positive:
        yield sentences.SENDER_REFUSED.format(reply=delivery.sender_reply)
        yield from map(sentence, explained)
        return
    refused = [(path, reply) for path, reply in delivery.recipient_replies if not reply.is_positive]
    for path, reply in refused:
        yield sentences.RECIPIENT_REFUSED.format(recipient=path.address, reply=reply)
    for path in delivery.unanswered:
        yield sentences.RECIPIENT_UNANSWERED.format(recipient=path.address, why=UNANSWERED)
    if len(refused) < len(delivery.recipient_replies) and not delivery.accepted:
        yield sentences.MESSAGE_REFUSED.format(reply=delivery.reply)
    yield from map(sentence, explained)
    count = len(delivery.recipient_replies) + len(delivery.unanswered)
    if count > 1 and not delivery.complete:
        yield sentences.ACCEPTED_FOR.format(accepted=len(delivery.accepted), count=count)
