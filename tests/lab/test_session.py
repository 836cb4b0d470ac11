"""A session held by hand: what it sends, what it returns, what it says when nothing comes, in memory and over TCP."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from smtplab import ConnectionLost, Lab, Session, SessionClosed, Silence, Transcript, connect
from smtplab.client.outcomes import ClientError
from smtplab.explain.causes import HOST
from smtplab.lab import diagrams, tables
from smtplab.lab.reply import SessionReply
from smtplab.mta.handler import Handler
from smtplab.mta.policy import Policy
from smtplab.protocol.replies import Reply
from smtplab.protocol.states import Phase, State, legal_verbs
from smtplab.transcript import Side
from smtplab.worlds.addresses import RemoteAddressRefused
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from support.paths import DATA

LECTURE = Transcript.parse((DATA / "transcripts" / "ok-lecture-adelphia.txt").read_text("utf-8"))
TURNED_AWAY = "the session is closed"


@pytest.fixture
def with_recipient(ready: Session) -> Session:
    ready.send("MAIL FROM:<bob@lab.example>\nRCPT TO:<alice@lab.example>")
    return ready


@pytest.fixture
def in_data(with_recipient: Session) -> Session:
    with_recipient.send("DATA")
    return with_recipient


class Scripted:
    """A server's end that says what the test tells it to, whatever it hears: a `client.Stream`."""

    def __init__(self, *words: bytes | OSError) -> None:
        self.words = list(words)  # one for each time the client listens
        self.heard = b""
        self.closed = False

    def send(self, data: bytes, seconds: float) -> None:
        self.heard += data

    def receive(self, seconds: float) -> bytes:
        word = self.words.pop(0) if self.words else TimeoutError()
        if isinstance(word, OSError):
            raise word
        return word

    def arrived(self) -> bytes | None:
        return None

    def take_names(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self.closed = True


GREETING = b"220 odd.example\r\n"


@contextmanager
def served(handler: Handler) -> Iterator[BackgroundServer]:
    with BackgroundServer(Server(handler)) as server:
        yield server


@contextmanager
def odd_server(play: Callable[[socket.socket], None]) -> Iterator[tuple[str, int]]:
    """Let `play` be the server of one TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            with listener.accept()[0] as accepted:
                play(accepted)

        thread = threading.Thread(target=run)
        thread.start()
        yield listener.getsockname()
        thread.join()


def replay(session: Session, transcript: Transcript) -> None:
    """Say the client's part of `transcript` again and see that the same codes come."""
    for data, code in transcript.replay():
        reply = session.send_bytes(data) if data else session.greeting
        assert reply is not None
        assert reply.code == code


def spelled_out(transcript: Transcript) -> list[tuple[Side, bytes]]:
    """Return who said what, with the time put in that the lecture elides behind the date of its greeting."""
    return [(row.side, row.data.replace(b" . . .\r\n", b" 10:25:00 -0400\r\n")) for row in transcript]


# The lecture


def test_the_lectures_session_is_held_in_memory_byte_for_byte(lab: Lab) -> None:
    session = lab.telnet("mail.adelphia.net", 25)
    replay(session, LECTURE)
    without_shell = spelled_out(LECTURE)[1:]  # the first row is the shell's: $ telnet ...
    assert [(row.side, row.data) for row in session.transcript] == without_shell


def test_the_lectures_session_is_held_over_tcp_byte_for_byte(lab: Lab) -> None:
    with served(lab.host("mail.adelphia.net").handler) as server, connect(*server.address) as session:
        replay(session, LECTURE)
        on_the_wire = [row for row in spelled_out(LECTURE) if row[0] is not Side.NOTE]
        assert [(row.side, row.data) for row in session.transcript if row.side is not Side.NOTE] == on_the_wire


def test_the_lectures_three_banners_stand_where_they_belong(lab: Lab) -> None:
    session = lab.telnet("mail.adelphia.net", 25)
    replay(session, LECTURE)
    lines = str(session.transcript).splitlines()
    banners = {line: lines[number + 1] for number, line in enumerate(lines) if line.startswith("=====")}
    greeting = "S: 220 mta13.adelphia.net SMTP server ready Fri, 6 Aug 2004 10:25:00 -0400"
    assert banners == {
        "===== Connection Establishment =====": greeting,
        "===== Mail Transfer =====": "C: MAIL FROM: forouzanb@adelphia.net",
        "===== Connection Termination =====": "C: QUIT",
    }


def test_the_lectures_lines_can_be_typed_one_by_one(lab: Lab) -> None:
    session = lab.telnet("mail.adelphia.net", 25)
    said = [session.send(row.text) for row in LECTURE if row.side is Side.CLIENT]
    assert [reply and str(reply) for reply in said] == [
        "250 mta13.adelphia.net",
        "250 Sender <forouzanb@adelphia.net> Ok",
        "250 Recipient <forouzanb@adelphia.net> Ok",
        "354 Ok Send data ending with <CRLF>.<CRLF>",
        *[None] * 5,
        "250 Message received: adelphia.net@mail.adelphia.net",
        "221 mta13.adelphia.net SMTP server closing connection",
    ]


# Replies


def test_send_returns_the_reply(connected: Session) -> None:
    assert connected.send("HELO laptop.example") == Reply(250, "mail.lab.example greets laptop.example")


def test_the_greeting_is_kept(ready: Session) -> None:
    assert ready.greeting is not None
    assert ready.greeting.code == 220


def test_a_reply_prints_as_on_the_wire_without_the_last_crlf(connected: Session) -> None:
    reply = connected.send("EHLO laptop.example")
    wire = b"".join(row.data for row in connected.transcript if row.side is Side.SERVER).partition(b"\r\n")[2]
    assert reply is not None
    assert reply.code == 250
    assert str(reply).count("\r\n") == 5
    assert str(reply) + "\r\n" == wire.decode()


def test_a_notebook_shows_a_reply_and_a_transcript_as_their_text(ready: Session) -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    reply = ready.send("HELP")
    assert pretty(reply) == str(reply)
    assert pretty(ready.transcript) == str(ready.transcript)


def test_reply_is_the_last_one(ready: Session) -> None:
    reply = ready.send("NOOP")
    assert ready.reply == reply
    assert isinstance(ready.reply, SessionReply)


# Lines


def test_several_lines_are_sent_one_after_the_other_and_the_last_reply_returned(ready: Session) -> None:
    reply = ready.send("MAIL FROM:<bob@lab.example>\nRCPT TO:<nobody@lab.example>\nNOOP\n")
    assert reply is not None
    assert reply.code == 250
    assert [row.side.value for row in ready.transcript[-6:]] == ["C", "S"] * 3
    assert [exchange.reply and exchange.reply.code for exchange in ready.transcript.exchanges()[-3:]] == [250, 550, 250]


def test_the_last_reply_is_returned_also_when_lines_of_a_message_follow_it(with_recipient: Session) -> None:
    assert with_recipient.send("DATA\nSubject: test") == with_recipient.reply
    assert with_recipient.reply is not None
    assert with_recipient.reply.code == 354


def test_lines_may_end_as_on_windows(ready: Session) -> None:
    ready.send("NOOP\r\nRSET\r\n")
    assert ready.transcript.lines(Side.CLIENT)[-2:] == (b"NOOP\r\n", b"RSET\r\n")


def test_inside_a_message_nothing_is_returned_until_the_lone_dot(in_data: Session, lab: Lab) -> None:
    assert in_data.send("Subject: test") is None
    assert in_data.send("") is None
    assert in_data.send("NOOP") is None
    assert in_data.send("..") is None
    reply = in_data.send(".")
    assert reply is not None
    assert reply.code == 250
    assert lab.mailbox("alice@lab.example")[0].endswith(b"\r\nSubject: test\r\n\r\nNOOP\r\n.\r\n")


def test_an_illegal_line_is_sent_and_the_server_answers(connected: Session) -> None:
    codes = [reply and reply.code for reply in map(connected.send, ["VERFY alice", "DATA", "RCPT TO", "", "nonsense"])]
    assert codes == [500, 503, 503, 500, 500]


def test_text_goes_out_as_utf_8(connected: Session) -> None:
    connected.send("NOOP gr\u00fc\u00df dich")
    assert connected.transcript.lines(Side.CLIENT) == ("NOOP gr\u00fc\u00df dich\r\n".encode(),)


def test_octets_go_out_as_they_are_and_a_group_gets_all_its_replies(ready: Session) -> None:
    group = b"MAIL FROM:<bob@lab.example>\r\nRCPT TO:<nobody@lab.example>\r\nDATA\r\n"
    reply = ready.send_bytes(group)
    assert reply is not None
    assert reply.code == 503
    assert [exchange.reply and exchange.reply.code for exchange in ready.transcript.exchanges()[-3:]] == [250, 550, 503]


def test_half_a_group_gets_the_replies_that_are_due(ready: Session) -> None:
    reply = ready.send_bytes(b"NOOP\r\nRS")
    assert reply is not None
    assert reply.code == 250
    assert ready.send_bytes(b"ET\r\n") == Reply(250, "Transaction reset; you may start with MAIL again")


# State


def test_state_phase_and_legal_verbs_follow_the_conversation(connected: Session) -> None:
    seen = []
    lines = ["HELO a.example", "MAIL FROM:<b@a.example>", "RCPT TO:<bob@lab.example>", "DATA", "text", ".", "QUIT"]
    for line in ["", *lines]:
        if line:
            connected.send(line)
        assert connected.legal == legal_verbs(connected.state)
        seen.append((connected.state, connected.phase))
    assert seen == [
        (State.GREETED, Phase.CONNECTION_ESTABLISHMENT),
        (State.READY, Phase.MAIL_TRANSFER),
        (State.SENDER, Phase.MAIL_TRANSFER),
        (State.RECIPIENT, Phase.MAIL_TRANSFER),
        (State.DATA, Phase.MAIL_TRANSFER),
        (State.DATA, Phase.MAIL_TRANSFER),
        (State.READY, Phase.MAIL_TRANSFER),
        (State.CLOSED, Phase.CONNECTION_TERMINATION),
    ]


def test_a_session_says_where_it_stands(ready: Session) -> None:
    assert repr(ready) == "<Session, ready for a mail transaction>"


# The strict reading


def test_a_note_says_what_a_strict_server_would_have_refused(ready: Session) -> None:
    assert ready.note is None
    ready.send("MAIL FROM: bob@lab.example")
    assert ready.note is not None
    assert "needs the brackets < >" in ready.note
    ready.send("RCPT TO:<alice@lab.example>")
    assert ready.note is None


def test_a_note_stands_also_where_the_mailbox_was_refused_but_not_where_the_line_was(ready: Session) -> None:
    ready.send("RCPT TO: alice@lab.example")
    assert ready.reply is not None
    assert ready.reply.code == 503
    assert ready.note is None
    ready.send("MAIL FROM:<bob@lab.example>\nRCPT TO: nobody@lab.example")
    assert ready.reply.code == 550
    assert ready.note is not None


def test_a_line_of_a_message_and_half_a_line_have_no_note(in_data: Session) -> None:
    in_data.send("MAIL FROM: bob@lab.example")
    assert in_data.note is None
    in_data.send(".\nMAIL FROM: bob@lab.example")
    assert in_data.note is not None
    with pytest.raises(Silence):
        in_data.send_bytes(b"NOOP")
    assert in_data.note is None


def test_before_the_first_line_there_is_no_note(connected: Session) -> None:
    assert connected.note is None


# Silence


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r", b"\n\n", b"\n\r"])
def test_without_crlf_the_server_says_nothing_and_the_session_goes_on(ready: Session, line_end: bytes) -> None:
    with pytest.raises(Silence, match="CRLF"):
        ready.send_bytes(b"NOOP" + line_end)
    assert not ready.closed
    reply = ready.send_bytes(b"\r\n" if line_end != b"\r" else b"\n")
    assert reply is not None


def test_a_crlf_may_come_in_two_pieces(ready: Session) -> None:
    with pytest.raises(Silence):
        ready.send_bytes(b"NOOP\r")
    reply = ready.send_bytes(b"\n")
    assert reply is not None
    assert reply.code == 250
    assert ready.transcript.lines(Side.CLIENT)[-1] == b"NOOP\r\n"


def test_a_dot_before_a_bare_lf_does_not_end_the_message(in_data: Session) -> None:
    with pytest.raises(Silence, match="CRLF"):
        in_data.send_bytes(b"Subject: test\r\n\r\ntext\n.\n")
    assert in_data.state is State.DATA


def test_who_only_listens_is_told_what_the_server_waits_for(connected: Session) -> None:
    with pytest.raises(Silence, match=r"HELO or EHLO$"):
        connected.send_bytes(b"")


def test_inside_a_message_who_only_listens_is_told_how_it_ends(in_data: Session) -> None:
    with pytest.raises(Silence, match=r"dot"):
        in_data.send_bytes(b"")


def test_silence_and_a_closed_session_are_client_errors() -> None:
    assert issubclass(Silence, ClientError)
    assert issubclass(SessionClosed, ClientError)


# The end


def test_quit_ends_with_telnets_line(ready: Session) -> None:
    assert not ready.closed
    reply = ready.send("QUIT")
    assert reply is not None
    assert reply.code == 221
    assert ready.closed
    assert str(ready.transcript[-1]) == "= Connection closed by foreign host."


def test_a_closed_session_sends_nothing_and_says_so(ready: Session) -> None:
    ready.send("QUIT")
    rows = list(ready.transcript)
    for say in (lambda: ready.send("NOOP"), lambda: ready.send_bytes(b"NOOP\r\n"), lambda: ready.send_bytes(b"")):
        with pytest.raises(SessionClosed, match=TURNED_AWAY):
            say()
    assert list(ready.transcript) == rows


def test_lines_behind_quit_are_not_sent(ready: Session) -> None:
    with pytest.raises(SessionClosed, match=TURNED_AWAY):
        ready.send("QUIT\nNOOP")
    assert ready.transcript.lines(Side.CLIENT)[-1] == b"QUIT\r\n"


def test_who_hangs_up_reads_another_line_of_telnet(ready: Session) -> None:
    ready.close()
    ready.close()
    assert ready.closed
    assert [str(row) for row in ready.transcript if row.side is Side.NOTE][2:] == ["= Connection closed."]
    with pytest.raises(SessionClosed, match=TURNED_AWAY):
        ready.send("NOOP")


def test_half_a_line_stays_in_the_transcript_when_the_session_ends(ready: Session) -> None:
    with pytest.raises(Silence):
        ready.send_bytes(b"NOO")
    ready.close()
    assert [str(row) for row in ready.transcript[-2:]] == ["C: NOO", "= Connection closed."]


def test_with_ends_the_session(lab: Lab) -> None:
    with lab.telnet("mail.lab.example") as session:
        session.send("HELO laptop.example")
    assert session.closed


def test_421_in_mid_session_is_heard_before_the_next_line(ready: Session, lab: Lab) -> None:
    lab.host("mail.lab.example").stop()
    reply = ready.poll()
    assert ready.closed
    assert ready.state is State.CLOSED
    assert reply is not None
    assert reply is not ready.greeting
    assert (reply.code, ready.reply) == (421, reply)
    assert ready.poll() is None
    assert str(ready.transcript[-1]) == "= Connection closed by foreign host."
    with pytest.raises(SessionClosed, match=r"closed.* 421"):
        ready.send("NOOP")
    assert ready.transcript.lines(Side.CLIENT) == (b"HELO laptop.example\r\n",)


class Counting(Scripted):
    """A stream that counts how often somebody listens to it."""

    looks = 0

    def receive(self, seconds: float) -> bytes:
        self.looks += 1
        return super().receive(seconds)


def test_what_a_session_says_of_itself_needs_no_look_at_the_server() -> None:
    stream = Counting(GREETING)
    session = Session(stream)
    looks = stream.looks
    stream.words += [b"421 going\r\n", b""]
    for name in ("state", "phase", "legal", "closed", "in_message", "transcript", "reply", "conversation", "note"):
        getattr(session, name)
    assert session.state is State.GREETED
    assert stream.looks == looks


@pytest.mark.parametrize(
    "show",
    [
        Session.poll,
        repr,
        Session.why,
        Session.octets,
        diagrams.ladder,
        diagrams.state_machine,
        diagrams.reply_chart,
        tables.transcript,
    ],
)
def test_what_shows_a_session_or_explains_it_looks_first(show: Callable[[Session], object]) -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    stream.words += [b"421 going\r\n", b""]
    show(session)
    assert session.closed
    assert session.transcript[-2].text == "421 going"


def break_down(*_: object) -> None:
    """Stand for a handler whose disk fails amid a message."""
    raise OSError("no disk")


@pytest.mark.parametrize("send", [lambda session: session.send("Hi"), lambda session: session.send_bytes(b"Hi\r\n")])
def test_421_amid_a_message_is_the_reply_to_the_line_before(
    in_data: Session, lab: Lab, send: Callable[[Session], Reply | None]
) -> None:
    assert in_data.send("Subject: x") is None
    lab.host("mail.lab.example").handler.content = break_down
    reply = send(in_data)
    assert reply is not None
    assert reply.code == 421
    assert in_data.closed
    assert [row.text[:3] for row in in_data.transcript[-3:]] == ["Hi", "421", "Con"]
    assert in_data.undo().in_message


def test_421_amid_a_message_of_several_lines_is_told(with_recipient: Session, lab: Lab) -> None:
    lab.host("mail.lab.example").handler.content = break_down
    with pytest.raises(SessionClosed, match=r"closed.* 421"):
        with_recipient.send("DATA\nSubject: x\n\nHi\n.")
    assert with_recipient.reply is not None
    assert with_recipient.reply.code == 421


def test_over_tcp_421_amid_a_message_is_told_at_the_next_line_at_the_latest(lab: Lab) -> None:
    handler = lab.host("mail.lab.example").handler
    with served(handler) as server, connect(*server.address) as session:
        session.send("HELO a.example\nMAIL FROM:<b@a.example>\nRCPT TO:<bob@lab.example>\nDATA")
        handler.content = break_down
        told = ""
        while not told:
            try:
                told = str(session.send("Hi") or "")
            except SessionClosed as error:
                told = str(error)
    assert "421 mail.lab.example is shutting down" in told


def test_too_many_errors_end_the_session_with_421(connected: Session) -> None:
    limit = Lab().host(HOST).policy.max_errors
    codes = [reply and reply.code for reply in (connected.send("VERFY alice") for _ in range(limit + 1))]
    assert codes == [500] * limit + [421]
    assert connected.closed
    assert str(connected.transcript[-1]) == "= Connection closed by foreign host."


def test_a_lab_host_is_more_patient_with_a_learner_than_another_server() -> None:
    assert Lab().host(HOST).policy.max_errors >= 10 * Policy().max_errors


def test_a_session_that_is_over_names_the_line_that_opens_a_new_one(ready: Session) -> None:
    ready.send("QUIT")
    with pytest.raises(SessionClosed) as raised:
        ready.send("NOOP")
    line = str(raised.value).rpartition("a new one with ")[2]
    variables: dict[str, Any] = {"lab": Lab()}
    exec(line, variables)  # as the tutorials write it
    assert variables["session"].host == ready.host
    assert not variables["session"].closed


def test_a_server_that_goes_without_a_word_is_noticed(ready: Session, lab: Lab) -> None:
    (server,) = lab.host("mail.lab.example").sessions
    server.abandon()
    assert ready.poll() is None
    assert ready.closed
    assert str(ready.transcript[-1]) == "= Connection closed by foreign host."


# After TURN


def test_turn_is_refused_and_the_session_goes_on(ready: Session) -> None:
    reply = ready.send("TURN")
    assert reply is not None
    assert reply.code == 502
    assert ready.state is State.READY


def test_after_turn_the_other_host_asks_and_what_you_send_are_replies(ready: Session, lab: Lab) -> None:
    lab.host("mail.lab.example").handler.turns = True
    assert ready.send("TURN") == ready.reply
    assert ready.state is State.CONNECTED
    with pytest.raises(Silence, match=r"greeting"):
        ready.send_bytes(b"")
    assert ready.send("220 laptop.example") is None
    assert ready.reply is None
    assert ready.note is None
    assert str(ready.transcript[-1]) == "S: HELO mail.lab.example"
    assert ready.send("250-laptop.example") is None
    assert ready.send("250 greets you") is None
    assert str(ready.transcript[-1]) == "S: QUIT"
    assert ready.send("221 bye") is None
    assert ready.closed
    assert str(ready.transcript[-1]) == "= Connection closed by foreign host."


def test_after_turn_a_host_that_gives_no_command_is_named_so() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    stream.words += [TimeoutError(), b"250 hello\r\n", b"250 turned\r\n"]
    session.send("HELO a.example\nTURN")
    with pytest.raises(Silence, match="command"):
        session.send("220 a.example")


# Odd servers


@pytest.mark.parametrize(
    ("words", "kind", "key"),
    [
        ((), Silence, "greeting"),
        ((b"220 half a line",), Silence, "CRLF"),
        ((b"hello\r\n",), Silence, "'hello'"),
        ((b"220-more\r\n",), Silence, "'220-more'"),
        ((b"",), ConnectionLost, "greeting"),
        ((ConnectionResetError(),), ConnectionLost, "greeting"),
    ],
)
def test_without_a_greeting_there_is_no_session(
    words: tuple[bytes | OSError, ...], kind: type[ClientError], key: str
) -> None:
    stream = Scripted(*words)
    with pytest.raises(kind, match=key):
        Session(stream)
    assert stream.closed


def test_a_refusing_greeting_opens_a_session_in_which_only_quit_is_left() -> None:
    session = Session(Scripted(b"554 no service\r\n"))
    assert session.state is State.REFUSED
    assert session.legal == ("QUIT",)
    assert not session.closed


def test_a_greeting_with_421_is_a_session_that_has_ended() -> None:
    session = Session(Scripted(b"421 busy\r\n", b""))
    assert session.greeting == Reply(421, "busy")
    assert session.closed


def test_a_reply_may_come_octet_by_octet() -> None:
    session = Session(Scripted(*(bytes([octet]) for octet in GREETING)))
    assert session.greeting == Reply(220, "odd.example")


def test_a_reply_that_comes_late_answers_its_own_command() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    with pytest.raises(Silence, match="HELO"):
        session.send("HELO a.example")
    assert session.transcript.awaited == "HELO"
    stream.words += [b"250 hello\r\n", b"250 noop\r\n"]
    assert session.send("NOOP") == Reply(250, "noop")
    assert [exchange.reply and exchange.reply.text for exchange in session.transcript.commands()] == ["hello", "noop"]


def test_who_listens_again_gets_the_late_reply() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    with pytest.raises(Silence):
        session.send("NOOP")
    stream.words += [TimeoutError(), b"250 late\r\n"]
    assert session.send_bytes(b"") == Reply(250, "late")


def test_a_server_that_answers_half_a_line_is_heard() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    stream.words += [TimeoutError(), b"500 what?\r\n"]
    assert session.send_bytes(b"NOOP\n") == Reply(500, "what?")


def test_a_server_that_hangs_up_on_a_command_leaves_it_without_an_answer() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    stream.words += [TimeoutError(), b""]
    with pytest.raises(ConnectionLost, match="NOOP"):
        session.send("NOOP")
    assert session.closed
    assert str(session.transcript[-1]) == "= Connection closed by foreign host."


def test_a_session_whose_connection_is_gone_says_so_wherever_it_is_asked() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    assert session.state is State.GREETED
    stream.words += [TimeoutError(), b""]
    with pytest.raises(ConnectionLost):
        session.send("HELO client.example")
    assert (session.state, session.phase) == (State.CLOSED, Phase.CONNECTION_TERMINATION)
    assert session.legal == session.why().legal == ()
    assert session.why().lines["legal now"] == "nothing"
    assert session.why().lines["next"] == "The connection is gone; `telnet` opens a new one."
    assert repr(session) == "<Session, closed>"
    assert "now CLOSED" in diagrams.state_machine(session).title


def test_when_the_connection_breaks_amid_a_message_nothing_belongs_to_it_any_more(in_data: Session) -> None:
    assert in_data.in_message
    in_data.close()
    assert not in_data.in_message
    assert in_data.legal == ()


def test_a_server_that_hangs_up_on_half_a_line_is_named_so() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    stream.words += [TimeoutError(), b""]
    with pytest.raises(ConnectionLost, match=r"closed"):
        session.send_bytes(b"NOOP\n")


def test_a_server_that_never_ends_its_reply_is_left_in_bounded_memory() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    stream.words += [TimeoutError()] + [b"x" * 65536] * 100
    with pytest.raises(ConnectionLost, match=r"1048576 .*NOOP"):
        session.send("NOOP")
    assert len(stream.words) == 100 - 17
    assert str(session.transcript[-1]) == "= Connection closed."


def test_a_server_that_says_221_and_does_not_close_is_closed_from_here() -> None:
    stream = Scripted(GREETING)
    session = Session(stream)
    stream.words += [TimeoutError(), b"221 bye\r\n"]
    session.send("QUIT")
    assert stream.closed
    assert str(session.transcript[-1]) == "= Connection closed."


def test_a_connection_that_breaks_while_sending_still_tells_the_servers_last_words() -> None:
    class Broken(Scripted):
        def send(self, data: bytes, seconds: float) -> None:
            raise BrokenPipeError(32, "Broken pipe")

    stream = Broken(GREETING)
    session = Session(stream)
    stream.words += [TimeoutError(), b"421 going\r\n"]
    with pytest.raises(SessionClosed, match=r"closed.* 421 going"):
        session.send("NOOP")
    assert session.reply == Reply(421, "going")
    assert session.transcript.lines(Side.CLIENT) == ()
    assert str(session.transcript[-1]) == "= Connection closed by foreign host."


def test_a_connection_that_breaks_while_sending_without_a_word_is_lost() -> None:
    class Broken(Scripted):
        def send(self, data: bytes, seconds: float) -> None:
            raise BrokenPipeError(32, "Broken pipe")

    session = Session(Broken(GREETING, TimeoutError()))
    with pytest.raises(ConnectionLost, match=r"Broken pipe$"):
        session.send("NOOP")
    assert session.closed


# Over TCP


def test_over_tcp_the_session_is_the_same(lab: Lab) -> None:
    lines = "EHLO a.example\nMAIL FROM: b@a.example\nRCPT TO:<bob@lab.example>\nDATA\nSubject: x\n\n..\n.\nQUIT"
    with lab.telnet("mail.lab.example") as in_memory:
        in_memory.send(lines)
    with served(Lab().host("mail.lab.example").handler) as server, connect(*server.address) as over_tcp:
        over_tcp.send(lines)
    assert str(over_tcp.transcript).splitlines()[2:] == str(in_memory.transcript).splitlines()[2:]
    assert [str(row) for row in over_tcp.transcript[:2]] == ["= Trying 127.0.0.1 . . .", "= Connected to 127.0.0.1."]


def test_a_session_knows_whom_it_talks_to(lab: Lab) -> None:
    for name in ("mail.adelphia.net", "mta13.adelphia.net", "68.168.78.100"):
        session = lab.telnet(name)
        assert (session.host, session.port, session.in_memory) == ("mail.adelphia.net", 25, True)
        assert session.conversation.server == session.host
    with served(lab.host("mail.lab.example").handler) as server, connect(*server.address) as session:
        assert ((session.host, session.port), session.in_memory) == (server.address, False)
        assert session.conversation.server == session.host


def test_over_tcp_the_rows_have_times_that_grow(lab: Lab) -> None:
    with served(lab.host("mail.lab.example").handler) as server, connect(*server.address) as session:
        session.send("NOOP\nQUIT")
    times = [row.time or 0.0 for row in session.transcript]
    assert times == sorted(times)
    assert times[-1] > 0


def test_over_tcp_a_server_that_stops_is_seen_at_once(lab: Lab) -> None:
    with served(lab.host("mail.lab.example").handler) as server:
        session = connect(*server.address)
        session.send("HELO a.example")
    reply = session.poll()
    assert session.closed
    assert reply is not None
    assert (reply.code, session.reply) == (421, reply)
    assert str(session.transcript[-1]) == "= Connection closed by foreign host."


def test_over_tcp_a_bare_lf_gets_no_answer(lab: Lab) -> None:
    with served(lab.host("mail.lab.example").handler) as server, connect(*server.address, timeout=0.1) as session:
        with pytest.raises(Silence, match="CRLF"):
            session.send_bytes(b"NOOP\n")
        assert session.state is State.GREETED


def test_over_tcp_a_silent_server_is_waited_for_as_long_as_was_said() -> None:
    def play(accepted: socket.socket) -> None:
        accepted.sendall(GREETING)
        while accepted.recv(100):
            pass

    with odd_server(play) as address, connect(*address, timeout=0.2) as session:
        with pytest.raises(Silence, match=r"NOOP .*0\.2 s"):
            session.send("NOOP")
        assert not session.closed


def test_nobody_reaches_another_machine_by_accident() -> None:
    with pytest.raises(RemoteAddressRefused):
        connect("192.0.2.1", 25)


def test_nobody_listening_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionLost, match=r"listens"):
        connect("127.0.0.1", port)


def test_a_note_stands_before_the_lines_and_is_not_on_the_wire(connected: Session) -> None:
    connected.send("NOOP\nNOOP", note="two at once")
    assert [str(row) for row in connected.transcript[3:5]] == ["= two at once", "C: NOOP"]
    assert len(connected.transcript.lines(Side.CLIENT)) == 2


@pytest.mark.parametrize("line", ["•", "●", " · "])
def test_a_notebook_prints_that_a_bullet_is_not_the_dot(
    in_data: Session, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_data.send(line) is None
    assert capsys.readouterr().out == ""  # a program prints what it wants
    monkeypatch.setattr("smtplab.lab.session.running_shell", object)
    assert in_data.send(line) is None
    assert capsys.readouterr().out == "A bullet is not a dot, so the message goes on.\n"
    in_data.send(line, remarks=False)
    in_data.predict(line).answer(None)
    in_data.send("a • b")
    in_data.send(".")
    in_data.send(line)  # no line of a message, and it has a reply
    assert capsys.readouterr().out == ""


def test_a_bullet_in_place_of_the_dot_gets_a_note(in_data: Session) -> None:
    in_data.send("Subject: x\n•\na • b")
    assert [str(row) for row in in_data.transcript[-4:]] == [
        "C: Subject: x",
        "C: •",
        "= a bullet is not a dot, so the message goes on",
        "C: a • b",
    ]
    assert in_data.in_message
    in_data.send(".\n•")
    assert [row.text for row in in_data.transcript if row.side is Side.NOTE][-1].startswith("a bullet")
    assert str(in_data.transcript[-1]).startswith("S: 500")


# What cannot be sent at all


@pytest.mark.parametrize("nonsense", [None, 5, b"NOOP"])
def test_what_is_no_text_is_refused_in_a_sentence_and_nothing_is_sent(ready: Session, nonsense: Any) -> None:
    before = len(ready.transcript)
    for call in (ready.send, ready.predict):
        with pytest.raises(TypeError, match=r"a line is text, .* not (None|int 5|bytes)"):
            call(nonsense)
    assert len(ready.transcript) == before


def test_half_a_character_is_refused_in_a_sentence_and_nothing_is_sent(ready: Session) -> None:
    before = len(ready.transcript)
    with pytest.raises(ValueError, match=r"U\+D800"):
        ready.send("NOOP \ud800")
    assert len(ready.transcript) == before


def test_send_bytes_takes_octets_alone(ready: Session) -> None:
    with pytest.raises(TypeError, match=r"octets.* not str 'NOOP'$"):
        ready.send_bytes("NOOP")  # type: ignore[arg-type]


@pytest.mark.parametrize("steps", ["1", None])
def test_undo_takes_a_number_alone(ready: Session, steps: Any) -> None:
    with pytest.raises(TypeError, match="steps"):
        ready.undo(steps)


def test_the_octets_of_a_line_that_waits_for_its_end_are_shown(ready: Session) -> None:
    with pytest.raises(Silence):
        ready.send_bytes(b"NOOP\n")
    assert str(ready.octets(0)).startswith("C  4e 4f 4f 50 0a")
    assert "a bare LF" in str(ready.octets())
