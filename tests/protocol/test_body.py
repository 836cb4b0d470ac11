"""Dot transparency both ways, and where a message ends and where it does not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtplab.protocol import body
from smtplab.protocol.body import MessageReader, StuffedMessage, has_bare_line_end
from smtplab.protocol.replies import LocalProtocolError
from support.octets import END, FALSE_ENDS, byte_by_byte, cuts, in_pieces, unstuffed

# All that the end of data is made of, and a little else.
SCRAPS = st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\r", b"\n", b"\0", b"a", b"\r\n.", b".\r\n"]), max_size=12)
CONTENT = SCRAPS.map(b"".join)
LINES = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"a", b"\xff", b"\0"]), max_size=8)


def read(pieces):
    """Feed the pieces up to the end of data; return the reader, the content, and what stands behind the end."""
    reader, content = MessageReader(), b""
    for number, piece in enumerate(pieces):
        content += reader.feed(piece)
        if reader.finished:
            return reader, content, piece[reader.taken :] + b"".join(pieces[number + 1 :])
        assert reader.taken == len(piece)
    return reader, content, b""


def assert_reads_as(octets, content):
    """Assert that octets are a whole message: at once, byte by byte, cut in two, and with more behind that is left."""
    ways = [[octets], byte_by_byte(octets), *(in_pieces(octets, [place]) for place in range(1, len(octets)))]
    for pieces in ways:
        reader, found, rest = read(pieces)
        assert (reader.finished, found, rest) == (True, content, b"")
    for trailing in (b"NOOP\r\n", b".\r\n", END, b"\n", b"\r\n"):
        for pieces in ([octets + trailing], byte_by_byte(octets + trailing)):
            reader, found, rest = read(pieces)
            assert (reader.finished, found, rest) == (True, content, trailing)


def assert_does_not_end(octets):
    """Assert that no octet of these is taken for the end: whole, byte by byte, and cut in two anywhere."""
    for pieces in ([octets], byte_by_byte(octets), *(in_pieces(octets, [place]) for place in range(1, len(octets)))):
        reader, _, _ = read(pieces)
        assert not reader.finished


# Reading


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"Hello\r\n.\r\n", b"Hello\r\n"),
        (b"a\r\nb\r\n.\r\n", b"a\r\nb\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".a\r\n.\r\n", b"a\r\n"),
        (b"...\r\n..\r\n....\r\n.\r\n", b"..\r\n.\r\n...\r\n"),
        (b"a.\r\n.\r\n", b"a.\r\n"),
        (b"a\r\n..b\r\n.c\r\n.\r\n", b"a\r\n.b\r\nc\r\n"),
        (b"\r\n\r\n.\r\n", b"\r\n\r\n"),
        (b"\r\r\n.\r\n", b"\r\r\n"),
        (b"\n.\r\n\r\n.\r\n", b"\n.\r\n\r\n"),
        (b"\xff\x00\r\n.\r\n", b"\xff\x00\r\n"),
    ],
)
def test_crlf_dot_crlf_ends_a_message_and_dots_are_undone(octets, content):
    assert_reads_as(octets, content)


@pytest.mark.parametrize("false_end", FALSE_ENDS)
def test_nothing_else_ends_a_message_and_what_stands_behind_it_is_content(false_end):
    smuggled = b"Hello" + false_end + b"MAIL FROM:<evil@x.example>\r\nDATA\r\nspam"
    assert_does_not_end(smuggled + b"\r\n")
    assert_reads_as(smuggled + END, unstuffed(smuggled) + b"\r\n")


@pytest.mark.parametrize(
    "false_end", [b".\n", b".\r", b".\0\r\n", b"\n.\r\n", b"\r.\r\n", b".\r\r\n", b". \r\n", b"..\r\n"]
)
def test_a_false_end_at_the_very_start_is_content_too(false_end):
    assert_does_not_end(false_end)
    assert_reads_as(false_end + b"x" + END, unstuffed(false_end + b"x") + b"\r\n")


def test_what_may_be_the_beginning_of_the_end_is_held_back():
    reader = MessageReader()
    assert reader.feed(b"a\r\n.\r") == b"a"
    assert reader.feed(b"b") == b"\r\n\rb"
    assert reader.feed(b"\r") == b""
    assert reader.feed(b"c") == b"\rc"


@given(CONTENT)
def test_content_is_handed_out_without_delay(octets):
    reader = MessageReader()
    found = reader.feed(b"x" + octets)
    assert reader.finished or len(unstuffed(b"x" + octets)) - len(found) <= len(END) - 1


@given(CONTENT, st.data())
@example(b"\r\n.\r\n.\r\n", None)
def test_where_the_end_is_does_not_depend_on_the_cuts(octets, data):
    # As the line before the data ended in CRLF, so its end is CRLF.CRLF from the first octet on.
    body, end, rest = (b"\r\n" + octets).partition(END)
    reader, content, found_rest = read(data.draw(cuts(octets)) if data else byte_by_byte(octets))
    assert reader.finished is bool(end)
    if end:
        assert content == unstuffed(body + b"\r\n")[2:]
        assert found_rest == rest
    else:
        assert unstuffed(b"\r\n" + octets)[2:].startswith(content)


# Writing


@pytest.mark.parametrize(
    ("content", "octets"),
    [
        (b"", b".\r\n"),
        (b"\r\n", b"\r\n.\r\n"),
        (b"Hello\r\n", b"Hello\r\n.\r\n"),
        (b"Hello", b"Hello\r\n.\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b".\r\n", b"..\r\n.\r\n"),
        (b".\r\n.\r\n..", b"..\r\n..\r\n...\r\n.\r\n"),
        (b"a\r\n.b\r\nc.", b"a\r\n..b\r\nc.\r\n.\r\n"),
        (b"\r\n.\r\n", b"\r\n..\r\n.\r\n"),
        (b"caf\xe9\0", b"caf\xe9\0\r\n.\r\n"),
    ],
)
def test_dots_that_begin_a_line_are_doubled_and_a_lone_dot_ends_the_message(content, octets):
    assert StuffedMessage(content).octets == octets


@given(LINES.map(b"\r\n".join))
def test_a_message_is_read_back_as_it_was_sent_but_for_the_last_line_end(content):
    expected = content if not content or content.endswith(b"\r\n") else content + b"\r\n"
    assert_reads_as(StuffedMessage(content).octets, expected)


BARE = [
    b"\r",
    b"\n",
    b"a\nb",
    b"a\rb",
    b"\n\r",
    b"\r\r\n",
    b"\r\n\n",
    b"\r\n\r",
    b"\n\r\n",
    b"a\r\nb\rc\nd\r\n",
    *FALSE_ENDS[:11],
]


@pytest.mark.parametrize("content", BARE)
def test_a_bare_cr_or_lf_is_found_and_never_sent(content):
    assert has_bare_line_end(content)
    with pytest.raises(LocalProtocolError, match="CRLF"):
        StuffedMessage(content)


@given(LINES.map(b"\r\n".join))
def test_a_cr_with_its_lf_is_not_bare(content):
    assert not has_bare_line_end(content)


@given(CONTENT)
def test_line_ends_are_bare_unless_they_are_pairs(content):
    remains = content.replace(b"\r\n", b"")
    assert has_bare_line_end(content) is (b"\r" in remains or b"\n" in remains)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", None),
        (b"x" * 998 + b"\r\n", None),
        (b"a\r\n" * 900, None),
        (b"x" * 999, (1, 999)),
        (b"a\r\n" * 900 + b"x" * 1200 + b"\r\nb", (901, 1200)),
    ],
)
def test_first_line_beyond_998_octets_is_found(content, found):
    assert body.long_line(content) == found


@pytest.mark.parametrize(
    ("content", "begins"),
    [(b"Subject: x", True), (b"X-1 : x", True), (b"12:30 now", False), (b"http://x", False), (b"Hello", False)],
)
def test_message_begins_with_a_field_or_with_its_body(content, begins):
    assert body.begins_with_field(content) is begins
