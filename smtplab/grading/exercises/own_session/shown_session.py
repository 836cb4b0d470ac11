"""The session whose phases are to be marked, as a student reads it: drawn, held with a host in memory, and printed.

It carries no marks. `phases` compares those of a student with the kernel's table of states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ....lab.session import Session
from ....transcript import Side
from ....worlds.memory import Network
from ...variants import PEOPLE, Draw
from ..hosts import mail_host

_PEER = "198.51.100.7"  # RFC 5737 sets it aside for examples


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A session that somebody else has held.

    Args:
        host: the host's name.
        client: the client's name.
        sender, recipient: the addresses of its envelope.
        word: a word in the message.
        twist: what makes the session longer than the plainest one; one of `TWISTS`.
    """

    host: str
    client: str
    sender: str
    recipient: str
    word: str
    twist: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines with their sides, as in the text form of a transcript."""
        return _held(self)


_SaidLines = Iterator[str]


def _opening(shown: ShownSession) -> _SaidLines:
    yield f"EHLO {shown.client}"


def _envelope(shown: ShownSession) -> _SaidLines:
    yield f"MAIL FROM:<{shown.sender}>"
    yield f"RCPT TO:<{shown.recipient}>"


def _message(shown: ShownSession) -> _SaidLines:
    yield "DATA"
    yield f"Subject: {shown.word}"
    yield ""
    yield f"The {shown.word} is ready."
    yield "."


def _closing(shown: ShownSession) -> _SaidLines:
    yield "QUIT"


def _noop_before_ehlo(shown: ShownSession) -> _SaidLines:
    yield "NOOP"
    for step in (_opening, _envelope, _message, _closing):
        yield from step(shown)


def _reset(shown: ShownSession) -> _SaidLines:
    yield from _opening(shown)
    yield f"MAIL FROM:<{shown.recipient}>"
    yield "RSET"
    for step in (_envelope, _message, _closing):
        yield from step(shown)


def _unknown_recipient(shown: ShownSession) -> _SaidLines:
    for step in (_opening, _envelope):
        yield from step(shown)
    yield f"RCPT TO:<nobody@{shown.recipient.partition('@')[2]}>"
    for step in (_message, _closing):
        yield from step(shown)


def _second_message(shown: ShownSession) -> _SaidLines:
    for step in (_opening, _envelope, _message, _envelope, _message, _closing):
        yield from step(shown)


# What is drawn, by names that never change: a student's task would change with them.
TWISTS: Mapping[str, Callable[[ShownSession], _SaidLines]] = {
    "noop before ehlo": _noop_before_ehlo,
    "reset": _reset,
    "unknown recipient": _unknown_recipient,
    "second message": _second_message,
}


def draw_shown(lots: Draw) -> ShownSession:
    """Draw the session of a student's task."""
    domain = f"{lots.word('script domain 1')}-{lots.word('script domain 2')}.example"
    sender, recipient = lots.picks("script people", PEOPLE, 2)
    return ShownSession(
        host=f"mx.{domain}",
        client=f"{lots.word('script client')}.client.example",
        sender=f"{sender}@{domain}",
        recipient=f"{recipient}@{domain}",
        word=lots.word("script word"),
        twist=lots.pick("script twist", tuple(TWISTS)),
    )


@cache
def _held(shown: ShownSession) -> tuple[str, ...]:
    """Hold the session, and return its lines."""
    network = Network()
    network.add(mail_host(shown.host, (shown.sender, shown.recipient)))
    session = Session(network.dial(shown.host, peer=_PEER))
    for said in TWISTS[shown.twist](shown):
        session.send(said)
    return tuple(str(row) for row in session.transcript if row.side is not Side.NOTE)
