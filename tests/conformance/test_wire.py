"""How what came over the wire is read, shown and compared: replies with any line ends, octets in a report, messages."""

import pytest

from smtplab.conformance import sentences
from smtplab.conformance.servers.stored_message import difference, unstuffed, without_trace
from smtplab.conformance.servers.wire_reply import WireReplies, WireReply
from smtplab.conformance.wire_text import wire_lines

HEAD = b"From: a@b.example\r\nSubject: test\r\n\r\n"
SENT = HEAD + b"one\r\ntwo\r\n"


def codes_of(data: bytes, size: int = 1000) -> list[str]:
    """Return the codes of the replies in `data`, given in pieces of `size`."""
    replies, codes = WireReplies(), []
    for start in range(0, len(data), size):
        replies.feed(data[start : start + size])
        while (reply := replies.next_reply()) is not None:
            codes.append(reply.code)
    last = replies.next_reply(final=True)
    return [*codes, *([last.code] if last else [])]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"220 a\r\n250 b\r\n", ["220", "250"]),
        (b"220 a\n250 b\n", ["220", "250"]),
        (b"250-a\r\n250-b\r\n250 c\r\n354 d\r\n", ["250", "354"]),
        (b"250-a\n250 c\n354 d", ["250", "354"]),
        (b"250\r\n", ["250"]),
        (b"250 a\r\n\r\n250 b\r\n", ["250", "250"]),
        (b"250-a\r\n", ["250"]),
        (b"hello\r\n", [""]),
        (b"2500 a\r\n", [""]),
        (b"250: a\r\n", ["250"]),
        (b"", []),
    ],
)
def test_replies_are_read_whatever_ends_their_lines(data: bytes, codes: list[str], size: int) -> None:
    assert codes_of(data, size) == codes


def test_half_a_line_is_no_reply_until_nothing_follows() -> None:
    replies = WireReplies()
    replies.feed(b"250 a")
    assert replies.next_reply() is None
    assert replies.unread == b"250 a"
    reply = replies.next_reply(final=True)
    assert reply == WireReply((b"250 a",))
    assert replies.unread == b""


def test_a_code_is_one_of_codes_or_of_a_class() -> None:
    reply = WireReply((b"251 a\r\n",))
    assert reply.is_one_of(("250", "251"))
    assert reply.is_one_of(("2yz",))
    assert not reply.is_one_of(("250", "5yz"))
    assert not WireReply((b"hello\r\n",)).is_one_of(("2yz",))


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"250 ok\r\n", ["250 ok<CRLF>"]),
        (b"250 ok", ["250 ok"]),
        (b"a\tb\r\n", ["a<TAB>b<CRLF>"]),
        (b"a\nb\n", ["a<LF>", "(61 0a)", "b<LF>"]),
        (b"\xff\r\n", ["<0xFF><CRLF>", "(ff 0d 0a)"]),
        (b"x" * 500 + b"\r\n", [f"{'x' * 36} ... {'x' * 34}<CRLF> (502 octets)"]),
        (b"1\r\n" * 8, ["1<CRLF>"] * 8),
        (b"1\r\n" * 9, [*["1<CRLF>"] * 6, "... 2 more lines, 6 octets ...", "1<CRLF>"]),
    ],
)
def test_octets_are_shown_with_names_and_odd_ones_in_hexadecimal(data: bytes, lines: list[str]) -> None:
    assert wire_lines(data) == lines


def test_the_doubled_dot_is_undone_in_what_must_be_stored() -> None:
    assert unstuffed(b"..a\r\nb..\r\n..\r\n...c\r\n") == b".a\r\nb..\r\n.\r\n..c\r\n"


@pytest.mark.parametrize(
    "stored",
    [
        SENT,
        SENT.replace(b"\r\n", b"\n"),
        b"Received: from x\r\n\tby y\r\n" + SENT,
        b"From: a@b.example\r\nX-Peer: 127.0.0.1\r\nSubject: test\r\nX-MailFrom: x\r\n\r\none\r\ntwo\r\n",
    ],
)
def test_line_ends_of_lf_and_fields_of_the_server_are_no_difference(stored: bytes) -> None:
    assert difference(stored, SENT) == ""


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        (SENT + b"\r\n", sentences.EMPTY_LINE_ADDED),
        (SENT[:-2], sentences.LAST_LINE_END_LOST),
        (SENT + b".\r\n", sentences.DOT_STORED),
        (SENT + b".", sentences.DOT_STORED),
        (SENT.upper(), sentences.TEXT_IN_CAPITALS),
        (SENT.replace(b"\r\n", b""), sentences.LINE_ENDS_LOST),
        (SENT.replace(b"two\r\n", b"two\n"), sentences.MIXED_LINE_ENDS),
        (SENT.replace(b"two", b"..two"), sentences.DOTS_DIFFER),
        (SENT.replace(b"two", b" two"), sentences.BLANKS_DIFFER),
        (SENT.replace(b"two", b"three"), sentences.TEXT_DIFFERS),
        (b"", sentences.TEXT_DIFFERS),
        (SENT.replace(b"Subject: test\r\n", b""), sentences.TEXT_DIFFERS),
    ],
)
def test_a_difference_is_told_in_a_sentence_about_it(stored: bytes, sentence: str) -> None:
    assert difference(stored, SENT) == sentence


def test_lost_empty_lines_are_told_below_the_fields_of_the_server() -> None:
    assert difference(b"Received: x\r\n" + SENT.replace(b"\r\n\r\n", b"\r\n"), SENT) == sentences.BLANKS_DIFFER


def test_blanks_at_both_ends_that_were_lost_are_told() -> None:
    text = HEAD + b"one\r\n\r\n\r\n"
    assert difference(text.strip(), text) == sentences.TEXT_STRIPPED


def test_what_a_server_puts_before_a_message_is_not_shown() -> None:
    assert without_trace(b"Received: x\n" + SENT.replace(b"\r\n", b"\n"), SENT) == SENT.replace(b"\r\n", b"\n")
    mixed = SENT.replace(b"\r\n", b"\n")
    assert without_trace(b"Received: x\r\n" + mixed, SENT) == mixed
    assert without_trace(b"something else\r\n", SENT) == b"something else\r\n"
