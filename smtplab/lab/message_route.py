"""Follow a message through the lab: its hops, the reply at each hop, and the mailboxes that have it.

Only the conversations and the mailboxes are read, nothing inside a host.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..base.printed import plural
from ..mta.trace import count_received, strip_return_path
from ..protocol.body import MessageReader
from ..protocol.codes import Category
from ..protocol.commands import HELLOS, OPENINGS, Opening, Rcpt, parse_command
from ..protocol.grammar import Path
from ..protocol.replies import BAD_SEQUENCE, RemoteProtocolError, Reply
from ..protocol.states import GREETING, MESSAGE, State
from ..transcript import Exchange, Side, Transcript, printable
from ..transcript.dialogue import END_OF_DATA
from ..transcript.rows import CRLF
from . import sentences
from .conversations import Call, Conversation, in_runs
from .internet import Lab
from .lab_host import LabHost

_ABOUT_MAIL = {*OPENINGS, GREETING, *HELLOS, "RCPT", "DATA", ""}  # a reply to nothing is a 421
_ENDINGS = {"RSET", "QUIT"}


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop of a message: the session that offered it, and the outcome.

    Args:
        number: the place in the order in which the sessions began, from 1 on.
        client, server: the names of the machines.
        verb: the command that opened the transaction: MAIL, or SEND, SOML, SAML; empty if there was none.
        sender: the reverse-path in it.
        recipients: the forward-paths that were named, each with the code of the reply, or None.
        about: the last command about the message: a verb, or `MESSAGE`; empty if there was none.
        reply: the last reply about this message; None if there is none.
        note: an event that is not on the wire.
        content: the message as the server received it.
    """

    number: int
    client: str
    server: str
    verb: str = ""
    sender: str = ""
    recipients: tuple[tuple[str, int | None], ...] = ()
    about: str = ""
    reply: Reply | None = None
    note: str = ""
    content: bytes = b""

    @property
    def taken(self) -> bool:
        """True if the server has taken the message."""
        return self.about == MESSAGE and self.reply is not None and self.reply.is_positive

    @property
    def refused(self) -> bool:
        """True if the server has refused the message."""
        return self.reply is not None and not self.reply.is_positive


@dataclass(frozen=True, slots=True)
class Way:
    """The route of one message.

    Args:
        hops: the sessions, in the order in which they began; the first one is there even if it had no message.
        number, count: which message of its session it is, from 1 on, and how many there were; 0 if none.
        mailboxes: the mailboxes that have the message, each as host and mailbox.
    """

    hops: tuple[Hop, ...]
    number: int
    count: int
    mailboxes: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class MessagePart:
    """The part of a session that is about one message.

    Attributes:
        exchanges: what was said about it.
        end: the row with the reply to the message; how many rows there are if no reply came.
    """

    exchanges: list[Exchange]
    end: int

    @property
    def content(self) -> bytes:
        """The message as it was before dots were doubled."""
        data = next((each.data for each in self.exchanges if each.verb == MESSAGE), b"")
        return MessageReader().feed(data)


def way_of(conversation: Conversation, lab: Lab, message: int = -1) -> Way:
    """Follow a message from host to host, to draw its route.

    Args:
        conversation: the session in which it set out.
        lab: where its hosts are.
        message: which message of the session, counted as Python counts: 0 is the first, -1 the last. One that was
            refused, and one that is under way, count as well.

    Raises:
        IndexError: if there are fewer messages.
    """
    parts = _parts(conversation.transcript)
    count = sum(bool(part.exchanges and part.exchanges[0].verb in OPENINGS) for part in parts)
    if count and not -count <= message < count:
        raise IndexError(sentences.NO_SUCH_MESSAGE.format(count=plural(count, "message"), index=message))
    index = message % count if count else 0
    hops = tuple(_hops(conversation, parts, index, 1))
    return Way(hops, index + 1 if count else 0, count, tuple(dict.fromkeys(_mailboxes(hops, lab))))


def _parts(transcript: Transcript) -> list[MessagePart]:
    """Divide the exchanges by the messages they are about; what came before the first belongs to none.

    A sender that was misspelt, came at the wrong time or was taken back makes no message if there is another one.
    """
    parts = [MessagePart([], len(transcript))]
    for exchange in transcript.exchanges():
        if exchange.verb in OPENINGS:
            parts.append(MessagePart([], len(transcript)))
        parts[-1].exchanges.append(exchange)
        if exchange.verb == MESSAGE and exchange.reply is not None:
            parts[-1].end = exchange.last
    return _without_slips(parts[1:]) or parts[1:] or parts


def _without_slips(parts: Sequence[MessagePart]) -> list[MessagePart]:
    """Return the messages; what was said behind a misspelt sender is about the message before it."""
    kept: list[MessagePart] = []
    for part in parts:
        opening = part.exchanges[0].reply
        if opening is None or opening.is_positive or opening.category is not Category.SYNTAX:
            kept.append(part)
        elif kept:
            kept[-1].exchanges += part.exchanges
            kept[-1].end = min(kept[-1].end, part.end)
    return [part for part in kept if not _taken_back(part)]


def _taken_back(part: MessagePart) -> bool:
    """Return True if nothing but an envelope was given, which the server accepted and RSET has removed."""
    reset = any(each.verb == "RSET" and each.accepted for each in part.exchanges)
    about = any(each.verb == MESSAGE or (each.verb == "RCPT" and each.refused) for each in part.exchanges)
    return reset and not about


def _hops(conversation: Conversation, parts: Sequence[MessagePart], index: int, number: int) -> Iterator[Hop]:
    """Yield the hops of one message of a session: the session itself, and those in which its host handed it on."""
    hop = _hop(conversation, parts[index], number)
    yield hop
    for call, count in in_runs(_calls(conversation, parts, index)):
        inner = _parts(call.conversation.transcript)
        # A host may first test if all recipients are accepted; the message itself comes last, if at all.
        for deeper in _hops(call.conversation, inner, len(inner) - 1, number + 1):
            yield deeper if count == 1 else replace(deeper, note=f"{deeper.note} ({count} attempts)")
            number = deeper.number


def _calls(conversation: Conversation, parts: Sequence[MessagePart], index: int) -> list[Call]:
    """Return the conversations that hosts held because of one message.

    They began before the reply to this message, and after the reply to the one before. If both messages were sent in
    one group, all conversations come before both replies, and the relayed content distinguishes them. The later calls
    of a queue have the row in which their message was accepted.
    """
    part, before = parts[index], parts[index - 1].end if index else -1
    rows = conversation.transcript[before + 1 : part.end]
    if part.content and not any(row.side is Side.CLIENT for row in rows):
        before = -1
    rows_of_ours = range(before + 1, part.end + 1)
    return [
        call
        for call in conversation.calls
        if (call.accepted == part.end if call.is_later else call.row in rows_of_ours and _hands_on(call, part.content))
    ]


def _hands_on(call: Call, content: bytes) -> bool:
    """Return True if a conversation is about this message, or ended before a message was sent in it."""
    handed = _parts(call.conversation.transcript)[-1].content
    return not handed or handed.endswith(content)


def _hop(conversation: Conversation, part: MessagePart, number: int) -> Hop:
    transcript = conversation.transcript
    opening = next((each for each in part.exchanges if each.verb in OPENINGS), None)
    last = _last_word(part, over=transcript.state is State.CLOSED)
    return Hop(
        number,
        conversation.client,
        conversation.server,
        "" if opening is None else opening.verb,
        "" if opening is None else _path_in(opening.data),
        tuple((_path_in(each.data), _code(each)) for each in part.exchanges if each.verb == "RCPT"),
        "" if last is None else last.verb,
        None if last is None else last.reply,
        " ".join(row.text for row in transcript) if all(row.side is Side.NOTE for row in transcript) else "",
        part.content,
    )


def _last_word(part: MessagePart, *, over: bool) -> Exchange | None:
    """Return the exchange that decided about the message; None if nothing is decided, or there is none."""
    message = next((each for each in part.exchanges if each.verb == MESSAGE), None)
    if message is not None:
        ended = CRLF + message.data
        return message if message.reply is not None or ended.endswith(CRLF + END_OF_DATA) else None
    over = over or any(each.verb in _ENDINGS for each in part.exchanges)
    accepted = any(each.verb == "RCPT" and each.accepted for each in part.exchanges)
    refusals = [each for each in part.exchanges if each.verb in _ABOUT_MAIL and each.refused]
    if not refusals or (accepted and not over):
        return None
    causes = [
        each for each in refusals if _code(each) != BAD_SEQUENCE.code
    ]  # a 503 follows from what was refused before
    return (causes or refusals)[-1]


def _code(exchange: Exchange) -> int | None:
    return None if exchange.reply is None else exchange.reply.code


def _path_in(line: bytes) -> str:
    """Return the path that a command names; of one that cannot be read, the line."""
    line = line.removesuffix(CRLF)
    try:
        command = parse_command(line)
    except RemoteProtocolError:
        return printable(line)
    return str(command.path) if isinstance(command, Opening | Rcpt) else printable(line)


def _mailboxes(hops: Sequence[Hop], lab: Lab) -> Iterator[tuple[str, str]]:
    """Find the message in the mailboxes of its recipients, with the trace of this one host at its top."""
    for hop in hops:
        host = next((host for host in lab.hosts if host.name == hop.server), None)
        if not hop.taken or host is None or not hop.content.endswith(hops[0].content):  # a bounce is another message
            continue
        content = strip_return_path(hop.content)
        for name in _addressed(hop, host):
            heads = (
                each[: len(each) - len(content)] for each in host.handler.store.messages(name) if each.endswith(content)
            )
            if any(count_received(head + CRLF) == 1 for head in heads):
                yield hop.server, name


def _addressed(hop: Hop, host: LabHost) -> Iterable[str]:
    """Return the mailboxes of `host` to which the recipients lead; all, if its directory has changed since."""
    directory = host.handler.directory
    paths = [Path.parse(path) for path, code in hop.recipients if code is not None and code < 300]
    found = [directory.resolve(path, verb=hop.verb) for path in paths if directory.is_local(path.domain)]
    if not all(resolution.reply.is_positive for resolution in found):
        return host.mailboxes
    return dict.fromkeys(name for resolution in found for name in resolution.mailboxes)
