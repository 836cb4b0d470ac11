"""Each error sentence of transcripts, word for word; elsewhere tests hold the kind of error and a key word."""

import json
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from smtplab import diagnose
from smtplab.transcript import Side, Transcript, sentences
from support.templates import is_made_of, names_of


def read(**document: object) -> Transcript:
    return Transcript.from_json(json.dumps(document))


def read_row(row: object) -> Transcript:
    return read(format="smtplab transcript", version=1, rows=[row])


TO_THE_MESSAGE = (
    "S: 220 x\nC: HELO x\nS: 250 x\nC: MAIL FROM:<a@b>\nS: 250 x\nC: RCPT TO:<c@d>\nS: 250 x\nC: DATA\nS: 354 x\n"
)
ROW = {"time": 0, "side": "S", "data": ""}


class Said(NamedTuple):
    """The constants that make a sentence, what raises it, and how it reads."""

    names: str
    act: Callable[[], object]
    sentence: str


ROWS = [
    Said(
        "MORE_THAN_ONE_LINE",
        lambda: Transcript().add(Side.CLIENT, b"a\r\nb"),
        r"a row holds one line; b'a\r\nb' has more after its CRLF",
    ),
    Said(
        "NOTE_AS_LITERAL",
        lambda: Transcript().add(Side.NOTE, b"x", literal=True),
        "a note cannot be a literal, because it is not on the wire",
    ),
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
        lambda: diagnose("hello"),
        "this text has no line of a server, such as 220 and a host name; paste the session from its 220 line",
    ),
    Said(
        "GREETING_MISSING",
        lambda: Transcript.parse("250 x\nQUIT\n221 x"),
        "line 1, '250 x', is not a greeting; paste the session from its 220 line",
    ),
    Said(
        "SECOND_SESSION",
        lambda: Transcript.parse("220 x\nQUIT\n221 x\n220 x\nQUIT\n221 x"),
        "line 4, '220 x', begins a second session; paste one session at a time",
    ),
    Said(
        "REPLY_TO_NOTHING",
        lambda: Transcript.parse("220 x\n250 x\nQUIT\n221 x"),
        "line 2, '250 x', reads as a reply, but no command waits for one; "
        "write # before the line if it is a remark, or add the command",
    ),
    Said(
        "REPLY_BEHIND_A_NAME",
        lambda: Transcript.parse("220 x\nhello: 250-x\n250 x\nfrom: 250 x\n"),
        "line 2, 'hello: 250-x', has a reply behind a name; remove the names before all replies, and add the commands",
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
    Said(
        "NO_REPLY",
        lambda: Transcript.parse("S: 220 x\nC: NOOP\nC: VRFY a\nS: 250 x\nC: NOOP\nS: 252 x"),
        "line 3, 'VRFY a', or a command after it has no reply; add the reply that is missing",
    ),
    Said(
        "NO_DOT",
        lambda: Transcript.parse(f"{TO_THE_MESSAGE}C: hi\nC: QUIT\nS: 221 x"),
        "line 12, '221 x', comes before the end of the message; "
        "add the line that holds one dot, and the lines after it that are missing",
    ),
    Said(
        "NOT_JSON",
        lambda: Transcript.from_json("2x"),
        "this is not a transcript: it is not JSON (Extra data: line 1 column 2 (char 1))",
    ),
    Said("NO_FORMAT", lambda: read(), 'this is not a transcript: the JSON has no "format": "smtplab transcript"'),
    Said(
        "OTHER_VERSION",
        lambda: read(format="smtplab transcript", version=2),
        "this transcript has version 2; this smtplab reads version 1",
    ),
    Said(
        "NO_ROWS",
        lambda: read(format="smtplab transcript", version=1),
        'this transcript is damaged: it has no list of "rows"',
    ),
    Said(
        "DAMAGED_ROW ROW_IS_NOT_AN_OBJECT",
        lambda: read_row(7),
        "this transcript is damaged in row 1: it is 7, not an object",
    ),
    Said(
        "WRONG_TIME",
        lambda: read_row(ROW | {"time": "noon"}),
        "this transcript is damaged in row 1: its time is 'noon', not a number of seconds or null",
    ),
    Said(
        "WRONG_SIDE",
        lambda: read_row(ROW | {"side": "X"}),
        "this transcript is damaged in row 1: its side is 'X', not C, S or =",
    ),
    Said(
        "WRONG_NAME",
        lambda: read_row(ROW | {"name": 7}),
        "this transcript is damaged in row 1: its name is 7, not the name of a reply",
    ),
    Said(
        "WRONG_LITERAL",
        lambda: read_row(ROW | {"literal": 1}),
        "this transcript is damaged in row 1: its literal is 1, not true or false",
    ),
    Said(
        "NO_DATA",
        lambda: read_row({"time": 0, "side": "S"}),
        'this transcript is damaged in row 1: it has no string "data" or "hex"',
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names)
def test_an_error_says_what_is_wrong(row: Said) -> None:
    with pytest.raises((ValueError, TypeError), match=f"^{re.escape(row.sentence)}$"):
        row.act()


def test_every_sentence_has_a_row() -> None:
    rows = {name for row in ROWS for name in row.names.split()}
    assert rows == set(names_of(sentences))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names)
def test_a_row_shows_the_constants_that_it_names(row: Said) -> None:
    for name in row.names.split():
        assert is_made_of(row.sentence, getattr(sentences, name))
