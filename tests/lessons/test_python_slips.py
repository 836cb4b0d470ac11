"""A slip in Python gets the one sentence that helps."""

import ast

import pytest

from smtplab import Lab
from smtplab.lessons.python_slips import call_alone, error_slip, unfilled
from support.lesson_sentences import says

SESSIONS = ["session", "mine"]


def slip(text: str) -> str:
    """Run a line as a cell of a notebook does, and return what is said about its error."""
    lab = Lab(queues=True)
    names = {"lab": lab, "session": lab.telnet("mail.lab.example")}
    try:
        exec(compile(ast.parse(text), "cell", "exec"), names)
    except Exception as error:
        return error_slip(text, error, "session", SESSIONS)
    return call_alone(text, SESSIONS)


@pytest.mark.parametrize(
    ("text", "name", "call"),
    [
        ("run()", "OF_THE_LAB", "lab.run()"),
        ("up('mail.lab.example')", "OF_THE_LAB", "lab.up(...)"),
        ("session.run()", "OF_THE_LAB", "lab.run()"),
        ("send('NOOP')", "OF_THE_SESSION", "session.send(...)"),
        ("lab.send('NOOP')", "OF_THE_SESSION", "session.send(...)"),
        ("lab.up(mail.adelphia.net)", "NAME_IN_QUOTES", 'lab.up("mail.adelphia.net")'),
        ("lab.down( mail.lab.example , hours=3)", "NAME_IN_QUOTES", 'lab.down("mail.lab.example")'),
        ("lab.up(mail)", "NAME_IN_QUOTES", 'lab.up("mail")'),
        ("lab.mailbox(bob@lab.example)", "NAME_IN_QUOTES", 'lab.mailbox("bob@lab.example")'),
        ("lab.run", "WITH_BRACKETS", "lab.run()"),
        ("# Now you\nlab.up\nlab.run()", "WITH_BRACKETS", "lab.up(...)"),
        ('lab.up "mail.lab.example"', "WITH_BRACKETS", "lab.up(...)"),
        ('session.send "NOOP"', "WITH_BRACKETS", "session.send(...)"),
        ("lab.up()", "WITHOUT_ARGUMENT", "lab.up"),
        ("lab.queue()", "WITHOUT_ARGUMENT", "lab.queue"),
        ("session.send()", "WITHOUT_ARGUMENT", "session.send"),
        ("lab.Run()", "MEANT_CALL", "lab.run()"),
        ("lab.run(", "NOT_CLOSED", ""),
        ('session.send("NOOP)', "NOT_CLOSED", ""),
        ('session.send("NOOP")\nsession.send(QUIT")', "NOT_CLOSED", ""),
        ('session.send("DATA\nSubject: x\n.")', "NOT_ON_ONE_LINE", ""),
        ("# a\nsession.send('DATA\nx')", "NOT_ON_ONE_LINE", ""),
        ("lab.xyz()", "WITH_SEND", "session.send("),
        ("session.sent('NOOP')", "WITH_SEND", "session.send("),
        ("sesion.send('NOOP')", "OTHER_NAME", "sesion"),
        ("RSET", "IN_QUOTES", "session.send("),
        ("MAIL FROM:<a@b.example>", "IN_QUOTES", "session.send("),
        ("mine = telnet('mail.lab.example', 25)", "WITH_LAB", "lab.telnet("),
    ],
)
def test_a_slip_is_told_by_one_sentence_with_the_call_that_helps(text: str, name: str, call: str) -> None:
    assert says(slip(text), name, call)


@pytest.mark.parametrize("text", ["# lab.run", "session.state", "lab.zone", "1 / 0", "x = lab.run()"])
def test_what_is_no_slip_is_not_told(text: str) -> None:
    assert slip(text) == ""


def test_a_session_that_is_not_open_yet_is_told_how_to_open_it() -> None:
    error = NameError("name 'mine' is not defined", name="mine")
    assert says(error_slip("mine.send('NOOP')", error, "mine", SESSIONS), "NOT_OPENED", "mine = lab.telnet")


GIVEN = "def f(a):\n    while ...:\n        a = g(...)\n    return a"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GIVEN, "while ...:"),
        (GIVEN.replace("while ...", "while a"), "a = g(...)"),
        (GIVEN.replace("...", "a"), ""),
        ("# g(...)\ndef f(a):\n    return 'while ...:'", ""),
        ("def f(a):\n    a[...] = 1", ""),  # these dots are the student's own
        ("def f(a:", ""),
    ],
)
def test_dots_that_were_given_and_still_stand_are_found(text: str, line: str) -> None:
    assert unfilled(text, GIVEN) == line
