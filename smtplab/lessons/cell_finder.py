"""Which cell of a tutorial a student runs.

A cell is recognised by its id, and a copy of an open cell by its task. Only where the front end gives no ids of the
notebook, each is recognised by its text: some front ends give none, and others, such as VS Code, have ids of their own.
A cell that the student has added is nobody's: nothing is judged there and no step is done for it, but what is sent
there counts for the open cell above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .cells import Kind, LessonCell
from .given_cells import acts
from .progress import LessonProgress


class CellFinder:
    """Finds the cell of a tutorial that a front end runs.

    Args:
        cells: the cells of the tutorial.
        progress: how far the student has come.
    """

    def __init__(self, cells: Sequence[LessonCell], progress: LessonProgress) -> None:
        self._cells = tuple(cells)
        self._progress = progress
        self.has_ids = False  # the front end gives the ids of the notebook

    def meet(self, cell_id: str) -> None:
        """Note the id of a cell that runs: if it is one of the tutorial, cells are known by their ids alone."""
        self.has_ids = self.has_ids or any(cell.id == cell_id for cell in self._cells)

    def find(self, text: str, cell_id: str, at: int, last: LessonCell | None) -> LessonCell | None:
        """Return the cell of the tutorial that is run; None for one of the student's own.

        Args:
            text: what stands in it.
            cell_id: its id; empty if the front end gives none.
            at: the place of the lowest cell that has run, -1 if none has.
            last: the cell of the tutorial that ran last; None if none has.
        """
        self.meet(cell_id)
        if not self.has_ids:
            return self._find_by_text(text, at, last)
        cell = next((each for each in self._cells if each.id == cell_id), None)
        if cell is None:
            return self._copied(text, at)
        # An open cell is also known without its task, which a student may have deleted.
        return cell if cell.kind is Kind.OPEN or cell.is_run_as(text) else None

    def _copied(self, text: str, at: int) -> LessonCell | None:
        """Return the open cell that a student has copied with its task, to try again; None for any other cell."""
        reached = self._cells[: at + 1]
        return next((each for each in reached if each.kind is Kind.OPEN and each.is_run_as(text)), None)

    def _find_by_text(self, text: str, reached: int, last: LessonCell | None) -> LessonCell | None:
        """Return the cell with a text; of several, the next one.

        The cell that ran last is taken again if it is not done, or if a step that is not done stands above the next
        one: a student who corrects a prediction does not go on to one far below with the same line. A line that a
        student may type for himself, such as ``session.transcript`` or ``%why``, is a cell of the tutorial only if this
        cell has run before, or is the next one; one that does something, such as ``lab.run()``, also if nothing between
        was to be done.
        """
        by_text = [(at, cell) for at, cell in enumerate(self._cells) if cell.is_run_as(text)]
        below = [(at, cell) for at, cell in by_text if at > reached]
        if last is not None and last.is_run_as(text) and (not self._is_done(last) or self._is_far(below, last)):
            return last
        at, cell = next(iter(below + by_text), (0, None))
        if cell is None:
            return self._writing(text, reached)
        if not cell.is_a_look or at <= reached + 1:
            return cell
        between = self._cells[reached + 1 : at]
        return cell if acts(cell) and all(each.guess or not _does(each) for each in between) else None

    def _writing(self, text: str, reached: int) -> LessonCell | None:
        """Return the open cell whose variable a text writes, without the task: the next one, or one above it."""
        below = next((each for each in self._cells[reached + 1 :] if each.kind is not Kind.RUN), None)
        above = reversed(self._cells[: reached + 1])
        opened = (each for each in [*([below] if below else []), *above] if each.variable)
        return next((each for each in opened if _writes(text, each.variable)), None)

    def _is_far(self, below: Sequence[tuple[int, LessonCell]], last: LessonCell) -> bool:
        """Return True if a step that is not done stands between the cell that ran last and the next with its text."""
        between = self._cells[self._cells.index(last) + 1 : below[0][0]] if below else ()
        return any(each.kind is not Kind.RUN and not self._is_done(each) for each in between)

    def _is_done(self, cell: LessonCell) -> bool:
        """Return True if a step is done, or a given cell has run."""
        if cell.kind is Kind.RUN:
            return cell.id in self._progress.was_run
        question = self._progress.questions.get(cell.id)
        return cell.id in self._progress.done | self._progress.passed or (question is not None and question.answered)


def _does(cell: LessonCell) -> bool:
    """Return True if a cell is to do something: it has a task, or a later cell may build on it."""
    return cell.kind is not Kind.RUN or acts(cell)


def _writes(text: str, variable: str) -> bool:
    """Return True if a text defines a function or a class of this name, or puts a value into the variable."""
    return (
        re.search(rf"^(?:(?:def|class) {variable}\b|(?:\w+ *= *)*{variable} *(?::[^=\n]+)?=(?!=))", text, re.MULTILINE)
        is not None
    )
