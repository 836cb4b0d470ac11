"""Every reply is explained: the cause, the rule, where it is written, what may come, how to fix it."""

import ast
import inspect
import re
from html import unescape

import pytest

from smtplab import Lab, Session, State, Transcript
from smtplab.explain import explainer as explain_module
from smtplab.explain import explanation as explanation_module
from smtplab.explain import reasons
from smtplab.explain.causes import CAUSES, HOST, Cause
from smtplab.explain.explainer import explain, strict_objection
from smtplab.explain.explanation import Explanation
from smtplab.lab.provoking import provoke
from smtplab.mta.personality import Personality
from smtplab.protocol.codes import CODES
from smtplab.protocol.commands import VERBS, parse_command
from smtplab.protocol.replies import NAMES, RemoteProtocolError, Reply
from smtplab.protocol.states import TRANSITIONS
from smtplab.transcript import Side

every_cause = pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.sentence)


def of(text: str) -> Explanation:
    """Explain the last reply of a conversation in the text form."""
    return explain(Transcript.parse(text))


# Every cause


@every_cause
def test_the_reply_to_every_cause_is_recognized(cause: Cause) -> None:
    explanation = explain(provoke(cause))
    assert explanation.name == NAMES[cause.reply]
    assert explanation.code.number == cause.code


@every_cause
def test_the_reply_to_every_cause_is_recognized_in_a_pasted_session(cause: Cause) -> None:
    pasted = Transcript.parse(str(provoke(cause)))
    assert explain(pasted).name == NAMES[cause.reply]


MISLEADING = {"NO_SUCH_MAILBOX": "Relaying denied", "RELAY_DENIED": "No such user here", "LOCAL_ERROR": "Mailbox busy"}


def test_in_the_lab_a_reply_is_known_by_its_name_whatever_its_words(lab: Lab, ready: Session) -> None:
    lab.host(HOST).handler.personality = Personality("misleading", MISLEADING)
    lab.host(HOST).handler.relay = None
    ready.send("MAIL FROM:<x@laptop.example>")
    for recipient, name in (("nobody@lab.example", "NO_SUCH_MAILBOX"), ("a@elsewhere.example", "RELAY_DENIED")):
        ready.send(f"RCPT TO:<{recipient}>")
        assert ready.why().name == name
        assert explain(Transcript.from_json(ready.transcript.to_json())).name == name
        assert explain(Transcript.parse(str(ready.transcript))).name != name  # a pasted session has the words alone


def test_in_the_lab_a_reply_to_a_host_or_to_a_client_has_its_name_too(lab: Lab) -> None:
    with lab.client(HOST) as client:
        client.deliver("x@laptop.example", ["dora@campus.example"], b"Subject: hello\r\n")
    (relayed,) = lab.conversations
    for conversation in (client.conversation, relayed):
        names = [each.reply.name for each in conversation.transcript.exchanges() if each.reply]
        assert names[:3] == ["SERVICE_READY", "HELO_OK", "SENDER_OK"]
        assert names[-2:] == ["MESSAGE_ACCEPTED", "CLOSING"]


def test_a_fault_of_the_line_is_no_reason_where_the_host_names_another_one(lab: Lab, connected: Session) -> None:
    connected.send("EHLO laptop.example\nMAIL FROM:<x@laptop.example>\nRCPT TO:<bob@lab.example>\nDATA")
    for _ in range(100):
        connected.send("Received: from a by b; Fri, 6 Aug 2004 10:25:00 -0400")
    connected.send_bytes(b"\r\na bare\nline feed\r\n.\r\n")
    explanation = connected.why()
    assert explanation.name == "MAIL_LOOP"
    assert "bare" not in explanation.reason


@pytest.mark.parametrize("cause", [cause for cause in CAUSES if cause.said], ids=lambda cause: cause.sentence)
def test_a_host_with_other_words_is_understood_as_well(cause: Cause) -> None:
    """A host that uses the plain wording of the RFC and no enhanced codes leaves nothing else to go by."""
    held = provoke(cause)
    asked = max(at for at, row in enumerate(held) if row.side is Side.CLIENT)
    transcript = Transcript(held[: asked + 1])
    transcript.feed(Side.SERVER, Reply(cause.code, cause.reply.lines).serialize())
    assert explain(transcript).name == NAMES[cause.reply]


@every_cause
def test_every_explanation_is_complete(cause: Cause) -> None:
    explanation = explain(provoke(cause))
    assert re.fullmatch(r"[A-Z'].*\.", explanation.reason)
    assert explanation.rule.endswith(".")
    assert re.fullmatch(r"RFC \d+ [0-9A-Z.]+", explanation.rfc)
    assert explanation.advice.endswith(".")
    assert set(explanation.legal) == set(TRANSITIONS[explanation.after]) & set(VERBS)
    assert explanation.reason != explanation.rule


# One by one


def test_an_unknown_verb_is_named_with_the_nearest_one(connected: Session) -> None:
    connected.send("VERFY alice")
    assert str(connected.why()) == (
        "500 Command not recognized: 'VERFY' is not a command of SMTP (RFC 5321 4.1.1)\n"
        "  said       VERFY alice\n"
        "  why        'VERFY' is not a command of SMTP.\n"
        "  rule       The server does not know the command, or the line was too long. (RFC 5321 4.1.1)\n"
        "  class      never\n"
        "  digits     5yz Permanent Negative Completion; x0z Syntax\n"
        "  state      unchanged: greeted, the client has not said who it is\n"
        "  legal now  HELO, EHLO; also NOOP, HELP, VRFY, EXPN, QUIT, RSET\n"
        "  fix        Write VRFY <user or mailbox>.\n"
        "  lecture    The lecture spells it VERFY; the verb is VRFY, and RFC 5321 wants it in every server."
        ' The lecture calls 500 "Syntax error; unrecognized command".'
    )


@pytest.mark.parametrize(("word", "verb"), [("VERFY", "VRFY"), ("SMOL", "SOML"), ("SMAL", "SAML"), ("verfy", "VRFY")])
def test_the_lectures_spelling_is_named_once_in_each_card(connected: Session, word: str, verb: str) -> None:
    reply = connected.send(f"{word} a")
    told = f"The lecture's page has {word.upper()}; the verb is {verb}."
    assert reply is not None
    assert told in unescape(connected.why().reply_html())
    assert str(connected.why()).count(f"the verb is {verb}") == 1


@pytest.mark.parametrize("line", ["VERIFY alice", "SMOLL FROM:<a@b.example>", "VRFX alice"])
def test_of_another_misspelling_the_lecture_is_not_named_as_the_source(connected: Session, line: str) -> None:
    connected.send(line)
    assert "Did you mean" in connected.why().question


@pytest.mark.parametrize(
    ("name", "hides", "words"),
    [
        ("staff", False, "a mailing list, not to one user"),
        ("forouzanb@adelphia.net", False, "another server's"),
        ("alice", True, "does not reveal"),
    ],
)
def test_a_252_has_the_reason_that_the_host_gives(lab: Lab, ready: Session, name: str, hides: bool, words: str) -> None:
    lab.host(HOST).handler.answers_vrfy = not hides
    ready.send(f"VRFY {name}")
    assert ready.why().code.number == 252
    assert words in ready.why().reason


@pytest.mark.parametrize(("octets", "shown"), [("MÄIL".encode(), "'MÄIL'"), (b"M\xc4IL", r"'M\xc4IL'")])
def test_a_letter_and_an_octet_that_is_no_text_are_told_apart(connected: Session, octets: bytes, shown: str) -> None:
    reply = connected.send_bytes(octets + b"\r\n")
    assert r"'M\xc4IL' is not a command" in reply.text  # a reply is ASCII
    assert connected.why().reason == f"{shown} is not a command of SMTP."


def test_a_line_of_a_message_that_comes_too_early_is_told_where_it_belongs(connected: Session) -> None:
    connected.send("Subject: hello")
    advice = connected.why().advice
    assert advice.startswith(
        "If this is a line of the message: First say HELO <domain>, then MAIL FROM:<reverse-path>,"
    )
    assert advice.endswith("then DATA; then the message may come.")


def test_a_wrong_argument_is_told_what_is_wrong_and_how_it_is_written(connected: Session) -> None:
    connected.send("HELO")
    why = connected.why()
    assert "missing" in why.reason
    assert why.advice == f"Write {VERBS['HELO'].syntax}."
    assert why.rfc == VERBS["HELO"].section


def test_help_that_is_not_there_is_explained_by_the_section_that_lists_504(connected: Session) -> None:
    connected.send("HELP POSTAGE")
    assert connected.why().rfc == "RFC 5321 4.3.2"  # 4.2.4 is about 502 and 500 alone


def test_a_strict_server_is_understood() -> None:
    why = of("S: 220 x\nC: HELO a.example\nS: 250 x\nC: MAIL FROM: a@b.example\nS: 501 no")
    assert "brackets" in why.reason
    assert why.note == ""


def test_what_a_lenient_server_took_is_told_as_a_note(connected: Session) -> None:
    connected.send("HELO a.example\nMAIL FROM: a@b.example")
    assert connected.note in connected.why().note
    strictly = connected.why().lines["strictly"]
    assert strictly.startswith("A strict server refuses the line: ")
    assert strictly.endswith(".")


@pytest.mark.parametrize(
    ("lines", "verb", "advice"),
    [
        ("", "MAIL", "First say HELO <domain>; then MAIL may come."),
        ("", "DATA", "First say HELO <domain>, then MAIL FROM:<reverse-path>, then RCPT TO:<forward-path>;"
                     " then DATA may come."),
        ("", "TURN", "First say HELO <domain>; then TURN may come."),
        ("HELO a", "RCPT", "First say MAIL FROM:<reverse-path>; then RCPT may come."),
        ("HELO a\nMAIL FROM:<>", "MAIL", "First say RSET; then MAIL may come."),
        ("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>", "TURN", "First say RSET; then TURN may come."),
    ],
)  # fmt: skip
def test_a_bad_sequence_is_told_the_shortest_way(connected: Session, lines: str, verb: str, advice: str) -> None:
    connected.send(f"{lines}\n{verb}".lstrip())
    why = connected.why()
    assert why.code.number == 503
    assert why.advice == advice
    assert why.rfc == "RFC 5321 4.1.4"


def test_after_a_refusing_greeting_only_quit_is_advised() -> None:
    why = of("S: 554 no service\nC: HELO a.example\nS: 503 no")
    assert why.legal == ("QUIT",)
    assert "QUIT" in why.advice


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ("550 5.1.1 no", "NO_SUCH_MAILBOX"),
        ("550 5.7.1 no", "RELAY_DENIED"),
        ("550 <x@y>: Recipient address rejected: User unknown in local recipient table", "NO_SUCH_MAILBOX"),
        ("554 5.7.1 <x@y>: Relay access denied", "TRANSACTION_FAILED"),
        ("550 relay not permitted", "RELAY_DENIED"),
        ("452 4.5.3 Error: too many recipients", "TOO_MANY_RECIPIENTS"),
        ("452 4.3.1 Insufficient system storage", "INSUFFICIENT_STORAGE"),
    ],
)
def test_the_words_of_other_servers_are_understood(reply: str, name: str) -> None:
    said = "S: 220 x\nC: EHLO a\nS: 250 x\nC: MAIL FROM:<>\nS: 250\nC: RCPT TO:<x@y>\nS: "
    assert of(said + reply).name == name


def test_a_server_that_words_an_unknown_verb_by_another_code_is_understood() -> None:
    why = of("S: 220 x\nC: FROB\nS: 502 5.5.2 Error: command not recognized")
    assert why.reason == "'FROB' is not a command of SMTP."


def test_a_code_that_nobody_has_defined_is_explained_by_its_digits() -> None:
    why = of("S: 220 x\nC: NOOP\nS: 299 what a day")
    assert why.name == ""
    assert "first digit" in why.reason
    assert why.rule == "The command was carried out."
    assert why.rfc == "RFC 5321 4.2.1"


def test_extensions_in_force_are_known_to_the_explanation() -> None:
    ehlo = "S: 220 x\nC: EHLO a\nS: 250-x\nS: 250-SIZE 1000\nS: 250 8BITMIME\n"
    assert "exceeds the limit of 1000" in of(f"{ehlo}C: MAIL FROM:<> SIZE=2000\nS: 552 no").reason
    assert "HELO" not in of(f"{ehlo}C: MAIL FROM:<> FOO=1\nS: 555 no").reason
    helo = f"{ehlo}C: HELO a\nS: 250 x\n"
    assert "no extension in force" in of(f"{helo}C: MAIL FROM:<> SIZE=2000\nS: 555 no").reason


def test_a_message_is_not_shown_whole(connected: Session) -> None:
    connected.send("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA\nSubject: hello\n.")
    assert connected.why().said == "a message of 19 octets, its lone dot included"


def test_a_long_line_is_cut(connected: Session) -> None:
    connected.send("NOOP " + "x" * 600)
    assert re.fullmatch(r"NOOP x{67}\.\.\. \(607 octets\)", connected.why().said)


def test_a_control_character_is_made_visible(connected: Session) -> None:
    connected.send("NOOP \x1b")
    assert connected.why().said == r"NOOP \x1b"


def test_the_greeting_is_explained_before_anything_is_said(connected: Session) -> None:
    why = connected.why()
    assert (why.said, why.name, why.before, why.after) == ("", "SERVICE_READY", State.CONNECTED, State.GREETED)
    assert why.advice == "HELO <domain>: Say who you are."


def test_amid_a_message_the_354_is_explained(connected: Session) -> None:
    connected.send("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA\nSubject: hello")
    assert connected.why().code.number == 354
    assert "no verb; every line belongs to the message until the lone dot" in str(connected.why())


def test_an_unasked_reply_is_explained() -> None:
    lab = Lab()
    session = lab.telnet(HOST)
    lab.host(HOST).stop()
    why = session.why()
    assert (why.said, why.name, why.after) == ("", "SHUTTING_DOWN", State.CLOSED)
    assert "  legal now  nothing\n" in str(why)


def test_an_earlier_reply_is_explained_by_what_stood_then(connected: Session) -> None:
    first = connected.send("DATA")
    connected.send("HELO a.example")
    assert first is not None
    assert first.explanation is not None
    assert first.explanation.before is State.GREETED
    assert "First say HELO" in first.explanation.advice


def test_after_turn_it_is_said_whose_word_it_is() -> None:
    lab = Lab()
    lab.host(HOST).handler.turns = True
    session = lab.telnet(HOST)
    session.send("HELO laptop.example\nTURN")
    assert "Greet with 220" in session.why().advice
    session.send("220 laptop.example")
    assert "TURN" in session.why().reason


def test_nothing_is_explained_before_the_first_reply() -> None:
    with pytest.raises(LookupError, match="reply"):
        explain(Transcript())


def test_over_a_socket_a_reply_is_explained_as_well() -> None:
    from smtplab import connect, serve

    with serve(domain="lab.example", mailboxes=["bob"]) as server, connect(*server.address) as session:
        session.send("HELO a.example\nMAIL FROM:<>\nRCPT TO:<zoe@lab.example>")
        assert session.why().name == "NO_SUCH_MAILBOX"


# The lecture


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("HELP POSTAGE", 'The lecture calls 504 "Command temporarily not implemented". It is about a parameter'),
        ("RSET", "The lecture calls RSET recommended"),
        ("VRFY alice", "wants it in every server"),
        ("SMOL FROM:<a@b.example>", "The lecture spells it SMOL; the verb is SOML"),
        ("TURN", "as seldom used, RFC 5321 as obsolete"),
        ("MAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA", "The lecture gives DATA the body"),
    ],
)
def test_the_lecture_is_quoted_where_it_differs(connected: Session, line: str, words: str) -> None:
    connected.send(f"HELO a.example\n{line}")
    assert words in connected.why().lecture


def test_the_place_of_the_lectures_last_banner_is_not_told_because_exercise_01_asks_it(connected: Session) -> None:
    connected.send("HELO a.example\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA\nhello\n.")
    assert connected.why().lecture == 'The lecture calls 250 "Request command completed".'


def test_the_lecture_is_not_quoted_where_it_says_the_same(connected: Session) -> None:
    connected.send("EXPN nobody-at-all")
    assert "553" not in connected.why().lecture
    connected.send("DATA now")
    assert connected.why().code.lecture == connected.why().code.phrase == "Bad sequence of commands"
    assert "calls" not in connected.why().lecture


@pytest.mark.parametrize("line", ["MAIL FROM:<>", "mail from: <>", "SAML FROM:<>"])
def test_an_empty_reverse_path_is_explained(connected: Session, line: str) -> None:
    connected.send(f"HELO a.example\n{line}")
    assert connected.why().reason.startswith("The path is empty: nobody gets a bounce about this message.")
    connected.send("RSET\nMAIL FROM:<a@b.example>")
    assert connected.why().reason.startswith("The sender is taken as given")


@pytest.mark.parametrize("verb", ["HELO", "EHLO"])
@pytest.mark.parametrize("more", ["", "RCPT TO:<bob@lab.example>\n"])
def test_a_second_helo_inside_a_transaction_clears_it(connected: Session, verb: str, more: str) -> None:
    connected.send(f"{verb} a.example")
    assert "clear" not in connected.why().reason
    connected.send(f"{verb} a.example")
    assert "clear" not in connected.why().reason  # there is no transaction yet
    connected.send(f"MAIL FROM:<>\n{more}{verb} a.example")
    explanation = connected.why()
    assert explanation.reason.endswith("HELO and EHLO also clear it, as RSET does.")
    assert explanation.rfc == "RFC 5321 4.1.4"


@pytest.mark.parametrize(
    ("line", "reason", "advice", "rfc"),
    [
        ("EXPN alice", "list", "list", "RFC 5321 4.1.1.7"),
        ("EXPN nobody", "list", "list", "RFC 5321 4.1.1.7"),
        ("VRFY zoe@elsewhere.example", "route", "server of that domain", "RFC 5321 4.1.1.6"),
        ("VRFY nobody", "among its users", "another name", "RFC 5321 4.1.1.6"),
    ],
)
def test_what_vrfy_and_expn_do_not_find_is_no_recipient_to_give_up(
    connected: Session, line: str, reason: str, advice: str, rfc: str
) -> None:
    connected.send(line)
    explanation = connected.why()
    assert explanation.reply.code == 550
    assert reason in explanation.reason
    assert advice in explanation.advice
    assert explanation.rfc == rfc


# Derived, not typed


def test_no_sentence_stands_here_that_stands_in_the_tables() -> None:
    tables = {text for code in CODES.values() for text in (code.meaning, code.advice)}
    tables |= {cause.sentence for cause in CAUSES} | {verb.summary for verb in VERBS.values()}
    trees = [ast.parse(inspect.getsource(module)) for module in (explain_module, explanation_module, reasons)]
    nodes = (node for tree in trees for node in ast.walk(tree))
    typed = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    sentences = [text for text in typed if text.endswith(".") and " " in text]
    assert len(sentences) > 30
    assert not tables & set(sentences)


@pytest.mark.parametrize("name", ["plain", "lecture"])
def test_every_canonical_reply_is_explained_in_every_hosts_words(name: str) -> None:
    personality = Personality.load(name)
    for reply, canonical in NAMES.items():
        worded = personality.word(reply)
        transcript = Transcript.parse("S: 220 x\nC: EHLO a.example\nS: 250 x\nC: NOOP")
        transcript.feed(Side.SERVER, worded.serialize())
        if reply.code != 354 and worded.enhanced is not None:
            same = {
                name for other, name in NAMES.items() if (other.code, other.enhanced) == (reply.code, reply.enhanced)
            }
            assert explain(transcript).name in same, canonical


@pytest.mark.parametrize("line", [b"MAIL FROM: alice@a.example", b"RCPT  TO:<bob@b.example>", b"HELO my_laptop"])
def test_the_objection_of_a_strict_server_is_the_sentence_of_its_refusal(line: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_command(line, strict=True)
    assert strict_objection(line) == str(caught.value)


@pytest.mark.parametrize("line", [b"MAIL FROM:<alice@a.example>", b"HELO a.example", b"FOO", b"RCPT TO:<>"])
def test_a_strict_server_has_no_objection_to_what_both_take_or_both_refuse(line: bytes) -> None:
    assert strict_objection(line) is None


@pytest.mark.parametrize("before", ["", "C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<c@d.example>\nS: 550 no\n"])
def test_354_without_a_recipient_is_answered_with_a_lone_dot(before: str) -> None:
    text = f"S: 220 x\nC: EHLO y\nS: 250 x\n{before}C: DATA\nS: 354 go on\n"
    found = explain(Transcript.parse(text))
    assert "no recipient" in found.reason
    assert "one dot" in found.advice
    assert found.rfc == "RFC 2920 3.1"


@pytest.mark.parametrize("line", ["STARTTLS", "AUTH PLAIN AGEAYg==", "BDAT 10 LAST", "ETRN lab.example", "bdat 0"])
@pytest.mark.parametrize("earlier", [(), ("EHLO me",), ("HELO me", "MAIL FROM:<a@b.example>")])
def test_a_verb_of_an_extension_gets_502_and_the_same_sentence(
    connected: Session, line: str, earlier: tuple[str, ...]
) -> None:
    for each in earlier:
        connected.send(each)
    reply = connected.send(line)
    assert reply is not None
    assert reply.code == 502
    said = f"{line.split()[0].upper()} belongs to an extension that is not offered"
    assert said in reply.text
    why = connected.why()
    assert why.reason == f"{said}."
    assert why.advice == "Do without the command."


@pytest.mark.parametrize(
    "line", ["MIAL FROM:<a@b.example>", "RCTP TO:<a@b.example>", "DAAT", "SMOL FROM:<a@b.example>"]
)
def test_a_verb_that_cannot_come_now_is_not_advised(connected: Session, line: str) -> None:
    connected.send(line)
    assert connected.why().advice.startswith("First say HELO <domain>")
    assert connected.why().advice.endswith("may come.")


@pytest.mark.parametrize("line", ["VERFY alice", "HEELO me", "NOPE", "QIUT"])
def test_a_verb_that_may_come_now_is_advised(connected: Session, line: str) -> None:
    connected.send(line)
    assert connected.why().advice.startswith("Write ")


@pytest.mark.parametrize("line", ["MAIL FROM:<a@b.example> SIZE=10", "MAIL FROM:<a@b.example> BODY=8BITMIME"])
@pytest.mark.parametrize(("hello", "code"), [("HELO me", 555), ("EHLO me", 250)])
def test_a_parameter_behind_helo_gets_555_and_is_told_to_say_ehlo(
    connected: Session, line: str, hello: str, code: int
) -> None:
    connected.send(hello)
    reply = connected.send(line)
    assert reply is not None
    assert reply.code == code
    assert ("say EHLO" in connected.why().advice) is (code == 555)


def test_an_unknown_parameter_behind_ehlo_is_not_told_to_say_ehlo(connected: Session) -> None:
    connected.send("EHLO me")
    reply = connected.send("MAIL FROM:<a@b.example> RET=FULL")
    assert reply is not None
    assert reply.code == 555
    assert "say EHLO" not in connected.why().advice


# Lines that are too long

_READY = "S: 220 x\nC: HELO x\nS: 250 x\n"
_IN_DATA = f"{_READY}C: MAIL FROM:<>\nS: 250 x\nC: RCPT TO:<a@b.example>\nS: 250 x\nC: DATA\nS: 354 x\n"


@pytest.mark.parametrize(
    ("line", "octets", "limit"),
    [
        ("NOOP " + "a" * 506, 513, 512),
        ("VRFY " + "a" * 900, 907, 512),
        ("MAIL FROM:<> X=" + "a" * 560, 577, 565),
        ("rcpt TO:<a@b.example> X=" + "a" * 489, 515, 512),
    ],
)
@pytest.mark.parametrize("reply", ["500 Line too long", "501 bad", "554 5.5.0 Too many bytes", "552 Too long"])
def test_a_command_that_was_refused_for_its_length_is_told_so(line: str, octets: int, limit: int, reply: str) -> None:
    explanation = of(f"{_READY}C: {line}\nS: {reply}")
    assert f"{octets} octets, and {limit} are allowed" in explanation.reason
    assert explanation.rfc == "RFC 5321 4.5.3.1.4"
    assert explanation.advice == "Send a shorter line."


@pytest.mark.parametrize("reply", ["250 ok", "252 perhaps", "554 spam", "450 later"])
def test_a_command_that_is_too_long_for_others_has_a_note(reply: str) -> None:
    explanation = of(f"{_READY}C: VRFY {'a' * 506}\nS: {reply}")
    assert "513 octets" in explanation.lines["strictly"]
    assert "513 octets" not in explanation.reason
    assert of(f"{_READY}C: VRFY {'a' * 505}\nS: {reply}").note == ""


def test_a_long_line_without_a_verb_is_refused_for_its_length_in_the_lab(ready: Session) -> None:
    ready.send("a" * 600)
    assert "602 octets" in ready.why().reason
    ready.send("NOOP " + "a" * 600)
    assert "512 are allowed" in ready.why().reason


LONG_LINES = {"a" * 999: (3, 999), ".." + "a" * 998: (3, 999), "b\nC: " + "a" * 5000: (4, 5000), "é" * 500: (3, 1000)}


@pytest.mark.parametrize(("line", "found"), LONG_LINES.items())
@pytest.mark.parametrize("reply", ["250 ok", "554 I do not like it", "451 later"])
def test_a_text_line_over_998_octets_has_a_note_in_any_reply_to_the_message(line, found, reply: str) -> None:
    note = of(f"{_IN_DATA}C: Subject: x\nC:\nC: {line}\nC: .\nS: {reply}").lines["strictly"]
    assert note.startswith(f"Line {found[0]} of the message has {found[1]} octets, ")


@pytest.mark.parametrize("reply", ["500 Line too long", "554 5.6.0 line length exceeded", "550 maximum of 998 octets"])
def test_a_message_that_was_refused_for_a_long_line_is_told_which(reply: str) -> None:
    explanation = of(f"{_IN_DATA}C: {'a' * 1600}\nC: .\nS: {reply}")
    assert explanation.reason.startswith("Line 1 of the message has 1600 octets")
    assert explanation.advice.startswith("Break the long line")
    assert explanation.rfc == "RFC 5321 4.5.3.1.6"
    assert explanation.note == ""


@pytest.mark.parametrize("line", ["a" * 998, ".." + "a" * 997, "é" * 499])
def test_a_text_line_of_998_octets_needs_no_note(line: str) -> None:
    assert of(f"{_IN_DATA}C: {line}\nC: .\nS: 554 too long").note == ""


def test_the_lab_says_that_a_long_text_line_may_be_refused_elsewhere(ready: Session) -> None:
    ready.send("MAIL FROM:<>\nRCPT TO:<bob@lab.example>\nDATA")
    ready.send("a" * 2000)
    assert ready.send(".").code == 250
    assert "Line 1 of the message has 2000 octets" in str(ready.why())


def test_a_busy_mailbox_and_a_user_who_is_not_logged_in_are_told_apart() -> None:
    lab = Lab()
    lab.host("mail.lab.example").mailboxes["bob"].busy = True
    session = lab.telnet("mail.lab.example")
    session.send("HELO a\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>")
    assert "another program has it open" in session.why().reason
    lab.host("mail.lab.example").mailboxes["bob"].busy = False
    session.send("RSET\nSEND FROM:<>\nRCPT TO:<bob@lab.example>")
    assert "this user is not logged in" in session.why().reason
