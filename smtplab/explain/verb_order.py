"""The order of the verbs: which lead from one state to another, and what must come before a verb may.

It is asked from the table of states; what a server answers on the way is not foreseen.
"""

from collections.abc import Mapping

from ..protocol import replies
from ..protocol.commands import VERBS
from ..protocol.states import GREETING, MESSAGE, TRANSITIONS, State, is_legal, state_if_accepted
from .reasons import ADVICE

UNTYPED = {GREETING: "the greeting", MESSAGE: "the message and its lone dot"}
"""What stands for the two verbs that nobody types, in a sentence."""


def ways_from(state: State) -> Mapping[State, tuple[str, ...]]:
    """Return for each state that can be reached from `state` the fewest verbs that lead there if each is accepted.

    Where RSET and a second HELO lead to the same state, RSET is taken. The nearest states come first.
    """
    ways: dict[State, tuple[str, ...]] = {state: ()}
    reached = [state]
    for here in reached:
        for step in sorted(TRANSITIONS[here], key=("HELO", "EHLO").__contains__):
            there = state_if_accepted(here, step)
            if there not in ways:
                ways[there] = (*ways[here], step)
                reached.append(there)
    return ways


def way_to(verb: str, state: State) -> tuple[str, ...] | None:
    """Return the fewest verbs that lead, if each is accepted, from `state` to one in which `verb` may come.

    Empty if `verb` may come now; None if there is no way, as at the end of a session.
    """
    return next((way for there, way in ways_from(state).items() if is_legal(there, verb)), None)


def what_first(verb: str, state: State) -> str:
    """Say what must come before `verb` may, as a sentence without its full stop; empty if it may come now."""
    way = way_to(verb, state)
    if way is None:
        return ADVICE[replies.NO_SERVICE].rstrip(".") if state is State.REFUSED else "Open a new session"
    steps = [VERBS[step].syntax.removesuffix(" [parameters]") if step in VERBS else UNTYPED[step] for step in way]
    return f"First say {', then '.join(steps)}" if steps else ""
