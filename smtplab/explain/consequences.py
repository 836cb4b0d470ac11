"""Find the refusal that a later one only follows from, as when a whole message is sent and its first command refused.

A client that sends MAIL, RCPT, DATA and the message without a look at the replies gets 503 for each command that needed
the refused one, and 500 for each line of the message, which the server reads as a command. Only the first reply says
what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from ..base.printed import sentence
from ..protocol.commands import OPENINGS
from ..transcript import Exchange, printable
from ..transcript.rows import CRLF
from . import sentences

# How far a command is from the beginning of a session: one that is refused takes those behind it along.
_RANKS: Mapping[str, int] = {"HELO": 0, "EHLO": 0, **dict.fromkeys(OPENINGS, 1), "RCPT": 2, "DATA": 3}
_LINE_OF_MESSAGE = 4


def first_refusal(exchanges: Sequence[Exchange]) -> Exchange | None:
    """Return the exchange whose refusal the last one follows from; None if it stands for itself.

    Args:
        exchanges: those with a reply, in the order of the replies.
    """
    run = [*takewhile(lambda each: each.refused, reversed(exchanges))]
    if not run or run[0].reply is None:
        return None
    last, *earlier = run
    rank = _rank(last, earlier)
    causes = [each for each in earlier if _code(each) != 503 and _RANKS.get(each.verb, rank) < rank]
    return causes[-1] if causes else None


def follows_from(exchanges: Sequence[Exchange]) -> str:
    """Say which refusal the last reply follows from, and how many recipients were accepted; empty if from none."""
    cause = first_refusal(exchanges)
    if cause is None or cause.reply is None:
        return ""
    line = printable(cause.data.removesuffix(CRLF))
    told = sentences.FOLLOWS.format(line=line, code=cause.reply.code)
    recipients = [each for each in _transaction(exchanges) if each.verb == "RCPT"]
    if recipients:
        accepted = sum(each.accepted for each in recipients)
        told += sentences.ACCEPTED_RECIPIENTS.format(accepted=accepted, count=len(recipients))
    return sentence(told)


def _rank(last: Exchange, earlier: Sequence[Exchange]) -> int:
    """Return how far the last exchange is from the beginning; 0 if no other refusal can be its cause."""
    if _code(last) == 503:
        return _RANKS.get(last.verb, 0)
    lost_data = any(each.verb == "DATA" for each in earlier)
    return _LINE_OF_MESSAGE if _code(last) == 500 and last.verb not in _RANKS and lost_data else 0


def _code(exchange: Exchange) -> int:
    return 0 if exchange.reply is None else exchange.reply.code


def _transaction(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Return the exchanges behind the last command that began a transaction, or should have."""
    return [*takewhile(lambda each: each.verb not in OPENINGS, reversed(exchanges))]
