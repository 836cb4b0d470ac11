"""A prediction that runs again after the session has moved on says first where the session stood, and where now."""

import pytest

from smtplab.lessons.cells import cells_of
from support.student import StudentNotebook
from support.tutorials import tutorial

OPEN = 'session = lab.telnet("mail.lab.example")'
HELO = 'session.send("HELO a")'
ASK = 'session.predict("MAIL FROM:<alice@lab.example>")'
MAIL = f'{ASK}.answer("done")'
NOOP = 'session.predict("NOOP").answer("done")'
ANEW = f"{OPEN}\n{HELO}\n{NOOP}"
REMARK = (
    "This cell ran before. The state of the session was: ready for a mail transaction. It is now: sender given, no "
    "recipient yet, so the line may get another reply."
)


@pytest.fixture
def student() -> StudentNotebook:
    student = StudentNotebook(cells_of(tutorial(OPEN, HELO, MAIL, NOOP, ANEW)))
    student.cell(OPEN)
    student.cell(HELO)
    return student


@pytest.mark.parametrize("word", ["done", "never"])
def test_a_prediction_that_runs_again_elsewhere_says_so_first(student: StudentNotebook, word: str) -> None:
    assert student.cell(f'{ASK}.answer("{word}")')[0] == ""
    assert student.cell(MAIL)[0] == REMARK


def test_a_prediction_that_is_answered_at_last_runs_for_the_first_time(student: StudentNotebook) -> None:
    student.cell(ASK)
    assert student.cell(MAIL)[0] == ""


def test_where_the_session_stands_as_before_there_is_nothing_to_say(student: StudentNotebook) -> None:
    student.cell(MAIL)
    student.cell(NOOP)
    assert student.cell(NOOP)[0] == ""


def test_after_an_undo_there_is_nothing_to_say(student: StudentNotebook) -> None:
    student.cell(MAIL)
    student.cell("session.undo(1)", "own")
    assert student.cell(MAIL)[0] == ""


def test_a_prediction_in_a_session_that_its_cell_opens_always_begins_there(student: StudentNotebook) -> None:
    student.cell(MAIL)
    student.cell(NOOP)
    student.cell(ANEW)
    student.cell('session.send("MAIL FROM:<alice@lab.example>")', "own")
    assert "ran before" not in student.cell(ANEW)[0]


def test_a_prediction_that_runs_again_in_a_new_session_runs_there_for_the_first_time(student: StudentNotebook) -> None:
    student.cell(MAIL)
    student.cell(OPEN)
    assert "ran before" not in student.cell(MAIL)[0]
