"""How hosts word their replies: the lecture's words byte for byte, and what no wording can change or break."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.base.resources import data_path
from smtplab.mta.personality import FACTS, Personality, PersonalityError, available
from smtplab.protocol import replies
from smtplab.protocol.replies import NAMES, Reply

SESSION = {
    "host": "mta13.adelphia.net",
    "helo": "mail.adelphia.net",
    "date": "Fri, 6 Aug 2004 10:25:00 -0400",
    "sender": "forouzanb@adelphia.net",
    "sender_domain": "adelphia.net",
    "recipient": "forouzanb@adelphia.net",
}


def saying(**templates):
    return Personality("test", templates)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "house.toml"


# The personalities that come with smtplab


def test_personalities_are_found_by_name():
    assert available() == ["lecture", "plain"]
    assert Personality.load("lecture").name == "lecture"


def test_a_personality_that_comes_with_smtplab_is_read_once_and_a_file_each_time(file):
    assert Personality.load("plain") is Personality.load("plain")
    file.write_text("[replies]\nNOOP_OK = 'yes'")
    assert Personality.load(file).templates == {"NOOP_OK": "yes"}
    file.write_text("[replies]\nNOOP_OK = 'no'")
    assert Personality.load(file).templates == {"NOOP_OK": "no"}


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (replies.SERVICE_READY, "220 mta13.adelphia.net SMTP server ready Fri, 6 Aug 2004 10:25:00 -0400"),
        (replies.HELO_OK, "250 mta13.adelphia.net"),
        (replies.SENDER_OK, "250 Sender <forouzanb@adelphia.net> Ok"),
        (replies.RECIPIENT_OK, "250 Recipient <forouzanb@adelphia.net> Ok"),
        (replies.START_MAIL, "354 Ok Send data ending with <CRLF>.<CRLF>"),
        (replies.MESSAGE_ACCEPTED, "250 Message received: adelphia.net@mail.adelphia.net"),
        (replies.CLOSING, "221 mta13.adelphia.net SMTP server closing connection"),
    ],
)
def test_lecture_speaks_as_in_the_lecture_byte_for_byte(reply, line):
    worded = Personality.load("lecture").word(reply, **SESSION)
    assert worded.serialize(enhanced=False) == line.encode() + b"\r\n"
    shown = data_path("transcripts", "ok-lecture-adelphia.txt").read_text("utf-8")
    assert line.removesuffix(" 10:25:00 -0400") in shown


@pytest.mark.parametrize("name", ["lecture", "plain"])
@pytest.mark.parametrize("reply", NAMES, ids=NAMES.values())
def test_each_reply_keeps_its_code_and_enhanced_code(name, reply):
    facts = dict.fromkeys(FACTS[NAMES[reply]], "x")
    worded = Personality.load(name).word(reply, **facts)
    assert (worded.code, worded.enhanced) == (reply.code, reply.enhanced)
    assert all(line.strip() == line != "" for line in worded.lines)


@pytest.mark.parametrize("name", ["lecture", "plain"])
@pytest.mark.parametrize("reply", NAMES, ids=NAMES.get)
def test_each_reply_keeps_its_canonical_name(name, reply):
    personality = Personality.load(name)
    facts = dict.fromkeys(FACTS[NAMES[reply]], "x")
    assert personality.word(reply, **facts).name == NAMES[reply]


def test_a_text_of_help_has_the_name_of_help():
    own = Personality("test", {}, {"general": "ask me"}).help()
    assert own is not None
    assert own.name == "HELP_MESSAGE"


def test_plain_shows_each_member_of_a_list_on_its_own_line():
    worded = Personality.load("plain").word(replies.MEMBERS, recipient="staff", detail="A <a@b>\n<c@d>")
    assert str(worded) == "250-2.1.5 A <a@b>\r\n250 2.1.5 <c@d>"


def test_plain_shows_who_may_be_meant():
    worded = Personality.load("plain").word(replies.AMBIGUOUS, recipient="Smith", detail="<a@b>\n<c@d>")
    assert worded.lines == ("Smith is ambiguous; it may be", "<a@b>", "<c@d>")


def test_facts_are_declared_for_exactly_the_canonical_replies():
    assert set(FACTS) == set(NAMES.values())


# Wording


def test_reply_without_a_template_keeps_its_canonical_wording():
    assert saying(OK="Fine").word(replies.NOOP_OK) is replies.NOOP_OK


def test_reply_that_is_not_canonical_is_returned_as_it_is():
    odd = Reply(599, "odd")
    assert saying(OK="Fine").word(odd, host="x") is odd


def test_canonical_reply_is_known_by_its_value():
    assert saying(OK="Fine").word(Reply(250, "2.0.0 Ok")).text == "Fine"


def test_fields_are_filled_with_facts():
    worded = saying(SENDER_OK="{sender} of {sender_domain}, {sender}").word(
        replies.SENDER_OK, sender="a@b", sender_domain="b"
    )
    assert worded.text == "a@b of b, a@b"


def test_template_may_have_several_lines():
    worded = saying(OK="one {host}\ntwo\n").word(replies.OK, host="h")
    assert worded.lines == ("one h", "two")


def test_text_without_fields_is_finished_once():
    personality = saying(OK="Fine")
    assert personality.word(replies.OK) is personality.word(replies.OK, host="x")


def test_doubled_braces_and_percent_signs_are_themselves():
    assert saying(OK="100% {{of}} %s {host}").word(replies.OK, host="{x}").text == "100% {of} %s {x}"
    assert saying(OK="{{}}").word(replies.OK).text == "{}"


def test_fact_that_is_left_out_leaves_its_place_empty():
    personality = saying(VERIFIED="[{recipient}] {detail}")
    assert personality.word(replies.VERIFIED).text == "[] "
    assert personality.word(replies.VERIFIED, detail="a\nb").lines == ("[] a", "[] b")


def test_only_the_line_that_speaks_of_the_details_is_repeated():
    worded = saying(MEMBERS="{recipient}:\n- {detail}\nend").word(replies.MEMBERS, recipient="all", detail="a\nb")
    assert worded.lines == ("all:", "- a", "- b", "end")


def test_control_characters_become_visible_escapes():
    worded = saying(SENDER_OK="<{sender}>").word(replies.SENDER_OK, sender="a\r\n250 b\0\x1b\t\x7f\xa0\udcff")
    assert worded.lines == ("<a\\r\\n250 b\\x00\\x1b\\t\\x7f\\xa0\\udcff>",)


def test_printable_letters_beyond_ascii_stay_for_those_who_speak_smtputf8():
    assert saying(SENDER_OK="<{sender}>").word(replies.SENDER_OK, sender="zoë@x").text == "<zoë@x>"


@pytest.mark.parametrize("letter", ["x", "é", "漢", "🙂"])
@pytest.mark.parametrize("count", [100, 120, 121, 125, 126, 127, 497, 498, 499, 500, 501, 5000])
def test_no_line_exceeds_512_octets(letter, count):
    text = letter * count
    for reply in (replies.SENDER_OK, replies.HELO_OK):
        template = "{helo}"
        worded = saying(SENDER_OK=template, HELO_OK=template).word(reply, helo=text)
        octets = len(worded.serialize())
        assert octets <= 512
        if len(text.encode()) <= 512 - len(f"250 {reply.enhanced or ''} \r\n"):
            assert worded.text == text
        else:
            assert octets > 504
            assert worded.text.endswith(letter + "...")


@given(st.dictionaries(st.sampled_from(sorted(FACTS["VERIFIED"])), st.text(st.characters(), max_size=700)))
def test_any_facts_give_a_reply_that_can_be_sent_and_read_back(facts):
    worded = saying(VERIFIED="{recipient}: {detail} at {host}").word(replies.VERIFIED, **facts)
    wire = worded.serialize()
    assert Reply.parse(wire) == worded
    assert all(len(line) <= 510 for line in wire.split(b"\r\n"))
    assert wire.count(b"\r\n") == 1 + facts.get("detail", "").count("\n")


# HELP


def test_help_is_the_hosts_own_text():
    personality = Personality("test", {}, {"general": "Try these:\nMAIL", "Mail": "Say who you are"})
    assert personality.help() == Reply(214, ("Try these:", "MAIL"), replies.HELP_MESSAGE.enhanced)
    assert personality.help("MAIL").text == personality.help("mail").text == "Say who you are"
    assert personality.help("RCPT") is None
    assert saying(OK="x").help() is None


# What cannot be said


@pytest.mark.parametrize(
    ("templates", "sentence"),
    [
        ({"FINE": "x"}, "'FINE'"),
        ({"OK": "{sender}"}, re.escape("{host}")),
        ({"OK": "{}"}, "fields"),
        ({"OK": "{host.x}"}, "fields"),
        ({"OK": "{host[0]}"}, "fields"),
        ({"OK": "{host!r}"}, "fields"),
        ({"OK": "{host:>9}"}, "fields"),
        ({"OK": "{host"}, "brace"),
        ({"OK": "host}"}, "brace"),
        ({"OK": "a\tb"}, "printable"),
        ({"OK": "a\r\nb"}, "printable"),
        ({"OK": "schön"}, "printable"),
    ],
)
def test_template_that_cannot_be_is_refused_with_a_sentence(templates, sentence):
    with pytest.raises(PersonalityError, match=sentence):
        Personality("test", templates)


def test_help_text_that_is_not_ascii_is_refused():
    with pytest.raises(PersonalityError, match="help for MAIL"):
        Personality("test", {}, {"MAIL": "é"})


def test_file_is_read_by_its_path_and_named_after_it(file):
    file.write_text('[replies]\nOK = """\nFine\n{host}\n"""\n[help]\nMAIL = "Say who"\n')
    for path in (file, str(file)):
        personality = Personality.load(path)
        assert personality.name == "house"
        assert personality.word(replies.OK, host="h").lines == ("Fine", "h")
        assert personality.help("MAIL").text == "Say who"


def test_empty_file_words_nothing(file):
    file.write_text("")
    assert Personality.load(file).word(replies.OK) is replies.OK


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[replies", "TOML"),
        ("reply = 1", "'reply'"),
        ("replies = 1", "tables"),
        ("[help]\nMAIL = 1", "tables"),
        ("[replies]\nFINE = 'x'", "'FINE'"),
    ],
)
def test_wrong_file_is_refused_with_a_sentence_that_names_it(file, text, sentence):
    file.write_text(text)
    with pytest.raises(PersonalityError, match=sentence) as caught:
        Personality.load(file)
    assert str(caught.value).startswith(f"the personality {file} ")
    assert "\n" not in str(caught.value)


def test_file_that_is_not_there_or_not_text_is_refused_with_a_sentence(file):
    with pytest.raises(PersonalityError, match="No such file"):
        Personality.load(file)
    file.write_bytes(b"\xff")
    with pytest.raises(PersonalityError, match="TOML"):
        Personality.load(file)


@pytest.mark.parametrize("name", ["polite", "../lecture", ""])
def test_unknown_name_is_refused_with_those_there_are(name):
    with pytest.raises(PersonalityError, match="lecture"):
        Personality.load(name)
