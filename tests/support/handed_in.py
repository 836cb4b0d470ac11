"""Notebooks of exercise 01 as students hand them in, for tests of the grader."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from smtplab.grading.engine.graded_exercise import GradedExercise
from smtplab.grading.release import student_version
from support.bank import SOURCE, by, graded

NAME = "01-hold-your-own-session"
TESTS = {"check-session": 11, "check-phases": 6, "check-banner": 4}
NAMED = [
    *("your-task", "session", "check-session", "session-to-mark", "phases", "check-phases"),
    *("lecture", "banner", "check-banner"),
]


@cache
def exercise(name: str = NAME) -> GradedExercise:
    """Return an exercise as the grader has it."""
    return GradedExercise.from_notebook(name, (SOURCE / name / f"{name}.ipynb").read_bytes())


@cache
def _released(name: str) -> bytes:
    return student_version(SOURCE / name / f"{name}.ipynb")


def released(name: str = NAME) -> dict[str, Any]:
    """Return the notebook that students get, to be changed."""
    book: dict[str, Any] = json.loads(_released(name))
    return book


def answered(student: str, answers: dict[str, str], name: str = NAME) -> bytes:
    """Return a notebook with a student's id, and with answers in the cells of these names."""
    book = released(name)
    for cell in book["cells"]:
        if cell["id"] == "student":
            cell["source"] = by(book, student)
        elif graded(cell).get("solution") and cell["id"] in answers:
            cell["source"] = answers[cell["id"]]
    return json.dumps(book).encode()
