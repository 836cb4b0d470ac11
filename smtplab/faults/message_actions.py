"""What a fault does to whole messages. Each action is a value and a phrase of the language; `actions` has them all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from . import sentences
from .places import ALL_MESSAGES, Messages


@dataclass(frozen=True, slots=True)
class EndMessage:
    """Take other octets for the end of a message, too: what follows them is read as commands.

    Args:
        end: these octets.
    """

    end: bytes

    FORMS: ClassVar[tuple[Any, ...]] = (
        "the? end of the? data|message at|is {end:octets}",
        "end the? data|message at {end:octets}",
        "take|accept|treat {end:octets} for|as the? end of the? data|message",
    )

    def __post_init__(self) -> None:
        if not self.end:
            raise ValueError(sentences.NEEDS_OCTETS)


class Change(Enum):
    """How a message is changed before the host gets it; the value says it in words."""

    SEVEN_BIT = "strip the eighth bit"
    STUFFED = "keep the dots that the client doubled"
    UNDOTTED = "drop the dots that begin lines"
    SHORT_LINES = "cut off what is too long for a line"
    BROKEN_LINES = "break lines that are too long"
    KEEP = "keep the first octets"
    DROP = "drop octets"
    LAST_LINE = "drop the last line"
    REPLACE = "replace octets"
    BEGIN = "begin with other octets"
    END = "end with other octets"


@dataclass(frozen=True, slots=True)
class EditMessage:
    """Change the message that the host gets. What the client sees stays the same.

    Args:
        change: how.
        octets: what is written.
        old: what is replaced.
        count: how many octets.
        after: behind which of them.
    """

    change: Change
    octets: bytes = b""
    old: bytes = b""
    count: int = 0
    after: int = 0

    _MESSAGE: ClassVar[str] = "the! message|data"
    FORMS: ClassVar[tuple[Any, ...]] = (
        (f"strip|drop the! eighth|high bit of|from|in {_MESSAGE}", {"change": Change.SEVEN_BIT}),
        ("strip|drop the! eighth|high bit", {"change": Change.SEVEN_BIT}),
        (f"leave|keep the! doubled|stuffed! dots doubled|stuffed? in|of {_MESSAGE}", {"change": Change.STUFFED}),
        (f"strip|drop the! leading dots of|from|in {_MESSAGE}", {"change": Change.UNDOTTED}),
        (
            "cut|truncate the! lines of! the! message|data! at|after|to {count:count} octets|octet",
            {"change": Change.SHORT_LINES},
        ),
        (
            "break|fold|wrap the! lines of! the! message|data! at|after {count:count} octets|octet",
            {"change": Change.BROKEN_LINES},
        ),
        (f"keep the! first! {{count:count}} octets|octet of {_MESSAGE}", {"change": Change.KEEP}),
        (f"truncate {_MESSAGE} at|after|to {{count:count}} octets|octet", {"change": Change.KEEP}),
        (
            f"drop {{count:count}} octets|octet of|from {_MESSAGE} after {{after:count}} octets|octet",
            {"change": Change.DROP},
        ),
        (f"drop|omit the! last line of|from {_MESSAGE}", {"change": Change.LAST_LINE}),
        (f"drop the? first? {{count:count}} octets|octet of|from {_MESSAGE}", {"change": Change.DROP}),
        (f"replace {{old:octets}} by|with {{octets:octets}} in {_MESSAGE}", {"change": Change.REPLACE}),
        (f"replace|convert|change {{old:octets}} to|into {{octets:octets}} in {_MESSAGE}", {"change": Change.REPLACE}),
        (f"drop {{old:octets}} of|from|in {_MESSAGE}", {"change": Change.REPLACE, "octets": b""}),
        (f"begin {_MESSAGE} with {{octets:octets}}", {"change": Change.BEGIN}),
        (f"end {_MESSAGE} with {{octets:octets}}", {"change": Change.END}),
        (f"prepend {{octets:octets}} to {_MESSAGE}", {"change": Change.BEGIN}),
        (f"append|add {{octets:octets}} to {_MESSAGE}", {"change": Change.END}),
    )

    def __post_init__(self) -> None:
        if self.change in (Change.SHORT_LINES, Change.BROKEN_LINES) and not self.count:
            raise ValueError(sentences.NEEDS_PIECES)


@dataclass(frozen=True, slots=True)
class DiscardMessage:
    """Accept messages with 250, and lose them.

    Args:
        messages: which.
    """

    messages: Messages = ALL_MESSAGES

    PARTS: ClassVar[tuple[type, ...]] = (Messages,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "discard|lose|drop|eat|blackhole {messages:Messages}",
        "accept and discard|lose|drop {messages:Messages}",
        "never store|keep|deliver {messages:Messages}",
    )


@dataclass(frozen=True, slots=True)
class StoreAgain:
    """Store messages more than once. The client sees one reply.

    Args:
        messages: which.
        times: how often each is stored in all.
    """

    messages: Messages = ALL_MESSAGES
    times: int = 2

    PARTS: ClassVar[tuple[type, ...]] = (Messages,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("store|deliver|keep|save|file {messages:Messages} twice", {"times": 2}),
        "store|deliver|keep|save|file {messages:Messages} {times:positive} times",
        "store|deliver|keep|save|make|file {times:positive} copies of|from {messages:Messages}",
        ("store|deliver|keep|save|make|file a second|another copy of {messages:Messages}", {"times": 2}),
        ("store|deliver|keep|save|file {messages:Messages} again|double", {"times": 2}),
        ("duplicate|double {messages:Messages}", {"times": 2}),
        ("{messages:Messages} is|are stored|delivered|kept|saved twice", {"times": 2}),
        ("store|deliver|keep|save|file mail|it twice", {"times": 2}),
    )


_LATER, _TAKE, _IT = "later|afterwards?", "accept|take", "it|them?"
_SAY = "reply|say|answer|give|send!"
_BECAUSE = "with {code:failure} {texts:texts}"


@dataclass(frozen=True, slots=True)
class BounceMessage:
    """Accept messages with 250, store none, and send the sender a report that they failed. A null path gets none.

    Args:
        messages: which.
        code: the digits that the report has, 5yz.
        texts: its reason.
    """

    messages: Messages = ALL_MESSAGES
    code: str = "550"
    texts: tuple[bytes, ...] = ()

    PARTS: ClassVar[tuple[type, ...]] = (Messages,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "accept and! bounce {messages:Messages}",
        f"accept and! bounce {{messages:Messages}} {_BECAUSE}",
        f"bounce {{messages:Messages}} {_LATER} {_BECAUSE}",
        f"bounce {{messages:Messages}} {_LATER}",
        f"{_TAKE} {{messages:Messages}} ,? and|but? then? {_LATER} bounce {_IT} {_LATER} {_BECAUSE}",
        f"{_TAKE} {{messages:Messages}} ,? and|but? then? {_LATER} bounce {_IT} {_LATER}",
        f"{_TAKE} mail? ,? and|but? then? {_LATER} bounce {_IT} {_LATER} {_BECAUSE}",
        f"{_TAKE} mail? ,? and|but? then? {_LATER} bounce {_IT} {_LATER}",
        f"{_TAKE} {{messages:Messages}} ,? and|but? then? send a bounce {_LATER}",
        f"{_TAKE} mail? ,? and|but? then? send a bounce {_LATER}",
        f"{_SAY} 250 to|at|after the? dot|message ,? and|but? then? {_LATER} send? a? bounce {_LATER}",
        "bounce {messages:Messages} instead of refusing it|them?",
        "send a! bounce|backscatter for|about {messages:Messages}",
        "send a? bounce|backscatter after the 250",
        "send backscatter",
        "bounce after the 250",
        "bounce {messages:Messages} after the 250",
        "bounce {messages:Messages} after accepting it|them?",
    )
