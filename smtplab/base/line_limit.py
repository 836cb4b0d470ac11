"""Stop code of a student's that would run for ever, whatever it does: loop, grow, or catch every error.

Lines of the student's code are counted, so the same code is stopped at the same line on every machine. The clock of
the process's own time is only for what Python does not trace: a loop of one instruction, as ``while True: pass``, and
code that has caught its stop. Where the system can limit it, the memory of such code is bounded, too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Self

from .students_line import is_of_student, line_of_frame

if sys.platform == "linux":
    import resource
if sys.platform != "emscripten":  # a browser has no such clock
    from .process_clock import ring_again, start_clock

_MOST_OCTETS = 256 * 1024 * 1024
_SECONDS = 1.0  # of the process's own time that one call may take


class TooManyLines(BaseException):
    """Code has run too many lines. It is not an `Exception`, because the student's ``except`` would catch it."""


class LineLimit:
    """Count the lines that a student's code runs inside ``with``, and raise `TooManyLines` when there are too many.

    One limit may be entered several times; then all lines count together. Once it is used up, it stops whatever is
    called next.

    Args:
        most_lines: how many lines of the student's code may run.
        seconds: how much of the process's own time each ``with`` may take.

    Attributes:
        seconds: the time that each ``with`` may take.
        place: the line that was stopped, as ``line 3: while True:``; empty if its source is not known.
        is_late: True if it was stopped because its time was over.
    """

    def __init__(self, most_lines: int, seconds: float = _SECONDS) -> None:
        self.place = ""
        self.is_late = False
        self.seconds = seconds
        self._left = most_lines
        self._is_used_up = False
        self._most_memory = _in_use() + _MOST_OCTETS
        self._before: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        trace, memory = sys.gettrace(), _limit_memory(self._most_memory)
        stop_clock = _no_clock if sys.platform == "emscripten" else start_clock(self.seconds, self._time_is_over)

        def before() -> None:
            stop_clock()
            sys.settrace(trace)
            _restore_memory(memory)

        self._before = before
        sys.settrace(self._trace)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._before()
        if self._is_used_up and (kind is None or not issubclass(kind, KeyboardInterrupt | TooManyLines)):
            raise TooManyLines  # the code has caught the stop

    def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
        """Count a line; Python calls this when a function begins, and for each line of the student's."""
        if not is_of_student(frame):
            return None
        if event == "line":
            self._left -= 1
            if self._left < 0:
                self._stop(frame)
        return self._trace

    def _time_is_over(self, number: int, frame: FrameType | None) -> None:
        while frame is not None and not is_of_student(frame):
            frame = frame.f_back
        if frame is not None:
            self.is_late = self.is_late or not self._is_used_up
            self._stop(frame)

    def _stop(self, frame: FrameType) -> None:
        if not self._is_used_up:
            self._is_used_up, self.place = True, line_of_frame(frame)
            if sys.platform != "emscripten":
                ring_again()  # Python traces no more once this has raised; the clock stops code that catches it
        raise TooManyLines


def _no_clock() -> None:
    """Stop nothing."""


def _in_use() -> int:
    """Return how many octets of addresses this process has; 0 if nothing tells."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _limit_memory(octets: int) -> tuple[int, int] | None:
    """Limit the memory of this process; return the limits before, None if it has none of ours now."""
    if sys.platform != "linux":
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if resource.RLIM_INFINITY != soft <= octets:
        return None
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (octets, hard))
        return soft, hard
    return None


def _restore_memory(limits: tuple[int, int] | None) -> None:
    if sys.platform == "linux" and limits is not None:
        resource.setrlimit(resource.RLIMIT_AS, limits)
