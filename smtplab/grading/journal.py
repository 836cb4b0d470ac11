"""Record what a student does with an exercise, so that the referee can repeat it in another process.

While a notebook is graded, its process writes a journal. The `referee` repeats it: it dials hosts of the same names,
sends the same octets, and hands in the same answers. Replies and mailboxes are never taken from the journal. A forged
journal therefore proves only what that process could really have done: send these octets, and give these answers.

The journal has a JSON object in each line, written at once, so that whoever runs out of time keeps what was done. The
reader trusts none of the lines: a student may have written them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

# The entry that marks where the answers were noted, at a test cell.
SAVED = "save"
# The entry that says which test cell it was.
TURN = "turn"
# What is written and read of a journal from one test cell to the next at most, so that an endless loop leaves room for
# what comes behind it: calls and steps on the wire, and octets of these. Honest work has a tenth of the steps and a
# hundredth of the octets. Answers are written on top of that, since there is one to each question at each test cell.
MAX_CALLS, MAX_STEPS = 500, 5000
# More test cells than any exercise has.
_MAX_TESTS = 20
_MAX_LINES = 2 * _MAX_TESTS * MAX_STEPS
_LINE = re.compile(rb"^\{.*\}$", re.MULTILINE)
_MAX_WRITTEN = 2 * 1024 * 1024

JournalEntry = Mapping[str, Any]


WriteLine = Callable[[bytes], object]


class ExerciseJournal:
    """The journal of one exercise.

    Args:
        write: takes each line as soon as there is one.
    """

    def __init__(self, write: WriteLine) -> None:
        self._write = write
        self._room = _Room()

    def write(self, did: str, exercise: str, **more: Any) -> None:
        """Note an action if there is room; octets become text, one character for each octet."""
        line = journal_line(did, exercise=exercise, **more)
        if self._room.takes(did, len(line)):
            self._write(line)


def journal_line(did: str, **more: Any) -> bytes:
    """Return an entry as a line; what JSON cannot hold becomes null."""
    return json.dumps({"did": did, **more}, default=lambda value: None).encode() + b"\n"


class _JournalKept:
    """Where this process writes its journal; nowhere outside grading."""

    write: WriteLine | None = None


def keep_journal(write: WriteLine | None) -> None:
    """Let exercises that are handed out from now on write their journal; with None, let them write none."""
    _JournalKept.write = write


def journal_of_this_process() -> ExerciseJournal | None:
    """Return a journal for an exercise; None outside grading."""
    return None if _JournalKept.write is None else ExerciseJournal(_JournalKept.write)


def entries(lines: Iterable[bytes], exercise: str) -> list[JournalEntry]:
    """Return the entries about an exercise since it was last handed out; skip lines that are not entries."""
    found: list[JournalEntry] = []
    room = _Room()
    for entry in objects(lines):
        if entry.get("exercise") == exercise and room.takes(str(entry.get("did")), len(str(entry.get("data", "")))):
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


def lines_of(journal: bytes) -> list[bytes]:
    """Return the lines of a journal that may be entries; a flood of others, or of too many, takes little time."""
    return [found[0] for found in islice(_LINE.finditer(journal), _MAX_LINES)]


def objects(lines: Iterable[bytes]) -> Iterator[JournalEntry]:
    """Yield the JSON objects among some lines."""
    for line in lines:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry
