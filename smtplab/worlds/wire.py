"""What one end of a connection in the virtual world has on the network: octets, closes and deadlines become events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto

from .scheduler import MICROSECONDS, NO_TIE_BREAKS, Event, Scheduler, TieBreaks
from .virtual import Link

_FOREVER = float("inf")


class Ending(Enum):
    """How an end leaves the connection."""

    CLOSE = auto()
    RESET = auto()


# What is sent at once: octets, the names of the replies in them, and how the connection ends after them, if it does.
SentOctets = tuple[bytes, tuple[str, ...], Ending | None]


def _nowhere() -> None:
    """Take nothing: there is no other end yet."""


class VirtualWire:
    """The network as one end of a connection sees it: what comes, what goes, and a timer.

    Both kinds of ends have one of this class, and none is a subclass of it. Most of the time of a world passes here,
    and Python finds attributes several times faster where all objects have the same class.

    Args:
        scheduler: runs the events.
        link: the way to the other end.
        ties: draws the order of its events at the same instant.

    Attributes:
        latency: of the link, in microseconds.
        is_limited: True if octets take time to leave.
        closed: True once this end has closed.
    """

    def __init__(self, scheduler: Scheduler, link: Link, ties: TieBreaks = NO_TIE_BREAKS) -> None:
        self._scheduler = scheduler
        self._link = link
        self._ties = ties
        self.latency = link.delay
        self.is_limited = link.octets_per_second > 0
        self.closed = False
        self._sending_until = 0  # when the octets sent so far have left, in microseconds
        self._peer: VirtualWire | None = None  # also after one end of the connection has closed
        self._arrive: Callable[[], None] = _nowhere  # calls the other end
        self._arriving: deque[SentOctets] = deque()  # on their way to here, in order
        # When the present wait of the driver ends, and the event that looks if it has. A wait that begins moves the
        # time alone, so of many waits few need an event.
        self._due = 0
        self._timer: Event | None = None
        self._timer_due = 0
        self._wait_number = -1  # the wait of the driver for which the time was set

    def join(self, peer: VirtualWire, arrive: Callable[[], None]) -> None:
        """Lead to another end.

        Args:
            peer: its wire.
            arrive: an event calls it for all that is sent at once; it is to `take` that.
        """
        self._peer, self._arrive = peer, arrive

    def after(self, delay: int, action: Callable[[], None]) -> None:
        """Schedule an event of this end, as `Scheduler.after` does."""
        self._scheduler.after(delay, action, self._ties)

    # Octets

    def send(self, data: bytes, names: tuple[str, ...] = (), ending: Ending | None = None) -> None:
        """Send octets. If they are the last, the end of the connection goes with them."""
        # Whatever order the tie-breaks give, each of these events takes what was sent first.
        peer = self._peer
        if peer is not None:
            peer._arriving.append((data, names, ending))
            delay = self._time_for(data) if self.is_limited else self.latency
            self._scheduler.after(delay, self._arrive, self._ties)

    def close(self, data: bytes, names: tuple[str, ...] = (), ending: Ending = Ending.CLOSE) -> None:
        """Close, behind the last octets, if there are any."""
        self.closed = True
        self.send(data, names, ending)
        if (peer := self._peer) is not None:  # neither end sends anything more
            peer._peer = self._peer = None
            peer._arrive = self._arrive = _nowhere

    def take(self) -> SentOctets:
        """Return what has arrived, when its event happens."""
        return self._arriving.popleft()

    @property
    def unsent(self) -> int:
        """How many octets have not left yet, because the link is slow."""
        left = self._sending_until - self._scheduler.now
        return -(-left * self._link.octets_per_second // MICROSECONDS) if left > 0 else 0

    def _time_for(self, data: bytes) -> int:
        """Return how long from now octets are under way: behind those sent before, and at the speed of the link."""
        now = self._scheduler.now
        self._sending_until = max(now, self._sending_until) + self._link.time_to_send(len(data))
        return self._sending_until - now + self.latency

    # The deadline

    def set_deadline(self, seconds: float | None, number: int, time_out: Callable[[], None], later: int = 0) -> None:
        """Set the deadline of the present wait, unless it is set; see `ServerSession.wait_number`.

        Args:
            seconds: how long the wait may take; None if nothing is awaited.
            number: the number of the wait.
            time_out: an event calls it; it is to look if the wait `is_over`.
            later: in how many microseconds the wait begins.
        """
        if seconds is None or seconds == _FOREVER:
            self.drop_timer()
            return
        has_timer = self._timer is not None
        if has_timer and self._wait_number == number:
            return
        self._wait_number = number
        self._due = due = self._scheduler.now + later + round(seconds * MICROSECONDS)
        if has_timer and self._timer_due > due:
            self.drop_timer()
            has_timer = False
        if not has_timer:
            self._set_timer(time_out)

    def drop_timer(self) -> None:
        """Forget the deadline."""
        if self._timer is not None:
            self._scheduler.cancel(self._timer)
            self._timer = None

    def is_over(self, time_out: Callable[[], None]) -> bool:
        """Return True if the wait is over. If another one has begun meanwhile, let an event look later."""
        self._timer = None
        if self._scheduler.now < self._due:
            self._set_timer(time_out)
            return False
        return True

    def _set_timer(self, time_out: Callable[[], None]) -> None:
        self._timer_due = self._due
        self._timer = self._scheduler.timer(self._due - self._scheduler.now, time_out, self._ties)
