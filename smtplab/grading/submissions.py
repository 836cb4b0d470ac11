"""Repair submissions that nbgrader 0.9.6 cannot grade, or report them in plain words.

Students rename the notebook, and change its cells. If a submission cannot be graded, nbgrader shows a traceback and
exports 0 points; a table beside the gradebook names the submission and the reason.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.log import get_logger

from ..roster.notebook_text import UnusableNotebookError, read_notebook
from ..roster.sentences import LINK, NOT_A_FILE
from . import sentences
from .classroom import NOT_GRADED
from .engine.graded_exercise import unjudged
from .engine.restoring import restore

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
    reason = (
        _leave_closed(folder, notebooks) or _find(folder, notebooks) or _reason_against(folder / f"{folder.name}.ipynb")
    )
    if reason:
        get_logger().error("%s of %s cannot be graded: %s", folder.name, folder.parent.name, reason)
    _tell(folder, reason or sentences.NBGRADER_STOPPED)


def let_go(assignment: str, student: str, notebooks: list[str]) -> None:
    """Remove a graded submission from the table; nbgrader's hook ``post_convert_hook``."""
    if notebooks:
        _tell(Path(notebooks[0]).parent)


def _leave_closed(folder: Path, notebooks: list[str]) -> str:
    """Take links, pipes and devices out of the list; return why none is left, or nothing.

    nbgrader would follow a link to anything that the instructor may read, and wait for ever at a pipe.
    """
    closed = {name: LINK if Path(name).is_symlink() else NOT_A_FILE for name in notebooks if _is_odd(Path(name))}
    own = str(folder / f"{folder.name}.ipynb")
    reason = closed.get(own) or next((why for why in closed.values() if len(closed) == len(notebooks)), "")
    notebooks[:] = [] if reason else [name for name in notebooks if name not in closed]
    return sentences.UNREADABLE.format(reason=reason) if reason else ""


def _is_odd(path: Path) -> bool:
    return path.is_symlink() or not path.is_file()


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
        read_notebook(path.read_bytes())
    except OSError as error:
        return sentences.UNREADABLE.format(reason=error.strerror)
    except UnusableNotebookError as error:
        return str(error)
    return ""


def _tell(folder: Path, *reasons: str) -> None:
    """Replace the reasons in the table for a submission, ``submitted/STUDENT/ASSIGNMENT``."""
    key = {"exercise": folder.name, "student": folder.parent.name}
    NOT_GRADED.replace_rows(folder.parents[2], key, [{"reason": reason} for reason in reasons])


# Cells


class RestoreCells(NbGraderPreprocessor):
    """Restore the cells of a notebook from the gradebook; see `restoring`."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Restore all cells, and log what a student had changed."""
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as book:
            known = known_cells(book.find_notebook(about["notebook"], about["assignment"]))
        nb = from_dict(json.loads(json.dumps(nb, ensure_ascii=False).encode("utf-8", "replace")))  # no half characters
        cells = [dict(cell, metadata=dict(cell.metadata)) for cell in nb.cells]
        for change in restore(cells, known, with_ids=(nb.nbformat, nb.nbformat_minor) >= (4, 5)):
            self.log.warning("%s", change)
        nb.cells = from_dict(cells)
        return nb, resources


class RequireReferee(NbGraderPreprocessor):
    """Stop `nbgrader generate_assignment` if no referee judges a test cell."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Raise if a test cell is not judged; the sentence names it."""
        for sentence in unjudged(nb.cells):
            self.log.error("%s", sentence)
            raise NbGraderException(sentence)
        return nb, resources


def known_cells(notebook: Any) -> dict[str, Any]:
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
