"""Mute what code of a student's prints while a rule looks at its values, so that a report stands alone below `check`.

What such code writes to a file descriptor, or to a stream that it has kept, is shown. That is the student's own
notebook; a notebook that is graded shows nothing below a test cell but what the referee says.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout


@contextmanager
def muted_output() -> Iterator[None]:
    """Drop all that is printed to standard output and standard error."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield
