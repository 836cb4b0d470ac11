"""Each error sentence of the kernel: what triggers it, and how it reads. Other tests hold the reply and a key word.

To better a sentence, change it in `sentences` and here. A sentence without a row fails.
"""

import contextlib
import re

import pytest

from smtplab.protocol import sentences
from smtplab.protocol.body import StuffedMessage
from smtplab.protocol.client import ClientConnection
from smtplab.protocol.codes import classify, severity_of
from smtplab.protocol.commands import NEEDED_EXTENSION, Data, Helo, Mail, Noop, Quit, Rcpt, Vrfy, parse_command
from smtplab.protocol.events import MessageData
from smtplab.protocol.extensions import is_international
from smtplab.protocol.grammar import NULL_PATH, POSTMASTER, Path, check_domain, check_parameters
from smtplab.protocol.replies import EnhancedCode, ProtocolError, Reply
from smtplab.protocol.states import State
from support.kernel import ALICE, EVERYTHING, client_in, server_in

JUERGEN = Path("jürgen", "b.example")
WRITE_IT = "; write it as in <user@example.com>"
FOLLOWS = " (RFC 5321 4.1.1)"


def client_sends(command, state=State.READY, offer=EVERYTHING, before=()):
    def trigger():
        client = client_in(state, offer)
        for earlier in before:
            client.send(earlier)
        client.send(command)

    return trigger


def client_reads(octets, state=State.CONNECTED):
    def trigger():
        client = client_in(state)
        client.receive_data(octets)
        client.next_event()

    return trigger


def client_sends_message(content, state=State.DATA):
    return lambda: client_in(state).send_message(content)


def early():
    client = client_in(State.DATA)
    client.receive_data(b"250 ok\r\n")
    client.send_message(b"")
    client.next_event()


def server_reads(octets, state=State.READY, strict=False):
    def trigger():
        server = server_in(state, strict=strict)
        server.receive_data(octets)
        while isinstance(server.next_event(), MessageData):
            pass

    return trigger


def server_sends(code, state=State.READY, octets=b""):
    def trigger():
        server = server_in(state)
        server.receive_data(octets)
        if octets:
            with contextlib.suppress(ProtocolError):
                server.next_event()
        server.send(Reply(code))

    return trigger


def reads_nothing_before_an_answer():
    server = server_in(State.READY)
    server.receive_data(b"NOOP\r\n")
    server.next_event()
    server.next_event()


def path(text, strict=False):
    return lambda: Path.parse(text, strict=strict)


def line(octets, strict=False):
    return lambda: parse_command(octets, strict)


def needs_an_extension():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(NEEDED_EXTENSION, "NOOP", "XNOOP")
        client_in(State.READY).send(Noop())


ROWS = [
    # The order of commands
    ("OUT_OF_ORDER", client_sends(Data(), State.REFUSED),
     "DATA cannot come here (greeted with a refusal, only QUIT is left); what leads on is QUIT"),
    ("NOTHING_LEGAL", client_sends(Quit(), State.CLOSED), "QUIT cannot come here: the session is closed"),
    ("NEEDS_EXTENSION", needs_an_extension,
     "NOOP needs the extension XNOOP, which is not in force; use what the reply to EHLO offers"),
    # The server's end
    ("ANSWER_FIRST", reads_nothing_before_an_answer, "the client waits for a reply; send it before the next event"),
    ("NOTHING_TO_ANSWER", server_sends(250), "there is nothing to answer with 250"),
    ("NOTHING_TO_ANSWER", server_sends(421, State.CLOSED), "there is nothing to answer with 421"),
    ("ILLEGAL_LINE_ACCEPTED", server_sends(250, octets=b"FOO\r\n"),
     "a line that is not a legal command cannot be answered with 250"),
    ("IMPOSSIBLE_ANSWER", server_sends(354, octets=b"NOOP\r\n"), "NOOP cannot be answered with 354 (RFC 5321 4.3.2)"),
    ("COMMAND_TOO_LONG", server_reads(b"NOOP " + b"x" * 506 + b"\r\n"),
     "the line has 513 octets, and 512 are allowed, CRLF included"),
    # The client's end
    ("GREETING_FIRST", client_sends(Quit(), State.CONNECTED), "wait for the server's greeting first (RFC 5321 3.1)"),
    ("NO_PIPELINING", client_sends(Noop(), State.READY, {}, [Mail(ALICE)]),
     "wait for the reply to MAIL first: the server does not offer PIPELINING"),
    ("LAST_OF_GROUP", client_sends(Mail(ALICE), before=[Noop()]),
     "wait for the reply to NOOP first: MAIL may not follow it in a group (RFC 2920 3.1)"),
    ("MESSAGE_BEFORE_354", client_sends_message(b"", State.READY),
     "a message can be sent only after DATA was answered with 354"),
    ("EIGHT_BIT_NOT_ANNOUNCED", client_sends_message(b"\xff\r\n"),
     "octets above 127 need MAIL with BODY=8BITMIME or SMTPUTF8 (RFC 6152 3)"),
    ("EARLY", early, "the server sent 250 ok before it had the message to its end"),
    ("UNASKED", client_reads(b"250 ok\r\n", State.READY), "the server sent 250 though nothing was asked"),
    ("BAD_GREETING", client_reads(b"354 go\r\n"), "the server greets with 354, which neither welcomes nor refuses"),
    ("ENDLESS_LINE", client_reads(b"x" * 9000), "the server's line goes on beyond 8192 octets"),
    # Both ends
    ("NOT_TURNED", lambda: ClientConnection().hand_over(),
     "the roles are swapped only after TURN was answered with 250"),
    ("OVERLONG_COMMAND", server_reads(b"x" * 600 + b"\r\n"),
     "the line has 602 octets; a command line may have 512, CRLF included, and MAIL with parameters up to 565"),
    ("LINE_TOO_LONG", client_reads(b"250 " + b"x" * 9000 + b"\r\n"),
     "the line has 9006 octets, and no line may have more than 8192, CRLF included"),
    ("BARE_LINE_END", lambda: StuffedMessage(b"a\nb"),
     "the message holds a bare CR or LF; every line ends in CRLF (RFC 5321 2.3.8)"),
    ("BARE_LINE_END", server_reads(b"a\nb\r\n.\r\n", State.DATA, strict=True),
     "the message holds a bare CR or LF; every line ends in CRLF (RFC 5321 2.3.8)"),
    ("MESSAGE_TOO_BIG", server_reads(b"x" * 1001 + b"\r\n.\r\n", State.DATA),
     "the message exceeds the limit of 1000 octets (RFC 1870 6.3)"),
    ("EIGHT_BIT_CONTENT", server_reads(b"\xff\r\n.\r\n", State.DATA, strict=True),
     "the message holds octets above 127 without BODY=8BITMIME (RFC 6152 3)"),
    # Verbs
    ("NOT_A_VERB", line(b"FOO bar"), f"'FOO' is not a command of SMTP{FOLLOWS}"),
    ("EXTENSION_NOT_OFFERED", line(b"starttls"), "STARTTLS belongs to an extension that is not offered (RFC 3207 4)"),
    ("EMPTY_LINE", line(b" "), f"the line is empty, and a command begins with a verb, such as HELP{FOLLOWS}"),
    ("BLANK_BEFORE_VERB", line(b" NOOP"), f"a blank stands before 'NOOP'; begin the line with the verb{FOLLOWS}"),
    ("GLUED_TO_VERB", line(b"NOOP\tx"),
     f"a tab stands right behind NOOP, where only a space or the end of the line may{FOLLOWS}"),
    ("NO_ARGUMENT", line(b"DATA now"), "DATA takes no argument; write it alone, without 'now'"),
    ("ARGUMENT_MISSING", line(b"VRFY"), "VRFY needs an argument; write VRFY <user or mailbox>"),
    ("MORE_BLANKS", line(b"HELO  a.example", strict=True),
     "more than one blank stands behind HELO; put one space there"),
    ("ENDS_IN_SPACE", lambda: Noop("a "), "the argument 'a ' ends in a space, which would be lost"),
    ("ENDS_IN_PARAMETER", lambda: Vrfy("a SMTPUTF8"),
     "the argument 'a SMTPUTF8' ends in a word that would be taken for the parameter SMTPUTF8"),
    ("NOT_A_PATH", lambda: Mail("a@b"), "MAIL takes a Path, as Path.parse makes it, and not 'a@b'"),
    ("SENDER_WITHOUT_DOMAIN", lambda: Mail(POSTMASTER), "a sender needs a domain, <Postmaster> alone is a recipient"),
    ("NULL_RECIPIENT", lambda: Rcpt(NULL_PATH),
     "the null path <> cannot be a recipient; name one, as in <user@example.com>"),
    ("WORD_MISSING", line(b"MAIL"),
     "FROM: and a path are missing behind MAIL; write MAIL FROM:<user@example.com>"),
    ("WRONG_WORD", line(b"RCPT FROM:<a@b>"),
     "RCPT is followed by TO: and a path, not by 'FROM:<a@b>'; write RCPT TO:<user@example.com>"),
    ("COLON_MISSING", line(b"MAIL FROM <a@b>"),
     "the colon must stand right behind FROM; write MAIL FROM:<user@example.com>"),
    # Arguments
    ("NOT_UTF_8", line(b"NOOP \xff"),
     "the argument holds octets that are not UTF-8; only printable text may stand there"),
    ("CONTROL_CHARACTER", line(b"NOOP \x07"),
     "the argument holds the control character U+0007; only printable text may stand there"),
    ("STRING_NOT_ASCII", line("NOOP ü".encode(), strict=True),
     "'ü' is not ASCII, which only VRFY and EXPN may be; write NOOP with ASCII (RFC 6531 3.7.4)"),
    ("NUL_IN_CONTENT", server_reads(b"\0\r\n.\r\n", State.DATA, strict=True),
     "the message holds the octet NUL, which stands in no message; leave it out (RFC 5322 3.5)"),
    ("BLANKS_BEFORE_PARAMETER", line(b"MAIL FROM:<a@b>  SIZE=1", strict=True),
     "one space and nothing else stands before each parameter; put one there (RFC 5321 4.1.2)"),
    ("LABEL_TOO_LONG", path(f"<a@{'x' * 64}>", strict=True),
     f"the label '{'x' * 57}...' has 64 octets; at most 63 are allowed between dots (RFC 1035 2.3.4)"),
    ("IPV6_TAG_MISSING", path("<a@[2001:db8::1]>"),
     "'[2001:db8::1]' is not an address literal; write [IPv6:2001:db8::1] (RFC 5321 4.1.3)"),
    ("TOO_MANY_OCTETS", path(f"<{'x' * 65}@a.example>", strict=True),
     "the local part has 65 octets; at most 64 are allowed (RFC 5321 4.5.3.1.1)"),
    ("NOT_A_DOMAIN", lambda: Path("a", "b..c"),
     "'b..c' is not a domain; write it as in example.com, xn--bcher-kva.example or [192.0.2.1]"),
    ("DOMAIN_MISSING", lambda: Path("bob", ""), "'bob' has no domain; only Postmaster may stand alone"),
    ("HOST_MISSING", lambda: Helo(""), "the host name is missing; say who you are, as in HELO client.example.com"),
    ("HOST_WITH_SPACE", lambda: check_domain("a b", strict=False),
     "the host name 'a b' holds a space; it is one word, such as client.example.com"),
    ("BEHIND_THE_ADDRESS", path("<a@b> x"), "'x' stands behind the address, where nothing may"),
    ("BAD_KEYWORD", lambda: check_parameters((("-A", None),)),
     "'-A' cannot name a parameter; write one as in SIZE=30000, its name in letters, digits and, further on, hyphens"),
    ("BAD_VALUE", lambda: check_parameters((("A", "="),)),
     "'=' cannot be the value of A; use printable text without space or \"=\""),
    ("GIVEN_TWICE", lambda: check_parameters((("a", None), ("A", "x"))),
     "the parameter A is given twice; give it once"),
    ("STRICT_WANTS", path(" a@b_c", strict=True),
     f"' a@b_c' needs the brackets < > around the address and no blank before it and no _ in a domain{WRITE_IT}"),
    ("NAME_BEFORE_ADDRESS", path("Bob <b@c>"),
     f"a name stands before the address, and SMTP takes the address alone{WRITE_IT}"),
    ("BRACKET_NOT_OPENED", path("b@c>"), f"the address ends with > but does not begin with <{WRITE_IT}"),
    ("SPACE_IN_ADDRESS", path("<b c@d>"),
     f"a space stands in the address, where only quotation marks allow one{WRITE_IT}"),
    ("SECOND_ADDRESS", path("<a@b>,<c@d>"), f"',<c@d>' begins a second address; one command takes one{WRITE_IT}"),
    ("GLUED_TO_ADDRESS", path("<a@b>x"),
     f"'x' stands right behind the address, where only a space and parameters may{WRITE_IT}"),
    ("ADDRESS_MISSING", path("<@>"), f"'@>' stands where an address should begin{WRITE_IT}"),
    ("AT_MISSING", path("<bob>"),
     f"the address needs @ and a domain, and '>' stands there; only Postmaster may stand alone{WRITE_IT}"),
    ("DOMAIN_EXPECTED", path("<bob@>"),
     "'>' stands where a domain should follow, or an address literal such as [192.0.2.1] or [IPv6:2001:db8::1]"
     f"{WRITE_IT}"),
    ("BRACKET_NOT_CLOSED", path("<bob@b.example"), f"nothing stands where > should close the address{WRITE_IT}"),
    # Parameters
    ("NOT_ON_OFFER", client_sends(Mail(ALICE, (("RET", "HDRS"),))),
     "MAIL cannot take RET: no extension in force brings it (RFC 5321 4.1.1.11)"),
    ("LOOKUP_NOT_ON_OFFER", client_sends(Vrfy("a", True), offer={}),
     "VRFY cannot take SMTPUTF8: the extension is not in force (RFC 6531 3.7.4.2)"),
    ("LOOKUP_NOT_ASCII", client_sends(Vrfy("jürgen")),
     "jürgen is not ASCII and needs VRFY with SMTPUTF8 (RFC 6531 3.7.4.2)"),
    ("ADDRESS_NOT_ASCII", client_sends(Mail(JUERGEN)),
     "the address jürgen@b.example is not ASCII and needs MAIL with SMTPUTF8 (RFC 6531 3.5)"),
    ("BAD_BODY", client_sends(Mail(ALICE, (("BODY", "x"),))), "BODY is 7BIT or 8BITMIME (RFC 6152 2)"),
    ("BAD_SIZE", client_sends(Mail(ALICE, (("SIZE", "x"),))),
     "write SIZE=30000, with the number of octets, of at most 20 digits (RFC 1870 4)"),
    ("NO_VALUE", client_sends(Mail(ALICE, (("SMTPUTF8", "x"),))), "SMTPUTF8 takes no value (RFC 6531 3.4)"),
    ("DECLARED_TOO_BIG", client_sends(Mail(ALICE, (("SIZE", "1001"),))),
     "the message of 1001 octets exceeds the limit of 1000 octets (RFC 1870 6.1)"),
    ("HEADER_NOT_UTF_8", lambda: is_international([], b"Subject: \xff\r\n\r\n"),
     "the header section is neither ASCII nor UTF-8 (RFC 6532 3.1); write it in UTF-8"),
    # Replies
    ("BAD_CODE", lambda: Reply(199), "a reply code has three digits and begins with 2, 3, 4 or 5, not 199"),
    ("NO_LINE", lambda: Reply(250, ()), "a reply has at least one line"),
    ("CONTROL_IN_TEXT", lambda: Reply(250, "a\0"), "the reply text 'a\\x00' holds a control character"),
    ("LONE_SURROGATE", lambda: Reply(250, "\ud800"),
     "the reply text '\\ud800' holds a surrogate that stands for no octet"),
    ("WRONG_ENHANCED", lambda: Reply(250, "x", EnhancedCode(5, 1, 1)),
     "the enhanced code 5.1.1 cannot stand in a 250 reply (RFC 2034 4)"),
    ("NO_CRLF", lambda: Reply.parse(b"250 ok"), "the reply does not end in CRLF"),
    ("NOT_ONE_REPLY", lambda: Reply.parse(b"250-a\r\n"), "expected one whole reply, got b'250-a\\r\\n'"),
    ("TWO_CODES", client_reads(b"220-a\r\n250 b\r\n"), "one reply cannot carry two codes: 220 goes on as 250"),
    ("ENDLESS_REPLY", client_reads(b"220-" + b"x\r\n220-" * 20_000),
     "the server's reply 220 is longer than 65536 octets"),
    ("NOT_A_REPLY", client_reads(b"hello\r\n"),
     "the server's line b'hello' is not a reply: a reply begins with 200 to 599 and a space or -"),
    ("NO_SEVERITY", lambda: severity_of(600), "600 has no severity: a reply code is a number from 100 to 599"),
    ("NOT_A_CODE", lambda: classify("25"), "'25' is not a reply code: it has three digits, such as 250"),
]  # fmt: skip
NAMES = {name: value for name, value in vars(sentences).items() if name.isupper()}


def test_every_sentence_has_a_row():
    assert {name for name, _, _ in ROWS} == set(NAMES)


@pytest.mark.parametrize(("name", "trigger", "sentence"), ROWS, ids=[row[0] for row in ROWS])
def test_each_sentence_reads_like_this(name, trigger, sentence):
    with pytest.raises((ProtocolError, ValueError)) as caught:
        trigger()
    assert str(caught.value) == sentence
    pattern = re.sub(r"\\\{.*?\\\}", ".*", re.escape(NAMES[name]))
    assert re.fullmatch(pattern, sentence)


@pytest.mark.parametrize("sentence", NAMES.values(), ids=NAMES)
def test_a_sentence_is_one_line_and_leaves_the_full_stop_to_who_shows_it(sentence):
    assert sentence == sentence.strip()
    assert "\n" not in sentence
    assert not sentence.endswith(".")
