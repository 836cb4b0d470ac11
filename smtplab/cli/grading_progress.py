"""Say how far grading is, and how long it may still take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..base.duration import SECOND, format_duration
from .progress_line import ProgressLine

if TYPE_CHECKING:
    from ..grading.engine.run import GradedStep


class GradingProgress(ProgressLine):
    """The progress of a class in one exercise.

    Args:
        exercise: the name of the exercise.
        count: how many submissions there are.
        clock: returns seconds.
    """

    def __init__(self, exercise: str, count: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self._exercise = exercise
        self.new = 0
        self.done, self.count = 0, count

    def show(self, step: GradedStep) -> None:
        """Show that a submission is done."""
        self.done = step.done
        self.new += step.is_new
        self.show_line(self._line)

    def _line(self, seconds: float) -> str:
        open_ones = self.count - self.done
        left = format_duration(round(seconds / self.new * open_ones) * SECOND) if self.new else "some time"
        return f"{self._exercise}: {self.done} of {self.count}, about {left} left"
