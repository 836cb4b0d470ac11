"""Replies: three digits and text in one line or more, RFC 5321 4.2, with the enhanced status codes of RFC 2034.

The canonical replies are values with plain wording. Code that decides which reply to give names one of these; how a
particular host words it is not decided here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Self

from .codes import Category, Severity, classify, severity_of
from .errors import LocalProtocolError, RemoteProtocolError

# RFC 5321 4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF. The RFC's second
# digit goes to 5; a few servers in the field go higher, and the first digit alone tells a client what to do.
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
# RFC 3463 2: status-code = class "." subject "." detail. RFC 2034 4: the class is the first digit of the reply code.
_ENHANCED = re.compile(r"([245])\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})(?: |$)")
# RFC 5321 4.2: textstring = 1*(%d09 / %d32-126). We let octets above 126 pass (RFC 6531), never a control character.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class EnhancedCode(NamedTuple):
    """An enhanced status code, RFC 3463: ``str(EnhancedCode(5, 1, 1)) == "5.1.1"``."""

    severity: int
    subject: int
    detail: int

    def __str__(self) -> str:
        return f"{self.severity}.{self.subject}.{self.detail}"


@dataclass(frozen=True, slots=True, init=False)
class Reply:
    """What a server answers, RFC 5321 4.2.

    Args:
        code: 200 to 599.
        lines: the text, one item a line, without code or line end; a single string is one line.
        enhanced: the enhanced status code of RFC 2034. One that stands in the text of every line is moved here, so a
            reply has one form only.
        name: the name of the canonical reply that it words, such as ``RELAY_DENIED`` (see `NAMES`); empty if unknown.
            It is not on the wire and not compared.

    Attributes:
        severity: what the first digit says: done, go on, try later, or never (RFC 5321 4.2.1).
        is_positive: True for 2yz and 3yz: the command was taken.

    Raises:
        LocalProtocolError: if the code is out of range, there is no line, a line holds a control character or a lone
            surrogate, or the enhanced code is none or belongs to another severity.
    """

    code: int
    lines: tuple[str, ...] = ("",)
    enhanced: EnhancedCode | None = None
    name: str = field(default="", repr=False, compare=False)
    severity: Severity = field(init=False, repr=False, compare=False)
    is_positive: bool = field(init=False, repr=False, compare=False)
    # A host says the same few replies again and again: the octets, with and without the enhanced code, are made
    # once, which takes a tenth off a server's work.
    _octets: dict[bool, bytes] = field(init=False, repr=False, compare=False)

    def __init__(
        self, code: int, lines: str | Iterable[str] = "", enhanced: EnhancedCode | None = None, name: str = ""
    ) -> None:
        lines = (lines,) if isinstance(lines, str) else tuple(lines)
        if not 200 <= code <= 599:
            raise LocalProtocolError(f"a reply code has three digits and begins with 2, 3, 4 or 5, not {code}")
        if not lines:
            raise LocalProtocolError("a reply has at least one line")
        for line in lines:
            if _CONTROL.search(line):
                raise LocalProtocolError(f"the reply text {line!r} holds a control character")
            if not line.isascii() and not _comes_back_from_octets(line):
                raise LocalProtocolError(f"the reply text {line!r} holds a surrogate that stands for no octet")
        if enhanced is None:
            enhanced, lines = _lift_enhanced(code, lines)
        elif enhanced.severity != code // 100 or not _ENHANCED.fullmatch(str(enhanced)):
            raise LocalProtocolError(f"the enhanced code {enhanced} cannot stand in a {code} reply (RFC 2034 4)")
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "lines", lines)
        object.__setattr__(self, "enhanced", enhanced)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "severity", severity_of(code))
        object.__setattr__(self, "is_positive", code < 400)
        object.__setattr__(self, "_octets", {})

    def __hash__(self) -> int:
        return hash(self.lines)  # it is asked for at every reply, and few replies have the same text

    @property
    def category(self) -> Category | None:
        """What the second digit says the reply is about; None where RFC 5321 gives the digit no meaning."""
        return classify(self.code).category

    @property
    def text(self) -> str:
        """The text without codes, lines joined by a line feed."""
        return "\n".join(self.lines)

    def wire_lines(self, *, enhanced: bool = True) -> list[str]:
        """Return the lines as on the wire without line ends; leave the enhanced code out unless it was negotiated."""
        status = str(self.enhanced) if enhanced and self.enhanced else ""
        texts = [f"{status} {line}" if status and line else status or line for line in self.lines]
        last = f"{self.code} {texts[-1]}" if texts[-1] else str(self.code)
        return [*(f"{self.code}-{text}" for text in texts[:-1]), last]

    def serialize(self, *, enhanced: bool = True) -> bytes:
        """Return the octets of the reply, each line ended by CRLF."""
        if enhanced not in self._octets:
            wire = "\r\n".join(self.wire_lines(enhanced=enhanced)) + "\r\n"
            self._octets[enhanced] = wire.encode("utf-8", "surrogateescape")
        return self._octets[enhanced]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read one whole reply, every line of it ended by CRLF.

        Raises:
            RemoteProtocolError: if the octets are not exactly one well-formed reply; the sentence says what is wrong.
        """
        lines = data.split(b"\r\n")
        if lines.pop() != b"":
            raise RemoteProtocolError("the reply does not end in CRLF")
        parser = ReplyParser()
        replies = [reply for line in lines if (reply := parser.feed(line)) is not None]
        if len(replies) != 1 or parser.unfinished:
            raise RemoteProtocolError(f"expected one whole reply, got {_shorten(data)}")
        return cls(replies[0].code, replies[0].lines, replies[0].enhanced)

    def __str__(self) -> str:
        return "\r\n".join(self.wire_lines())


def _lift_enhanced(code: int, lines: tuple[str, ...]) -> tuple[EnhancedCode | None, tuple[str, ...]]:
    """Move an enhanced code that begins every line, and fits the reply code, out of the text."""
    if lines[0][1:2] != ".":  # nearly every reply without one ends here
        return None, lines
    found = _ENHANCED.match(lines[0])
    if found is None or int(found[1]) != code // 100:
        return None, lines
    enhanced = EnhancedCode(int(found[1]), int(found[2]), int(found[3]))
    status = str(enhanced)
    if not all(line == status or line.startswith(f"{status} ") for line in lines):
        return None, lines
    return enhanced, tuple(line[len(status) + 1 :] for line in lines)


def _comes_back_from_octets(text: str) -> bool:
    """Say whether the octets of `text` are read as `text` again; octets that are not UTF-8 are held as surrogates."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == text
    except UnicodeEncodeError:
        return False


class ReplyParser:
    """Gathers the lines of one reply after the other. Bounded: see `MAX_REPLY_OCTETS`."""

    # RFC 5321 4.5.3.1.5 allows 512 octets a line and sets no limit on lines. EHLO and HELP replies of real servers stay
    # far below this; what goes on beyond it is an attack or a fault.
    MAX_REPLY_OCTETS = 64 * 1024

    def __init__(self) -> None:
        self._code = 0
        self._lines: list[str] = []
        self._octets = 0

    @property
    def unfinished(self) -> bool:
        """True between the first and the last line of a reply of several lines."""
        return bool(self._lines)

    def feed(self, line: bytes) -> Reply | None:
        """Take one line without its CRLF; return the reply that it completes, or None if more lines follow.

        Raises:
            RemoteProtocolError: if the line is no reply line, its code differs from the lines before it, it holds a
                control character, or the reply exceeds `MAX_REPLY_OCTETS`.
        """
        if not self._lines and (reply := _whole_reply(line)) is not None:
            return reply
        code, more, text = _parse_line(line)
        if self._lines and code != self._code:
            raise RemoteProtocolError(f"one reply cannot carry two codes: {self._code} goes on as {code}")
        self._octets += len(line)
        if self._octets > self.MAX_REPLY_OCTETS:
            raise RemoteProtocolError(f"the server's reply {code} is longer than {self.MAX_REPLY_OCTETS} octets")
        self._code = code
        self._lines.append(text)
        if more:
            return None
        lines, self._lines, self._octets = tuple(self._lines), [], 0
        return _make(code, lines)


# A server says the same few things again and again, and replies are immutable: the last ones are remembered, which
# takes a third off a client's work.
@lru_cache(maxsize=512)
def _whole_reply(line: bytes) -> Reply | None:
    """Return the reply that the line is, or None if it is the first of several."""
    code, more, text = _parse_line(line)
    return None if more else _make(code, (text,))


@lru_cache(maxsize=512)
def _parse_line(line: bytes) -> tuple[int, bool, str]:
    """Return the code of a reply line, whether more lines follow, and the text."""
    found = _REPLY_LINE.fullmatch(line)
    if found is None:
        raise RemoteProtocolError(
            f"the server's line {_shorten(line)} is not a reply: a reply begins with 200 to 599 and a space or -"
        )
    return int(found[1]), found[2] == b"-", (found[3] or b"").decode("utf-8", "surrogateescape")


# Only a few, since those of several lines may be large. The reply to EHLO comes again with each connection.
@lru_cache(maxsize=4)
def _make(code: int, lines: tuple[str, ...]) -> Reply:
    try:
        return Reply(code, lines)
    except LocalProtocolError as error:
        raise RemoteProtocolError(f"the server's reply is malformed: {error}") from None


def _shorten(octets: bytes) -> str:
    return repr(octets if len(octets) <= 60 else octets[:60] + b"...")


# RFC 5321 4.2.2 and 4.2.3 give the codes; RFC 3463 and RFC 5248 the enhanced ones. RFC 2034 3 leaves the greeting and
# the replies to HELO and EHLO without one, and 3yz has no class of its own.
SYSTEM_STATUS = Reply(211, "2.0.0 System status")
HELP_MESSAGE = Reply(214, "2.0.0 Help message")
SERVICE_READY = Reply(220, "SMTP service ready")
CLOSING = Reply(221, "2.0.0 Service closing transmission channel")
OK = Reply(250, "2.0.0 Ok")
HELO_OK = Reply(250, "Hello")
SENDER_OK = Reply(250, "2.1.0 Sender ok")
RECIPIENT_OK = Reply(250, "2.1.5 Recipient ok")
RESET_OK = Reply(250, "2.0.0 Transaction reset")
NOOP_OK = Reply(250, "2.0.0 Nothing done")
VERIFIED = Reply(250, "2.1.5 Mailbox exists")
MEMBERS = Reply(250, "2.1.5 Members of the list")
MESSAGE_ACCEPTED = Reply(250, "2.0.0 Message accepted")
TURN_OK = Reply(250, "2.0.0 Roles are swapped")
WILL_FORWARD = Reply(251, "2.1.5 User not local; will forward")
CANNOT_VERIFY = Reply(252, "2.0.0 Cannot verify the user, but will take the message")
START_MAIL = Reply(354, "Start mail input; end with <CRLF>.<CRLF>")
SHUTTING_DOWN = Reply(421, "4.3.2 Service shutting down")
TOO_BUSY = Reply(421, "4.3.2 Too many connections, try again later")
IDLE_TIMEOUT = Reply(421, "4.4.2 Nothing heard for too long")
TOO_MANY_ERRORS = Reply(421, "4.7.0 Too many errors")
MAILBOX_BUSY = Reply(450, "4.2.0 Mailbox busy, try again later")
LOCAL_ERROR = Reply(451, "4.3.0 Local error in processing")
INSUFFICIENT_STORAGE = Reply(452, "4.3.1 Insufficient system storage")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3 Too many recipients")
UNRECOGNIZED = Reply(500, "5.5.1 Command not recognized")
LINE_TOO_LONG = Reply(500, "5.5.2 Line too long")
BAD_ARGUMENT = Reply(501, "5.5.4 Syntax error in parameters or arguments")
NOT_IMPLEMENTED = Reply(502, "5.5.1 Command not implemented")
BAD_SEQUENCE = Reply(503, "5.5.1 Bad sequence of commands")
PARAMETER_NOT_IMPLEMENTED = Reply(504, "5.5.4 Command parameter not implemented")
NO_SUCH_MAILBOX = Reply(550, "5.1.1 No such user here")
RELAY_DENIED = Reply(550, "5.7.1 Relaying denied")
TRY_FORWARD_PATH = Reply(551, "5.1.6 User not local; try the forward path")
MAILBOX_FULL = Reply(552, "5.2.2 Mailbox full")
MESSAGE_TOO_BIG = Reply(552, "5.3.4 Message exceeds the size limit")
MAILBOX_NAME_NOT_ALLOWED = Reply(553, "5.1.3 Mailbox name not allowed")
AMBIGUOUS = Reply(553, "5.1.4 User ambiguous")
NON_ASCII_ADDRESS = Reply(553, "5.6.7 Address is not ASCII; SMTPUTF8 is needed")
TRANSACTION_FAILED = Reply(554, "5.3.0 Transaction failed")
NO_SERVICE = Reply(554, "No SMTP service here")
MAIL_LOOP = Reply(554, "5.4.6 Too many hops, the message loops")
CONTENT_REFUSED = Reply(554, "5.6.0 Message content refused")
PARAMETER_NOT_RECOGNIZED = Reply(555, "5.5.4 Parameter not recognized")


def _named(values: Mapping[str, object]) -> dict[str, Reply]:
    """Give each canonical reply its own name, and return them by their names."""
    canonical = {name: value for name, value in values.items() if isinstance(value, Reply)}
    for name, reply in canonical.items():
        object.__setattr__(reply, "name", name)
    return canonical


BY_NAME: Mapping[str, Reply] = _named(globals())
"""The canonical reply with each name."""

NAMES: Mapping[Reply, str] = {reply: reply.name for reply in BY_NAME.values()}
"""The name of each canonical reply."""
