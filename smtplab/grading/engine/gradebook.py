"""Write the results of a class into nbgrader's gradebook, so that formgrader, feedback and export go on from there.

The gradebook is copied first. All scores are written in one transaction, at the end of a run, through nbgrader's own
`Gradebook`. A score that somebody has edited in formgrader stays.
"""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SAWarning, SQLAlchemyError

from ..release import name_of, write_whole
from ..results.outcome import StudentResult
from . import sentences
from .graded_exercise import GradedExercise
from .outputs import of_test_cell, stream
from .prepared import PreparedNotebook
from .warm_process import EngineError

GRADEBOOK = "gradebook.db"
_NO_ANSWER = "No response."  # nbgrader's own words, which its feedback shows


@dataclass(frozen=True, slots=True)
class GradedWork:
    """A student's work with its result.

    Args:
        prepared: the notebook.
        result: what became of it.
    """

    prepared: PreparedNotebook
    result: StudentResult


@dataclass(frozen=True, slots=True)
class WrittenScores:
    """What was written.

    Args:
        backup: the copy of the gradebook from before.
        edited: a sentence for each score that somebody has edited, and that stays.
    """

    backup: Path
    edited: tuple[str, ...]


def write_scores(course: Path, exercise: GradedExercise, works: Iterable[GradedWork]) -> WrittenScores:
    """Write scores into the gradebook of a course folder, and the graded notebooks into ``autograded``.

    Args:
        course: nbgrader's course folder.
        exercise: the exercise; the gradebook has it from ``nbgrader generate_assignment``.
        works: all that was graded.

    Raises:
        EngineError: if the gradebook has no such exercise, or cannot be written. Then it is as it was.
    """
    path, works = course / GRADEBOOK, tuple(works)
    backup = path.with_name(f"{GRADEBOOK}.{datetime.now():%Y-%m-%d-%H%M%S-%f}.bak")
    try:
        with closing(sqlite3.connect(path)) as there, closing(sqlite3.connect(backup)) as copy:
            there.backup(copy)
        with warnings.catch_warnings(), Gradebook(f"sqlite:///{path}") as book:
            warnings.filterwarnings(
                "ignore", "Object of type <Submitted", SAWarning
            )  # no score is lost; see the config
            edited = _in_one_transaction(book, exercise, works)
    except MissingEntry:
        raise EngineError(sentences.NOT_IN_GRADEBOOK.format(exercise=exercise.name, file=path)) from None
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise EngineError(sentences.GRADEBOOK_UNUSABLE.format(file=path, reason=error)) from None
    for work in works:
        folder = course / "autograded" / work.result.student / exercise.name
        write_whole(folder / f"{exercise.name}.ipynb", _graded_notebook(work, exercise))
        if work.result.submitted:
            moment = datetime.fromisoformat(work.result.submitted)
            write_whole(folder / "timestamp.txt", f"{moment:%Y-%m-%d %H:%M:%S.%f %Z}".encode())
    return WrittenScores(backup, edited)


def _in_one_transaction(book: Any, exercise: GradedExercise, works: tuple[GradedWork, ...]) -> tuple[str, ...]:
    """Write the scores of all students; `Gradebook` would commit after each step."""
    commit = book.db.commit
    book.db.commit = book.db.flush
    try:
        edited = [sentence for work in works for sentence in _write(book, exercise, work)]
    except BaseException:
        book.db.rollback()
        raise
    finally:
        book.db.commit = commit
    commit()
    return tuple(edited)


def _write(book: Any, exercise: GradedExercise, work: GradedWork) -> Iterable[str]:
    """Write the scores of a student, and yield a sentence for each edited one; it is to be looked at again."""
    student = work.result.student
    book.update_or_create_student(student)
    time = {"timestamp": _utc(work.result.submitted)} if work.result.submitted else {}
    book.update_or_create_submission(exercise.name, student, **time)
    points = _points(exercise, work.result)
    notebook = book.find_submission_notebook(exercise.name, exercise.name, student)
    for grade in notebook.grades:
        grade.auto_score = points.get(grade.name)
        is_edited = grade.manual_score is not None
        grade.needs_manual_grade = is_edited or grade.auto_score is None
        if is_edited:
            yield sentences.SCORE_WAS_EDITED.format(student=student, cell=grade.name, score=grade.manual_score)
    for comment in notebook.comments:
        comment.auto_comment = None if _is_answered(comment.name, work, exercise) else _NO_ANSWER


def _points(exercise: GradedExercise, result: StudentResult) -> Mapping[str, int]:
    return {test: part.points for test, part in zip(exercise.tests, result.parts, strict=True)}


def _is_answered(name: str, work: GradedWork, exercise: GradedExercise) -> bool:
    stub = exercise.known[name]["source"].strip() if name in exercise.known else ""
    return any(name_of(cell) == name and cell["source"].strip() != stub for cell in work.prepared.notebook["cells"])


def _utc(moment: str) -> str:
    """Return a time as nbgrader reads it."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S.%f %Z")


def _graded_notebook(work: GradedWork, exercise: GradedExercise) -> bytes:
    """Return the notebook with its outputs as text, as formgrader and nbgrader's feedback show it."""
    shown = {cell.cell: cell for cell in work.result.cells}
    parts = dict(zip(exercise.tests, work.result.parts, strict=True))
    notebook = work.prepared.notebook
    for at, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        if (part := parts.get(name_of(cell))) is not None:
            cell["outputs"] = of_test_cell(part.report, part.points)
        else:
            text = shown[at].output if at in shown else ""
            cell["outputs"] = [stream(text)] if text else []
    notebook["metadata"] = exercise.metadata
    return json.dumps(notebook, indent=1).encode() + b"\n"
