"""What greylisting keeps of its clients: when each client, sender and recipient first came together, and how often.

A host that greylists refuses such a triplet for a time. A mail host tries again, and many a program that sends spam
does not.
"""

from __future__ import annotations

from typing import NamedTuple

# How many triplets are kept, about 30 MB of them. Then the one that was seen least recently is new again.
MOST_TRIPLETS = 65_536


class Seen(NamedTuple):
    """How a triplet is known.

    Args:
        attempts: how often it has come, this time included.
        first: when it came first, in microseconds.
    """

    attempts: int
    first: int


class Triplets:
    """The triplets of one host. Case does not tell two of them apart.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = MOST_TRIPLETS) -> None:
        self._most = most
        self._seen: dict[tuple[str, str, str], Seen] = {}  # the one seen least recently comes first

    def note(self, client: str, sender: str, recipient: str, now: int) -> Seen:
        """Count that a client tries a sender and recipient, and return how the triplet is known.

        Args:
            client: its address as text.
            sender: the reverse-path, empty for the null reverse-path.
            recipient: the forward-path.
            now: the time, in microseconds.
        """
        triplet = client, sender.casefold(), recipient.casefold()
        before = self._seen.pop(triplet, Seen(0, now))
        seen = self._seen[triplet] = Seen(before.attempts + 1, before.first)
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]
        return seen

    def clear(self) -> None:
        """Forget all of them."""
        self._seen.clear()
