"""When a lesson says how the predictions came out that a student has written into variables."""

from __future__ import annotations

from dataclasses import replace

from .cells import Kind, LessonCell
from .evidence import Verdict
from .guesses import GuessOutcome
from .progress import LessonProgress
from .workspace import Workspace


class GuessOutcomes:
    """The outcomes of predictions, which are told once, below the first cell that is judged when they are there.

    Args:
        progress: how far the student has come.
    """

    def __init__(self, progress: LessonProgress) -> None:
        self._progress = progress
        self._told: set[str] = set()  # the ids of the cells

    def add_to(self, verdict: Verdict | None, cell: LessonCell, workspace: Workspace) -> Verdict | GuessOutcome | None:
        """Add to the verdict on a cell how a prediction came out; a prediction made too late is compared each time.

        Args:
            verdict: the verdict, which is ok; None if the cell has none.
            cell: the cell that has run.
            workspace: the notebook.
        """
        if cell.guess is not None and verdict is not None:
            if not self._has_come_out(self._progress.cells.index(cell)):
                return verdict
            self._told.add(cell.id)
            return replace(verdict, reason=str(GuessOutcome.of(cell.guess, workspace.value(cell.guess.name))))
        asked = self._untold(workspace)
        if asked is None or asked.guess is None:
            return verdict
        self._told.add(asked.id)
        outcome = GuessOutcome.of(asked.guess, workspace.value(asked.guess.name))
        return outcome if verdict is None else replace(verdict, more=str(outcome)).with_more(verdict.more)

    def _untold(self, workspace: Workspace) -> LessonCell | None:
        """Return the last prediction of the student whose outcome is there and has not been told; None if none is."""
        untold = self._progress.done - self._progress.done_for_you - self._told
        for at, asked in reversed([*enumerate(self._progress.cells)]):
            if asked.guess is None or asked.id not in untold or not self._has_come_out(at):
                continue
            if asked.guess.noted(workspace.value(asked.guess.name)) is not None:
                return asked
        return None

    def _has_come_out(self, at: int) -> bool:
        """Return True if the cell below a prediction has shown what happens."""
        below = next(iter(self._progress.cells[at + 1 :]), None)
        shown = self._progress.was_run if below is not None and below.kind is Kind.RUN else self._progress.done
        return below is not None and below.id in shown
