"""In an exercise, a line that is surely for no host is refused before it is sent; every command goes through."""

from __future__ import annotations

import pytest

from smtplab.jupyter.cell_result import CellError
from smtplab.jupyter.misplaced_lines import refuse_what_no_host_reads

COMMANDS = (
    "HELO laptop.example",
    "MAIL FROM:<a.b(c)@d.example>",
    "RCPT TO:<carmen>",
    "VRFY session.send",
    "HELP print",
    "NOOP session.send(x)",
    "QUIT",
    "C: HELO x",
    "S: 250 ok",
    ".",
    "print",
    "E",
)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_sent_whatever_it_holds(line: str) -> None:
    refuse_what_no_host_reads(line, ())


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("session.send('EHLO x')", "write `EHLO x` alone"),
        ('reply = my.session.send( r"QUIT" )', "write `QUIT` alone"),
        ("session.send(line)", "%help"),
        ('session.send_bytes(b"QUIT")', "%help"),
        ("print (mine)", "%help"),
    ],
)
def test_a_call_in_python_is_named_with_what_to_write(line: str, instead: str) -> None:
    with pytest.raises(CellError, match=r"\(\.\.\.\) is Python") as caught:
        refuse_what_no_host_reads(line, ())
    assert instead in str(caught.value)


@pytest.mark.parametrize("line", ["E S: 220 x", "(m) C: DATA", "? S: 250 ok", "T: C: QUIT", "C C: QUIT"])
def test_a_line_of_an_answer_is_named_with_the_questions(line: str) -> None:
    with pytest.raises(CellError, match="one of phases, banner"):
        refuse_what_no_host_reads(line, ("phases", "banner"))
