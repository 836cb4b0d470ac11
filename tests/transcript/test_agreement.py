"""One table judges the order: both kernels and the transcript never disagree on the state."""

from hypothesis import given
from hypothesis import strategies as st

from smtplab.protocol.client import ClientConnection
from smtplab.protocol.commands import Command, Data, Ehlo, Mail, Noop, Rcpt, Rset
from smtplab.protocol.events import NEED_DATA, ConnectionClosed, MessageData
from smtplab.protocol.replies import BAD_SEQUENCE, LocalProtocolError, RemoteProtocolError, Reply
from smtplab.protocol.server import ServerConnection
from smtplab.protocol.states import GREETING, MESSAGE, State
from smtplab.transcript import Side, Transcript
from support.kernel import ALICE, BOB, CAROL, EVERYTHING, EXAMPLES

GROUP: tuple[Command, ...] = (Mail(ALICE), Rcpt(BOB), Data())
WISHES = st.lists(
    st.sampled_from([*GROUP * 8, *(Ehlo("client.example"),) * 4, Rset(), Noop(), Rcpt(CAROL), *EXAMPLES.values()]),
    min_size=1,
    max_size=6,
)
CONTENTS = st.sampled_from([b"", b"Hello\r\n", b".\r\n..\r\n", b"QUIT\r\n250 no reply\r\n"])
ACCEPTED = 0  # stands for the reply that takes what was said
VERDICTS = st.sampled_from([ACCEPTED] * 12 + [251, 450, 503, 550, 552])
ODD_VERDICTS = VERDICTS | st.sampled_from([354, 354, 421])


def offer_of(verb: str | None, code: int) -> Reply:
    """Return a reply with the code; one that takes EHLO offers every extension."""
    code = code or (354 if verb == "DATA" else 221 if verb == "QUIT" else 250)
    lines = ("mail.example", *(f"{keyword} {text}".strip() for keyword, text in EVERYTHING.items()))
    return Reply(code, lines if verb == "EHLO" and code == 250 else "text")


def speak(client: ClientConnection, transcript: Transcript, wishes: list[Command], content: bytes) -> bytes:
    """Let the client send the message if it is due, then what it may of its wishes; return the octets."""
    if client.state is State.DATA and client.awaited is None:
        client.send_message(content)
    for command in wishes:
        try:
            client.send(command)
        except LocalProtocolError:
            continue
    sent = client.data_to_send()
    transcript.feed(Side.CLIENT, sent)
    return sent


@given(st.lists(st.tuples(WISHES, CONTENTS), max_size=12), st.lists(ODD_VERDICTS, min_size=1, max_size=40))
def test_the_client_and_the_transcript_agree_after_every_reply_whatever_the_server_says(
    rounds: list[tuple[list[Command], bytes]], verdicts: list[int]
) -> None:
    """Also where the server says 354 though it took no recipient, or 250 to DATA, or 421 amid a group."""
    client, transcript = ClientConnection(), Transcript()
    says = iter(verdicts * 20)
    for wishes, content in [([], b""), ([Ehlo("client.example")], b""), *rounds]:
        speak(client, transcript, wishes, content)
        while client.awaited is not None and client.state is not State.CLOSED:
            verb = client.awaited
            assert transcript.awaited == verb
            reply = offer_of(verb, 220 if verb == GREETING else next(says))
            octets = reply.serialize()
            transcript.feed(Side.SERVER, octets)
            client.receive_data(octets)
            assert client.next_event() == reply
            assert transcript.state is client.state
            assert transcript.last_exchange is not None
            assert transcript.last_exchange.verb == verb
        if client.state in (State.CLOSED, State.CONNECTED):
            return


def answer(server: ServerConnection, verdict: int) -> bool:
    """Answer the next thing that the server has heard, if there is one; return True if there was."""
    try:
        event = server.next_event()
        while isinstance(event, MessageData):
            event = server.next_event()
    except RemoteProtocolError as error:
        server.send(error.reply or BAD_SEQUENCE)
        return True
    if event is NEED_DATA or isinstance(event, ConnectionClosed):
        return False
    verb = event.verb if isinstance(event, Command) else MESSAGE
    server.send(offer_of(verb, verdict if verdict != 251 or verb != "DATA" else ACCEPTED))
    return True


@given(st.lists(st.tuples(WISHES, CONTENTS), max_size=12), st.lists(VERDICTS, min_size=1, max_size=40))
def test_both_ends_and_the_transcript_agree_after_every_exchange(
    rounds: list[tuple[list[Command], bytes]], verdicts: list[int]
) -> None:
    client, server, transcript = ClientConnection(), ServerConnection(EVERYTHING), Transcript()
    server.send(Reply(220))
    says = iter(verdicts * 20)
    for wishes, content in [([], b""), ([Ehlo("client.example")], b""), *rounds]:
        if sent := speak(client, transcript, wishes, content):
            server.receive_data(sent)
        more = True
        while more:
            octets = server.data_to_send()
            if octets:
                transcript.feed(Side.SERVER, octets)
                client.receive_data(octets)
                while client.awaited is not None and client.next_event() is not NEED_DATA:
                    pass
                assert server.state is client.state is transcript.state
            more = server.state is not State.CONNECTED and answer(server, next(says))
        assert (client.awaited is None) is (transcript.awaited is None or client.state is State.CONNECTED)
        if client.state in (State.CLOSED, State.CONNECTED):
            return


def test_354_without_a_recipient_wants_a_lone_dot_and_the_reply_to_it_closes_nothing() -> None:
    """RFC 2920 3.1. The 554 answers the message, so it does not mean that the server refuses to talk."""
    transcript = Transcript()
    transcript.feed(Side.SERVER, b"220 hi\r\n")
    for line, reply in [("EHLO me", 250), ("MAIL FROM:<a@b>", 250), ("RCPT TO:<c@d>", 550), ("DATA", 354), (".", 554)]:
        transcript.feed(Side.CLIENT, f"{line}\r\n".encode())
        transcript.feed(Side.SERVER, f"{reply} text\r\n".encode())
    last = transcript.last_exchange
    assert last is not None
    assert (last.verb, last.data, last.before, last.after) == (MESSAGE, b".\r\n", State.DATA, State.READY)
