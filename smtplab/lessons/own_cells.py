"""Which given cells a cell of the student's own stands for: the lesson runs none of them once more.

It stands for the one that the student has changed. In a front end without ids it also stands for the next one with the
same text, if the tasks above that are done, so that what it does is done in its place.
"""

from __future__ import annotations

from .cells import Kind
from .given_cells import acts
from .progress import LessonProgress
from .workspace import Workspace


def with_id(cell_id: str, progress: LessonProgress) -> set[str]:
    """Return the id of a cell as a set, empty if no given cell has it."""
    return {each.id for each in progress.cells if each.id == cell_id and each.kind is Kind.RUN}


def with_text(text: str, reached: int, progress: LessonProgress, workspace: Workspace) -> set[str]:
    """Return the id of the given cell that a student has run under no id, empty if it is none.

    Args:
        text: what he has run.
        reached: the place of the lowest cell that has run, -1 if none has.
        progress: how far he has come.
        workspace: the notebook.
    """
    below = (each for each in progress.cells[reached + 1 :] if each.kind is Kind.RUN and each.is_run_as(text))
    cell = next(filter(acts, below), None)
    if cell is None:
        return set()
    tasks = (each for each in progress.cells[: progress.cells.index(cell)] if each.kind is not Kind.RUN)
    return {cell.id} if all(each.guess or progress.is_done(each, workspace) for each in tasks) else set()
