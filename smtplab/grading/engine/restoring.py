"""Restore what a student may have done to the cells of a notebook that was handed in.

Students copy a cell, delete another, move or edit test cells, or use an editor that drops nbgrader's metadata. None of
this should cost the points of the rest, and none of it should earn any. So each locked cell becomes the instructor's
again, and each graded cell gets its own metadata back. A notebook is here what its JSON holds: nested dictionaries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..release import Cell, marks_of, name_of, without_hidden
from . import sentences

# The cells of an exercise that nbgrader has a name for, by their names, in the order of the notebook; hidden tests
# included, solutions left out.
KnownCells = Mapping[str, Cell]


class ChangeKind(StrEnum):
    """What a student did to a cell of the exercise."""

    COPIED = "copied"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    MISSING = "missing"
    MOVED = "moved"
    MARKED = "marked"


# What nbgrader notes about a cell that decides who scores it, and how highly.
_SCORING = {"grade", "points", "solution"}
_SENTENCES = {
    ChangeKind.COPIED: sentences.CELL_COPIED,
    ChangeKind.UNKNOWN: sentences.CELL_UNKNOWN,
    ChangeKind.CHANGED: sentences.CELL_CHANGED,
    ChangeKind.MISSING: sentences.CELL_MISSING,
    ChangeKind.MOVED: sentences.CELL_MOVED,
    ChangeKind.MARKED: sentences.CELL_MARKED,
}


@dataclass(frozen=True, slots=True)
class CellChange:
    """A change that was undone.

    Args:
        kind: what the student did.
        cell: the name of the cell.
    """

    kind: ChangeKind
    cell: str

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(cell=self.cell)


def restore(cells: list[Cell], known: KnownCells, *, with_ids: bool = True) -> tuple[CellChange, ...]:
    """Restore the cells of a notebook in place, and return what was changed.

    A cell that was copied counts where it stands last. A locked cell that is missing comes back after the cell before
    it, or else before the next one. A test cell above one of its answers moves behind the last of them. Nothing else
    moves, because a student's cells may depend on their order.

    Args:
        cells: the cells of the notebook.
        known: the cells of the exercise.
        with_ids: True if the notebook's format has ids of cells, which is so from 4.5 on.
    """
    return tuple(_changes(cells, known, with_ids))


def _changes(cells: list[Cell], known: KnownCells, with_ids: bool) -> Iterator[CellChange]:
    yield from _forget_copies(cells, known)
    _give_back_metadata(cells, known)
    for cell in cells:
        yield from _restore_cell(cell, known)
    yield from _put_back(cells, known, with_ids)
    yield from _put_behind_answers(cells, known)


def is_test(cell: Mapping[str, Any]) -> bool:
    """Return True for a cell of the exercise that is judged by a program, and not by a person."""
    marks = marks_of(cell)
    return bool(marks.get("grade") and not marks.get("solution") and cell["cell_type"] == "code")


def is_locked(cell: Mapping[str, Any]) -> bool:
    """Return True for a cell that the exercise has, and no student writes."""
    return bool(marks_of(cell).get("locked"))


def _forget_copies(cells: list[Cell], known: KnownCells) -> Iterator[CellChange]:
    """Remove nbgrader's metadata from all cells of one name but the last."""
    seen: set[str] = set()
    for cell in reversed(cells):
        name = name_of(cell)
        if name in seen and name in known:
            del cell["metadata"]["nbgrader"]
            yield CellChange(ChangeKind.COPIED, name)
        seen.add(name)


def _give_back_metadata(cells: list[Cell], known: KnownCells) -> None:
    """Give cells back the metadata that an editor dropped, by their ids."""
    names = _names(cells)
    missing = {name: cell for name, cell in known.items() if name not in names}
    for cell in cells:
        if "nbgrader" not in cell["metadata"] and isinstance(cell.get("id"), str) and cell["id"] in missing:
            cell["metadata"]["nbgrader"] = deepcopy(missing.pop(cell["id"])["metadata"]["nbgrader"])


def _restore_cell(cell: Cell, known: KnownCells) -> Iterator[CellChange]:
    if "nbgrader" not in cell["metadata"]:
        return
    name = name_of(cell)
    if name not in known:
        del cell["metadata"]["nbgrader"]
        if name:
            yield CellChange(ChangeKind.UNKNOWN, name)
        return
    theirs = known[name]
    changed = cell["cell_type"] != theirs["cell_type"]
    if changed:
        _change_type(cell, theirs["cell_type"])
    marks = deepcopy(theirs["metadata"]["nbgrader"])
    before, cell["metadata"]["nbgrader"] = cell["metadata"]["nbgrader"], marks
    if any(before.get(key, marks[key]) != marks[key] for key in _SCORING & set(marks)):
        yield CellChange(ChangeKind.MARKED, name)
    if marks["locked"]:
        changed |= cell["source"] not in (theirs["source"], without_hidden(theirs["source"]))
        cell["source"] = theirs["source"]
    if changed:
        yield CellChange(ChangeKind.CHANGED, name)


def _change_type(cell: Cell, kind: str) -> None:
    cell["cell_type"] = kind
    cell.pop("attachments", None)
    if kind == "code":
        cell["outputs"], cell["execution_count"] = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _put_back(cells: list[Cell], known: KnownCells, with_ids: bool) -> Iterator[CellChange]:
    order = list(known)
    for number, (name, cell) in enumerate(known.items()):
        names = _names(cells)
        if name in names or not is_locked(cell):
            continue
        behind = [names[each] + 1 for each in order[:number] if each in names]
        before = [names[each] for each in order[number:] if each in names]
        place = (behind[-1:] or before[:1] or [len(cells)])[0]
        cells.insert(place, _with_an_id_of_its_own(deepcopy(cell), cells, with_ids))
        yield CellChange(ChangeKind.MISSING, name)


def _put_behind_answers(cells: list[Cell], known: KnownCells) -> Iterator[CellChange]:
    for test, answers in _judged(known).items():
        names = _names(cells)
        written = [names[name] for name in answers if name in names and _is_written(cells[names[name]], known)]
        last = max(written, default=-1)
        if names.get(test, last) < last:
            cells.insert(last, cells.pop(names[test]))
            yield CellChange(ChangeKind.MOVED, test)


def _names(cells: list[Cell]) -> dict[str, int]:
    """Return the index of each cell that has a name in nbgrader."""
    found = {name_of(cell): at for at, cell in enumerate(cells)}
    found.pop("", None)
    return found


def _judged(known: KnownCells) -> dict[str, list[str]]:
    """Return for each test cell the answer cells that it judges: those after the test cell before it."""
    judged: dict[str, list[str]] = {}
    answers: list[str] = []
    for name, cell in known.items():
        marks = marks_of(cell)
        if marks["solution"]:
            answers.append(name)
        elif marks["grade"]:
            judged[name], answers = answers, []
    return judged


def _is_written(answer: Cell, known: KnownCells) -> bool:
    """Return True if a student has changed an answer cell."""
    return bool(answer["source"].strip() != known[name_of(answer)]["source"].strip())


def _with_an_id_of_its_own(cell: Cell, cells: list[Cell], with_ids: bool) -> Cell:
    """Return a cell with a valid id in a notebook: none before format 4.5, and no id of another cell."""
    cell["id"] = name_of(cell)
    if not with_ids:
        del cell["id"]
    elif any(other.get("id") == cell["id"] for other in cells):
        cell["id"] = f"{cell['id']}-restored"
    return cell
