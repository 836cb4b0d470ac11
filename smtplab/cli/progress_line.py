"""Say on standard error how far a long command is: a line that changes at a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_AT_TERMINAL, _ELSEWHERE = 0.2, 10.0  # seconds from one line to the next


class ProgressLine:
    """The line of progress of one command; use it in ``with`` as long as the command works.

    Args:
        clock: returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = self._shown = clock()
        self._at_terminal = sys.stderr.isatty()
        self._width = 0

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

    def show_line(self, line: Callable[[float], str]) -> None:
        """Show a line if the last one is old enough.

        Args:
            line: makes it; takes the seconds since the beginning.
        """
        now = self._clock()
        if now - self._shown < (_AT_TERMINAL if self._at_terminal else _ELSEWHERE):
            return
        self._shown = now
        text = line(now - self._begun)
        if self._at_terminal:
            self._write(f"\r{text:<{self._width}}")
            self._width = len(text)
        else:
            self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
