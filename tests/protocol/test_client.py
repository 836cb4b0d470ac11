"""The client's end: what it may send, how it pairs replies with commands, and how it stands odd servers."""

import copy
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol import replies
from smtplab.protocol.body import StuffedMessage
from smtplab.protocol.client import ClientConnection, CommandGroup
from smtplab.protocol.commands import Data, Ehlo, Helo, Mail, Noop, Quit, Rcpt, Rset, Send, Turn
from smtplab.protocol.events import NEED_DATA, PAUSED, ConnectionClosed
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import LocalProtocolError, RemoteProtocolError, Reply
from smtplab.protocol.server import ServerConnection
from smtplab.protocol.states import GREETING, MESSAGE, UNKNOWN, State, is_legal
from support.kernel import (
    ALICE,
    BOB,
    CAROL,
    EVERYTHING,
    EXAMPLES,
    assert_cannot_send,
    client_in,
    commands,
    hear_replies,
    reply_values,
    tell,
)
from support.octets import Watched, byte_by_byte, cuts, in_pieces

OPENINGS = ("MAIL", "SEND", "SOML", "SAML")
JUERGEN = Path("jürgen", "b.example")
NO_PIPELINING = {key: text for key, text in EVERYTHING.items() if key != "PIPELINING"}


@pytest.fixture
def connected():
    return ClientConnection()


@pytest.fixture
def greeted(connected):
    assert tell(connected, replies.SERVICE_READY) == [replies.SERVICE_READY]
    return connected


@pytest.fixture
def ready(greeted):
    greeted.send(Ehlo("client.example"))
    tell(
        greeted, Reply(250, ("mail.example", "PIPELINING", "SIZE 1000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"))
    )
    greeted.data_to_send()
    return greeted


@pytest.fixture
def with_sender(ready):
    ready.send(Mail(ALICE))
    tell(ready, replies.SENDER_OK)
    ready.data_to_send()
    return ready


@pytest.fixture
def with_recipient(with_sender):
    with_sender.send(Rcpt(BOB))
    tell(with_sender, replies.RECIPIENT_OK)
    with_sender.data_to_send()
    return with_sender


@pytest.fixture
def in_data(with_recipient):
    with_recipient.send(Data())
    tell(with_recipient, replies.START_MAIL)
    with_recipient.data_to_send()
    return with_recipient


def send_all(client, *to_send):
    for command in to_send:
        client.send(command)


def assert_ends_the_session(client, octets, sentence):
    """Assert that octets are a fault of the server, whole and byte by byte, after which the session is over."""
    for pieces in ([octets], byte_by_byte(octets)):
        fresh = copy.deepcopy(client)
        with pytest.raises(RemoteProtocolError) as caught:
            read_on(fresh, pieces)
        assert sentence in str(caught.value)
        assert caught.value.reply is None
        assert fresh.state is State.CLOSED
        assert fresh.transaction is None
        assert len(fresh._under_way) == 0
        assert fresh.next_event() == ConnectionClosed()
        with pytest.raises(LocalProtocolError, match="closed"):
            fresh.send(Quit())


def read_on(client, pieces):
    for piece in pieces:
        client.receive_data(piece)
        while client.next_event() is not NEED_DATA:
            pass


# The greeting


def test_the_client_waits_for_the_greeting(connected):
    assert len(connected._under_way) == 1
    assert connected.next_event() is NEED_DATA
    for command in EXAMPLES.values():
        assert_cannot_send(connected, command, sentence="greeting")


@pytest.mark.parametrize("code", [220, 250, 299])
def test_a_positive_greeting_opens_the_session(connected, code):
    tell(connected, Reply(code))
    assert connected.state is State.GREETED
    assert len(connected._under_way) == 0


@pytest.mark.parametrize("code", [450, 521, 554])
def test_after_a_greeting_that_refuses_only_quit_may_be_sent(connected, code):
    tell(connected, Reply(code))
    assert connected.state is State.REFUSED
    assert_cannot_send(connected, Ehlo("client.example"), replies.BAD_SEQUENCE, "QUIT")
    connected.send(Quit())
    assert tell(connected, replies.CLOSING) == [replies.CLOSING]
    assert connected.state is State.CLOSED


def test_421_instead_of_a_greeting_closes(connected):
    assert tell(connected, replies.TOO_BUSY) == [replies.TOO_BUSY]
    assert connected.state is State.CLOSED


def test_a_3yz_is_no_greeting(connected):
    assert_ends_the_session(connected, b"354 Go ahead\r\n", "welcomes")


# Every verb in every state


@pytest.mark.parametrize("verb", EXAMPLES)
@pytest.mark.parametrize("state", [state for state in State if state is not State.CONNECTED])
def test_a_verb_is_sent_where_the_table_has_it_and_nothing_is_sent_where_not(state, verb):
    client, command = client_in(state), EXAMPLES[verb]
    if is_legal(state, verb):
        client.send(command)
        assert client.data_to_send() == command.serialize()
        assert len(client._under_way) == 1
    else:
        sentence = state.value
        assert_cannot_send(client, command, replies.BAD_SEQUENCE, sentence)


@pytest.mark.parametrize("state", [state for state in State if state is not State.DATA])
def test_a_message_is_sent_only_after_354(state):
    client = client_in(state)
    with pytest.raises(LocalProtocolError, match="DATA") as caught:
        client.send_message(b"Hello\r\n")
    assert caught.value.reply == replies.BAD_SEQUENCE
    assert client.data_to_send() == b""


def test_a_message_is_sent_once(in_data):
    in_data.send_message(b"Hello\r\n")
    with pytest.raises(LocalProtocolError, match="DATA"):
        in_data.send_message(b"Hello\r\n")
    assert in_data.data_to_send() == b"Hello\r\n.\r\n"


# How replies move the session


@pytest.mark.parametrize("verb", OPENINGS)
def test_mail_send_soml_and_saml_open_a_transaction_once_they_are_accepted(ready, verb):
    ready.send(EXAMPLES[verb])
    assert ready.state is State.READY
    assert ready.transaction is None
    tell(ready, replies.SENDER_OK)
    assert ready.state is State.SENDER
    assert ready.transaction == EXAMPLES[verb]


@pytest.mark.parametrize("code", [354, 450, 550])
@pytest.mark.parametrize("verb", OPENINGS)
def test_a_sender_that_is_not_accepted_opens_nothing(ready, verb, code):
    ready.send(EXAMPLES[verb])
    tell(ready, Reply(code))
    assert ready.state is State.READY
    assert ready.transaction is None


@pytest.mark.parametrize("command", [Rset(), Helo("client.example"), Ehlo("client.example")], ids=str)
@pytest.mark.parametrize("state", [State.READY, State.SENDER, State.RECIPIENT])
def test_rset_helo_and_ehlo_end_the_transaction(state, command):
    client = client_in(state)
    client.send(command)
    tell(client, replies.OK)
    assert client.state is State.READY
    assert client.transaction is None


@pytest.mark.parametrize("code", [354, 450, 502, 550])
@pytest.mark.parametrize("command", [Helo("client.example"), Ehlo("client.example")], ids=str)
@pytest.mark.parametrize("state", [State.GREETED, State.READY, State.SENDER, State.RECIPIENT])
def test_helo_or_ehlo_that_is_not_accepted_changes_nothing(state, command, code):
    client = client_in(state)
    transaction, extensions = client.transaction, client.extensions
    client.send(command)
    tell(client, Reply(code, ("no", "SIZE 5")))
    assert (client.state, client.transaction, client.extensions) == (state, transaction, extensions)


def test_after_a_refused_ehlo_the_client_may_say_helo(greeted):
    greeted.send(Ehlo("client.example"))
    tell(greeted, replies.UNRECOGNIZED)
    greeted.send(Helo("client.example"))
    tell(greeted, replies.HELO_OK)
    assert greeted.state is State.READY
    assert greeted.extensions == {}


@pytest.mark.parametrize("code", [250, 451, 552, 554])
def test_any_reply_to_the_message_ends_the_transaction(in_data, code):
    assert in_data.transaction == Mail(ALICE)
    in_data.send_message(b"")
    tell(in_data, Reply(code))
    assert in_data.state is State.READY
    assert in_data.transaction is None


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_421_closes_from_any_state_asked_or_not(state):
    client = client_in(state)
    assert tell(client, replies.SHUTTING_DOWN) == [replies.SHUTTING_DOWN]
    assert client.state is State.CLOSED
    assert client.transaction is None
    assert len(client._under_way) == 0
    assert client.next_event() == ConnectionClosed()


@pytest.mark.parametrize("verb", EXAMPLES)
def test_421_may_answer_any_command(verb):
    client = client_in(next(state for state in State if is_legal(state, verb)))
    client.send(EXAMPLES[verb])
    tell(client, replies.SHUTTING_DOWN)
    assert client.state is State.CLOSED
    assert_cannot_send(client, Noop(), replies.BAD_SEQUENCE, "closed")


def test_quit_that_is_answered_with_an_error_does_not_close(ready):
    ready.send(Quit())
    tell(ready, replies.LOCAL_ERROR)
    assert ready.state is State.READY


def test_a_refused_mail_behind_a_refused_rset_leaves_the_transaction_alone(with_sender):
    send_all(with_sender, Rset(), Send(CAROL))
    tell(with_sender, replies.LOCAL_ERROR, replies.BAD_SEQUENCE)
    assert with_sender.state is State.SENDER
    assert with_sender.transaction == Mail(ALICE)


# Extensions


def test_the_ehlo_reply_says_what_is_on_offer(ready):
    assert ready.extensions == EVERYTHING


def test_helo_ends_what_ehlo_agreed_on(ready):
    ready.send(Helo("client.example"))
    tell(ready, replies.HELO_OK)
    assert ready.extensions == {}
    sized = Mail(ALICE, (("SIZE", "10"),))
    assert_cannot_send(ready, sized, replies.PARAMETER_NOT_RECOGNIZED, "extension")


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (Mail(ALICE, (("SIZE", "1001"),)), replies.MESSAGE_TOO_BIG),
        (Mail(ALICE, (("SIZE", "x"),)), replies.BAD_ARGUMENT),
        (Mail(ALICE, (("BODY", "BINARYMIME"),)), replies.BAD_ARGUMENT),
        (Mail(ALICE, (("RET", "HDRS"),)), replies.PARAMETER_NOT_RECOGNIZED),
        (Mail(JUERGEN), replies.NON_ASCII_ADDRESS),
    ],
    ids=str,
)
def test_what_no_extension_allows_is_not_sent(ready, command, reply):
    assert_cannot_send(ready, command, reply)


def test_a_server_whose_size_has_thousands_of_digits_sets_no_limit(greeted):
    greeted.send(Ehlo("client.example"))
    tell(greeted, Reply(250, ("hi", "SIZE " + "1" * 5000)))
    greeted.send(Mail(ALICE, (("SIZE", "10"),)))


@pytest.mark.parametrize("answered", [True, False])
def test_smtputf8_covers_the_recipients_of_its_transaction_answered_or_not(ready, answered):
    ready.send(Mail(ALICE))
    if answered:
        tell(ready, replies.SENDER_OK)
    ready.data_to_send()
    assert_cannot_send(ready, Rcpt(JUERGEN), replies.NON_ASCII_ADDRESS, "SMTPUTF8")
    send_all(ready, Rset(), Mail(ALICE, (("SMTPUTF8", None),)), Rcpt(JUERGEN))
    assert ready.data_to_send().endswith("RCPT TO:<jürgen@b.example>\r\n".encode())


@pytest.mark.parametrize("parameters", [(("BODY", "8BITMIME"),), (("BODY", "8bitmime"),), (("SMTPUTF8", None),)])
def test_octets_above_127_must_be_announced(ready, parameters):
    for announced in ((), (("BODY", "7BIT"),), parameters):
        client = copy.deepcopy(ready)
        send_all(client, Mail(ALICE, announced), Rcpt(BOB), Data())
        tell(client, replies.SENDER_OK, replies.RECIPIENT_OK, replies.START_MAIL)
        client.data_to_send()
        if announced == parameters:
            client.send_message(b"caf\xe9\r\n")
            assert client.data_to_send() == b"caf\xe9\r\n.\r\n"
            continue
        with pytest.raises(LocalProtocolError, match="BITMIME") as caught:
            client.send_message(b"caf\xe9\r\n")
        assert caught.value.reply == replies.CONTENT_REFUSED
        assert client.data_to_send() == b""
        client.send_message(b"cafe\r\n")


def test_what_no_event_has_told_of_is_unread(in_data):
    in_data.send_message(b"Hello\r\n")
    assert not in_data.has_unread
    in_data.receive_data(b"250 ok\r")
    assert in_data.next_event() is NEED_DATA
    assert in_data.has_unread
    in_data.receive_data(b"\n")
    assert in_data.next_event() == Reply(250, "ok")
    assert not in_data.has_unread


def test_a_message_may_be_stuffed_before_its_turn(in_data):
    message = StuffedMessage(b".dot\r\n")
    in_data.send_message(message)
    assert in_data.data_to_send() == b"..dot\r\n.\r\n" == message.octets


def test_a_stuffed_message_is_checked_like_any_other(in_data):
    with pytest.raises(LocalProtocolError, match="CRLF"):
        StuffedMessage(b"a\nb\r\n")
    with pytest.raises(LocalProtocolError, match="above"):
        in_data.send_message(StuffedMessage(b"caf\xe9\r\n"))


@pytest.mark.parametrize("content", [b"a\nb\r\n", b"a\rb", b"\n.\n"])
def test_a_message_with_bare_line_ends_is_not_sent(in_data, content):
    with pytest.raises(LocalProtocolError, match="CRLF"):
        in_data.send_message(content)
    assert in_data.data_to_send() == b""
    assert len(in_data._under_way) == 0
    in_data.send_message(b".\r\n")
    assert in_data.data_to_send() == b"..\r\n.\r\n"


# PIPELINING


GROUP = (Mail(ALICE), Rcpt(BOB), Rcpt(CAROL), Data())


def test_without_pipelining_each_reply_is_waited_for():
    client = client_in(State.READY, NO_PIPELINING)
    client.send(Mail(ALICE))
    client.data_to_send()
    assert_cannot_send(client, Rcpt(BOB), sentence="PIPELINING")
    tell(client, replies.SENDER_OK)
    client.send(Rcpt(BOB))


@pytest.mark.parametrize(
    "verb", [verb for verb in EXAMPLES if verb not in ("MAIL", "SEND", "SOML", "SAML", "RCPT", "RSET")]
)
def test_these_must_be_the_last_of_their_group(verb):
    client = client_in(next(state for state in reversed(State) if is_legal(state, verb)))
    client.send(EXAMPLES[verb])
    client.data_to_send()
    sentence = verb
    assert_cannot_send(client, Rset(), sentence=sentence)


@pytest.mark.parametrize("verb", ["MAIL", "SEND", "SOML", "SAML", "RCPT", "RSET"])
def test_these_may_be_followed_in_a_group(verb):
    client = client_in(next(state for state in reversed(State) if is_legal(state, verb)))
    client.send(EXAMPLES[verb])
    client.send(Noop())
    assert len(client._under_way) == 2


def test_a_group_is_judged_as_if_all_of_it_were_accepted(ready):
    send_all(ready, Mail(ALICE), Rcpt(BOB), Rset(), *GROUP)
    assert len(ready._under_way) == 7
    assert ready.state is State.READY
    assert ready.data_to_send() == b"".join(c.serialize() for c in (Mail(ALICE), Rcpt(BOB), Rset(), *GROUP))
    assert_cannot_send(ready, Noop(), sentence="DATA")


def test_a_group_may_be_sent_at_once(ready):
    one_by_one = copy.deepcopy(ready)
    send_all(one_by_one, *GROUP)
    group = CommandGroup(*GROUP)
    assert (group.commands, group.octets) == (GROUP, b"".join(command.serialize() for command in GROUP))
    ready.send_group(group)
    assert ready._under_way == one_by_one._under_way
    assert ready.octets_to_send == one_by_one.octets_to_send == len(group.octets)
    assert ready.data_to_send() == group.octets
    assert_cannot_send(ready, Noop(), sentence="DATA")


def test_a_command_may_be_put_before_a_group():
    group = CommandGroup(*GROUP[1:]).behind(GROUP[0])
    assert (group.commands, group.octets) == (GROUP, CommandGroup(*GROUP).octets)


@pytest.mark.parametrize(
    ("commands", "sentence"),
    [
        ((Mail(ALICE), Data()), "DATA"),
        ((Mail(ALICE), Noop(), Rcpt(BOB)), "NOOP"),
        ((Mail(ALICE), Mail(BOB)), "MAIL"),
        ((Mail(ALICE), Rcpt(JUERGEN)), "SMTPUTF8"),
        ((Rcpt(BOB), Mail(ALICE)), "RCPT"),
    ],
)
def test_nothing_of_a_group_is_sent_if_one_command_may_not_come(ready, commands, sentence):
    with pytest.raises(LocalProtocolError, match=sentence):
        ready.send_group(CommandGroup(*commands))
    assert (ready.data_to_send(), ready.octets_to_send, len(ready._under_way)) == (b"", 0, 0)
    assert_cannot_send(ready, Rcpt(BOB), replies.BAD_SEQUENCE)


def test_without_pipelining_a_group_has_one_command():
    client = client_in(State.READY, NO_PIPELINING)
    with pytest.raises(LocalProtocolError, match="PIPELINING"):
        client.send_group(CommandGroup(*GROUP))
    client.send_group(CommandGroup(Mail(ALICE)))
    assert client.data_to_send() == Mail(ALICE).serialize()


def test_recipient_of_a_group_may_need_what_its_sender_asked_for(ready):
    ready.send_group(CommandGroup(Mail(ALICE, (("SMTPUTF8", None),)), Rcpt(JUERGEN)))
    assert [verb for verb, *_ in ready._under_way] == ["MAIL", "RCPT"]


def test_each_reply_says_what_it_answered(ready):
    assert ready.answered == "EHLO"
    ready.send_group(CommandGroup(*GROUP))
    answered = []
    for reply in (replies.SENDER_OK, replies.RECIPIENT_OK, replies.NO_SUCH_MAILBOX, replies.START_MAIL):
        tell(ready, reply)
        answered.append(ready.answered)
    assert answered == ["MAIL", "RCPT", "RCPT", "DATA"]
    ready.send_message(b"")
    tell(ready, replies.MESSAGE_ACCEPTED)
    assert ready.answered == MESSAGE
    tell(ready, replies.SHUTTING_DOWN)
    assert ready.answered == UNKNOWN


def test_nothing_was_answered_before_the_greeting(connected):
    assert connected.answered == UNKNOWN
    tell(connected, replies.SERVICE_READY)
    assert connected.answered == GREETING


def test_a_group_must_be_in_order_too(ready):
    assert_cannot_send(ready, Rcpt(BOB), replies.BAD_SEQUENCE)
    ready.send(Mail(ALICE))
    ready.data_to_send()
    assert_cannot_send(ready, Data(), replies.BAD_SEQUENCE, "DATA")
    assert_cannot_send(ready, Mail(ALICE), replies.BAD_SEQUENCE)


def test_the_next_transaction_may_follow_the_message_in_one_group(in_data):
    in_data.send_message(b"Hello\r\n")
    send_all(in_data, *GROUP)
    assert in_data.data_to_send() == b"Hello\r\n.\r\n" + b"".join(command.serialize() for command in GROUP)
    tell(in_data, Reply(554), replies.SENDER_OK, replies.RECIPIENT_OK, replies.RECIPIENT_OK, replies.START_MAIL)
    assert in_data.state is State.DATA


def test_replies_are_paired_with_commands_in_order(ready):
    send_all(ready, *GROUP)
    said = [replies.SENDER_OK, replies.NO_SUCH_MAILBOX, replies.RECIPIENT_OK, replies.START_MAIL]
    seen = []
    for reply in said:
        assert tell(ready, reply) == [reply]
        seen.append((ready.state, len(ready._under_way)))
    assert seen == [(State.SENDER, 3), (State.SENDER, 2), (State.RECIPIENT, 1), (State.DATA, 0)]


def test_the_replies_to_a_group_may_be_cut_anywhere(ready):
    said = b"250 ok\r\n550-no\r\n550 such user\r\n250 ok\r\n354 go\r\n"
    expected = [Reply(250, "ok"), Reply(550, ("no", "such user")), Reply(250, "ok"), Reply(354, "go")]
    send_all(ready, *GROUP)
    for place in range(len(said)):
        client = copy.deepcopy(ready)
        assert hear_replies(client, in_pieces(said, [place])) == expected
        assert client.state is State.DATA


def test_a_refused_sender_is_made_good_for_all_that_is_under_way(ready):
    send_all(ready, *GROUP[:3])
    tell(ready, Reply(550))
    ready.data_to_send()
    assert_cannot_send(ready, Data(), replies.BAD_SEQUENCE, "(ready for a mail transaction)")
    ready.send(Mail(CAROL))
    tell(ready, replies.BAD_SEQUENCE, replies.BAD_SEQUENCE)
    assert ready.state is State.READY
    tell(ready, replies.SENDER_OK)
    assert ready.state is State.SENDER
    assert ready.transaction == Mail(CAROL)


def test_a_refused_first_recipient_does_not_spoil_the_second(ready):
    send_all(ready, *GROUP[:3])
    tell(ready, replies.SENDER_OK, replies.NO_SUCH_MAILBOX)
    ready.send(Data())
    tell(ready, replies.RECIPIENT_OK, replies.START_MAIL)
    assert ready.state is State.DATA


def test_refused_recipients_leave_nothing_to_send_data_for(ready):
    send_all(ready, *GROUP[:3])
    tell(ready, replies.SENDER_OK, replies.NO_SUCH_MAILBOX, replies.NO_SUCH_MAILBOX)
    ready.data_to_send()
    assert_cannot_send(ready, Data(), replies.BAD_SEQUENCE)


@pytest.mark.parametrize("sender", [replies.SENDER_OK, Reply(550)], ids=["accepted sender", "refused sender"])
def test_354_although_no_recipient_was_accepted_wants_a_lone_dot(ready, sender):
    send_all(ready, *GROUP)
    tell(ready, sender, Reply(550), Reply(550), replies.START_MAIL)
    assert ready.state is State.DATA
    ready.data_to_send()
    ready.send_message(b"")
    assert ready.data_to_send() == b".\r\n"
    tell(ready, Reply(554))
    assert ready.state is State.READY
    assert ready.transaction is None
    ready.send(Mail(ALICE))


def test_without_a_transaction_nothing_announces_octets_above_127(ready):
    send_all(ready, Mail(ALICE, (("BODY", "8BITMIME"),)), *GROUP[1:])
    tell(ready, Reply(550), Reply(503), Reply(503), replies.START_MAIL)
    with pytest.raises(LocalProtocolError, match="MAIL"):
        ready.send_message(b"caf\xe9\r\n")


def test_data_that_is_refused_leaves_the_transaction_open(ready):
    send_all(ready, *GROUP)
    tell(ready, replies.SENDER_OK, replies.RECIPIENT_OK, replies.RECIPIENT_OK, Reply(451))
    assert ready.state is State.RECIPIENT
    assert ready.transaction == Mail(ALICE)


def test_data_that_is_answered_with_2yz_does_not_start_a_message(with_recipient):
    with_recipient.send(Data())
    tell(with_recipient, replies.OK)
    assert with_recipient.state is State.RECIPIENT


def test_421_amid_a_group_leaves_nothing_to_wait_for(ready):
    send_all(ready, *GROUP)
    tell(ready, replies.SENDER_OK, replies.SHUTTING_DOWN)
    assert ready.state is State.CLOSED
    assert len(ready._under_way) == 0
    ready.receive_data(b"250 ok\r\n")
    assert ready.next_event() == ConnectionClosed()


# A reply answers only what was sent before it


def test_a_reply_that_came_with_the_354_does_not_accept_the_message(with_recipient):
    with_recipient.send(Data())
    with_recipient.receive_data(b"354 go on\r\n250 accepted\r\n")
    assert with_recipient.next_event() == Reply(354, "go on")
    with_recipient.send_message(b"Hello\r\n")
    with_recipient.receive_data(b"552 too much\r\n")
    with pytest.raises(RemoteProtocolError, match="250"):
        with_recipient.next_event()
    assert with_recipient.state is State.CLOSED


@pytest.mark.parametrize("early", range(1, len(b"250-a\r\n250 ok\r\n") + 1))
def test_a_reply_that_begins_while_the_message_goes_out_is_not_about_it(with_recipient, early):
    said = b"250-a\r\n250 ok\r\n"
    with_recipient.send(Data())
    with_recipient.receive_data(b"354 go on\r\n")
    assert with_recipient.next_event() == Reply(354, "go on")
    with_recipient.send_message(b"Hello\r\n")
    with_recipient.receive_data(said[:early])
    with_recipient.still_sending()
    with_recipient.receive_data(said[early:])
    with pytest.raises(RemoteProtocolError, match="250 a"):
        with_recipient.next_event()
    assert with_recipient.state is State.CLOSED


def test_421_while_the_message_goes_out_ends_the_session(with_recipient):
    with_recipient.send(Data())
    with_recipient.receive_data(b"354 go on\r\n")
    with_recipient.next_event()
    with_recipient.send_message(b"Hello\r\n")
    with_recipient.receive_data(b"421 bye\r\n")
    with_recipient.still_sending()
    assert with_recipient.next_event() == Reply(421, "bye")
    assert (with_recipient.answered, with_recipient.state) == (MESSAGE, State.CLOSED)


@pytest.mark.parametrize("early", range(1, len(b"250 ok\r\n") + 1))
def test_a_reply_that_began_before_the_command_was_sent_is_no_answer_to_it(ready, early):
    said = b"250 ok\r\n"
    ready.receive_data(said[:early])
    ready.send(Noop())
    ready.receive_data(said[early:] or b"250 ok\r\n")
    with pytest.raises(RemoteProtocolError, match="250"):
        ready.next_event()
    assert ready.state is State.CLOSED


def test_a_reply_of_several_lines_begins_with_its_first(ready):
    ready.receive_data(b"250-one\r\n")
    assert ready.next_event() is NEED_DATA
    ready.send(Noop())
    ready.receive_data(b"250 two\r\n")
    with pytest.raises(RemoteProtocolError, match="250"):
        ready.next_event()


def test_each_command_of_a_group_has_its_own_moment(ready):
    ready.send(Mail(ALICE))
    ready.receive_data(replies.SENDER_OK.serialize() + replies.RECIPIENT_OK.serialize())
    ready.send(Rcpt(BOB))
    assert ready.next_event() == replies.SENDER_OK
    with pytest.raises(RemoteProtocolError, match="250"):
        ready.next_event()


def test_the_moment_of_a_command_survives_a_refusal_before_it(ready):
    send_all(ready, Mail(ALICE), Rcpt(BOB))
    ready.receive_data(b"550 no\r\n503 no\r\n250 early\r\n")
    ready.send(Rset())
    assert [ready.next_event().code for _ in range(2)] == [550, 503]
    with pytest.raises(RemoteProtocolError, match="250"):
        ready.next_event()


def test_421_closes_also_if_it_came_before_the_command(ready):
    ready.receive_data(replies.SHUTTING_DOWN.serialize())
    ready.send(Noop())
    assert ready.next_event() == replies.SHUTTING_DOWN
    assert ready.state is State.CLOSED


# Odd servers


@pytest.mark.parametrize("state", [state for state in State if state not in (State.CONNECTED, State.CLOSED)])
def test_a_reply_that_was_not_asked_for_ends_the_session(state):
    assert_ends_the_session(client_in(state), b"250 ok\r\n", "nothing")


@pytest.mark.parametrize(
    ("octets", "sentence"),
    [
        (b"220-one\r\n250 two\r\n", "carry"),
        (b"SSH-2.0-OpenSSH\r\n", "b'SSH-2.0-OpenSSH'"),
        (b"220 hello\r\n250 more\r\n", "nothing"),
        (b"x" * 8193, "beyond"),
        (b"220 " + b"x" * 100_000, "beyond"),
        (b"220-" + b"x\r\n220-" * 60_000, "longer"),
        (b"220-\r\n" * 20_000, "longer"),
    ],
    ids=[
        "codes",
        "no smtp",
        "unasked",
        "endless word",
        "endless line",
        "endless reply",
        "empty lines",
    ],
)
def test_what_is_no_reply_ends_the_session_with_one_sentence(connected, octets, sentence):
    assert_ends_the_session(connected, octets, sentence)


def test_a_reply_line_of_8192_octets_is_taken_and_an_octet_more_is_not(connected):
    line = b"220 " + b"x" * 8186 + b"\r\n"
    assert len(line) == 8192
    for pieces in ([line], byte_by_byte(line)):
        client = copy.deepcopy(connected)
        assert hear_replies(client, pieces) == [Reply(220, "x" * 8186)]
    for pieces in ([b"220 x" + line[4:]], byte_by_byte(b"220 x" + line[4:])):
        client = copy.deepcopy(connected)
        assert hear_replies(client, pieces) == [RemoteProtocolError]
        assert client.state is State.CLOSED


@pytest.mark.parametrize("piece", [b"x" * 65536, b"220-x\r\n" * 9000, b"220-" + b"x" * 8000 + b"\r\n"])
def test_an_endless_reply_costs_bounded_memory(connected, piece):
    tracemalloc.start()
    try:
        with pytest.raises(RemoteProtocolError):
            read_on(connected, [piece] * 64)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024 * 1024
    assert connected.state is State.CLOSED


def test_long_replies_are_not_kept_in_memory(greeted):
    tracemalloc.start()
    try:
        for number in range(40):
            greeted.send(Noop())
            lines = (f"250-{number:03}-{line:03}{'x' * 80}\r\n" for line in range(600))
            assert (
                hear_replies(greeted, ["".join(lines).encode() + b"250 end\r\n"])[0].lines[0].startswith(f"{number:03}")
            )
        greeted.data_to_send()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1024 * 1024


@pytest.mark.parametrize(
    "pieces",
    [
        byte_by_byte(b"250-" + b"x" * 5000 + b"\r\n250 ok\r\n"),
        [b"250-x\r\n" * 5000 + b"250 ok\r\n"],
        byte_by_byte(b"250-x\r\n" * 1000),
    ],
    ids=["a long line in octets", "many lines at once", "many lines in octets"],
)
def test_each_octet_of_a_reply_is_looked_at_a_bounded_number_of_times(pieces):
    buffer = Watched()
    client = ClientConnection(buffer=buffer)
    read_on(client, pieces)
    assert buffer.work <= 6 * sum(map(len, pieces))


@pytest.mark.parametrize("said", [b"", b"2", b"220", b"220 hi", b"220 hi\r", b"220-hi\r\n", b"220-hi\r\n220"])
def test_the_end_of_the_connection_in_mid_reply_is_told(connected, said):
    for piece in (*byte_by_byte(said), b""):
        connected.receive_data(piece)
    assert connected.next_event() == connected.next_event() == ConnectionClosed()
    assert connected.state is State.CONNECTED


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_the_end_of_the_connection_is_told_after_all_that_was_said(state):
    client = client_in(state)
    client.receive_data(b"421 so long\r\n25")
    client.receive_data(b"")
    assert client.next_event() == Reply(421, "so long")
    assert client.next_event() == ConnectionClosed()


def test_a_message_whose_reply_never_comes_stays_unanswered(in_data):
    in_data.send_message(b"Hello\r\n")
    in_data.receive_data(b"")
    assert in_data.next_event() == ConnectionClosed()
    assert in_data.state is State.DATA
    assert len(in_data._under_way) == 1


# TURN


@pytest.mark.parametrize("code", [354, 450, 502])
def test_turn_that_is_refused_changes_nothing(ready, code):
    ready.send(Turn())
    tell(ready, Reply(code))
    assert ready.state is State.READY
    with pytest.raises(LocalProtocolError, match="TURN"):
        ready.hand_over()


def test_turn_swaps_the_roles_and_hands_over_what_has_arrived(ready):
    ready.send(Turn())
    ready.receive_data(b"250 your turn\r\nEHLO other.example\r\nMAIL")
    assert ready.next_event() == Reply(250, "your turn")
    assert ready.state is State.CONNECTED
    assert ready.next_event() is ready.next_event() is PAUSED
    assert_cannot_send(ready, Noop(), replies.BAD_SEQUENCE)
    server = ServerConnection(buffer=ready.hand_over())
    server.send(replies.SERVICE_READY)
    assert server.next_event() == Ehlo("other.example")
    assert server.state is State.GREETED


def test_octets_are_handed_over_once_and_half_a_line_behind_the_whole_ones(ready):
    ready.send(Turn())
    ready.receive_data(b"250 your turn\r\nEHLO other.example\r\nNOOP\r\nMAIL")
    ready.next_event()
    buffer = ready.hand_over()
    assert buffer == ready.hand_over() == b"EHLO other.example\r\nNOOP\r\nMAIL"
    assert buffer.next_line(512) == b"EHLO other.example"


def test_lines_that_wait_are_unread_octets(ready):
    send_all(ready, *GROUP[:2])
    ready.receive_data(b"250 ok\r\n250 ok\r\n")
    ready.next_event()
    assert ready.has_unread
    ready.next_event()
    assert not ready.has_unread


@pytest.mark.parametrize("length", [8192, 8193])
def test_a_reply_before_a_line_that_is_too_long_still_counts(ready, length):
    send_all(ready, *GROUP[:2])
    ready.receive_data(b"250 ok\r\n" + b"250 ".ljust(length - 2, b"x") + b"\r\n")
    assert ready.next_event() == Reply(250, "ok")
    if length == 8192:
        assert ready.next_event().code == 250
    else:
        with pytest.raises(RemoteProtocolError, match="8193 octets"):
            ready.next_event()


def test_the_end_that_takes_over_learns_that_the_peer_has_closed(ready):
    ready.send(Turn())
    tell(ready, replies.TURN_OK)
    ready.receive_data(b"")
    server = ServerConnection(buffer=ready.hand_over())
    server.send(replies.SERVICE_READY)
    assert server.next_event() == ConnectionClosed()


def test_the_roles_are_not_swapped_before_the_greeting(connected):
    with pytest.raises(LocalProtocolError, match="TURN"):
        connected.hand_over()


# Whatever comes


SCRAPS = st.sampled_from(
    [
        *(f"{code} text\r\n".encode() for code in (220, 250, 250, 354, 421, 450, 503, 550)),
        b"250-mail.example\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n",
        b"250-",
        b"354",
        b" ",
        b"\r\n",
        b"\r",
        b"\n",
        b"\0",
        b"\xff",
        b"x" * 9000,
    ]
) | reply_values().map(Reply.serialize)
SAID = st.lists(SCRAPS | st.binary(max_size=4), max_size=20).map(b"".join)


ROUNDS = st.lists(
    st.tuples(SAID, st.lists(st.sampled_from(list(EXAMPLES.values())) | commands, max_size=4)), max_size=8
)


@given(ROUNDS, st.data())
def test_any_octets_cut_anywhere_give_the_same_replies_and_commands_as_the_whole(rounds, data):
    """A round is what the server says, and what the client then sends: an answer is never older than its question."""
    whole, cut, single = ClientConnection(), ClientConnection(), ClientConnection()
    for octets, to_send in [(b"220 mail.example\r\n", [Ehlo("client.example")]), *rounds]:
        heard = hear_replies(whole, in_pieces(octets, []), to_send)
        assert hear_replies(cut, data.draw(cuts(octets)), to_send) == heard
        assert hear_replies(single, byte_by_byte(octets), to_send) == heard
        assert whole.data_to_send() == cut.data_to_send() == single.data_to_send()
        assert whole.state is cut.state is single.state
        assert len(whole._under_way) == len(cut._under_way) == len(single._under_way)
        if heard[-1:] == ["turned"]:
            return


@given(st.binary(max_size=200))
def test_any_octets_give_replies_or_the_end_of_the_session(octets):
    hear_replies(ClientConnection(), [octets, b""])


def test_awaited_is_what_the_next_reply_answers(ready):
    assert ClientConnection().awaited == GREETING
    assert ready.awaited is None
    ready.send(Noop())
    assert ready.awaited == "NOOP"
    ready.close()
    assert ready.awaited is None
    assert ready.next_event() == ConnectionClosed()


def test_a_line_that_ends_in_lf_alone_is_no_line_and_can_be_told():
    client = ClientConnection()
    client.receive_data(b"220 odd.example")
    assert not client.has_bare_line_feed
    client.receive_data(b"\n")
    assert client.next_event() is NEED_DATA
    assert client.has_bare_line_feed


# A session that is left


@pytest.mark.parametrize("command", [Rset(), Noop()], ids=str)
def test_server_that_owes_a_reply_is_left_with_quit(ready, command):
    ready.send(command)
    ready.data_to_send()
    ready.leave_unanswered()
    assert ready.data_to_send() == b"QUIT\r\n"
    assert ready.state is State.CLOSED
    assert ready.awaited is None
    assert ready.next_event() == ConnectionClosed()
