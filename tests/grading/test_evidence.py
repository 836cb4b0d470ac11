"""Evidence: everything on the wire is written down, whether the student looks at it or not."""

from __future__ import annotations

import pytest

from smtplab.grading.evidence import Evidence, Tap
from smtplab.grading.exercises.hosts import mail_host
from smtplab.lab.session import Session
from smtplab.transcript import Side
from smtplab.worlds.memory import Network

HOST = "mail.lab.example"


@pytest.fixture
def tap() -> Tap:
    network = Network()
    network.add(mail_host(HOST, ["alice@lab.example"]))
    return Tap(HOST, network.dial(HOST, peer="203.0.113.7"))


def test_a_greeting_that_nobody_reads_is_written_down(tap: Tap) -> None:
    assert [row.text[:4] for row in tap.wire.transcript] == ["220 "]
    assert tap.receive().startswith(b"220 ")


def test_what_a_session_shows_is_what_was_written_down(tap: Tap) -> None:
    session = Session(tap)
    session.send("HELO client.example\nMAIL FROM:<a@b.example>\nRSET\nQUIT")
    rows = [row for row in session.transcript if row.side is not Side.NOTE]
    assert list(tap.wire.transcript) == rows
    assert tap.wire.closed
    assert tap.wire.host == HOST


def test_replies_that_nobody_reads_are_written_down_in_their_order(tap: Tap) -> None:
    tap.send(b"NOOP\r\n")
    tap.send(b"HELO client.example\r\n")
    assert [row.side.value for row in tap.wire.transcript] == ["S", "C", "S", "C", "S"]
    assert tap.receive().count(b"\r\n") == 3
    with pytest.raises(TimeoutError):
        tap.receive()


def test_half_a_line_is_kept(tap: Tap) -> None:
    tap.send(b"HELO x\nQUI")
    assert tap.wire.sent == b"HELO x\nQUI"
    assert not tap.wire.closed
    tap.close()
    assert tap.wire.transcript[-1].data == b"HELO x\nQUI"
    assert tap.wire.closed


def test_after_the_end_nothing_is_taken_and_nothing_is_written_down(tap: Tap) -> None:
    tap.send(b"QUIT\r\n")
    before = tap.wire
    with pytest.raises(BrokenPipeError):
        tap.send(b"NOOP\r\n")
    assert tap.receive().endswith(b"goodbye\r\n")
    assert tap.receive() == b""
    tap.close()
    assert tap.wire == before


def test_what_was_taken_as_evidence_does_not_change_any_more(tap: Tap) -> None:
    before = tap.wire
    tap.send(b"NOOP\r\n")
    assert len(before.transcript) == 1
    assert before.sent == b""


def test_each_connection_can_be_looked_at_alone(tap: Tap) -> None:
    first = tap.wire
    tap.send(b"NOOP\r\n")
    evidence = Evidence("task", (first, tap.wire), {}, {"question": "answer"})
    assert [each.wire for each in evidence.each_wire()] == [first, tap.wire]
    assert evidence.wire == tap.wire
    assert {each.answers["question"] for each in evidence.each_wire()} == {"answer"}


def test_without_a_connection_there_is_an_empty_one() -> None:
    evidence = Evidence("task", (), {}, {})
    assert evidence.each_wire() == (evidence,)
    assert (evidence.wire.host, evidence.wire.sent, len(evidence.wire.transcript)) == ("", b"", 0)


def test_a_reply_of_an_exercise_s_host_is_known_by_its_name(tap: Tap) -> None:
    session = Session(tap)
    session.send("HELO client.example\nNOOP")
    names = [row.name for row in session.transcript if row.side is Side.SERVER]
    assert names == ["SERVICE_READY", "HELO_OK", "NOOP_OK"]
    assert [row.name for row in tap.wire.transcript if row.side is Side.SERVER] == names
    assert session.why().name == "NOOP_OK"
