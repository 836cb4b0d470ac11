"""The coach of ``smtplab serve`` tells a client that is silent or wrong what to do next, and each thing once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtplab.conformance.clients import client_wording as wording
from smtplab.conformance.clients.coach import Coach
from smtplab.mta.handler import Handler
from smtplab.mta.policy import Policy
from smtplab.mta.session import ServerSession
from support.templates import is_made_of, names_of

SILENCE, LEAVES = "(silence)", "(leaves)"
HELO = b"HELO Alice\r\n"
ENVELOPE = (HELO, b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<alice@lab.example>\r\n")
TEXT = b"From: a@b.example\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n\r\nlunch?\r\n"


def told(*steps: bytes | str) -> list[str]:
    """Return what the coach tells a client that does these steps: octets that it sends at once, silences, the end."""
    said: list[str] = []
    coach = Coach(said.append)
    session = ServerSession(Handler("lab.example"), Policy())
    session.start()
    coach.said(session.data_to_send())
    for step in steps:
        if step == SILENCE:
            coach.silent()
        elif step == LEAVES:
            coach.gone()
        else:
            assert isinstance(step, bytes)
            coach.heard(step)
            session.receive(step)
            if data := session.data_to_send():
                coach.said(data)
    return said


SILENT = {
    "HANG_NOTHING_SAID": (SILENCE,),
    "HANG_LF": (b"HELO Alice\n", SILENCE),
    "HANG_CR": (b"HELO Alice\r", SILENCE),
    "HANG_ESCAPES": (b"HELO Alice\\r\\n", SILENCE),
    "HANG_HALF_LINE": (b"HELO Alice", SILENCE),
    "HANG_WAITS_FOR_MORE": (HELO, SILENCE),
    "HANG_TEXT_EXPECTED": (*ENVELOPE, b"DATA\r\n", SILENCE),
    "HANG_TEXT_LF": (*ENVELOPE, b"DATA\r\n", b"lunch?\n.\n", SILENCE),
    "HANG_TEXT_HALF_LINE": (*ENVELOPE, b"DATA\r\n", b"lunch?\r\n.", SILENCE),
    "HANG_QUIT_IN_TEXT": (*ENVELOPE, b"DATA\r\n", TEXT, b"QUIT\r\n", SILENCE),
    "HANG_COMMAND_IN_TEXT": (*ENVELOPE, b"DATA\r\n", TEXT, b"MAIL FROM:<a@b.example>\r\n", SILENCE),
    "HANG_NO_DOT": (*ENVELOPE, b"DATA\r\n", TEXT, SILENCE),
    "COACH_NEXT": (HELO, SILENCE),
}
WRONG = {
    "COACH_REFUSED": (b"RCPT TO:<alice@lab.example>\r\n",),
    "COACH_TOGETHER": (b"".join(ENVELOPE),),
    "COACH_AHEAD": (HELO + b"MAIL FROM:<a@b.example>\r\n",),
    "COACH_TEXT_AS_COMMANDS": (HELO, b"DATA\r\n", TEXT + b".\r\n"),
    "COACH_BLANK": (HELO, b"MAIL FROM: <a@b.example>\r\n"),
    "COACH_LF": (*ENVELOPE, b"DATA\r\n", TEXT.replace(b"lunch?", b"lunch\n?") + b".\r\n"),
    "COACH_NO_HEADERS": (*ENVELOPE, b"DATA\r\n", b"lunch?\r\n.\r\n"),
    "COACH_NO_FIELD": (*ENVELOPE, b"DATA\r\n", b"From: a@b.example\r\n\r\nlunch?\r\n.\r\n"),
    "COACH_EMPTY_LINE": (*ENVELOPE, b"DATA\r\n", TEXT + b"\r\n.\r\n"),
    "COACH_LEFT": (HELO, LEAVES),
    "COACH_LEFT_IN_TEXT": (*ENVELOPE, b"DATA\r\n", TEXT, LEAVES),
}


@pytest.mark.parametrize("name", [*SILENT, *WRONG])
def test_the_coach_says_this_and_nothing_else(name: str) -> None:
    *others, sentence = told(*(SILENT | WRONG)[name])
    assert len(others) == (name == "COACH_TEXT_AS_COMMANDS")  # the refusal of DATA comes before it
    assert is_made_of(sentence, getattr(wording, name))


def test_every_sentence_of_the_coach_has_a_row() -> None:
    spoken = {name for name in names_of(wording) if name.startswith(("HANG_", "COACH_"))}
    assert spoken - {"HANG_REPLY_TO_TEXT"} == {*SILENT, *WRONG}  # for that one the whole message must be known


def test_a_right_client_hears_nothing() -> None:
    assert told(*ENVELOPE, b"DATA\r\n", TEXT + b".\r\n", b"QUIT\r\n", LEAVES) == []


def test_a_client_that_may_send_lines_together_is_not_blamed() -> None:
    assert told(b"EHLO client.example\r\n", b"".join(ENVELOPE[1:]), b"DATA\r\n", TEXT + b".\r\n", b"QUIT\r\n") == []


@pytest.mark.parametrize("lines", [ENVELOPE[:2], ENVELOPE[1:]])
def test_two_lines_together_are_told_as_ahead_of_a_reply(lines: tuple[bytes, ...]) -> None:
    before = (HELO,) if lines[0] != HELO else ()
    assert told(*before, b"".join(lines)) == [wording.COACH_AHEAD]


@pytest.mark.parametrize("last", [b"", b"NOOP", *ENVELOPE])
def test_a_client_that_hangs_and_is_stopped_is_not_told_of_quit(last: bytes) -> None:
    steps = tuple(filter(None, (HELO, last)))
    assert wording.COACH_LEFT not in told(*steps, SILENCE, LEAVES)
    assert wording.COACH_LEFT in told(*steps, SILENCE, b"\r\nRSET\r\n", LEAVES), "it has gone on"


def test_each_sentence_comes_once() -> None:
    assert len(told(HELO, SILENCE, b"NOOP\r\n", SILENCE)) == 1
    assert len(told(HELO, b"MAIL FROM: <a@b.example>\r\n", b"RCPT TO: <alice@lab.example>\r\n")) == 1


def test_a_refusal_names_the_line_the_code_and_what_to_do() -> None:
    (sentence,) = told(b"DATA\r\n")
    assert all(word in sentence for word in ("DATA", "503", "HELO"))


def test_a_refused_message_is_not_quoted() -> None:
    said = told(*ENVELOPE, b"DATA\r\n", b"x" * 1500 + b"\r\n.\r\n")
    assert len(said) == 1
    assert "x" * 100 not in said[0]


def test_silence_while_the_server_works_or_after_the_end_says_nothing() -> None:
    assert told(b"QUIT\r\n", SILENCE, LEAVES) == []


@given(
    st.lists(
        st.binary(min_size=1, max_size=30)
        | st.sampled_from([*ENVELOPE, b"DATA\r\n", TEXT, b".\r\n", b"EHLO c\r\n", b"TURN\r\n", b"QUIT\r\n", SILENCE])
    )
)
def test_any_octets_are_coached_without_an_error(steps: list[bytes | str]) -> None:
    said = told(*steps, LEAVES)
    assert len(said) == len(set(said))
