"""A journal: what a student does with an exercise, written into a file for whoever judges it, and done again there.

While a notebook is graded its kernel keeps one, and the `referee`, in a process of its own, does once more what is
written there: it dials hosts of the same names, sends the same octets, and hands in the same answers. Replies and
mailboxes are never taken from the journal. So a kernel can forge in it only what it could have done in earnest: which
octets were sent, and which answers were given.

What happens is kept in memory until a test cell asks for it: what is handed out anew, or answered anew, in a loop
without an end never gets as far as the disk.

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
# The entry that marks where the journal was saved, at a test cell.
SAVED = "save"
# What is written and read of a journal from one test cell to the next at most, so that an endless loop leaves room for
# what comes behind it: calls and steps on the wire, and octets of these. Honest work has a tenth of the steps and a
# thousandth of the octets. Answers are written on top of that, since there is one to each question at each test cell.
MAX_CALLS, MAX_STEPS = 500, 5000
# More test cells than any exercise has.
_MAX_TESTS = 20
_MAX_WRITTEN, _MAX_READ = 16 * 1024 * 1024, 64 * 1024 * 1024

JournalEntry = Mapping[str, Any]


class ExerciseJournal:
    """What is done with one exercise, for a file that is appended to, and never read here.

    Args:
        path: the file; it is created if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unsaved = bytearray()
        self._room = _Room()

    def write(self, did: str, exercise: str, **more: Any) -> None:
        """Note what was done with the exercise, if there is room; octets go in as text, an octet a character."""
        entry = {"did": did, "exercise": exercise, **more}
        line = json.dumps(entry, default=lambda value: None).encode() + b"\n"
        if self._room.takes(did, len(line)):
            self._unsaved += line

    def save(self) -> None:
        """Append to the file what has been noted since the last time."""
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            while self._unsaved:
                del self._unsaved[: os.write(file, self._unsaved)]
        finally:
            os.close(file)


def journal_of_this_process() -> ExerciseJournal | None:
    """Return a journal for the file that this process is to write; None where nobody grades."""
    path = os.environ.get(VARIABLE, "")
    return ExerciseJournal(Path(path)) if path else None


def entries(path: Path, exercise: str, octets: int) -> list[JournalEntry]:
    """Return what the first octets of a journal tell of an exercise since it was handed out for the last time.

    Lines that are no entries are left out.
    """
    with path.open("rb") as file:
        lines = file.read(min(octets, _MAX_READ)).split(b"\n")
    found: list[JournalEntry] = []
    room = _Room()
    for entry in _objects(lines):
        if entry.get("exercise") == exercise and room.takes(str(entry.get("did")), 0):
            found = [] if entry.get("did") == "hand out" else found
            found.append(entry)
    return found


class _Room:
    """Counts what may still be done with an exercise: as much again behind a test cell, or handed out anew."""

    def __init__(self) -> None:
        self._tests = self._calls = self._steps = self._octets = 0

    def takes(self, did: str, octets: int) -> bool:
        """Say whether there is room for an entry. There always is for an answer that is handed in."""
        self._tests = 0 if did == "hand out" else self._tests + (did == SAVED)
        if did in ("hand out", SAVED) and self._tests <= _MAX_TESTS:
            self._calls = self._steps = self._octets = 0
        if did in ("hand out", "hand in", SAVED):
            return True
        self._calls += did == "dial"
        self._steps += 1
        self._octets += octets
        return self._calls <= MAX_CALLS and self._steps <= MAX_STEPS and self._octets <= _MAX_WRITTEN


def _objects(lines: list[bytes]) -> Iterator[JournalEntry]:
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry
