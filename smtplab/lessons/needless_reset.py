"""A goal that begins with RSET, in a session that has no transaction to reset."""

from __future__ import annotations

from collections.abc import Sequence

from ..transcript import Exchange
from .evidence import Wanted

_RSET = "RSET"


def is_needless_reset(said: Sequence[Wanted], exchanges: Sequence[Exchange]) -> bool:
    """Return True if a goal begins with RSET, and a new envelope was begun without: no transaction was open.

    So it is in a new session, and behind a new HELO (RFC 5321 4.1.4).

    Args:
        said: the exchanges of the goal.
        exchanges: those of the step.
    """
    if len(said) < 2 or said[0].verb != _RSET or any(map(said[0].fits, exchanges)):
        return False
    return any(map(said[1].fits, exchanges))
