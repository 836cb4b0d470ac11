"""What looks like the lone dot is told from it, and goes into the message."""

import pytest

from smtplab import Session
from smtplab.lab.false_dots import not_the_dot
from smtplab.transcript import Side


@pytest.fixture
def in_data(ready: Session) -> Session:
    ready.send("MAIL FROM:<alice@lab.example>\nRCPT TO:<bob@lab.example>\nDATA")
    return ready


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("•", "a bullet is not a dot, so the message goes on"),
        (" ·", "a bullet is not a dot, so the message goes on"),
        ("。", "this is another character than the dot that ends a message, so the message goes on"),
        ("．", "this is another character than the dot that ends a message, so the message goes on"),
        (". ", "a dot with a blank beside it is not alone in its line, so the message goes on"),
        ("\t.", "a dot with a blank beside it is not alone in its line, so the message goes on"),
    ],
)
def test_a_line_that_looks_like_the_dot_gets_a_note_and_the_message_goes_on(
    in_data: Session, line: str, note: str
) -> None:
    assert in_data.send(line) is None
    assert [row.text for row in in_data.transcript if row.side is Side.NOTE][-1] == note
    assert in_data.transcript.in_message


@pytest.mark.parametrize("line", [".", "", "..", "hello.", "...", ". .", "a"])
def test_any_other_line_is_nobodys_dot(line: str) -> None:
    assert not_the_dot(line) == ""


def test_a_prediction_tells_why_nothing_came(in_data: Session) -> None:
    assert "another character" in in_data.predict("．").answer(None).verdict
    assert in_data.predict("hello．").answer(None).verdict == "Right: no reply came."
