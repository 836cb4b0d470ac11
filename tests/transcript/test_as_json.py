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
    ("text", "word"),
    [
        ("220 hi", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", '"format"'),
        ('{"format": "other"}', '"format"'),
        ('{"format": "smtplab transcript", "version": 2}', "version 2"),
        ('{"format": "smtplab transcript", "version": 1}', '"rows"'),
        (with_row("220 hi"), "row 1: .*'220 hi'"),
        (with_row({"time": "noon", "side": "S", "data": ""}), "row 1: .*'noon'"),
        (with_row({"time": True, "side": "S", "data": ""}), "row 1: .*True"),
        (with_row({"time": 0, "side": "X", "data": ""}), "row 1: .*'X'"),
        (with_row({"time": 0, "side": [], "data": ""}), r"row 1: .*\[\]"),
        (with_row({"time": 0, "side": "S"}), 'row 1: .*"hex"'),
        (with_row({"time": 0, "side": "S", "data": "", "name": 7}), "row 1: .*7"),
        (with_row({"time": 0, "side": "S", "hex": "zz"}), "row 1: non-hexadecimal"),
        (with_row({"time": 0, "side": "S", "data": "a\r\nb"}), "row 1: .*one line"),
    ],
)
def test_a_file_that_is_no_transcript_is_refused(text: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        Transcript.from_json(text)


def test_importing_the_transcript_loads_no_json() -> None:
    assert printed_by("import sys, smtplab.transcript; print('json' in sys.modules)") == "False\n"
