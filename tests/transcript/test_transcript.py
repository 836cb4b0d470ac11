"""The transcript: states and phases follow from bytes, and what it says reads back as it was."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from copy import deepcopy

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from smtplab.protocol.events import NEED_DATA, ConnectionClosed, MessageData, ServerEvent
from smtplab.protocol.replies import LocalProtocolError, RemoteProtocolError, Reply
from smtplab.protocol.server import ServerConnection
from smtplab.protocol.states import GREETING, MESSAGE, Phase, State
from smtplab.transcript import Exchange, Row, Side, Transcript

C, S, NOTE = Side.CLIENT, Side.SERVER, Side.NOTE


@pytest.fixture
def connected() -> Transcript:
    return Transcript()


@pytest.fixture
def ready(connected: Transcript) -> Transcript:
    connected.feed(S, b"220 lab.example\r\n")
    connected.feed(C, b"HELO c.example\r\n")
    connected.feed(S, b"250 lab.example\r\n")
    return connected


@pytest.fixture
def with_recipient(ready: Transcript) -> Transcript:
    ready.feed(C, b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n")
    ready.feed(S, b"250 ok\r\n250 ok\r\n")
    return ready


@pytest.fixture
def in_data(with_recipient: Transcript) -> Transcript:
    with_recipient.feed(C, b"DATA\r\n")
    with_recipient.feed(S, b"354 go on\r\n")
    return with_recipient


# A sequence of rows


@pytest.mark.parametrize("data", [b"a\r\nb", b"a\r\nb\r\n", b"\r\n\r\n", b"\r\n."])
def test_two_lines_are_refused_and_change_nothing(data: bytes, ready: Transcript) -> None:
    before = Transcript(ready)
    with pytest.raises(ValueError, match="row"):
        ready.add(C, data)
    assert ready == before
    assert ready.exchanges() == before.exchanges()


def test_a_transcript_is_a_sequence_of_its_rows(ready: Transcript) -> None:
    assert len(ready) == 3
    assert [row.text for row in ready] == ["220 lab.example", "HELO c.example", "250 lab.example"]
    assert ready[-1].side is S
    assert ready[:2] == [ready[0], ready[1]]
    assert ready[1] in ready
    assert repr(ready) == "<Transcript of 3 rows, ready for a mail transaction>"
    assert ready != list(ready)


def test_a_copy_goes_its_own_way(ready: Transcript) -> None:
    fork = Transcript(ready)
    assert fork == ready
    fork.feed(C, b"QUIT\r\n")
    assert (len(fork), len(ready)) == (4, 3)


def test_a_copy_of_the_first_rows_is_the_session_as_it_was_then(in_data: Transcript) -> None:
    assert Transcript(in_data[:3]).state is State.READY


def test_lines_of_a_side_joined_are_what_it_sent(in_data: Transcript) -> None:
    in_data.note("a note")
    in_data.feed(C, b"x\r\n..y\r\nno end")
    in_data.flush()
    sent = b"HELO c.example\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n..y\r\nno end"
    assert b"".join(in_data.lines(C)) == sent


# States and phases follow from the bytes


def test_a_command_has_the_state_it_was_sent_in_and_a_reply_the_state_after_it(ready: Transcript) -> None:
    ready.feed(C, b"MAIL FROM:<a@b>\r\n")
    ready.feed(S, b"250 ok\r\n")
    assert [row.state for row in ready] == [
        State.GREETED,
        State.GREETED,
        State.READY,
        State.READY,
        State.SENDER,
    ]
    assert ready.state is State.SENDER


def test_a_note_changes_nothing_and_opens_no_phase(connected: Transcript) -> None:
    row = connected.note("connection opened", 0.0)
    assert row == Row(0.0, NOTE, b"connection opened", State.CONNECTED, Phase.CONNECTION_ESTABLISHMENT)
    assert str(connected) == "= connection opened"


def test_the_reply_to_the_message_belongs_to_mail_transfer(in_data: Transcript) -> None:
    in_data.feed(C, b"x\r\n.\r\n")
    in_data.feed(S, b"250 taken\r\n")
    assert in_data.phase is Phase.MAIL_TRANSFER
    in_data.feed(C, b"QUIT\r\n")
    assert [row.phase for row in in_data[-2:]] == [Phase.MAIL_TRANSFER, Phase.CONNECTION_TERMINATION]


def test_a_reply_of_several_lines_counts_once_and_at_its_end(connected: Transcript) -> None:
    connected.feed(S, b"220 hi\r\n")
    connected.feed(C, b"EHLO c.example\r\n")
    connected.feed(S, b"250-lab.example\r\n250-SIZE\r\n250 PIPELINING\r\n")
    assert [row.state for row in connected[2:]] == [State.GREETED, State.GREETED, State.READY]
    (ehlo,) = connected.commands()
    assert ehlo.reply == Reply(250, ("lab.example", "SIZE", "PIPELINING"))


def test_a_pipelined_group_is_paired_in_order(ready: Transcript) -> None:
    ready.feed(C, b"MAIL FROM:<a@b>\r\nRCPT TO:<no@d>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
    ready.feed(S, b"250 ok\r\n550 no such user\r\n250 ok\r\n354 go on\r\n")
    pairs = [(e.verb, e.reply and e.reply.code, e.before, e.after) for e in ready.commands()[1:]]
    assert pairs == [
        ("MAIL", 250, State.READY, State.SENDER),
        ("RCPT", 550, State.SENDER, State.SENDER),
        ("RCPT", 250, State.SENDER, State.RECIPIENT),
        ("DATA", 354, State.RECIPIENT, State.DATA),
    ]


def test_an_exchange_belongs_to_the_phase_of_its_rows(ready: Transcript) -> None:
    for side, line in [(C, b"NOOP\r\n"), (S, b"250 ok\r\n"), (C, b"QUIT\r\n"), (S, b"221 bye\r\n")]:
        ready.add(side, line)
    assert [exchange.phase for exchange in ready.exchanges()] == [
        Phase.CONNECTION_ESTABLISHMENT,
        Phase.CONNECTION_ESTABLISHMENT,
        Phase.MAIL_TRANSFER,
        Phase.CONNECTION_TERMINATION,
    ]


def test_a_pipelined_command_opens_no_phase_before_its_turn(ready: Transcript) -> None:
    ready.feed(C, b"RSET\r\nQUIT\r\n")
    ready.feed(S, b"250 reset\r\n221 bye\r\n")
    phases = [row.phase for row in ready[3:]]
    assert phases == [Phase.MAIL_TRANSFER] * 3 + [Phase.CONNECTION_TERMINATION]


def test_message_lines_that_look_like_commands_are_message(in_data: Transcript) -> None:
    in_data.feed(C, b"QUIT\r\nRSET\r\n..\r\n.\r\n")
    in_data.feed(S, b"250 taken\r\n")
    message = in_data.commands()[-1]
    assert message == Exchange(MESSAGE, C, b"QUIT\r\nRSET\r\n..\r\n.\r\n", Reply(250, "taken"), State.DATA, State.READY)


def test_a_client_that_does_not_wait_for_354_is_understood_when_it_comes(with_recipient: Transcript) -> None:
    with_recipient.feed(C, b"DATA\r\nQUIT\r\n.\r\nQUIT\r\n")
    with_recipient.feed(S, b"354 go on\r\n250 taken\r\n221 bye\r\n")
    assert [e.data for e in with_recipient.commands()[-3:]] == [b"DATA\r\n", b"QUIT\r\n.\r\n", b"QUIT\r\n"]
    assert with_recipient.state is State.CLOSED


def test_lines_after_a_refused_data_are_commands(ready: Transcript) -> None:
    ready.feed(C, b"DATA\r\nQUIT\r\n")
    ready.feed(S, b"503 no sender yet\r\n221 bye\r\n")
    assert [e.verb for e in ready.commands()] == ["HELO", "DATA", "QUIT"]
    assert ready.state is State.CLOSED


@pytest.mark.parametrize("false_end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r.\r\n", b"\x00.\r\n"])
def test_only_a_line_with_a_lone_dot_ends_the_message(false_end: bytes, in_data: Transcript) -> None:
    in_data.feed(C, b"x" + false_end + b"QUIT\r\n")
    in_data.feed(S, b"250 too early\r\n")
    assert in_data.state is State.DATA
    in_data.feed(C, b".\r\n")
    in_data.feed(S, b"250 taken\r\n")
    assert in_data.commands()[-1].data == b"x" + false_end + b"QUIT\r\n.\r\n"
    assert in_data.state is State.READY


@pytest.mark.parametrize("odd", [b"hello", b"", b"25", b"999 no", b"250x", b"\xff\x00"])
def test_a_malformed_reply_is_a_row_that_answers_nothing(odd: bytes, ready: Transcript) -> None:
    ready.feed(C, b"NOOP\r\n")
    ready.feed(S, odd + b"\r\n")
    assert ready[-1].data == odd + b"\r\n"
    assert ready.commands()[-1].reply is None
    ready.feed(S, b"250 ok\r\n")
    assert ready.commands()[-1].reply == Reply(250, "ok")


@pytest.mark.parametrize(
    ("text", "shown"), [(b"a\x00b", r"a\x00b"), (b"a\nb", r"a\x0ab"), (b"\x1b[2J", r"\x1b[2J"), (b"a\r", r"a\x0d")]
)
def test_a_control_character_in_a_reply_is_shown_and_the_reply_answers(
    text: bytes, shown: str, ready: Transcript
) -> None:
    ready.feed(C, b"NOOP\r\n")
    ready.feed(S, b"250 " + text + b"\r\n")
    assert ready[-1].data == b"250 " + text + b"\r\n"
    assert ready.commands()[-1].reply == Reply(250, shown)
    assert shown in str(ready[-1])


def test_after_a_reply_with_two_codes_the_next_reply_is_understood(ready: Transcript) -> None:
    ready.feed(C, b"NOOP\r\n")
    ready.feed(S, b"250-a\r\n550 b\r\n250 c\r\n")
    assert ready.commands()[-1].reply == Reply(250, "c")


def test_an_empty_command_line_gets_its_reply(ready: Transcript) -> None:
    ready.feed(C, b"\r\nQUIT\r\n")
    ready.feed(S, b"500 what?\r\n221 bye\r\n")
    assert [(e.verb, e.reply and e.reply.code) for e in ready.commands()[1:]] == [("", 500), ("QUIT", 221)]


def test_421_closes_although_nobody_asked(in_data: Transcript) -> None:
    in_data.feed(C, b"half a message\r\n")
    in_data.feed(S, b"421 shutting down\r\n")
    assert in_data.state is State.CLOSED
    closing, message = in_data.exchanges()[-2:]
    assert closing == Exchange("", C, b"", Reply(421, "shutting down"), State.DATA, State.CLOSED)
    assert (message.verb, message.data, message.reply) == (MESSAGE, b"half a message\r\n", None)
    assert closing not in in_data.commands()


def test_a_greeting_of_554_leaves_only_quit(connected: Transcript) -> None:
    connected.feed(S, b"554 no service\r\n")
    assert connected.state is State.REFUSED
    assert connected.exchanges()[0].verb == GREETING
    assert connected.commands() == ()


def test_commands_typed_before_the_greeting_wait_for_it(connected: Transcript) -> None:
    connected.feed(C, b"HELO c.example\r\nQUIT\r\n")
    connected.feed(S, b"220 hi\r\n250 hello\r\n221 bye\r\n")
    assert [e.verb for e in connected.exchanges()] == [GREETING, "HELO", "QUIT"]
    assert connected.state is State.CLOSED


@pytest.mark.parametrize(
    ("answer", "accepted", "refused"),
    [(b"250 ok\r\n", True, False), (b"451 later\r\n", False, True), (b"550 no\r\n", False, True), (b"", False, False)],
)
def test_an_exchange_is_accepted_or_refused_by_its_reply(
    ready: Transcript, answer: bytes, accepted: bool, refused: bool
) -> None:
    ready.feed(C, b"VRFY bob\r\n")
    ready.feed(S, answer)
    last = ready.commands()[-1]
    assert (last.verb, last.accepted, last.refused) == ("VRFY", accepted, refused)


def test_after_turn_the_server_gives_the_commands(ready: Transcript) -> None:
    ready.feed(C, b"TURN\r\n")
    ready.feed(S, b"250 your turn\r\n")
    assert ready.state is State.CONNECTED
    assert (ready.turn, ready.awaited) == (C, GREETING)
    ready.feed(C, b"220 c.example\r\n")
    assert (ready.turn, ready.awaited) == (S, None)
    ready.feed(S, b"HELO lab.example\r\n")
    assert (ready.turn, ready.awaited) == (C, "HELO")
    ready.feed(C, b"250 hello\r\n")
    assert ready.state is State.READY
    turn, helo = ready.commands()[-2:]
    assert (turn.side, turn.turned) == (C, True)
    assert (helo.side, helo.verb, helo.turned) == (S, "HELO", False)
    assert str(ready).count("===== Connection Establishment =====") == 2


def test_a_refused_turn_swaps_nothing(ready: Transcript) -> None:
    ready.feed(C, b"TURN\r\nNOOP\r\n")
    ready.feed(S, b"502 no\r\n250 ok\r\n")
    assert [e.side for e in ready.commands()] == [C, C, C]


def test_a_message_begins_with_the_354_and_ends_with_the_lone_dot_not_with_its_reply(ready: Transcript) -> None:
    spoken = [
        (C, b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"),
        (S, b"250 ok\r\n250 ok\r\n354 go on\r\n"),
        (C, b"text\r\n..\r\n"),
        (C, b".\r\n"),
        (C, b"NOOP\r\n"),
        (S, b"250 taken\r\n"),
    ]
    seen = []
    for side, data in spoken:
        ready.feed(side, data)
        seen.append(ready.in_message)
    assert seen == [False, True, True, False, False, False]


def test_whose_turn_it_is_follows_the_conversation(connected: Transcript) -> None:
    spoken = [
        (S, b"220 lab.example\r\n"),
        (C, b"HELO a\r\n"),
        (S, b"250-hi\r\n"),
        (S, b"250 hi\r\n"),
        (C, b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"),
        (S, b"250 ok\r\n"),
        (S, b"250 ok\r\n"),
        (C, b"DATA\r\n"),
        (S, b"354 go on\r\n"),
        (C, b"text\r\n"),
        (C, b".\r\n"),
        (S, b"250 ok\r\n"),
        (C, b"NO"),
        (C, b"OP\r\n"),
        (S, b"421 bye\r\n"),
    ]
    seen = [(connected.turn, connected.awaited)]
    for side, data in spoken:
        connected.feed(side, data)
        seen.append((connected.turn, connected.awaited))
    assert seen == [
        (S, GREETING),
        (C, None),
        (S, "HELO"),
        (S, "HELO"),
        (C, None),
        (S, "MAIL"),
        (S, "RCPT"),
        (C, None),
        (S, "DATA"),
        (C, None),
        (C, None),
        (S, MESSAGE),
        (C, None),
        (C, None),
        (S, "NOOP"),
        (None, None),
    ]


def test_the_last_exchange_is_that_of_the_last_reply(ready: Transcript) -> None:
    assert Transcript().last_exchange is None
    ready.feed(C, b"NOOP\r\nRSET\r\n")
    ready.feed(S, b"250 nothing done\r\n")
    assert ready.last_exchange is not None
    assert ready.last_exchange.verb == "NOOP"
    assert ready.last_exchange.reply == Reply(250, "nothing done")


def test_a_notebook_shows_a_transcript_as_its_text(ready: Transcript) -> None:
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    assert pretty(ready) == str(ready)


def test_a_line_that_was_cut_off_is_shown_and_counts_as_nothing(in_data: Transcript) -> None:
    in_data.feed(C, b"x\r\n.\r\n")
    in_data.feed(S, b"250 mess", 3.0)
    in_data.flush(4.0)
    in_data.flush(5.0)
    assert in_data[-1] == Row(4.0, S, b"250 mess", State.DATA, Phase.MAIL_TRANSFER)
    assert in_data.commands()[-1].reply is None


def test_a_command_that_was_cut_off_waits_for_no_reply(ready: Transcript) -> None:
    ready.feed(C, b"QUI")
    ready.flush()
    assert ready[-1].data == b"QUI"
    assert [exchange.verb for exchange in ready.commands()] == ["HELO"]
    assert ready.turn is C


def test_a_line_of_the_client_that_looks_like_a_reply_answers_nothing(in_data: Transcript) -> None:
    in_data.feed(C, b"421 is the code of a server that leaves\r\n.\r\n250 is no verb\r\n")
    assert in_data.state is State.DATA
    in_data.feed(S, b"250 taken\r\n500 what?\r\n")
    assert [(exchange.verb, exchange.reply) for exchange in in_data.commands()[-2:]] == [
        (MESSAGE, Reply(250, "taken")),
        ("250", Reply(500, "what?")),
    ]


def test_a_line_has_the_time_of_its_end(connected: Transcript) -> None:
    connected.feed(S, b"220 ", 1.0)
    connected.feed(S, b"hi\r", 2.0)
    connected.feed(S, b"\n", 3.0)
    assert [(row.time, row.data) for row in connected] == [(3.0, b"220 hi\r\n")]


def test_a_long_line_in_single_bytes_is_looked_at_once(connected: Transcript) -> None:
    for _ in range(200_000):
        connected.feed(C, b"x")
    connected.feed(C, b"\r\n")
    assert [len(row.data) for row in connected] == [200_002]


# Any conversation

LOOKALIKES = [
    b"",
    b".",
    b"..",
    b"250 ok",
    b"250-more",
    b"220 hi",
    b"354 go on",
    b"221 bye",
    b"421 closing",
    b"554 no",
    b"HELO c.example",
    b"MAIL FROM:<a@b>",
    b"RCPT TO:<c@d>",
    b"DATA",
    b"QUIT",
    b"TURN",
    b"C: x",
    b"S: x",
    b"= x",
    b"=",
    b" ",
    b"\t",
    b" S: indented",
    b"===== Mail Transfer =====",
    b"= ===== Mail Transfer =====",
    "•".encode(),
    rb"\x41 \x \\x0d",
    b"$ telnet",
    b"a\rb\nc\x00",
    b"\xff\xfe\x85",
    "\u2028 \ufeff \x85".encode(),
]


def one_line(data: bytes) -> bool:
    return b"\r\n" not in data and not data.endswith(b"\r")


whole_lines = st.tuples(
    st.sampled_from([C, S]),
    (st.sampled_from(LOOKALIKES) | st.binary(max_size=12).filter(one_line)).map(lambda line: line + b"\r\n"),
)
notes = st.tuples(st.just(NOTE), st.sampled_from(LOOKALIKES) | st.binary(max_size=12).filter(one_line))
GREETED = ((S, b"220 hi\r\n"), (C, b"HELO c\r\n"), (S, b"250 hello\r\n"))
IN_DATA = (
    *GREETED,
    *((C, b"MAIL FROM:<a@b>\r\n"), (S, b"250 ok\r\n"), (C, b"RCPT TO:<c@d>\r\n"), (S, b"250 ok\r\n")),
    *((C, b"DATA\r\n"), (S, b"354 go on\r\n")),
)
conversations = st.tuples(
    st.sampled_from([(), GREETED, IN_DATA]), st.lists(whole_lines | notes, max_size=20).map(tuple)
).map(lambda parts: (*parts[0], *parts[1]))


def recorded(lines: tuple[tuple[Side, bytes], ...]) -> Transcript:
    transcript = Transcript()
    for side, data in lines:
        transcript.add(side, data)
    return transcript


@given(conversations)
@example((*IN_DATA, *((C, line + b"\r\n") for line in LOOKALIKES)))
def test_the_text_form_reads_back_as_the_same_rows(lines: tuple[tuple[Side, bytes], ...]) -> None:
    transcript = recorded(lines)
    assert Transcript.parse(str(transcript)) == transcript
    assert Transcript.parse(str(transcript).replace("\n", "\r\n") + "\r\n") == transcript


@given(conversations, st.floats(allow_nan=False) | st.none())
def test_json_reads_back_as_the_same_transcript(lines: tuple[tuple[Side, bytes], ...], time: float | None) -> None:
    transcript = recorded(lines)
    transcript.feed(C, b"cut \xff", time)
    transcript.flush(time)
    written = transcript.to_json()
    assert written.isascii()
    assert Transcript.from_json(written) == transcript


@given(st.lists(st.tuples(st.sampled_from([C, S]), st.binary(max_size=20)), max_size=30))
def test_any_bytes_are_rows_and_none_is_lost(chunks: list[tuple[Side, bytes]]) -> None:
    transcript = Transcript()
    for side, data in chunks:
        transcript.feed(side, data)
    transcript.flush()
    for wanted in (C, S):
        assert b"".join(transcript.lines(wanted)) == b"".join(data for side, data in chunks if side is wanted)


@given(conversations, st.integers(1, 7))
def test_whole_equals_pieces(lines: tuple[tuple[Side, bytes], ...], size: int) -> None:
    wire = [(side, data) for side, data in lines if side is not NOTE]
    pieces = Transcript()
    for side, data in wire:
        for start in range(0, len(data), size):
            pieces.feed(side, data[start : start + size])
    assert pieces == recorded(tuple(wire))


@given(conversations)
def test_exchanges_follow_one_another_without_a_gap(lines: tuple[tuple[Side, bytes], ...]) -> None:
    transcript = recorded(lines)
    exchanges = transcript.exchanges()
    assert all(earlier.after is later.before for earlier, later in itertools.pairwise(exchanges))
    assert [State.CONNECTED, *(e.after for e in exchanges)][-1] is transcript.state


@given(conversations)
def test_commands_and_messages_hold_every_byte_of_the_client_in_order(
    lines: tuple[tuple[Side, bytes], ...],
) -> None:
    transcript = recorded(lines)
    assume(not any(exchange.turned for exchange in transcript.exchanges()))
    assert b"".join(exchange.data for exchange in transcript.commands()) == b"".join(transcript.lines(C))


def answer_all(server: ServerConnection, transcript: Transcript, codes: Iterator[int]) -> None:
    """Answer whatever `server` can read, with the next code that it can give, and write the replies down."""
    while (event := next_event(server)) is not NEED_DATA and not isinstance(event, ConnectionClosed):
        if isinstance(event, MessageData):
            continue
        refusal = event.reply if isinstance(event, RemoteProtocolError) else None
        for reply in (refusal or Reply(next(codes)), Reply(554)):
            with contextlib.suppress(LocalProtocolError):  # 354 to QUIT: not even we may say that
                server.send(reply)
                break
        transcript.feed(S, server.data_to_send())
        if server.state is State.CONNECTED:
            return


def next_event(server: ServerConnection) -> ServerEvent | RemoteProtocolError:
    try:
        return server.next_event()
    except RemoteProtocolError as error:
        return error


TYPED = b"HELO c,MAIL FROM:<a@b>,SEND FROM:<>,RCPT TO:<c@d>,DATA,.,..,x\n.,,NOOP,RSET,VRFY x,TURN,QUIT,QUIT x,FOO"


@given(
    st.lists(st.lists(st.sampled_from(TYPED.split(b",")), max_size=6), max_size=12),
    st.lists(st.sampled_from([250, 250, 250, 354, 354, 450, 550, 421]), min_size=1, max_size=20),
)
@example([[b"HELO c", b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA"], [b"QUIT", b".", b"QUIT"]], [250, 250, 250, 354])
def test_the_transcript_and_the_kernels_server_never_disagree(groups: list[list[bytes]], codes: list[int]) -> None:
    server, transcript = ServerConnection(), Transcript()
    server.send(Reply(220))
    transcript.feed(S, server.data_to_send())
    for group in groups:
        burst = b"".join(line + b"\r\n" for line in group)
        transcript.feed(C, burst)
        server.receive_data(burst)
        answer_all(server, transcript, itertools.cycle(codes))
        assert transcript.state is server.state
        if server.state in (State.CONNECTED, State.CLOSED):
            return


def test_a_replay_sends_also_what_got_no_reply(ready: Transcript) -> None:
    ready.feed(C, b"NOOP\r\n")
    assert list(ready.replay())[-1] == (b"NOOP\r\n", None)


def test_a_replay_ends_where_the_other_host_begins_to_ask(ready: Transcript) -> None:
    ready.feed(C, b"TURN\r\n")
    ready.feed(S, b"250 your turn\r\n")
    ready.feed(C, b"220 c.example\r\n")
    assert list(ready.replay())[-1] == (b"TURN\r\n", 250)


def test_what_has_come_of_an_unfinished_line_can_be_asked_for() -> None:
    transcript = Transcript()
    transcript.feed(Side.SERVER, b"220 x\r\n")
    transcript.feed(Side.CLIENT, b"NOOP\r\nQU")
    assert (transcript.unfinished(Side.CLIENT), transcript.unfinished(Side.SERVER)) == (b"QU", b"")
    transcript.feed(Side.CLIENT, b"IT\r\n")
    assert transcript.unfinished(Side.CLIENT) == b""


def test_a_comparison_is_asked_of_the_transcript() -> None:
    one, other = Transcript.parse("S: 220 x"), Transcript.parse("S: 554 x")
    assert one.diff(Transcript(one)).same
    assert one.diff(other).parting == 1


# Exchanges and their rows


def test_an_exchange_has_the_indexes_of_its_first_and_its_last_row(with_recipient: Transcript) -> None:
    with_recipient.note("typed slowly")
    with_recipient.feed(C, b"DATA\r\n")
    with_recipient.feed(S, b"354 go on\r\n")
    with_recipient.feed(C, b"one\r\ntwo\r\n.\r\n")
    with_recipient.feed(S, b"250-kept\r\n250 ok\r\n421 bye\r\n")
    rows = {each.verb: (each.first, each.last) for each in with_recipient.exchanges()}
    assert rows == {
        GREETING: (0, 0),
        "HELO": (1, 2),
        "MAIL": (3, 5),  # a group: both commands stand before both replies
        "RCPT": (4, 6),
        "DATA": (8, 9),
        MESSAGE: (10, 14),
        "": (15, 15),
    }


def test_a_literal_counts_as_a_row(ready: Transcript) -> None:
    ready.add(C, b"\x16\x03\x01", literal=True)
    ready.feed(C, b"NOOP\r\n")
    ready.feed(S, b"250 ok\r\n")
    last = ready.last_exchange
    assert last is not None
    assert (last.verb, last.first, last.last) == ("NOOP", 4, 5)


def test_what_got_no_reply_ends_with_the_last_row_that_was_said(in_data: Transcript) -> None:
    in_data.feed(C, b"one\r\n.\r\nNOOP\r\n")
    assert [(each.verb, each.first, each.last) for each in in_data.exchanges()[-2:]] == [
        (MESSAGE, 9, 10),
        ("NOOP", 11, 11),
    ]


def test_a_message_that_did_not_wait_for_the_354_begins_where_it_was_sent(with_recipient: Transcript) -> None:
    with_recipient.feed(C, b"DATA\r\none\r\n.\r\n")
    with_recipient.feed(S, b"354 go on\r\n250 ok\r\n")
    message = with_recipient.last_exchange
    assert message is not None
    assert (message.verb, message.first, message.last) == (MESSAGE, 8, 11)


@given(conversations)
def test_the_rows_of_an_exchange_hold_what_was_said_and_the_reply(lines: tuple[tuple[Side, bytes], ...]) -> None:
    transcript = recorded(lines)
    for each in transcript.exchanges():
        rows = transcript[each.first : each.last + 1]
        assert b"".join(row.data for row in rows if row.side is each.side).startswith(each.data)
        assert (rows[-1].side is each.side) == (each.reply is None)


# Names of replies


def test_a_reply_that_comes_with_its_name_keeps_it_in_row_exchange_and_json(ready: Transcript) -> None:
    ready.feed(C, b"RSET\r\nVRFY x\r\n")
    ready.feed(S, b"250-so\r\n250 be it\r\n252 who knows\r\n", names=["RESET_OK", "CANNOT_VERIFY"])
    for transcript in (ready, Transcript(ready), Transcript(ready[:]), Transcript.from_json(ready.to_json())):
        named = [each.reply.name for each in transcript.exchanges() if each.reply]
        assert named == ["", "", "RESET_OK", "CANNOT_VERIFY"]
        assert [row.name for row in transcript][-3:] == ["", "RESET_OK", "CANNOT_VERIFY"]


def test_a_name_may_come_before_the_end_of_its_reply(ready: Transcript) -> None:
    ready.feed(C, b"RSET\r\n")
    ready.feed(S, b"250-so\r\n250 b", names=["RESET_OK"])
    twin = ready.snapshot()
    for transcript in (ready, twin):
        transcript.feed(S, b"e it\r\n")
        assert transcript.last_exchange is not None
        assert transcript.last_exchange.reply is not None
        assert transcript.last_exchange.reply.name == "RESET_OK"


def test_the_text_form_has_no_names_and_names_are_not_compared(ready: Transcript) -> None:
    plain = ready.snapshot()
    for transcript, names in ((ready, ["RESET_OK"]), (plain, [])):
        transcript.feed(C, b"RSET\r\n")
        transcript.feed(S, b"250 ok\r\n", names=names)
    assert ready == plain
    assert ready.exchanges() == plain.exchanges()
    assert str(ready) == str(plain)
    assert "name" not in plain.to_json()


# Snapshots


@pytest.mark.parametrize("make", [Transcript.snapshot, deepcopy])
def test_a_snapshot_has_the_unfinished_line_and_goes_its_own_way(
    make: Callable[[Transcript], Transcript], in_data: Transcript
) -> None:
    in_data.feed(C, b"one\r\ntw")
    twin = make(in_data)
    in_data.feed(C, b"o\r\n.\r\n")
    in_data.feed(S, b"250 ok\r\n")
    assert twin.unfinished(C) == b"tw"
    twin.feed(C, b"ice\r\n")
    assert [each.data for each in twin.commands()][-1] == b"one\r\ntwice\r\n"
    assert twin.state is State.DATA
    assert [each.data for each in in_data.commands()][-1] == b"one\r\ntwo\r\n.\r\n"


def test_a_snapshot_amid_a_reply_reads_its_end_by_itself(ready: Transcript) -> None:
    ready.feed(C, b"NOOP\r\n")
    ready.feed(S, b"250-one\r\n")
    twin = ready.snapshot()
    ready.feed(S, b"250 mine\r\n")
    twin.feed(S, b"250 yours\r\n")
    replies = [each.last_exchange and each.last_exchange.reply for each in (ready, twin)]
    assert [reply.lines for reply in replies if reply] == [("one", "mine"), ("one", "yours")]


def test_snapshots_share_the_rows_and_the_lines_of_the_message(in_data: Transcript) -> None:
    for _ in range(100):
        in_data.feed(C, b"a line\r\n")
    twin = in_data.snapshot()
    assert twin._rows._blocks is in_data._rows._blocks
    assert twin._dialogue.answered._rest is in_data._dialogue.answered._rest
    assert twin._dialogue._message._blocks is in_data._dialogue._message._blocks
