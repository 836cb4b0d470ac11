"""Literals, octets that are no line: they travel through text and JSON unchanged, and move no state."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol.states import Phase, State
from smtplab.transcript import Row, Side, Transcript

SIDES = st.sampled_from([Side.CLIENT, Side.SERVER])
OCTETS = st.binary(max_size=30) | st.sampled_from(
    [b"", b"\r\n", b"QUIT\r\n", b"250 ok\r\n.\r\n", b" a ", b"\t", b"\\x0d", "gr\u00fc\u00dfe\u2028".encode()]
)


@pytest.fixture
def ready() -> Transcript:
    transcript = Transcript()
    transcript.feed(Side.SERVER, b"220 hi\r\n")
    transcript.feed(Side.CLIENT, b"EHLO client.example\r\n")
    transcript.feed(Side.SERVER, b"250 hi\r\n")
    return transcript


@given(st.lists(st.tuples(SIDES, OCTETS), max_size=6))
def test_a_literal_reads_back_from_text_and_from_json_as_it_was(literals: list[tuple[Side, bytes]]) -> None:
    transcript = Transcript.parse("S: 220 hi\nC: NOOP")
    for side, data in literals:
        transcript.add(side, data, literal=True)
    assert Transcript.parse(str(transcript)) == transcript
    assert Transcript.from_json(transcript.to_json()) == transcript
    assert Transcript(transcript) == transcript


def test_a_literal_is_marked_and_shown_whole(ready: Transcript) -> None:
    assert str(ready.add(Side.CLIENT, b"a\x00\r\nb\r\n", literal=True)) == r"C# a\x00\x0d\x0ab\x0d\x0a"
    assert str(ready.add(Side.SERVER, b"", literal=True)) == "S#"


def test_a_literal_is_neither_command_nor_reply_nor_a_line_of_a_message(ready: Transcript) -> None:
    for side, octets in [(Side.CLIENT, b"QUIT\r\n"), (Side.SERVER, b"221 bye\r\n")]:
        row = ready.add(side, octets, literal=True)
        assert (row.state, row.phase) == (State.READY, Phase.MAIL_TRANSFER)
    assert len(ready.exchanges()) == 2
    ready.feed(Side.CLIENT, b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
    ready.feed(Side.SERVER, b"250 ok\r\n250 ok\r\n354 go\r\n")
    ready.add(Side.CLIENT, b".\r\n", literal=True)
    assert ready.in_message


def test_a_literal_is_not_the_line_that_holds_the_same_octets(ready: Transcript) -> None:
    line, literal = Transcript(ready), Transcript(ready)
    line.add(Side.SERVER, b"x")
    literal.add(Side.SERVER, b"x", literal=True)
    assert line != literal
    assert not line.diff(literal).same


def test_a_row_that_is_no_literal_is_written_to_json_without_a_word_of_it(ready: Transcript) -> None:
    assert all("literal" not in row for row in json.loads(ready.to_json())["rows"])


def test_a_note_is_no_literal(ready: Transcript) -> None:
    with pytest.raises(ValueError, match="note"):
        ready.add(Side.NOTE, b"x", literal=True)
    with pytest.raises(ValueError, match="note"):
        Row(None, Side.NOTE, b"x", State.READY, Phase.MAIL_TRANSFER, literal=True)
    assert len(ready) == 3


def test_json_whose_literal_is_no_truth_value_is_refused(ready: Transcript) -> None:
    damaged = ready.to_json().replace('"side": "C"', '"literal": 1, "side": "C"')
    with pytest.raises(ValueError, match="row 2"):
        Transcript.from_json(damaged)
