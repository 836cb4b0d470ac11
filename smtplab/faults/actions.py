"""What a fault does. Each action is a value and a phrase of the language; `fault` combines it with conditions.

Those that are about replies alone are in `reply_actions`, and those about whole messages in `message_actions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..protocol.states import GREETING
from . import sentences
from .message_actions import BounceMessage, DiscardMessage, EditMessage, EndMessage, StoreAgain
from .places import At, Replies
from .reply_actions import (
    ChangeOffer,
    DelayReply,
    EndlessReply,
    HoldReply,
    Interject,
    LoseReply,
    RepeatReply,
    SayCode,
    SayOctets,
    SendOctets,
    When,
    WritePieces,
)
from .reply_edits import EditReply
from .slots import KINDS, phrases

CUT, RESET, HANG, STALL, HALF_CLOSE = "cut", "reset", "hang", "stop reading", "half-close"
STAY = "stay open"
"""In place of an end: the connection goes on, also behind a 421."""

# How the connection ends, or hangs without an end.
_ENDS = ("the connection", "the session", "connection")
BREAKS = KINDS["end"] = phrases(
    {
        CUT: (
            "cut", "close", "disconnect", "hang up", "crash",
            *(f"{verb} {what}" for verb in ("cut", "close", "drop", "end") for what in _ENDS),
        ),
        RESET: ("reset", "abort", *(f"{verb} {what}" for verb in ("reset", "abort") for what in _ENDS)),
        HANG: (
            "hang",
            "freeze", "stop answering", "stop replying", "go silent", "fall silent", "keep silent", "silence",
            "say nothing", "send nothing", "never answer again", "time out", "timeout",
        ),
        STALL: ("stop reading", "stall"),
        HALF_CLOSE: (
            "half-close", "half-close the connection", "send FIN", "send a FIN",
            *(f"{verb} {whose} sending side" for verb in ("shut down", "shut", "close") for whose in ("the", "its")),
        ),
    },
    "BREAK",
)  # fmt: skip


_OPEN = (f"{verb} {what} open" for verb in ("keep", "leave") for what in _ENDS)
KINDS["stay"] = phrases({STAY: (STAY, "stay connected", "go on", "carry on", *_OPEN)}, STAY)


@dataclass(frozen=True, slots=True)
class Swallow:
    """Ignore commands, as if they had never come.

    Args:
        at: which.
    """

    at: At

    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = ("swallow|ignore|drop at? {at:At}",)


@dataclass(frozen=True, slots=True)
class BreakOff:
    """End the connection, or never answer again.

    Args:
        how: CUT (FIN), RESET (RST), HANG: read all, answer nothing; STALL: take no octets from the network
            either; or HALF_CLOSE: FIN, and read all that comes.
        when: amid the message; before or after a reply; within it, after so many octets; or after half of it.
        replies: which reply; None amid the message.
        octets: after how many octets of the message, or of the reply; None for neither.
    """

    how: str
    when: When = When.AMID_MESSAGE
    replies: Replies | None = None
    octets: int | None = None

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        (
            "{how:end} after {octets:count} octets|octet of! the? DATA|message!",
            {"when": When.AMID_MESSAGE, "replies": None},
        ),
        (
            "{how:end} amid|during the? DATA|message",
            {"when": When.AMID_MESSAGE, "replies": None, "octets": 1},
        ),
        ("{how:end} after half of? {replies:Replies}", {"when": When.HALF}),
        ("{how:end} amid|within|during {replies:Replies}", {"when": When.HALF}),
        ("send half of? {replies:Replies} ,? and|then then? {how:end}", {"when": When.HALF}),
        ("{how:end} after {octets:count} octets|octet of {replies:Replies}", {"when": When.WITHIN}),
        ("send {octets:count} octets|octet of {replies:Replies} ,? and|then then? {how:end}", {"when": When.WITHIN}),
        ("{how:end} before {replies:Replies}", {"when": When.BEFORE}),
        ("{how:end} after sending? {replies:Replies}", {"when": When.AFTER}),
        ("{how:end} after {replies:answers}", {"when": When.AFTER}),
        ("{how:end} instead of {replies:Replies}", {"when": When.BEFORE}),
    )


@dataclass(frozen=True, slots=True)
class BreakAt:
    """End the connection when a command has come, or never answer again; the command is not carried out.

    Args:
        how: as for `BreakOff`.
        at: the command; the greeting for a break before anything is said; None if the conditions say it.
    """

    how: str
    at: At | None = None

    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "{how:end} at|before|on {at:At}",
        "{how:end} when|if {at:At} comes|arrives",
        "{how:end} without|before answering|replying to? {at:At}",
        ("{how:end} at once", {"at": At(GREETING)}),
        "{how:end}",
    )


@dataclass(frozen=True, slots=True)
class RefuseConnection:
    """Refuse connections. On TCP the client gets a reset at once after the handshake.

    Args:
        every: 3 for every third one; 0 for all.
        nth: this one alone; 0 for all.
        first: the first so many; 0 for all.
    """

    every: int = 0
    nth: int = 0
    first: int = 0

    def takes(self, connection: int) -> bool:
        """True if the connection with this number, from 1, is refused."""
        if self.first and connection > self.first:
            return False
        return not (self.nth and connection != self.nth) and not (self.every and connection % self.every)

    FORMS: ClassVar[tuple[Any, ...]] = (
        "refuse|reject|drop every|each {every:ordinal} connection",
        "refuse|reject the! {nth:ordinal} connection",
        "refuse|reject the! first {first:positive} connections|connection",
        ("refuse|reject the|all|every|each? connections|connection", {"every": 0}),
        ("never accept connections|connection", {"every": 0}),
        ("accept no connections|connection", {"every": 0}),
        ("be? down", {"every": 0}),
    )


@dataclass(frozen=True, slots=True)
class ReadSlowly:
    """Read the message slowly.

    Args:
        octets: how many octets a second.
    """

    octets: int

    FORMS: ClassVar[tuple[Any, ...]] = (
        "read {octets:count} octets|octet a|per second",
        "read the? message|data at {octets:count} octets|octet a|per second",
    )

    def __post_init__(self) -> None:
        if not self.octets:
            raise ValueError(sentences.NEEDS_RATE)


@dataclass(frozen=True, slots=True)
class PauseReading:
    """Read nothing for a time amid the message, and then go on.

    Args:
        duration: how long, in microseconds.
        after: after how many octets of the message.
    """

    duration: int
    after: int

    FORMS: ClassVar[tuple[Any, ...]] = (
        "stop|pause reading! for {duration:duration} after {after:count} octets|octet of! the? DATA|message!",
        "wait|sleep|pause for? {duration:duration} after {after:count} octets|octet of! the? DATA|message!",
    )


@dataclass(frozen=True, slots=True)
class TakeBareLF:
    """Take a LF alone for the end of a command, too. Without this, a command goes on until CRLF."""

    FORMS: ClassVar[tuple[Any, ...]] = (
        "take|accept|treat|allow LF for|as the? end of a? commands|command|lines|line",
        "take|accept|allow LF in|at|behind the? end? of? a? commands|command",
        "end commands|command at|with LF",
    )


@dataclass(frozen=True, slots=True)
class Then:
    """End the connection, or never answer again, once the rest of the fault has been done; or stay open behind a 421.

    Args:
        how: as for `BreakAt`; or `STAY`.
    """

    how: str

    FORMS: ClassVar[tuple[Any, ...]] = (
        "and then? {how:end}",
        "then {how:end}",
        "but|and|then then? {how:stay}",
        ("but|and never close|cut|disconnect|end the? connection|session?", {"how": STAY}),
        ("but|and never hang up", {"how": STAY}),
        ("without closing|cutting|ending the? connection|session?", {"how": STAY}),
    )


@dataclass(frozen=True, slots=True)
class WithCode:
    """Refuse with this code in place of the usual one; it may stand behind conditions.

    Args:
        code: its digits.
        texts: the lines of the text; none for the usual ones.
    """

    code: str
    texts: tuple[bytes, ...] = ()

    FORMS: ClassVar[tuple[Any, ...]] = ("with {code:code} {texts:texts}",)


FaultAction = (
    SayCode | SayOctets | SendOctets | Interject | EndlessReply | LoseReply | HoldReply | RepeatReply | DelayReply
    | EditReply | WritePieces | ChangeOffer | Swallow | BreakOff | BreakAt | RefuseConnection | ReadSlowly
    | PauseReading | EndMessage | TakeBareLF | EditMessage | DiscardMessage | StoreAgain | BounceMessage
)  # fmt: skip
# In the order in which a phrase is tried: the first form that takes the whole text wins.
ACTIONS: tuple[type, ...] = (
    EndlessReply, EndMessage, TakeBareLF, EditMessage, DiscardMessage, StoreAgain, BounceMessage, LoseReply, HoldReply,
    RepeatReply, PauseReading, DelayReply, EditReply, WritePieces, ChangeOffer, BreakOff, BreakAt, RefuseConnection,
    ReadSlowly, Swallow, SendOctets, Interject, SayOctets, SayCode,
)  # fmt: skip
