"""Phrases that are short for an action and what stands behind it. A fault has what they mean; none is written back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..base.duration import MINUTE
from ..protocol.states import GREETING
from .actions import CUT, FaultAction, Then
from .conditions import PLAIN_OCTETS, SPANS, Above, After, FaultCondition, Greylisted, Idle, OnConnection
from .forms import read_slot, write
from .places import ALL_REPLIES, ANY, EVERYWHERE, At, Replies
from .reply_actions import CLOSING_CODE, SAY, SayCode
from .reply_edits import Edit, EditReply
from .slots import KINDS, Found, SlotKind
from .tokens import Text

Meaning = tuple[FaultAction, tuple[FaultCondition | Then, ...]]
"""An action, and what stands behind it."""

# What alone gets a code when all is well.
_PLACE_OF_CODE = {"220": GREETING, "221": "QUIT", "354": "DATA"}
_LIMIT_CODES = {
    "recipients": "452", "octets": "552", PLAIN_OCTETS: "552", "command_octets": "500", "line_octets": "500",
}  # fmt: skip
# RFC 6647 2.1 has 451; RFC 3463 3.8 calls 4.7.1 a delivery that is not authorized, for now.
_GREYLISTING_TEXT = b"4.7.1 Greylisted; try again later"


@dataclass(frozen=True, slots=True)
class Limit:
    """Refuse what is beyond a limit: short for ``CODE above NUMBER MEASURE``, with the usual code.

    Args:
        count: the limit.
        what: what is limited, as for `Above`.
        scope: whose, as for `Above`.
        window: the time in which it counts, in microseconds; 0 for all.
    """

    count: int
    what: str
    scope: str = ""
    window: int = 0

    FORMS: ClassVar[tuple[Any, ...]] = (
        *(f"limit {{what:measure}} to {{count:count}} {span}" for span in SPANS),
        *(f"allow|accept at? most? {{count:count}} {{what:measure}} {span}" for span in SPANS),
        *(f"at most {{count:count}} {{what:measure}} {span}" for span in SPANS),
        *(f"{{count:count}} {{what:measure}} {span}" for span in SPANS if span),
        *(f"refuse|reject above {{count:count}} {{what:measure}} {span}" for span in SPANS),
        ("limit line|lines length? to {count:count} octets|octet", {"what": "line_octets"}),
        ("limit the? message|messages to {count:count} octets|octet", {"what": "octets"}),
    )

    def meant(self) -> Meaning:
        """Return what it is short for. The codes are those of RFC 5321 4.5.3.1.10 and RFC 1870 6.3, or 421."""
        code = _LIMIT_CODES.get(self.what, CLOSING_CODE)
        return SayCode(code), (Above(self.count, self.what, self.scope, self.window),)


@dataclass(frozen=True, slots=True)
class IdleTimeout:
    """Close idle sessions: short for ``421 after TIME of silence`` (RFC 5321 4.5.3.2.7).

    Args:
        silence: microseconds.
    """

    silence: int

    FORMS: ClassVar[tuple[Any, ...]] = (
        "idle? timeout of|after {silence:duration}",
        "time out after {silence:duration}",
        "close|drop idle connections|sessions|clients after {silence:duration}",
    )

    def meant(self) -> Meaning:
        """Return what it is short for."""
        return SayCode(CLOSING_CODE), (Idle(self.silence),)


@dataclass(frozen=True, slots=True)
class Greylist:
    """Refuse a new client, sender and recipient: short for ``451 to RCPT in the first TIME of a triplet``.

    The text of the reply says that the host greylists, and that the client may try again.

    Args:
        duration: microseconds.
        code: the digits of the reply.
    """

    duration: int
    code: str = "451"

    FORMS: ClassVar[tuple[Any, ...]] = (
        "greylist for {duration:duration}",
        "greylist with {code:code} for {duration:duration}",
        ("greylist", {"duration": 5 * MINUTE}),
    )

    def meant(self) -> Meaning:
        """Return what it is short for."""
        return SayCode(self.code, (_GREYLISTING_TEXT,), at=At("RCPT")), (Greylisted(duration=self.duration),)


@dataclass(frozen=True, slots=True)
class Instead:
    """Refuse what would get another reply: short for ``CODE to PLACE``. A 421 also closes the connection.

    Another code in place of a refusal is only another code, and nothing more is refused.

    Args:
        code: the digits; 4yz or 5yz.
        replies: what would be the replies.
        texts: the lines of the text.
    """

    code: str
    replies: Replies
    texts: tuple[bytes, ...] = ()

    FORMS: ClassVar[tuple[Any, ...]] = (f"{SAY} {{code:refusal}} {{texts:texts}} instead of {{replies:placed}}",)

    def meant(self) -> Meaning:
        """Return what it is short for."""
        if self.replies.is_refusal:
            closes = self.code == CLOSING_CODE
            return EditReply(Edit.CODE, self.replies, code=self.code), (Then(CUT),) if closes else ()
        return SayCode(self.code, self.texts, at=_place_of(self.replies)), ()


@dataclass(frozen=True, slots=True)
class OnSome:
    """Refuse some connections: short for ``CODE to the greeting on ... connection``.

    Args:
        connection: which.
        code: the digits.
        texts: the lines of the text.
    """

    connection: OnConnection
    code: str
    texts: tuple[bytes, ...] = ()

    PARTS: ClassVar[tuple[type, ...]] = (OnConnection,)
    FORMS: ClassVar[tuple[Any, ...]] = ("{connection:OnConnection} gets|get {code:code} {texts:texts}",)

    def meant(self) -> Meaning:
        """Return what it is short for."""
        return SayCode(self.code, self.texts, at=At(GREETING)), (self.connection,)


@dataclass(frozen=True, slots=True)
class Require:
    """Refuse what comes too early: short for ``503 to VERB before VERB``, or 530 for AUTH and STARTTLS.

    Args:
        first: the verb that must have come.
        verb: the one that is refused without it.
    """

    first: str
    verb: str = "MAIL"

    FORMS: ClassVar[tuple[Any, ...]] = (
        "require {first:verb_name} before|for {verb:verb_name}",
        "require {first:verb_name}",
    )

    def meant(self) -> Meaning:
        """Return what it is short for. The codes are those of RFC 3207 4, RFC 4954 6 and RFC 5321 4.1.4."""
        code = "530" if self.first in ("AUTH", "STARTTLS") else "503"
        return SayCode(code, at=At(self.verb)), (After(At(self.first), lacking=True),)


def _place_of(replies: Replies) -> At | None:
    """Return what replies answer; None for everything, or if they do not say it."""
    at = At(_PLACE_OF_CODE.get(replies.code, ANY)) if replies.at == EVERYWHERE else replies.at
    return None if at == EVERYWHERE else at


def _read_placed(text: Text, at: int) -> Found:
    for replies, behind in read_slot(Replies, text, at):
        if replies.is_refusal or replies == ALL_REPLIES or _place_of(replies):
            yield replies, behind


_PLACED = ("replies", "the greeting", "the 354", "the 250 to RCPT", "the 451 to RCPT", "errors")
KINDS["placed"] = SlotKind(_read_placed, write, "REPLIES", _PLACED)


ShortForm = Limit | IdleTimeout | Greylist | Instead | OnSome | Require
SHORT_FORMS: tuple[type[ShortForm], ...] = (Limit, IdleTimeout, Greylist, Instead, OnSome, Require)
