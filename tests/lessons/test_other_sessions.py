"""A session that is not the one of a step: it has another host, another name, or the student began it for himself."""

import pytest

from smtplab import Lab
from smtplab.lessons.cells import cells_of
from support.lesson_sentences import says
from support.student import StudentNotebook
from support.tutorials import tutorial

OPEN = 'session = lab.telnet("mail.lab.example")'
HELO = ("# Now you: say who you are.\nsession.send('HELO a')", {"goal": {"said": ["250 HELO a"]}})
MAIL = 'session.predict("MAIL FROM:<alice@lab.example>").answer("done")'
LOOK = "session.state"
OTHER = (
    "# Now you: open other.\nother = lab.telnet('mail.lab.example')\nother.send('HELO b')",
    {"goal": {"said": ["250 HELO b"], "session": "other"}},
)
RCPT = (
    "# Now you: name Bob.\nsession.send('RCPT TO:<bob@lab.example>')",
    {"goal": {"said": ["250 RCPT TO:<bob@lab.example>"]}},
)
CELLS = cells_of(tutorial(OPEN, HELO, MAIL, LOOK, OTHER, RCPT))


@pytest.fixture
def with_sender() -> StudentNotebook:
    student = StudentNotebook(CELLS)
    for cell in CELLS[:3]:
        student.cell(cell.source)
    return student


def lines(student: StudentNotebook, name: str = "session") -> list[str]:
    session = student.session(name)
    assert session is not None
    return [row.text for row in session.transcript if row.side.value == "C"]


def test_what_was_said_to_one_host_is_not_said_to_another(with_sender: StudentNotebook) -> None:
    with_sender.cell('session = lab.telnet("mail.campus.example")')
    assert with_sender.cell(LOOK) == ("", "")
    assert lines(with_sender) == []


def test_a_step_in_a_session_with_another_host_names_the_host_that_is_wanted(with_sender: StudentNotebook) -> None:
    with_sender.cell('session = lab.telnet("mail.campus.example")')
    _, verdict = with_sender.cell(CELLS[5].source)
    assert says(verdict, "WRONG_HOST", "mail.campus.example", "lab.telnet('mail.lab.example')")


@pytest.mark.parametrize("hello", ["HELO x", "EHLO laptop.example"])
def test_a_session_that_the_student_began_for_himself_stays_as_he_has_it(
    with_sender: StudentNotebook, hello: str
) -> None:
    with_sender.cell(f"{OPEN}\nsession.send('{hello}')", "own")
    assert with_sender.cell(LOOK) == ("", "")
    assert lines(with_sender) == [hello]


@pytest.mark.parametrize("said", ["", "\nsession.send('NOOP')", "\nsession.send('HELO a')"])
def test_a_new_session_that_begins_as_the_tutorial_does_is_led_on(with_sender: StudentNotebook, said: str) -> None:
    with_sender.cell(f"{OPEN}{said}", "own")
    with_sender.cell(LOOK)
    assert lines(with_sender)[-2:] == ["HELO a", "MAIL FROM:<alice@lab.example>"]


def test_a_session_in_the_wrong_variable_gives_back_what_the_variable_held(with_sender: StudentNotebook) -> None:
    before = with_sender.session("session")
    _, verdict = with_sender.cell(f"{CELLS[4].given}\n{OPEN}\nsession.send('HELO b')")
    assert says(verdict, "MISNAMED", "`session`", "`other = lab.telnet('mail.lab.example')`")
    assert with_sender.session("session") is before
    assert with_sender.cell(CELLS[4].source)[1].startswith("ok: ")
    assert with_sender.cell(CELLS[5].source) == ("", "ok: `RCPT TO:<bob@lab.example>` was answered with done (250).")


def test_a_second_session_beside_the_right_one_is_no_slip(with_sender: StudentNotebook) -> None:
    assert with_sender.cell(f"{CELLS[4].source}\nmine = other")[1].startswith("ok: ")


SENDS = (
    "# Now you: send Bob a message.\nsession.send('MAIL FROM:<a@lab.example>\\nRCPT TO:<bob@lab.example>\\nDATA')\n"
    "session.send('Subject: Both\\n.')",
    {"goal": {"said": ["250 ."], "mail": "bob@lab.example: Both"}},
)


@pytest.mark.parametrize("queues", [False, True])
def test_mail_of_a_session_is_looked_for_in_its_own_lab(queues: bool) -> None:
    student = StudentNotebook(cells_of(tutorial(OPEN, HELO, SENDS)))
    for cell in student.lesson.cells[:2]:
        student.cell(cell.source)
    student.names["lab"] = Lab(queues=queues)
    _, verdict = student.cell(student.lesson.cells[2].source)
    assert says(verdict, "MAIL_ARRIVED", "ok: ")
