"""Reports to the sender that a message was not delivered or is late, written and read (RFC 3464, RFC 6522).

A report is a message of the type multipart/report with three parts: an explanation for people, the status of each
recipient for programs, and the original message or its header section. Its reverse-path is null, so that no report is
ever answered by another (RFC 5321 4.5.5, 6.1).

A report is written in ASCII, whatever the original holds, so that every host can take it. The one exception is the
address of a sender that is not ASCII itself.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from email.mime.multipart import MIMEMultipart
from itertools import count
from textwrap import fill
from typing import Any

from ..base.domains import to_ascii
from ..base.printed import Printed
from ..protocol.grammar import Path
from ..transcript import printable
from . import sentences
from .attempt import Action, RecipientResult, alike
from .report_fields import NotAReport, RecipientReport, field, typed
from .trace import format_date, header_end

# The part for programs; the second is for addresses and texts in UTF-8 (RFC 6533 6.2). Postfix writes both.
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")

# A longer original is returned without its body, and a longer header section is cut. Postfix has the same limit.
RETURN_OCTETS = 50_000
# RFC 5322 2.1.1: no line has more octets, without its CRLF. A message with a longer line, a bare CR or LF, or an octet
# that is not ASCII cannot be part of a report as it is: RFC 2046 5.2.1 forbids any encoding of it.
_NOT_AS_IT_IS = re.compile(rb"[^\n]{1000}|\r(?!\n)|(?<!\r)\n|[^\x01-\x7f]")

_COLUMNS = 72


class _ReportPolicy(policy.Compat32):
    """Write a field that fits into its line as it is. That takes half the time of the `email` package's folding."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the octets of a field with its name and its line ends."""
        if len(name) + len(value) <= _COLUMNS and value.isascii() and value.isprintable():
            return f"{name}: {value}\r\n".encode()
        return super().fold_binary(name, value)


_WIRE = _ReportPolicy(linesep="\r\n", cte_type="8bit")


@dataclass(frozen=True, slots=True)
class ReportedMessage:
    """The message that a report is about, and the host that writes the report.

    Args:
        sender: the reverse-path of the message, which gets the report. For mail to a list, the owner of the list.
        content: the message as this host has it, with its Received field.
        host: the name of this host.
        arrived: when the message was accepted; an aware datetime.

    Raises:
        ValueError: if the reverse-path is null, because a report must not be answered by a report (RFC 5321 6.1).
    """

    sender: Path
    content: bytes
    host: str
    arrived: datetime

    def __post_init__(self) -> None:
        if self.sender.is_null:
            raise ValueError(sentences.REPORT_OF_REPORT)


@dataclass(frozen=True, slots=True)
class DeliveryReport(Printed):
    """The content of a delivery report; ``print`` shows what became of each recipient.

    Args:
        reporting_mta: the name of the host that wrote it.
        recipients: the status of each recipient.
        arrival_date: when that host accepted the message, as it writes dates; empty if it is missing.
        explanation: the part for people.
        returned: the original message or its header section; empty if neither came back.
    """

    reporting_mta: str
    recipients: tuple[RecipientReport, ...]
    arrival_date: str = ""
    explanation: str = ""
    returned: bytes = b""

    @property
    def is_bounce(self) -> bool:
        """True if somebody will not get the message; False for a warning, or for a report of success."""
        return any(each.action is Action.FAILED for each in self.recipients)

    @property
    def kind(self) -> str:
        """``bounce``, ``warning`` for a delay, or ``report`` for any other one."""
        late = any(each.action is Action.DELAYED for each in self.recipients)
        return "bounce" if self.is_bounce else "warning" if late else "report"

    def __str__(self) -> str:
        head = sentences.REPORT_HEAD.format(kind=self.kind, host=self.reporting_mta or "an unnamed host")
        return "\n".join([printable(head.encode("utf-8", "surrogatepass")), *map(str, self.recipients)])


def write_report(
    message: ReportedMessage,
    results: Iterable[RecipientResult],
    report_id: str,
    date: datetime,
    until: datetime | None = None,
) -> bytes:
    """Return a report about some recipients of a message. Send it to ``message.sender`` from `NULL_PATH`.

    Args:
        message: the message.
        results: what became of those recipients. Failures make it a bounce, delays alone a warning.
        report_id: this host's own name for the report, as in its queue; no other message has it.
        date: the time of the report; an aware datetime.
        until: when this host gives up on those who are delayed; None to leave it out.
    """
    results = tuple(results)
    is_bounce = any(each.action is Action.FAILED for each in results)
    report = MIMEMultipart("report", _boundary(message.content, report_id), policy=_WIRE)
    report.set_param("report-type", "delivery-status")
    for name, value in _header(message, report_id, date, is_bounce=is_bounce):
        report[name] = value
    report.attach(_explanation(message, results, until, is_bounce=is_bounce))
    report.attach(_statuses(message, results, until))
    report.attach(_original(message.content))
    return report.as_bytes(policy=_WIRE)


def read_report(content: bytes | str) -> DeliveryReport:
    """Read a delivery report (RFC 3464) of any host, to see which recipients failed, where, and with which reply.

    Args:
        content: a whole message, as octets or as text that was copied from a mailbox.

    Raises:
        NotAReport: if it is another kind of message, or a report without any recipient.
        TypeError: if it is neither octets nor text.
    """
    if isinstance(content, str):
        content = content.lstrip().encode("utf-8", "surrogateescape")
    if not isinstance(content, bytes):
        raise TypeError(sentences.REPORT_IS_ONE_MESSAGE.format(kind=type(content).__name__))
    message = message_from_bytes(content, policy=policy.compat32)
    parts = _parts_of(message)
    places = [place for place, part in enumerate(parts) if part.get_content_type() in _STATUS_TYPES]
    if message.get_content_type() != "multipart/report" or not places:
        raise NotAReport(sentences.NOT_A_REPORT)
    place = places[0]
    about_message, *about_recipients = [block for block in _blocks(parts[place]) if block.keys()] or [Message()]
    if not about_recipients:
        raise NotAReport(sentences.NO_RECIPIENT_REPORT)
    return DeliveryReport(
        typed(about_message, "Reporting-MTA")[1],
        tuple(map(RecipientReport.parse, about_recipients)),
        field(about_message, "Arrival-Date"),
        "".join(map(_text, parts[:place])),
        b"".join(map(_returned, parts[place + 1 :])),
    )


# Writing


def _boundary(content: bytes, report_id: str) -> str:
    """Return a boundary that is not in the message, nor in anything that is encoded (RFC 2045 6.7: ``=_``)."""
    name = re.sub(r"[^A-Za-z0-9]", "", report_id)[:40]
    return next(text for number in count() if (text := f"=_{name}_{number}").encode() not in content)


def _header(message: ReportedMessage, report_id: str, date: datetime, *, is_bounce: bool) -> Iterable[tuple[str, str]]:
    host = to_ascii(message.host)
    yield "From", f"Mail Delivery System <MAILER-DAEMON@{host}>"
    # An address that is not ASCII stands there as UTF-8 (RFC 6532 3.2); its message needs SMTPUTF8 anyway.
    yield "To", message.sender.address.encode().decode("ascii", "surrogateescape")
    yield "Subject", sentences.BOUNCE_SUBJECT if is_bounce else sentences.WARNING_SUBJECT
    yield "Date", format_date(date)
    yield "Message-ID", f"<{report_id}@{host}>"
    yield "Auto-Submitted", "auto-replied"  # RFC 3834 5


def _explanation(
    message: ReportedMessage, results: Sequence[RecipientResult], until: datetime | None, *, is_bounce: bool
) -> Message:
    """Return the part for people."""
    opening = sentences.BOUNCE_TEXT if is_bounce else sentences.WARNING_TEXT
    paragraphs = [fill(opening.format(host=message.host), _COLUMNS)]
    paragraphs += [_about(group) for group in alike(results)]
    if until is not None:
        paragraphs.append(fill(sentences.RETRIES_UNTIL.format(date=format_date(until)), _COLUMNS))
    text = "\n\n".join([*paragraphs, fill(sentences.REPORT_ENDS, _COLUMNS)]) + "\n"
    return _text_part('text/plain; charset="utf-8"', text.encode("utf-8", "backslashreplace"))


def _about(results: Sequence[RecipientResult]) -> str:
    """Return the paragraph about recipients who share the reason: all of them, because the sender has to know whom."""
    result = results[0]
    text = f"{', '.join(str(each.path) for each in results)}: {result.words[: _COLUMNS * 8]}"
    if result.possible_duplicate:
        text += f". {sentences.MAY_HAVE_IT_ALREADY.format(host=result.host)}"
    return fill(text, _COLUMNS, subsequent_indent="    ", break_on_hyphens=False)  # addresses stay whole


def _statuses(message: ReportedMessage, results: Iterable[RecipientResult], until: datetime | None) -> Message:
    """Return the part for programs (RFC 3464 2.1): a block about the message, then one for each recipient."""
    about_message = [
        ("Reporting-MTA", f"dns; {to_ascii(message.host)}"),
        ("Arrival-Date", format_date(message.arrived)),
    ]
    blocks = [_block(about_message)]
    for result in results:
        if result.host == message.host:  # this host has decided, so no other one has said anything (RFC 3464 2.3.5)
            result = replace(result, host="", reply=None)
        fields = RecipientReport.of(result).fields()
        if until is not None and result.action is Action.DELAYED:
            fields.append(("Will-Retry-Until", format_date(until)))
        blocks.append(_block(fields))
    return _part("message/delivery-status", blocks)


def _block(fields: Iterable[tuple[str, str]]) -> Message:
    block = Message(policy=_WIRE)
    for name, value in fields:
        block[name] = value
    return block


def _original(content: bytes) -> Message:
    """Return the part with the message, or with its header section where the message is too long or not plain ASCII."""
    if len(content) <= RETURN_OCTETS and not _NOT_AS_IT_IS.search(content):
        return _part("message/rfc822", content.decode("ascii"))
    header = content[: header_end(content)]
    if len(header) > RETURN_OCTETS:
        header = header[: header.rfind(b"\n", 0, RETURN_OCTETS) + 1]
    return _text_part("text/rfc822-headers", header.replace(b"\r\n", b"\n"))


def _text_part(content_type: str, text: bytes) -> Message:
    """Return a part with a text whose lines end in LF; quoted-printable where it needs that (RFC 6522 4)."""
    if _NOT_AS_IT_IS.search(text.replace(b"\n", b"\r\n")):
        lines = (b2a_qp(line, istext=False) for line in text.split(b"\n"))  # a bare CR is not a line end, so not text
        return _part(content_type, b"\n".join(lines).decode("ascii"), "quoted-printable")
    return _part(content_type, text.decode("ascii"))


def _part(content_type: str, payload: Any, encoding: str = "7bit") -> Message:
    part = Message(policy=_WIRE)
    part["Content-Type"] = content_type
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(payload)
    return part


# Reading


def _parts_of(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _blocks(part: Message) -> list[Message]:
    """Return the blocks of fields in the part for programs."""
    blocks = _parts_of(part)
    if part.get_content_type() == _STATUS_TYPES[0]:
        return blocks
    # The `email` package takes the first block of the international type for the header of a message, and the others
    # for its body.
    others = b"".join(map(_octets, blocks)).replace(b"\r\n", b"\n").split(b"\n\n")
    return [*blocks, *(message_from_bytes(octets, policy=policy.compat32) for octets in others)]


def _octets(part: Message) -> bytes:
    """Return the octets of a part, with its encoding undone; none if it has other parts."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    """Return the text of a part, with LF line ends; empty if it has other parts."""
    return _octets(part).decode("utf-8", "replace").replace("\r\n", "\n")


def _returned(part: Message) -> bytes:
    """Return the original message or its header section, whichever a part has."""
    return _octets(part) or b"".join(each.as_bytes(policy=_WIRE) for each in _parts_of(part))
