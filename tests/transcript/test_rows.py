"""Rows: one line each, shown as text in which nothing is lost."""

import pytest

from smtplab.protocol.states import Phase, State
from smtplab.transcript import Row, Side, printable, verb_of
from smtplab.transcript.rows import from_printable


def test_a_row_knows_its_line_without_crlf() -> None:
    row = Row(0.5, Side.CLIENT, b"NOOP\r\n", State.READY, Phase.MAIL_TRANSFER)
    assert (row.text, str(row)) == ("NOOP", "C: NOOP")


@pytest.mark.parametrize("data", [b"a\r\nb", b"a\r\nb\r\n", b"\r\n\r\n", b"\r\n."])
def test_a_row_of_two_lines_cannot_be_built(data: bytes) -> None:
    with pytest.raises(ValueError, match="row"):
        Row(None, Side.CLIENT, data, State.READY, Phase.MAIL_TRANSFER)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("grüße".encode(), "grüße"),
        (b"a\tb", "a\tb"),
        (b"\x00\r\n\x7f", r"\x00\x0d\x0a\x7f"),
        (b"\xff\xfe", r"\xff\xfe"),
        ("\u2028\u202e".encode(), r"\xe2\x80\xa8\xe2\x80\xae"),
        (rb"back\slash \x", r"back\slash \x"),
        (rb"\x41", r"\x5cx41"),
        (b"\\\x01", "\\\\x01"),
    ],
)
def test_what_does_not_print_is_made_visible_and_reads_back(data: bytes, text: str) -> None:
    assert printable(data) == text
    assert from_printable(text) == data


@pytest.mark.parametrize(
    ("line", "verb"),
    [
        (b"mail from:<a@b>\r\n", "MAIL"),
        (b"QUIT now\r\n", "QUIT"),
        (b"VERFY x", "VERFY"),
        (b"\xff x", r"\xff"),
        (b"QUIT\r", r"QUIT\x0d"),
        (b"\r\n", ""),
    ],
)
def test_the_verb_is_the_first_word_whatever_follows(line: bytes, verb: str) -> None:
    assert verb_of(line) == verb
