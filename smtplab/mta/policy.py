"""How a server treats its clients: the extensions that it offers, and its limits. `ServerSession` applies them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..protocol.extensions import Offer
from . import sentences

# RFC 1870 4: 0 would say that there is no limit. This one lets a 20 MB attachment through after base64.
DEFAULT_MESSAGE_OCTETS = 32 * 1024 * 1024


def _default_offer() -> Offer:
    return {
        "PIPELINING": "",
        "SIZE": str(DEFAULT_MESSAGE_OCTETS),
        "8BITMIME": "",
        "SMTPUTF8": "",
        "ENHANCEDSTATUSCODES": "",
    }


@dataclass(frozen=True, slots=True)
class Policy:
    """How a server treats its clients.

    Args:
        offer: the extensions in the EHLO reply.
        strict: see `ServerConnection`.
        max_recipients: recipients in a transaction; at least 100 (RFC 5321 4.5.3.1.8). The next one gets 452.
        max_errors: commands that were refused as wrong before the session is closed with 421; 0 closes it at the first.
        max_sessions: sessions at once; the next one is greeted with 421.
        idle_seconds: how long a client may take for a whole command, or be silent in a message; at least 300 (RFC 5321
            4.5.3.2.7).

    Raises:
        ValueError: if a limit is too low, `idle_seconds` is not above 0, or the SIZE of the offer is not a number
            (RFC 1870 4).
    """

    offer: Offer = field(default_factory=_default_offer)
    strict: bool = False
    max_recipients: int = 100
    max_errors: int = 10
    max_sessions: int = 1000
    idle_seconds: float = 300.0

    def __post_init__(self) -> None:
        if not self.idle_seconds > 0:  # also true of NaN
            raise ValueError(sentences.IDLE_SECONDS.format(seconds=self.idle_seconds))
        for name, least in (("max_recipients", 1), ("max_errors", 0), ("max_sessions", 1)):
            number = getattr(self, name)
            if not isinstance(number, int) or number < least:
                raise ValueError(sentences.LIMIT_TOO_LOW.format(name=name, number=number, least=least))
        size = self.offer.get("SIZE", "")
        if size and not (size.isascii() and size.isdigit()):
            raise ValueError(sentences.SIZE_OF_OFFER.format(size=size))

    @property
    def max_message_octets(self) -> int:
        """The most octets that a message may have, from the SIZE of the offer (RFC 1870 4); 0 for any number."""
        return int(self.offer.get("SIZE") or 0)
