"""Where and when a fault happens: places in a session, and conditions. Each is a value, and a phrase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..protocol.commands import VERBS
from ..protocol.diagnosis import EXTENSION_VERBS
from ..protocol.states import GREETING, MESSAGE
from . import sentences
from .forms import KINDS, Found, SlotKind, Text, phrases

COMMAND = "command"
"""Stands for any command; neither for the greeting nor for the message."""
ANY = ""
"""Stands for the greeting, any command and the message."""

_NOUNS = {
    GREETING: ("greeting", "connection"),
    MESSAGE: ("dot", "lone dot", "end of the message", "message", "end of DATA"),
    COMMAND: ("command",),
}
_DETERMINERS = ("the", "a", "an", "any", "every", "each", "all")
_VERBS = {verb: (verb,) for verb in (*VERBS, *EXTENSION_VERBS)}

NOUNS, VERB = phrases(_NOUNS, "NOUN"), phrases(_VERBS, "VERB", such="a verb such as RCPT")


def _read_noun(text: Text, at: int) -> Found:
    yield from NOUNS.read(text, at)
    yield from VERB.read(text, at)


def _write_noun(verb: str) -> str:
    return (NOUNS if NOUNS.fits(verb) else VERB).write(verb)


def _is_noun(verb: str) -> bool:
    return NOUNS.fits(verb) or VERB.fits(verb)


_EXAMPLES = (*NOUNS.examples, *VERB.examples)
KINDS["verb"] = SlotKind(_read_noun, _write_noun, "NOUN", _EXAMPLES, _is_noun)


def _read_place(text: Text, at: int) -> Found:
    yield from _read_noun(text, at + 1 if text.word(at) in _DETERMINERS else at)


def _write_place(verb: str) -> str:
    article = {GREETING: "the ", MESSAGE: "the ", COMMAND: "any "}.get(verb, "")
    return f"{article}{_write_noun(verb)}"


KINDS["place"] = SlotKind(
    _read_place,
    _write_place,
    f"[{'/'.join(_DETERMINERS)}] NOUN",
    ("dot", *(f"{each} RCPT" for each in _DETERMINERS)),
    _is_noun,
)

_MEASURES = {
    "sessions": ("sessions", "session", "open sessions", "connections"),
    "client sessions": (
        "sessions of a client",
        "session of a client",
        "sessions per client",
        "session per client",
    ),
    "messages": ("messages", "message"),
    "commands": ("commands", "command"),
    "recipients": ("recipients", "recipient"),
    "octets": (
        "octets of DATA",
        "octet of DATA",
        "octets of the message",
        "octet of the message",
        "octets of message",
        "octets",
        "octet",
    ),
}
MEASURES = KINDS["measure"] = phrases(_MEASURES, "MEASURE")


@dataclass(frozen=True, slots=True)
class At:
    """Where in a session: at the greeting, a command, or the end of the message.

    Args:
        verb: a verb, `states.GREETING`, `states.MESSAGE`, `COMMAND` or `ANY`.
        nth: which of them in the session; 0 for all. RCPT is counted in its transaction.
        every: 2 for every second one; 0 for all.
    """

    verb: str = ANY
    nth: int = 0
    every: int = 0

    SHOWN: ClassVar[str] = "PLACE"
    FORMS: ClassVar[tuple[Any, ...]] = (
        "every|each {every:ordinal} {verb:verb}",
        "the! {nth:ordinal} {verb:verb}",
        "{verb:place}",
    )

    def takes(self, verb: str, count: int) -> bool:
        """True if the `count`-th `verb` of a session is here; for `COMMAND`, `count` is that of all commands."""
        if self.verb not in (ANY, verb) and not (self.verb == COMMAND and verb not in (GREETING, MESSAGE)):
            return False
        return not (self.nth and count != self.nth) and not (self.every and count % self.every)


EVERYWHERE = At()


@dataclass(frozen=True, slots=True)
class Replies:
    """Which replies.

    Args:
        at: what they answer.
        code: the code that they must have; empty for any.
    """

    at: At = EVERYWHERE
    code: str = ""

    SHOWN: ClassVar[str] = "REPLIES"
    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "replies",
        "the|all replies",
        "every|each|any|the reply",
        ("the! reply|answer|response after the dot", {"at": At(MESSAGE)}),
        "the! reply|answer|response to|after|at|for {at:At}",
        "the! replies|answers|responses to|after|at|for {at:At}",
        ("the! greeting", {"at": At(GREETING)}),
        ("the! {code:code} after the dot", {"at": At(MESSAGE)}),
        "the! {code:code} to|after|at|for {at:At}",
        "the|every|any! {code:code}",
    )


ALL_REPLIES = Replies()


@dataclass(frozen=True, slots=True)
class Above:
    """Only beyond a limit.

    Args:
        count: the limit.
        what: sessions (open ones of the host), client sessions (those of the same address), messages, commands (both
            of the session), recipients (of the transaction) or octets (of the message).
    """

    count: int
    what: str

    FORMS: ClassVar[tuple[Any, ...]] = ("above|beyond|after {count:count} {what:measure}",)


@dataclass(frozen=True, slots=True)
class OnConnection:
    """Only on some connections of the host, counted from 1.

    Args:
        nth: this one; 0 for no such limit.
        every: 3 for every third one; 0 for no such limit.
        first: the first so many; 0 for no such limit.
    """

    nth: int = 0
    every: int = 0
    first: int = 0

    FORMS: ClassVar[tuple[Any, ...]] = (
        "on|in every|each {every:ordinal} connection|session",
        "on|in the! first {first:count} connections|connection|sessions|session",
        "on|in the! {nth:ordinal} connection|session",
    )


@dataclass(frozen=True, slots=True)
class During:
    """Only in an interval of the host's time, which begins when its world or server begins.

    Args:
        start: microseconds.
        end: microseconds; -1 for no end.

    Raises:
        ValueError: if the end is not later than the start.
    """

    start: int = 0
    end: int = -1

    FORMS: ClassVar[tuple[Any, ...]] = (
        ("until|before {end:duration}", {"start": 0}),
        "from|between {start:duration} to|until|and {end:duration}",
        ("from|since {start:duration}", {"end": -1}),
    )

    def __post_init__(self) -> None:
        if -1 != self.end <= self.start:
            raise ValueError(sentences.NEEDS_ORDER)


@dataclass(frozen=True, slots=True)
class Daily:
    """Only in an interval of each day, which may span midnight. A virtual world begins at 0:00.

    Args:
        start: microseconds since midnight.
        end: the same; another time than the start.

    Raises:
        ValueError: if both are the same.
    """

    start: int
    end: int

    FORMS: ClassVar[tuple[Any, ...]] = ("from|between {start:time} to|until|and {end:time}",)

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError(sentences.NEEDS_LENGTH)


@dataclass(frozen=True, slots=True)
class Age:
    """Only when the session is older than this.

    Args:
        age: microseconds.
    """

    age: int

    FORMS: ClassVar[tuple[Any, ...]] = ("after {age:duration}",)


@dataclass(frozen=True, slots=True)
class Chance:
    """Only with a probability, drawn from the plan's seed.

    Args:
        millionths: the probability times a million.
    """

    millionths: int

    FORMS: ClassVar[tuple[Any, ...]] = ("with! probability {millionths:chance}",)


@dataclass(frozen=True, slots=True)
class Times:
    """Only so many times in all sessions of the host together.

    Args:
        times: how often.
    """

    times: int

    FORMS: ClassVar[tuple[Any, ...]] = (
        ("once", {"times": 1}),
        ("twice", {"times": 2}),
        "{times:count} times|time",
    )


@dataclass(frozen=True, slots=True)
class Greylisted:
    """Only for a client address, sender and recipient that are new, as with greylisting.

    Args:
        duration: how long they are new after their first attempt, in microseconds; 0 for no such limit.
        attempts: how many of their attempts are refused; 0 for no such limit.
        odd: True for each odd attempt.
    """

    duration: int = 0
    attempts: int = 0
    odd: bool = False

    FORMS: ClassVar[tuple[Any, ...]] = (
        ("at|on|for every|each odd attempt of! a! triplet!", {"odd": True}),
        "at|on|for the! first {attempts:count} attempts|attempt of! a! triplet!",
        ("at|on|for the! first attempt of? a? triplet?", {"attempts": 1}),
        "in|for the! first {duration:duration} of a|each triplet",
    )


@dataclass(frozen=True, slots=True)
class Containing:
    """Only at command lines that hold a text, or only at those that do not; case does not matter.

    Args:
        text: its octets.
        lacking: True for the lines that do not hold it.
    """

    text: bytes
    lacking: bool = False

    FORMS: ClassVar[tuple[Any, ...]] = (
        ("containing|with {text:octets}", {"lacking": False}),
        ("not containing|with {text:octets}", {"lacking": True}),
        ("without {text:octets}", {"lacking": True}),
    )


@dataclass(frozen=True, slots=True)
class FromClient:
    """Only for the client with this IP address.

    Args:
        address: its octets as text.
    """

    address: bytes

    FORMS: ClassVar[tuple[Any, ...]] = ("for|from client {address:octets}",)


@dataclass(frozen=True, slots=True)
class Pipelined:
    """Only at commands that the client sent before it had the reply to the command before."""

    FORMS: ClassVar[tuple[Any, ...]] = ("when|if pipelined",)


FaultCondition = (
    Above | OnConnection | During | Daily | Age | Chance | Times | Greylisted | Containing | FromClient | Pipelined
)
CONDITIONS: tuple[type, ...] = (
    Above, OnConnection, During, Daily, Age, Chance, Times, Greylisted, Containing, FromClient, Pipelined,
)  # fmt: skip
