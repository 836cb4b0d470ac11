"""The transcript: rows that are added and never changed, with the states and phases that follow from the table."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Self, overload

from ..base.log import Log
from ..base.printed import Printed
from ..protocol.extensions import Offer
from ..protocol.states import Phase, State
from . import as_json, colored, pasted
from .dialogue import Dialogue
from .diff import Diff
from .rows import CRLF, Exchange, Row, Side, banner, check_row, encode


class Transcript(Printed, Sequence[Row]):
    """A conversation, row by row. Rows are added and never changed; transcripts with equal rows are equal.

    ``Transcript(other)`` is an independent copy, ``Transcript(other[:9])`` one of the first nine rows. A copy costs the
    same however long the transcript is. The text form, ``str(transcript)``, has a banner before the first line of each
    phase.

    Args:
        rows: what it begins with.

    Attributes:
        size: how many octets its rows hold together.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: Log[Row] = Log()
        self.size = 0
        self._tails: dict[Side, Log[bytes]] = {side: Log() for side in Side}  # pieces of lines that have no CRLF yet
        self._names: tuple[str, ...] = ()  # of replies whose last line has not come yet
        self._dialogue = Dialogue()
        if isinstance(rows, Transcript):
            self._rows, self.size, self._dialogue = rows._rows.copy(), rows.size, rows._dialogue.copy()
        else:
            for row in rows:
                self.add(row.side, row.data, row.time, row.name, literal=row.literal)

    def snapshot(self) -> "Transcript":
        """Return a copy that also has the unfinished lines, so that either may be fed further."""
        twin = object.__new__(Transcript)
        twin._rows, twin.size, twin._names = self._rows.copy(), self.size, self._names
        twin._tails = {side: tail.copy() for side, tail in self._tails.items()}
        twin._dialogue = self._dialogue.copy()
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> "Transcript":
        return self.snapshot()

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
        """The verb that the next reply answers, or `MESSAGE` or `GREETING`; None if no reply is due."""
        return self._dialogue.awaited

    @property
    def in_message(self) -> bool:
        """True while what the client sends next belongs to a message, up to the lone dot."""
        return self._dialogue.in_message

    @property
    def turn(self) -> Side | None:
        """The side that speaks next: the one that owes a reply, else the one that gives commands; None at the end.

        A client that pipelines does not wait for its turn.
        """
        return self._dialogue.turn

    @property
    def extensions(self) -> Offer:
        """The extensions that the server offered in its last reply to EHLO, keyword to text; none after HELO."""
        return self._dialogue.extensions

    @property
    def answered(self) -> Sequence[Exchange]:
        """The exchanges that have a reply, in the order of the replies; `exchanges` has the others, too."""
        return self._dialogue.answered.copy()

    @property
    def last_exchange(self) -> Exchange | None:
        """The exchange that the last reply ended; None before the first reply."""
        return self._dialogue.answered[-1] if self._dialogue.answered else None

    @property
    def last_command(self) -> Exchange | None:
        """The exchange that the last command or message began, answered or not; None before the first."""
        unanswered = tuple(self._dialogue.unanswered())
        return next((each for each in chain(unanswered[-1:], reversed(self._dialogue.answered)) if each.data), None)

    def add(self, side: Side, data: bytes, time: float | None = None, name: str = "", *, literal: bool = False) -> Row:
        """Append one line, or a literal, and return its row; its state and phase follow from the table.

        Args:
            side: who sent it.
            data: one line as on the wire, with its CRLF if it had one.
            time: seconds since the connection opened.
            name: the canonical name of the reply that the line ends, if it is known.
            literal: True for octets that are not a line: those that a command has counted, as BDAT does (RFC 3030), or
                those of another protocol, such as TLS. A literal is not a command, a reply or a line of a message.

        Raises:
            ValueError: if `data` is more than one line and no literal.
        """
        check_row(side, data, literal=literal)  # before the state moves
        row = Row(time, side, data, *self._dialogue.take(side, data, name, literal=literal), literal, name)
        self._rows.append(row)
        self.size += len(data)
        return row

    def note(self, text: str, time: float | None = None) -> Row:
        """Append a sentence that is not on the wire, such as ``TLS is on``."""
        return self.add(Side.NOTE, encode(text), time)

    def feed(self, side: Side, data: bytes, time: float | None = None, names: Iterable[str] = ()) -> None:
        """Append the octets of one side, cut anywhere, as a stream delivers them; each CRLF completes a row.

        Only CRLF ends a line (RFC 5321 2.3.8): a bare CR or LF stays inside its row. Feed both sides in the order in
        which their octets travelled, and call `flush` when the connection is gone.

        Args:
            side: who sent them.
            data: any octets; odd ones make odd rows, never an error.
            time: seconds since the connection opened; a line has the time of its end.
            names: the canonical names of the replies whose octets these are, in order, where the server hands them
                over; the exchanges keep them in ``reply.name``.
        """
        self._names += tuple(names)
        tail = self._tails[side]
        splits = data.startswith(b"\n") and bool(tail) and tail[-1].endswith(b"\r")  # the CRLF came in two pieces
        if not splits and data.find(CRLF) < 0:
            if data:
                tail.append(data)
            return
        *lines, rest = b"".join((*tail, data)).split(CRLF)
        self._tails[side] = Log([rest] if rest else ())
        for line in lines:
            self.add(side, line + CRLF, time, self._name_for(side, line))

    def _name_for(self, side: Side, line: bytes) -> str:
        """Return the name that belongs to a line: each last line of a reply takes the next one."""
        if not self._names or side is not self._dialogue.server or line[3:4] == b"-":
            return ""
        name, *rest = self._names
        self._names = tuple(rest)
        return name

    def unfinished(self, side: Side) -> bytes:
        """Return the octets of a line of one side whose CRLF has not come yet; they are in no row."""
        return b"".join(self._tails[side])

    def flush(self, time: float | None = None) -> None:
        """Add rows for the lines that never got their CRLF. Such a row is neither a command nor a reply."""
        for side, tail in self._tails.items():
            if tail:
                self.add(side, b"".join(tail), time)
                self._tails[side] = Log()

    def lines(self, side: Side) -> tuple[bytes, ...]:
        """Return the lines of one side as on the wire; joined, they are what that side sent."""
        return tuple(row.data for row in self._rows if row.side is side)

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return the exchanges with a reply, in the order of the replies, then those that never got one."""
        return (*self._dialogue.answered, *self._dialogue.unanswered())

    def commands(self) -> tuple[Exchange, ...]:
        """Return the exchanges that a command or a message began; unasked replies are left out."""
        return tuple(exchange for exchange in self.exchanges() if exchange.data)

    def diff(self, other: "Transcript", names: tuple[str, str] = ("first", "second")) -> Diff:
        """Compare what was on the wire with another conversation; dates, times and notes are not compared.

        Args:
            other: the other conversation.
            names: what the two are called in a notebook, such as ``("yours", "lecture")``.
        """
        return Diff(self, other, names)

    def replay(self) -> Iterator[tuple[bytes, int | None]]:
        """Yield what to send to hold this conversation again, and the code of the reply to wait for.

        The octets are a command line or a whole message, and empty where the server speaks unasked, as in its
        greeting. The code is None where no reply came. It ends with a TURN that was accepted, because then the other
        host gives the commands.
        """
        for exchange in self.exchanges():
            yield exchange.data, exchange.reply.code if exchange.reply else None
            if exchange.turned:
                return

    def to_json(self) -> str:
        """Return the transcript as JSON in ASCII, from which `from_json` makes an equal one."""
        return as_json.written(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote. Its states and phases are for other readers; here they follow from the lines.

        Raises:
            ValueError: if the text is anything else; the sentence says what is wrong.
        """
        transcript = cls()
        for side, data, time, name, literal in as_json.read(text):
            transcript.add(side, data, time, name, literal=literal)
        return transcript

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a conversation from text: the ``C:`` ``S:`` ``=`` form, or what was copied from elsewhere.

        In the text form the mark decides. What ``str(transcript)`` has written, with its banners, is read to the
        letter. Marks that a book or an RFC has set may be indented and have more blanks behind them. ``\\xHH`` is read
        as that octet. ``C#`` and ``S#`` mark a literal: octets that are not a line.

        Other texts are a telnet window, what a program such as swaks prints, a server log, a table, or quoted mail.
        Colours, marks of line ends and the like are removed. What stands before the lines (arrows, names, times,
        numbers, quote marks) is removed and tells the sides apart. Where nothing does, three digits and then a space, a
        hyphen or nothing begin a reply, however far it is indented, and every other line is the client's, except:

        - between the 354 and the lone dot every line is message data, also one that looks like a reply. A line that
          is nothing but a bullet is the lone dot: word processors and slides typeset it so.
        - what stands before the greeting or behind the end, what telnet itself says, lines that begin with ``=``, and
          remarks, for which no reply is left, are notes.
        - the rest of a line that was wrapped or split is joined to it.
        - empty lines outside the message, and spaces at the end of any line, are the page's and not the client's.

        A session may begin after its greeting, and a message that the text leaves out has an end; a note says so.

        In all forms banners of the phases are left out, because they follow from the lines. Line ends are those of
        Unix, of Windows or CR alone; in the rows they are CRLF.

        Raises:
            ValueError: if a line has two readings, or a line is missing; the sentence names the line.
        """
        transcript = cls()
        for side, data, literal in pasted.rows_in(text):
            transcript.add(side, data, literal=literal)
        return transcript

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
        return "\n".join(map(str, self._shown()))

    def _repr_html_(self) -> str:
        """Show the conversation in a notebook, each side in its colour."""
        return colored.to_html(self._shown())

    def __repr__(self) -> str:
        return f"<Transcript of {len(self)} rows, {self.state.value}>"

    def _shown(self) -> Iterator[str | Row]:
        """Yield the rows, and a banner before each phase."""
        phase = None
        for row in self._rows:
            if row.side is not Side.NOTE and row.phase is not phase:
                phase = row.phase
                yield banner(phase)
            yield row
