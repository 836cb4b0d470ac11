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


WRITE = (
    "# Now you: write f.\ndef f(a):\n    return a",
    {"goal": {"function": {"name": "f", "tries": [{"call": "f(1)", "gives": "1"}]}}},
)
GUESS = (
    '# Now you: predict.\narrived = "yes"',
    {"goal": {"guess": {"name": "arrived", "from": ["yes", "no"], "right": "yes"}}},
)
TABLE = ("# Now you: write T.\nT = {}", {"goal": {"function": {"name": "T", "tries": [{"call": "T", "gives": "{}"}]}}})


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["def f(a):\n    return a"], "ok: `f` is right."),
        (["import re\n\ndef f(a): return 2"], "not yet: `f(1)` gives `2`"),
        (["class f:\n    pass"], "not yet: `f(1)` ends in"),
        (["f = abs"], "ok: `f` is right."),
        (["f: object = abs"], "ok: `f` is right."),
        (["g = f = abs"], "ok: `f` is right."),
        (["g = f == 1"], ""),
        (["f = abs", "arrived = 'no'"], "noted: Your prediction is “no”"),
        (["f = abs", "arrived = 'no'", "f = int"], "ok: `f` is right."),  # tried again
        (["arrived = 'no'"], ""),  # too early
        (["f == 1"], ""),
        (["def ff(a):\n    return a"], ""),
    ],
)
def test_an_open_cell_without_its_task_is_known_by_what_it_writes(texts: list[str], told: str) -> None:
    student = StudentNotebook(cells_of(tutorial(WRITE, GUESS, TABLE, "T")))
    student.names["f"] = len
    verdict = ""
    for text in texts:
        _, verdict = student.cell(text, "")
    assert verdict.startswith(told)
    assert bool(verdict) is bool(told)
