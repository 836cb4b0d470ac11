"""What a fault does to replies. Each action is a value and a phrase of the language; `actions` has all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

from ..base.duration import SECOND
from ..protocol.states import GREETING
from . import sentences
from .places import ALL_REPLIES, EVERYWHERE, At, Replies

CLOSING_CODE = "421"
"""Ends a session at any time (RFC 5321 3.8)."""
SAY = "reply|answer|respond|return|give|send|say! with?"
"""How a form begins whose code comes next."""
_ONE_PLACE = [(code, Replies(code=code)) for code in ("220", "221", "354")]  # the codes that only one thing gets
GREETING_REPLY = Replies(At(GREETING))


class When(Enum):
    """When an action comes, as seen from the message or the reply that it is about."""

    AMID_MESSAGE = auto()
    BEFORE = auto()
    HALF = auto()
    WITHIN = auto()
    AFTER = auto()


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
    _SAY: ClassVar[str] = f"{SAY} {{code:code}} {{texts:texts}}"
    _TO: ClassVar[str] = "to|at|on|as|for|after {at:At}"
    _LINES: ClassVar[str] = "in {lines:count} lines|line"
    FORMS: ClassVar[tuple[Any, ...]] = (
        f"{_SAY} {_TO}",
        f"{_SAY} {_LINES} {_TO}",
        _SAY,
        f"{_SAY} {_LINES}",
        f"reply|answer! {{code:code}} {_LINES} {{texts:texts}} {_TO}",
        f"reply|answer! {{code:code}} {_LINES} {{texts:texts}}",
        f"reply|answer! {{code:code}} {_TO} {{texts:texts}}",
        f"reply|answer! {{code:code}} {_TO} {{texts:texts}} {_LINES}",
        "reply|answer|respond to? {at:At} with {code:code} {texts:texts}",
        f"reply|answer|respond to? {{at:At}} with {{code:code}} {{texts:texts}} {_LINES}",
        "refuse|reject {at:At} with {code:code} {texts:texts}",
        ("refuse|reject {at:At}", {"code": "550"}),
        ("temporarily refuse|reject {at:At}", {"code": "451"}),
        ("never support|implement {at:At}", {"code": "502"}),
        ("{at:At} is|are unknown|disabled|unsupported", {"code": "502"}),
        ("{at:At} is|are not supported|implemented|known", {"code": "502"}),
        ("never accept|allow {at:At}", {"code": "550"}),
        ("accept every|any|all! RCPT|recipient|recipients", {"code": "250", "at": At("RCPT")}),
        ("close|end the? connection|session? with 421 {texts:texts} at|on {at:At}", {"code": "421"}),
        ("close|end the? connection|session? with 421 {texts:texts}", {"code": "421"}),
        "{at:At} gets|get {code:code} {texts:texts}",
        ("greet with {code:code} {texts:texts}", {"at": At(GREETING)}),
        (f"greet with {{code:code}} {{texts:texts}} {_LINES}", {"at": At(GREETING)}),
        (f"greet {_LINES}", {"at": At(GREETING), "code": "220"}),
        ("send? a! {lines:count}-line greeting|banner", {"at": At(GREETING), "code": "220"}),
    )


@dataclass(frozen=True, slots=True)
class SayOctets:
    """Answer with octets as they are. The command is carried out all the same.

    Args:
        octets: what is sent in place of the reply.
        replies: the replies.
    """

    octets: bytes
    replies: Replies = ALL_REPLIES

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "answer|reply|respond|send with? {octets:octets}",
        "answer|reply|respond|send with? {octets:octets} to|at|as|for {replies:answers}",
        "answer|reply|respond|send with? {octets:octets} instead of {replies:Replies}",
        "answer|reply|respond to? {replies:answers} with {octets:octets}",
        ("answer|reply|respond with? {octets:octets} to|at|as|for all? replies", {"replies": ALL_REPLIES}),
        ("greet with {octets:octets}", {"replies": GREETING_REPLY}),
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
        ("send {octets:octets} before {replies:answers}", {"when": When.BEFORE}),
        ("send {octets:octets} after {replies:answers}", {"when": When.AFTER}),
        ("send {octets:octets} after {after:count} octets|octet of! the? DATA|message!", {"when": When.AMID_MESSAGE}),
    )


@dataclass(frozen=True, slots=True)
class Interject:
    """Send a reply amid the message, which nothing asked for. A 421 also closes the connection.

    Args:
        code: its digits.
        texts: the lines of the text.
        after: after how many octets of the message.
    """

    code: str
    texts: tuple[bytes, ...] = ()
    after: int = 1

    _SAY: ClassVar[str] = "reply|answer|send! {code:code} {texts:texts} amid|during the? DATA|message"
    FORMS: ClassVar[tuple[Any, ...]] = (
        f"{_SAY} after {{after:count}} octets|octet",
        (_SAY, {"after": 1}),
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
        "an! endless continuation|reply to|at|as|for {at:At}",
        "never end the? reply|answer to {at:At}",
        ("an? endless greeting", {"at": At(GREETING)}),
        "the? reply|answer|response to {at:At} never ends",
        "{at:At} reply|answer|response never ends",
    )


@dataclass(frozen=True, slots=True)
class LoseReply:
    """Lose replies on their way, or never answer. What the client asked for has been carried out.

    Args:
        replies: the replies.
    """

    replies: Replies

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "lose|skip|omit|suppress {replies:Replies}",
        "never answer|acknowledge {replies:answers}",
        "never reply|respond to {replies:answers}",
        ("never answer|reply|respond", {"replies": ALL_REPLIES}),
        "no answer|reply|response to|at|for|after {replies:answers}",
        "stop answering {replies:answers}",
        "leave {replies:answers} unanswered",
        ("no greeting|banner", {"replies": GREETING_REPLY}),
        ("never greet", {"replies": GREETING_REPLY}),
        ("send no greeting|banner", {"replies": GREETING_REPLY}),
        "never send {replies:Replies}",
    )


@dataclass(frozen=True, slots=True)
class HoldReply:
    """Hold replies back until the next reply is sent, and send both at once.

    Args:
        replies: the replies.
        swapped: True to send them behind the next reply.
    """

    replies: Replies
    swapped: bool = False

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "hold {replies:Replies} until? the? next? reply?",
        ("swap {replies:Replies} with the next reply|one", {"swapped": True}),
        ("send {replies:Replies} after|behind the next reply|one", {"swapped": True}),
    )


@dataclass(frozen=True, slots=True)
class RepeatReply:
    """Send replies more than once.

    Args:
        replies: the replies.
        times: how often each is sent in all; 0 for once for each recipient.
    """

    replies: Replies
    times: int = 2

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        ("repeat|double {replies:Replies}", {"times": 2}),
        ("send {replies:Replies} twice", {"times": 2}),
        "send {replies:Replies} {times:positive} times",
        ("answer|reply to? {replies:answers} twice", {"times": 2}),
        ("answer|reply twice to {replies:answers}", {"times": 2}),
        *((f"reply|answer|send! with? {code} twice", {"times": 2, "replies": replies}) for code, replies in _ONE_PLACE),
        ("greet twice", {"times": 2, "replies": GREETING_REPLY}),
        ("send|repeat {replies:Replies} once? for|per each|every? recipient", {"times": 0}),
    )


@dataclass(frozen=True, slots=True)
class DelayReply:
    """Delay replies. The host does nothing else for this client meanwhile.

    Args:
        replies: the replies.
        duration: how long, in microseconds.
        most: if above `duration`, each delay is drawn between both.
        growing: if ``reply``, the n-th reply of a session is delayed n times as long (a tarpit); if ``error``, a reply
            after n errors is; if ``rest``, the host rests behind the reply.
    """

    replies: Replies
    duration: int
    most: int = 0
    growing: str = ""

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    _WAIT: ClassVar[str] = "wait|sleep|pause|delay for? {duration:duration} before|between"
    FORMS: ClassVar[tuple[Any, ...]] = (
        "delay {replies:Replies} by|for! {duration:duration}",
        "delay {replies:answers} by|for! {duration:duration}",
        "delay {replies:Replies} by|for! {duration:duration} to {most:duration}",
        ("delay {replies:Replies} by|for! {duration:duration} more each time", {"growing": "reply"}),
        ("delay {replies:Replies} by|for! {duration:duration} more", {"growing": "reply"}),
        ("delay {replies:Replies} by|for! {duration:duration} more after|for|with each error", {"growing": "error"}),
        ("delay {replies:Replies} by|for! {duration:duration} after|for each error", {"growing": "error"}),
        f"{_WAIT} {{replies:Replies}}",
        f"{_WAIT} answering|replying? to? {{replies:answers}}",
        "answer|reply to? {replies:answers} after {duration:duration}",
        "send {replies:Replies} after {duration:duration}",
        "{replies:answers} takes|take {duration:duration}",
        "take {duration:duration} to answer {replies:answers}",
        ("wait|hang|sleep|pause|delay for? {duration:duration} after {replies:Replies}", {"growing": "rest"}),
        ("wait|hang|sleep|pause|delay for? {duration:duration} after {replies:answers}", {"growing": "rest"}),
        ("hang|wait|sleep|pause after {replies:answers} for {duration:duration}", {"growing": "rest"}),
        "hang|wait|sleep|pause|delay for? {duration:duration} at|before {replies:answers}",
        "hang|wait|sleep|pause at|before {replies:answers} for {duration:duration}",
        ("wait|sleep|pause|delay for? {duration:duration}", {"replies": ALL_REPLIES}),
        ("greet after {duration:duration}", {"replies": GREETING_REPLY}),
        "{replies:answers} comes|arrives after|behind {duration:duration}",
        ("tarpit {replies:answers} by|of|with|for {duration:duration}", {"growing": "reply"}),
        ("tarpit by|of|with|for! {duration:duration}", {"growing": "reply", "replies": ALL_REPLIES}),
        ("tarpit {replies:answers}", {"growing": "reply", "duration": SECOND}),
        ("tarpit|tarpits", {"growing": "reply", "duration": SECOND, "replies": ALL_REPLIES}),
        (
            "slow down by {duration:duration} with|at|for|after each|every command",
            {"growing": "reply", "replies": ALL_REPLIES},
        ),
    )


@dataclass(frozen=True, slots=True)
class WritePieces:
    """Write replies in small pieces.

    Args:
        size: octets, or lines, in a piece.
        pause: microseconds between pieces.
        replies: the replies.
        lines: True if a piece is lines.
    """

    size: int
    pause: int = 0
    replies: Replies = ALL_REPLIES
    lines: bool = False

    PARTS: ClassVar[tuple[type, ...]] = (Replies, At)
    FORMS: ClassVar[tuple[Any, ...]] = (
        "{size:count}-octet writes|write",
        "{size:count}-octet writes|write every {pause:window}",
        "write|send {replies:Replies} in {size:count}-octet pieces|writes|packets|segments",
        "write|send {replies:Replies} in {size:count}-octet pieces|writes|packets|segments every {pause:window}",
        ("{size:count}-line writes|write", {"lines": True}),
        ("{size:count}-line writes|write every {pause:window}", {"lines": True}),
        ("write|send {replies:Replies} in {size:count}-line pieces|writes|packets|segments", {"lines": True}),
        (
            "write|send {replies:Replies} in {size:count}-line pieces|writes|packets|segments every {pause:window}",
            {"lines": True},
        ),
        "writes of {size:count} octets|octet",
        ("write|send {replies:Replies} at {size:count} octets|octet a|per second", {"pause": SECOND}),
        ("write|send {size:count} octets|octet a|per second", {"pause": SECOND}),
        "write|send {size:count} octets|octet at a time",
        ("write|send {size:count} lines|line at a time", {"lines": True}),
        ("write|send {replies:Replies} octet by octet", {"size": 1}),
        ("write|send {replies:Replies} one octet at a time", {"size": 1}),
        ("split|break {replies:Replies} in|into single octets", {"size": 1}),
        "split|break {replies:Replies} in|into {size:count}-octet pieces|writes|packets|segments",
        "split|break {replies:Replies} after|every {size:count} octets|octet",
        ("write|send {replies:Replies} octet by octet every {pause:window}", {"size": 1}),
        ("write|send {replies:Replies} line by line", {"size": 1, "lines": True}),
        ("write|send {replies:Replies} line by line every {pause:window}", {"size": 1, "lines": True}),
    )

    def __post_init__(self) -> None:
        if not self.size:
            raise ValueError(sentences.NEEDS_PIECES)


@dataclass(frozen=True, slots=True)
class ChangeOffer:
    """Add a line to the reply to EHLO, in place of that of its keyword, or leave one out. The host does as before.

    Args:
        line: the keyword, with its parameters when it is added.
        hidden: True to leave it out.
    """

    line: bytes
    hidden: bool = False

    FORMS: ClassVar[tuple[Any, ...]] = (
        ("advertise|offer|announce|support {line:keyword}", {"hidden": False}),
        ("hide|omit|disable {line:keyword}", {"hidden": True}),
        ("hide|omit|disable|drop {line:keyword} from the? reply? to? EHLO", {"hidden": True}),
        ("never advertise|offer|announce|support {line:keyword}", {"hidden": True}),
        ("no {line:keyword}", {"hidden": True}),
    )
