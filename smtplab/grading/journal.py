"""A journal: what a student does with an exercise, written into a file as it happens, and done again elsewhere.

While a notebook is graded its kernel keeps one, and the `referee`, in a process of its own, does once more what is
written there: it dials hosts of the same names, sends the same octets, and hands in the same answers. Replies and
mailboxes are never taken from the journal. So a kernel can forge in it only what it could have done in earnest: which
octets were sent, and which answers were given.

The file has a JSON object in each line. It is read as something that anybody may have written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# The environment of a kernel that is graded names the file.
VARIABLE = "SMTPLAB_JOURNAL"
# What is read of a journal at most; a student's honest work has a thousandth of it.
_MAX_OCTETS = 64 * 1024 * 1024

Entry = Mapping[str, Any]


class Journal:
    """A file that is written to, and never read here.

    Args:
        path: the file; it is created if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, did: str, exercise: str, **more: Any) -> None:
        """Write down what was done with an exercise; octets go in as text, an octet a character."""
        entry = {"did": did, "exercise": exercise, **more}
        line = json.dumps(entry, default=lambda value: None).encode() + b"\n"
        while line:
            line = line[os.write(self._file, line) :]


def journal_of_this_process() -> Journal | None:
    """Return the journal that this process is to keep; None where nobody grades."""
    path = os.environ.get(VARIABLE, "")
    return Journal(Path(path)) if path else None


def entries(path: Path, exercise: str, octets: int) -> list[Entry]:
    """Return what the first octets of a journal tell of an exercise since it was handed out for the last time.

    Lines that are no entries are left out.
    """
    with path.open("rb") as file:
        lines = file.read(min(octets, _MAX_OCTETS)).split(b"\n")
    found: list[Entry] = []
    for entry in _objects(lines):
        if entry.get("exercise") == exercise:
            found = [] if entry.get("did") == "hand out" else found
            found.append(entry)
    return found


def _objects(lines: list[bytes]) -> Iterator[Entry]:
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry
