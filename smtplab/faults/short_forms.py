"""Phrases that are short for a reply and a condition. A fault has what they mean, so none is ever written back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..base.duration import MINUTE
from .conditions import PLAIN_OCTETS, SPANS, Above, Greylisted, Idle
from .places import At
from .reply_actions import CLOSING_CODE, SayCode

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
        ("limit the? message|messages to {count:count} octets|octet", {"what": "octets"}),
    )

    def meant(self) -> tuple[SayCode, Above]:
        """Return what it is short for. The codes are those of RFC 5321 4.5.3.1.10 and RFC 1870 6.3, or 421."""
        code = _LIMIT_CODES.get(self.what, CLOSING_CODE)
        return SayCode(code), Above(self.count, self.what, self.scope, self.window)


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

    def meant(self) -> tuple[SayCode, Idle]:
        """Return what it is short for."""
        return SayCode(CLOSING_CODE), Idle(self.silence)


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

    def meant(self) -> tuple[SayCode, Greylisted]:
        """Return what it is short for."""
        return SayCode(self.code, (_GREYLISTING_TEXT,), at=At("RCPT")), Greylisted(duration=self.duration)


ShortForm = Limit | IdleTimeout | Greylist
SHORT_FORMS: tuple[type[ShortForm], ...] = (Limit, IdleTimeout, Greylist)
