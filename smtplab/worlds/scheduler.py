"""Run events on a virtual clock, in integer microseconds.

Nothing waits here and nothing runs in parallel: the clock jumps from one event to the next. No event runs inside
another one, so a chain of a thousand relays needs no deeper Python stack than a single relay.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush

from ..base.duration import MICROSECONDS as MICROSECONDS  # the unit of its clock, for those who schedule
from ..base.seed import Seed
from . import sentences

# A cancelled event keeps its place in the heap until its time comes, and most deadlines are cancelled long before. So
# all of them are removed once they are more than this and more than half of the heap.
_CANCELLED = 64


_BITS = 64
_STATES = 2**_BITS
_MASK = _STATES - 1
# Constants of a linear congruential generator, from Steele and Vigna, "Computationally easy, spectrally good".
_FACTOR, _INCREMENT = 0xD1342543DE82EF95, 0x14057B7EF767814F


class TieBreaks:
    """Draw the order of what one source schedules for the same instant, such as a connection.

    Each source draws from its own stream, so one more event of a source changes the order of no other's. A stream of
    random numbers for all would be moved by it.

    Args:
        seed: the seed of all sources; None to draw nothing, so that events keep the order in which they were added.
        name: the name of the source; no other has it.
    """

    __slots__ = ("_state",)

    def __init__(self, seed: Seed | None = None, name: str = "") -> None:
        self._state = 0 if seed is None else seed.number(name, _STATES) | 1

    def draw(self) -> int:
        """Return the next tie-break."""
        state = self._state
        if not state:
            return 0
        self._state = state = (state * _FACTOR + _INCREMENT) & _MASK or 1
        return state >> 32


NO_TIE_BREAKS = TieBreaks()


class Event:
    """Something that will happen, unless it is cancelled, as `Scheduler.timer` returns it.

    Attributes:
        action: what will; None once it has happened or is cancelled.
    """

    __slots__ = ("action",)

    action: Callable[[], None] | None

    def __call__(self) -> None:
        """Happen."""
        action, self.action = self.action, None
        assert action is not None  # the scheduler skips what is cancelled
        action()


def _is_cancelled(action: Callable[[], None]) -> bool:
    return type(action) is Event and action.action is None


class Scheduler:
    """Runs events in the order of their time, then of their tie-break, then in which they were added.

    Attributes:
        now: the present instant, in microseconds since the world began.
    """

    def __init__(self) -> None:
        self.now = 0
        self._added = 0
        self._cancelled = 0
        # Most actions stand here by themselves. An `Event` around each would cost as much as the rest of `after`.
        self._heap: list[tuple[int, int, int, Callable[[], None]]] = []

    def read(self) -> int:
        """Return the present instant, as `now`, for those who take a clock."""
        return self.now

    @property
    def next_time(self) -> int | None:
        """The time of the next event, in microseconds; None if there is none."""
        heap = self._heap
        while heap and _is_cancelled(heap[0][3]):
            heappop(heap)
            self._cancelled -= 1
        return heap[0][0] if heap else None

    def after(self, delay: int, action: Callable[[], None], ties: TieBreaks = NO_TIE_BREAKS) -> None:
        """Schedule an action that nobody cancels.

        Args:
            delay: how long from now, in microseconds.
            action: what to call.
            ties: draws the order among events of the same instant.

        Raises:
            ValueError: if the time is in the past.
        """
        if delay < 0:
            raise ValueError(sentences.DELAY.format(delay=delay))
        self._added = added = self._added + 1
        heappush(self._heap, (self.now + delay, ties.draw(), added, action))

    def timer(self, delay: int, action: Callable[[], None], ties: TieBreaks = NO_TIE_BREAKS) -> Event:
        """Schedule an action, and return the event for `cancel`; the arguments and errors are those of `after`."""
        event = Event()  # without arguments, which would take half the time of this method
        event.action = action
        self.after(delay, event, ties)
        return event

    def cancel(self, event: Event) -> None:
        """Cancel an event. If it has happened or is cancelled already, nothing changes."""
        if event.action is None:
            return
        event.action = None
        self._cancelled += 1
        if self._cancelled > max(_CANCELLED, len(self._heap) // 2):
            self._heap = [entry for entry in self._heap if not _is_cancelled(entry[3])]
            heapify(self._heap)
            self._cancelled = 0

    def step(self, until: int | None = None) -> bool:
        """Move the clock to the next event and run it; return False if there is none.

        Args:
            until: the last instant at which an event may happen; None for no end.
        """
        heap = self._heap
        while heap:
            time, _, _, action = entry = heappop(heap)
            if type(action) is Event and action.action is None:  # as `_is_cancelled`, which takes longer
                self._cancelled -= 1
            elif until is not None and time > until:
                heappush(heap, entry)
                return False
            else:
                self.now = time
                action()
                return True
        return False
