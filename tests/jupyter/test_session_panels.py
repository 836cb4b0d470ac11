"""The panels of the session builder are drawn from a snapshot alone."""

from __future__ import annotations

import pytest

from smtplab import Lab
from smtplab.jupyter.widgets import session_panels
from smtplab.jupyter.widgets.session_snapshot import SessionSnapshot

GONE = SessionSnapshot.of(None)


@pytest.fixture
def now() -> SessionSnapshot:
    session = Lab().telnet("mail.adelphia.net")
    session.send("MAIL FROM:<a@b.example>")
    return SessionSnapshot.of(session)


def test_the_status_has_phase_state_and_host(now: SessionSnapshot) -> None:
    status = session_panels.status("<host>", now)
    assert now.phase.value in status
    assert now.state.value in status
    assert "&lt;host&gt;" in status


def test_without_a_session_the_status_says_so() -> None:
    assert "No session is open." in session_panels.status(None, GONE)


def test_the_verbs_that_are_off_stand_with_what_must_come_first(now: SessionSnapshot) -> None:
    off = session_panels.off_now(now)
    assert all(verb in off for verb in ("RCPT", "DATA"))
    assert "raw line" in off
    assert "raw line" not in session_panels.off_now(GONE)


def test_the_last_reply_is_explained_with_what_to_do(now: SessionSnapshot) -> None:
    assert "503" in session_panels.last_reply(now)
    assert session_panels.last_reply(GONE) == ""


@pytest.mark.parametrize("name", session_panels.DRAWINGS)
def test_every_drawing_shows_the_conversation(now: SessionSnapshot, name: str) -> None:
    assert session_panels.figure(name, now.transcript, {}) != session_panels.figure(name, GONE.transcript, {})


@pytest.mark.parametrize(("name", "label"), session_panels.COPIES.items())
def test_a_copy_is_shown_as_text(now: SessionSnapshot, name: str, label: str) -> None:
    assert "a &lt; b" in session_panels.figure(name, now.transcript, {label: "a < b"})


def test_undo_says_what_it_does_or_why_it_cannot(now: SessionSnapshot) -> None:
    assert session_panels.undo_hint("", now) != session_panels.undo_hint("", GONE)
    assert session_panels.undo_hint("it is over", now) == "It is over."
