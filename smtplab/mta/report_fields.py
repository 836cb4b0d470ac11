"""The fields of a delivery report that are about one recipient, written and read (RFC 3464 2.3, RFC 6533 3).

Fields have a type before their value, as in ``rfc822; bob@far.example`` or ``smtp; 550 5.1.1 Unknown``. Whatever is not
ASCII is written as ``\\x{E9}``, so that every host can take a report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.message import Message

from ..base.domains import to_ascii
from ..protocol.replies import EnhancedCode, ProtocolError, Reply
from ..transcript import printable
from . import sentences
from .attempt import Action, RecipientResult

# The longest text of a reply in a report. With the name of its field it fits into a line of 998 octets, even unfolded.
_TEXT = 900
# RFC 3464 2.1.2: a diagnostic type that is not registered begins with X-.
OWN_TYPE = "x-smtplab"

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_LAST_CHARACTER = 0x10FFFF


class NotAReport(ValueError):
    """A message is not a delivery report, or a damaged one. The text is a sentence with the reason."""


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """The status of one recipient in a report; ``str`` gives it in one line.

    Args:
        address: the recipient, as the field Final-Recipient has it.
        action: what was done.
        status: the status code.
        diagnostic: what the host said, as in ``550 5.1.1 Unknown``, in one line; empty if it did not answer.
        remote_mta: the name of the host that answered or did not; empty if none was tried.
        address_type: of the address: ``rfc822``, or ``utf-8`` for one that is not ASCII (RFC 6533 3).
        diagnostic_type: ``smtp`` for a reply, ``x-smtplab`` for words of our own host.
    """

    address: str
    action: Action
    status: EnhancedCode
    diagnostic: str = ""
    remote_mta: str = ""
    address_type: str = "rfc822"
    diagnostic_type: str = "smtp"

    @classmethod
    def of(cls, result: RecipientResult) -> RecipientReport:
        """Return what to report about the result of an attempt."""
        said = " ".join(result.reply.wire_lines()) if result.reply is not None else result.words
        return cls(
            result.path.address,
            result.action,
            result.status,
            _shorten(said),
            to_ascii(result.host),
            "rfc822" if result.path.is_ascii else "utf-8",
            "smtp" if result.reply is not None else OWN_TYPE,
        )

    def __str__(self) -> str:
        host, said = self.remote_mta, self.diagnostic
        if host and said:
            said = f"{host} said {said}" if self.diagnostic_type == "smtp" else f"{host}: {said}"
        about = f"{self.address}: {self.action.value} ({self.status})"
        return printable(": ".join(filter(None, (about, said or host))).encode("utf-8", "surrogatepass"))

    @property
    def reply(self) -> Reply | None:
        """The reply of the host; None if there was none, or if what it said is not a reply."""
        if self.diagnostic_type != "smtp":
            return None
        # The lines of a reply stand behind one another, and each begins with the code.
        lines = re.sub(rf" (?={re.escape(self.diagnostic[:3])}[- ])", "\r\n", self.diagnostic)
        try:
            return Reply.parse(f"{lines}\r\n".encode("utf-8", "surrogateescape"))
        except (ProtocolError, UnicodeEncodeError):
            return None

    def fields(self) -> list[tuple[str, str]]:
        """Return the fields, in the order of RFC 3464 2.3; all of them are ASCII."""
        fields = [
            ("Final-Recipient", f"{self.address_type}; {_escape(self.address)}"),
            ("Action", self.action.value),
            ("Status", str(self.status)),
        ]
        if self.remote_mta:
            fields.append(("Remote-MTA", f"dns; {_escape(self.remote_mta)}"))
        if self.diagnostic:
            fields.append(("Diagnostic-Code", f"{self.diagnostic_type}; {_escape(self.diagnostic)}"))
        return fields

    @staticmethod
    def parse(block: Message) -> RecipientReport:
        """Read the fields about one recipient, from any host that follows RFC 3464.

        Raises:
            NotAReport: if the recipient, the action or the status is missing or not valid.
        """
        address_type, address = typed(block, "Final-Recipient")
        diagnostic_type, diagnostic = typed(block, "Diagnostic-Code")
        action, status = field(block, "Action").lower(), _STATUS.match(field(block, "Status"))
        if not address or status is None or action not in [each.value for each in Action]:
            raise NotAReport(sentences.BAD_RECIPIENT_REPORT.format(address=address or "a recipient"))
        report = RecipientReport(
            address,
            Action(action),
            EnhancedCode(*map(int, status.groups())),
            diagnostic,
            typed(block, "Remote-MTA")[1],
            address_type or "rfc822",
            diagnostic_type or "smtp",
        )
        return replace(report, address=_ESCAPED.sub(_unescape, address)) if address_type == "utf-8" else report


def field(block: Message, name: str) -> str:
    """Return the value of a field, unfolded and with single blanks; empty if there is none."""
    value = next((str(value) for key, value in block.raw_items() if key.lower() == name.lower()), "")
    return " ".join(value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())


def typed(block: Message, name: str) -> tuple[str, str]:
    """Return type and value of a field such as ``dns; mail.example``; the type is in lower case, and may be empty."""
    value = field(block, name)
    kind, semicolon, text = value.partition(";")
    return (kind.strip().lower(), text.strip()) if semicolon else ("", value)


def _shorten(text: str) -> str:
    """Return a text with single blanks, short enough for one line once it is escaped."""
    text = " ".join(text.split())
    while len(_escape(text)) > _TEXT:
        text = f"{text[: len(text) * _TEXT // len(_escape(text)) - 4]} ..."
    return text


def _escape(text: str) -> str:
    """Return a text in ASCII (RFC 6533 3, utf-8-addr-xtext)."""
    return "".join(each if " " <= each <= "~" else f"\\x{{{ord(each):X}}}" for each in text)


def _unescape(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number <= _LAST_CHARACTER else found[0]
