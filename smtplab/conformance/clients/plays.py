"""The plays: what the server does that a client is tried with, each a value.

A play differs from a plain server in one thing, so that what goes wrong has one cause. `PlayedServer` acts it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...protocol.states import GREETING, MESSAGE

SENDER, RECIPIENT = "carol@client.example", "alice@mail.example"

_HEADERS = (
    f"From: Carol <{SENDER}>\r\nTo: <{RECIPIENT}>\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
    "Message-ID: <1@client.example>\r\nSubject: lunch\r\n"
).encode()


def _message(body: bytes, fields: bytes = b"") -> bytes:
    return _HEADERS + fields + b"\r\n" + body


PLAIN_TEXT = _message(b"Dear Alice,\r\n\r\nshall we meet at noon?\r\n\r\nCarol\r\n")
EDGES = _message(b"\r\n  begins with blanks\r\nends with blanks  \r\n\r\n\r\n\ttab\ta.b..c...\r\n\r\n")
DOTS = _message(b".hidden\r\ntext\r\n..two\r\n...\r\na . b .. c.\r\n.last\r\n")
LONE_DOT = _message(b"before the dot\r\n.\r\nbehind the dot\r\n")
LARGE = _message(b"".join(b"%05d: a line of a message that is much longer than one segment of TCP.\r\n" % n
                          for n in range(2500)))  # fmt: skip
LONG_LINES = _message(b"x" * 998 + b"\r\nshort\r\n" + b"." + b"y" * 997 + b"\r\n")
NOT_ASCII = _message(
    "Grüße, Zoë: 5 €\r\n".encode(), b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
)
BLIND_COPY = _message(
    b"You do not know who else reads this.\r\n", b"Bcc: <dave@client.example>,\r\n <eve@client.example>\r\n"
)


@dataclass(frozen=True, slots=True)
class Play:
    """What a server does to one client.

    Args:
        name: one word or two, with a hyphen.
        story: a sentence that says what the server does.
        message: what the client is to send.
        replies: the octets of replies that differ from a plain server's, by verb, `GREETING` or `MESSAGE`.
        delay: seconds before each reply.
        delays: the same for single steps, by verb.
        pieces: octets of each piece in which replies come; 0 for whole replies.
        by_line: True if each line of a reply is a piece.
        gap: seconds between two pieces.
        silent_at: the step to which the server says nothing, and to nothing after it; empty for none.
        closes_at: the step at which it closes the connection in place of the reply; empty for none.
        refused: an address whose RCPT is refused; empty for none.
        refusal: the reply to its RCPT.
        takes: the most octets that one ``send`` of the client's socket takes, in memory; None for all.
    """

    name: str
    story: str
    message: bytes = PLAIN_TEXT
    replies: Mapping[str, bytes] = field(default_factory=dict)
    delay: float = 0.0
    delays: Mapping[str, float] = field(default_factory=dict)
    pieces: int = 0
    by_line: bool = False
    gap: float = 0.0
    silent_at: str = ""
    closes_at: str = ""
    refused: str = ""
    refusal: bytes = b"550 no such mailbox\r\n"
    takes: int | None = None


def _refusing(step: str, code: int, text: str) -> Play:
    """Return a play in which one step is refused; a greeting for a hello covers EHLO and HELO."""
    steps = ("EHLO", "HELO") if step == "HELO" else (step,)
    name = f"{_WORDS.get(step, step.lower())}-{code}"
    reply = f"{code} {text}\r\n".encode()
    return Play(name, f"The server answers {_TOLD[step]} with {code}.", replies=dict.fromkeys(steps, reply))


_WORDS = {GREETING: "greeting", MESSAGE: "dot", "HELO": "hello"}
_TOLD = {
    GREETING: "the connection",
    "HELO": "EHLO and HELO",
    "MAIL": "MAIL",
    "RCPT": "RCPT",
    "DATA": "DATA",
    MESSAGE: "the dot",
}

_SEVERAL = {
    GREETING: b"220-mail.example\r\n220-has a greeting\r\n220 of three lines\r\n",
    "EHLO": b"250-mail.example\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250 HELP\r\n",
    "HELO": b"250-mail.example\r\n250-greets you\r\n250 in three lines\r\n",
    "MAIL": b"250-sender\r\n250 ok\r\n",
    "RCPT": b"250-recipient\r\n250 ok\r\n",
    MESSAGE: b"250-kept\r\n250 for alice\r\n",
}
_LONG_REPLY = b"".join(b"250-%02d %s\r\n" % (n, b"this reply is longer than 200 octets " * 4) for n in range(32))

PLAIN = Play("plain", "The server accepts everything, and takes a moment for each reply.", delay=0.15)

_OTHERS = (
    Play("no-ehlo", "The server has no EHLO, and answers it with 502.", replies={"EHLO": b"502 no EHLO here\r\n"}),
    Play("slow", "The server takes more than a second for its replies to MAIL and RCPT.",
         delays={"MAIL": 1.2, "RCPT": 1.2}),
    Play("edges", "The message has blanks and empty lines at odd places.", EDGES),
    Play("dots", "The message has lines that begin with a dot.", DOTS),
    Play("lone-dot", "The message has a line that is a dot alone.", LONE_DOT),
    Play("large", "The message has 180,000 octets.", LARGE),
    Play("long-lines", "The message has lines of 1,000 octets.", LONG_LINES),
    Play("no-ascii", "The server offers 8BITMIME, and the message has octets above 127.", NOT_ASCII,
         replies={"EHLO": b"250-mail.example\r\n250 8BITMIME\r\n"}),
    Play("blind", "The message has a Bcc field.", BLIND_COPY),
    Play("part", "Each send takes only a part of the octets.", takes=7),
    Play("pieces", "Replies come octet by octet.", pieces=1, gap=0.004),
    Play("several", "Each reply has several lines.", replies=_SEVERAL, by_line=True, gap=0.02),
    Play("long", "The reply to EHLO or HELO has 5,000 octets.", delay=0.05,
         replies=dict.fromkeys(("EHLO", "HELO"), _LONG_REPLY + b"250 end\r\n")),
    Play("251", "The server answers RCPT with 251.", replies={"RCPT": b"251 will forward\r\n"}),
    Play("bare-codes", "Replies are a code and nothing more.",
         replies={GREETING: b"220\r\n", "EHLO": b"250\r\n", "HELO": b"250\r\n", "MAIL": b"250\r\n", "RCPT": b"250\r\n",
                  "DATA": b"354\r\n", MESSAGE: b"250\r\n", "QUIT": b"221\r\n"}),
    Play("false-codes", "The text of replies contains other codes.",
         replies={GREETING: b"220 mail.example, not 554\r\n", "MAIL": b"250 no 550 this time\r\n",
                  "RCPT": b"250 550 will not come\r\n", MESSAGE: b"250 kept as 451-550\r\n"}),
    Play("hidden-codes", "RCPT is refused, and the text contains 250.", replies={"RCPT": b"550 not 250 OK\r\n"}),
    _refusing(GREETING, 421, "mail.example is busy, come back later"),
    _refusing(GREETING, 554, "no mail service here"),
    _refusing("HELO", 550, "you are not welcome"),
    _refusing("MAIL", 451, "try later"),
    _refusing("MAIL", 550, "not from you"),
    _refusing("RCPT", 450, "mailbox busy"),
    _refusing("RCPT", 550, "no such mailbox"),
    _refusing("DATA", 451, "try later"),
    _refusing("DATA", 554, "no valid recipients"),
    _refusing(MESSAGE, 452, "the disk is full"),
    _refusing(MESSAGE, 554, "not this message"),
    Play("close-at-greeting", "The server closes without a greeting.", closes_at=GREETING),
    Play("close-at-rcpt", "The server closes in place of its reply to RCPT.", closes_at="RCPT"),
    Play("close-at-dot", "The server closes in place of its reply to the dot.", closes_at=MESSAGE),
    Play("close-at-quit", "The server closes in place of its reply to QUIT.", closes_at="QUIT"),
    Play("shuts-down", "The server answers MAIL with 421, and closes.", replies={"MAIL": b"421 shutting down\r\n"}),
    Play("silent-at-greeting", "The server never greets.", silent_at=GREETING),
    Play("silent-at-rcpt", "The server never answers RCPT.", silent_at="RCPT"),
    Play("silent-at-dot", "The server never answers the dot.", silent_at=MESSAGE),
    Play("pipelining", "The server offers PIPELINING.", delay=0.05,
         replies={"EHLO": b"250-mail.example\r\n250 PIPELINING\r\n"}),
    Play("pipelining-550", "The server offers PIPELINING, and refuses the recipient.",
         replies={"EHLO": b"250-mail.example\r\n250 PIPELINING\r\n", "RCPT": b"550 no such mailbox\r\n"}),
)  # fmt: skip

PLAYS: Mapping[str, Play] = {play.name: play for play in (PLAIN, *_OTHERS)}
