r"""Replies: three digits and text in one line or more, RFC 5321 4.2, with the enhanced status codes of RFC 2034.

On the wire, each line has the code; a hyphen behind it says that more lines follow. An enhanced code stands in each
line::

    550-5.1.1 No such user here.
    550 5.1.1 Try the postmaster.

As a value that is a code, a tuple of lines, and an enhanced code. The enhanced code is taken out of the text, because a
server must leave it out where the extension is not in force (RFC 2034 3):

>>> reply = Reply.parse(b"550-5.1.1 No such user here.\r\n550 5.1.1 Try the postmaster.\r\n")
>>> reply
Reply(code=550, lines=('No such user here.', 'Try the postmaster.'), enhanced=EnhancedCode(severity=5, ...))
>>> reply.severity.phrase
'Permanent Negative Completion'
>>> reply.serialize(enhanced=False)
b'550-No such user here.\r\n550 Try the postmaster.\r\n'
>>> reply == Reply(550, ["5.1.1 No such user here.", "5.1.1 Try the postmaster."])
True

The canonical replies are values with plain wording. Code that decides which reply to give names one of these; how a
particular host words it is decided by its personality.

The module is long because the errors of the protocol stand here, too. Neither can be defined without the other: an
error carries the reply that a server owes for it, and a reply that cannot exist raises an error.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from . import sentences
from .codes import Category, Severity, classify, severity_of

# RFC 5321 4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
# Reply-code = %x32-35 %x30-35 %x30-39
# Here: one line of these, without its CRLF. The second digit may be any, because a few servers in the field go beyond
# 5, and the first digit alone tells a client what to do. The text may be anything (DOTALL: a bare LF, too):
# RFC 5321 4.2 has a client go by the code alone, so no character of the text makes the reply invalid, also no tab or
# other control character in place of the space. Only a bare LF right behind the code is left as an error.
_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*)|([\x00-\x09\x0b-\x1f\x7f].*))?", re.DOTALL)
# RFC 3463 2: status-code = class "." subject "." detail; class = "2" / "4" / "5"; subject and detail = 1*3digit, which
# are not written with zeros before them.
_CLASSES = (2, 4, 5)
# Here: as it stands before a text, and so with a space behind it, or alone on the line.
_ENHANCED = re.compile(r"([245])\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})(?: |$)")
# RFC 5321 4.2: textstring = 1*(%d09 / %d32-126)
# Here: octets above 126 pass (RFC 6531 3.7.4.2), but a control character is never sent. One that is received is kept
# as text that shows it, such as \x1b, so that no server's reply moves the reader's cursor.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class ProtocolError(Exception):
    """A rule of the protocol was broken.

    Each rule is checked in one place, for both ends. So the error carries what either of them needs: the sentence for
    the person who has to mend it, and the reply for a server that has to go on.

    Args:
        sentence: what is wrong and, where there is one, the way out.
        reply: the reply that a server owes for it; None where no reply is owed, as for a malformed reply.
    """

    def __init__(self, sentence: str, reply: "Reply | None" = None) -> None:
        super().__init__(sentence)
        self.reply = reply


class LocalProtocolError(ProtocolError):
    """You broke the rule: a value that cannot exist, or a command that the state does not allow. Nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the rule. A server sends ``error.reply`` and goes on; a client ends the session."""


class EnhancedCode(NamedTuple):
    """An enhanced status code, RFC 3463: ``str(EnhancedCode(5, 1, 1)) == "5.1.1"``.

    Args:
        severity: 2, 4 or 5, with the meaning of the first digit of a reply code.
        subject: what it is about, 0 to 999: 1 the address, 2 the mailbox, 3 the mail system, 4 the network, 5 the
            protocol, 6 the content, 7 security; 0 for anything else (RFC 3463 3).
        detail: what exactly, 0 to 999; 0 for anything else.
    """

    severity: int
    subject: int
    detail: int

    def __str__(self) -> str:
        return f"{self.severity}.{self.subject}.{self.detail}"

    @property
    def is_valid(self) -> bool:
        """True if each number is one that RFC 3463 2 allows."""
        return self.severity in _CLASSES and 0 <= self.subject <= 999 and 0 <= self.detail <= 999


@dataclass(frozen=True, slots=True, init=False)
class Reply:
    """What a server answers, RFC 5321 4.2.

    A reply that exists can be sent, and is read as the same value again: ``Reply.parse(reply.serialize()) == reply``.

    Args:
        code: 200 to 599.
        lines: the text, one item a line, without code or line end; a single string is one line.
        enhanced: the enhanced status code of RFC 2034. One that stands in the text of every line is moved here, so a
            reply has one form only.
        name: which canonical reply it is, such as ``RELAY_DENIED``; empty if that is not known. It is not sent, and
            replies that differ only in their names are equal.

    Raises:
        LocalProtocolError: if the code is out of range, there is no line, a line holds a control character or a lone
            surrogate, or the enhanced code is none or belongs to another severity.
    """

    code: int
    lines: tuple[str, ...] = ("",)
    enhanced: EnhancedCode | None = None
    name: str = field(default="", compare=False, repr=False)

    def __init__(
        self, code: int, lines: str | Iterable[str] = "", enhanced: EnhancedCode | None = None, name: str = ""
    ) -> None:
        # Written by hand, because it takes more than it keeps: a single string, any iterable, an enhanced code in the
        # text. A frozen dataclass is filled with object.__setattr__.
        lines = (lines,) if isinstance(lines, str) else tuple(lines)
        if not 200 <= code <= 599:
            raise LocalProtocolError(sentences.BAD_CODE.format(code=code))
        if not lines:
            raise LocalProtocolError(sentences.NO_LINE)
        for line in lines:
            if not (line.isascii() and line.isprintable()):  # nearly every line is plain, and that is soon seen
                _check_text(line)
        # RFC 2034 4: the class of an enhanced code is the first digit of the reply code. One that stands in the text
        # and does not fit is left there, as text; one that the caller gives and that does not fit is a mistake.
        if enhanced is None:
            enhanced, lines = _lift_enhanced(code, lines)
        elif enhanced.severity != code // 100 or not enhanced.is_valid:
            raise LocalProtocolError(sentences.WRONG_ENHANCED.format(enhanced=enhanced, code=code))
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "lines", lines)
        object.__setattr__(self, "enhanced", enhanced)
        object.__setattr__(self, "name", name)

    @property
    def severity(self) -> Severity:
        """What the first digit says: done, go on, try later, or never (RFC 5321 4.2.1)."""
        return severity_of(self.code)

    @property
    def is_positive(self) -> bool:
        """True for 2yz and 3yz: the command was taken."""
        return self.code < 400

    @property
    def category(self) -> Category | None:
        """What the second digit says the reply is about; None where RFC 5321 gives the digit no meaning."""
        return classify(self.code).category

    @property
    def text(self) -> str:
        """The text without codes, lines joined by a line feed."""
        return "\n".join(self.lines)

    def wire_lines(self, *, enhanced: bool = True) -> list[str]:
        """Return the lines as on the wire without line ends; leave the enhanced code out unless it was negotiated.

        >>> Reply(250, ("mail.example", "PIPELINING")).wire_lines()
        ['250-mail.example', '250 PIPELINING']
        """
        return _wire_lines(self.code, self.lines, self.enhanced if enhanced else None)

    def serialize(self, *, enhanced: bool = True) -> bytes:
        """Return the octets of the reply, each line ended by CRLF.

        Args:
            enhanced: False where ENHANCEDSTATUSCODES is not in force, and in replies to HELO and EHLO (RFC 2034 3).
        """
        return _serialized(self.code, self.lines, self.enhanced if enhanced else None)

    @staticmethod
    def parse(data: bytes) -> "Reply":
        """Read one whole reply, every line of it ended by CRLF.

        Raises:
            RemoteProtocolError: if the octets are not exactly one well-formed reply; the sentence says what is wrong.
        """
        lines = data.split(b"\r\n")
        if lines.pop() != b"":
            raise RemoteProtocolError(sentences.NO_CRLF)
        parser = ReplyParser()
        replies = [reply for line in lines if (reply := parser.feed(line)) is not None]
        if len(replies) != 1 or parser.unfinished:
            raise RemoteProtocolError(sentences.NOT_ONE_REPLY.format(octets=_shorten(data)))
        return replies[0]

    def __str__(self) -> str:
        return "\r\n".join(self.wire_lines())


# RFC 5321 4.2.1: each line has the code; a hyphen behind it says that more follow. RFC 2034 4: each line has the
# enhanced code, too. A line without text ends behind its code, without a space.
def _wire_lines(code: int, lines: tuple[str, ...], enhanced: EnhancedCode | None) -> list[str]:
    status = str(enhanced) if enhanced else ""
    texts = [f"{status} {line}" if status and line else status or line for line in lines]
    last = f"{code} {texts[-1]}" if texts[-1] else str(code)
    return [last] if len(texts) == 1 else [*(f"{code}-{text}" for text in texts[:-1]), last]


# A host sends the same few replies again and again. Measured: a message costs the server's end 11 us with this cache
# and 17 without it, a NOOP 1.6 and 4.1.
@lru_cache(maxsize=256)
def _serialized(code: int, lines: tuple[str, ...], enhanced: EnhancedCode | None) -> bytes:
    return ("\r\n".join(_wire_lines(code, lines, enhanced)) + "\r\n").encode("utf-8", "surrogateescape")


def _check_text(line: str) -> None:
    """Raise if a line of a reply's text cannot be sent, or would not come back as it is."""
    # RFC 5321 4.2: a CR or LF in the text would begin a line of its own on the wire, and so a reply of its own.
    if _CONTROL.search(line):
        raise LocalProtocolError(sentences.CONTROL_IN_TEXT.format(line=line))
    # RFC 6531 3.7.4.2: beyond ASCII, any octets may stand there, as UTF-8 or as surrogates.
    if not line.isascii() and not _comes_back_from_octets(line):
        raise LocalProtocolError(sentences.LONE_SURROGATE.format(line=line))


def _lift_enhanced(code: int, lines: tuple[str, ...]) -> tuple[EnhancedCode | None, tuple[str, ...]]:
    """Move an enhanced code that begins every line, and fits the reply code, out of the text.

    One that stands in some lines only is text like any other: to move it would change the other lines on the wire.
    """
    # RFC 2034 4: an enhanced code begins the text, as in "5.1.1 No such user". Where there is none, the lines stay as
    # they are, and nearly always the second character shows that before the regular expression has to.
    if lines[0][1:2] != ".":
        return None, lines
    found = _ENHANCED.match(lines[0])
    if found is None or int(found[1]) != code // 100:
        return None, lines
    enhanced = EnhancedCode(int(found[1]), int(found[2]), int(found[3]))
    if len(lines) == 1:  # as nearly always
        return enhanced, (lines[0][found.end() :],)
    status = str(enhanced)
    if not all(line == status or line.startswith(f"{status} ") for line in lines):
        return None, lines
    return enhanced, tuple(line[len(status) + 1 :] for line in lines)


def _comes_back_from_octets(text: str) -> bool:
    """True if the octets of `text` are read as `text` again; octets that are not UTF-8 are held as surrogates.

    Two surrogates beside each other may be the octets of a letter: the text "\\udcc3\\udca9" would come back as "é".
    """
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == text
    except UnicodeEncodeError:
        return False


class ReplyParser:
    """Gathers the lines of one reply after the other, up to `MAX_REPLY_OCTETS`.

    It is fed line by line and keeps what it has, so it does not matter how the network cuts a reply.

    >>> parser = ReplyParser()
    >>> parser.feed(b"250-mail.example") is None, parser.unfinished
    (True, True)
    >>> parser.feed(b"250 PIPELINING").lines
    ('mail.example', 'PIPELINING')

    Attributes:
        unfinished: True between the first and the last line of a reply of several lines.
    """

    # RFC 5321 4.5.3.1.5 allows 512 octets a line and sets no limit on lines. EHLO and HELP replies of real servers stay
    # far below this; what goes on beyond it is an attack or a fault.
    MAX_REPLY_OCTETS = 64 * 1024

    __slots__ = ("_code", "_lines", "_octets", "unfinished")

    def __init__(self) -> None:
        self.unfinished = False
        self._code = 0
        self._lines: list[str] = []
        self._octets = 0

    def feed(self, line: bytes) -> Reply | None:
        """Take one line without its CRLF; return the reply that it completes, or None if more lines follow.

        Raises:
            RemoteProtocolError: if the line is not a reply line, its code differs from the lines before it, or the
                reply exceeds `MAX_REPLY_OCTETS`.
        """
        # Most replies are one line, and a cache holds them. RFC 5321 4.2.1: a hyphen behind the code says that more
        # lines follow.
        if not self.unfinished and line[3:4] != b"-":
            return _whole_reply(line)
        code, more, text = _parse_line(line)
        # RFC 5321 4.2.1: the code is the same on every line. With two codes, nobody can tell which one is meant.
        if self.unfinished and code != self._code:
            raise RemoteProtocolError(sentences.TWO_CODES.format(first=self._code, second=code))
        self._octets += len(line)
        if self._octets > self.MAX_REPLY_OCTETS:
            raise RemoteProtocolError(sentences.ENDLESS_REPLY.format(code=code, limit=self.MAX_REPLY_OCTETS))
        self._code = code
        self._lines.append(text)
        self.unfinished = more
        if more:
            return None
        lines, self._lines, self._octets = tuple(self._lines), [], 0
        return Reply(code, lines)


# A server sends the same few lines again and again, and replies are frozen, so that sessions can share them.
# Measured: a message costs the client's end 10 us with this cache and 25 without it. At most 512 lines of 8 KiB are
# kept.
@lru_cache(maxsize=512)
def _whole_reply(line: bytes) -> Reply:
    """Return the reply that the line is, which has no hyphen behind its code."""
    code, _, text = _parse_line(line)
    return Reply(code, (text,))


# RFC 5321 4.2.1: the fourth octet of a line is a hyphen if more lines follow. A space, or nothing, ends the reply.
def _parse_line(line: bytes) -> tuple[int, bool, str]:
    """Return the code of a reply line, True if more lines follow, and the text with control characters shown."""
    found = _REPLY_LINE.fullmatch(line)
    if found is None:
        raise RemoteProtocolError(sentences.NOT_A_REPLY.format(octets=_shorten(line)))
    text = (found[3] or (found[4] or b"").lstrip(b"\t")).decode("utf-8", "surrogateescape")
    if not text.isprintable():
        text = _CONTROL.sub(_show_control, text)
    return int(found[1]), found[2] == b"-", text


def _show_control(found: re.Match[str]) -> str:
    """Write a control character so that it is seen: ``\\x1b`` in four characters for ESC."""
    return f"\\x{ord(found[0]):02x}"


def _shorten(octets: bytes) -> str:
    """Quote octets for a sentence, cut to a readable length."""
    return repr(octets if len(octets) <= 60 else octets[:60] + b"...")


# The canonical replies: what a server that has decided on a reply may name. Each is written as it goes on the wire: the
# code, the enhanced code, and plain words. The name stands in the value, too, so that a reply in a host's
# own words still carries it.
#
# RFC 5321 4.2.2 and 4.2.3 give the codes; RFC 3463 and RFC 5248 the enhanced ones. RFC 2034 3 leaves the greeting and
# the replies to HELO and EHLO without one, and 3yz has no class of its own. Where two replies share a code, the
# enhanced codes tell them apart: 452 is 4.3.1 for a full disk, and 4.5.3 for too many recipients.
SYSTEM_STATUS = Reply(211, "2.0.0 System status", name="SYSTEM_STATUS")
HELP_MESSAGE = Reply(214, "2.0.0 Help message", name="HELP_MESSAGE")
SERVICE_READY = Reply(220, "SMTP service ready", name="SERVICE_READY")
CLOSING = Reply(221, "2.0.0 Service closing transmission channel", name="CLOSING")
OK = Reply(250, "2.0.0 Ok", name="OK")
HELO_OK = Reply(250, "Hello", name="HELO_OK")
SENDER_OK = Reply(250, "2.1.0 Sender ok", name="SENDER_OK")
RECIPIENT_OK = Reply(250, "2.1.5 Recipient ok", name="RECIPIENT_OK")
RESET_OK = Reply(250, "2.0.0 Transaction reset", name="RESET_OK")
NOOP_OK = Reply(250, "2.0.0 Nothing done", name="NOOP_OK")
VERIFIED = Reply(250, "2.1.5 Mailbox exists", name="VERIFIED")
MEMBERS = Reply(250, "2.1.5 Members of the list", name="MEMBERS")
MESSAGE_ACCEPTED = Reply(250, "2.0.0 Message accepted", name="MESSAGE_ACCEPTED")
TURN_OK = Reply(250, "2.0.0 Roles are swapped", name="TURN_OK")
WILL_FORWARD = Reply(251, "2.1.5 User not local; will forward", name="WILL_FORWARD")
CANNOT_VERIFY = Reply(252, "2.0.0 Cannot verify the user, but will take the message", name="CANNOT_VERIFY")
START_MAIL = Reply(354, "Start mail input; end with <CRLF>.<CRLF>", name="START_MAIL")
SHUTTING_DOWN = Reply(421, "4.3.2 Service shutting down", name="SHUTTING_DOWN")
TOO_BUSY = Reply(421, "4.3.2 Too many connections, try again later", name="TOO_BUSY")
IDLE_TIMEOUT = Reply(421, "4.4.2 Nothing heard for too long", name="IDLE_TIMEOUT")
TOO_MANY_ERRORS = Reply(421, "4.7.0 Too many errors", name="TOO_MANY_ERRORS")
MAILBOX_BUSY = Reply(450, "4.2.0 Mailbox busy, try again later", name="MAILBOX_BUSY")
LOCAL_ERROR = Reply(451, "4.3.0 Local error in processing", name="LOCAL_ERROR")
INSUFFICIENT_STORAGE = Reply(452, "4.3.1 Insufficient system storage", name="INSUFFICIENT_STORAGE")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3 Too many recipients", name="TOO_MANY_RECIPIENTS")
UNRECOGNIZED = Reply(500, "5.5.1 Command not recognized", name="UNRECOGNIZED")
LINE_TOO_LONG = Reply(500, "5.5.2 Line too long", name="LINE_TOO_LONG")
BAD_ARGUMENT = Reply(501, "5.5.4 Syntax error in parameters or arguments", name="BAD_ARGUMENT")
NOT_IMPLEMENTED = Reply(502, "5.5.1 Command not implemented", name="NOT_IMPLEMENTED")
BAD_SEQUENCE = Reply(503, "5.5.1 Bad sequence of commands", name="BAD_SEQUENCE")
PARAMETER_NOT_IMPLEMENTED = Reply(504, "5.5.4 Command parameter not implemented", name="PARAMETER_NOT_IMPLEMENTED")
NO_SUCH_MAILBOX = Reply(550, "5.1.1 No such user here", name="NO_SUCH_MAILBOX")
RELAY_DENIED = Reply(550, "5.7.1 Relaying denied", name="RELAY_DENIED")
TRY_FORWARD_PATH = Reply(551, "5.1.6 User not local; try the forward path", name="TRY_FORWARD_PATH")
MAILBOX_FULL = Reply(552, "5.2.2 Mailbox full", name="MAILBOX_FULL")
MESSAGE_TOO_BIG = Reply(552, "5.3.4 Message exceeds the size limit", name="MESSAGE_TOO_BIG")
MAILBOX_NAME_NOT_ALLOWED = Reply(553, "5.1.3 Mailbox name not allowed", name="MAILBOX_NAME_NOT_ALLOWED")
AMBIGUOUS = Reply(553, "5.1.4 User ambiguous", name="AMBIGUOUS")
NON_ASCII_ADDRESS = Reply(553, "5.6.7 Address is not ASCII; SMTPUTF8 is needed", name="NON_ASCII_ADDRESS")
TRANSACTION_FAILED = Reply(554, "5.3.0 Transaction failed", name="TRANSACTION_FAILED")
NO_SERVICE = Reply(554, "No SMTP service here", name="NO_SERVICE")
MAIL_LOOP = Reply(554, "5.4.6 Too many hops, the message loops", name="MAIL_LOOP")
CONTENT_REFUSED = Reply(554, "5.6.0 Message content refused", name="CONTENT_REFUSED")
PARAMETER_NOT_RECOGNIZED = Reply(555, "5.5.4 Parameter not recognized", name="PARAMETER_NOT_RECOGNIZED")

NAMES: Mapping[Reply, str] = {value: value.name for value in list(globals().values()) if isinstance(value, Reply)}
"""The name of each canonical reply."""

BY_NAME: Mapping[str, Reply] = {name: reply for reply, name in NAMES.items()}
"""The canonical reply with each name."""
