"""Mail that a step waits for and that no host has any more, because it came back: which cell sends it again."""

from __future__ import annotations

from . import sentences
from .cells import Kind, LessonCell
from .given_cells import line_that_acts, speaks
from .progress import LessonProgress
from .workspace import Workspace


def cell_to_run_again(cell: LessonCell, progress: LessonProgress, workspace: Workspace) -> str:
    """Return which cell to run if a step could not be done: the one that sends its message, or its own."""
    if cell.goal is None or not cell.goal.mail or cell.goal.said or workspace.waiting():
        return sentences.DO_IT_YOURSELF
    above = progress.cells[: progress.cells.index(cell)]
    senders = [each for each in above if speaks(each, cell.session)]
    if not senders:
        return sentences.DO_IT_YOURSELF
    last = senders[-1]
    named = f"“{last.task}”" if last.kind is Kind.OPEN else f"with `{line_that_acts(last)}`"
    return sentences.SEND_AGAIN.format(cell=named)


def with_the_cell_to_run_again(cell: LessonCell, reason: str, progress: LessonProgress, workspace: Workspace) -> str:
    """Return a reason that tells to send a message again, with the cell that sends it."""
    way = cell_to_run_again(cell, progress, workspace)
    if way == sentences.DO_IT_YOURSELF:
        return reason
    return f"{reason.replace(sentences.SEND_IT_AGAIN, '')} {way}"


def is_lost_mail(cell: LessonCell, progress: LessonProgress, workspace: Workspace) -> bool:
    """Return True if a step waits for mail that no host has left, so that it has to be sent again first."""
    if cell.goal is None or not cell.goal.mail or workspace.waiting() is None:
        return False
    return sentences.SEND_IT_AGAIN in progress.verdict(cell, workspace).reason
