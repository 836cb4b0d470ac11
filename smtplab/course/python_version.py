"""Find a Python that is too old. This imports nothing else of smtplab, because every command begins here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

OLDEST_PYTHON = (3, 11)


class Finding(NamedTuple):
    """The result of one check: its subject, True if it is in order, what was seen, and how to mend it."""

    subject: str
    ok: bool
    seen: str
    mend: str = ""

    def __str__(self) -> str:
        """One line that begins with ok or PROBLEM, so that it needs no colour."""
        if self.ok:
            return f"ok       {self.subject}: {self.seen}"
        return f"PROBLEM  {self.subject}: {self.seen}; to fix it: {self.mend}"


def check_python(version: Sequence[int] = sys.version_info[:3]) -> Finding:
    """Find a Python that is too old."""
    seen, oldest = (".".join(map(str, numbers)) for numbers in (version, OLDEST_PYTHON))
    if tuple(version) >= OLDEST_PYTHON:
        return Finding("Python", True, f"{seen}, {sys.executable}")
    mend = f"make a new virtual environment with Python {oldest} or newer and install smtplab there"
    return Finding("Python", False, f"{seen} is too old, smtplab needs {oldest}", mend)
