"""Faults of a mail host, scripted in plain English, for every world.

A fault is one line: what happens, where, and under which conditions::

    reply 451 to the second RCPT
    cut after 1,000 octets of DATA
    lose the 250 after the dot
    delay replies by 30 s
    421 above 20 sessions
    one-octet writes
    a wrong code
    an endless continuation

`grammar` has all that can be said; ``smtplab faults`` prints it. A fault is one of a host that is called. The language
has no faults of clients, such as a connection that breaks amid a message: the caller of a client can do that by hand.

Of several faults that answer in place of the host, the first one counts; all others add up, in their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ..protocol.states import GREETING, MESSAGE
from .actions import (
    ACTIONS,
    BreakAt,
    BreakOff,
    ChangeOffer,
    FaultAction,
    Greylist,
    ReadSlowly,
    RefuseConnection,
    SayCode,
    SendOctets,
    Swallow,
    When,
    WritePieces,
)
from .forms import FormError, Text, read_slot, write
from .places import (
    ANY,
    COMMAND,
    CONDITIONS,
    Above,
    Age,
    At,
    Chance,
    Containing,
    FaultCondition,
    Greylisted,
    Pipelined,
    Replies,
    Times,
)

_PLACE_OF_MEASURE = {
    "sessions": GREETING,
    "client sessions": GREETING,
    "messages": "MAIL",
    "commands": COMMAND,
    "recipients": "RCPT",
    "octets": MESSAGE,
}
# RFC 6647 2.1 has 451; RFC 3463 3.8 calls 4.7.1 a delivery that is not authorized, for now.
_GREYLISTING_CODE, _GREYLISTING_TEXT = "451", b"4.7.1 Greylisted; try again later"


class Moment(Enum):
    """When in a session a fault is judged."""

    CONNECTION = "the connection comes"
    COMMAND = "the greeting is due, or a command or the end of a message has come; nothing is carried out yet"
    REPLY = "a reply is about to be sent"
    OCTETS = "octets of the message have come"
    TIMER = "the session has reached an age"


class FaultError(FormError):
    """A text is not a fault; the sentence says what was expected."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: what happens, and when. ``Fault.parse(str(fault)) == fault``.

    Args:
        action: what happens, and where; see `actions`.
        conditions: all of them must hold; see `places`.
    """

    action: FaultAction
    conditions: tuple[FaultCondition, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read a fault from a line of the language.

        Raises:
            FaultError: if the text is not a fault.
        """
        source = Text(text)
        try:
            for action, behind in _actions(source):
                for conditions in _conditions(source, behind):
                    return _expanded(action, conditions)
        except FormError as error:
            raise FaultError(str(error)) from None
        raise FaultError(str(source.error()))

    def __str__(self) -> str:
        return " ".join(map(write, (self.action, *self.conditions)))

    @property
    def moment(self) -> Moment:
        """When the fault is judged."""
        action = self.action
        if isinstance(action, RefuseConnection):
            return Moment.CONNECTION
        if isinstance(action, Swallow | BreakAt) or (isinstance(action, SayCode) and self._refuses(action)):
            return Moment.COMMAND
        if isinstance(action, ReadSlowly) or (isinstance(action, SendOctets) and action.when is When.AMID_MESSAGE):
            return Moment.OCTETS
        if isinstance(action, BreakOff) and action.when is When.AMID_MESSAGE:
            if action.octets >= 0:
                return Moment.OCTETS
            return Moment.TIMER if self.age is not None and len(self.conditions) == 1 else Moment.COMMAND
        return Moment.REPLY

    @property
    def age(self) -> int | None:
        """How old the session must be, in microseconds; None for any age."""
        return next((condition.age for condition in self.conditions if isinstance(condition, Age)), None)

    @property
    def at(self) -> At:
        """Where in the session it happens."""
        at = getattr(self.action, "at", None)
        if isinstance(self.action, ChangeOffer):
            return At("EHLO")
        return at or (self._replies.at if self._replies else self._usual_place())

    @property
    def code(self) -> str:
        """The code that the reply must have; empty for any."""
        return self._replies.code if self._replies else ""

    @property
    def _replies(self) -> Replies | None:
        """Which replies the action is about; None if it is about a place or the whole session."""
        return getattr(self.action, "replies", None)

    def _refuses(self, action: SayCode) -> bool:
        """True if the command is not carried out, because the reply refuses it or says that no message may come."""
        return action.code[0] in "45" or (self.at.verb == "DATA" and action.code[0] != "3")

    def _usual_place(self) -> At:
        """Return where an action happens that names no place: the conditions say it."""
        for condition in self.conditions:
            if isinstance(condition, Above):
                return At(_PLACE_OF_MEASURE[condition.what])
            if isinstance(condition, Greylisted):
                return At("RCPT")
            if isinstance(condition, Containing | Pipelined | Age):
                return At(COMMAND)
        if isinstance(self.action, WritePieces):
            return At(ANY)
        return At(GREETING) if any(not isinstance(each, Chance | Times) for each in self.conditions) else At(ANY)


def _actions(text: Text) -> Iterator[tuple[FaultAction, int]]:
    for kind in ACTIONS:
        yield from read_slot(kind, text, 0)


def _conditions(text: Text, at: int) -> Iterator[tuple[FaultCondition, ...]]:
    """Yield the conditions that take all of a text from a position on."""
    if at == len(text.tokens):
        yield ()
    else:
        text.miss(at, "its end")
    for kind in CONDITIONS:
        for condition, behind in read_slot(kind, text, at):
            for more in _conditions(text, behind):
                yield (condition, *more)


def _expanded(action: FaultAction, conditions: tuple[FaultCondition, ...]) -> Fault:
    if isinstance(action, Greylist):
        greylisted = Greylisted(duration=action.duration)
        return Fault(SayCode(_GREYLISTING_CODE, (_GREYLISTING_TEXT,), at=At("RCPT")), (greylisted, *conditions))
    return Fault(action, conditions)
