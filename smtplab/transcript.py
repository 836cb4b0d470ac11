"""A conversation as rows: who sent which line, when, in which state and phase.

Every world makes a transcript, and everything else reads one. Bytes go in as they travelled (`Transcript.feed`); the
state and the phase of each row follow from the kernel's table. Text, JSON and pasted sessions are read and written
here; pictures, data frames, grades and packet captures are made elsewhere.

`C` is the host that opened the connection and `S` the host that took it, to the end. After a TURN that was answered
with 250 they swap what they do, not their letters: from then on C greets and replies, and S gives the commands
(RFC 821 3.8).
"""

import re
import textwrap
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, Self, overload

from .diff import Diff
from .printed import Printed
from .protocol.commands import VERBS, split_verb
from .protocol.errors import RemoteProtocolError
from .protocol.replies import Reply, ReplyParser
from .protocol.states import GREETING, MESSAGE, Phase, State, is_legal, next_state, phase_of

_FORMAT, _VERSION = "smtplab transcript", 1
_CRLF = b"\r\n"
_FALSE_ESCAPE = re.compile(r"\\(?=x[0-9a-f]{2})")
_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")
_END_OF_DATA = b".\r\n"  # RFC 5321 4.1.1.4: a line that holds one dot and nothing else


class Side(Enum):
    """Whose line it is. The value is the letter that the text form puts in front."""

    CLIENT = "C"
    SERVER = "S"
    NOTE = "="  # not on the wire: the connection was opened, TLS is on

    @property
    def mark(self) -> str:
        """What stands before the line in the text form: ``C:``, ``S:`` or ``=``."""
        return self.value if self is Side.NOTE else f"{self.value}:"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a conversation.

    Args:
        time: seconds since the connection opened, or None if nobody looked at the clock.
        side: who sent it.
        data: the line as on the wire, with its CRLF. A line that was cut off, and a note, have none.
        state: for a line of the client, the state in which it was sent, as far as the replies until then tell; for the
            last line of a reply, the state after it; for all else, the state at that moment.
        phase: the phase of the exchange under way, that is, of the oldest command that has no reply yet. A command
            that was pipelined behind it does not begin a new phase before its turn comes.

    Raises:
        ValueError: if `data` is more than one line.
    """

    time: float | None
    side: Side
    data: bytes
    state: State
    phase: Phase

    def __post_init__(self) -> None:
        _check_one_line(self.data)

    @property
    def text(self) -> str:
        """The line without its CRLF, as `printable` shows it."""
        return printable(self.data.removesuffix(_CRLF))

    def __str__(self) -> str:
        return f"{self.side.mark} {self.text}" if self.text else self.side.mark


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing said and the reply to it.

    Args:
        verb: the first word of the command in upper case; `MESSAGE` for message data, `GREETING` for the server's
            first word, and empty for a reply that nobody asked for, such as a 421 at shutdown.
        side: who gave the command.
        data: the command line, or the message with its lone dot, as on the wire; empty if the server spoke
            unasked.
        reply: the reply, or None if it never came.
        before: the state in which the command was read, after the replies to all commands before it.
        after: the state that the reply led to.
    """

    verb: str
    side: Side
    data: bytes
    reply: Reply | None
    before: State
    after: State

    @property
    def phase(self) -> Phase:
        """The phase that it belongs to."""
        return phase_of(self.before, self.verb)

    @property
    def turned(self) -> bool:
        """True if it swapped the sides: the session waits for a greeting again, now from the other host."""
        return self.before is not self.after and is_legal(self.after, GREETING)


def banner(phase: Phase) -> str:
    """Return the line that opens a phase, in the lecture's form: ``===== Mail Transfer =====``."""
    return f"===== {phase.value} ====="


def verb_of(line: bytes) -> str:
    """Return the first word of a command line in upper case, whether SMTP has such a verb or not.

    The argument is not looked at: whether the server takes it is for its reply to say.
    """
    line = line.removesuffix(_CRLF)
    try:
        return split_verb(line)[0]
    except RemoteProtocolError:
        return printable(line.partition(b" ")[0].upper())


def printable(data: bytes) -> str:
    """Return the bytes as text in which everything is visible and nothing is lost.

    UTF-8 and tabs stay as they are. A control character, another character that does not print, and a byte that is
    not UTF-8 stand as ``\\xHH``; so does a backslash that would otherwise begin such a group.
    """
    text = data.decode("utf-8", "surrogateescape")
    if text.isprintable() and "\\x" not in text:
        return text
    return "".join(map(_visible, _FALSE_ESCAPE.sub(r"\\x5c", text)))


def _visible(character: str) -> str:
    if character.isprintable() or character == "\t":
        return character
    return "".join(f"\\x{octet:02x}" for octet in character.encode("utf-8", "surrogateescape"))


def _from_printable(text: str) -> bytes:
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), _encode(text))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _check_one_line(data: bytes) -> None:
    if data.find(_CRLF) not in (-1, len(data) - len(_CRLF)):
        raise ValueError(f"a row holds one line, and {data!r} goes on after its CRLF")


class _Dialogue:
    """Follows the lines of both sides by the table: what is command and what message, which reply answers which."""

    def __init__(self) -> None:
        self.state = State.CONNECTED
        self.client, self.server = Side.CLIENT, Side.SERVER
        self.answered: list[Exchange] = []
        self._sent: deque[bytes] = deque()  # command lines that wait for a reply
        self._message: list[bytes] = []
        self._replies = ReplyParser()

    @property
    def in_message(self) -> bool:
        """True while what the client sends is message data."""
        return is_legal(self.state, MESSAGE) and self._message[-1:] != [_END_OF_DATA]

    @property
    def awaited(self) -> str | None:
        """The verb that the server's next reply answers; None if no reply is due."""
        if is_legal(self.state, GREETING):
            return GREETING
        if is_legal(self.state, MESSAGE):
            return None if self.in_message else MESSAGE
        return verb_of(self._sent[0]) if self._sent else None

    @property
    def turn(self) -> Side | None:
        """Whose word comes next: the server's if a reply is due, else the client's; None once all is over."""
        if self.state is State.CLOSED:
            return None
        return self.client if self.awaited is None else self.server

    @property
    def phase(self) -> Phase:
        """The phase of the exchange under way."""
        return phase_of(self.state, self.awaited or "")

    def take(self, side: Side, line: bytes) -> tuple[State, Phase]:
        """Take one line and return the state and the phase of its row. A line that was cut off says nothing."""
        whole = line.endswith(_CRLF)
        if whole and side is self.client:
            (self._message if self.in_message else self._sent).append(line)
        phase = self.phase
        if whole and side is self.server:
            self._read_reply(line.removesuffix(_CRLF))
        return self.state, phase

    def unanswered(self) -> Iterator[Exchange]:
        """Yield what the client said and got no reply to."""
        if self._message:
            yield self._exchange(MESSAGE, b"".join(self._message), None)
        for line in self._sent:
            yield self._exchange(verb_of(line), line, None)

    def _read_reply(self, line: bytes) -> None:
        try:
            reply = self._replies.feed(line)
        except RemoteProtocolError:  # a row like any other, but it answers nothing
            self._replies = ReplyParser()
            return
        if reply is not None:
            self._settle(reply)

    def _settle(self, reply: Reply) -> None:
        """Pair the reply with what it answers and move the state."""
        verb = self.awaited
        exchange = self._exchange(verb or "", self._pop(verb), reply)
        self.answered.append(exchange)
        self.state = exchange.after
        if exchange.turned:
            self.client, self.server = self.server, self.client
        while self.in_message and self._sent:  # the client did not wait for the 354
            self._message.append(self._sent.popleft())

    def _exchange(self, verb: str, data: bytes, reply: Reply | None) -> Exchange:
        after = self.state if reply is None else next_state(self.state, verb, reply.code)
        return Exchange(verb, self.client, data, reply, self.state, after)

    def _pop(self, verb: str | None) -> bytes:
        """Return the bytes that `verb` came in, which wait no longer; empty if the server spoke unasked."""
        if verb == MESSAGE:
            message, self._message = b"".join(self._message), []
            return message
        return b"" if verb in (GREETING, None) else self._sent.popleft()


class Transcript(Printed, Sequence[Row]):
    """A conversation, row by row. Rows are added and never changed; transcripts with equal rows are equal.

    ``Transcript(other)`` is a copy that goes its own way, ``Transcript(other[:9])`` one of the first nine rows. The
    text form, ``str(transcript)``, has a banner before each phase's first line on the wire.

    Attributes:
        size: how many octets its rows hold together.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: list[Row] = []
        self.size = 0
        self._tails = {side: bytearray() for side in Side}
        self._dialogue = _Dialogue()
        for row in rows:
            self.add(row.side, row.data, row.time)

    @property
    def state(self) -> State:
        """The state after the last row."""
        return self._dialogue.state

    @property
    def phase(self) -> Phase:
        """The phase of the exchange under way, or of what may come next if all is answered."""
        return self._dialogue.phase

    @property
    def awaited(self) -> str | None:
        """What the next reply answers: a verb, `MESSAGE` or `GREETING`; None if no reply is due."""
        return self._dialogue.awaited

    @property
    def in_message(self) -> bool:
        """True while what the client sends next belongs to a message; after the lone dot it does not any more."""
        return self._dialogue.in_message

    @property
    def turn(self) -> Side | None:
        """Whose word comes next: of the side that owes a reply, else of the one that gives commands; None at the end.

        A client that pipelines does not wait for its turn.
        """
        return self._dialogue.turn

    @property
    def last_exchange(self) -> Exchange | None:
        """The exchange that the last reply ended; None before the first reply."""
        return self._dialogue.answered[-1] if self._dialogue.answered else None

    def add(self, side: Side, data: bytes, time: float | None = None) -> Row:
        """Append one line and return its row; state and phase are read off the table, never handed in.

        Args:
            side: who sent it.
            data: one line as on the wire, with its CRLF if it had one.
            time: seconds since the connection opened.

        Raises:
            ValueError: if `data` is more than one line.
        """
        _check_one_line(data)  # before the state moves
        row = Row(time, side, data, *self._dialogue.take(side, data))
        self._rows.append(row)
        self.size += len(data)
        return row

    def note(self, text: str, time: float | None = None) -> Row:
        """Append a sentence about what is not on the wire, such as ``TLS is on``."""
        return self.add(Side.NOTE, _encode(text), time)

    def feed(self, side: Side, data: bytes, time: float | None = None) -> None:
        """Take bytes of one side as they came, cut anywhere; each CRLF completes a row.

        Only CRLF ends a line (RFC 5321 2.3.8): a bare CR or LF stays inside its row. Call it in the order in which
        the bytes of both sides travelled, and `flush` when the connection is gone.

        Args:
            side: who sent them.
            data: any bytes; odd ones make odd rows, never an error.
            time: seconds since the connection opened; a line has the time of its end.
        """
        tail = self._tails[side]
        unseen = max(0, len(tail) - 1)  # a CR may wait there for its LF
        tail += data
        if tail.find(_CRLF, unseen) < 0:
            return
        *lines, rest = bytes(tail).split(_CRLF)
        self._tails[side] = bytearray(rest)
        for line in lines:
            self.add(side, line + _CRLF, time)

    def unfinished(self, side: Side) -> bytes:
        """Return what one side has sent of a line whose CRLF has not come yet; the rows do not hold it."""
        return bytes(self._tails[side])

    def flush(self, time: float | None = None) -> None:
        """Make rows of the lines that never got their CRLF. They count neither as command nor as reply."""
        for side, tail in self._tails.items():
            if tail:
                self.add(side, bytes(tail), time)
                self._tails[side] = bytearray()

    def lines(self, side: Side) -> tuple[bytes, ...]:
        """Return the lines of one side as on the wire; joined, they are what that side sent."""
        return tuple(row.data for row in self._rows if row.side is side)

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return all that was said and answered, in the order of the replies, then what never got a reply."""
        return (*self._dialogue.answered, *self._dialogue.unanswered())

    def commands(self) -> tuple[Exchange, ...]:
        """Return the exchanges that a command or a message began, without the greeting and other unasked replies."""
        return tuple(exchange for exchange in self.exchanges() if exchange.data)

    def diff(self, other: "Transcript") -> Diff:
        """Compare what was on the wire with another conversation; dates, times and notes are not compared."""
        return Diff(self, other)

    def replay(self) -> Iterator[tuple[bytes, int | None]]:
        """Yield what to send to hold this conversation again, and the code of the reply to wait for.

        The bytes are a command line or a whole message, and empty where the server speaks unasked, as in its
        greeting. The code is None where no reply came. It ends with a TURN that was accepted: then the other host asks.
        """
        for exchange in self.exchanges():
            yield exchange.data, exchange.reply.code if exchange.reply else None
            if exchange.turned:
                return

    def to_json(self) -> str:
        """Return the transcript as JSON in ASCII, from which `from_json` makes an equal one."""
        import json

        rows = [_row_to_json(row) for row in self._rows]
        return json.dumps({"format": _FORMAT, "version": _VERSION, "rows": rows}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. State and phase are in it for other readers; here they follow from the lines.

        Raises:
            ValueError: if the text is something else; the message is a sentence that says what.
        """
        import json

        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"this is not a transcript: it is not JSON ({error})") from None
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise ValueError(f'this is not a transcript: the JSON has no "format": "{_FORMAT}"')
        if document.get("version") != _VERSION:
            version = document.get("version")
            raise ValueError(f"this transcript has version {version!r}, and this smtplab reads version {_VERSION}")
        if not isinstance(document.get("rows"), list):
            raise ValueError('this transcript is damaged: it has no list of "rows"')
        transcript = cls()
        for number, row in enumerate(document["rows"], 1):
            try:
                transcript.add(*_row_from_json(row))
            except ValueError as error:
                raise ValueError(f"this transcript is damaged in row {number}: {error}") from None
        return transcript

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a conversation from text: the ``C:`` ``S:`` ``=`` form, or what was copied from a telnet window.

        In the text form the mark decides, the line may be indented as in an RFC, and ``\\xHH`` is read as that byte.

        A telnet window has no marks. There, three digits and then a space, a hyphen or nothing begin a reply,
        however far it is indented, and all else is the client's, except:

        - between the 354 and the lone dot every line is message data, also one that looks like a reply. A line that
          is nothing but a bullet is the lone dot: word processors and slides typeset it so.
        - what stands before the greeting or behind the end, what telnet itself says, and lines that begin with ``=``
          are notes.
        - empty lines outside the message, and spaces at the end of any line, are the page's and not the client's.

        In both forms banners of the phases are left out, because they follow from the lines. Line ends are those of
        Unix or of Windows; in the rows they are CRLF.

        Raises:
            ValueError: if a line of the text form has no mark, or a telnet session begins after its greeting.
        """
        transcript = cls()
        lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
        if _has_marks(lines):
            for number, line in enumerate(lines, 1):
                transcript._add_marked(number, line)
        else:
            for number, line in enumerate(textwrap.dedent("\n".join(lines)).split("\n"), 1):
                transcript._add_typed(number, line.rstrip())
        return transcript

    def _add_marked(self, number: int, line: str) -> None:
        line = line.lstrip(" \t")
        if not line.strip() or line.rstrip() in _BANNERS:
            return
        mark, _, text = line.partition(" ")
        if mark not in _SIDES:
            raise ValueError(f"line {number} begins with none of C:, S: and =, as the other lines do: {line!r}")
        side = _SIDES[mark]
        self.add(side, _from_printable(text) + (b"" if side is Side.NOTE else _CRLF))

    def _add_typed(self, number: int, line: str) -> None:
        dialogue = self._dialogue
        if dialogue.in_message:
            self.add(dialogue.client, _wire("." if line in _BULLETS else line))
        elif not line or line.strip() in _BANNERS:
            return
        elif _REPLY.match(line):
            self.add(dialogue.server, _wire(line.lstrip()))
        elif _TELNET.match(line) or self.state is State.CLOSED:
            self.note(line.strip("= "))
        elif not is_legal(self.state, GREETING):
            self.add(dialogue.client, _wire(line))
        elif verb_of(_wire(line)) in VERBS:
            raise ValueError(f"line {number}, {line!r}, comes before the server's greeting; begin at its 220 line")
        else:
            self.note(line.strip())

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        return self._rows == other._rows if isinstance(other, Transcript) else NotImplemented

    def __str__(self) -> str:
        return "\n".join(self._text_lines())

    def __repr__(self) -> str:
        return f"<Transcript of {len(self)} rows, {self.state.value}>"

    def _text_lines(self) -> Iterator[str]:
        phase = None
        for row in self._rows:
            if row.side is not Side.NOTE and row.phase is not phase:
                phase = row.phase
                yield banner(phase)
            yield str(row)


class _Keeper(Protocol):
    """What keeps a transcript of itself, as a session does."""

    @property
    def transcript(self) -> Transcript: ...


Recorded = Transcript | _Keeper


def transcript_of(source: Recorded) -> Transcript:
    """Return the transcript of a session, or the transcript itself.

    Raises:
        TypeError: if it is neither.
    """
    found = source if isinstance(source, Transcript) else getattr(source, "transcript", None)
    if not isinstance(found, Transcript):
        raise TypeError(f"this wants a session or a transcript, not {type(source).__name__}")
    return found


_SIDES = {side.mark: side for side in Side}
_BANNERS = frozenset(banner(phase) for phase in Phase)
_BULLETS = frozenset("•●·")
_REPLY = re.compile(r"\s*[0-9]{3}(?:[ -]|$)")
# What telnet prints on Unix and on Windows, its own prompt, a shell's, and the lecture's comment lines.
_TELNET = re.compile(
    r"=|\$ |telnet> |Trying |Connect(?:ed|ing) to |Escape character is |Connection (?:closed|to .* lost)",
    re.IGNORECASE,
)


def _has_marks(lines: list[str]) -> bool:
    """Say whether this is the text form: its first line that is no banner or note has the mark of a side."""
    said = (line.split(" ", 1)[0] for line in map(str.strip, lines) if line and not line.startswith("="))
    return next(said, Side.CLIENT.mark) in _SIDES


def _wire(line: str) -> bytes:
    return _encode(line) + _CRLF


def _row_to_json(row: Row) -> dict[str, Any]:
    """Return a row for JSON: ``data`` as text where it is UTF-8, otherwise ``hex``."""
    try:
        data = {"data": row.data.decode()}
    except UnicodeDecodeError:
        data = {"hex": row.data.hex()}
    return {"time": row.time, "side": row.side.value} | data | {"state": row.state.name, "phase": row.phase.name}


def _row_from_json(row: Any) -> tuple[Side, bytes, float | None]:
    """Return the side, the data and the time of a row; raise a `ValueError` that says what is wrong with it."""
    if not isinstance(row, dict):
        raise ValueError(f"it is not an object but {row!r}")
    time, side, data, octets = (row.get(key) for key in ("time", "side", "data", "hex"))
    if isinstance(time, bool) or not isinstance(time, int | float | None):
        raise ValueError(f"its time is {time!r}, not a number of seconds or null")
    if side not in [known.value for known in Side]:
        raise ValueError(f"its side is {side!r}, not C, S or =")
    if isinstance(octets, str):
        return Side(side), bytes.fromhex(octets), time
    if not isinstance(data, str):
        raise ValueError('it has neither "data" nor "hex" that is a string')
    return Side(side), data.encode(), time
