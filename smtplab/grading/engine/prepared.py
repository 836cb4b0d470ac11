"""Read a notebook that was handed in, and prepare it for its run: restored cells, and those that run in order.

The octets are a student's, so anything may be in them; `roster.notebook_text` reads and repairs them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...roster.notebook_text import read_notebook
from ..release import name_of, without_hidden
from ..tries import in_notebook
from .graded_exercise import GradedExercise
from .restoring import CellChange, is_locked, restore
from .student_notebook import StudentCell


@dataclass(frozen=True, slots=True)
class PreparedNotebook:
    """A notebook that can run.

    Args:
        notebook: what its JSON holds; its cells are restored.
        cells: its code cells, in order; test cells without their source.
        changes: what a student had done to the exercise's cells.
        tried: how many answers were checked before it was handed in, as its outputs say, by the name of the part.
        hash: the SHA-256 of the octets.
    """

    notebook: dict[str, Any]
    cells: tuple[StudentCell, ...]
    changes: tuple[CellChange, ...]
    tried: Mapping[str, int]
    hash: str


def hash_of(data: bytes) -> str:
    """Return the hash of what was handed in, by which a submission is recognized."""
    return hashlib.sha256(data).hexdigest()


def prepare(data: bytes, exercise: GradedExercise) -> PreparedNotebook:
    """Read a notebook, and restore the exercise's cells in it.

    Args:
        data: what was handed in.
        exercise: the exercise.

    Raises:
        UnusableNotebookError: if it is not a notebook; ``str(error)`` says why.
    """
    notebook = json.loads(read_notebook(data).data)
    tried, cells = in_notebook(notebook), notebook["cells"]
    changes = restore(cells, exercise.known, with_ids=notebook["nbformat_minor"] >= 5)
    return PreparedNotebook(notebook, student_cells(cells, exercise), changes, tried, hash_of(data))


def student_cells(cells: list[Any], exercise: GradedExercise) -> tuple[StudentCell, ...]:
    """Return the code cells of a restored notebook as they run; of a test cell only what it is about."""
    found = []
    for at, cell in enumerate(cells):
        test = exercise.tests.get(name_of(cell))
        if test is not None:
            found.append(StudentCell(at, "", name_of(cell), test.exercise))
        elif cell["cell_type"] == "code" and cell["source"].strip():
            found.append(StudentCell(at, without_hidden(cell["source"]) if is_locked(cell) else cell["source"]))
    return tuple(found)
