"""Where a front end gives no ids, a cell is known by its text; of several, the next one that is not done is meant."""

import pytest

from smtplab.lessons.cells import cells_of
from support.student import StudentNotebook
from support.tutorials import tutorial

OPEN = 'session = lab.telnet("mail.lab.example")'
ASK = 'session.predict("NOOP")'
NOOP = f'{ASK}.answer("done")'
HELO = ("# Now you: say who you are.\nsession.send('HELO a')", {"goal": {"said": ["250 HELO a"]}})


@pytest.fixture
def student() -> StudentNotebook:
    student = StudentNotebook(cells_of(tutorial(OPEN, NOOP, HELO, NOOP, NOOP, "session.transcript")))
    student.cell(OPEN, "")
    return student


@pytest.mark.parametrize("first", [ASK, f'{ASK}.answer("never")', 'question = session.predict("NOOP")'])
def test_a_prediction_that_is_corrected_is_not_taken_for_one_far_below(student: StudentNotebook, first: str) -> None:
    student.cell(first, "")
    assert student.cell(NOOP, "")[0] == ""
    assert student.cell(NOOP, "")[0] == ""
    assert student.cell(HELO[0], "") == ("", "ok: `HELO a` was answered with done (250).")


def test_the_same_prediction_further_down_is_found_when_it_is_its_turn(student: StudentNotebook) -> None:
    for text in (NOOP, HELO[0], NOOP, NOOP):
        assert student.cell(text, "")[0] == ""
    assert student.cell("session.transcript", "")[0] == ""
