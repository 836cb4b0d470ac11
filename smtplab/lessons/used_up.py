"""Given cells that use up what a cell above has made, such as the octets that a socket has for them.

Such a cell runs well once. A student runs it again to see a corrected answer at work, and the octets are gone. So its
metadata name the cells that make it ready, ``"smtplab": {"again": ["greeting"]}``, and the lesson runs these first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import sentences
from .cells import LessonCell
from .done_for_you import DoneForYou
from .workspace import Workspace


class UsedUp:
    """What has been used up in a notebook.

    Args:
        cells: the code cells of the tutorial.
    """

    def __init__(self, cells: Sequence[LessonCell]) -> None:
        self._cells = {cell.id: cell for cell in cells}
        self._used: set[str] = set()

    def make_ready(self, cell: LessonCell, workspace: Workspace) -> Iterator[DoneForYou]:
        """Run the cells that a cell needs to run again, and say so; nothing if it runs for the first time."""
        if cell.id not in self._used:
            return
        first = [self._cells[each] for each in cell.again]
        for each in first:
            workspace.run(each.source)
            self.note(each)
        lines = " and ".join(f"`{each.source.splitlines()[0]}`" for each in first)
        cells = "cells" if len(first) > 1 else "cell"
        yield DoneForYou(sentences.MADE_READY.format(cells=cells, lines=lines))

    def note(self, cell: LessonCell) -> None:
        """Note that a cell runs: it uses up what it needs, and makes the cells ready that need it last."""
        self._used -= {each.id for each in self._cells.values() if each.again[-1:] == (cell.id,)}
        if cell.again:
            self._used.add(cell.id)
