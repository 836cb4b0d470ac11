"""The order of verbs: which verbs lead from one state to another, and which must come before a given one.

The answers come from `TRANSITIONS`, on the assumption that the server accepts every verb on the way.
"""

from collections.abc import Mapping

from ..protocol import replies
from ..protocol.commands import HELLOS, VERBS
from ..protocol.states import GREETING, MESSAGE, TRANSITIONS, State, is_legal, state_if_accepted
from .reasons import ADVICE

UNTYPED = {GREETING: "the greeting", MESSAGE: "the message and its lone dot"}
"""How sentences name the two verbs of the table that nobody types."""


def ways_from(state: State) -> Mapping[State, tuple[str, ...]]:
    """Return the shortest sequence of verbs to each state that can be reached from `state`, nearest states first.

    Each verb is assumed to be accepted. Where RSET and a second HELO lead to the same state, RSET is used.
    """
    ways: dict[State, tuple[str, ...]] = {state: ()}
    reached = [state]
    for here in reached:
        for step in sorted(TRANSITIONS[here], key=HELLOS.__contains__):
            there = state_if_accepted(here, step)
            if there not in ways:
                ways[there] = (*ways[here], step)
                reached.append(there)
    return ways


def way_to(verb: str, state: State) -> tuple[str, ...] | None:
    """Return the shortest sequence of verbs after which `verb` is legal, if each of them is accepted.

    Returns:
        The verbs; empty if `verb` is legal in `state`, None if no sequence makes it so, as at the end of a session.
    """
    return next((way for there, way in ways_from(state).items() if is_legal(there, verb)), None)


def what_first(verb: str, state: State) -> str:
    """Say what must come before `verb`, as a sentence without its full stop; empty if `verb` is legal in `state`."""
    way = way_to(verb, state)
    if way is None:
        return ADVICE[replies.NO_SERVICE].rstrip(".") if state is State.REFUSED else "Open a new session"
    said = "send" if way[:1] == (MESSAGE,) else "say"
    steps = [VERBS[step].syntax.removesuffix(" [parameters]") if step in VERBS else UNTYPED[step] for step in way]
    return f"First {said} {', then '.join(steps)}" if steps else ""
