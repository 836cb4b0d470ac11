"""A plain session with the server that uses each common command once, and what came after each.

The rules about the form of replies look at it, so a mistake that all replies share is found once.
"""

from __future__ import annotations

from .probe_session import QUIT, ProbeSession
from .server_trial import (
    DATA,
    DOT,
    EHLO,
    HEAD,
    HELO,
    MAIL,
    ServerTrial,
)
from .wire_reply import SurveyedReply, WireReply

_LINGER = 0.05  # seconds in which a reply too many comes

_MOST = 6  # replies to one command; who sends more does not stop


def hold_survey(trial: ServerTrial) -> list[SurveyedReply]:
    """Hold the session, and return what came; it ends early if the server falls silent."""
    session = trial.connected()
    surveyed: list[SurveyedReply] = []
    commands = [b"", HELO, MAIL, trial.rcpt, DATA, HEAD + DOT, b"NOOP\r\n", b"RSET\r\n", EHLO, b"XYZZY\r\n", QUIT]
    for command in commands:
        if command.startswith(HEAD) and surveyed[-1].replies[0].digit not in ("2", "3"):
            continue
        session.send(command)
        surveyed.append(_reply_to(session))
        if not 0 < len(surveyed[-1].replies) < _MOST:
            break
    return surveyed


def _reply_to(session: ProbeSession) -> SurveyedReply:
    replies: list[WireReply] = []
    reply = session.next_reply()
    while reply is not None and len(replies) < _MOST:
        replies.append(reply)
        session.linger(_LINGER)
        reply = session.reply_at_hand()
    return SurveyedReply(session.sent, session.came, tuple(replies))
