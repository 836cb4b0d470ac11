"""Both ends joined in memory: whatever the client sends and the server answers, they and the table agree."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from smtplab.protocol import replies
from smtplab.protocol.client import ClientConnection
from smtplab.protocol.commands import NEEDED_EXTENSION, Data, Ehlo, Mail, Noop, Opening, Quit, Rcpt, Turn
from smtplab.protocol.events import NEED_DATA, ConnectionClosed, EndOfMessage, MessageData
from smtplab.protocol.extensions import MAY_BE_FOLLOWED
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import LocalProtocolError, RemoteProtocolError, Reply
from smtplab.protocol.server import ServerConnection
from smtplab.protocol.states import GREETING, MESSAGE, State, is_legal, next_state
from support.kernel import ALICE, BOB, EVERYTHING, EXAMPLES, accept, commands, hear

JUERGEN = Path("jürgen", "b.example")
VALUES = [
    *EXAMPLES.values(),
    Mail(ALICE, (("SIZE", "10"),)),
    Mail(ALICE, (("SIZE", "2000"),)),
    Mail(ALICE, (("BODY", "8BITMIME"), ("SMTPUTF8", None))),
    Mail(JUERGEN),
    Rcpt(JUERGEN),
]
CONTENTS = [b"", b"Hello\r\n", b".\r\n..\r\n", b"NOOP\r\n.\r\nQUIT", b"\r\n\r\n"]


def join(client, server, answer=accept):
    """Let all that both ends have to say reach the other, and return what each has heard."""
    heard, told = [], []
    while (said := client.data_to_send()) or (answered := server.data_to_send()):
        if said:
            heard += hear(server, [said], answer)
        else:
            client.receive_data(answered)
            while client.awaited and (event := client.next_event()) is not NEED_DATA:
                told.append(event)
    return heard, told


def next_event(server):
    """Return the next event, or the reply that a line which is no legal command deserves."""
    try:
        return server.next_event()
    except RemoteProtocolError as error:
        return error.reply


@pytest.fixture
def pair():
    client, server = ClientConnection(), ServerConnection(EVERYTHING)
    server.send(replies.SERVICE_READY)
    assert join(client, server) == ([], [replies.SERVICE_READY])
    client.send(Ehlo("client.example"))
    join(client, server)
    assert client.extensions == server.extensions == EVERYTHING
    return client, server


@given(commands)
def test_what_a_client_may_send_a_server_hears_or_tells_why_not(command):
    client, server = ClientConnection(), ServerConnection({})
    server.send(replies.SERVICE_READY)
    join(client, server)
    try:
        client.send(command)
    except LocalProtocolError as error:
        refusal = error.reply
        heard = hear(server, [command.serialize()])
        assert [event.reply for event in heard] == [refusal]
    else:
        heard, told = join(client, server)
        assert heard[0] == command
        assert [reply.code for reply in told] == [221 if command == Quit() else 250]
    assert client.state is server.state


@pytest.mark.parametrize("content", CONTENTS)
def test_a_message_arrives_as_it_was_sent(pair, content):
    client, server = pair
    for command in (Mail(ALICE), Rcpt(BOB), Data()):
        client.send(command)
    join(client, server)
    client.send_message(content)
    heard, told = join(client, server)
    arrived = content if not content or content.endswith(b"\r\n") else content + b"\r\n"
    assert heard == [*([MessageData(arrived)] if arrived else []), EndOfMessage(len(arrived))]
    assert told == [replies.OK]
    assert client.state is server.state is State.READY


def turned(client, server):
    """Return the ends that take over after TURN: the server's client, and the client's server."""
    return ClientConnection(server.hand_over()), ServerConnection(buffer=client.hand_over())


def test_turn_there_and_back(pair):
    client, server = pair
    for _ in range(2):
        client.send(Turn())
        join(client, server)
        assert client.state is server.state is State.CONNECTED
        client, server = turned(client, server)
        server.send(replies.SERVICE_READY)
        join(client, server)
        client.send(Ehlo("turned.example"))
        join(client, server)
        assert client.state is server.state is State.READY
        assert client.extensions == server.extensions == {}


def test_mail_is_delivered_after_turn(pair):
    client, server = pair
    client.send(Turn())
    join(client, server)
    client, server = turned(client, server)
    server.send(replies.SERVICE_READY)
    join(client, server)
    for command in (Ehlo("turned.example"), Mail(ALICE), Rcpt(BOB), Data()):
        client.send(command)
        join(client, server)
    client.send_message(b"Hello\r\n")
    assert join(client, server)[0] == [MessageData(b"Hello\r\n"), EndOfMessage(7)]


def test_both_ends_hold_a_verb_to_the_extension_that_it_needs(pair, monkeypatch):
    monkeypatch.setitem(NEEDED_EXTENSION, "NOOP", "XNOOP")
    client, server = pair
    with pytest.raises(LocalProtocolError, match="XNOOP") as caught:
        client.send(Noop())
    assert caught.value.reply == replies.NOT_IMPLEMENTED
    assert [refused.reply for refused in hear(server, [b"NOOP\r\n"])] == [replies.NOT_IMPLEMENTED]
    monkeypatch.setitem(NEEDED_EXTENSION, "NOOP", "SIZE")
    server.data_to_send()
    client.send(Noop())
    assert join(client, server) == ([Noop()], [replies.OK])


def test_421_unasked_closes_both_ends(pair):
    client, server = pair
    server.send(replies.IDLE_TIMEOUT)
    client.receive_data(server.data_to_send())
    assert client.next_event() == replies.IDLE_TIMEOUT
    assert client.next_event() == server.next_event() == ConnectionClosed()


def deliver(wire, size, end):
    """Let the first octets on the wire reach the other end; none would say that the wire is cut."""
    if piece := bytes(wire[:size]):
        end.receive_data(piece)
        del wire[:size]


GOOD = 0  # stands for 354 to DATA and for 250 to all else
CODES = st.sampled_from([GOOD] * 24 + [211, 450, 450, 503, 550, 550, 421])
GREETINGS = st.sampled_from([220] * 12 + [421, 450, 554])
LADDER = [Data(), Rcpt(BOB), Mail(ALICE), Ehlo("client.example"), Quit()]  # what leads on, in whatever state
WISHES = st.sampled_from(LADDER[:4] * 8 + VALUES)
SIZES = st.sampled_from([0, 1, 20, 1000])


class Conversation(RuleBasedStateMachine):
    """A client that sends what it may, a server that answers what it likes, and a wire that delivers when it likes.

    The table is walked a third time here, reply by reply, and judges them both.
    """

    def __init__(self):
        super().__init__()
        self.connect(ClientConnection(), ServerConnection(EVERYTHING))

    def connect(self, client, server):
        self.client, self.server = client, server
        self.to_server, self.to_client = bytearray(), bytearray()
        self.asked = deque([GREETING])  # what the client waits for
        self.answered = deque()  # verb and code of the replies on their way, and where the table says they lead
        self.table = self.seen = State.CONNECTED  # where the server and the client should be
        self.transaction = None

    # The client

    @rule(wish=WISHES, content=st.sampled_from(CONTENTS))
    def the_client_speaks(self, wish, content):
        if self.client.state is State.DATA and self.client.awaited is None:
            self.client.send_message(content)
            self.asked.append(MESSAGE)
        else:
            self.send_what_it_may([wish, *LADDER])
        self.to_server += self.client.data_to_send()

    def send_what_it_may(self, values):
        """Send the first of the values that the client does not refuse, and see that it refuses rightly."""
        settled = not self.asked
        for command in values:
            legal = is_legal(self.seen, command.verb)
            try:
                self.client.send(command)
            except LocalProtocolError:
                # Amid a group it may refuse more; a plain command that the table has, never when all is settled.
                assert not (settled and legal and command in EXAMPLES.values())
                continue
            assert legal if settled else self.asked[-1] in MAY_BE_FOLLOWED | {MESSAGE}
            self.asked.append(command.verb)
            return

    def replies_arrive(self, size):
        deliver(self.to_client, size, self.client)
        while self.answered and (event := self.client.next_event()) is not NEED_DATA:
            verb, code, self.seen = self.answered.popleft()
            assert event.code == code
            assert self.client.state is self.seen
            assert self.asked.popleft() == verb
            if self.seen is State.CLOSED:
                self.asked.clear()
                self.answered.clear()

    # The server

    def commands_arrive(self, size, codes):
        deliver(self.to_server, size, self.server)
        while self.table is not State.CONNECTED and (event := next_event(self.server)) is not NEED_DATA:
            if event == ConnectionClosed():
                return
            verb = self.next_asked()
            if event == replies.BAD_SEQUENCE:
                # The client was too hopeful: something before this command in the group was refused.
                assert not is_legal(self.table, verb)
                self.answer(verb, event.code)
            elif not isinstance(event, MessageData):
                assert verb == (MESSAGE if isinstance(event, EndOfMessage) else event.verb)
                assert is_legal(self.table, verb)
                codes.rotate()
                self.answer(verb, codes[0], event)

    def next_asked(self):
        """Return the verb that the server answers next: the first that has no answer on its way."""
        return next(iter(list(self.asked)[len(self.answered) :]), None)

    def answer(self, verb, code, command=None):
        if code < 400 and verb != GREETING:
            code = 354 if verb == "DATA" else code or 250
        self.server.send(Reply(code))
        self.to_client += self.server.data_to_send()
        self.table = next_state(self.table, verb, code)
        self.answered.append((verb, code, self.table))
        if isinstance(command, Opening) and self.table is State.SENDER:
            self.transaction = command
        elif self.table in (State.READY, State.CLOSED, State.CONNECTED):
            self.transaction = None

    # The wire

    @rule(there=SIZES, back=SIZES, codes=st.lists(CODES, min_size=1, max_size=5).map(deque), greeting=GREETINGS)
    def octets_arrive(self, there, back, codes, greeting):
        if self.next_asked() == GREETING:
            self.answer(GREETING, greeting)
        self.commands_arrive(there, codes)
        self.replies_arrive(back)
        if self.client.state is State.CLOSED:
            self.connect(ClientConnection(), ServerConnection(EVERYTHING))
        elif self.client.state is self.server.state is State.CONNECTED and not self.asked:
            self.connect(*turned(self.client, self.server))

    @invariant()
    def the_server_is_where_the_table_says(self):
        assert self.server.state is self.table
        assert self.server.transaction == self.transaction

    @invariant()
    def the_client_is_where_the_table_says(self):
        assert self.client.state is self.seen
        assert len(self.client._under_way) == len(self.asked)

    @invariant()
    def once_all_is_said_both_agree(self):
        if not (self.to_server or self.answered):
            assert self.client.state is self.server.state
            assert self.client.transaction == self.server.transaction


TestConversation = Conversation.TestCase
TestConversation.settings = settings(stateful_step_count=100)
