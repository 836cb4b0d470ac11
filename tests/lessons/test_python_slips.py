"""A slip in Python gets the one sentence that helps."""

import ast

import pytest

from smtplab import Lab
from smtplab.lessons.python_slips import call_alone, error_slip

ON_ONE_LINE = (
    "a text in simple quotes must end on its line; write \\n in it for a new line, or put three quotes around it"
)
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
    ("text", "told"),
    [
        ("run()", "`run` belongs to the lab: write `lab.run()`"),
        ("up('mail.lab.example')", "`up` belongs to the lab: write `lab.up(...)`"),
        ("session.run()", "`run` belongs to the lab: write `lab.run()`"),
        ("send('NOOP')", "`send` belongs to the session: write `session.send(...)`"),
        ("lab.send('NOOP')", "`send` belongs to the session: write `session.send(...)`"),
        ("lab.up(mail.adelphia.net)", 'in Python this name stands in quotes: `lab.up("mail.adelphia.net")`'),
        ("lab.down( mail.lab.example , hours=3)", 'in Python this name stands in quotes: '
         '`lab.down("mail.lab.example")`'),
        ("lab.up(mail)", 'in Python this name stands in quotes: `lab.up("mail")`'),
        ("lab.mailbox(bob@lab.example)", 'in Python this name stands in quotes: `lab.mailbox("bob@lab.example")`'),
        ("lab.run", "`lab.run` without brackets only names the call; to make it, write `lab.run()`"),
        ("# Now you\nlab.up\nlab.run()", "`lab.up` without brackets only names the call; to make it, write "
         "`lab.up(...)`"),
        ('lab.up "mail.lab.example"', "`lab.up` without brackets only names the call; to make it, write `lab.up(...)`"),
        ('session.send "NOOP"', "`session.send` without brackets only names the call; to make it, write "
         "`session.send(...)`"),
        ("lab.up()", "`lab.up` needs the host between its brackets"),
        ("lab.queue()", "`lab.queue` needs the host between its brackets"),
        ("session.send()", "`session.send` needs the text between its brackets"),
        ("lab.Run()", "the lab has no `Run`; did you mean `lab.run()`?"),
        ("lab.run(", "a bracket or a quotation mark is not closed"),
        ('session.send("NOOP)', "a bracket or a quotation mark is not closed"),
        ('session.send("NOOP)\nsession.send(QUIT")', "a bracket or a quotation mark is not closed"),
        ('session.send("DATA\nSubject: x\n.")', ON_ONE_LINE),
        ("# a\nsession.send('DATA\nx')", ON_ONE_LINE),
        ("lab.xyz()", 'a line is sent with `session.send("...")`'),
        ("session.sent('NOOP')", 'a line is sent with `session.send("...")`'),
        ("sesion.send('NOOP')", "there is no `sesion` here; the session of this task is called `session`"),
        ("RSET", 'in Python a line stands in quotes: `session.send("...")`'),
        ("MAIL FROM:<a@b.example>", 'in Python a line stands in quotes: `session.send("...")`'),
        ("mine = telnet('mail.lab.example', 25)", 'a session is opened with `lab.telnet("...", 25)`'),
    ],
)  # fmt: skip
def test_a_slip_is_told_in_one_sentence(text: str, told: str) -> None:
    assert slip(text) == told


@pytest.mark.parametrize("text", ["# lab.run", "session.state", "lab.zone", "1 / 0", "x = lab.run()"])
def test_what_is_no_slip_is_not_told(text: str) -> None:
    assert slip(text) == ""


def test_a_session_that_is_not_open_yet_is_told_how_to_open_it() -> None:
    error = NameError("name 'mine' is not defined", name="mine")
    assert "open it first with `mine = lab.telnet" in error_slip("mine.send('NOOP')", error, "mine", SESSIONS)
