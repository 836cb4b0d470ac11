"""Print a conversation while it goes on, in the text form of a transcript."""

from __future__ import annotations

from ..base.printed import plural
from ..protocol.states import Phase
from ..transcript import Row, Side, Transcript, banner
from .output import echo, print_no_more

# About two screenfuls. Nobody reads more of a message here, and printing it would take most of the time.
_MESSAGE_LINES_SHOWN = 100


class Screen:
    """Print rows one after the other; together they are the text of their transcript."""

    def __init__(self) -> None:
        self._phase: Phase | None = None

    def show(self, row: Row) -> None:
        """Print one row, under the banner of its phase if it begins one."""
        if row.side is not Side.NOTE and row.phase is not self._phase:
            self._phase = row.phase
            echo(banner(row.phase))
        echo(str(row))


class ShownTranscript(Transcript):
    """A transcript whose rows are printed as it grows; of a long message only the first lines and the number of others.

    Attributes:
        failure: the error that ended printing; None if printing works. The conversation goes on without it.
    """

    def __init__(self) -> None:
        self.failure: OSError | None = None
        self._screen = Screen()
        self._message_lines = 0
        super().__init__()

    def add(self, side: Side, data: bytes, time: float | None = None, name: str = "", *, literal: bool = False) -> Row:
        """Append one line, print it unless it stands far down in a message, and return its row."""
        row = super().add(side, data, time, name, literal=literal)
        if self.failure is None:
            try:
                self._print(side, row)
            except OSError as error:
                self.failure = error
                print_no_more()
        return row

    def _print(self, side: Side, row: Row) -> None:
        if side is Side.CLIENT and self.in_message:
            self._message_lines += 1
            if self._message_lines > _MESSAGE_LINES_SHOWN:
                return
        else:
            self._end_message()
        self._screen.show(row)

    def _end_message(self) -> None:
        """Print how many lines of the message were left out."""
        hidden, self._message_lines = self._message_lines - _MESSAGE_LINES_SHOWN, 0
        if hidden > 0:
            echo(f"{Side.NOTE.mark} ... {plural(hidden, 'more line')}")
