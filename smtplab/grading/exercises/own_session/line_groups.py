"""Sort the lines of a session into the groups that exercise 01 judges together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ....protocol.commands import HELLOS
from ....protocol.states import GREETING, MESSAGE
from ....transcript import Exchange, Side, Transcript

TWIST = "twist"
_KINDS = {
    GREETING: "establishment",
    **dict.fromkeys(HELLOS, "establishment"),
    **dict.fromkeys(("MAIL", "RCPT", "DATA"), "envelope"),
    MESSAGE: "message",
    "QUIT": "termination",
}


class LineGroup(NamedTuple):
    """The group of a line.

    Args:
        name: establishment, envelope, message, end, termination; or twist, for what a plain session does not have.
        like: for a line of a second message, the group that its like in the first message has; else the group.
    """

    name: str
    like: str


def groups_of(transcript: Transcript) -> tuple[LineGroup, ...]:
    """Return the group of each line. The end of a second message is judged with that of the first."""
    found = dict[int, LineGroup]()
    for exchange, twisted in _told_apart(transcript.exchanges()):
        for number in range(exchange.first, exchange.last + 1):
            row = transcript[number]
            kind = _KINDS.get(exchange.verb, TWIST)
            if exchange.verb == MESSAGE and (row.side is Side.SERVER or str(row) == "C: ."):
                kind = "end"
            found[number] = LineGroup(TWIST if twisted and kind != "end" else kind, kind)
    return tuple(found[number] for number in range(len(transcript)))


def _told_apart(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, bool]]:
    """Yield the exchanges, each with True if a plain session does not have it."""
    sent = False
    for number, exchange in enumerate(exchanges):
        following = (each.verb for each in exchanges[number:])
        given_up = next((verb for verb in following if verb in (MESSAGE, "RSET", "QUIT")), "") == "RSET"
        in_transaction = _KINDS.get(exchange.verb) in ("envelope", "message")
        yield exchange, exchange.refused or (in_transaction and (sent or given_up))
        sent = sent or exchange.verb == MESSAGE
