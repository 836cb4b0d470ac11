"""When in a session a fault is judged, and which conditions can hold then."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from ..protocol.commands import HELLOS
from ..protocol.states import GREETING, MESSAGE
from . import sentences
from .conditions import SESSION, Above, After, Arriving, Containing, EightBit, FaultCondition, Greylisted, Idle
from .places import ANY


class Moment(Enum):
    """When in a session a fault is judged."""

    CONNECTION = "the connection comes"
    COMMAND = "the greeting is due, or a command or the end of a message has come; nothing is carried out yet"
    LINE = "a line has come that ends in LF alone"
    REPLY = "a reply is about to be sent"
    MESSAGE = "a message begins"
    OCTETS = "octets of the message have come"
    CONTENT = "the whole message has come, and its end has not been judged"
    ACCEPTANCE = "the whole message has come, and its end is not refused"
    TIMER = "the session has reached an age, or the client has been silent"


# There is no whole command or message to look into.
_WITHOUT_TEXT = (Moment.CONNECTION, Moment.LINE, Moment.MESSAGE, Moment.OCTETS)
# No recipient of the transaction has been tried.
_BEFORE_RCPT = (GREETING, *HELLOS, "MAIL")


def objection(condition: FaultCondition, moment: Moment, verb: str) -> str:
    """Return what a condition needs so that it can hold; empty if it can hold as it is.

    Args:
        condition: the condition.
        moment: when the fault is judged.
        verb: where it happens, as `At` has it.
    """
    rule = _RULES.get(type(condition))
    return rule(condition, moment, verb) if rule else ""


def _needs_text(condition: FaultCondition, moment: Moment, verb: str) -> str:
    return sentences.NEEDS_TEXT if moment in _WITHOUT_TEXT or verb == GREETING else ""


def _after(condition: After, moment: Moment, verb: str) -> str:
    if moment is Moment.CONNECTION or (verb == GREETING and not condition.lacking):
        return sentences.NEEDS_PAST
    comes_first = condition.at.verb == GREETING or (
        (condition.at.verb, verb) == ("DATA", MESSAGE) and condition.at.nth < 2
    )
    return sentences.NEEDS_FUTURE if condition.lacking and comes_first and verb not in (GREETING, ANY) else ""


def _idle(condition: Idle, moment: Moment, verb: str) -> str:
    return "" if moment is Moment.TIMER else sentences.NEEDS_SILENCE


def _greylisted(condition: Greylisted, moment: Moment, verb: str) -> str:
    return sentences.NEEDS_RECIPIENT if moment is Moment.CONNECTION or verb in _BEFORE_RCPT else ""


def _above(condition: Above, moment: Moment, verb: str) -> str:
    if condition.what == "command_octets" and verb == MESSAGE:
        return sentences.NEEDS_TEXT
    if condition.what in ("command_octets", "line_octets"):
        return _needs_text(condition, moment, verb)
    of_session = condition.scope == SESSION or not (condition.scope or condition.window)
    of_session = condition.what != "sessions" and (of_session or condition.what == "octets")
    return sentences.NEEDS_PAST if of_session and (moment is Moment.CONNECTION or verb == GREETING) else ""


_RULES: dict[type[FaultCondition], Callable[[Any, Moment, str], str]] = {
    Above: _above,
    After: _after,
    Arriving: _needs_text,
    Containing: _needs_text,
    EightBit: _needs_text,
    Greylisted: _greylisted,
    Idle: _idle,
}
