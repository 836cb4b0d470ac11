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

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..protocol.states import GREETING, MESSAGE
from . import sentences
from .actions import (
    ACTIONS,
    BREAKS,
    CUT,
    STAY,
    BreakAt,
    BreakOff,
    FaultAction,
    PauseReading,
    ReadSlowly,
    RefuseConnection,
    Swallow,
    TakeBareLF,
    Then,
    WithCode,
)
from .conditions import (
    CONDITIONS,
    PLAIN_OCTETS,
    Above,
    After,
    Age,
    Arriving,
    Chance,
    Containing,
    EightBit,
    EveryTime,
    FaultCondition,
    Greylisted,
    Idle,
    Times,
)
from .forms import forms_of, read_rule, write
from .message_actions import BounceMessage, DiscardMessage, EditMessage, EndMessage, StoreAgain
from .moments import Moment, objection
from .places import ANY, COMMAND, At, Replies
from .reply_actions import CLOSING_CODE, ChangeOffer, Interject, SayCode, SendOctets, When
from .short_forms import SHORT_FORMS, ShortForm
from .tokens import FormError, Text

_PLACE_OF_MEASURE = {
    "sessions": GREETING,
    "messages": "MAIL",
    "commands": COMMAND,
    "errors": COMMAND,
    "command_octets": COMMAND,
    "recipients": "RCPT",
    "octets": MESSAGE,
    PLAIN_OCTETS: MESSAGE,
    "line_octets": MESSAGE,
}
# Where octets are those of a message: at its end, and where MAIL has declared them.
_ABOUT_MESSAGES = (MESSAGE, ANY, GREETING, "MAIL", "DATA", "BDAT")
# Who does it, which a sentence may say; and words between its parts that say nothing.
_SUBJECTS = (("the", "server"), ("the", "host"), ("a", "server"), ("a", "host"), ("it",), ("server",), ("host",))
_FILLERS = (",", "but", "and")
_KINDS = (*SHORT_FORMS, *ACTIONS)
_VERBS = {word for kind in _KINDS for form in forms_of(kind) for word in form.first_words} | {
    phrase.split()[0] for phrase in BREAKS.examples
}


_Addition = FaultCondition | Then | WithCode
"""What may stand behind an action."""
_ADDITIONS = (*CONDITIONS, Then)


class FaultError(FormError):
    """A text is not a fault; the sentence says what was expected."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: what happens, and when. ``Fault.parse(str(fault)) == fault``.

    Args:
        action: what happens, and where; see `actions`.
        conditions: all of them must hold; see `conditions`.
        then: how the connection ends behind it, as `Then` has it; empty if the fault does not say it.
    """

    action: FaultAction
    conditions: tuple[FaultCondition, ...] = ()
    then: str = ""

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read a fault from a line of the language.

        Raises:
            FaultError: if the text is not a fault.
        """
        source = Text(text)
        try:
            fault = next(_faults(source), None)
            if fault is not None:
                fault._check()
        except FormError as error:
            raise FaultError(str(error)) from None
        if fault is None:
            raise FaultError(str(source.error()))
        return fault

    def __str__(self) -> str:
        ending = (Then(self.then),) if self.then else ()
        return " ".join(map(write, (self.action, *self.conditions, *ending)))

    @property
    def moment(self) -> Moment:
        """When the fault is judged."""
        action = self.action
        if self._is_timed:
            return Moment.TIMER
        if isinstance(action, SendOctets | BreakOff) and action.when is When.AMID_MESSAGE:
            return Moment.OCTETS
        if isinstance(action, SayCode) and self._refuses(action):
            return Moment.COMMAND
        return _MOMENTS.get(type(action), Moment.REPLY)

    @property
    def ending(self) -> str:
        """How the connection ends behind it, as `BreakAt` has it; empty if it goes on."""
        if self.then:
            return "" if self.then == STAY else self.then
        action = self.action
        return CUT if isinstance(action, SayCode | Interject) and action.code == CLOSING_CODE else ""

    @property
    def age(self) -> int | None:
        """How old the session must be, in microseconds; None for any age."""
        return next((condition.age for condition in self.conditions if isinstance(condition, Age)), None)

    @property
    def silence(self) -> int | None:
        """How long the client must have been silent, in microseconds; None for any time."""
        return next((condition.silence for condition in self.conditions if isinstance(condition, Idle)), None)

    @property
    def at(self) -> At:
        """Where in the session it happens."""
        at = getattr(self.action, "at", None)
        if isinstance(self.action, ChangeOffer):
            return At("EHLO")
        if isinstance(self.action, DiscardMessage | BounceMessage | StoreAgain):
            return self.action.messages
        return at or (self._replies.at if self._replies else self._usual_place())

    @property
    def needs_content(self) -> bool:
        """True if the whole message must have come before the fault can be judged."""
        if isinstance(self.action, EndMessage | EditMessage | StoreAgain | BounceMessage):
            return True
        if isinstance(self.action, Swallow) and self.at.verb in (MESSAGE, ANY):
            return True
        return self.at.verb == MESSAGE and any(
            isinstance(each, Containing | EightBit) or (isinstance(each, Above) and each.what == "line_octets")
            for each in self.conditions
        )

    def takes(self, code: str) -> bool:
        """True if it is about replies with this code."""
        return self._replies is None or self._replies.takes(code)

    @property
    def _replies(self) -> Replies | None:
        """Which replies the action is about; None if it is about a place or the whole session."""
        return getattr(self.action, "replies", None)

    @property
    def _is_timed(self) -> bool:
        """True if it happens at a time, and not at something that the client does."""
        action = self.action
        if not isinstance(action, BreakAt | SayCode) or action.at is not None:
            return False
        if self.silence is not None:
            return True
        closes = isinstance(action, BreakAt) or action.code == CLOSING_CODE
        return closes and self.age is not None and len(self.conditions) == 1

    def _check(self) -> None:
        """Raise `FormError` if a condition can never hold."""
        for each in self.conditions:
            if reason := objection(each, self.moment, self.at.verb):
                raise FormError(sentences.SENSELESS.format(phrase=write(each), reason=reason))

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
            if isinstance(condition, EightBit):
                return At(MESSAGE)
            if isinstance(condition, Containing | Arriving | After | Age):
                return At(COMMAND)
        indifferent = Chance | Times | EveryTime
        return At(GREETING) if any(not isinstance(each, indifferent) for each in self.conditions) else At(ANY)


_MOMENTS: dict[type[FaultAction], Moment] = {
    RefuseConnection: Moment.CONNECTION,
    Swallow: Moment.COMMAND,
    BreakAt: Moment.COMMAND,
    DiscardMessage: Moment.COMMAND,
    EndMessage: Moment.MESSAGE,
    TakeBareLF: Moment.LINE,
    EditMessage: Moment.CONTENT,
    StoreAgain: Moment.ACCEPTANCE,
    BounceMessage: Moment.ACCEPTANCE,
    ReadSlowly: Moment.OCTETS,
    PauseReading: Moment.OCTETS,
    Interject: Moment.OCTETS,
}


def _faults(text: Text) -> Iterator[Fault]:
    """Yield what a text may mean; conditions may stand in front of the action, too."""
    yield from _faults_after(text, 0, ())
    for leading, behind in _leading(text, 0):
        yield from _faults_after(text, behind, leading)


def _faults_after(text: Text, at: int, leading: tuple[_Addition, ...]) -> Iterator[Fault]:
    at += next((len(subject) for subject in _SUBJECTS if text.has(at, subject)), 0)
    text.to_imperative(at, _VERBS)
    for kind in _KINDS:
        for action, behind in read_rule(kind, text, at):
            kinds = (*_ADDITIONS, WithCode) if isinstance(action, SayCode | ShortForm) else _ADDITIONS
            for additions in _additions(text, behind, kinds):
                yield _fault(action, (*leading, *additions))


def _leading(text: Text, at: int) -> Iterator[tuple[tuple[_Addition, ...], int]]:
    for addition, behind in _addition(text, at, _ADDITIONS):
        behind += text.word(behind) == ","
        yield (addition,), behind
        for more, end in _leading(text, behind):
            yield (addition, *more), end


def _additions(text: Text, at: int, kinds: Iterable[type]) -> Iterator[tuple[_Addition, ...]]:
    """Yield what may stand behind an action and takes all of a text from a position on."""
    if at == len(text.tokens):
        yield ()
    else:
        text.miss(at, "its end")
    for addition, behind in _addition(text, at, kinds):
        for more in _additions(text, behind, kinds):
            yield (addition, *more)
    if text.word(at) in _FILLERS:
        yield from _additions(text, at + 1, kinds)


def _addition(text: Text, at: int, kinds: Iterable[type]) -> Iterator[tuple[_Addition, int]]:
    for kind in kinds:
        yield from read_rule(kind, text, at)


def _behind(action: BreakAt | SayCode, conditions: list[FaultCondition]) -> tuple[FaultAction, list[FaultCondition]]:
    """Return what names no place and comes after something, as it is written with a place.

    A break comes behind the reply, and a code at the next command.
    """
    after = [each for each in conditions if isinstance(each, After) and not each.lacking]
    rest = [each for each in conditions if each not in after]
    if not after or any(isinstance(each, Idle | Age) for each in rest):
        return action, rest + after
    if isinstance(action, BreakAt):
        return BreakOff(action.how, When.AFTER, Replies(after[0].at)), rest + after[1:]
    return replace(action, at=At(COMMAND)), conditions


def _fault(action: FaultAction | ShortForm, additions: tuple[_Addition, ...]) -> Fault:
    if isinstance(action, ShortForm):
        action, more = action.meant()
        additions = (*more, *additions)
    conditions = [each for each in additions if not isinstance(each, Then | WithCode)]
    then = next((each.how for each in reversed(additions) if isinstance(each, Then)), "")
    if isinstance(action, BreakAt | SayCode) and action.at is None:
        action, conditions = _behind(action, conditions)
    for said in additions:
        if isinstance(said, WithCode) and isinstance(action, SayCode):
            action = replace(action, code=said.code, texts=said.texts or action.texts)
    return _measured(Fault(action, tuple(conditions), then))


def _measured(fault: Fault) -> Fault:
    """Return a fault in which octets are those of a message or of a command, whatever a person has written."""
    what = "octets" if fault.at.verb in _ABOUT_MESSAGES else "command_octets"
    conditions = (
        replace(each, what=what) if isinstance(each, Above) and each.what == PLAIN_OCTETS else each
        for each in fault.conditions
    )
    return replace(fault, conditions=tuple(conditions))
