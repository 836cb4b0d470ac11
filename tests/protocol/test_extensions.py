"""What the extensions on offer allow, what they do not, and the reply that it deserves."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol import extensions, replies
from smtplab.protocol.commands import Mail, Rcpt, Saml, Send, Soml, parse_command
from smtplab.protocol.extensions import (
    COMMAND_OCTETS,
    EXTENSIONS,
    LINE_OCTETS,
    LONGEST_LINE,
    MAY_BE_FOLLOWED,
    NO_EXTENSIONS,
    Parameter,
    check_allowed,
    ehlo_lines,
    is_international,
    parse_ehlo_lines,
)
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import LocalProtocolError
from support.kernel import ALICE, BOB, EVERYTHING, EXAMPLES

JUERGEN = Path("jürgen", "b.example")
ABROAD = Path("alice", "bücher.example")
UTF8 = (("SMTPUTF8", None),)
OPENINGS = (Mail, Send, Soml, Saml)


def assert_not_allowed(command, in_force, reply, sentence, transaction=None):
    with pytest.raises(LocalProtocolError) as caught:
        check_allowed(command, in_force, transaction)
    assert caught.value.reply == reply
    assert sentence in str(caught.value)


# The EHLO reply


def test_the_kernel_knows_five_extensions_and_their_rfcs():
    assert {keyword: extension.rfc for keyword, extension in EXTENSIONS.items()} == {
        "PIPELINING": "RFC 2920",
        "SIZE": "RFC 1870",
        "8BITMIME": "RFC 6152",
        "SMTPUTF8": "RFC 6531",
        "ENHANCEDSTATUSCODES": "RFC 2034",
    }


@pytest.mark.parametrize("extension", EXTENSIONS.values(), ids=EXTENSIONS)
def test_each_extension_says_in_a_sentence_what_it_is_for(extension):
    assert extension.summary.endswith(".")


def test_the_keywords_are_lines_of_the_ehlo_reply():
    assert ehlo_lines({"PIPELINING": "", "SIZE": "1000"}) == ("PIPELINING", "SIZE 1000")
    assert ehlo_lines(NO_EXTENSIONS) == ()


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,9}", fullmatch=True), st.from_regex(r"([!-~]+ ?)*", fullmatch=True)
    )
)
def test_an_offer_is_read_back_as_it_was_made(offer):
    assert parse_ehlo_lines(("mail.example greets you", *ehlo_lines(offer))) == offer


def test_keywords_are_not_case_sensitive_and_the_first_line_is_none():
    assert parse_ehlo_lines(("SIZE 5", "size 10", "8bitmime", "x-own a b")) == {
        "SIZE": "10",
        "8BITMIME": "",
        "X-OWN": "a b",
    }
    assert parse_ehlo_lines(("SIZE 5",)) == {}


@pytest.mark.parametrize("line", ["", " ", " 1000"])
def test_a_line_without_a_keyword_offers_nothing(line):
    assert parse_ehlo_lines(("mail.example", line, "SIZE 5")) == {"SIZE": "5"}


def test_the_rows_of_the_table_cannot_be_changed():
    size = EXTENSIONS["SIZE"]
    with pytest.raises(FrozenInstanceError):
        size.rfc = "RFC 0"
    with pytest.raises(FrozenInstanceError):
        size.parameters[0].octets = 0


# Line limits


def test_a_command_line_has_512_octets_and_the_extensions_lengthen_mail():
    assert COMMAND_OCTETS == 512  # RFC 5321 4.5.3.1.4
    lengthened = 512 + 26 + 17 + 10  # RFC 1870 3, RFC 6152 2, RFC 6531 3.1
    assert {"MAIL": lengthened, "SEND": lengthened, "SOML": lengthened, "SAML": lengthened, "RCPT": 512} == LINE_OCTETS
    assert lengthened == LONGEST_LINE


def test_rfc_2920_lets_these_verbs_stand_anywhere_in_a_group():
    assert {"RSET", "MAIL", "SEND", "SOML", "SAML", "RCPT"} == MAY_BE_FOLLOWED


# Parameters of MAIL and its kin


@pytest.mark.parametrize("opening", OPENINGS, ids=lambda opening: opening.verb)
@pytest.mark.parametrize(
    "parameters",
    [
        "",
        "SIZE=0",
        "SIZE=1000",
        "SIZE=00000000000000001000",
        "BODY=7BIT",
        "BODY=8BITMIME",
        "body=8bitmime",
        "SMTPUTF8",
        "SIZE=1 BODY=8BITMIME SMTPUTF8",
    ],
)
def test_what_is_on_offer_is_allowed(opening, parameters):
    command = parse_command(f"{opening.verb} FROM:<alice@a.example> {parameters}".encode())
    check_allowed(command, EVERYTHING, None)


@pytest.mark.parametrize("opening", OPENINGS, ids=lambda opening: opening.verb)
@pytest.mark.parametrize(
    ("parameter", "keyword"),
    [(("SIZE", "10"), "SIZE"), (("BODY", "7BIT"), "8BITMIME"), (("SMTPUTF8", None), "SMTPUTF8"), (("AUTH", "x"), "")],
)
def test_a_parameter_that_no_extension_in_force_brings_gets_555(opening, parameter, keyword):
    without = {key: text for key, text in EVERYTHING.items() if key != keyword}
    sentence = parameter[0]
    for in_force in (NO_EXTENSIONS, without):
        assert_not_allowed(opening(ALICE, (parameter,)), in_force, replies.PARAMETER_NOT_RECOGNIZED, sentence)


@pytest.mark.parametrize("keyword", ["PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", ""])
def test_a_keyword_of_the_ehlo_reply_is_not_by_itself_a_parameter(keyword):
    command = Mail(ALICE, ((keyword or "X", None),))
    assert_not_allowed(command, EVERYTHING, replies.PARAMETER_NOT_RECOGNIZED, "extension")


def test_an_offer_with_an_empty_keyword_brings_no_parameter():
    assert_not_allowed(Mail(ALICE, (("X", None),)), {"": ""}, replies.PARAMETER_NOT_RECOGNIZED, "X")


@pytest.mark.parametrize("value", [None, "ten", "-1", "1.0", "1e3", "²", "١", "0" * 21])
def test_a_size_that_is_no_number_of_20_digits_gets_501(value):
    assert_not_allowed(
        Mail(ALICE, (("SIZE", value),)),
        EVERYTHING,
        replies.BAD_ARGUMENT,
        "SIZE",
    )


@pytest.mark.parametrize("value", [None, "BINARYMIME", "8BIT", "7BITS"])
def test_a_body_that_is_neither_7bit_nor_8bitmime_gets_501(value):
    assert_not_allowed(Mail(ALICE, (("BODY", value),)), EVERYTHING, replies.BAD_ARGUMENT, "BODY")


def test_smtputf8_with_a_value_gets_501():
    assert_not_allowed(Mail(ALICE, (("SMTPUTF8", "yes"),)), EVERYTHING, replies.BAD_ARGUMENT, "SMTPUTF8")


def test_a_declared_size_beyond_the_limit_gets_552():
    check_allowed(Mail(ALICE, (("SIZE", "1000"),)), EVERYTHING, None)
    assert_not_allowed(
        Mail(ALICE, (("SIZE", "1001"),)),
        EVERYTHING,
        replies.MESSAGE_TOO_BIG,
        "exceeds",
    )


@pytest.mark.parametrize("limit", ["", "0", "none", "²", "-5", "9" * 21, "1" * 5000])
def test_without_a_limit_that_is_a_number_every_size_is_allowed(limit):
    check_allowed(Mail(ALICE, (("SIZE", "9" * 20),)), {"SIZE": limit}, None)


# Parameters of RCPT


@pytest.mark.parametrize("parameter", [("SIZE", "10"), ("SMTPUTF8", None), ("NOTIFY", "NEVER")])
def test_no_extension_that_the_kernel_knows_brings_a_parameter_to_rcpt(parameter):
    assert_not_allowed(
        Rcpt(BOB, (parameter,)), EVERYTHING, replies.PARAMETER_NOT_RECOGNIZED, f"RCPT cannot take {parameter[0]}"
    )


def test_a_parameter_of_rcpt_is_a_row_like_one_of_mail(monkeypatch):
    """RFC 3461 4.1, as DSN will bring it: the rule gets the value, and what the EHLO reply says of the extension."""
    seen = []
    row = Parameter("RCPT", "NOTIFY", 28, lambda value, offered: seen.append((value, offered)))
    monkeypatch.setitem(extensions._PARAMETERS, ("RCPT", "NOTIFY"), (row, "DSN"))
    command = Rcpt(BOB, (("notify", "NEVER"),))
    check_allowed(command, {"DSN": "x"}, Mail(ALICE))
    assert seen == [("NEVER", "x")]
    assert_not_allowed(command, EVERYTHING, replies.PARAMETER_NOT_RECOGNIZED, "NOTIFY")


# Addresses that are not ASCII


@pytest.mark.parametrize("path", [JUERGEN, ABROAD], ids=str)
@pytest.mark.parametrize("opening", OPENINGS, ids=lambda opening: opening.verb)
def test_a_sender_that_is_not_ascii_needs_smtputf8(opening, path):
    check_allowed(opening(path, UTF8), EVERYTHING, None)
    sentence = path.address
    for earlier in (None, Mail(ALICE, UTF8)):  # an earlier transaction has no say
        assert_not_allowed(opening(path), EVERYTHING, replies.NON_ASCII_ADDRESS, sentence, earlier)


@pytest.mark.parametrize("path", [JUERGEN, ABROAD], ids=str)
def test_a_recipient_that_is_not_ascii_needs_smtputf8_in_its_transaction(path):
    check_allowed(Rcpt(path), EVERYTHING, Mail(ALICE, UTF8))
    for transaction in (None, Mail(ALICE), Mail(ALICE, (("SIZE", "1"),))):
        assert_not_allowed(Rcpt(path), EVERYTHING, replies.NON_ASCII_ADDRESS, "SMTPUTF8", transaction)


@pytest.mark.parametrize("command", EXAMPLES.values(), ids=EXAMPLES)
def test_commands_without_parameters_are_always_allowed(command):
    check_allowed(command, NO_EXTENSIONS, None)


# What a message needs


@pytest.mark.parametrize(
    ("addresses", "content", "needs"),
    [
        ([], b"", False),
        (["a@b.example", Path("a", "b.example")], b"Subject: x\r\n\r\nx", False),
        (["jürgen@b.example"], b"", True),
        ([Path("a", "b.example"), JUERGEN], b"", True),
        ([], "Subject: ü".encode(), True),
        ([], "Subject: ü\r\n\r\nx".encode(), True),
        ([], "Subject: x\r\n\r\nü".encode(), False),
        ([], "\r\nü\r\n\r\nx".encode(), False),
        (["jürgen@b.example"], "Subject: x\r\n\r\nü".encode(), True),
    ],
)
def test_a_message_needs_smtputf8_for_its_addresses_and_its_header_section_and_not_for_its_body(
    addresses, content, needs
):
    assert is_international(addresses, content) is needs


@pytest.mark.parametrize("octets", [b"Gr\xfc\xdfe", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xff\xfeS\x00"])
@pytest.mark.parametrize("rest", [b"", b"\r\n\r\nx", b"\r\nTo: a@b.example\r\n\r\nx", "\r\nFrom: ü\r\n\r\n".encode()])
def test_a_header_section_that_is_neither_ascii_nor_utf_8_is_refused(octets, rest):
    with pytest.raises(LocalProtocolError, match="ASCII") as caught:
        is_international(["jürgen@b.example"], b"Subject: " + octets + rest)
    assert caught.value.reply == replies.CONTENT_REFUSED


@pytest.mark.parametrize("content", [b"\r\n\xff\r\n", b"Subject: x\r\n\r\nGr\xfc\xdfe\r\n"])
def test_the_body_need_not_be_utf_8(content):
    assert not is_international([], content)
