"""The kernel's values of every kind, both its ends in any state, and drivers that feed them."""

import contextlib
import copy
from dataclasses import dataclass

import pytest
from hypothesis import strategies as st

from smtplab.protocol import commands as c
from smtplab.protocol import replies
from smtplab.protocol.client import ClientConnection
from smtplab.protocol.events import NEED_DATA, ConnectionClosed, EndOfMessage, MessageData
from smtplab.protocol.grammar import NULL_PATH, POSTMASTER, Path
from smtplab.protocol.replies import EnhancedCode, LocalProtocolError, RemoteProtocolError, Reply
from smtplab.protocol.server import ServerConnection
from smtplab.protocol.states import State
from support.octets import byte_by_byte

ALICE, BOB, CAROL = Path("alice", "a.example"), Path("bob", "b.example"), Path("carol", "c.example")
EVERYTHING = {"PIPELINING": "", "SIZE": "1000", "8BITMIME": "", "SMTPUTF8": "", "ENHANCEDSTATUSCODES": ""}

# One command of each verb, as simple as can be.
EXAMPLES = {
    command.verb: command
    for command in (
        c.Helo("client.example"),
        c.Ehlo("client.example"),
        c.Mail(ALICE),
        c.Rcpt(BOB),
        c.Data(),
        c.Quit(),
        c.Rset(),
        c.Vrfy("bob"),
        c.Noop(),
        c.Turn(),
        c.Expn("staff"),
        c.Help(),
        c.Send(ALICE),
        c.Soml(ALICE),
        c.Saml(ALICE),
    )
}

# Strategies: every value that can be built, more or less.

_printable = st.one_of(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E),
    st.characters(min_codepoint=0xA0, exclude_categories=("Cs", "Zl", "Zp")),
)
texts = st.text(_printable, max_size=12)
_labels = st.from_regex(r"[a-z0-9é](-?[a-zA-Z0-9]){0,5}", fullmatch=True)
_literals = st.sampled_from(["[192.0.2.1]", "[IPv6:2001:db8::1]"])
domains = st.lists(_labels, min_size=1, max_size=3).map(".".join) | _literals
mailboxes = st.builds(Path, texts, domains)
_keywords = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,7}", fullmatch=True)
_values = st.none() | st.from_regex(r"[!-<>-~é]{1,9}", fullmatch=True)
parameters = st.dictionaries(_keywords.map(str.upper), _values, max_size=3).map(lambda found: tuple(found.items()))
_kept_texts = texts.filter(lambda text: not text.endswith(" "))
commands = st.one_of(
    st.builds(c.Helo, domains),
    st.builds(c.Ehlo, domains),
    *(st.builds(opening, mailboxes | st.just(NULL_PATH), parameters) for opening in (c.Mail, c.Send, c.Soml, c.Saml)),
    st.builds(c.Rcpt, mailboxes | st.just(POSTMASTER), parameters),
    *(st.builds(lookup, _kept_texts.filter(bool), st.booleans()) for lookup in (c.Vrfy, c.Expn)),
    *(st.builds(command, _kept_texts) for command in (c.Noop, c.Help)),
    *(st.builds(command) for command in (c.Data, c.Quit, c.Rset, c.Turn)),
)
_reply_lines = st.text(_printable | st.just("\t"), max_size=12) | st.from_regex(
    r"[245]\.[01]{1,2}\.[01]{1,2}[ .]?a?", fullmatch=True
)


@st.composite
def reply_values(draw):
    """Replies with any code, with and without an enhanced code, and with texts that look like one."""
    code = draw(st.integers(200, 599))
    numbers = st.integers(0, 999)
    enhanced = EnhancedCode(code // 100, draw(numbers), draw(numbers)) if draw(st.booleans()) else None
    lines = draw(st.lists(_reply_lines, min_size=1, max_size=4))
    return Reply(code, lines, None if code // 100 == 3 else enhanced)


# Drivers


@dataclass(frozen=True)
class Refused:
    """A `RemoteProtocolError` among the events: the reply that it deserves, and its sentence."""

    reply: Reply
    sentence: str


def accept(event):
    """Answer a client's word as a server does that takes everything."""
    if isinstance(event, c.Data):
        return replies.START_MAIL
    return replies.CLOSING if isinstance(event, c.Quit) else replies.OK


def hear(server, pieces, answer=accept):
    """Feed a server's end piece by piece, answer whatever comes, and return the events, message data coalesced."""
    events = []
    for piece in pieces:
        server.receive_data(piece)
        while server.state is not State.CONNECTED and (event := _next_event(server)) is not NEED_DATA:
            _add(events, event)
            if isinstance(event, ConnectionClosed):
                return events
            if not isinstance(event, MessageData):
                server.send(event.reply if isinstance(event, Refused) else answer(event))
    return events


def _next_event(server):
    try:
        return server.next_event()
    except RemoteProtocolError as error:
        return Refused(error.reply, str(error))


def _add(events, event):
    if isinstance(event, MessageData) and events and isinstance(events[-1], MessageData):
        event = MessageData(events.pop().content + event.content)
    events.append(event)


def hear_replies(client, pieces, to_send=()):
    """Feed a client's end piece by piece; then it sends those of `to_send` that it may.

    Returns the replies; the last item is the class of what ended the session, if it has ended.
    """
    events = []
    for piece in pieces:
        client.receive_data(piece)
        while True:
            try:
                event = client.next_event()
            except RemoteProtocolError:
                return [*events, RemoteProtocolError]
            if event is NEED_DATA:
                break
            if isinstance(event, ConnectionClosed):
                return [*events, ConnectionClosed]
            events.append(event)
            if client.state is State.CONNECTED:  # after TURN
                return [*events, "turned"]
    send_what_is_legal(client, to_send)
    return events


def send_what_is_legal(client, to_send):
    """Send each command that the client may; at 354 the message first."""
    if client.state is State.DATA and client.awaited is None:
        client.send_message(b"Hello\r\n")
    for command in to_send:
        with contextlib.suppress(LocalProtocolError):
            client.send(command)


# Assertions that name what they assert


def assert_hears(server, octets, *expected, answer=accept):
    """Assert that a server's end makes these events of the octets: whole, byte by byte, and with more behind them.

    What stands behind is half a command; it must be left for later, and be heard when the rest has come.
    """
    for pieces in ([octets], byte_by_byte(octets)):
        assert hear(copy.deepcopy(server), pieces, answer) == list(expected)
    trailed = copy.deepcopy(server)
    assert hear(trailed, [octets + b"NOOP trai"], answer) == list(expected)
    if trailed.state not in (State.CLOSED, State.CONNECTED, State.DATA):
        rest = hear(trailed, [b"ling\r\n"], answer)
        legal = trailed.state is not State.REFUSED
        assert rest == [c.Noop("trailing")] if legal else [refused.reply for refused in rest] == [replies.BAD_SEQUENCE]


def assert_refuses(server, octets, reply, sentence="", answer=accept):
    """Assert that a server's end refuses one line with `reply`, that nothing else happens, and it stays in step."""
    state = server.state
    for pieces in ([octets], byte_by_byte(octets), [octets + b"NOOP trailing\r\n"]):
        fresh = copy.deepcopy(server)
        refused, *rest = hear(fresh, pieces, answer)
        assert isinstance(refused, Refused)
        assert refused.reply == reply
        assert sentence in refused.sentence
        assert [type(event) for event in rest] in ([], [c.Noop], [Refused])
        assert fresh.state is state
        assert fresh.transaction == server.transaction


def assert_cannot_send(client, command, reply=None, sentence=""):
    """Assert that a client's end raises `LocalProtocolError`, sends nothing, and stays as it is."""
    before = (client.state, len(client._under_way), client.transaction, copy.deepcopy(client).data_to_send())
    with pytest.raises(LocalProtocolError) as caught:
        client.send(command)
    assert caught.value.reply == reply
    assert sentence in str(caught.value)
    assert (client.state, len(client._under_way), client.transaction, copy.deepcopy(client).data_to_send()) == before


# The ladder: both ends, one rung after the other


def server_in(state, offer=EVERYTHING, **options):
    """Return a server's end in `state`; beyond GREETED it has answered EHLO, or HELO if it offers nothing."""
    server = ServerConnection(offer, **options)
    if state is State.CONNECTED:
        return server
    server.send(replies.NO_SERVICE if state is State.REFUSED else replies.SERVICE_READY)
    hello = b"EHLO client.example\r\n" if offer else b"HELO client.example\r\n"
    rungs = {
        State.GREETED: b"",
        State.READY: hello,
        State.SENDER: b"MAIL FROM:<alice@a.example>\r\n",
        State.RECIPIENT: b"RCPT TO:<bob@b.example>\r\n",
        State.DATA: b"DATA\r\n",
    }
    if state in (State.REFUSED, State.CLOSED):
        rungs = {state: b"QUIT\r\n" if state is State.CLOSED else b""}
    for rung, line in rungs.items():
        hear(server, [line] if line else [])
        if rung is state:
            break
    server.data_to_send()
    assert server.state is state
    return server


def client_in(state, offer=EVERYTHING):
    """Return a client's end in `state`; beyond GREETED it has said EHLO, or HELO if the server offers nothing."""
    client = ClientConnection()
    if state is State.CONNECTED:
        return client
    tell(client, replies.NO_SERVICE if state is State.REFUSED else replies.SERVICE_READY)
    keywords = tuple(f"{keyword} {text}".rstrip() for keyword, text in offer.items())
    rungs = {
        State.GREETED: (None, None),
        State.READY: (EXAMPLES["EHLO" if offer else "HELO"], Reply(250, ("Hello", *keywords))),
        State.SENDER: (c.Mail(ALICE), replies.SENDER_OK),
        State.RECIPIENT: (c.Rcpt(BOB), replies.RECIPIENT_OK),
        State.DATA: (c.Data(), replies.START_MAIL),
    }
    if state in (State.REFUSED, State.CLOSED):
        rungs = {state: (c.Quit(), replies.CLOSING) if state is State.CLOSED else (None, None)}
    for rung, (command, reply) in rungs.items():
        if command is not None:
            client.send(command)
            tell(client, reply)
        if rung is state:
            break
    client.data_to_send()
    assert client.state is state
    return client


def tell(client, *said):
    """Let the server's replies reach the client, and return what it makes of them."""
    client.receive_data(b"".join(reply.serialize() for reply in said))
    return [client.next_event() for _ in said]


def end_of(content):
    return EndOfMessage(len(content))
