"""Part ``tour`` of exercise 02: all states of a session, visited with as few lines as possible.

How many lines that are is worked out from the table of states.
"""

from __future__ import annotations

from ....protocol.states import State
from ...evidence import Wire
from ...rules import ExercisePart, Rule, RuleFailure, RuleList
from ..exchanges import line_of
from ..introduction import is_introduced, not_introduced
from .task import EveryCommandEvidence

# The way of a message, one line to each state; then the dot, and QUIT.
_WAY = (State.GREETED, State.READY, State.SENDER, State.RECIPIENT, State.DATA, State.CLOSED)
_FEWEST = len(_WAY)  # a line to each but the first, and the dot that ends the message
_SHOWN = 12


RULES = RuleList[EveryCommandEvidence]("tour")


def visited(wire: Wire) -> set[State]:
    """Return the states in which a session has been."""
    return {state for exchange in wire.transcript.exchanges() for state in (exchange.before, exchange.after)}


def lines_in(wire: Wire) -> int:
    """Return how many lines the client has sent, those of messages included."""
    return wire.sent.count(b"\n")


def tour_of(evidence: EveryCommandEvidence) -> Wire:
    """Return the introduced session that has been in most states; of several, the one with the fewest lines."""
    held = [wire for wire in evidence.wires if is_introduced(evidence.task.traveller, wire)]
    return max(held, key=lambda wire: (len(visited(wire).intersection(_WAY)), -lines_in(wire)))


def refused_sessions(evidence: EveryCommandEvidence) -> list[Wire]:
    """Return the sessions that were in the state REFUSED, and were ended with QUIT."""
    return [wire for wire in evidence.wires if {State.REFUSED, State.CLOSED} <= visited(wire)]


def _says_who_travels(evidence: EveryCommandEvidence) -> RuleFailure | None:
    """One session is introduced by the name for the tour; those of part 2 are not about it."""
    task = evidence.task
    failure = not_introduced(evidence, task.traveller)
    if failure is None or not any(is_introduced(task.client, wire) for wire in evidence.wires):
        return failure
    expected = f"HELO or EHLO with {task.traveller}"
    return RuleFailure("No session gives the name of your machine for the tour.", expected, undone=True)


@RULES.rule("refused", 1, "RFC 5321 3.1", "One session is in REFUSED, and ends with QUIT.")
def _visits_refused(evidence: EveryCommandEvidence) -> RuleFailure | None:
    if refused_sessions(evidence):
        return None
    if any(State.REFUSED in visited(wire) for wire in evidence.wires):
        return RuleFailure(
            "A session came to REFUSED, and is not ended as it should be.",
            hint="one command is left after such a greeting",
        )
    return RuleFailure(
        "No session has come to the state REFUSED.",
        hint="it depends on the greeting; which host refuses?",
    )


@RULES.rule("data", 1, "RFC 5321 3.3", "One session is in all states from GREETED to DATA.")
def _takes_the_way(evidence: EveryCommandEvidence) -> RuleFailure | None:
    missing = [state.name for state in _WAY[:-1] if state not in visited(tour_of(evidence))]
    if not missing:
        return None
    return RuleFailure(
        "No session has been in all the states from GREETED to DATA.",
        "all of them in one session",
        f"the longest tour does not come to {', '.join(missing)}",
        "which command leads from each state to the next?",
    )


@RULES.rule("closed", 1, "RFC 5321 3.8", "The same session comes to CLOSED.")
def _comes_to_the_end(evidence: EveryCommandEvidence) -> RuleFailure | None:
    wire = tour_of(evidence)
    if {State.DATA, State.CLOSED} <= visited(wire):
        return None
    if State.DATA in visited(wire):
        return RuleFailure(
            "The session that came to DATA does not come to CLOSED.",
            got=_last_line(wire),
            hint="inside a message no line is a command; how does a message end?",
        )
    return RuleFailure("No session has come to DATA and then to CLOSED.", got=_last_line(wire))


def _last_line(wire: Wire) -> str:
    return f"the last line of that session is {line_of(wire.transcript.commands()[-1])}"


@RULES.rule("shortest", 2, "RFC 5321 4.1.4", "No line of this tour can be left out.")
def _is_the_shortest(evidence: EveryCommandEvidence) -> RuleFailure | None:
    wire = tour_of(evidence)
    if not visited(wire).issuperset(_WAY):
        return RuleFailure("There is no tour of all the states from GREETED to CLOSED yet.", undone=True)
    lines = lines_in(wire)
    if lines == _FEWEST:
        return None
    said = [line_of(exchange) for exchange in wire.transcript.commands()]
    return RuleFailure(
        "The tour has lines that can be left out.",
        got="\n".join([f"{lines} lines:", *said[:_SHOWN]]),
        hint="does each line lead to a state in which the session has not been? A message may be empty",
    )


PART = ExercisePart(
    "tour",
    RULES.in_order(),
    hidden=1,
    hidden_points=1,
    beyond="It looks at the session that comes to REFUSED: it is as short as possible, too.",
    question="Which states has this session been in, and which line led to each?",
    needs=Rule("tour.yours", 0, "your task sheet", "You say which machine is on tour.", _says_who_travels),
)
