"""The server's end: what it hears, what it refuses and with which reply, and how its session moves."""

import copy
import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol import replies, sentences
from smtplab.protocol.client import ClientConnection
from smtplab.protocol.commands import Data, Ehlo, Helo, Mail, Noop, Quit, Rcpt, Rset, Turn
from smtplab.protocol.events import NEED_DATA, PAUSED, ConnectionClosed, EndOfMessage, MessageData
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import EnhancedCode, LocalProtocolError, RemoteProtocolError, Reply
from smtplab.protocol.server import ServerConnection
from smtplab.protocol.states import State, is_legal, out_of_order
from support.kernel import (
    ALICE,
    BOB,
    CAROL,
    EVERYTHING,
    EXAMPLES,
    Refused,
    accept,
    assert_hears,
    assert_refuses,
    end_of,
    hear,
    server_in,
)
from support.octets import END, FALSE_ENDS, Watched, byte_by_byte, cuts, in_pieces, unstuffed

TALKING = [State.REFUSED, State.GREETED, State.READY, State.SENDER, State.RECIPIENT]
MAIL, RCPT = b"MAIL FROM:<alice@a.example>\r\n", b"RCPT TO:<bob@b.example>\r\n"
GROUP = MAIL + RCPT + b"DATA\r\n"
OPENINGS = ("MAIL", "SEND", "SOML", "SAML")


@pytest.fixture
def connected():
    return ServerConnection(EVERYTHING)


@pytest.fixture
def greeted(connected):
    connected.send(replies.SERVICE_READY)
    assert connected.data_to_send() == b"220 SMTP service ready\r\n"
    return connected


@pytest.fixture
def ready(greeted):
    hear(greeted, [b"EHLO client.example\r\n"])
    greeted.data_to_send()
    return greeted


@pytest.fixture
def with_sender(ready):
    hear(ready, [MAIL])
    ready.data_to_send()
    return ready


@pytest.fixture
def with_recipient(with_sender):
    hear(with_sender, [RCPT])
    with_sender.data_to_send()
    return with_sender


@pytest.fixture
def in_data(with_recipient):
    hear(with_recipient, [b"DATA\r\n"])
    with_recipient.data_to_send()
    return with_recipient


def in_data_with(offer=EVERYTHING, parameters="", strict=False):
    """Return a server's end that takes a message, in a transaction with these parameters."""
    server = server_in(State.READY, offer, strict=strict)
    hear(server, [b"MAIL FROM:<alice@a.example>" + parameters.encode() + b"\r\n", RCPT, b"DATA\r\n"])
    server.data_to_send()
    assert server.state is State.DATA
    return server


def answering(**codes):
    """Answer the verbs that are named with these codes, and all else as a server that takes everything."""
    return lambda event: Reply(codes[event.verb]) if getattr(event, "verb", "") in codes else accept(event)


# The greeting


def test_the_server_speaks_first(connected):
    connected.receive_data(b"EHLO client.example\r\n")
    with pytest.raises(LocalProtocolError, match="client"):
        connected.next_event()
    connected.send(replies.SERVICE_READY)
    assert connected.next_event() == Ehlo("client.example")


@pytest.mark.parametrize("code", [220, 250])
def test_a_positive_greeting_opens_the_session(connected, code):
    connected.send(Reply(code))
    assert connected.state is State.GREETED


@pytest.mark.parametrize("code", [450, 521, 554])
def test_after_a_greeting_that_refuses_only_quit_is_heard(connected, code):
    connected.send(Reply(code))
    assert connected.state is State.REFUSED
    assert_refuses(connected, b"EHLO client.example\r\n", replies.BAD_SEQUENCE, "QUIT")
    assert_hears(connected, b"QUIT\r\n", Quit(), ConnectionClosed())


def test_421_instead_of_a_greeting_closes(connected):
    connected.send(replies.TOO_BUSY)
    assert connected.state is State.CLOSED
    assert connected.data_to_send() == b"421 Too many connections, try again later\r\n"


def test_a_greeting_cannot_be_a_3yz(connected):
    with pytest.raises(LocalProtocolError, match="354"):
        connected.send(replies.START_MAIL)
    assert connected.data_to_send() == b""
    connected.send(replies.SERVICE_READY)
    assert connected.state is State.GREETED


# Every verb in every state


@pytest.mark.parametrize("verb", EXAMPLES)
@pytest.mark.parametrize("state", TALKING)
def test_a_verb_is_heard_where_the_table_has_it_and_refused_with_503_where_not(state, verb):
    server, line = server_in(state), EXAMPLES[verb].serialize()
    if is_legal(state, verb):
        server.receive_data(line)
        assert server.next_event() == EXAMPLES[verb]
    else:
        assert_refuses(server, line, replies.BAD_SEQUENCE, state.value)


@pytest.mark.parametrize("verb", EXAMPLES)
def test_where_a_message_is_taken_each_verb_is_a_line_of_it(in_data, verb):
    line = EXAMPLES[verb].serialize()
    assert_hears(in_data, line + b".\r\n", MessageData(line), end_of(line))


@pytest.mark.parametrize("verb", EXAMPLES)
def test_a_closed_session_hears_nothing(verb):
    server = server_in(State.CLOSED)
    server.receive_data(EXAMPLES[verb].serialize())
    assert server.next_event() == server.next_event() == ConnectionClosed()


def test_a_sequence_error_comes_before_an_error_in_the_argument(with_sender):
    assert_refuses(with_sender, b"MAIL nonsense\r\n", replies.BAD_SEQUENCE)
    assert_refuses(with_sender, b"FOO\r\n", replies.UNRECOGNIZED)
    assert_refuses(with_sender, b"RCPT nonsense\r\n", replies.BAD_ARGUMENT)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.CONNECTED, "greeting"),
        (State.REFUSED, "QUIT"),
        (State.GREETED, "HELO or EHLO"),
        (State.RECIPIENT, "DATA or RCPT"),
        (State.CLOSED, "closed"),
    ],
)
def test_the_sentence_of_a_sequence_error_says_what_leads_on(state, sentence):
    assert sentence in str(out_of_order(state, "MAIL"))


# How replies move the session


@pytest.mark.parametrize("verb", OPENINGS)
def test_mail_send_soml_and_saml_open_a_transaction(ready, verb):
    assert_hears(ready, EXAMPLES[verb].serialize(), EXAMPLES[verb])
    hear(ready, [EXAMPLES[verb].serialize()])
    assert ready.state is State.SENDER
    assert ready.transaction == EXAMPLES[verb]


@pytest.mark.parametrize("code", [450, 552])
@pytest.mark.parametrize("verb", OPENINGS)
def test_a_sender_that_is_refused_opens_nothing(ready, verb, code):
    hear(ready, [EXAMPLES[verb].serialize()], answering(**{verb: code}))
    assert ready.state is State.READY
    assert ready.transaction is None


def test_a_recipient_that_is_refused_leaves_the_transaction_as_it_was(with_sender):
    hear(with_sender, [RCPT], answering(RCPT=550))
    assert with_sender.state is State.SENDER
    hear(with_sender, [RCPT])
    hear(with_sender, [RCPT], answering(RCPT=452))
    assert with_sender.state is State.RECIPIENT
    assert with_sender.transaction == Mail(ALICE)


@pytest.mark.parametrize("line", [b"RSET\r\n", b"HELO client.example\r\n", b"EHLO client.example\r\n"])
@pytest.mark.parametrize("state", [State.READY, State.SENDER, State.RECIPIENT])
def test_rset_helo_and_ehlo_end_the_transaction(state, line):
    server = server_in(state)
    hear(server, [line])
    assert server.state is State.READY
    assert server.transaction is None


def test_rset_before_helo_is_taken_and_changes_nothing(greeted):
    assert_hears(greeted, b"RSET\r\n", Rset())
    assert greeted.state is State.GREETED


@pytest.mark.parametrize("line", [b"HELO client.example\r\n", b"EHLO client.example\r\n"])
@pytest.mark.parametrize("state", [State.GREETED, State.READY, State.SENDER, State.RECIPIENT])
def test_helo_or_ehlo_that_is_refused_changes_nothing(state, line):
    server = server_in(state)
    transaction, extensions = server.transaction, server.extensions
    hear(server, [line], answering(HELO=550, EHLO=550))
    assert (server.state, server.transaction, server.extensions) == (state, transaction, extensions)


@pytest.mark.parametrize("code", [250, 450, 550, 552])
def test_any_reply_to_the_message_ends_the_transaction(in_data, code):
    assert in_data.transaction == Mail(ALICE)
    hear(in_data, [b"Hello\r\n.\r\n"], lambda event: Reply(code))
    assert in_data.state is State.READY
    assert in_data.transaction is None


@pytest.mark.parametrize("code", [451, 503, 554])
def test_data_that_is_refused_leaves_the_transaction_open(with_recipient, code):
    hear(with_recipient, [b"DATA\r\n"], answering(DATA=code))
    assert with_recipient.state is State.RECIPIENT
    assert with_recipient.transaction == Mail(ALICE)


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_421_may_be_said_in_any_state_and_closes(state):
    server = server_in(state)
    server.send(replies.SHUTTING_DOWN)
    assert server.state is State.CLOSED
    assert server.transaction is None
    assert server.next_event() == ConnectionClosed()
    assert server.data_to_send().startswith(b"421 ")


@pytest.mark.parametrize(
    "line", [EXAMPLES[verb].serialize() for verb in ("EHLO", "MAIL", "TURN", "QUIT")] + [b"FOO\r\n"]
)
def test_421_may_answer_anything(ready, line):
    ready.receive_data(line)
    if line == b"FOO\r\n":
        with pytest.raises(RemoteProtocolError):
            ready.next_event()
    else:
        ready.next_event()
    ready.send(replies.SHUTTING_DOWN)
    assert ready.state is State.CLOSED


def test_a_closed_session_says_nothing_more(ready):
    hear(ready, [b"QUIT\r\n"])
    ready.data_to_send()
    for reply in (replies.OK, replies.SHUTTING_DOWN):
        with pytest.raises(LocalProtocolError, match=str(reply.code)):
            ready.send(reply)
    assert ready.data_to_send() == b""


# One reply for each command, and none for nothing


def test_each_command_must_be_answered_before_the_next_is_heard(ready):
    ready.receive_data(b"NOOP\r\nRSET\r\n")
    assert ready.next_event() == Noop()
    with pytest.raises(LocalProtocolError, match="client"):
        ready.next_event()
    ready.send(replies.OK)
    assert ready.next_event() == Rset()


def test_a_refused_line_must_be_answered_too(ready):
    ready.receive_data(b"FOO\r\nNOOP\r\n")
    with pytest.raises(RemoteProtocolError):
        ready.next_event()
    with pytest.raises(LocalProtocolError, match="client"):
        ready.next_event()
    for reply in (replies.OK, replies.START_MAIL):
        with pytest.raises(LocalProtocolError, match="command"):
            ready.send(reply)
    ready.send(replies.UNRECOGNIZED)
    assert ready.next_event() == Noop()


@pytest.mark.parametrize("state", [State.GREETED, State.READY, State.RECIPIENT, State.DATA])
def test_nothing_can_be_said_unasked(state):
    server = server_in(state)
    for reply in (replies.OK, replies.START_MAIL, replies.LOCAL_ERROR, replies.TRANSACTION_FAILED):
        with pytest.raises(LocalProtocolError, match=str(reply.code)):
            server.send(reply)
    assert server.data_to_send() == b""
    assert server.state is state


@pytest.mark.parametrize("verb", EXAMPLES)
def test_only_data_is_answered_with_354_and_data_with_no_2yz(verb):
    state = next(state for state in TALKING if is_legal(state, verb))
    server = server_in(state)
    server.receive_data(EXAMPLES[verb].serialize())
    server.next_event()
    impossible = Reply(250) if verb == "DATA" else Reply(354)
    with pytest.raises(LocalProtocolError, match=str(impossible.code)):
        server.send(impossible)
    assert server.data_to_send() == b""
    assert server.state is state
    server.send(Reply(354) if verb == "DATA" else Reply(250))


def test_a_message_cannot_be_answered_with_354(in_data):
    in_data.receive_data(b".\r\n")
    assert in_data.next_event() == EndOfMessage(0)
    with pytest.raises(LocalProtocolError, match="354"):
        in_data.send(replies.START_MAIL)


def test_a_refused_message_cannot_be_accepted_after_all_by_a_354(in_data):
    in_data.receive_data(b"x" * 1001 + END)
    assert in_data.next_event() == MessageData(b"x" * 1000)
    with pytest.raises(RemoteProtocolError):
        in_data.next_event()
    with pytest.raises(LocalProtocolError, match="354"):
        in_data.send(replies.START_MAIL)


def test_replies_leave_in_order_and_once(ready):
    hear(ready, [b"NOOP\r\nVRFY x\r\n"], answering(VRFY=252))
    assert ready.data_to_send() == b"250 2.0.0 Ok\r\n252\r\n"
    assert ready.data_to_send() == b""


# Lines


@pytest.mark.parametrize("false_end", [b"\n", b"\r", b"\0", b"\n\r", b"\r\0\n", b"\r\r", b"\n\n"])
@pytest.mark.parametrize("line", [b"NOOP", b"NOOP x", b"RSET", b"VRFY x", b"MAIL FROM:<alice@a.example>", b"HELP", b""])
@pytest.mark.parametrize("strict", [False, True])
def test_nothing_but_crlf_ends_a_command_or_starts_one(line, false_end, strict):
    server = server_in(State.READY, strict=strict)
    octets = line + false_end + b"QUIT\r\n"
    refused, *rest = hear(copy.deepcopy(server), [octets])
    assert refused.reply in (replies.UNRECOGNIZED, replies.BAD_ARGUMENT)
    assert rest == []
    assert_refuses(server, octets, refused.reply)


@pytest.mark.parametrize("tail", [b"", b"\r", b"\n", b"\n\r", b"\0"])
def test_an_unfinished_line_is_no_command(ready, tail):
    ready.receive_data(b"NOOP" + tail)
    assert ready.next_event() is NEED_DATA
    ready.receive_data(b"")
    assert ready.next_event() == ready.next_event() == ConnectionClosed()


def padded(verb, octets):
    """Return a line of this verb with `octets` octets, CRLF included."""
    argument = {"MAIL": " FROM:<alice@a.example>", "RCPT": " TO:<bob@b.example>", "HELO": " x", "EHLO": " x"}.get(
        verb, ""
    )
    return (verb + argument).encode().ljust(octets - 2) + b"\r\n"


@pytest.mark.parametrize("verb", [verb for verb in EXAMPLES if verb not in (*OPENINGS, "VRFY", "EXPN")])
def test_a_command_line_has_512_octets_at_most(verb):
    server = server_in(next(state for state in reversed(TALKING) if is_legal(state, verb)))
    heard, *_ = hear(copy.deepcopy(server), [padded(verb, 512)])
    assert heard.verb == verb
    assert_refuses(server, padded(verb, 513), replies.LINE_TOO_LONG, "513")


@pytest.mark.parametrize("word", [b"VERFY", b"XYZ", b"x", b"\xff", b"mail", b"help"])
@pytest.mark.parametrize("octets", [513, 540, 565, 566, 1000])
def test_a_line_that_is_too_long_is_refused_for_its_length_also_if_its_first_word_is_no_verb(ready, word, octets):
    line = (word + b" ").ljust(octets - 2, b"x") + b"\r\n"
    if word != b"mail" or octets > 565:
        assert_refuses(ready, line, replies.LINE_TOO_LONG, str(octets))


@pytest.mark.parametrize("octets", [513, 565, 566, 1000, 10000])
def test_after_a_line_that_is_too_long_the_session_is_in_step(ready, octets):
    line = b"NOOP " + b"x" * (octets - 7) + b"\r\n"
    assert_refuses(ready, line, replies.LINE_TOO_LONG, str(octets))
    events = hear(ready, [line + b"NOOP\r\n" + line + b"RSET\r\n"])
    assert [type(event) for event in events] == [Refused, Noop, Refused, Rset]


def test_mail_has_room_for_the_parameters_of_the_extensions(ready):
    sender = Path("a" * 64, ".".join(["b" * 60] * 3))
    command = Mail(sender, (("SIZE", "1".zfill(20)), ("BODY", "8BITMIME"), ("SMTPUTF8", None)))
    line = command.serialize()[:-2].ljust(563) + b"\r\n"
    assert_hears(ready, line, command)
    assert_refuses(
        ready,
        b"MAIL FROM:<>".ljust(564) + b"\r\n",
        replies.LINE_TOO_LONG,
        "566",
    )


def test_a_local_part_of_64_a_domain_of_255_and_a_path_of_256_octets_are_taken(with_sender):
    for path in (
        Path("a" * 64, "b.example"),
        Path("a", ".".join(["b" * 62] * 4)),
        Path("a" * 64, ".".join(["b" * 46] * 4) + ".c"),
    ):
        assert_hears(with_sender, Rcpt(path).serialize(), Rcpt(path))
    domain = ".".join(["b" * 63] * 4)
    assert len(domain) == 255
    assert_hears(with_sender, f"VRFY {domain}\r\n".encode(), type(EXAMPLES["VRFY"])(domain))


def test_a_thousand_recipients_are_taken(with_sender):
    recipients = [Rcpt(Path(f"user{number}", "b.example")) for number in range(1000)]
    octets = b"".join(recipient.serialize() for recipient in recipients)
    assert hear(with_sender, [octets]) == recipients
    assert with_sender.state is State.RECIPIENT


@pytest.mark.parametrize("state", [State.READY, State.DATA])
def test_4_megabytes_without_a_line_end_cost_bounded_memory(state):
    server, piece = server_in(state), b"x" * 65536
    tracemalloc.start()
    try:
        for _ in range(64):
            server.receive_data(piece)
            while server.next_event() is not NEED_DATA:
                pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * len(piece)
    events = hear(server, [b"\r\n.\r\n" if state is State.DATA else b"\r\n", b"NOOP\r\n"])
    assert [type(event) for event in events] == [Refused, Noop]


def small_transactions(number):
    return (MAIL + RCPT + b"DATA\r\n.\r\n" + MAIL + RCPT + b"DATA\r\n..\r\nHello\r\n.\r\n") * number


@pytest.mark.parametrize("cut", [False, True])
def test_each_octet_of_many_small_messages_is_looked_at_a_bounded_number_of_times(cut):
    buffer = Watched()
    server = ServerConnection(buffer=buffer)
    server.send(replies.SERVICE_READY)
    octets = b"HELO client.example\r\n" + small_transactions(200)
    hear(server, byte_by_byte(octets) if cut else [octets])
    assert server.state is State.READY
    assert buffer.work <= 8 * len(octets)


@pytest.mark.parametrize(
    ("line", "command"),
    [(b"MAIL FROM: alice@a.example\r\n", Mail(ALICE)), (b"HELO my_laptop\r\n", Helo("my_laptop"))],
)
def test_what_people_type_is_heard_by_a_lenient_server_and_gets_501_from_a_strict_one(line, command):
    assert_hears(server_in(State.READY), line, command)
    assert_refuses(server_in(State.READY, strict=True), line, replies.BAD_ARGUMENT)


# Extensions


def test_the_ehlo_reply_lists_what_is_on_offer(greeted):
    hear(greeted, [b"EHLO client.example\r\n"], lambda event: Reply(250, "mail.example at your service"))
    assert greeted.data_to_send() == (
        b"250-mail.example at your service\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"
        b"250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"
    )
    assert greeted.extensions == EVERYTHING


def test_the_helo_reply_lists_nothing_and_what_was_on_offer_is_so_no_longer(ready):
    hear(ready, [b"HELO client.example\r\n"], lambda event: replies.HELO_OK)
    assert ready.data_to_send() == b"250 Hello\r\n"
    assert ready.extensions == {}
    assert_refuses(ready, b"MAIL FROM:<alice@a.example> SIZE=1\r\n", replies.PARAMETER_NOT_RECOGNIZED)


def test_a_server_that_offers_nothing_answers_ehlo_with_one_line():
    server = server_in(State.GREETED, offer={})
    hear(server, [b"EHLO client.example\r\n"], lambda event: Reply(250, "Hello"))
    assert server.data_to_send() == b"250 Hello\r\n"


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"MAIL FROM:<alice@a.example> SIZE=1001", replies.MESSAGE_TOO_BIG),
        (b"MAIL FROM:<alice@a.example> SIZE=many", replies.BAD_ARGUMENT),
        (b"MAIL FROM:<alice@a.example> BODY=BINARYMIME", replies.BAD_ARGUMENT),
        (b"MAIL FROM:<alice@a.example> SMTPUTF8=yes", replies.BAD_ARGUMENT),
        (b"MAIL FROM:<alice@a.example> AUTH=<>", replies.PARAMETER_NOT_RECOGNIZED),
        ("MAIL FROM:<jürgen@b.example>".encode(), replies.NON_ASCII_ADDRESS),
        (b"SEND FROM:<alice@a.example> X=1", replies.PARAMETER_NOT_RECOGNIZED),
        ("VRFY jürgen".encode(), replies.NON_ASCII_ADDRESS),
        ("EXPN städter".encode(), replies.NON_ASCII_ADDRESS),
    ],
)
def test_parameters_are_refused_with_the_reply_they_deserve(ready, line, reply):
    assert_refuses(ready, line + b"\r\n", reply)
    hear(ready, [line + b"\r\n"])
    assert ready.data_to_send() == reply.serialize()


@pytest.mark.parametrize("parameter", ["SIZE=1", "BODY=7BIT", "SMTPUTF8"])
def test_after_helo_every_parameter_gets_555(parameter):
    server = server_in(State.READY, offer={})
    line = f"MAIL FROM:<alice@a.example> {parameter}\r\n".encode()
    assert_refuses(server, line, replies.PARAMETER_NOT_RECOGNIZED, "extension")


@pytest.mark.parametrize("verb", ["VRFY", "EXPN"])
def test_after_helo_smtputf8_behind_vrfy_and_expn_gets_504(verb):
    server = server_in(State.READY, offer={})
    line = f"{verb} jürgen SMTPUTF8\r\n".encode()
    assert_refuses(server, line, replies.PARAMETER_NOT_IMPLEMENTED, verb)


def test_a_parameter_of_rcpt_gets_555(with_sender):
    assert_refuses(with_sender, b"RCPT TO:<bob@b.example> NOTIFY=NEVER\r\n", replies.PARAMETER_NOT_RECOGNIZED)


def test_smtputf8_covers_the_recipients_of_its_transaction_and_no_other(ready):
    recipient = "RCPT TO:<jürgen@b.example>\r\n".encode()
    hear(ready, [MAIL])
    assert_refuses(ready, recipient, replies.NON_ASCII_ADDRESS)
    hear(ready, [b"RSET\r\nMAIL FROM:<alice@a.example> SMTPUTF8\r\n"])
    assert_hears(ready, recipient, Rcpt(Path("jürgen", "b.example")))
    hear(ready, [b"RSET\r\n" + MAIL])
    assert_refuses(ready, recipient, replies.NON_ASCII_ADDRESS)


ESCAPED = b"250 J\\xfcrgen\r\n"


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (b"VRFY x\r\n", ESCAPED),
        (b"VRFY x SMTPUTF8\r\n", "250 Jürgen\r\n".encode()),
        ("EXPN ü smtputf8\r\nEXPN x\r\n".encode(), "250 Jürgen\r\n".encode() + ESCAPED),
        (MAIL.replace(b"\r", b" SMTPUTF8\r") + b"VRFY x\r\n", "250 Jürgen\r\n".encode() + ESCAPED),
        (MAIL, ESCAPED),
        (MAIL.replace(b"\r", b" SMTPUTF8\r"), "250 Jürgen\r\n".encode()),
        (MAIL.replace(b"\r", b" SMTPUTF8\r") + RCPT, "250 Jürgen\r\n".encode() * 2),
        (
            MAIL.replace(b"\r", b" SMTPUTF8\r") + b"RSET\r\nNOOP\r\n",
            "250 Jürgen\r\n".encode() * 2 + ESCAPED,
        ),
    ],
)
def test_a_reply_is_ascii_unless_the_client_has_asked_for_smtputf8(ready, said, sent):
    ready.receive_data(said)
    for _ in range(said.count(b"\r\n")):
        ready.next_event()
        ready.send(Reply(250, "Jürgen"))
    assert ready.data_to_send() == sent


def test_a_letter_is_a_question_mark_where_its_escape_would_make_a_line_too_long(ready):
    hear(ready, [b"NOOP\r\n"], lambda _: Reply(250, ["ö" * 200, "ok"]))
    assert ready.data_to_send() == b"250-" + b"?" * 200 + b"\r\n250 ok\r\n"


def test_enhanced_codes_are_sent_only_where_they_were_offered_and_asked_for_with_ehlo():
    for offer, hello in ((EVERYTHING, b"HELO x\r\n"), ({"PIPELINING": ""}, b"EHLO x\r\n")):
        server = server_in(State.GREETED, offer)
        hear(server, [hello])
        server.data_to_send()
        hear(server, [b"NOOP\r\nFOO\r\n"])
        assert server.data_to_send() == b"250 Ok\r\n500 Command not recognized\r\n"
    server = server_in(State.READY)
    hear(server, [b"NOOP\r\nFOO\r\n"])
    assert server.data_to_send() == b"250 2.0.0 Ok\r\n500 5.5.1 Command not recognized\r\n"


def test_replies_to_helo_and_ehlo_carry_no_enhanced_code(ready):
    for line, code in ((b"EHLO x\r\n", 550), (b"HELO x\r\n", 550), (b"EHLO x\r\n", 250), (b"HELO x\r\n", 250)):
        hear(ready, [line], lambda event, code=code: Reply(code, "So", EnhancedCode(code // 100, 0, 0)))
        assert b"." not in ready.data_to_send()


# Messages


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (b".\r\n", b""),
        (b"Hello\r\n.\r\n", b"Hello\r\n"),
        (b"..\r\n...\r\n..a\r\n.\r\n", b".\r\n..\r\n.a\r\n"),
        (b"Subject: x\r\n\r\nbody\r\n.\r\n", b"Subject: x\r\n\r\nbody\r\n"),
        (b"x" * 999 + END[2:], None),
    ],
)
def test_a_message_comes_as_content_and_its_end(in_data, octets, content):
    if content is None:  # a lone dot at the end of a line is not a line
        assert hear(in_data, [octets]) == [MessageData(octets[:-2])]
    else:
        assert_hears(in_data, octets, *([MessageData(content)] if content else []), end_of(content))


def test_a_message_ends_wherever_the_network_cuts_it(in_data):
    octets = b"a\r\n..\r\n.b\r\n\r\n.\r\nNOOP\r\n"
    content = b"a\r\n.\r\nb\r\n\r\n"
    for place in range(1, len(octets)):
        events = hear(copy.deepcopy(in_data), in_pieces(octets, [place]))
        assert events == [MessageData(content), end_of(content), Noop()]


def test_each_message_is_read_anew(ready):
    events = hear(ready, [GROUP + b"first\r\n.\r\n" + GROUP + b".\r\n" + GROUP + b"third\r\n.\r\n"])
    assert [event.octets for event in events if isinstance(event, EndOfMessage)] == [7, 0, 7]


@pytest.mark.parametrize("false_end", FALSE_ENDS)
def test_what_stands_behind_a_false_end_is_content(in_data, false_end):
    smuggled = b"Hello" + false_end + GROUP + b"spam"
    content = unstuffed(smuggled) + b"\r\n"
    assert_hears(in_data, smuggled + END, MessageData(content), end_of(content))


@pytest.mark.parametrize("false_end", FALSE_ENDS)
def test_strictly_a_message_with_bare_line_ends_is_refused_and_what_it_holds_is_never_a_command(false_end):
    server = in_data_with(strict=True)
    smuggled = b"Hello" + false_end + GROUP + b"spam"
    content = unstuffed(smuggled) + b"\r\n"
    if false_end.replace(b"\r\n", b"").strip(b". \0") or b"\r\0" in false_end:
        sentence = sentences.BARE_LINE_END
        assert_hears(server, smuggled + END, MessageData(content), Refused(replies.CONTENT_REFUSED, sentence))
    elif b"\0" in false_end:
        sentence = sentences.NUL_IN_CONTENT
        assert_hears(server, smuggled + END, MessageData(content), Refused(replies.CONTENT_REFUSED, sentence))
    else:
        assert_hears(server, smuggled + END, MessageData(content), end_of(content))


@pytest.mark.parametrize("content", [b"\0", b"a\0b", b"Subject: x\r\n\r\na\r\n\0", b"x" * 9000 + b"\0"])
def test_strictly_a_message_with_nul_is_refused_and_leniently_it_is_kept(content):
    refused = hear(in_data_with(strict=True, offer={}), in_pieces(content + END, [1]))[-1]
    assert refused == Refused(replies.CONTENT_REFUSED, sentences.NUL_IN_CONTENT)
    assert hear(in_data_with(offer={}), [content + END])[-1] == end_of(content + b"\r\n")


def test_a_message_of_the_limit_is_taken_and_an_octet_more_gets_552(in_data):
    for octets in (b"x" * 998 + END, b".".ljust(1000, b"x") + b"\r\n.\r\n"):
        events = hear(copy.deepcopy(in_data), [octets])
        assert len(events) == 2
        assert isinstance(events[1], EndOfMessage) is (len(octets) == 1003)
    sentence = sentences.MESSAGE_TOO_BIG.format(limit=1000)
    for excess in (1, 2, 100, 5000):
        octets = b"x" * (998 + excess) + END
        assert_hears(in_data, octets, MessageData(octets[:1000]), Refused(replies.MESSAGE_TOO_BIG, sentence))


def test_the_dots_of_transparency_do_not_count(in_data):
    content = b".\r\n" * 333
    assert_hears(in_data, content.replace(b".", b"..") + b".\r\n", MessageData(content), end_of(content))


def test_after_a_message_that_is_too_big_the_session_is_in_step(in_data):
    events = hear(in_data, [b"x\r\n" * 1000 + b".\r\n" + GROUP + b"Hello\r\n.\r\nQUIT\r\n"])
    assert isinstance(events[1], Refused)
    assert events[2:] == [
        Mail(ALICE),
        Rcpt(BOB),
        Data(),
        MessageData(b"Hello\r\n"),
        EndOfMessage(7),
        Quit(),
        ConnectionClosed(),
    ]


@pytest.mark.parametrize("offer", [{}, {"SIZE": ""}, {"SIZE": "0"}])
def test_without_a_limit_every_message_is_taken(offer):
    content = b"x" * 100_000 + b"\r\n"
    assert hear(in_data_with(offer), [content + b".\r\n"]) == [MessageData(content), end_of(content)]


@pytest.mark.parametrize("parameters", [" BODY=8BITMIME", " body=8bitmime", " SMTPUTF8", " SMTPUTF8 BODY=8BITMIME"])
def test_strictly_octets_above_127_must_be_announced(parameters):
    octets, content = b"caf\xe9\r\n.\r\n", b"caf\xe9\r\n"
    sentence = sentences.EIGHT_BIT_CONTENT
    for unannounced in ("", " BODY=7BIT"):
        server = in_data_with(parameters=unannounced, strict=True)
        assert_hears(server, octets, MessageData(content), Refused(replies.CONTENT_REFUSED, sentence))
    assert_hears(in_data_with(parameters=parameters, strict=True), octets, MessageData(content), end_of(content))
    assert_hears(in_data_with(), octets, MessageData(content), end_of(content))


@pytest.mark.parametrize(
    ("octets", "reply", "sentence"),
    [
        (b"\xe9\n\r\n.\r\n", replies.CONTENT_REFUSED, "bare"),
        (b"\n\xe9\r\n.\r\n", replies.CONTENT_REFUSED, "bare"),
        (b"\n" + b"x" * 1000 + END, replies.MESSAGE_TOO_BIG, "exceeds"),
        (b"x" * 1000 + b"\n\xe9" + END, replies.MESSAGE_TOO_BIG, "exceeds"),
    ],
)
def test_of_several_faults_the_same_one_is_told_however_the_network_cuts(octets, reply, sentence):
    server = in_data_with(strict=True)
    for pieces in ([octets], byte_by_byte(octets), in_pieces(octets, [2])):
        *_, refused = hear(copy.deepcopy(server), pieces)
        assert refused.reply == reply
        assert sentence in refused.sentence


def test_a_fault_does_not_cling_to_the_next_message():
    server = in_data_with(strict=True)
    events = hear(server, [b"\n\xe9" + b"x" * 1000 + END + GROUP + b"Hello\r\n.\r\n"])
    assert isinstance(events[1], Refused)
    assert events[-1] == EndOfMessage(7)


@pytest.mark.parametrize("octets", [b"", b"Hello", b"Hello\r\n", b"Hello\r\n.", b"Hello\r\n.\r", b"Hello\n.\n"])
def test_a_message_that_the_client_leaves_unfinished_never_ends(in_data, octets):
    events = hear(in_data, [octets, b""] if octets else [b""])
    assert events[-1] == ConnectionClosed()
    assert not any(isinstance(event, EndOfMessage | Refused) for event in events)


# PIPELINING


GROUPED = (
    MAIL + RCPT + b"RCPT TO:<nobody@b.example>\r\nRCPT TO:<carol@c.example>\r\nDATA\r\nHello\r\n.\r\nRSET\r\nQUIT\r\n"
)
NOBODY = Rcpt(Path("nobody", "b.example"))


def refuse_nobody(event):
    return replies.NO_SUCH_MAILBOX if event == NOBODY else accept(event)


def test_a_group_with_a_refused_recipient_is_heard_however_it_is_split(ready):
    expected = [Mail(ALICE), Rcpt(BOB), NOBODY, Rcpt(CAROL), Data(), MessageData(b"Hello\r\n"), EndOfMessage(7)]
    expected += [Rset(), Quit(), ConnectionClosed()]
    for places in [[], *([place] for place in range(1, len(GROUPED)))]:
        server = copy.deepcopy(ready)
        assert hear(server, in_pieces(GROUPED, places), refuse_nobody) == expected
        said = server.data_to_send().split(b"\r\n")[:-1]
        assert [int(line[:3]) for line in said] == [250, 250, 550, 250, 354, 250, 250, 221]


def test_a_group_whose_sender_is_refused_is_refused_command_by_command(ready):
    events = hear(ready, [GROUP + b"RSET\r\n"], answering(MAIL=550))
    assert [event.reply if isinstance(event, Refused) else event for event in events] == [
        Mail(ALICE),
        replies.BAD_SEQUENCE,
        replies.BAD_SEQUENCE,
        Rset(),
    ]
    assert ready.state is State.READY


def test_a_group_whose_recipients_are_all_refused_gets_no_354(ready):
    *_, refused = hear(ready, [GROUP], answering(RCPT=550))
    assert refused.reply == replies.BAD_SEQUENCE
    assert ready.state is State.SENDER


# TURN


def test_turn_that_is_refused_changes_nothing(ready):
    assert_hears(ready, b"TURN\r\n", Turn(), answer=answering(TURN=502))
    hear(ready, [b"TURN\r\n"], answering(TURN=502))
    assert ready.state is State.READY
    with pytest.raises(LocalProtocolError, match="TURN"):
        ready.hand_over()


def test_turn_swaps_the_roles_and_hands_over_what_has_arrived(ready):
    ready.receive_data(b"TURN\r\n220 the other host\r\n250 un")
    assert ready.next_event() == Turn()
    with pytest.raises(LocalProtocolError, match="TURN"):
        ready.hand_over()
    ready.send(replies.TURN_OK)
    assert ready.state is State.CONNECTED
    assert ready.transaction is None
    assert ready.next_event() is ready.next_event() is PAUSED
    client = ClientConnection(ready.hand_over())
    assert client.next_event() == Reply(220, "the other host")
    assert client.state is State.GREETED
    assert client.next_event() is NEED_DATA


def test_the_end_that_takes_over_learns_that_the_peer_has_closed(ready):
    hear(ready, [b"TURN\r\n"])
    ready.receive_data(b"")
    assert ClientConnection(ready.hand_over()).next_event() == ConnectionClosed()


def test_the_roles_are_not_swapped_before_the_greeting(connected):
    with pytest.raises(LocalProtocolError, match="TURN"):
        connected.hand_over()


# The end


@pytest.mark.parametrize("state", TALKING)
def test_the_peers_end_is_told_after_all_it_has_said(state):
    server = server_in(state)
    server.receive_data(b"FOO\r\nNO")
    server.receive_data(b"")
    with pytest.raises(RemoteProtocolError):
        server.next_event()
    server.send(replies.UNRECOGNIZED)
    assert server.next_event() == server.next_event() == ConnectionClosed()


# Whatever comes


SCRAPS = st.sampled_from(
    [
        *(command.serialize() for command in EXAMPLES.values()),
        b"EHLO c\r\n" + GROUP,
        GROUP,
        RCPT,
        b"RCPT TO:<nobody@b.example>\r\n",
        b"MAIL FROM:<> SIZE=2000\r\n",
        b"MAIL FROM:<> BODY=8BITMIME SMTPUTF8\r\n",
        b"NOOP " + b"x" * 600 + b"\r\n",
        b"x" * 600,
        b"x" * 30 + b"\n",
        END,
        b".\r\n",
        b"..\r\n",
        *FALSE_ENDS,
        b"\r\n",
        b"\r",
        b"\n",
        b"\0",
        b"\xff\xe9",
    ]
)
SESSIONS = st.lists(SCRAPS | st.binary(max_size=6), max_size=20).map(b"".join)
CODES = st.lists(st.sampled_from([250, 250, 250, 250, 354, 354, 421, 450, 550]), min_size=1, max_size=6)


def codes_in_turn(codes):
    """Answer with these codes in turn; where one is impossible, as a server that takes everything."""
    told = itertools.cycle(codes)

    def answer(event):
        code = next(told)
        possible = (code == 354) is isinstance(event, Data) or code >= 400
        return Reply(code) if possible else accept(event)

    return answer


@given(SESSIONS, CODES, st.booleans(), st.data())
def test_any_octets_cut_anywhere_give_the_same_events_and_replies_as_the_whole(octets, codes, strict, data):
    offer = EVERYTHING | {"SIZE": "40"}
    whole, cut, single = (server_in(State.GREETED, offer, strict=strict) for _ in range(3))
    events = hear(whole, in_pieces(octets, []), codes_in_turn(codes))
    assert hear(cut, data.draw(cuts(octets)), codes_in_turn(codes)) == events
    assert hear(single, byte_by_byte(octets), codes_in_turn(codes)) == events
    assert whole.data_to_send() == cut.data_to_send() == single.data_to_send()
    assert whole.state is cut.state is single.state
    for event in events:
        assert not isinstance(event, Refused) or not event.reply.is_positive


@given(st.binary(max_size=300), st.sampled_from(TALKING))
def test_any_octets_give_events_or_refusals_that_carry_a_negative_reply(octets, state):
    for event in hear(server_in(state), [octets, b""]):
        if isinstance(event, Refused):
            assert not event.reply.is_positive
            assert event.sentence
