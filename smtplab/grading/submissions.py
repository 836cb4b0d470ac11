"""Repair submissions that nbgrader 0.9.6 cannot grade, or report them in plain words.

Students rename the notebook, copy a cell, delete another, or use an editor that drops nbgrader's metadata. None of this
should cost the points of the rest. If a submission cannot be graded, nbgrader shows a traceback and exports 0 points; a
table beside the gradebook names the submission and the reason.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import DeduplicateIds, OverwriteCells
from traitlets import default
from traitlets.log import get_logger

from . import sentences
from .tables import Table

# The table of the submissions that have no points because they could not be graded.
NOT_GRADED = Table("not-graded.csv", ("exercise", "student", "reason"))
_FORMAT = 4


# Files


def take_in(assignment: str, student: str, notebooks: list[str]) -> None:
    """Prepare a submission before nbgrader reads it; nbgrader's hook ``pre_convert_hook``.

    A single notebook that was renamed is copied to its original name. The submission is in the table `NOT_GRADED` until
    `let_go` removes it.

    Args:
        assignment, student: the patterns of the nbgrader command; not used.
        notebooks: the paths of the submission's notebooks; the list is changed.
    """
    folder = Path(notebooks[0]).parent
    reason = _find(folder, notebooks) or _reason_against(folder / f"{folder.name}.ipynb")
    if reason:
        get_logger().error("%s of %s cannot be graded: %s", folder.name, folder.parent.name, reason)
    _tell(folder, reason or sentences.NBGRADER_STOPPED)


def let_go(assignment: str, student: str, notebooks: list[str]) -> None:
    """Remove a graded submission from the table; nbgrader's hook ``post_convert_hook``."""
    _tell(Path(notebooks[0]).parent)


def _find(folder: Path, notebooks: list[str]) -> str:
    """Give the notebook its own name; return why that is impossible, or nothing."""
    name = f"{folder.name}.ipynb"
    if (folder / name).exists():
        return ""
    names = [Path(notebook).name for notebook in notebooks]
    if len(names) > 1:
        return sentences.SEVERAL_NOTEBOOKS.format(name=name, names=", ".join(names))
    try:
        shutil.copyfile(notebooks[0], folder / name)
    except OSError as error:
        return sentences.NOT_COPIED.format(name=names[0], reason=error.strerror)
    notebooks[:] = [str(folder / name)]
    who = folder.parent.name
    get_logger().warning("%s: the notebook is called %s; a copy with the right name is graded", who, names[0])
    return ""


def _reason_against(path: Path) -> str:
    """Return why a notebook cannot be read; nothing if it can."""
    try:
        content = path.read_bytes()
        book = json.loads(content)
    except OSError as error:
        return sentences.UNREADABLE.format(reason=error.strerror)
    except (ValueError, RecursionError):
        return sentences.NOT_A_NOTEBOOK if content.strip() else sentences.EMPTY_FILE
    if not isinstance(book, dict) or "nbformat" not in book:
        return sentences.NOT_A_NOTEBOOK
    if book["nbformat"] != _FORMAT:
        return sentences.WRONG_FORMAT.format(format=book["nbformat"], readable=_FORMAT)
    return ""


def _tell(folder: Path, *reasons: str) -> None:
    """Replace the reasons in the table for a submission, ``submitted/STUDENT/ASSIGNMENT``."""
    key = {"exercise": folder.name, "student": folder.parent.name}
    NOT_GRADED.replace_rows(folder.parents[2], key, [{"reason": reason} for reason in reasons])


# Cells


class ForgetCopies(DeduplicateIds):
    """Remove nbgrader's metadata from a copied cell, so that the last copy counts; nbgrader 0.9.6 fails on two."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Remove metadata that nbgrader has emptied."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if not cell.metadata.get("nbgrader", True):
            del cell.metadata["nbgrader"]
        return cell, resources


class RestoreCells(OverwriteCells):
    """Restore every locked cell from the gradebook, also one that was deleted or moved.

    nbgrader restores only test cells, and raises if the answer cell is missing as well. A test cell above its answer
    moves behind it. Nothing else moves, because a student's cells may depend on their order.
    """

    @default("add_missing_cells")
    def _add_missing_cells(self) -> bool:
        return True

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Give cells back the nbgrader metadata that an editor dropped, by their ids; then restore the others."""
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as book:
            known = _known(book.find_notebook(about["notebook"], about["assignment"]))
        missing = dict(known)
        for name in _names(nb):
            missing.pop(name, None)
        for cell in nb.cells:
            if "nbgrader" not in cell.metadata and cell.get("id") in missing:
                cell.metadata["nbgrader"] = missing.pop(cell["id"]).metadata["nbgrader"]
        nb, resources = super().preprocess(nb, resources)
        self._put_behind_answers(nb, known)
        return nb, resources

    def _put_behind_answers(self, nb: Any, known: Mapping[str, Any]) -> None:
        """Move each test cell that is above one of its answers below the last of them."""
        for test, answers in _judged(known).items():
            names = _names(nb)
            written = [names[name] for name in answers if name in names and _is_written(nb.cells[names[name]], known)]
            last = max(written, default=-1)
            if names[test] < last:
                self.log.warning("The cell %s stands above its answer, and is put behind it", test)
                nb.cells.insert(last, nb.cells.pop(names[test]))

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Remove all metadata of a cell that is not in the gradebook; nbgrader removes only its id, and then fails."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if not name_of(cell):
            cell.metadata.pop("nbgrader", None)
        return cell, resources

    def add_missing_grade_cells(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Insert the missing locked cells: after the cell before them, or else before the next one."""
        known = _known(self.gradebook.find_notebook(self.notebook_id, self.assignment_id))
        order = list(known)
        for number, (name, cell) in enumerate(known.items()):
            names = _names(nb)
            if name in names or not cell.metadata["nbgrader"]["locked"]:
                continue
            self.log.warning("The cell %s is missing, and is put back", name)
            behind = [names[each] + 1 for each in order[:number] if each in names]
            before = [names[each] for each in order[number:] if each in names]
            place = (behind[-1:] or before[:1] or [len(nb.cells)])[0]
            nb.cells.insert(place, _with_an_id_of_its_own(cell, nb))
        return nb, resources


def name_of(cell: Any) -> str:
    """Return nbgrader's name of a cell; empty if it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _names(nb: Any) -> dict[str, int]:
    """Return the index of each cell that has a name in nbgrader."""
    found = {name_of(cell): at for at, cell in enumerate(nb.cells)}
    found.pop("", None)
    return found


def _judged(known: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return for each test cell the answer cells that it judges: those after the test cell before it."""
    judged: dict[str, list[str]] = {}
    answers: list[str] = []
    for name, cell in known.items():
        marks = cell.metadata["nbgrader"]
        if marks["solution"]:
            answers.append(name)
        elif marks["grade"]:
            judged[name], answers = answers, []
    return judged


def _is_written(answer: Any, known: Mapping[str, Any]) -> bool:
    """Return True if a student has changed an answer cell."""
    return bool(answer.source.strip() != known[name_of(answer)].source.strip())


def _known(notebook: Any) -> dict[str, Any]:
    """Return the cells of a notebook in the gradebook, in order, by their names."""
    points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    return {cell.name: _cell(cell, points.get(cell.name), cell.name in answers) for cell in notebook.source_cells}


def _cell(known: Any, points: float | None, is_answer: bool) -> Any:
    about = {
        "grade": points is not None,
        "grade_id": known.name,
        "locked": known.locked,
        "schema_version": 3,
        "solution": is_answer,
        "task": False,
        "cell_type": known.cell_type,
        "checksum": known.checksum,
    }
    if points is not None:
        about["points"] = points
    make = new_code_cell if known.cell_type == "code" else new_markdown_cell
    return make(known.source, id=known.name, metadata={"nbgrader": about})


def _with_an_id_of_its_own(cell: Any, nb: Any) -> Any:
    """Return a cell with a valid id in a notebook: none before format 4.5, and no id of another cell."""
    if (nb.nbformat, nb.nbformat_minor) < (4, 5):
        del cell["id"]
    elif any(other.get("id") == cell["id"] for other in nb.cells):
        cell["id"] = f"{cell['id']}-restored"
    return cell
