"""The server that acts out a play: the same however octets are cut, strict about ends, and never surprised."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtplab.conformance.clients.hangs import HangKind
from smtplab.conformance.clients.message_difference import stuffed
from smtplab.conformance.clients.played_server import EMPTY_LINE, PlayedServer
from smtplab.conformance.clients.plays import DOTS, PLAIN, PLAYS, Play
from smtplab.protocol.states import GREETING, MESSAGE
from smtplab.worlds.peer_script import HangUp, Say, Step
from support.octets import byte_by_byte

ENVELOPE = b"EHLO c\r\nMAIL FROM:<carol@client.example>\r\nRCPT TO:<alice@mail.example>\r\nDATA\r\n"
SESSION = ENVELOPE + stuffed(DOTS) + b".\r\nQUIT\r\n"


def replies(steps: Iterable[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Say))


def served(play: Play, *pieces: bytes) -> tuple[PlayedServer, bytes]:
    """Return a server that has heard these pieces, and all that it said."""
    server = PlayedServer(play)
    said = replies(server.connected())
    for piece in pieces:
        said += replies(server.receive(piece))
    return server, said


@pytest.mark.parametrize("play", PLAYS.values(), ids=PLAYS.keys())
def test_octets_cut_anywhere_are_heard_as_the_whole(play: Play) -> None:
    whole, said = served(play, SESSION)
    bytewise, said_bytewise = served(play, *byte_by_byte(SESSION))
    assert whole.heard == bytewise.heard
    assert said == said_bytewise


def test_a_session_is_heard_step_by_step_with_its_places() -> None:
    server, _ = served(PLAIN, SESSION)
    assert [each.step for each in server.heard] == ["EHLO", "MAIL", "RCPT", "DATA", MESSAGE, "QUIT"]
    for each in server.heard:
        assert SESSION[each.start :].startswith(each.data)
    assert server.heard[4].data == stuffed(DOTS)


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n. \r\n", b"\r\n..\r\n"])
def test_nothing_but_a_dot_between_crlf_ends_a_text(end: bytes) -> None:
    server, _ = served(PLAIN, ENVELOPE + b"text" + end)
    assert [each.step for each in server.heard][-1] == "DATA"


def test_after_a_silence_lf_ends_lines_and_texts() -> None:
    server, _ = served(PLAIN, b"EHLO c\n")
    assert replies(server.silence()) == b"250 mail.example\r\n"
    assert replies(server.receive(b"NOOP\n")) == b"250 ok\r\n"
    assert [hang.kind for hang in server.hangs] == [HangKind.LF]


def test_a_client_that_may_be_slow_is_given_time() -> None:
    server, _ = served(PLAIN, b"EHLO c\r\n")
    assert [list(server.silence()) for _ in range(2)] == [[], []]
    assert not server.hangs
    server.receive(b"NOOP\r\n")
    assert [list(server.silence()) for _ in range(3)] == [[], [], [HangUp()]]
    assert [hang.kind for hang in server.hangs] == [HangKind.WAITS_FOR_MORE]


@pytest.mark.parametrize("dot", [b".\r\n", b"\r\n.\r\n"])
@pytest.mark.parametrize("cut", [lambda octets: [octets], byte_by_byte])
def test_a_dot_that_waited_for_a_reply_to_the_text_is_no_command(
    dot: bytes, cut: Callable[[bytes], Iterable[bytes]]
) -> None:
    server, _ = served(PLAIN, ENVELOPE + b"text\r\n" * 12)
    assert [replies(server.silence()) for _ in range(2)] == [b"", b"250 message kept\r\n"]
    assert b"".join(replies(server.receive(piece)) for piece in cut(dot)) == b"250 message kept\r\n"
    assert replies(server.receive(b"QUIT\r\n")) == b"221 goodbye\r\n"
    assert [each.step for each in server.heard][-3:] == ["DATA", MESSAGE, "QUIT"]
    assert [hang.kind for hang in server.hangs] == [HangKind.REPLY_TO_TEXT]


def test_a_text_that_has_no_dot_and_no_late_one_is_told_as_such() -> None:
    server, _ = served(PLAIN, ENVELOPE + b"text\r\n" * 12)
    assert [replies(server.silence()) for _ in range(2)] == [b"", b"250 message kept\r\n"]
    assert replies(server.receive(b"QUIT\r\n")) == b"221 goodbye\r\n"
    assert [hang.kind for hang in server.hangs] == [HangKind.NO_DOT]


def test_an_empty_line_and_an_unknown_verb_get_500_and_wrong_order_503() -> None:
    server, said = served(PLAIN, b"\r\nHALLO\r\nDATA\r\n")
    assert [(each.step, each.code) for each in server.heard] == [(EMPTY_LINE, 500), ("HALLO", 500), ("DATA", 503)]
    assert said.count(b"\r\n") == 4


@pytest.mark.parametrize(
    "play", [play for play in PLAYS.values() if play.closes_at or play.silent_at], ids=lambda p: p.name
)
def test_a_server_that_closes_or_is_silent_says_nothing_more(play: Play) -> None:
    server = PlayedServer(play)
    steps = [*server.connected(), *server.receive(SESSION), *server.receive(b"NOOP\r\n"), *server.silence()]
    assert (HangUp() in steps) == bool(play.closes_at)
    assert [each.reply for each in server.heard][-1:] in ([b""], []), "the last step has no reply"
    assert bool(server.heard) == (GREETING not in (play.closes_at, play.silent_at))


@example([b" \0"], False)
@given(st.lists(st.binary(max_size=30) | st.sampled_from([SESSION, ENVELOPE, b".\r\n", b"\n"])), st.booleans())
def test_any_octets_are_heard_without_an_error(pieces: list[bytes], lenient: bool) -> None:
    server = PlayedServer(PLAIN, lenient=lenient)
    list(server.connected())
    for piece in pieces:
        list(server.receive(piece or b"x"))
        list(server.silence())
    list(server.receive(b""))
    list(server.silence())
    assert all(each.step for each in server.heard)


def test_a_play_refuses_one_recipient_and_takes_another() -> None:
    play = Play("two", "", refused="zoe@mail.example")
    _, said = served(play, b"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<zoe@mail.example>\r\nRCPT TO:<bob@mail.example>\r\n")
    assert [line[:3] for line in said.splitlines()[-2:]] == [b"550", b"250"]


def test_a_play_without_a_refused_recipient_refuses_none() -> None:
    _, said = served(PLAIN, b"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\n")
    assert said.splitlines()[-1][:3] != b"550"


def test_a_play_may_wait_longer_with_some_replies() -> None:
    server = PlayedServer(Play("late", "", delay=1.0, delays={"MAIL": 30.0}))
    steps = [*server.connected(), *server.receive(b"HELO c\r\nMAIL FROM:<>\r\n")]
    assert [step.after for step in steps] == [1.0, 1.0, 30.0]
