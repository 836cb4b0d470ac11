"""Draw the session whose phases are to be marked, hold it with a host in memory, and read its lines.

The right marks are not written here. They are the phases that the kernel's table gives to the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ....lab.session import Session
from ....protocol.states import Phase
from ....transcript import Side
from ....worlds.memory import Network
from ...variants import PEOPLE, Draw
from ..hosts import mail_host

MARKS: Mapping[str, Phase] = {
    "E": Phase.CONNECTION_ESTABLISHMENT,
    "M": Phase.MAIL_TRANSFER,
    "T": Phase.CONNECTION_TERMINATION,
}
_MARK_OF = {phase: mark for mark, phase in MARKS.items()}
_PEER = "198.51.100.7"  # RFC 5737 sets it aside for examples


@dataclass(frozen=True, slots=True)
class Script:
    """What the client says in the session.

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


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """A line of the session.

    Args:
        text: the line with its side, as in the text form of a transcript.
        mark: the mark it should have.
        group: establishment, envelope, message, end, termination or twist; the lines of one group are judged together.
        role: for a line of a second message, the group that its like in the first message has; else the group.
    """

    text: str
    mark: str
    group: str
    role: str

    def belongs_to(self, group: str) -> bool:
        """Return True if the line is judged with this group; a line of a second message is judged with two."""
        return group in (self.group, self.role)


# What is said, line by line, each with the group that the line and its reply belong to; the lines of a second message
# are called by both of their groups.
_GroupedLines = Iterator[tuple[str, str]]


def _opening(script: Script) -> _GroupedLines:
    yield "establishment", f"EHLO {script.client}"


def _envelope(script: Script) -> _GroupedLines:
    yield "envelope", f"MAIL FROM:<{script.sender}>"
    yield "envelope", f"RCPT TO:<{script.recipient}>"


def _message(script: Script) -> _GroupedLines:
    yield "envelope", "DATA"
    yield "message", f"Subject: {script.word}"
    yield "message", ""
    yield "message", f"The {script.word} is ready."
    yield "end", "."


def _closing(script: Script) -> _GroupedLines:
    yield "termination", "QUIT"


def _noop_before_ehlo(script: Script) -> _GroupedLines:
    yield "twist", "NOOP"
    for step in (_opening, _envelope, _message, _closing):
        yield from step(script)


def _reset(script: Script) -> _GroupedLines:
    yield from _opening(script)
    yield "twist", f"MAIL FROM:<{script.recipient}>"
    yield "twist", "RSET"
    for step in (_envelope, _message, _closing):
        yield from step(script)


def _unknown_recipient(script: Script) -> _GroupedLines:
    for step in (_opening, _envelope):
        yield from step(script)
    yield "twist", f"RCPT TO:<nobody@{script.recipient.partition('@')[2]}>"
    for step in (_message, _closing):
        yield from step(script)


def _second_message(script: Script) -> _GroupedLines:
    for step in (_opening, _envelope, _message):
        yield from step(script)
    for step in (_envelope, _message):
        yield from ((f"twist {role}", said) for role, said in step(script))
    yield from _closing(script)


TWISTS: Mapping[str, Callable[[Script], _GroupedLines]] = {
    "noop before ehlo": _noop_before_ehlo,
    "reset": _reset,
    "unknown recipient": _unknown_recipient,
    "second message": _second_message,
}


def draw_script(lots: Draw) -> Script:
    """Draw a student's script."""
    domain = f"{lots.word('script domain 1')}-{lots.word('script domain 2')}.example"
    sender, recipient = lots.picks("script people", PEOPLE, 2)
    return Script(
        host=f"mx.{domain}",
        client=f"{lots.word('script client')}.client.example",
        sender=f"{sender}@{domain}",
        recipient=f"{recipient}@{domain}",
        word=lots.word("script word"),
        twist=lots.pick("script twist", tuple(TWISTS)),
    )


@cache
def lines_of(script: Script) -> tuple[ScriptLine, ...]:
    """Hold the session, and return its lines."""
    network = Network()
    network.add(mail_host(script.host, (script.sender, script.recipient)))
    session = Session(network.dial(script.host, peer=_PEER))
    groups = ["establishment"]  # that of the greeting
    for group, said in TWISTS[script.twist](script):
        session.send(said)
        groups += [group] * (len(session.transcript) - len(groups))
    rows = [row for row in session.transcript if row.side is not Side.NOTE]
    names = (group.split() for group in groups)
    return tuple(
        ScriptLine(str(row), _MARK_OF[row.phase], name[0], name[-1]) for row, name in zip(rows, names, strict=False)
    )
