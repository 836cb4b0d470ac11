"""The view of the octets: everything that text hides is shown, named and remarked upon."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab import Lab
from smtplab.show.octets import OctetLine, Octets, octets
from smtplab.transcript import Transcript


def text_column(line: OctetLine) -> str:
    return "".join(token.text for token in line.tokens)


def test_hexadecimal_and_text_stand_side_by_side() -> None:
    assert str(octets(b"RCPT TO:<alice@lab.example>\r\n")) == (
        "   52 43 50 54 20 54 4f 3a  3c 61 6c 69 63 65 40 6c  RCPT TO:<alice@l\n"
        "   61 62 2e 65 78 61 6d 70  6c 65 3e 0d 0a           ab.example><CRLF>"
    )


def test_rows_of_a_transcript_have_their_sides_and_notes_are_left_out() -> None:
    view = octets(Transcript.parse("= a note\nS: 220 x\nC: QUIT"))
    assert str(view) == (
        "S  32 32 30 20 78 0d 0a                              220 x<CRLF>\n"
        "C  51 55 49 54 0d 0a                                 QUIT<CRLF>"
    )


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"a\r\n", "a<CRLF>"),
        (b"a\nb", "a<LF>b"),
        (b"a\rb", "a<CR>b"),
        (b"\r\r\n", "<CR><CRLF>"),
        (b"\x00\x07\x09\x1b\x7f", "<NUL><BEL><TAB><ESC><DEL>"),
        (b"\x0b\x0c\x1f", "<VT><FF><US>"),
        ("grün €".encode(), "grün €"),
        (b"\xff\xc3", "<0xFF><0xC3>"),
        ("\u200b\u00a0".encode(), "<U+200B><U+00A0>"),
    ],
)
def test_what_text_hides_is_named(data: bytes, shown: str) -> None:
    (line,) = octets(data).lines
    assert text_column(line) == shown


@pytest.mark.parametrize(
    ("data", "remarks"),
    [
        (b"plain\ttext\r\n", []),
        (b".\r\n", ["a lone dot ends the message (RFC 5321 4.1.1.4)"]),
        (b"..\r\n", ["the first dot was added by the sender; the receiver removes it (RFC 5321 4.5.2)"]),
        (b".a\r\n", ["the receiver removes the first dot, which was not doubled (RFC 5321 4.5.2)"]),
        (b"a\nb\nc\r\n", ["a bare LF does not end a line (RFC 5321 2.3.8)"]),
        (b"a\rb\r\n", ["a bare CR does not end a line (RFC 5321 2.3.8)"]),
        (
            b"a\x07\r\n",
            ["the control character BEL is legal in message data, but should be avoided (RFC 5321 4.1.1.4)"],
        ),
        (b"a\xff\r\n", ["octets above 127 are not ASCII; they need 8BITMIME or SMTPUTF8 (RFC 6152, RFC 6531)"]),
        (b"half", ["no CRLF at the end; the line goes on"]),
    ],
)
def test_what_is_to_be_noticed_is_said_below_the_line(data: bytes, remarks: list[str]) -> None:
    view = octets(data)
    assert list(view.lines[0].remarks) == remarks
    assert [line.removeprefix("   ^ ") for line in str(view).split("\n") if "^" in line] == remarks
    assert all(remark in unescape(view._repr_html_()) for remark in remarks)


def test_a_dot_matters_in_a_message_alone() -> None:
    commands = Transcript.parse("S: 220 x\nC: .dot\nS: 500")
    assert octets(commands).lines[1].remarks == ()
    message = Transcript.parse(
        "S: 220 x\nC: HELO a\nS: 250\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<b@c>\nS: 250\nC: DATA\nS: 354\nC: .dot\nC: ."
    )
    assert [len(line.remarks) for line in octets(message).lines[-2:]] == [1, 1]
    assert octets(message[-1]).lines[0].remarks == octets(b".\r\n").lines[0].remarks


def test_lines_end_with_crlf_and_nothing_else() -> None:
    assert [line.data for line in octets(b"a\nb\r\n\r\nc\rd").lines] == [b"a\nb\r\n", b"\r\n", b"c\rd"]
    assert octets(b"").lines == ()
    assert str(octets(b"")) == ""


def test_a_session_shows_its_octets_all_or_the_last() -> None:
    session = Lab().telnet("mail.lab.example")
    session.send("NOOP")
    assert str(session.octets()) == str(octets(session.transcript))
    assert str(session.octets(2)) == str(octets(session.transcript[-2:]))
    assert str(session.octets(2)).startswith("C  4e 4f 4f 50 0d 0a")
    assert repr(session.octets(2)) == f"<Octets, {6 + len(session.transcript[-1].data)} in 2 lines>"


def test_html_names_controls_and_escapes_what_looks_like_a_tag() -> None:
    html = octets(b"<CRLF>\r\n")._repr_html_()
    assert "&lt;CRLF&gt;" in html
    assert "<CRLF>" not in html
    assert ">CRLF</span>" in html
    assert not re.search(r"#[0-9a-f]{3,6}", html)  # the colours of the page alone


def test_html_is_broken_between_two_eights_of_digits_alone() -> None:
    html = octets(b"HELO laptop.example\r\n")._repr_html_()
    assert re.findall(r"white-space: pre\">([^<]*)", html)[:3] == [
        "48 45 4c 4f 20 6c 61 70",
        "74 6f 70 2e 65 78 61 6d",
        "HELO laptop.exam",
    ]


@given(st.binary(max_size=80))
def test_nothing_is_lost_whatever_the_octets_are(data: bytes) -> None:
    view = octets(data)
    assert b"".join(line.data for line in view.lines) == data
    for line in view.lines:
        assert b"".join(token.octets for token in line.tokens) == line.data
        assert bytes.fromhex("".join(digits for digits, _ in line.rows)) == line.data
        assert [token for _, tokens in line.rows for token in tokens] == list(line.tokens)
        assert all(token.text.isprintable() for token in line.tokens)
    seen = unescape(re.sub(r"<[^>]*>", "", view._repr_html_()))
    assert all(digits in seen for line in view.lines for digits, _ in line.rows)
    assert isinstance(view, Octets)
