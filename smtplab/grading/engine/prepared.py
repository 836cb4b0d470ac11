"""Read a notebook that was handed in, and prepare it for its run: restored cells, and those that run in order.

The octets are a student's, so anything may be in them. What is not a cell is dropped.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from ...base.failure import Failure
from .. import sentences
from ..release import Cell, without_hidden
from .graded_exercise import GradedExercise
from .restoring import CellChange, name_of, restore
from .student_process import StudentCell

_FORMAT = 4


class UnreadableNotebook(Failure):
    """What was handed in cannot be graded; ``str(error)`` is a sentence for the instructor."""


@dataclass(frozen=True, slots=True)
class PreparedNotebook:
    """A notebook that can run.

    Args:
        notebook: what its JSON holds; its cells are restored.
        cells: its code cells, in order; test cells without their source.
        changes: what a student had done to the exercise's cells.
        hash: the SHA-256 of the octets.
    """

    notebook: dict[str, Any]
    cells: tuple[StudentCell, ...]
    changes: tuple[CellChange, ...]
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
        UnreadableNotebook: if it is not a notebook.
    """
    notebook = read_notebook(data)
    minor = notebook.get("nbformat_minor")
    with_ids = isinstance(minor, int) and minor >= 5
    cells = [_clean(cell) for cell in notebook["cells"] if isinstance(cell, dict)]
    changes = restore(cells, exercise.known, with_ids=with_ids)
    notebook["cells"] = cells
    return PreparedNotebook(notebook, student_cells(cells, exercise), changes, hash_of(data))


def student_cells(cells: list[Any], exercise: GradedExercise) -> tuple[StudentCell, ...]:
    """Return the code cells of a restored notebook as they run; of a test cell only what it is about."""
    found = []
    for at, cell in enumerate(cells):
        test = exercise.tests.get(name_of(cell))
        if test is not None:
            found.append(StudentCell(at, "", name_of(cell), test.exercise))
        elif cell["cell_type"] == "code" and cell["source"].strip():
            is_ours = cell["metadata"].get("nbgrader", {}).get("locked")
            found.append(StudentCell(at, without_hidden(cell["source"]) if is_ours else cell["source"]))
    return tuple(found)


def read_notebook(data: bytes) -> dict[str, Any]:
    """Return what the JSON of a notebook holds, and at least a list of cells.

    Raises:
        UnreadableNotebook: if it is not a notebook; the sentence says why.
    """
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError):
        reason = sentences.NOT_A_NOTEBOOK if data.strip(b"\0 \t\r\n") else sentences.EMPTY_FILE
        raise UnreadableNotebook(reason) from None
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise UnreadableNotebook(sentences.NOT_A_NOTEBOOK)
    if notebook["nbformat"] != _FORMAT:
        raise UnreadableNotebook(sentences.WRONG_FORMAT.format(format=str(notebook["nbformat"])[:20], readable=_FORMAT))
    if not isinstance(notebook.get("cells"), list):
        raise UnreadableNotebook(sentences.NOT_A_NOTEBOOK)
    return notebook


def _clean(cell: dict[str, Any]) -> Cell:
    """Return a cell with what every cell has: its type, its source as a text, metadata, and no outputs."""
    kind, source, metadata = cell.get("cell_type"), cell.get("source"), cell.get("metadata")
    pieces = source if isinstance(source, list) else [source]
    cleaned: Cell = {
        "cell_type": kind if kind in ("code", "markdown", "raw") else "raw",
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": "".join(_text(piece) for piece in pieces),
    }
    if isinstance(cell.get("id"), str):
        cleaned["id"] = cell["id"]
    if cleaned["cell_type"] == "code":
        cleaned["outputs"], cleaned["execution_count"] = [], None
    return cleaned


def _text(value: object) -> str:
    """Return a text without halves of characters, which no file can hold; empty for anything else."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
