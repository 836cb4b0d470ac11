"""The rules for servers about several clients at once, and about clients that vanish."""

from __future__ import annotations

from ...client.outcomes import ConnectionLost
from .probe_session import ProbeFailure, ProbeSession
from .server_rule import StageRules
from .server_trial import DOT, HEAD, MAIL, ServerTrial
from .stored_message import check_stored

CLIENTS = StageRules("clients")

_GREETED = ("greeting-comes-first",)
_TEXT = HEAD + b"Hello Alice\r\n"


@CLIENTS.probe(
    "second-client-is-greeted",
    "RFC 5321 3.1",
    "A second client is greeted while the first one is connected.",
    "Serve each connection in a thread or a task of its own, and go on accepting.",
    needs=_GREETED,
)
def _(trial: ServerTrial) -> None:
    trial.ready()
    session = trial.connected()
    expected = "a greeting for the second client"
    if session.reply(expected).digit != "2":
        raise ProbeFailure(expected)


@CLIENTS.probe(
    "sessions-are-apart",
    "RFC 5321 3.3",
    "What one client has said is not known to another: RCPT without its own MAIL is answered with 503.",
    "Keep the state of a session in an object of its own, not in the class or in global variables.",
    needs=("second-client-is-greeted", "rcpt-needs-mail"),
)
def _(trial: ServerTrial) -> None:
    first, second = trial.with_sender(), trial.ready()
    second.ask(trial.rcpt, "503")
    first.drain()
    expected = "250, because this client has sent MAIL; the other one only said HELO"
    first.send(trial.rcpt)
    if first.reply(expected).digit != "2":
        raise ProbeFailure(expected, sent=MAIL + trial.rcpt, came=first.came)


@CLIENTS.probe(
    "texts-are-apart",
    "RFC 5321 3.3",
    "Two clients that send their texts at the same time get two messages stored, each with its own text.",
    "Keep the text of a session in an object of its own.",
    needs=("second-client-is-greeted", "message-is-stored"),
)
def _(trial: ServerTrial) -> None:
    texts = [HEAD + b"of the first\r\n", HEAD + b"of the second\r\n"]
    sessions = [trial.in_data(), trial.in_data()]
    for session, text in zip(sessions, texts, strict=True):
        session.drain()
        session.send(text[:50])
    for session, text in zip(sessions, texts, strict=True):
        session.send(text[50:] + DOT, goes_on=True)
        session.expect("2yz")
    check_stored(trial.stored(2), *texts)


@CLIENTS.probe(
    "client-vanishes-at-once",
    "RFC 5321 4.1.1.5",
    "If a client connects and leaves without a word, the next one is greeted.",
    "Expect the end of the connection at every read.",
    needs=_GREETED,
)
def _(trial: ServerTrial) -> None:
    _vanish(trial, trial.connected())


@CLIENTS.probe(
    "client-vanishes-in-the-text",
    "RFC 5321 4.1.1.4",
    "If a client vanishes in its text, nothing is stored, and the next client is greeted.",
    "The end of the connection is not the end of the text. Drop what has come, and go on accepting.",
    needs=("client-vanishes-at-once",),
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    session.drain()
    session.send(_TEXT)
    session.linger(0.05)
    _vanish(trial, session)
    if stored := trial.peer.stored(0):
        raise ProbeFailure("nothing stored", sent=_TEXT, came=stored[0])


@CLIENTS.probe(
    "half-a-command-is-no-command",
    "RFC 5321 2.3.8",
    "If a client vanishes in the end of its text, before the last CRLF, nothing is stored.",
    "Only CRLF, dot, CRLF ends the text.",
    needs=("client-vanishes-in-the-text",),
)
def _(trial: ServerTrial) -> None:
    session = trial.in_data()
    session.drain()
    session.send(_TEXT + b".")
    session.linger(0.05)
    _vanish(trial, session)
    if stored := trial.peer.stored(0):
        raise ProbeFailure("nothing stored", sent=_TEXT + b".", came=stored[0])


def _vanish(trial: ServerTrial, session: ProbeSession) -> None:
    """Let a client vanish, and check that the next one is greeted."""
    session.vanish()
    if session.crash:
        raise ProbeFailure("the next client is greeted", note=session.crash)
    try:
        trial.connected().expect("2yz")
    except ConnectionLost as error:
        raise ProbeFailure("a greeting for the next client", sent=b"", note=f"({error})") from None


LISTS = (CLIENTS,)
