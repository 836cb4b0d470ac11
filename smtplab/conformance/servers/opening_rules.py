"""The rules of the first stages for servers: the greeting, the form of replies, HELO and QUIT."""

from __future__ import annotations

import re
from collections.abc import Callable

from .. import sentences
from .probe_session import QUIT, ProbeFailure
from .server_rule import StageRules
from .server_trial import DOT, EHLO, HELO, ServerTrial
from .wire_reply import WireReply

GREET, HELLO, LEAVE = StageRules("greet"), StageRules("hello"), StageRules("quit")

_MOST = 512  # octets of a line of a reply, with its CRLF
_HOST = re.compile(
    rb"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.?|\[[^\]\s]+\]"
)
_FORM = re.compile(rb"[2-5][0-5][0-9]([ -].*)?", re.DOTALL)
_PLAIN = re.compile(rb"[\t\x20-\x7e]*")


# The greeting and the form of replies


@GREET.probe(
    "greeting-comes-first",
    "RFC 5321 3.1",
    "The server speaks first: it greets the client before the client has sent anything.",
    "Send the greeting right after the connection is accepted, before the first read.",
)
def _(trial: ServerTrial) -> None:
    trial.connected().reply("a greeting, 220")


@GREET.probe(
    "greeting-is-220",
    "RFC 5321 4.3.2",
    "The greeting has the code 220.",
    "Begin the greeting with 220 and a space. 250 is for commands that are done; no command has come yet.",
    needs=("greeting-comes-first",),
)
def _(trial: ServerTrial) -> None:
    trial.connected().expect("220")


@GREET.probe(
    "greeting-names-the-host",
    "RFC 5321 4.2",
    "Behind 220 and a space, the greeting names the server's host.",
    "Write the name of the host as the first word after the code: `220 mail.example.org ready`.",
    needs=("greeting-is-220",),
)
def _(trial: ServerTrial) -> None:
    session = trial.connected()
    reply = session.expect("220")
    word = (reply.lines[0][4:].split() or [b""])[0]
    if not _HOST.fullmatch(word):
        raise ProbeFailure("220, a space, and the name of a host")


@GREET.probe(
    "replies-end-in-crlf",
    "RFC 5321 4.2",
    "Each line of a reply ends in CRLF, the two octets 0d 0a.",
    'Write "\\r\\n" at the end of each line that the server sends. "\\n" alone is LF, and ends no line.',
    needs=("greeting-comes-first",),
)
def _(trial: ServerTrial) -> None:
    def wrong(reply: WireReply) -> bool:
        return not all(line.endswith(b"\r\n") for line in reply.lines)

    _judge(trial, wrong, "each line ends in <CRLF>")


@GREET.probe(
    "replies-begin-with-a-code",
    "RFC 5321 4.2",
    "Each line of a reply begins with three digits: the first from 2 to 5, the second from 0 to 5.",
    "Begin each line with the code, and put a space between it and the text, or a hyphen if more lines follow.",
    needs=("greeting-comes-first",),
)
def _(trial: ServerTrial) -> None:
    def wrong(reply: WireReply) -> bool:
        return not all(_FORM.fullmatch(line.rstrip(b"\r\n")) for line in reply.lines)

    _judge(trial, wrong, "a code, then a space, a hyphen or the end of the line")


@GREET.probe(
    "replies-are-plain-text",
    "RFC 5321 4.2",
    "Replies have printable ASCII characters, spaces and tabs only.",
    "Leave out letters with accents, NUL and control characters in replies.",
    needs=("greeting-comes-first",),
)
def _(trial: ServerTrial) -> None:
    def wrong(reply: WireReply) -> bool:
        return not all(_PLAIN.fullmatch(line.rstrip(b"\r\n")) for line in reply.lines)

    _judge(trial, wrong, "printable ASCII")


@GREET.probe(
    "reply-lines-are-short",
    "RFC 5321 4.5.3.1.5",
    "A line of a reply has at most 512 octets, with its CRLF.",
    "Shorten the text, or cut it into several lines with `250-` and, for the last one, `250 `.",
    needs=("greeting-comes-first",),
)
def _(trial: ServerTrial) -> None:
    _judge(trial, lambda reply: any(len(line) > _MOST for line in reply.lines), "at most 512 octets in a line")


@GREET.probe(
    "one-reply-to-each-command",
    "RFC 5321 4.2",
    "The server sends exactly one reply to the connection and to each command.",
    "Find the place that sends two replies to this. A client reads the second one as the reply to its next command.",
    needs=("greeting-comes-first", "replies-begin-with-a-code"),
)
def _(trial: ServerTrial) -> None:
    for each in trial.survey():
        if len(each.replies) > 1 and each.sent != EHLO and not each.sent.endswith(DOT):
            raise ProbeFailure("one reply", sent=each.sent, came=each.came)


def _judge(trial: ServerTrial, wrong: Callable[[WireReply], bool], expected: str) -> None:
    """Raise a failure for the first reply of the survey that is wrong."""
    for each in trial.survey():
        if any(map(wrong, each.replies)):
            note = "" if each.came.endswith(b"\n") else sentences.NO_LINE_END
            raise ProbeFailure(expected, sent=each.sent, came=each.came, note=note)


# HELO


HELLO.asks(
    "helo-is-answered-250",
    "RFC 5321 4.1.1.1",
    "HELO with the name of the client is answered with 250.",
    "Compare the first word of the line with HELO, and answer 250 and the name of the server.",
    at=ServerTrial.greeted,
    send=HELO,
    codes="250",
)
HELLO.asks(
    "helo-takes-any-name",
    "RFC 5321 4.1.4",
    "HELO is accepted with a name that belongs to no host, such as Alice.",
    "Do not look the name up, and do not refuse a client because of it.",
    at=ServerTrial.greeted,
    send=b"HELO Alice\r\n",
    codes="250",
    needs=("helo-is-answered-250",),
)
HELLO.asks(
    "helo-takes-an-address",
    "RFC 5321 4.1.3",
    "HELO is accepted with an address in brackets, such as [127.0.0.1].",
    "A client without a name says its address. Take what is behind HELO as it is.",
    at=ServerTrial.greeted,
    send=b"HELO [127.0.0.1]\r\n",
    codes="250",
    needs=("helo-is-answered-250",),
)
HELLO.asks(
    "helo-may-come-again",
    "RFC 5321 4.1.4",
    "A second HELO in a session is answered with 250.",
    "Take HELO in every state; it begins the session anew.",
    at=ServerTrial.ready,
    send=HELO,
    codes="250",
    needs=("helo-is-answered-250",),
)


# QUIT


LEAVE.asks(
    "quit-is-answered-221",
    "RFC 5321 4.1.1.10",
    "QUIT is answered with 221.",
    "Send 221 before the connection is closed.",
    at=ServerTrial.ready,
    send=QUIT,
    codes="221",
)


@LEAVE.probe(
    "quit-closes-the-connection",
    "RFC 5321 4.1.1.10",
    "The server closes the connection after it has answered QUIT.",
    "Close the connection after the 221 has been sent; in memory, set `closed` to True.",
)
def _(trial: ServerTrial) -> None:
    session = trial.ready()
    session.drain()
    session.send(QUIT)
    session.expect_close("221, then the end of the connection")


LEAVE.asks(
    "quit-needs-no-helo",
    "RFC 5321 4.1.1.10",
    "QUIT is accepted before HELO.",
    "Take QUIT in every state.",
    at=ServerTrial.greeted,
    send=QUIT,
    codes="221",
    needs=("quit-is-answered-221",),
)
LISTS = (GREET, HELLO, LEAVE)
