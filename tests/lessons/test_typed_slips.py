"""What was written for another kind of cell is told as that: Python, a directive, octets without ``%raw``."""

import pytest

from smtplab.lessons.typed_slips import percent_too_much, raw_forgotten, slip_of_the_cell


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("%now you: a\n\\r\\n", "`\\r\\n` was sent as 4 letters"),
        ("\\n", "`\\n` was sent as 2 letters"),
        ("%raw \\r\\n", ""),
        ("NOOP\\r\\n", ""),
        ("", ""),
    ],
)
def test_escapes_without_raw_are_told_as_letters(text: str, told: str) -> None:
    letters = raw_forgotten(text)
    assert told in letters
    assert bool(letters) == bool(told)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("session.send('NOOP')", "without `session.send`"),
        ("reply = send('NOOP')", "without `send`"),
        ("NOOP %expect 250", "`%expect 250` stands"),
        ("%expect 250 NOOP", ""),
        ("MAIL FROM:<a%b@c.example>", ""),
        ('helo "laptop.example"', "without them"),
        ("EHLO 'a'", "without them"),
        ("HELO “a”", "without them"),
        ('VRFY "a b"', ""),
        ("NOOP", ""),
    ],
)
def test_python_and_a_directive_in_a_line_are_told(line: str, told: str) -> None:
    slip = slip_of_the_cell(line)
    assert told in slip
    assert bool(slip) == bool(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("%now you: ask for help\n%help", "`%help` asks the lab; the server gets the line without the `%`, as `HELP`"),
        ("%HELP SAML", "`%HELP` asks"),
        ("%%quit", "`%quit` asks"),
        ("%help", "`%help` asks"),
        ("%helper", ""),
        ("%noop", ""),
        ("HELP", ""),
        ("", ""),
    ],
)
def test_a_directive_in_the_place_of_a_verb_of_the_step_is_told(text: str, told: str) -> None:
    slip = percent_too_much(text, iter(["HELP", "QUIT", "SEND ME"]))
    assert told in slip
    assert bool(slip) == bool(told)
