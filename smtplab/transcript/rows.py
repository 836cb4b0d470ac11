"""The parts of a transcript: sides, rows and exchanges; and the octets of a line as text and back."""

import re
from dataclasses import dataclass, field
from enum import Enum

from ..protocol.commands import HELLOS, split_verb
from ..protocol.extensions import NO_EXTENSIONS, Offer, parse_ehlo_lines
from ..protocol.replies import RemoteProtocolError, Reply
from ..protocol.states import GREETING, Phase, State, is_legal, phase_of
from . import sentences

CRLF = b"\r\n"
BULLETS = frozenset("•●·")
"""What word processors and slides show in place of the lone dot."""
FOREIGN_DOTS = frozenset("．。｡․﹒")
"""Full stops of other scripts, which their keyboards write in place of the lone dot."""
_FALSE_ESCAPE = re.compile(r"\\(?=x[0-9a-f]{2})")
_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")


class Side(Enum):
    """The side whose line it is. The value is the letter that the text form puts in front."""

    CLIENT = "C"
    SERVER = "S"
    NOTE = "="  # not on the wire: the connection was opened, TLS is on

    @property
    def mark(self) -> str:
        """What stands before the line in the text form: ``C:``, ``S:`` or ``=``."""
        return self.value if self is Side.NOTE else f"{self.value}:"


LITERAL_MARK = "#"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a conversation, or a literal: octets that are not a line.

    Args:
        time: seconds since the connection opened; None if no clock was read.
        side: who sent it.
        data: the line as on the wire, with its CRLF. A line that was cut off, and a note, have none. A literal may hold
            any octets, CRLF included.
        state: for a line of the client, the state in which it was sent, as far as the replies until then tell; for the
            last line of a reply, the state after it; for any other row, the state at that moment.
        phase: the phase of the exchange under way, that is, of the oldest command that has no reply yet. A command
            that was pipelined behind it does not begin a new phase before its turn comes.
        literal: True for octets that are counted or belong to another protocol, and so are neither command nor reply.
        name: for the last line of a reply whose canonical name is known, this name, such as ``RELAY_DENIED``; a host
            in memory hands it over beside the octets. It is not compared.

    Raises:
        ValueError: if `data` is more than one line and no literal, or a note is a literal.
    """

    time: float | None
    side: Side
    data: bytes
    state: State
    phase: Phase
    literal: bool = False
    name: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        check_row(self.side, self.data, literal=self.literal)

    @property
    def text(self) -> str:
        """The line without its CRLF, or the whole literal, as `printable` shows it."""
        return printable(self.data if self.literal else self.data.removesuffix(CRLF))

    @property
    def mark(self) -> str:
        """What stands before the text: the side's mark, or ``C#`` and ``S#`` for a literal."""
        return mark_of(self.side, literal=self.literal)

    def __str__(self) -> str:
        return f"{self.mark} {self.text}" if self.text else self.mark


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing said and the reply to it.

    Args:
        verb: the first word of the command in upper case; `MESSAGE` for message data, `GREETING` for the server's
            greeting, and empty for a reply that nobody asked for, such as a 421 at shutdown.
        side: who gave the command.
        data: the command line, or the message with its lone dot, as on the wire; empty if the server spoke
            unasked.
        reply: the reply, or None if it never came.
        before: the state in which the command was read, after the replies to all commands before it.
        after: the state that the reply led to.
        first: the index of its first row in the transcript: of what was said, or of the reply if nothing was.
        last: the index of its last row: of the reply, or of what was said if no reply came. Rows of other exchanges
            and notes may stand between.
        extensions: what the last accepted EHLO before it offers; none after HELO.
        opening: the command line that opened the last transaction before it; empty if there was none.
        again: True if an earlier exchange had the same verb, and a reply with the same code.

    The fields from `first` on depend on the transcript and are not compared.
    """

    verb: str
    side: Side
    data: bytes
    reply: Reply | None
    before: State
    after: State
    first: int = field(default=0, compare=False, repr=False)
    last: int = field(default=0, compare=False, repr=False)
    extensions: Offer = field(default_factory=dict, compare=False, repr=False)
    opening: bytes = field(default=b"", compare=False, repr=False)
    again: bool = field(default=False, compare=False, repr=False)

    @property
    def phase(self) -> Phase:
        """The phase that it belongs to."""
        return phase_of(self.before, self.verb)

    @property
    def accepted(self) -> bool:
        """True if the reply is 2yz or 3yz."""
        return self.reply is not None and self.reply.is_positive

    @property
    def refused(self) -> bool:
        """True if the reply is 4yz or 5yz; an exchange without a reply is neither accepted nor refused."""
        return self.reply is not None and not self.reply.is_positive

    @property
    def turned(self) -> bool:
        """True if it swapped the sides, as TURN does: the session then waits for a greeting from the other host."""
        return self.before is not self.after and is_legal(self.after, GREETING)

    @property
    def in_force(self) -> Offer:
        """The extensions in force after it: those of an accepted EHLO; HELO and a greeting clear them (4.1.1.1)."""
        if self.verb not in (*HELLOS, GREETING) or self.reply is None or not self.reply.is_positive:
            return self.extensions
        return parse_ehlo_lines(self.reply.lines) if self.verb == "EHLO" else NO_EXTENSIONS


def banner(phase: Phase) -> str:
    """Return the line that opens a phase, in the lecture's form: ``===== Mail Transfer =====``."""
    return f"===== {phase.value} ====="


def verb_of(line: bytes) -> str:
    """Return the first word of a command line in upper case, also if SMTP has no such verb; ignore its argument."""
    line = line.removesuffix(CRLF)
    try:
        return split_verb(line)[0]
    except RemoteProtocolError:
        return printable(line.partition(b" ")[0].upper())


def printable(data: bytes) -> str:
    """Return octets as text in which everything is visible and nothing is lost; `from_printable` reads it back.

    UTF-8 and tabs stay as they are. A control character, any other character that does not print, and an octet that
    is not UTF-8 become ``\\xHH``; so does a backslash that would otherwise begin such a group.
    """
    text = data.decode("utf-8", "surrogateescape")
    if text.isprintable() and "\\x" not in text:
        return text
    return "".join(map(_visible, _FALSE_ESCAPE.sub(r"\\x5c", text)))


def _visible(character: str) -> str:
    if character.isprintable() or character == "\t":
        return character
    return "".join(f"\\x{octet:02x}" for octet in character.encode("utf-8", "surrogateescape"))


def from_printable(text: str) -> bytes:
    """Return the octets that `printable` shows as text."""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), encode(text))


def encode(text: str) -> bytes:
    """Return text as UTF-8; an octet that was read as a surrogate becomes that octet again."""
    return text.encode("utf-8", "surrogateescape")


def mark_of(side: Side, *, literal: bool) -> str:
    """Return what stands before a row in the text form."""
    return f"{side.value}{LITERAL_MARK}" if literal else side.mark


def check_row(side: Side, data: bytes, *, literal: bool) -> None:
    """Raise a `ValueError` for more than one line that is not a literal, and for a note that is one."""
    if literal:
        if side is Side.NOTE:
            raise ValueError(sentences.NOTE_AS_LITERAL)
        return
    if data.find(CRLF) not in (-1, len(data) - len(CRLF)):
        raise ValueError(sentences.MORE_THAN_ONE_LINE.format(data=data))
