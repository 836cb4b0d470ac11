"""Names for the messages of a host: counted, or made of the time so that no restart repeats them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def microseconds_now() -> int:
    """Return the microseconds since 1970 by this machine's clock."""
    return time.time_ns() // 1000


class QueueIds:
    """Queue ids, each once: A000001, A000002, and so on.

    A queue id is this host's own name for a message, for its replies and the Received field; it is not the Message-ID.

    Attributes:
        issued: how many have been issued. Set it back only if the later ids are not in use.
    """

    def __init__(self) -> None:
        self.issued = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.issued += 1
        return queue_id(self.issued)


def queue_id(number: int) -> str:
    """Return the queue id with a number, which is 1 for the first."""
    return f"A{number:06X}"


class TimedIds:
    """Queue ids made of the time in microseconds, such as ``H5Q0ZK2M1A``: ten digits to the base 36 until 2085.

    An id is not repeated after a restart, for a host takes less than a message in a microsecond. If the clock was set
    back, the ids of the messages that are still in the spool are not repeated either.

    Args:
        known: the ids of the messages in the spool.
        clock: returns the microseconds since 1970.
    """

    def __init__(self, known: Iterable[str] = (), clock: Callable[[], int] = microseconds_now) -> None:
        self._clock = clock
        self._last = max((_number(each) for each in known), default=0)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._last = max(self._clock(), self._last + 1)
        return _text(self._last)


def _text(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text.rjust(10, "0")


def _number(text: str) -> int:
    """Return the number of an id; 0 for an id of another form, which can never come again."""
    return int(text, 36) if len(text) == 10 and all(digit in _DIGITS for digit in text) else 0
