"""Tell an error in a student's code: in words, and the line at which it came about."""

from __future__ import annotations

import linecache
import os
import traceback
from types import FrameType

_OURS = __name__.partition(".")[0]
_STANDARD_LIBRARY = os.path.dirname(os.__file__)


def line_of_error(error: BaseException) -> str:
    """Return the last line of a student that led to an error, as ``line 3: return table[verb]``.

    Args:
        error: an error that was raised.

    Returns:
        The line with its number in its cell or file; empty if the source of the line is not known.
    """
    trace = error.__traceback__
    frames = zip(traceback.walk_tb(trace), traceback.extract_tb(trace), strict=True)
    lines = [line for (frame, _), line in frames if line.line and is_of_student(frame)]
    return f"line {lines[-1].lineno}: {lines[-1].line}" if lines else ""


def line_of_frame(frame: FrameType) -> str:
    """Return the line at which a student's code is, in the form of `line_of_error`."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno, frame.f_globals).strip()
    return f"line {frame.f_lineno}: {line}" if line else ""


def error_in_words(error: BaseException) -> str:
    """Return an error as Python tells it, without a full stop: ``KeyError: 'NOOP'``; only the class without a text."""
    text = str(error).rstrip(".")
    return type(error).__name__ + (f": {text}" if text else "")


def is_of_student(frame: FrameType) -> bool:
    """Return True if the code of a frame is neither smtplab's nor Python's own."""
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    return package != _OURS and not frame.f_code.co_filename.startswith(_STANDARD_LIBRARY)
