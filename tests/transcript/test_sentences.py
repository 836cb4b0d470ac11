"""Each error sentence of pasted sessions, word for word; elsewhere tests hold the kind of error and a key word."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

import smtplab
from smtplab.transcript import Transcript, sentences


class Said(NamedTuple):
    """The constant that makes a sentence, what raises it, and how it reads."""

    names: str
    act: Callable[[], object]
    sentence: str


ROWS = [
    Said(
        "NO_MARK",
        lambda: Transcript.parse("S: 220 x\nC: HELO x\nS: 250 x\nQUIT"),
        "line 4 has no mark; write C:, S: or = before each line, also before 'QUIT'",
    ),
    Said(
        "BEFORE_THE_GREETING",
        lambda: Transcript.parse("HELO c"),
        "line 1, 'HELO c', comes before the server's greeting; begin at its 220 line",
    ),
    Said(
        "NO_SESSION",
        lambda: smtplab.diagnose("hello"),
        "this text has no line of a server, such as 220 and a host name; paste the session from its 220 line",
    ),
    Said(
        "GREETING_MISSING",
        lambda: Transcript.parse("250 x\nQUIT\n221 x"),
        "line 1, '250 x', is not a greeting; paste the session from its 220 line",
    ),
    Said(
        "REPLY_TO_NOTHING",
        lambda: Transcript.parse("220 x\n250 x\nQUIT\n221 x"),
        "line 2, '250 x', reads as a reply, but no command waits for one; "
        "write # before the line if it is a remark, or add the command",
    ),
    Said(
        "UNFINISHED_REPLY",
        lambda: Transcript.parse("220 x\nEHLO c\n250-x\nQUIT\n221 x"),
        "line 4, 'QUIT', comes before the end of the reply in line 3; "
        "add the last line of that reply, which has a space after its code",
    ),
    Said(
        "TWO_READINGS",
        lambda: Transcript.parse("220 x\nthis\nthat\n500 x"),
        "line 2, 'this', may be a command or a remark: 1 reply for 2 lines from line 2 on; write # before each remark",
    ),
    Said(
        "WRONG_PAIR",
        lambda: Transcript.parse("220 x\nNOOP\nQUIT\n221 x"),
        "line 4, '221 x', would answer 'NOOP' in line 2; add the reply that is missing, "
        "or write # before line 2 if it is a remark",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names)
def test_an_error_says_what_is_wrong(row: Said) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        row.act()
    assert str(caught.value) == row.sentence


def test_every_sentence_has_a_row() -> None:
    assert {row.names for row in ROWS} == {name for name in vars(sentences) if name.isupper()}
