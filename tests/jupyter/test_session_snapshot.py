"""A moment of a session: what may come, what may not and why."""

import pytest

from smtplab import Lab, Phase, Silence, State, connect
from smtplab.jupyter.widgets.session_snapshot import SessionSnapshot, reasons
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import legal_verbs
from support.odd_server import OddServer, before, silence


@pytest.mark.parametrize("state", State)
def test_every_verb_may_come_or_has_a_reason(state: State) -> None:
    off = [verb for verbs in reasons(state).values() for verb in verbs]
    assert sorted([*off, *legal_verbs(state)]) == sorted(VERBS)


def test_a_session_that_could_not_be_opened_is_over() -> None:
    now = SessionSnapshot.of(None)
    assert (now.state, now.is_over, now.legal, now.reply, len(now.transcript)) == (State.CLOSED, True, (), None, 0)
    assert now.why_not("NOOP") == "Open a new session."


def test_a_moment_says_what_the_session_says() -> None:
    session = Lab().telnet("mail.adelphia.net")
    assert not SessionSnapshot.of(session).said_anything
    session.send("HELO laptop.example")
    now = SessionSnapshot.of(session)
    assert (now.state, now.legal, now.reply) == (session.state, session.legal, session.reply)
    assert (now.said_anything, now.in_message, now.is_over) == (True, False, False)


def test_after_the_line_was_hung_up_nothing_may_come() -> None:
    session = Lab().telnet("mail.adelphia.net")
    session.close()
    now = SessionSnapshot.of(session)
    assert (now.state, now.is_over, now.legal) == (State.CLOSED, True, ())
    assert now.phase is session.phase is Phase.CONNECTION_TERMINATION
    assert now.why_not("NOOP") == "Open a new session."


def test_behind_a_lone_dot_whose_reply_is_late_no_lines_of_the_message_may_come() -> None:
    with OddServer(*before("message"), silence) as server:
        session = connect(*server.address, timeout=0.3)
        session.send("EHLO me\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\nDATA\nHi")
        assert SessionSnapshot.of(session).in_message
        with pytest.raises(Silence):
            session.send(".")
        assert not SessionSnapshot.of(session).in_message
        session.close()
