"""The vocabulary: what each verb takes, what it refuses, and what the table says of it."""

import copy
import dataclasses
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol import replies
from smtplab.protocol.commands import (
    VERBS,
    Data,
    Ehlo,
    Expn,
    Helo,
    Help,
    Mail,
    Noop,
    Opening,
    Quit,
    Rcpt,
    Rset,
    Saml,
    Send,
    Soml,
    Tier,
    Turn,
    Vrfy,
    parse_command,
    split_verb,
)
from smtplab.protocol.grammar import NULL_PATH, POSTMASTER, Path
from smtplab.protocol.replies import LocalProtocolError, RemoteProtocolError
from support.kernel import ALICE, BOB, EXAMPLES, commands

OPENINGS = (Mail, Send, Soml, Saml)
WITHOUT_ARGUMENT = (Data, Quit, Rset, Turn)
CONTROLS = ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\u2028", "\ud800", "\udcff", "\r\nQUIT"]


def assert_refused(line, reply=replies.BAD_ARGUMENT, sentence="", strict=False):
    """Assert that a line is no legal command, and is answered with `reply`."""
    with pytest.raises(RemoteProtocolError) as caught:
        parse_command(line, strict=strict)
    assert caught.value.reply == reply
    assert sentence in str(caught.value)


def assert_cannot_be_built(command, *arguments, sentence=""):
    with pytest.raises(LocalProtocolError) as caught:
        command(*arguments)
    assert caught.value.reply == replies.BAD_ARGUMENT
    assert sentence in str(caught.value)


# There and back


@given(commands)
def test_a_command_is_read_back_as_it_was_serialized(command):
    line = command.serialize()
    assert line.endswith(b"\r\n")
    assert parse_command(line[:-2]) == command


@given(commands)
def test_a_command_is_one_line_of_printable_text(command):
    assert str(command).isprintable() or not str(command).isascii()
    assert str(command).encode() + b"\r\n" == command.serialize()
    assert command.serialize().count(b"\r") == command.serialize().count(b"\n") == 1


@given(commands)
def test_what_is_serialized_is_right_to_the_letter_of_the_rfc(command):
    line = command.serialize()[:-2]
    blank_first = command.argument.startswith(" ")  # in a string that the lenient reading has kept
    if blank_first or (isinstance(command, Helo | Ehlo | Noop | Help) and not line.isascii()):  # RFC 6531 3.7.1, 3.7.4
        assert_refused(line, strict=True)
    else:
        assert parse_command(line, strict=True) == command


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (Helo("client.example"), b"HELO client.example"),
        (Ehlo("[192.0.2.1]"), b"EHLO [192.0.2.1]"),
        (Mail(ALICE), b"MAIL FROM:<alice@a.example>"),
        (Mail(NULL_PATH), b"MAIL FROM:<>"),
        (
            Mail(ALICE, (("SIZE", "10"), ("SMTPUTF8", None), ("BODY", "8BITMIME"))),
            b"MAIL FROM:<alice@a.example> SIZE=10 SMTPUTF8 BODY=8BITMIME",
        ),
        (Mail(Path("john doe", "a.example")), b'MAIL FROM:<"john doe"@a.example>'),
        (Send(ALICE), b"SEND FROM:<alice@a.example>"),
        (Soml(ALICE), b"SOML FROM:<alice@a.example>"),
        (Saml(ALICE), b"SAML FROM:<alice@a.example>"),
        (Rcpt(BOB), b"RCPT TO:<bob@b.example>"),
        (Rcpt(BOB, (("NOTIFY", "NEVER"),)), b"RCPT TO:<bob@b.example> NOTIFY=NEVER"),
        (Rcpt(POSTMASTER), b"RCPT TO:<Postmaster>"),
        (Rcpt(Path("jürgen", "b.example")), "RCPT TO:<jürgen@b.example>".encode()),
        (Data(), b"DATA"),
        (Quit(), b"QUIT"),
        (Rset(), b"RSET"),
        (Vrfy("John Doe"), b"VRFY John Doe"),
        (Noop(), b"NOOP"),
        (Noop("are you there?"), b"NOOP are you there?"),
        (Turn(), b"TURN"),
        (Expn("staff"), b"EXPN staff"),
        (Expn("städter", smtputf8=True), "EXPN städter SMTPUTF8".encode()),
        (Help(), b"HELP"),
        (Help("MAIL"), b"HELP MAIL"),
    ],
)
def test_these_are_the_lines_of_the_commands(command, line):
    assert command.serialize() == line + b"\r\n"
    assert str(command) == line.decode()
    assert command.argument == line.decode().partition(" ")[2]
    assert parse_command(line) == parse_command(line, strict=True) == command


@pytest.mark.parametrize("command", EXAMPLES.values(), ids=EXAMPLES)
def test_a_verb_may_be_typed_in_any_case_and_followed_by_blanks(command):
    line = command.serialize()[:-2]
    verb, blank, argument = line.partition(b" ")
    for typed in (verb.lower(), verb.capitalize(), verb.swapcase()):
        assert parse_command(typed + blank + argument, strict=True) == command
    assert parse_command(line + b"  \t ", strict=True) == command


def test_a_blank_that_no_one_counts_as_one_belongs_to_the_text():
    assert str(Vrfy("bob\xa0")) == "VRFY bob\xa0"


def test_a_command_can_be_copied_and_pickled_but_not_changed():
    command = Mail(ALICE, (("SIZE", "10"),))
    assert copy.deepcopy(command) == pickle.loads(pickle.dumps(command)) == command
    with pytest.raises(dataclasses.FrozenInstanceError):
        command.path = BOB
    assert not hasattr(command, "__dict__")


# The verb


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b" ",
        b" NOOP",
        b"FOO",
        b"VERFY bob",
        b"MAILFROM:<alice@a.example>",
        b"NOOP\tnow",
        b"NOOP\0",
        b"\0NOOP",
        b"NOOP\nRSET",
        b"NOOP\rRSET",
        b"\nNOOP",
        b"NOOP\n",
        b"\xff\xfe",
        "quıt".encode(),  # a dotless i, whose capital is I
        "rſet".encode(),  # a long s, whose capital is S
        b"(message)",
        b"(connection)",
    ],
)
def test_what_does_not_begin_with_a_verb_is_refused_with_500(line):
    assert_refused(line, replies.UNRECOGNIZED, "4.1.1")
    assert_refused(line, replies.UNRECOGNIZED, strict=True)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"", "HELP"),
        (b" \t", "empty"),
        (b"\xc2\xa0", "empty"),
        (b" NOOP", "'NOOP'"),
        (b"\t\tFOO bar", "'FOO'"),
        (b"NOOP\tnow", "NOOP"),
        (b"noop: now", "':'"),
        (b"NOOP\0", "'\\x00'"),
        (b"MAILFROM:<alice@a.example>", "'FROM:<alice@a.exampl...'"),
        (b"FOO", "'FOO'"),
    ],
)
def test_the_sentence_says_what_stands_where_the_verb_should(line, sentence):
    assert_refused(line, replies.UNRECOGNIZED, sentence)


@pytest.mark.parametrize("verb", ["HELO", "EHLO", "MAIL", "SEND", "SOML", "SAML", "RCPT"])
@pytest.mark.parametrize("blanks", ["  ", " \t", "   "])
def test_strictly_one_space_alone_stands_behind_a_verb(verb, blanks):
    line = EXAMPLES[verb].serialize().decode().strip().replace(" ", blanks, 1).encode()
    assert_refused(line, sentence=verb, strict=True)
    assert parse_command(line) == EXAMPLES[verb]


@pytest.mark.parametrize("verb", ["VRFY", "EXPN", "HELP", "NOOP"])
@pytest.mark.parametrize("blanks", ["  ", "   "])
def test_strictly_one_space_alone_stands_before_a_string(verb, blanks):
    assert_refused(f"{verb}{blanks}alice".encode(), sentence="blank", strict=True)
    assert parse_command(f"{verb}{blanks}alice".encode()).string.strip() == "alice"


@pytest.mark.parametrize("line", [b"NOOP", b"NOOP ", b"NOOP  ", b"NOOP x", b"HELP \t", b"HELP MAIL  "])
def test_strictly_blanks_may_stand_before_the_end_of_the_line(line):
    assert parse_command(line, strict=True) == parse_command(line)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("line", [b"MAIL FROM :<a@b>", b"RCPT TO : a@b", b"SEND  FROM  :<a@b>", b"MAIL FROM\t:<a@b>"])
def test_no_blank_stands_before_the_colon(line, strict):
    assert_refused(line, sentence="" if strict and b"  " in line else "colon", strict=strict)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"FOO bar", "'FOO'"),
        (b"a\xe9\0", r"'a\xe9\x00'"),
        ("aé\x85".encode(), r"'aé\x85'"),
        (b"\xff\xfe\\", r"'\xff\xfe\\'"),
        (b"\\udcff\\\x80", r"'\\udcff\\\x80'"),
        (b"x" * 21, f"'{'x' * 20}...'"),
        (b"x" * 20, repr("x" * 20)),
    ],
)
def test_the_sentence_shows_the_word_cut_short_and_made_visible(line, shown):
    assert_refused(line, replies.UNRECOGNIZED, shown)


def test_split_verb_gives_the_verb_in_capitals_and_the_argument_as_typed():
    assert split_verb(b"mail From:<Alice@A.example>  ") == ("MAIL", "From:<Alice@A.example>")
    assert split_verb(b"noop  caf\xe9") == ("NOOP", " caf\udce9")


def test_a_line_is_read_once_and_remembered():
    assert parse_command(b"VRFY bob") is parse_command(b"VRFY bob")


# The argument


@pytest.mark.parametrize("command", WITHOUT_ARGUMENT, ids=lambda command: command.verb)
def test_a_verb_without_an_argument_takes_none(command):
    assert_refused(f"{command.verb} now".encode(), sentence=command.verb)
    assert_refused(f"{command.verb} \0".encode())
    assert_refused(command.verb.encode() + b" \xff", sentence=command.verb)


@pytest.mark.parametrize("command", [Vrfy, Expn], ids=lambda command: command.verb)
def test_vrfy_and_expn_need_an_argument(command):
    sentence = VERBS[command.verb].syntax
    assert_refused(command.verb.encode(), sentence=sentence)
    assert_refused(command.verb.encode() + b"  ", sentence=sentence)
    assert_refused(command.verb.encode() + b"  SMTPUTF8", sentence=sentence)
    assert_cannot_be_built(command, "", sentence=sentence)


@pytest.mark.parametrize("command", [Vrfy, Expn], ids=lambda command: command.verb)
def test_smtputf8_behind_the_string_of_vrfy_and_expn_is_a_parameter(command):
    verb = command.verb.encode()
    assert parse_command(verb + " jürgen smtputf8".encode()) == command("jürgen", smtputf8=True)
    assert parse_command(verb + b" Bob B  SMTPUTF8 ", strict=True) == command("Bob B", smtputf8=True)
    assert command("jürgen", smtputf8=True).serialize() == verb + " jürgen SMTPUTF8\r\n".encode()


@pytest.mark.parametrize("command", [Vrfy, Expn], ids=lambda command: command.verb)
@pytest.mark.parametrize("text", ["SMTPUTF8", "bobSMTPUTF8", "SMTPUTF8 bob", "bob ſmtputf8"])
def test_what_only_looks_like_smtputf8_belongs_to_the_string(command, text):
    assert parse_command(f"{command.verb} {text}".encode()) == command(text)


@pytest.mark.parametrize("command", [Vrfy, Expn], ids=lambda command: command.verb)
@pytest.mark.parametrize("smtputf8", [False, True])
def test_a_string_that_ends_in_smtputf8_cannot_be_built_since_the_other_side_would_read_a_parameter(command, smtputf8):
    for text in ("bob SMTPUTF8", "bob smtputf8"):
        sentence = text
        assert_cannot_be_built(command, text, smtputf8, sentence=sentence)


@pytest.mark.parametrize("command", [Helo, Ehlo], ids=lambda command: command.verb)
@pytest.mark.parametrize("name", ["", " ", "two words", "x" * 256])
def test_helo_and_ehlo_need_one_word_of_at_most_255_octets(command, name):
    assert_refused(f"{command.verb} {name}".encode())
    assert_cannot_be_built(command, name)


@pytest.mark.parametrize("command", [Helo, Ehlo], ids=lambda command: command.verb)
def test_a_name_of_255_octets_is_taken(command):
    name = ".".join(["x" * 63] * 4)
    assert parse_command(command(name).serialize()[:-2], strict=True).domain == name


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
@pytest.mark.parametrize("command", [Helo, Ehlo, Vrfy, Expn, Noop, Help], ids=lambda command: command.verb)
def test_a_control_character_or_a_lone_surrogate_cannot_be_built(command, control):
    for text in (control, f"a{control}", f"{control}a", f"a{control}b"):
        assert_cannot_be_built(command, text)


@pytest.mark.parametrize("control", [*CONTROLS, " ", "="], ids=ascii)
@pytest.mark.parametrize("command", [*OPENINGS, Rcpt], ids=lambda command: command.verb)
def test_a_parameter_with_a_control_character_a_blank_or_an_equals_sign_cannot_be_built(command, control):
    assert_cannot_be_built(command, ALICE, ((f"SI{control}ZE", "10"),))
    assert_cannot_be_built(command, ALICE, (("SIZE", f"1{control}0"),))


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_an_address_with_a_control_character_cannot_be_built(control):
    assert_cannot_be_built(Path, f"al{control}ice", "a.example")
    assert_cannot_be_built(Path, "alice", f"a{control}.example")


@pytest.mark.parametrize("command", [Vrfy, Expn, Noop, Help], ids=lambda command: command.verb)
def test_a_text_that_ends_in_a_space_cannot_be_built_since_the_other_side_would_not_see_it(command):
    assert_cannot_be_built(command, "bob ", sentence="argument")
    assert_cannot_be_built(command, " ")


@pytest.mark.parametrize("octet", range(256))
def test_no_octet_in_an_argument_is_altered_it_is_taken_or_refused(octet):
    line = b"VRFY a" + bytes([octet]) + b"b"
    if 0x20 <= octet < 0x7F:
        assert parse_command(line).serialize() == line + b"\r\n"
    else:
        assert_refused(line)


# Paths and parameters


def test_what_opens_a_transaction_is_an_opening():
    assert all(issubclass(opening, Opening) for opening in OPENINGS)


@pytest.mark.parametrize("command", OPENINGS, ids=lambda command: command.verb)
def test_a_sender_may_be_null_but_not_the_bare_postmaster(command):
    assert parse_command(f"{command.verb} FROM:<>".encode()) == command(NULL_PATH)
    assert_refused(f"{command.verb} FROM:<postmaster>".encode(), sentence="sender")
    assert_cannot_be_built(command, POSTMASTER)


def test_a_recipient_may_be_the_bare_postmaster_but_not_null():
    assert parse_command(b"RCPT TO:<POSTMASTER>") == Rcpt(POSTMASTER)
    assert_refused(b"RCPT TO:<>", sentence="recipient")
    assert_cannot_be_built(Rcpt, NULL_PATH)


def test_keywords_of_parameters_are_kept_in_capitals_and_values_as_typed():
    assert parse_command(b"MAIL FROM:<alice@a.example> body=8BitMime") == Mail(ALICE, (("BODY", "8BitMime"),))
    assert Mail(ALICE, [("size", "10")]) == Mail(ALICE, (("SIZE", "10"),))


def test_a_parameter_cannot_be_given_twice():
    assert_cannot_be_built(Mail, ALICE, (("SIZE", "1"), ("size", "2")), sentence="given")
    assert_refused(b"MAIL FROM:<alice@a.example> SIZE=1 size=2", sentence="given")


def test_a_parameter_is_looked_up_by_its_keyword():
    mail = Mail(ALICE, (("SIZE", "10"), ("SMTPUTF8", None)))
    assert (mail.parameter("SIZE"), mail.parameter("SMTPUTF8"), mail.parameter("BODY")) == ("10", "", None)


@pytest.mark.parametrize(
    ("verb", "argument", "cause"),
    [
        ("MAIL", "", "missing"),
        ("RCPT", "", "missing"),
        ("MAIL", "FROM", "colon"),
        ("MAIL", "from <alice@a.example>", "colon"),
        ("MAIL", "FROM<alice@a.example>", "colon"),
        ("RCPT", "TO=<bob@b.example>", "colon"),
        ("MAIL", "TO:<a@b>", "'TO:<a@b>'"),
        ("SOML", "<a@b>", "'<a@b>'"),
        ("RCPT", "FROM:<a@b>", "'FROM:<a@b>'"),
    ],
)
def test_a_path_stands_behind_its_word_and_a_colon(verb, argument, cause):
    assert_refused(f"{verb} {argument}".encode(), sentence=cause)
    assert_refused(f"{verb} {argument}".encode(), sentence=cause, strict=True)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"MAIL FROM: <alice@a.example>", Mail(ALICE)),
        (b"MAIL FROM:alice@a.example", Mail(ALICE)),
        (b"MAIL FROM: alice@a.example SIZE=10", Mail(ALICE, (("SIZE", "10"),))),
        (b"RCPT TO: bob@b.example", Rcpt(BOB)),
        (b"MAIL  FROM:<alice@a.example>", Mail(ALICE)),
        (b"RCPT \t TO:<bob@b.example>", Rcpt(BOB)),
        (b"HELO  x", Helo("x")),
        (b"EHLO   x.example", Ehlo("x.example")),
        (b"RCPT TO:<bob@b.example>  X=1", Rcpt(BOB, (("X", "1"),))),
        (b"RCPT TO:<bob@b.example>\tX=1", Rcpt(BOB, (("X", "1"),))),
        ("NOOP ü".encode(), Noop("ü")),
        ("HELP grüße".encode(), Help("grüße")),
        (b"HELO my_laptop", Helo("my_laptop")),
    ],
)
def test_the_lenient_reading_takes_what_people_type_and_the_strict_one_refuses_it(line, command):
    assert parse_command(line) == command
    assert_refused(line, strict=True)


@pytest.mark.parametrize("name", ["[2001:db8::1]", "[::1]", "[foo:bar]", "[x400:c=de]", "[300.0.0.1]", "[]", "[lab]"])
@pytest.mark.parametrize("verb", ["HELO", "EHLO"])
@pytest.mark.parametrize("strict", [True, False])
def test_brackets_hold_an_address_literal_in_both_readings(verb, name, strict):
    assert_refused(f"{verb} {name}".encode(), strict=strict)


@pytest.mark.parametrize("name", ["[192.0.2.1]", "[IPv6:2001:db8::1]", "[ipv6:::1]"])
@pytest.mark.parametrize("strict", [True, False])
def test_an_address_literal_is_a_name_in_both_readings(name, strict):
    assert parse_command(f"EHLO {name}".encode(), strict=strict) == Ehlo(name)


def test_a_word_may_be_typed_in_any_case_in_both_readings():
    assert parse_command(b"mail from:<alice@a.example>", strict=True) == Mail(ALICE)
    assert parse_command(b"rcpt to:<bob@b.example>", strict=True) == Rcpt(BOB)


@given(
    st.binary(max_size=60) | st.sampled_from(sorted(VERBS)).flatmap(lambda v: st.binary().map(f"{v} ".encode().__add__))
)
def test_any_line_gives_a_command_that_can_be_sent_or_a_refusal_with_its_reply(line):
    command, reply = read(line)
    if command is None:
        assert reply in (replies.UNRECOGNIZED, replies.BAD_ARGUMENT)
        assert read(line, strict=True) == (None, reply)
    else:
        assert read(command.serialize()[:-2]) == (command, None)


def read(line, strict=False):
    """Return the command that the line is, or the reply that it deserves."""
    try:
        return parse_command(line, strict=strict), None
    except RemoteProtocolError as error:
        return None, error.reply


# The table of verbs


def test_the_table_has_the_lectures_14_verbs_and_ehlo():
    tiers = {tier: [verb.name for verb in VERBS.values() if verb.tier is tier] for tier in Tier}
    assert tiers == {
        Tier.MANDATORY: ["HELO", "MAIL", "RCPT", "DATA", "QUIT"],
        Tier.RECOMMENDED: ["RSET", "VRFY", "NOOP"],
        Tier.SELDOM_USED: ["TURN", "EXPN", "HELP", "SEND", "SOML", "SAML"],
    }
    assert [verb.name for verb in VERBS.values() if verb.tier is None] == ["EHLO"]


def test_the_table_tells_what_the_rfcs_require():
    # RFC 821 4.5.1 and RFC 5321 4.5.1, typed from the RFCs.
    required_821 = {verb.name for verb in VERBS.values() if verb.rfc821 == "required"}
    required_5321 = {verb.name for verb in VERBS.values() if verb.rfc5321 == "required"}
    obsolete_5321 = {verb.name for verb in VERBS.values() if verb.rfc5321 == "obsolete"}
    assert required_821 == {"HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT"}
    assert required_5321 == required_821 | {"EHLO", "VRFY"}
    assert obsolete_5321 == {"SEND", "SOML", "SAML", "TURN"}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_each_verb_has_its_class_syntax_section_and_help_line(verb):
    assert isinstance(EXAMPLES[verb.name], verb.command)
    assert verb.syntax.split()[0] == verb.name
    assert verb.section.startswith("RFC ")
    assert verb.summary.endswith(".")


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_the_syntax_says_whether_an_argument_is_needed(verb):
    command, _ = read(verb.name.encode())
    argument = verb.syntax.partition(" ")[2]
    assert (command is None) is argument.startswith(("<", "FROM:", "TO:"))


@pytest.mark.parametrize("command", [Mail, Rcpt, VERBS["SEND"].command])
@pytest.mark.parametrize("path", ["<a@b.example>\r\nRSET", "<a@b.example>", None])
def test_what_is_no_path_cannot_be_sent_as_one(command, path) -> None:
    with pytest.raises(LocalProtocolError, match="parse"):
        command(path)
