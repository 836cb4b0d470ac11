"""What both ends of a connection in the virtual world have in common: octets, closes and deadlines become events.

`connections` has the two kinds of ends: of the client that called, and of the host that was called.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from typing import Protocol

from .scheduler import MICROSECONDS, NO_TIE_BREAKS, Event, TieBreaks
from .virtual import Link, World

_FOREVER = float("inf")


class Ending(Enum):
    """How an end leaves the connection."""

    CLOSE = auto()
    RESET = auto()


# What is sent at once: octets, the names of the replies in them, and how the connection ends after them, if it does.
SentOctets = tuple[bytes, tuple[str, ...], Ending | None]


class Driver(Protocol):
    """What either end of a connection runs: `DeliverySession` or `ServerSession`."""

    @property
    def wait_number(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    @property
    def awaits(self) -> float | None: ...
    def receive(self, data: bytes) -> None: ...
    def data_to_send(self) -> bytes: ...
    def timed_out(self) -> None: ...


class End:
    """One end of a connection. After each change of its driver, `pump` sends, closes and sets the deadline.

    Args:
        world: where it is.
        driver: what it runs.
        link: the way to the other end.
        ties: draws the order of its events at the same instant.
        recorded: True if `_note_sent` is to be called with what it sends.
    """

    def __init__(
        self, world: World, driver: Driver, link: Link, ties: TieBreaks = NO_TIE_BREAKS, *, recorded: bool = False
    ) -> None:
        self._world = world
        self._scheduler = world.scheduler
        self._ties = ties
        self._driver = driver
        self._link = link  # the way to the other end
        self._latency = link.delay
        self._is_limited = link.octets_per_second > 0
        self._recorded = recorded
        self._sending_until = 0  # when the octets sent so far have left, in microseconds
        self._peer: End | None = None  # None before the connection is there, and after one of its ends has closed
        # On their way to here, in order.
        self._arriving: deque[SentOctets] = deque()
        self._closed = False
        # When the present wait of the driver ends, and the event that looks if it has. A wait that begins moves the
        # time alone, so of many waits few need an event.
        self._due = 0
        self._timer: Event | None = None
        self._timer_due = 0
        self._wait_number = -1  # the wait of the driver for which the time was set

    def pump(self) -> None:
        """Send what the driver has to say, close if it is done, and set its deadline; each end does more between."""

    def _send(self) -> None:
        driver = self._driver
        data = driver.data_to_send()
        if driver.closed:
            if not self._closed:
                self._close(data)
        elif data:
            self._transmit(data)

    def _note_sent(self, data: bytes) -> tuple[str, ...]:
        """Note octets just taken from the driver; return the canonical names of the replies in them."""
        return ()

    def _transmit(self, data: bytes, ending: Ending | None = None) -> None:
        """Send octets. If they are the last, the end of the connection goes with them."""
        names = self._note_sent(data) if self._recorded else ()
        # Whatever order the tie-breaks give, each of these events takes what was sent first.
        peer = self._peer
        if peer is not None:
            peer._arriving.append((data, names, ending))
            delay = self._time_for(data) if self._is_limited else self._latency
            self._scheduler.after(delay, peer._arrive, self._ties)

    def _time_for(self, data: bytes) -> int:
        """Return how long from now octets are under way: behind those sent before, and at the speed of the link."""
        now = self._scheduler.now
        self._sending_until = max(now, self._sending_until) + self._link.time_to_send(len(data))
        return self._sending_until - now + self._latency

    def _arrive(self) -> None:
        data, names, ending = self._arriving.popleft()
        if not self._closed:
            self._take(data, names, ending)
            self.pump()

    def _take(self, data: bytes, names: tuple[str, ...], ending: Ending | None) -> None:
        """Give what has arrived to the driver, the end of the connection too: nothing is sent between the two."""
        if data:
            self._driver.receive(data)
        if ending is not None:
            self._driver.receive(b"")

    def _close(self, data: bytes) -> None:
        """Close, behind the last octets, if there are any."""
        self._closed = True
        self._transmit(data, Ending.RESET if self._resets else Ending.CLOSE)
        if (peer := self._peer) is not None:
            peer._peer = self._peer = None  # neither end sends anything more

    @property
    def _resets(self) -> bool:
        """True if this end closes by a reset."""
        return False

    def _set_deadline(self, later: int = 0) -> None:
        """Set the deadline of the present wait, unless it is set; see `ServerSession.wait_number`.

        Args:
            later: in how many microseconds the wait begins.
        """
        driver = self._driver
        seconds = driver.awaits
        if seconds is None or seconds == _FOREVER:
            self._drop_timer()
            return
        number = driver.wait_number
        has_timer = self._timer is not None
        if not has_timer or self._wait_number != number:
            self._wait_number = number
            self._due = due = self._scheduler.now + later + round(seconds * MICROSECONDS)
            if has_timer and self._timer_due > due:
                self._drop_timer()
                has_timer = False
            if not has_timer:
                self._set_timer()

    def _set_timer(self) -> None:
        self._timer_due = self._due
        self._timer = self._scheduler.after(self._due - self._scheduler.now, self._time_out, self._ties)

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._scheduler.cancel(self._timer)
            self._timer = None

    def _time_out(self) -> None:
        """End the wait, or look later if another one has begun meanwhile."""
        self._timer = None
        if self._scheduler.now < self._due:
            self._set_timer()
        else:
            self._driver.timed_out()
            self.pump()
