"""Grade the exercises under ``nbgrader autograde`` with our own engine, and fill in what it found.

nbgrader's own `Execute` would run a notebook, hidden tests included, in a kernel with the instructor's rights. Here the
notebook runs inside a border, and the `referee` judges its journal in another process; see `engine`. So nbgrader gives
the points that `smtplab grade` gives. The folder of the submission says whose work it is.
"""

from __future__ import annotations

import atexit
import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float

from . import sentences
from .classroom import RULES, WHOSE_WORK, enter
from .engine.graded_exercise import GradedExercise
from .engine.grader import Grader, JudgedNotebook
from .engine.outputs import NotebookOutput, error, of_shown, of_test_cell
from .engine.prepared import student_cells
from .engine.starting import StartedGraders
from .release import name_of
from .results.incidents import many_checks
from .results.sheets import INCIDENTS
from .students import classmates, graded_student, normal, read_spellings
from .submissions import known_cells
from .tables import locked

# The faults of the table of ids that this run has logged; it reads the table for each submission.
_FAULTS_TOLD: set[str] = set()


class RefereedExecute(NbGraderPreprocessor):
    """Run a notebook inside a border, and let the referee judge its test cells."""

    cpu_seconds = Float(
        None, allow_none=True, help="Processor time of a notebook, in seconds; the exercise's own by default."
    ).tag(config=True)
    wall_seconds = Float(
        None, allow_none=True, help="Time of a notebook, in seconds; the exercise's own by default."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Run the notebook, and fill in its outputs and the results of the referee."""
        about = resources["nbgrader"]
        exercise = _exercise(about["db_url"], about["notebook"], about["assignment"])
        student = self._student(resources)
        limits = {name: getattr(self, name) for name in ("cpu_seconds", "wall_seconds")}
        budget = replace(exercise.budget, **{name: limit for name, limit in limits.items() if limit})
        known = classmates(_course(resources))
        judged = _grader(exercise.name).grade(exercise, student_cells(nb.cells, exercise), student, known, budget)
        nb.metadata.update(exercise.metadata)
        for at, cell in enumerate(nb.cells):
            if name_of(cell) in exercise.tests:
                cell.outputs = from_dict(_result(judged.results.get(name_of(cell))))
            elif cell.cell_type == "code":
                cell.outputs = from_dict([of_shown(shown) for shown in judged.shown.get(at, ())])
        self._note(judged, resources)
        return nb, resources

    def _student(self, resources: Any) -> str:
        """Return the student whose task the work is judged by; log each fault of the table of ids once."""
        folder = normal(resources["nbgrader"]["student"])
        found = read_spellings(_course(resources))
        for fault in found.faults:
            if fault not in _FAULTS_TOLD:
                _FAULTS_TOLD.add(fault)
                self.log.warning("%s", fault)
        return graded_student() or found.ids.get(folder, folder)

    def _note(self, judged: JudgedNotebook, resources: Any) -> None:
        """Enter the results in the tables, and log what the instructor should hear."""
        course, about = _course(resources), resources["nbgrader"]
        exercise, student = about["assignment"], about["student"]
        key = {"exercise": exercise, "student": student}
        happened = (*judged.incidents, *many_checks(judged.tried))
        incidents = [{"kind": each.kind, "sentence": each.sentence} for each in happened]
        columns = set(RULES.columns)
        rules = [{name: rule[name] for name in columns & set(rule)} for rule in _each(judged, "rules")]
        with ExitStack() as stack:
            with suppress(sqlite3.Error):  # then each table says that it cannot be written
                stack.enter_context(locked(course))
            WHOSE_WORK.replace_rows(course, key, judged.findings)
            INCIDENTS.replace_rows(course, key, incidents)
            enter(course, exercise, student, rules, list(_each(judged, "beliefs")))
        for finding in judged.findings:
            self.log.info("%s, part %s, may be the work of %s: %s", student, *(finding[name] for name in _FINDING))
        for incident in happened:
            self.log.warning("%s: %s", student, incident.sentence)


_FINDING = ("part", "owner", "evidence")


def _each(judged: JudgedNotebook, name: str) -> Iterable[Any]:
    return (each for result in judged.results.values() for each in result[name])


@cache
def _grader(exercise: str) -> Grader:
    """Return the grader of this process for an exercise; its own processes end with it."""
    started = StartedGraders((exercise,), 1)
    atexit.register(started.close)
    return started.only()


@cache
def _exercise(db_url: str, notebook: str, assignment: str) -> GradedExercise:
    """Return the exercise as the gradebook has it, hidden tests included.

    A cell that a notebook marks as locked may be the student's, and the referee must not run it.
    """
    with Gradebook(db_url) as book:
        found = book.find_notebook(notebook, assignment)
        language = json.loads(found.kernelspec).get("language", "python")
        return GradedExercise.checked(assignment, language, known_cells(found))


def _result(result: Mapping[str, Any] | None) -> list[NotebookOutput]:
    if result is None:
        return [error("NotJudged", sentences.NOT_JUDGED, sentences.NOT_JUDGED)]
    return of_test_cell(result["report"], result["points"])


def _course(resources: Any) -> Path:
    """Return the course folder: nbgrader runs a notebook in ``autograded/STUDENT/ASSIGNMENT``."""
    return Path(resources["metadata"]["path"]).resolve().parents[2]
