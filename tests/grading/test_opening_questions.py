"""The questions with which an exercise begins: asked without points, kept with the work, counted for the class."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtplab.explain.misconceptions import LETTERS, beliefs
from smtplab.grading import check, classroom
from smtplab.grading.design import ExerciseError
from smtplab.grading.exercises import NAMES, design_of
from smtplab.grading.handout import Exercise
from smtplab.grading.journal import entries, keep_journal
from smtplab.grading.opening_questions import held_in
from smtplab.grading.scoring import assess

NAME = "06-smtp-is-used-twice"
OPENING = design_of(NAME).opening
FIRST = beliefs()[OPENING[0]].questions[0]
HELD, RIGHT = LETTERS[FIRST.held], LETTERS[FIRST.right]


@pytest.fixture
def mine() -> Exercise:
    return check.exercise(NAME, "mia")


def test_each_exercise_asks_about_beliefs_that_exist() -> None:
    assert {name for exercise in NAMES for name in design_of(exercise).opening} <= set(beliefs())
    assert len(OPENING) == 5


def test_the_first_answer_counts_and_is_kept_with_the_work(mine: Exercise) -> None:
    questions = mine.ask()
    assert str(questions).startswith("Questions about what you believe.")
    assert FIRST.ask in str(questions)
    assert questions.answer(1, HELD).named == OPENING[0]
    for asked in (questions, mine.ask()):
        with pytest.raises(ValueError, match="already"):
            asked.answer("1.", RIGHT)
    assert FIRST.why in str(mine.ask())
    assert mine.evidence().answers == {"opening 1": HELD}
    for number in range(2, 6):
        mine.ask().answer(number, "a")
    assert str(mine.ask()).endswith("All are answered.")


def test_the_answers_give_no_points_and_show_what_is_believed(mine: Exercise) -> None:
    before = check.judged(NAME)
    questions = mine.ask()
    questions.answer(2, LETTERS[questions.questions[1].question.right])
    assert assess(mine).beliefs == ()
    questions.answer(1, HELD)
    after = assess(mine, "trace")
    assert after.beliefs == (OPENING[0],)
    assert [score.points for score in check.judged(NAME).scores.values()] == [
        score.points for score in before.scores.values()
    ]


@pytest.mark.parametrize("answer", [5, None, "", "ab", "h", "?", ["a"]])
def test_what_is_no_letter_is_no_answer(mine: Exercise, answer: object) -> None:
    mine._answers["opening 1"] = answer
    assert mine.ask().questions[0].outcome is None
    assert held_in(OPENING, mine.evidence().answers) == ()


def test_an_exercise_without_questions_says_so() -> None:
    with pytest.raises(ExerciseError, match="no questions"):
        check.exercise("03", "mia").ask()


def test_the_journal_has_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[bytes] = []
    keep_journal(lines.append)
    monkeypatch.setenv("SMTPLAB_STUDENT", "mia")
    mine = check.exercise(NAME, "mia")
    keep_journal(None)
    mine.ask().answer(1, HELD)
    mine.note_answers()
    again = Exercise(mine.design, "mia")
    again.do_again(entries(lines, NAME))
    assert held_in(OPENING, again.evidence().answers) == (OPENING[0],)


def test_of_forty_students_fourteen_take_250_for_delivered(tmp_path: Path) -> None:
    design = design_of(NAME)
    rows = [{"rule": "trace.named", "demand": "d", "points": 0, "possible": 0, "outcome": "holds", "mistake": ""}]
    for number, letter in enumerate([HELD] * 14 + [RIGHT] * 16 + [""] * 10):
        mine = Exercise(design, f"student{number}")
        if letter:
            mine.ask().answer(1, letter)
        classroom.enter(tmp_path, NAME, mine.student, rows, held_in(design.opening, mine.evidence().answers))
    (row,) = classroom.CLASS_BELIEFS.rows(tmp_path)
    assert row == {
        "belief": "250-is-the-inbox",
        "in a student's words": beliefs()["250-is-the-inbox"].belief,
        "shown by": "14",
        "of": "40",
        "taught in": "06-smtp-used-twice",
    }
