"""A step in which the student is the server, because the host has taken TURN: what is to be answered next.

After TURN the host waits for a greeting, and then says the commands itself (RFC 821 3.8).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..transcript import Exchange, Side
from . import sentences
from .evidence import line_of

TURN = "TURN"
_TURN = re.compile(r"""(?:^|["']|\\n)\s*TURN\s*(?:$|["']|\\n)""", re.IGNORECASE | re.MULTILINE)  # alone in a line
_CODES = {"QUIT": 221}
_DONE = 250


def what_to_answer(exchanges: Sequence[Exchange]) -> str:
    """Say which reply the host waits for, as a sentence; empty if the roles are not swapped, or nothing is wrong.

    Args:
        exchanges: those of the step.
    """
    turned = [at for at, each in enumerate(exchanges) if _is_turn(each)]
    if not turned:
        return ""
    commands = [each for each in exchanges[turned[-1] + 1 :] if each.side is Side.SERVER and each.data]
    if not commands:
        return sentences.SERVER_NOW
    for each in commands:
        code = _CODES.get(each.verb, _DONE)
        if each.reply is None:
            return sentences.HOST_WAITS.format(line=f"`{line_of(each)}`", code=code)
        if each.reply.code != code:
            return sentences.OTHER_REPLY.format(line=f"`{line_of(each)}`", got=each.reply.code, code=code)
    return ""


def reply_without_text(exchanges: Sequence[Exchange]) -> str:
    """Return a sentence about the first reply after TURN that is a bare code; empty if all have text.

    A client has to accept a bare code, but a server should not send one (RFC 5321 4.2).
    """
    turned = [at for at, each in enumerate(exchanges) if _is_turn(each)]
    replies = [each.reply for each in exchanges[turned[-1] + 1 :]] if turned else []
    bare = next((reply for reply in replies if reply is not None and not any(map(str.strip, reply.lines))), None)
    return "" if bare is None else sentences.REPLY_WITHOUT_TEXT.format(code=bare.code)


def has_turned(exchanges: Sequence[Exchange]) -> bool:
    """Return True if the host has taken TURN."""
    return any(map(_is_turn, exchanges))


def turns(text: str) -> bool:
    """Return True if a cell says TURN itself."""
    return _TURN.search(text) is not None


def _is_turn(exchange: Exchange) -> bool:
    return exchange.verb == TURN and exchange.accepted
