"""What a fault does. Each action is a value and a phrase of the language; `fault` combines it with conditions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

from ..protocol.states import GREETING
from . import sentences
from .forms import KINDS, phrases
from .places import ALL_REPLIES, EVERYWHERE, At, Replies

CUT, RESET, HANG, STALL = "cut", "reset", "hang", "stop reading"

# How the connection ends, or hangs without an end.
BREAKS = KINDS["end"] = phrases(
    {CUT: ("cut", "close"), RESET: ("reset",), HANG: ("hang",), STALL: ("stop reading",)}, "BREAK"
)


class When(Enum):
    """When an action comes, as seen from the message or the reply that it is about."""

    AMID_MESSAGE = auto()
    BEFORE = auto()
    HALF = auto()
    WITHIN = auto()
    AFTER = auto()


class Edit(Enum):
    """How the octets of a reply are changed; the value says it in words."""

    CODE = "a wrong code"
    MIX = "mix the codes"
    END = "end the lines with other octets"
    BEGIN = "begin the lines with more octets"
    STRIP = "strip the text"
    PAD = "pad to a length"
    DROP = "drop the last octets"
    OPEN = "drop the last line"
    REPLACE = "replace octets"


@dataclass(frozen=True, slots=True)
class SayCode:
    """Answer with another code. 4yz and 5yz refuse: what they answer is not carried out. Other codes only hide.

    Args:
        code: its digits, legal or not. A 421 also closes the connection.
        texts: the lines of the text; none for the text that the host has for its own reply.
        lines: how many lines the reply gets; the last text is repeated.
        at: what is answered; None if the conditions say it.
    """

    code: str
    texts: tuple[bytes, ...] = ()
    lines: int = 0
    at: At | None = None

    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "reply! {code:code} {texts:texts}",
        "reply! {code:code} {texts:texts} to|at|as|for {at:At}",
        "reply! {code:code} {texts:texts} in {lines:count} lines|line",
        "reply! {code:code} {texts:texts} in {lines:count} lines|line to|at|as|for {at:At}",
        "reply! {code:code} in {lines:count} lines|line {texts:texts}",
        "reply! {code:code} in {lines:count} lines|line {texts:texts} to|at|as|for {at:At}",
        "reply|answer {code:code} to|at|as|for {at:At} {texts:texts}",
        "reply|answer {code:code} to|at|as|for {at:At} {texts:texts} in {lines:count} lines|line",
        "reply|answer {at:At} with {code:code} {texts:texts}",
        ("greet with {code:code} {texts:texts}", {"at": At(GREETING)}),
    )


@dataclass(frozen=True, slots=True)
class SayOctets:
    """Answer with octets as they are. The command is carried out all the same.

    Args:
        octets: what is sent in place of the reply.
        at: what is answered.
    """

    octets: bytes
    at: At = EVERYWHERE

    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "answer|reply {octets:octets} to|at|as|for {at:At}",
        "answer|reply {at:At} with {octets:octets}",
        "answer|reply {octets:octets}",
        "answer|reply {octets:octets} to|at|as|for all? replies",
        "send {octets:octets} instead of the reply to {at:At}",
    )


@dataclass(frozen=True, slots=True)
class SendOctets:
    """Send octets beside the replies.

    Args:
        octets: what is sent.
        when: before or after the reply, or amid the message.
        replies: the replies; not amid the message.
        after: amid the message, after how many of its octets.
    """

    octets: bytes
    when: When = When.AFTER
    replies: Replies = ALL_REPLIES
    after: int = 0

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("send {octets:octets} before {replies:Replies}", {"when": When.BEFORE}),
        ("send {octets:octets} after {replies:Replies}", {"when": When.AFTER}),
        ("send {octets:octets} after {after:count} octets|octet of the? DATA|message", {"when": When.AMID_MESSAGE}),
    )


@dataclass(frozen=True, slots=True)
class EndlessReply:
    """Answer with continuation lines without an end.

    Args:
        at: what is answered.
    """

    at: At = EVERYWHERE

    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "an! endless continuation|reply",
        "an! endless continuation|reply to|at|as {at:At}",
    )


@dataclass(frozen=True, slots=True)
class LoseReply:
    """Lose replies on their way; what they answer has been carried out."""

    replies: Replies

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = ("lose {replies:Replies}",)


@dataclass(frozen=True, slots=True)
class HoldReply:
    """Hold replies back until the next reply is sent, and send both at once."""

    replies: Replies

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = ("hold {replies:Replies} until? the? next? reply?",)


@dataclass(frozen=True, slots=True)
class RepeatReply:
    """Send replies more than once.

    Args:
        replies: the replies.
        times: how often each is sent in all.
    """

    replies: Replies
    times: int = 2

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("repeat {replies:Replies}", {"times": 2}),
        ("send {replies:Replies} twice", {"times": 2}),
        "send {replies:Replies} {times:count} times",
    )


@dataclass(frozen=True, slots=True)
class DelayReply:
    """Delay replies. The host does nothing else for this client meanwhile.

    Args:
        replies: the replies.
        duration: how long, in microseconds.
        most: if above `duration`, each delay is drawn between both.
        growing: True if the n-th reply of a session is delayed n times as long (a tarpit).
    """

    replies: Replies
    duration: int
    most: int = 0
    growing: bool = False

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "delay {replies:Replies} by|for {duration:duration}",
        "delay {replies:Replies} by|for {duration:duration} to {most:duration}",
        ("delay {replies:Replies} by|for {duration:duration} more each time", {"growing": True}),
        ("delay {replies:Replies} by|for {duration:duration} more", {"growing": True}),
    )


@dataclass(frozen=True, slots=True)
class EditReply:
    """Change the octets of replies.

    Args:
        edit: how they are changed.
        replies: the replies.
        octets: what is written.
        old: what is replaced.
        count: how many octets.
        code: the digits that are written.
    """

    edit: Edit
    replies: Replies = ALL_REPLIES
    octets: bytes = b""
    old: bytes = b""
    count: int = 0
    code: str = ""

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("a! wrong code", {"edit": Edit.CODE, "code": "999"}),
        ("a! wrong code in|to|for {replies:Replies}", {"edit": Edit.CODE, "code": "999"}),
        ("a! wrong code {code:code} in|to|for {replies:Replies}", {"edit": Edit.CODE}),
        ("end the? lines of {replies:Replies} with {octets:octets}", {"edit": Edit.END}),
        ("begin the? lines of {replies:Replies} with {octets:octets}", {"edit": Edit.BEGIN}),
        ("strip|drop the? text from|of {replies:Replies}", {"edit": Edit.STRIP}),
        ("pad {replies:Replies} to {count:count} octets|octet", {"edit": Edit.PAD}),
        ("drop the last line of {replies:Replies}", {"edit": Edit.OPEN}),
        ("drop the? last? {count:count} octets|octet of|from {replies:Replies}", {"edit": Edit.DROP}),
        ("replace {old:octets} by|with {octets:octets} in {replies:Replies}", {"edit": Edit.REPLACE}),
        ("mix the? codes of|in {replies:Replies}", {"edit": Edit.MIX}),
    )


@dataclass(frozen=True, slots=True)
class WritePieces:
    """Write replies in small pieces.

    Args:
        size: octets in a piece.
        pause: microseconds between pieces.
    """

    size: int
    pause: int = 0

    FORMS: ClassVar[tuple[Any, ...]] = (
        "{size:count}-octet writes|write",
        "{size:count}-octet writes|write every {pause:duration}",
        "writes of {size:count} octets|octet",
    )

    def __post_init__(self) -> None:
        if not self.size:
            raise ValueError(sentences.NEEDS_PIECES)


@dataclass(frozen=True, slots=True)
class ChangeOffer:
    """Add a line to the reply to EHLO, or leave one out. The host's own behaviour stays.

    Args:
        line: the keyword, with its parameters when it is added.
        hidden: True to leave it out.
    """

    line: bytes
    hidden: bool = False

    FORMS: ClassVar[tuple[Any, ...]] = (
        ("advertise {line:octets}", {"hidden": False}),
        ("hide {line:octets}", {"hidden": True}),
    )


@dataclass(frozen=True, slots=True)
class Swallow:
    """Ignore commands, as if they had never come."""

    at: At

    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = ("swallow|ignore at? {at:At}",)


@dataclass(frozen=True, slots=True)
class BreakOff:
    """End the connection, or never answer again.

    Args:
        how: CUT (FIN), RESET (RST), HANG: read all, answer nothing; or STALL: take no octets from the network either.
        when: amid the message, or where the conditions say; before or after a reply; within it, after so many octets;
            or after half of it.
        replies: which reply; None amid the message.
        octets: after how many octets of the message, or of the reply; -1 for neither.
    """

    how: str
    when: When = When.AMID_MESSAGE
    replies: Replies | None = None
    octets: int = -1

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        (
            "{how:end} after {octets:count} octets|octet of the? DATA|message",
            {"when": When.AMID_MESSAGE, "replies": None},
        ),
        ("{how:end} after half of? {replies:Replies}", {"when": When.HALF}),
        ("{how:end} after {octets:count} octets|octet of {replies:Replies}", {"when": When.WITHIN}),
        ("{how:end} before {replies:Replies}", {"when": When.BEFORE}),
        ("{how:end} after {replies:Replies}", {"when": When.AFTER}),
        ("{how:end} instead of {replies:Replies}", {"when": When.BEFORE}),
        "{how:end} the? connection?",
    )


@dataclass(frozen=True, slots=True)
class BreakAt:
    """End the connection when a command has come, or never answer again; the command is not carried out.

    Args:
        how: as for `BreakOff`.
        at: the command; the greeting for a break before anything is said.
    """

    how: str
    at: At

    PARTS: ClassVar[tuple[type, ...]] = (At,)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "{how:end} at|before {at:At}",
        "{how:end} after {at:At}",
        "{how:end} without answering {at:At}",
        ("{how:end} at once", {"at": At(GREETING)}),
    )


@dataclass(frozen=True, slots=True)
class RefuseConnection:
    """Refuse connections. On TCP the client gets a reset at once after the handshake."""

    every: int = 0

    FORMS: ClassVar[tuple[Any, ...]] = (
        "refuse every|each {every:ordinal} connection",
        ("refuse the|all|every|each? connections|connection", {"every": 0}),
        ("down", {"every": 0}),
    )


@dataclass(frozen=True, slots=True)
class ReadSlowly:
    """Read the message slowly.

    Args:
        octets: how many octets a second.
    """

    octets: int

    FORMS: ClassVar[tuple[Any, ...]] = ("read {octets:count} octets|octet a|per second",)

    def __post_init__(self) -> None:
        if not self.octets:
            raise ValueError(sentences.NEEDS_RATE)


@dataclass(frozen=True, slots=True)
class Greylist:
    """Refuse a new client, sender and recipient: short for ``451 to RCPT in the first TIME of a triplet``.

    The text of the reply says that the host greylists, and that the client may try again.
    """

    duration: int

    FORMS: ClassVar[tuple[Any, ...]] = ("greylist for {duration:duration}",)


FaultAction = (
    SayCode | SayOctets | SendOctets | EndlessReply | LoseReply | HoldReply | RepeatReply | DelayReply | EditReply
    | WritePieces | ChangeOffer | Swallow | BreakOff | BreakAt | RefuseConnection | ReadSlowly | Greylist
)  # fmt: skip
# In the order in which a phrase is tried: the first form that takes the whole text wins.
ACTIONS: tuple[type, ...] = (
    EndlessReply, LoseReply, HoldReply, RepeatReply, DelayReply, EditReply, WritePieces, ChangeOffer, Swallow, BreakOff,
    BreakAt, RefuseConnection, ReadSlowly, Greylist, SendOctets, SayOctets, SayCode,
)  # fmt: skip
