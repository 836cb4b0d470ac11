"""The session for a client that has connected to a host, which may have faults."""

from __future__ import annotations

from typing import cast

from ..mta.handler import Handler
from ..mta.policy import Policy
from ..mta.session import ServerSession
from .plan import FaultPlan
from .session import FaultySession


def session_for(
    plan: FaultPlan | None, handler: Handler, policy: Policy, peer: str, others: int = 0, all_others: int = 0
) -> ServerSession | None:
    """Return the session for a client of a host, with its faults; a plain one if it has none.

    Args:
        plan: the host's faults; None for none.
        handler: decides the replies.
        policy: the server's limits and extensions.
        peer: the client's address as text.
        others: how many other sessions of this client are open.
        all_others: how many of all clients are.

    Returns:
        The session, which has not begun; None if the connection is to be refused.
    """
    if not plan:
        return ServerSession(handler, policy, peer)
    facts = plan.connect(peer, others, all_others)
    # It has every name of a ServerSession that is public, and no world uses others.
    return None if facts is None else cast(ServerSession, FaultySession(plan, facts, handler, policy))
