"""A cell that ran twice does no harm, and an advised undo leads to where the step can be taken rightly."""

import re

import pytest

from smtplab import Lab
from smtplab.lessons.cells import cells_of
from support.student import StudentNotebook
from support.tutorials import tutorial

BOB = "bob@lab.example"
OPEN = 'session = lab.telnet("mail.lab.example")'
HELO = ("# Now you: say who you are.\nsession.send('HELO a')", {"goal": {"said": ["250 HELO a"]}})
MAIL = 'session.predict("MAIL FROM:<alice@lab.example>").answer("done")'
RCPT = (f"# Now you: name Bob.\nsession.send('RCPT TO:<{BOB}>')", {"goal": {"said": [f"250 RCPT TO:<{BOB}>"]}})
DATA = ("# Now you: announce it.\nsession.send('DATA')", {"goal": {"said": ["354 DATA"]}})
SUBJECT = 'session.predict("Subject: Lunch").answer("no reply")'
GIVEN = 'session.send("To: Bob")\nsession.send("")'
DOT = (
    "# Now you: send the text, and end it.\nsession.send('Hello')\nsession.send('.')",
    {"goal": {"said": ["250 ."], "text": ["Subject: Lunch", "To: Bob", "", "Hello"]}},
)
QUIT = ("# Now you: say goodbye.\nsession.send('QUIT')", {"goal": {"said": ["221 QUIT"]}})
WHOLE = cells_of(tutorial(OPEN, HELO, MAIL, RCPT, DATA, SUBJECT, GIVEN, DOT, QUIT))
TEXT = ["Subject: Lunch", "To: Bob", "", "Hello", "."]
_ADVICE = re.compile(r"`(session\.undo\(\d+\))`")


@pytest.fixture
def student() -> StudentNotebook:
    return StudentNotebook(WHOLE)


def run(student: StudentNotebook, *places: int) -> tuple[str, str]:
    shown = ("", "")
    for place in places:
        cell = student.lesson.cells[place]
        shown = student.cell(cell.source, cell.id)
    return shown


def said_from(student: StudentNotebook, line: str) -> list[str]:
    session = student.session("session")
    assert session is not None
    lines = [row.text for row in session.transcript if row.side.value == "C"]
    return lines[len(lines) - lines[::-1].index(line) :]


@pytest.mark.parametrize("twice", [(5, 5, 6), (5, 6, 6), (5, 6, 5), (5, 5, 6, 6, 5, 6)])
def test_a_line_that_its_cell_has_sent_twice_does_no_harm_to_the_message(
    student: StudentNotebook, twice: tuple[int, ...]
) -> None:
    run(student, 0, 1, 2, 3, 4, *twice)
    _, verdict = run(student, 7)
    assert verdict.startswith("ok: ")
    assert "more than once" in verdict
    assert run(student, 8) == ("", "ok: `QUIT` was answered with done (221).")


def test_a_line_of_the_student_that_stands_twice_does_no_harm_either(student: StudentNotebook) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 6)
    answer = "# Now you: send the text, and end it.\nsession.send('Hello')\nsession.send('Hello')\nsession.send('.')"
    _, verdict = student.cell(answer)
    assert verdict.startswith("ok: ")
    assert "`Hello` stands in the message more than once" in verdict


def test_a_second_copy_that_was_undone_is_not_said_again(student: StudentNotebook) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 5, 6)
    student.cell("session.undo(3)")
    assert run(student, 6)[0] == ""
    assert run(student, 7)[1].startswith("ok: ")
    assert said_from(student, "DATA") == TEXT


@pytest.mark.parametrize(("undone", "again"), [(1, 0), (2, 1)])
def test_a_line_that_was_said_twice_is_said_again_once_if_both_were_undone(
    student: StudentNotebook, undone: int, again: int
) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 5)
    student.cell(f"session.undo({undone})")
    assert run(student, 6)[0].count("C: Subject: Lunch") == again
    run(student, 7)
    assert said_from(student, "DATA") == TEXT


def test_a_second_copy_of_a_command_that_was_undone_is_no_loss(student: StudentNotebook) -> None:
    noop = 'session.predict("NOOP").answer("done")'
    student.lesson = type(student.lesson)("a", cells_of(tutorial(OPEN, HELO, noop, QUIT)))
    run(student, 0, 1, 2, 2)
    assert student.cell("session.undo(1)")[1] == ""
    assert run(student, 3)[0] == ""


def test_what_a_cell_says_again_in_a_new_transaction_is_missed_there(student: StudentNotebook) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5)
    student.cell("session.undo(1)")
    assert "C: Subject: Lunch" in run(student, 6)[0]


BEFORE = [  # what the student has sent before the step, wrongly, and the cells that ran before
    ("", (2,), "a prediction of a command that ran again inside the message"),
    ("session.send('Goodbye')", (), "a line of the student's own"),
    ("session.send('Goodbye')", (5,), "a line of the student's own, and a cell of the tutorial below it"),
    ("session.send('Subjekt: Lunch')", (6, 5, 6), "a line that is nearly right, and given cells below it"),
]


@pytest.mark.parametrize(("own", "places", "kind"), BEFORE)
def test_the_advised_undo_leads_to_where_the_step_can_be_taken(
    student: StudentNotebook, own: str, places: tuple[int, ...], kind: str
) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 6)
    student.cell(own)
    run(student, *places)
    _, verdict = run(student, 7)
    assert verdict.startswith("not yet: "), kind
    advised = _ADVICE.search(verdict)
    assert advised is not None
    student.cell(advised[1])
    _, verdict = run(student, 7)
    assert verdict.startswith("ok: "), verdict


@pytest.mark.parametrize(
    "wrong", ["Bye", "Hello.", "hello", " Hello", "'Hello'", "Bcc: a@b.example", "QUIT", "Hello\\n\\nTo: me"]
)
def test_the_advised_undo_leads_on_from_every_wrong_line(student: StudentNotebook, wrong: str) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 5, 6)
    _, verdict = student.cell(f'# Now you: send the text, and end it.\nsession.send("{wrong}")\nsession.send(".")')
    advised = _ADVICE.search(verdict)
    assert verdict.startswith("not yet: ")
    assert advised is not None
    student.cell(advised[1])
    assert run(student, 7)[1].startswith("ok: ")


def test_the_lesson_takes_back_what_got_into_the_message_before_the_step_that_it_does(student: StudentNotebook) -> None:
    run(student, 0, 1, 2, 3, 4, 5, 6, 2, 7)
    done, verdict = run(student, 8)
    assert "so its step was done for you" in done
    assert verdict.startswith("ok: ")
    lab = student.names["lab"]
    assert isinstance(lab, Lab)
    assert "MAIL FROM" not in str(lab.mailbox(BOB)[-1])
