"""A conversation on the screen while it is held, in the text form of a transcript."""

from __future__ import annotations

import click

from ..protocol.states import Phase
from ..transcript import Row, Side, Transcript, banner


class Screen:
    """Prints rows one after the other; what stands there in the end is the text of their transcript."""

    def __init__(self) -> None:
        self._phase: Phase | None = None

    def show(self, row: Row) -> None:
        """Print one row, under the banner of its phase if it begins one."""
        if row.side is not Side.NOTE and row.phase is not self._phase:
            self._phase = row.phase
            click.echo(banner(row.phase))
        click.echo(str(row))


class ShownTranscript(Transcript):
    """A transcript whose rows are printed as it grows."""

    def __init__(self) -> None:
        self._screen = Screen()
        super().__init__()

    def add(self, side: Side, data: bytes, time: float | None = None) -> Row:
        """Append one line, print it and return its row."""
        row = super().add(side, data, time)
        self._screen.show(row)
        return row
