"""Replies and errors: what can be built, what is read, and what is wrong with what cannot be read."""

import copy
import dataclasses
import pickle

import pytest
from hypothesis import given

from smtplab.protocol import replies
from smtplab.protocol.codes import CODES, Category, Severity
from smtplab.protocol.commands import Noop
from smtplab.protocol.events import NEED_DATA
from smtplab.protocol.replies import (
    BY_NAME,
    NAMES,
    EnhancedCode,
    LocalProtocolError,
    ProtocolError,
    RemoteProtocolError,
    Reply,
    ReplyParser,
)
from smtplab.protocol.states import State
from support.kernel import client_in, reply_values
from support.octets import byte_by_byte


def assert_reads_as(octets, reply):
    """Assert that octets make this reply: whole, byte by byte, and with the beginning of the next reply behind them."""
    assert Reply.parse(octets) == reply
    for pieces in ([octets], byte_by_byte(octets), [octets + b"250-more"]):
        client = client_in(State.GREETED)
        client.send(Noop())
        for piece in pieces[:-1]:
            client.receive_data(piece)
            assert client.next_event() is NEED_DATA
        client.receive_data(pieces[-1])
        assert client.next_event() == reply
        assert client.next_event() is NEED_DATA


def assert_is_no_reply(octets, sentence):
    """Assert that octets are refused: whole, and byte by byte, by a client, which then ends the session."""
    with pytest.raises(RemoteProtocolError) as caught:
        Reply.parse(octets)
    assert sentence in str(caught.value)
    for pieces in ([octets], byte_by_byte(octets), [octets + b"250 ok\r\n"]):
        client = client_in(State.CONNECTED)
        with pytest.raises(RemoteProtocolError) as caught:
            read_on(client, pieces)
        assert sentence in str(caught.value)
        assert caught.value.reply is None
        assert client.state is State.CLOSED


def read_on(client, pieces):
    for piece in pieces:
        client.receive_data(piece)
        while client.next_event() is not NEED_DATA:
            pass


# What is built


def test_a_single_string_is_one_line():
    assert Reply(250, "one") == Reply(250, ("one",)) == Reply(250, ["one"])
    assert Reply(250, "one").lines == ("one",)


def test_a_reply_has_one_empty_line_if_nothing_is_said():
    assert Reply(250).lines == ("",)
    assert Reply(250).text == ""
    assert Reply(250).enhanced is None


def test_a_reply_knows_what_its_digits_say():
    assert Reply(452).severity is Severity.TRANSIENT_NEGATIVE
    assert Reply(452).category is Category.MAIL_SYSTEM
    assert Reply(277).category is None


@pytest.mark.parametrize(("code", "positive"), [(200, True), (399, True), (400, False), (599, False)])
def test_2yz_and_3yz_are_positive(code, positive):
    assert Reply(code).is_positive is positive


@pytest.mark.parametrize(
    ("reply", "wire", "text"),
    [
        (Reply(250), "250", ""),
        (Reply(250, "Ok"), "250 Ok", "Ok"),
        (Reply(250, ("a", "b")), "250-a\r\n250 b", "a\nb"),
        (Reply(250, ("", "")), "250-\r\n250", "\n"),
        (Reply(550, "No", EnhancedCode(5, 1, 1)), "550 5.1.1 No", "No"),
        (
            Reply(550, ("No", "", "way"), EnhancedCode(5, 1, 1)),
            "550-5.1.1 No\r\n550-5.1.1\r\n550 5.1.1 way",
            "No\n\nway",
        ),
        (Reply(250, "Ünïcode"), "250 Ünïcode", "Ünïcode"),
    ],
)
def test_a_reply_prints_as_on_the_wire_without_the_last_line_end(reply, wire, text):
    assert str(reply) == wire
    assert reply.text == text
    assert reply.serialize() == wire.encode() + b"\r\n"
    assert reply.wire_lines() == wire.split("\r\n")
    assert_reads_as(reply.serialize(), reply)


def test_the_enhanced_code_is_left_out_where_it_was_not_negotiated():
    assert Reply(550, ("No", ""), EnhancedCode(5, 1, 1)).serialize(enhanced=False) == b"550-No\r\n550\r\n"
    assert Reply(250, "Ok").serialize(enhanced=False) == b"250 Ok\r\n"


@pytest.mark.parametrize("code", [-250, 0, 25, 100, 199, 600, 2500])
def test_a_code_outside_200_to_599_cannot_be_built(code):
    with pytest.raises(LocalProtocolError, match=str(code)):
        Reply(code)


def test_a_reply_without_any_line_cannot_be_built():
    with pytest.raises(LocalProtocolError, match="least"):
        Reply(250, ())


@pytest.mark.parametrize("control", [chr(code) for code in [*range(9), *range(10, 32), 127]], ids=ascii)
def test_a_control_character_in_the_text_cannot_be_built(control):
    for lines in (f"a{control}b", control, ("fine", f"{control}b"), "Ok\r\n250 Smuggled"):
        with pytest.raises(LocalProtocolError, match="character"):
            Reply(250, lines)


def test_a_tab_may_stand_in_the_text():
    assert Reply(250, "a\tb").serialize() == b"250 a\tb\r\n"


@pytest.mark.parametrize("text", ["a\ud800", "b\udfff", "c\udc41", "d\udc7f", "e\udcc3\udca9"], ids=ascii)
def test_a_surrogate_that_stands_for_no_octet_cannot_be_built(text):
    with pytest.raises(LocalProtocolError, match="surrogate"):
        Reply(250, text)


def test_octets_that_are_not_utf_8_come_back_as_they_were():
    assert_reads_as(b"250 caf\xe9\r\n", Reply(250, "caf\udce9"))
    assert Reply(250, "caf\udce9").serialize() == b"250 caf\xe9\r\n"


@pytest.mark.parametrize(
    ("code", "enhanced"),
    [
        (250, EnhancedCode(5, 0, 0)),
        (550, EnhancedCode(4, 0, 0)),
        (354, EnhancedCode(2, 0, 0)),
        (354, EnhancedCode(3, 0, 0)),
        (250, EnhancedCode(2, 1000, 0)),
        (250, EnhancedCode(2, 0, -1)),
    ],
)
def test_an_enhanced_code_that_does_not_fit_cannot_be_built(code, enhanced):
    with pytest.raises(LocalProtocolError, match=str(code)):
        Reply(code, "text", enhanced)


def test_a_reply_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        replies.OK.code = 550


def test_a_reply_can_be_copied_pickled_and_replaced():
    reply = Reply(550, ("a", "b"), EnhancedCode(5, 1, 1))
    assert copy.deepcopy(reply) == pickle.loads(pickle.dumps(reply)) == reply
    assert dataclasses.replace(reply, lines="c") == Reply(550, "c", EnhancedCode(5, 1, 1))


# Enhanced codes in the text


@pytest.mark.parametrize(
    ("code", "lines", "enhanced", "texts"),
    [
        (250, "2.1.0 Ok", "2.1.0", ("Ok",)),
        (250, "2.1.0", "2.1.0", ("",)),
        (250, "2.1.0 ", "2.1.0", ("",)),
        (250, "2.1.0  Ok", "2.1.0", (" Ok",)),
        (250, "2.999.999 Ok", "2.999.999", ("Ok",)),
        (550, ("5.1.1 No", "5.1.1 way"), "5.1.1", ("No", "way")),
        (550, ("5.1.1 No", "5.1.1"), "5.1.1", ("No", "")),
        (550, ("5.1.1", "5.1.1 way"), "5.1.1", ("", "way")),
        (450, "5.1.1 No", None, ("5.1.1 No",)),
        (354, "3.0.0 Go", None, ("3.0.0 Go",)),
        (250, "2.1 Ok", None, ("2.1 Ok",)),
        (250, "2.1.0.3 Ok", None, ("2.1.0.3 Ok",)),
        (250, "2.01.0 Ok", None, ("2.01.0 Ok",)),
        (250, "2.1000.0 Ok", None, ("2.1000.0 Ok",)),
        (250, "2.1.0\tOk", None, ("2.1.0\tOk",)),
        (250, ("2.1.0", "2.1.05 Ok"), None, ("2.1.0", "2.1.05 Ok")),
        (250, ("2.1.0 a", "b"), None, ("2.1.0 a", "b")),
        (250, ("a", "2.1.0 b"), None, ("a", "2.1.0 b")),
    ],
)
def test_an_enhanced_code_is_lifted_from_the_text_if_every_line_carries_it(code, lines, enhanced, texts):
    reply = Reply(code, lines)
    assert (str(reply.enhanced) if reply.enhanced else None, reply.lines) == (enhanced, texts)
    assert_reads_as(reply.serialize(), reply)


def test_an_enhanced_code_that_is_given_leaves_the_text_alone():
    reply = Reply(250, "2.1.0 Ok", EnhancedCode(2, 0, 0))
    assert reply.serialize() == b"250 2.0.0 2.1.0 Ok\r\n"
    assert_reads_as(reply.serialize(), reply)


# What is read


@given(reply_values())
def test_a_reply_is_read_back_as_it_was_serialized(reply):
    assert Reply.parse(reply.serialize()) == reply


@given(reply_values())
def test_a_reply_without_its_enhanced_code_is_read_back_with_its_code_and_number_of_lines(reply):
    read = Reply.parse(reply.serialize(enhanced=False))
    assert (read.code, len(read.lines)) == (reply.code, len(reply.lines))


@pytest.mark.parametrize(
    ("octets", "reply"),
    [
        (b"250\r\n", Reply(250)),
        (b"250 \r\n", Reply(250)),
        (b"250-\r\n250\r\n", Reply(250, ("", ""))),
        (b"250 -\r\n", Reply(250, "-")),
        (b"250--\r\n250  a \r\n", Reply(250, ("-", " a "))),
        (b"250-250 Ok\r\n250 250\r\n", Reply(250, ("250 Ok", "250"))),
        (b"599 x\r\n", Reply(599, "x")),
        (b"250-a\r\n250-b\r\n250 c\r\n", Reply(250, ("a", "b", "c"))),
        (b"250 " + "é".encode() + b"\r\n", Reply(250, "é")),
    ],
)
def test_these_are_replies(octets, reply):
    assert_reads_as(octets, reply)


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (b"\r\n", "space"),
        (b"Hello\r\n", "b'Hello'"),
        (b"25\r\n", "not"),
        (b"2500 x\r\n", "not"),
        (b"250x\r\n", "not"),
        (b"250\nx\r\n", "not"),
        (b" 250 x\r\n", "not"),
        (b"199 x\r\n", "not"),
        (b"600 x\r\n", "not"),
        (b"\xb2\xb2\xb2 x\r\n", "not"),
        (b"\n250 x\r\n", "not"),
        (b"x" * 500 + b"\r\n", f"{b'x' * 60 + b'...'}"),
        (b"220-a\r\n250 b\r\n", "carry"),
        (b"220-a\r\nb\r\n", "b'b'"),
    ],
)
def test_these_are_no_replies(octets, sentence):
    assert_is_no_reply(octets, sentence)


@pytest.mark.parametrize(
    ("octets", "lines"),
    [
        (b"250 queued \x1b[0m\r\n", [r"queued \x1b[0m"]),
        (b"550 no\x07\r\n", [r"no\x07"]),
        (b"250 \x08\r\n", [r"\x08"]),
        (b"250 a\rb\r\n", [r"a\x0db"]),
        (b"250 a\r\r\n", [r"a\x0d"]),
        (b"250 a\n250 b\r\n", [r"a\x0a250 b"]),
        (b"354 a\0b\x7f\r\n", [r"a\x00b\x7f"]),
        (b"250-a\0\r\n250 b\x1f\r\n", [r"a\x00", r"b\x1f"]),
        (b"250 caf\xe9\x1b \xc3\xa9\r\n", ["caf\udce9\\x1b \u00e9"]),
        (b"250 a\tb\r\n", ["a\tb"]),
    ],
)
def test_a_control_character_in_the_text_is_shown_and_the_code_counts(octets, lines):
    assert_reads_as(octets, Reply(int(octets[:3]), lines))


def test_an_enhanced_code_is_read_before_a_control_character():
    reply = Reply.parse(b"550 5.1.1 no\x07\r\n")
    assert (str(reply.enhanced), reply.text) == ("5.1.1", r"no\x07")


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (b"", "expected"),
        (b"250 Ok", "CRLF"),
        (b"250 Ok\n", "CRLF"),
        (b"250 Ok\r", "CRLF"),
        (b"250-Ok\r\n", "expected"),
        (b"250 Ok\r\n250 Ok\r\n", "expected"),
        (b"250 Ok\r\n250-Ok\r\n", "expected"),
        (b"250 Ok\r\n" * 100, repr((b"250 Ok\r\n" * 100)[:60] + b"...")),
    ],
)
def test_parse_takes_exactly_one_whole_reply(octets, sentence):
    with pytest.raises(RemoteProtocolError) as caught:
        Reply.parse(octets)
    assert sentence in str(caught.value)


def test_the_parser_says_whether_lines_are_still_to_come():
    parser = ReplyParser()
    assert not parser.unfinished
    assert parser.feed(b"250-a") is None
    assert parser.unfinished
    assert parser.feed(b"250 b") == Reply(250, ("a", "b"))
    assert not parser.unfinished


def test_a_reply_of_64_kilobytes_is_taken_and_an_octet_more_is_not():
    line = b"250-" + b"x" * 1020
    parser = ReplyParser()
    for _ in range(2):  # the count begins anew with each reply
        for _ in range(63):
            assert parser.feed(line) is None
        assert len(parser.feed(line.replace(b"-", b" ")).lines) == 64
    for _ in range(64):
        assert parser.feed(line) is None
    with pytest.raises(RemoteProtocolError, match="longer"):
        parser.feed(b"250")


# The canonical replies


def test_every_canonical_reply_has_its_name():
    constants = {name: value for name, value in vars(replies).items() if isinstance(value, Reply)}
    assert {name: reply for reply, name in NAMES.items()} == constants == BY_NAME
    assert all(reply.name == name for name, reply in constants.items())


def test_a_name_is_neither_compared_nor_on_the_wire():
    named, nameless = Reply(250, "ok", name="RESET_OK"), Reply(250, "ok")
    assert (named.name, nameless.name) == ("RESET_OK", "")
    assert named == nameless
    assert hash(named) == hash(nameless)
    assert named.serialize() == nameless.serialize()
    assert repr(named) == repr(nameless)


@pytest.mark.parametrize("reply", NAMES, ids=NAMES.get)
def test_a_canonical_reply_has_a_known_code_one_line_and_survives_the_wire(reply):
    assert reply.code in CODES
    assert len(reply.lines) == 1
    assert reply.text
    assert Reply.parse(reply.serialize()) == reply


@pytest.mark.parametrize("reply", NAMES, ids=NAMES.get)
def test_a_canonical_reply_carries_an_enhanced_code_where_rfc_2034_wants_one(reply):
    exempt = {replies.SERVICE_READY, replies.NO_SERVICE, replies.HELO_OK, replies.START_MAIL}
    assert (reply.enhanced is None) is (reply in exempt)


# Errors


@pytest.mark.parametrize("error", [LocalProtocolError, RemoteProtocolError])
def test_an_error_is_a_sentence_with_the_reply_that_it_deserves(error):
    caught = error("that was wrong", replies.BAD_ARGUMENT)
    assert isinstance(caught, ProtocolError)
    assert str(caught) == "that was wrong"
    assert caught.reply is replies.BAD_ARGUMENT
    assert error("no reply is owed").reply is None


@pytest.mark.parametrize("reply", NAMES, ids=NAMES.get)
def test_a_canonical_reply_carries_its_name(reply):
    assert reply.name == NAMES[reply]
    assert getattr(replies, reply.name) is reply


def test_the_name_of_a_reply_is_neither_sent_nor_compared():
    named, plain = Reply(550, "No", name="RELAY_DENIED"), Reply(550, "No")
    assert named == plain
    assert hash(named) == hash(plain)
    assert named.serialize() == plain.serialize()
    assert plain.name == ""


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"250\tok", "ok"),
        (b"250\t\tok", "ok"),
        (b"250\t", ""),
        (b"250\x1b[0mok", r"\x1b[0mok"),
        (b"250\x00", r"\x00"),
        (b"250\rok", r"\x0dok"),
        (b"250\x7fok", r"\x7fok"),
    ],
)
def test_control_character_right_behind_the_code_costs_nothing(line: bytes, text: str) -> None:
    assert Reply.parse(line + b"\r\n") == Reply(250, text)


@pytest.mark.parametrize("line", [b"250ok", b"250\nok", b"250.ok", b"25\tok", b"250\xff"])
def test_what_is_no_code_with_a_text_is_no_reply(line: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        Reply.parse(line + b"\r\n")
