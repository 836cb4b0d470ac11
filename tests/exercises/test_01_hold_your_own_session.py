"""Exercise 01 gives every answer of its bank the points it deserves and the sentence for its mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bank_01
import pytest
from bank import Answer, filled, graded, hidden_rules, notebook, run
from bank_01 import FULL, NAME, STUDENTS

from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.own_session.script import TWISTS
from smtplab.grading.rules import Part, Rule, judge

DESIGN = design_of(NAME)
MIA, NOAH = "mia", "noah"
RIGHT = list(bank_01.right(DESIGN.task(MIA, "smtplab")))
WRONG = list(bank_01.wrong(DESIGN.task(MIA, "smtplab"), DESIGN.task(NOAH, "smtplab")))
HIDDEN = hidden_rules(NAME)
PARTS = {f"check-{part.name}": part for part in DESIGN.parts}


@pytest.fixture(autouse=True)
def at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody grades, and this is no hub."""
    for name in ("SMTPLAB_STUDENT", "SMTPLAB_ROSTER", "NBGRADER_EXECUTION", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)


def said(text: str) -> str:
    return " ".join(text.split())


def test_the_bank_is_as_large_as_the_course_wants_it() -> None:
    assert len(RIGHT) >= 3 < 8 <= len(WRONG)
    assert {DESIGN.task(student, "smtplab").script.twist for student in STUDENTS} == set(TWISTS)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_instructors_own_solution_has_full_marks(student: str) -> None:
    book = notebook(NAME)
    (cell,) = (cell for cell in book["cells"] if cell["id"] == "student")
    cell["source"] = [f"student = {student!r}"]
    assert run(book).points == FULL


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("number", range(len(RIGHT)))
def test_every_right_answer_has_full_marks(student: str, number: int) -> None:
    answer = list(bank_01.right(DESIGN.task(student, "smtplab")))[number]
    outcome = run(filled(NAME, student, answer.cells))
    assert outcome.points == answer.points, outcome.told
    assert "not yet" not in outcome.told
    assert outcome.errors == ""


@pytest.mark.parametrize("answer", WRONG, ids=str)
def test_every_wrong_answer_loses_its_points_and_gets_its_sentence(answer: Answer) -> None:
    outcome = run(filled(NAME, MIA, answer.cells))
    assert outcome.points == answer.points, outcome.told
    assert [sentence for sentence in answer.sentences if sentence not in said(outcome.told)] == []
    assert outcome.errors == ""
