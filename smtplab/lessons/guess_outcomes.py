"""When a lesson says how the predictions came out that a student has written into variables."""

from __future__ import annotations

from dataclasses import replace

from ..base.printed import sentence
from . import sentences
from .cells import Kind, LessonCell
from .evidence import Verdict
from .guesses import Guess, GuessOutcome
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
            return replace(verdict, reason=str(self._outcome(cell, cell.guess, workspace)))
        asked = self._untold(workspace)
        if asked is None or asked.guess is None:
            return verdict
        self._told.add(asked.id)
        outcome = self._outcome(asked, asked.guess, workspace)
        return outcome if verdict is None else replace(verdict, more=str(outcome)).with_more(verdict.more)

    def _outcome(self, cell: LessonCell, guess: Guess, workspace: Workspace) -> GuessOutcome:
        """Return how a prediction came out; a number is that of one message, also if the hosts had two."""
        outcome = GuessOutcome.of(guess, workspace.value(guess.name))
        above = self._progress.cells[: self._progress.cells.index(cell)]
        senders = [each for each in above if each.goal is not None and each.goal.message.ended]
        if not isinstance(guess.right, int) or not senders or senders[-1].id not in self._progress.sent_twice:
            return outcome
        more = sentence(sentences.OF_ONE_MESSAGE.format(task=senders[-1].task))
        return replace(outcome, told=f"{outcome.told} {more}")

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
