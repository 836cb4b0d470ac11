"""Call what a student has written, and come back whatever it does: fail, print, or run for ever.

A call that would not end is stopped after so many lines of the student's code.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ..base.line_limit import LineLimit, TooManyLines
from ..base.students_line import line_of_error

_MOST_LINES = 200_000


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
    limit = LineLimit(most_lines)
    try:
        with redirect_stdout(StringIO()), limit:
            value = eval(expression, names)
    except TooManyLines:
        return CallOutcome(place=limit.place, endless=True)
    except (Exception, SystemExit) as error:
        return CallOutcome(error=error, place=line_of_error(error))
    return CallOutcome(value)
