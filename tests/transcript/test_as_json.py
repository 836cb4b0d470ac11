"""Transcripts as JSON: what is written is read, and anything else is refused with a sentence."""

import json

import pytest

from smtplab.transcript import Transcript
from support.python import printed_by


def test_json_shows_text_as_text_and_says_state_and_phase() -> None:
    document = json.loads(Transcript.parse("S: 220 gr\u00fc\u00dfe").to_json())
    assert document == {
        "format": "smtplab transcript",
        "version": 1,
        "rows": [
            {
                "time": None,
                "side": "S",
                "data": "220 gr\u00fc\u00dfe\r\n",
                "state": "GREETED",
                "phase": "CONNECTION_ESTABLISHMENT",
            }
        ],
    }


def with_row(row: object) -> str:
    return json.dumps({"format": "smtplab transcript", "version": 1, "rows": [row]})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("220 hi", "this is not a transcript: it is not JSON"),
        ("[" * 100_000, "this is not a transcript: it is not JSON"),
        ("[]", 'this is not a transcript: the JSON has no "format": "smtplab transcript"'),
        ('{"format": "other"}', 'this is not a transcript: the JSON has no "format"'),
        ('{"format": "smtplab transcript", "version": 2}', "has version 2, and this smtplab reads version 1"),
        ('{"format": "smtplab transcript", "version": 1}', 'it has no list of "rows"'),
        (with_row("220 hi"), "damaged in row 1: it is not an object but '220 hi'"),
        (with_row({"time": "noon", "side": "S", "data": ""}), "row 1: its time is 'noon', not a number of seconds"),
        (with_row({"time": True, "side": "S", "data": ""}), "row 1: its time is True, not a number of seconds"),
        (with_row({"time": 0, "side": "X", "data": ""}), "row 1: its side is 'X', not C, S or ="),
        (with_row({"time": 0, "side": [], "data": ""}), r"row 1: its side is \[\], not C, S or ="),
        (with_row({"time": 0, "side": "S"}), 'row 1: it has neither "data" nor "hex"'),
        (with_row({"time": 0, "side": "S", "data": "", "name": 7}), "row 1: its name is 7"),
        (with_row({"time": 0, "side": "S", "hex": "zz"}), "row 1: non-hexadecimal"),
        (with_row({"time": 0, "side": "S", "data": "a\r\nb"}), "row 1: a row holds one line"),
    ],
)
def test_a_file_that_is_no_transcript_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Transcript.from_json(text)


def test_importing_the_transcript_loads_no_json() -> None:
    assert printed_by("import sys, smtplab.transcript; print('json' in sys.modules)") == "False\n"
