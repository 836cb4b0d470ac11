"""Lines out of octets as the network cuts them: limits, false line ends, bounded memory and linear work."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol import replies
from smtplab.protocol.buffer import ReceiveBuffer
from smtplab.protocol.replies import RemoteProtocolError
from support.octets import Watched, byte_by_byte, cuts

LIMIT = 12
TOO_LONG = object()
MEGABYTE = 1024 * 1024


def next_line(buffer, limit=LIMIT):
    try:
        return buffer.next_line(limit)
    except RemoteProtocolError as error:
        return TOO_LONG if error.reply == replies.LINE_TOO_LONG else error


def lines_of(pieces, limit=LIMIT):
    """Return all lines that a buffer makes of the pieces, and the buffer."""
    buffer = ReceiveBuffer()
    lines = []
    for piece in pieces:
        buffer += piece
        while (line := next_line(buffer, limit)) is not None:
            lines.append(line)
    return lines, buffer


def assert_lines_are(octets, *expected):
    """Assert that octets make these lines: whole, byte by byte, and with half a line behind them, which is left."""
    for pieces in ([octets], byte_by_byte(octets)):
        lines, buffer = lines_of(pieces)
        assert lines == list(expected)
        assert len(buffer) == buffer.pending_octets() == 0
    lines, buffer = lines_of([octets + b"tail\r"])
    assert lines == list(expected)
    assert buffer == b"tail\r"
    buffer += b"\n"
    assert next_line(buffer) == b"tail"


@pytest.mark.parametrize(
    ("octets", "lines"),
    [
        (b"NOOP\r\n", [b"NOOP"]),
        (b"\r\n", [b""]),
        (b"\r\n\r\n", [b"", b""]),
        (b"HELO x\r\nNOOP\r\n", [b"HELO x", b"NOOP"]),
        (b"\xff\x00\x7f\r\n", [b"\xff\x00\x7f"]),
    ],
)
def test_crlf_ends_a_line(octets, lines):
    assert_lines_are(octets, *lines)


@pytest.mark.parametrize(
    "false_end", [b"\n", b"\r", b"\0", b"\n\r", b"\r\0\n", b"\x85", b"\x0b", b"\x0c", b"\n\n", b"\r\r"]
)
def test_nothing_but_crlf_ends_a_line(false_end):
    assert_lines_are(b"a" + false_end + b"b\r\n", b"a" + false_end + b"b")
    assert_lines_are(false_end + b"\r\n", false_end)


def test_a_cr_before_a_crlf_belongs_to_the_line():
    assert_lines_are(b"a\r\r\n", b"a\r")


def test_an_unfinished_line_is_no_line_yet():
    for octets in (b"", b"NOOP", b"NOOP\r", b"NOOP\n", b"\r"):
        lines, buffer = lines_of([octets])
        assert lines == []
        assert len(buffer) == buffer.pending_octets() == len(octets)


def test_a_line_of_the_limit_is_taken_and_an_octet_more_is_not():
    assert_lines_are(b"x" * (LIMIT - 2) + b"\r\n", b"x" * (LIMIT - 2))
    assert_lines_are(b"x" * (LIMIT - 1) + b"\r\n", TOO_LONG)


@pytest.mark.parametrize("length", [LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT, 1000])
def test_after_a_line_that_is_too_long_the_next_one_is_heard(length):
    assert_lines_are(b"a\r\n" + b"x" * length + b"\r\nb\r\n\r\n", b"a", TOO_LONG, b"b", b"")


def test_a_line_that_is_too_long_and_full_of_false_ends_is_one_line():
    assert_lines_are(b"x\r" * LIMIT + b"\nNOOP\r\n", TOO_LONG, b"NOOP")
    assert_lines_are(b"x\n" * LIMIT + b"\r\nNOOP\r\n", TOO_LONG, b"NOOP")


def test_the_sentence_says_how_long_the_line_was_however_it_was_cut():
    octets = b"x" * 98 + b"\r\n"
    for pieces in ([octets], byte_by_byte(octets)):
        buffer = ReceiveBuffer()
        for piece in pieces[:-1]:
            buffer += piece
            assert buffer.next_line(LIMIT) is None
        buffer += pieces[-1]
        with pytest.raises(RemoteProtocolError, match="CRLF"):
            buffer.next_line(LIMIT)


def test_the_limit_may_differ_from_line_to_line():
    buffer = ReceiveBuffer()
    buffer += b"x" * 20 + b"\r\n" + b"y" * 20 + b"\r\n"
    assert next_line(buffer, 22) == b"x" * 20
    assert next_line(buffer, 21) is TOO_LONG


def test_octets_of_an_endless_line_are_counted_and_let_go():
    _, buffer = lines_of([b"x" * LIMIT] * 100)
    assert buffer.pending_octets() == 100 * LIMIT
    assert len(buffer) <= LIMIT


def test_what_is_looked_at_stays_until_it_is_skipped():
    buffer = ReceiveBuffer()
    buffer += b"content\r"
    assert next_line(buffer) is None
    assert buffer == b"content\r"
    buffer.skip(3)
    assert buffer == b"tent\r"
    buffer += b"\n"
    assert next_line(buffer) == b"tent"


SCRAPS = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"\0", b"a", b"x" * LIMIT]), max_size=20).map(b"".join)


@given(SCRAPS, st.data())
def test_the_lines_do_not_depend_on_the_cuts(octets, data):
    *whole, rest = octets.split(b"\r\n")
    expected = [line if len(line) + 2 <= LIMIT else TOO_LONG for line in whole]
    lines, buffer = lines_of(data.draw(cuts(octets)))
    assert lines == expected
    assert buffer.pending_octets() == len(rest)


@given(SCRAPS, st.data())
def test_complete_lines_do_not_depend_on_the_cuts_and_the_rest_stays(octets, data):
    buffer, lines = ReceiveBuffer(), []
    for piece in data.draw(cuts(octets)):
        buffer += piece
        lines += buffer.complete_lines()
    *expected, rest = octets.split(b"\r\n")
    assert (lines, buffer) == (expected, rest)


def test_complete_lines_are_looked_for_a_bounded_number_of_times():
    buffer, octets = Watched(), b"x" * 5000 + b"\r\n"
    for octet in byte_by_byte(octets):
        buffer += octet
        lines = buffer.complete_lines()
    assert lines == [octets[:-2]]
    assert buffer.work <= 6 * len(octets)


def test_4_megabytes_without_a_line_end_cost_bounded_memory():
    piece = b"x" * 65536
    buffer = ReceiveBuffer()
    tracemalloc.start()
    try:
        for _ in range(4 * MEGABYTE // len(piece)):
            buffer += piece
            assert buffer.next_line(512) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert buffer.pending_octets() == 4 * MEGABYTE
    assert peak < 4 * len(piece)


@pytest.mark.parametrize(
    ("pieces", "limit"),
    [
        (byte_by_byte(b"x" * 5000), 10000),
        (byte_by_byte(b"x" * 5000), 512),
        (byte_by_byte(b"\r" * 5000), 10000),
        (byte_by_byte(b"NOOP\r\n" * 1000), 512),
        ([b"NOOP\r\n" * 1000], 512),
        ([b"x" * 5000 + b"\r\n"], 512),
    ],
)
def test_each_octet_is_looked_at_a_bounded_number_of_times(pieces, limit):
    buffer = Watched()
    octets = 0
    for piece in pieces:
        octets += len(piece)
        buffer += piece
        while next_line(buffer, limit) is not None:
            pass
    assert buffer.work <= 6 * octets
