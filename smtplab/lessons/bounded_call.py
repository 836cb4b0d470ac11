"""Call what a student has written, and come back whatever it does: fail, print, or run for ever.

A call that would not end is stopped after so many lines of the student's code. No clock is read, so the same call is
stopped at the same line on every machine.
"""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from types import FrameType
from typing import Any

from ..base.students_line import is_of_student, line_of_error

_MOST_LINES = 200_000


class _TooManyLines(BaseException):
    """A call has run too many lines. It is not an `Exception`, because the student's ``except`` would catch it."""


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What a call has come to.

    Args:
        value: what it returned.
        error: the error with which it ended; None if it ended without one.
        place: the line of the student where that was, as it stands in the cell; empty if it is not known.
        endless: True if it was stopped.
    """

    value: object = None
    error: BaseException | None = None
    place: str = ""
    endless: bool = False

    @property
    def is_broken_off(self) -> bool:
        """True if it has come to no value."""
        return self.error is not None or self.endless


def call(expression: str, names: dict[str, Any], *, most_lines: int = _MOST_LINES) -> CallOutcome:
    """Evaluate an expression that calls what a student has written; what it prints is not shown.

    Args:
        expression: Python, such as ``parse(b"NOOP")``.
        names: the variables that it uses.
        most_lines: how many lines of the student's code may run.
    """
    limit = _LineLimit(most_lines)
    before = sys.gettrace()
    try:
        with redirect_stdout(StringIO()):
            sys.settrace(limit.trace)
            try:
                value = eval(expression, names)
            finally:
                sys.settrace(before)
    except _TooManyLines as stopped:
        return CallOutcome(place=line_of_error(stopped), endless=True)
    except (Exception, SystemExit) as error:
        return CallOutcome(error=error, place=line_of_error(error))
    return CallOutcome(value)


class _LineLimit:
    """Counts the lines of code outside smtplab, and stops the call when there are too many."""

    def __init__(self, most_lines: int) -> None:
        self._left = most_lines

    def trace(self, frame: FrameType, event: str, argument: object) -> Any:
        """Count a line; Python calls this when a function begins, and for each line of the student's."""
        if not is_of_student(frame):
            return None
        if event == "line":
            self._left -= 1
            if self._left < 0:
                raise _TooManyLines
        return self.trace
