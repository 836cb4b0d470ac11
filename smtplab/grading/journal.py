"""Record what a student does with an exercise, so that the referee can repeat it in another process.

While a notebook is graded, its kernel keeps a journal. The `referee` repeats it: it dials hosts of the same names,
sends the same octets, and hands in the same answers. Replies and mailboxes are never taken from the journal. A forged
journal therefore proves only what the kernel could really have done: send these octets, and give these answers.

Entries stay in memory until a test cell saves the journal. An endless loop that hands out or answers an exercise again
and again therefore never fills the disk.

The file has a JSON object in each line. The reader trusts none of them: a student may have written the file.
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
    """The journal of one exercise, appended to a file.

    Args:
        path: the file; it is created if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unsaved = bytearray()
        self._room = _Room()

    def write(self, did: str, exercise: str, **more: Any) -> None:
        """Note an action if there is room; octets become text, one character for each octet."""
        entry = {"did": did, "exercise": exercise, **more}
        line = json.dumps(entry, default=lambda value: None).encode() + b"\n"
        if self._room.takes(did, len(line)):
            self._unsaved += line

    def save(self) -> None:
        """Append the new notes to the file."""
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            while self._unsaved:
                del self._unsaved[: os.write(file, self._unsaved)]
        finally:
            os.close(file)


def journal_of_this_process() -> ExerciseJournal | None:
    """Return a journal for the file that the environment names; None outside grading."""
    path = os.environ.get(VARIABLE, "")
    return ExerciseJournal(Path(path)) if path else None


def entries(path: Path, exercise: str, octets: int) -> list[JournalEntry]:
    """Return the entries about an exercise since it was last handed out, from the first octets of a journal.

    Lines that are not entries are skipped.
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
    """Count what may still be done with an exercise; the limits start again at each test cell and each hand-out."""

    def __init__(self) -> None:
        self._tests = self._calls = self._steps = self._octets = 0

    def takes(self, did: str, octets: int) -> bool:
        """Return True if there is room for an entry; for an answer there always is."""
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
