"""When a fault happens: conditions. Each is a value, and a phrase; `plan` looks if it holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from . import sentences
from .places import At
from .slots import KINDS, phrases

PLAIN_OCTETS = "octets of either"  # of the command, or of the message: where the fault happens says which
_MEASURES = {
    "sessions": ("sessions", "session", "open sessions", "connections", "connection"),
    "messages": ("messages", "message"),
    "commands": ("commands", "command"),
    "recipients": ("recipients", "recipient"),
    "errors": ("errors", "error", "failed commands", "refused commands", "bad commands"),
    "octets": ("octets of DATA", "octets of the message", "octets of message", "octet of DATA"),
    PLAIN_OCTETS: ("octets", "octet"),
    "command_octets": ("octets of the command", "octets of a command", "octets of the line"),
    "line_octets": ("octets of a line", "octets in a line", "octets of a message line"),
}
MEASURES = KINDS["measure"] = phrases(_MEASURES, "MEASURE")

SESSION, CLIENT, HOST = "session", "client", "host"
_SCOPES = {
    SESSION: (
        "of a session",
        "of every session",
        "per session",
        "per connection",
        "in a session",
        "in one session",
        "a session",
    ),
    CLIENT: ("of a client", "of every client", "per client", "from a client", "from one client"),
    HOST: ("in all", "of the host", "in all sessions"),
}
SCOPES = KINDS["scope"] = phrases(_SCOPES, "SCOPE")
_WINDOW = "per|in|within|a|an|each|every {window:window}"
# What may stand behind a number and a MEASURE.
SPANS = (f"{{scope:scope}} {_WINDOW}", f"{_WINDOW} {{scope:scope}}", "{scope:scope}", _WINDOW, "")


@dataclass(frozen=True, slots=True)
class Above:
    """Only beyond a limit: at the first thing that exceeds it, and from there on.

    Without a SCOPE, recipients are those of a transaction, messages, commands and errors those of a session, and
    sessions those of the host. In a TIME, all are those of the host.

    Args:
        count: the limit.
        what: sessions (open ones; in a time, those that began), messages, recipients, commands, errors (replies 4yz and
            5yz), or octets, of the message, at MAIL and RCPT as MAIL declared them, of the command, or of a line.
        scope: `SESSION`, `CLIENT` (one address) or `HOST`; empty as above.
        window: only those of the last so many microseconds; 0 for all.
    """

    count: int
    what: str
    scope: str = ""
    window: int = 0

    FORMS: ClassVar[tuple[Any, ...]] = (
        *(f"above|beyond|after|over {{count:count}} {{what:measure}} {span}" for span in SPANS),
        ("after the! {count:ordinal} error|refusal", {"what": "errors"}),
    )


@dataclass(frozen=True, slots=True)
class After:
    """Only if something has come before in the session, or only if it has not.

    Args:
        at: what; for a count of RCPT, in the transaction.
        lacking: True if it has not come.
    """

    at: At
    lacking: bool = False

    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("after|behind {at:At}", {"lacking": False}),
        ("before|without {at:At}", {"lacking": True}),
    )


@dataclass(frozen=True, slots=True)
class OnConnection:
    """Only on some connections of the host, counted from 1.

    Args:
        nth: this one; 0 for no such limit.
        every: 3 for every third one, 1 for all; 0 for no such limit.
        first: the first so many; 0 for no such limit.
    """

    nth: int = 0
    every: int = 0
    first: int = 0

    SHOWN: ClassVar[str] = "on ORDINAL connection"
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("on|in|of! every|each|all connection|connections|session|sessions", {"every": 1}),
        "on|in|of! every|each {every:ordinal} connection|session",
        "on|in|of! the! first {first:positive} connections|connection|sessions|session",
        "on|in|of! the! {nth:ordinal} connection|session",
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
        ("in|for|during the! first {end:window}", {"start": 0}),
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
    """Only when the session is older than this, or the host, if connections are refused.

    Args:
        age: microseconds.
    """

    age: int

    FORMS: ClassVar[tuple[Any, ...]] = ("after {age:duration}", "after {age:duration} of the session")


@dataclass(frozen=True, slots=True)
class Idle:
    """Only when the client has said nothing for this time. Octets of a command that has not ended do not count.

    Args:
        silence: microseconds.
    """

    silence: int

    FORMS: ClassVar[tuple[Any, ...]] = (
        "after {silence:duration} of silence|idleness|inactivity",
        "after {silence:duration} idle|silent",
        "when|if idle|silent for {silence:duration}",
        "after {silence:duration} without a? command|commands",
    )


@dataclass(frozen=True, slots=True)
class Chance:
    """Only with a probability, drawn from the plan's seed.

    Args:
        millionths: the probability times a million.
    """

    millionths: int

    FORMS: ClassVar[tuple[Any, ...]] = (
        "with! a? probability of? {millionths:chance}",
        "with {millionths:chance} probability|chance",
        "in! {millionths:chance} of the? cases|time",
    )


@dataclass(frozen=True, slots=True)
class Times:
    """Only so many times, in all sessions of the host together or in each.

    Args:
        times: how often.
        per_session: True if it is counted in each session.
    """

    times: int
    per_session: bool = False

    FORMS: ClassVar[tuple[Any, ...]] = (
        ("once per|a|in|each every|each|a? session|connection", {"times": 1, "per_session": True}),
        ("twice per|a|in|each every|each|a? session|connection", {"times": 2, "per_session": True}),
        ("{times:positive} times|time per|a|in|each every|each|a? session|connection", {"per_session": True}),
        ("once", {"times": 1}),
        ("twice", {"times": 2}),
        "for? the! first {times:positive} times|time",
        ("for? the! first time", {"times": 1}),
        "{times:positive} times|time",
    )


@dataclass(frozen=True, slots=True)
class EveryTime:
    """Only every so many times that all else holds, in all sessions of the host together.

    Args:
        nth: 3 for every third time.
    """

    nth: int

    FORMS: ClassVar[tuple[Any, ...]] = ("every|each {nth:ordinal} time",)


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
        "at|on|for the! first {attempts:positive} attempts|attempt of! a! triplet!",
        ("at|on|for the! first attempt of? a? triplet?", {"attempts": 1}),
        "in|for the! first {duration:duration} of a|each triplet",
    )


@dataclass(frozen=True, slots=True)
class Containing:
    """Only at commands that hold a text, or only at those that do not; at the dot, the message is meant.

    Args:
        text: its octets.
        lacking: True if they must not hold it.
        exactly: True if case does matter.
    """

    text: bytes
    lacking: bool = False
    exactly: bool = False

    FORMS: ClassVar[tuple[Any, ...]] = (
        "containing|with|for|from|to {text:octets}",
        ("not containing|with {text:octets}", {"lacking": True}),
        ("without {text:octets}", {"lacking": True}),
        ("containing|with exactly {text:octets}", {"exactly": True}),
        ("not containing|with exactly {text:octets}", {"lacking": True, "exactly": True}),
        ("without exactly {text:octets}", {"lacking": True, "exactly": True}),
    )


@dataclass(frozen=True, slots=True)
class EightBit:
    """Only at a message, or at a command, with octets above 127."""

    FORMS: ClassVar[tuple[Any, ...]] = ("with|containing 8-bit octets|characters|text|data",)


@dataclass(frozen=True, slots=True)
class FromClient:
    """Only for the client with this IP address.

    Args:
        address: its octets as text.
    """

    address: bytes

    FORMS: ClassVar[tuple[Any, ...]] = ("for|from the? client {address:octets}",)


class Arrival(Enum):
    """How the octets of a command, or the end of a message, have come."""

    PIPELINED = "before the client had the reply to the command before"
    FOLLOWED = "together with more octets"
    SPLIT = "in two pieces or more"
    BARE = "with a LF alone at its end"


@dataclass(frozen=True, slots=True)
class Arriving:
    """Only at commands, or dots, that came early, with more behind them, in pieces, or with a LF alone at the end.

    Pipelined is what came before the last reply had gone out.

    Args:
        how: which of these.
    """

    how: Arrival

    FORMS: ClassVar[tuple[Any, ...]] = (
        ("when|if pipelined", {"how": Arrival.PIPELINED}),
        ("when|if followed", {"how": Arrival.FOLLOWED}),
        ("when|if followed by others|more", {"how": Arrival.FOLLOWED}),
        ("when|if followed by other|more|another commands|command", {"how": Arrival.FOLLOWED}),
        ("when|if more commands? follow|follows", {"how": Arrival.FOLLOWED}),
        ("when|if split in|into|across? pieces|segments?", {"how": Arrival.SPLIT}),
        ("when|if in pieces", {"how": Arrival.SPLIT}),
        ("when|if ended by|with|in LF", {"how": Arrival.BARE}),
        ("ending by|with|in LF", {"how": Arrival.BARE}),
        ("that end|ends by|with|in a? LF", {"how": Arrival.BARE}),
    )


FaultCondition = (
    Above | After | OnConnection | During | Daily | Age | Idle | Chance | Times | EveryTime | Greylisted | Containing
    | EightBit | FromClient | Arriving
)  # fmt: skip
CONDITIONS: tuple[type, ...] = (
    Idle, Above, After, OnConnection, During, Daily, Age, Chance, Times, EveryTime, Greylisted, Containing, EightBit,
    FromClient, Arriving,
)  # fmt: skip
