"""A clock of this process's own time, which rings for the main thread. Not in a browser.

It takes the system's virtual timer, so real time and the timers of a grader that limit it are left alone.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

_PAUSE = 0.01  # seconds from one ringing to the next


def start_clock(seconds: float, action: Callable[[int, FrameType | None], None]) -> Callable[[], None]:
    """Start the clock, and return what stops it. In another thread, or on a system without it, nothing starts.

    Args:
        seconds: of the process's own time until it rings; then it rings again and again.
        action: what is called whenever it rings, with the frame that runs.
    """
    if not _can_ring():
        return lambda: None
    before = signal.signal(signal.SIGVTALRM, action)
    _ring(seconds)

    def stop() -> None:
        _ring(0.0)
        signal.signal(signal.SIGVTALRM, before)

    return stop


def ring_again() -> None:
    """Let a clock that was started ring soon, and again and again."""
    if _can_ring():
        _ring(_PAUSE)


def _can_ring() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _ring(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, min(seconds, _PAUSE))
