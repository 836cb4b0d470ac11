"""The rules for servers about EHLO and the extensions that its reply offers."""

from __future__ import annotations

import re

from .. import sentences
from .probe_session import NoGround, ProbeFailure, ProbeSession
from .server_rule import StageRules
from .server_trial import EHLO, HEAD, ServerTrial
from .stored_message import check_stored
from .wire_reply import WireReply

EXTENDED = StageRules("extended")

_EHLO_OK = ("ehlo-is-answered-250",)
_KEYWORD = re.compile(rb"[A-Za-z0-9][A-Za-z0-9-]*([ =].*)?")  # "AUTH=LOGIN" is an old form, and harms nobody


def _opened(trial: ServerTrial) -> tuple[ProbeSession, WireReply]:
    """Return a session after EHLO, and the reply to it."""
    session = trial.greeted()
    return session, session.ask(EHLO, "2yz")


def offered(reply: WireReply, keyword: bytes) -> bytes | None:
    """Return what stands behind a keyword in the reply to EHLO; None if it is not offered."""
    for line in reply.lines[1:]:
        words = line[4:].split()
        if words and words[0].upper() == keyword:
            return b" ".join(words[1:])
    return None


def require_offer(reply: WireReply, keyword: bytes) -> bytes:
    """Return what stands behind a keyword.

    Raises:
        NoGround: if it is not offered.
    """
    value = offered(reply, keyword)
    if value is None:
        raise NoGround(sentences.NOT_OFFERED.format(keyword=keyword.decode()))
    return value


EXTENDED.asks(
    "ehlo-is-answered-250",
    "RFC 5321 4.1.1.1",
    "EHLO with the name of the client is answered with 250.",
    "Every server must have EHLO. If you offer no extension, answer 250 and the name of the server, as for HELO.",
    at=ServerTrial.greeted,
    send=EHLO,
    codes="250",
)


@EXTENDED.probe(
    "ehlo-lines-have-hyphens",
    "RFC 5321 4.2.1",
    "All lines of the reply to EHLO have the code 250, with a hyphen behind it except in the last one.",
    "Write `250-` for each line but the last, and `250 ` for the last. Only the last one ends the reply.",
    needs=(*_EHLO_OK, "replies-begin-with-a-code"),
)
def _(trial: ServerTrial) -> None:
    session, reply = _opened(trial)
    if not all(line.startswith(b"250-") for line in reply.lines[:-1]) or reply.lines[-1].startswith(b"250-"):
        raise ProbeFailure("250- in each line but the last, 250 and a space in the last")
    session.expect_silence("one reply, whose last line has 250 and a space")


@EXTENDED.probe(
    "ehlo-names-the-host",
    "RFC 5321 4.1.1.1",
    "The first line of the reply to EHLO names the server's host.",
    "Write the name of the host as the first word of the first line; keywords begin in the second line.",
    needs=(*_EHLO_OK, "replies-begin-with-a-code"),
)
def _(trial: ServerTrial) -> None:
    _, reply = _opened(trial)
    if not re.match(rb"250[- ][A-Za-z0-9\[]", reply.lines[0]):
        raise ProbeFailure("250, then the name of the host")


@EXTENDED.probe(
    "ehlo-keywords-are-words",
    "RFC 5321 4.1.1.1",
    "Each further line has a keyword of letters, digits and hyphens, and perhaps parameters behind a space.",
    "Write one keyword in each line from the second on, and no other text.",
    needs=("ehlo-lines-have-hyphens",),
)
def _(trial: ServerTrial) -> None:
    _, reply = _opened(trial)
    if not all(_KEYWORD.fullmatch(line[4:].rstrip(b"\r\n")) for line in reply.lines[1:]):
        raise ProbeFailure("a keyword in each line from the second on")


EXTENDED.asks(
    "ehlo-needs-a-name",
    "RFC 5321 4.1.1.1",
    "EHLO without a name is answered with 501.",
    "Check that there is an argument before you use it.",
    at=ServerTrial.greeted,
    send=b"EHLO\r\n",
    codes="501",
    needs=(*_EHLO_OK, "helo-needs-a-name"),
)


@EXTENDED.probe(
    "ehlo-opens-the-session",
    "RFC 5321 4.1.1.1",
    "After EHLO, MAIL is accepted as after HELO.",
    "Lead EHLO to the same state as HELO.",
    needs=_EHLO_OK,
)
def _(trial: ServerTrial) -> None:
    session, _ = _opened(trial)
    session.ask(b"MAIL FROM:<carol@client.example>\r\n", "2yz")
    session.ask(trial.rcpt, "2yz")


@EXTENDED.probe(
    "ehlo-resets",
    "RFC 5321 4.1.4",
    "EHLO in a transaction gives it up: RCPT after it is answered with 503.",
    "Do for EHLO what you do for RSET.",
    needs=(*_EHLO_OK, "rcpt-needs-mail"),
)
def _(trial: ServerTrial) -> None:
    session = trial.with_sender(EHLO)
    session.ask(EHLO, "250")
    session.ask(trial.rcpt, "503")


@EXTENDED.probe(
    "offered-size-is-read",
    "RFC 1870 4",
    "If EHLO offers SIZE, MAIL with SIZE=100 is answered with 250.",
    "Read the parameters behind the >.",
    needs=_EHLO_OK,
)
def _(trial: ServerTrial) -> None:
    session, reply = _opened(trial)
    require_offer(reply, b"SIZE")
    session.ask(b"MAIL FROM:<carol@client.example> SIZE=100\r\n", "2yz")


@EXTENDED.probe(
    "offered-size-is-a-limit",
    "RFC 1870 6.1",
    "If EHLO offers SIZE with a limit, MAIL with a larger SIZE is answered with 552 or 452.",
    "Compare the number behind SIZE= with your limit.",
    needs=("offered-size-is-read",),
)
def _(trial: ServerTrial) -> None:
    session, reply = _opened(trial)
    value = require_offer(reply, b"SIZE")
    if not value.isdigit() or not int(value):
        raise NoGround(sentences.NO_SIZE_LIMIT)
    session.ask(b"MAIL FROM:<carol@client.example> SIZE=%d\r\n" % (int(value) + 1), "552", "452")


@EXTENDED.probe(
    "offered-8bitmime-is-read",
    "RFC 6152 3",
    "If EHLO offers 8BITMIME, MAIL with BODY=8BITMIME is answered with 250.",
    "Read the parameters behind the >.",
    needs=_EHLO_OK,
)
def _(trial: ServerTrial) -> None:
    session, reply = _opened(trial)
    require_offer(reply, b"8BITMIME")
    session.ask(b"MAIL FROM:<carol@client.example> BODY=8BITMIME\r\n", "2yz")


@EXTENDED.probe(
    "eight-bits-are-kept",
    "RFC 6152 3",
    "If EHLO offers 8BITMIME, octets above 127 in the text are stored as they came.",
    "Keep the text as octets; do not decode it.",
    needs=("offered-8bitmime-is-read", "message-is-stored"),
)
def _(trial: ServerTrial) -> None:
    session, reply = _opened(trial)
    require_offer(reply, b"8BITMIME")
    session.ask(b"MAIL FROM:<carol@client.example> BODY=8BITMIME\r\n", "2yz")
    session.ask(trial.rcpt, "2yz")
    session.ask(b"DATA\r\n", "2yz", "3yz")
    text = HEAD + "Grüße, \N{EURO SIGN}\r\n".encode()
    trial.send_message(session, text)
    check_stored(trial.stored(1), text)


LISTS = (EXTENDED,)
