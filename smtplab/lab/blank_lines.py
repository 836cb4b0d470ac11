"""The lines of a session in a puzzle: what of each can be hidden, and which step of the client it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from ..protocol.states import GREETING, MESSAGE
from ..transcript import Exchange, Row, Side, Transcript
from ..transcript.rows import CRLF

BLANK = "____"
GREETING_STEP = -1


class Hidden(Enum):
    """What is hidden in a line; the value is the word for `FadedPuzzle`."""

    VERB = "verbs"
    CODE = "codes"
    ARGUMENT = "arguments"
    LINE = "line"


HIDE_WORDS = tuple(kind.value for kind in Hidden if kind is not Hidden.LINE)
"""What may be hidden in all lines, each in a word; single lines are named by their numbers."""


@dataclass(frozen=True, slots=True)
class BlankLine:
    """A line of the session, with or without a blank.

    Args:
        number: its number on the page, from 1.
        row: the line.
        hidden: what is hidden of it; None if nothing is.
        step: which line of the client it is, from 0, or which one it answers; `GREETING_STEP` for the greeting, None if
            it answers nothing.
        is_command: True for a command.
        goes_on: True for a further line of a reply, whose code is hidden together with that of the first.
    """

    number: int
    row: Row
    hidden: Hidden | None = None
    step: int | None = None
    is_command: bool = False
    goes_on: bool = False

    @property
    def may_hide(self) -> tuple[Hidden, ...]:
        """The kinds of blanks that it can have."""
        if self.row.side is Side.SERVER:
            return (Hidden.CODE,) if self.step is not None else ()
        if not self.is_command or not self.row.text.strip():
            return ()
        return (Hidden.VERB, Hidden.ARGUMENT) if " " in self.row.text else (Hidden.VERB,)

    @property
    def all_of_it(self) -> Hidden | None:
        """What is hidden if the line is named by its number."""
        if self.row.side is Side.CLIENT:
            return Hidden.LINE if self.step is not None and self.row.text.strip() else None
        return next(iter(self.may_hide), None)

    @property
    def parts(self) -> tuple[str, str, str]:
        """What stands before the blank, what is hidden, and what stands behind it."""
        text = self.row.text
        if self.hidden is Hidden.CODE:
            return "", text[:3], text[3:]
        if self.hidden is Hidden.LINE:
            return "", text, ""
        verb, space, argument = text.partition(" ")
        if self.hidden is Hidden.VERB:
            return "", verb, space + argument
        name, colon, path = argument.partition(":")
        return f"{verb}{space}{name + colon if colon else ''}", path if colon else argument, ""

    def filled(self, filling: str) -> str:
        """Return the text of the line with something in the blank."""
        before, _, behind = self.parts
        return before + filling + behind

    @property
    def shown(self) -> str:
        """The line as it is shown, with its side and its blank."""
        return f"{self.row.mark} {self.row.text if self.hidden is None else self.filled(BLANK)}".rstrip()


def lines_of(transcript: Transcript) -> Iterator[BlankLine]:
    """Yield the lines of a session, each with the step that sends it, or whose reply it is."""
    clients = [index for index, row in enumerate(transcript) if row.side is Side.CLIENT and not row.literal]
    commands, replies = set[int](), dict[int, int]()
    for exchange in transcript.exchanges():
        if exchange.side is Side.SERVER:  # after TURN
            continue
        commands |= {exchange.first} if exchange.data and exchange.verb != MESSAGE else set()
        if exchange.reply is not None and (exchange.data or exchange.verb == GREETING):
            replies |= dict.fromkeys(_reply_rows(exchange), _step_of(exchange, clients))
    seen = set[int]()
    wire = [(index, row) for index, row in enumerate(transcript) if row.side is not Side.NOTE]
    for number, (index, row) in enumerate(wire, start=1):
        step = clients.index(index) if index in clients else replies.get(index)
        goes_on = index in replies and step in seen
        if index in replies and step is not None:
            seen.add(step)
        yield BlankLine(number, row, None, step, is_command=index in commands, goes_on=goes_on)


def _reply_rows(exchange: Exchange) -> range:
    assert exchange.reply is not None
    return range(exchange.last - len(exchange.reply.lines) + 1, exchange.last + 1)


def _step_of(exchange: Exchange, clients: Sequence[int]) -> int:
    """Return the step that an exchange answers: its command, or the last line of its message."""
    if not exchange.data:
        return GREETING_STEP
    return clients.index(exchange.first) + len(exchange.data.split(CRLF)) - 2
