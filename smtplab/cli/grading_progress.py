"""Say on standard error how far grading is, and how long it may still take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..base.duration import SECOND, format_duration

if TYPE_CHECKING:
    from ..grading.engine.run import GradedStep

_AT_TERMINAL, _ELSEWHERE = 0.1, 10.0  # seconds from one line to the next


class GradingProgress:
    """Shows a line that changes at a terminal, and a line now and then elsewhere.

    Args:
        exercise: the name of the exercise.
        count: how many submissions there are.
        clock: returns seconds.
    """

    def __init__(self, exercise: str, count: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._exercise = exercise
        self._clock = clock
        self._begun = self._shown = clock()
        self._at_terminal = sys.stderr.isatty()
        self._width = self.new = 0
        self.done, self.count = 0, count

    def __enter__(self) -> None:
        """Begin to count the time."""
        self._begun = self._shown = self._clock()

    def __exit__(self, *raised: object) -> None:
        """Remove the line from a terminal."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
            self._width = 0

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self.__exit__()
        self._write(f"{line}\n")

    def show(self, step: GradedStep) -> None:
        """Show that a submission is done, if the last line is old enough."""
        self.done = step.done
        self.new += step.is_new
        now = self._clock()
        if now - self._shown < (_AT_TERMINAL if self._at_terminal else _ELSEWHERE):
            return
        self._shown = now
        self._print(self._line(now - self._begun))

    def _line(self, seconds: float) -> str:
        open_ones = self.count - self.done
        left = format_duration(round(seconds / self.new * open_ones) * SECOND) if self.new else "some time"
        return f"{self._exercise}: {self.done} of {self.count}, about {left} left"

    def _print(self, line: str) -> None:
        if not self._at_terminal:
            self._write(f"{line}\n")
            return
        self._write(f"\r{line:<{self._width}}")
        self._width = len(line)

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
