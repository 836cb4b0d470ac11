"""The roster: a class as a table, ``roster.csv``, with the id, the name and the platform's key of each student."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from ..base.failure import Failure
from ..base.spreadsheet_text import harmless
from . import sentences
from .csv_text import read_table
from .student_ids import folder_id, key_number, normal
from .student_names import name_keys

FILE = "roster.csv"
_SHORTENED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)  # as Excel saves a number of more than 11 digits
COLUMNS = ("id", "name", "platform key", "extension", "submitted")


class RosterError(Failure):
    """A table is not a roster, or gives no id for each student."""


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One student of the class.

    Args:
        student: the id, in the form in which ids are compared.
        name: the name as the platform shows it; it may be empty.
        platform_key: what the platform calls the student: Canvas's ID, a number, or Moodle's Identifier, a word and a
            number, as in ``Participant 4711``. It may be empty.
        extension: the student's own due date, an ISO date and time that the instructor fills in; else empty.
        submitted: when the platform got the student's work, an ISO date and time. Only Moodle's worksheet has it, and
            the platform key there is of the same assignment.
    """

    student: str
    name: str = ""
    platform_key: str = ""
    extension: str = ""
    submitted: str = ""

    def due(self) -> datetime | None:
        """Return the student's own due date, with a time zone; None if there is none.

        Without a time zone it is in this machine's; a date alone means the end of that day.

        Raises:
            RosterError: if the extension is not a date.
        """
        is_day = "T" not in self.extension and ":" not in self.extension
        return self._moment("extension", self.extension, at_end_of_day=is_day)

    def handed_in(self) -> datetime | None:
        """Return when the platform got the student's work, with a time zone; None if the table does not say.

        Raises:
            RosterError: if the cell is not a date.
        """
        return self._moment("time", self.submitted)

    def _moment(self, what: str, text: str, *, at_end_of_day: bool = False) -> datetime | None:
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            return (moment.replace(hour=23, minute=59, second=59) if at_end_of_day else moment).astimezone()
        except (OverflowError, OSError, ValueError):  # no date, or of a year that this machine's zone does not reach
            sentence = sentences.NOT_A_DATE.format(what=what, student=self.student, text=text)
            raise RosterError(sentence) from None


@dataclass(frozen=True)
class Roster:
    """The students of a class, in the order of their ids.

    Args:
        entries: one for each student.
    """

    entries: tuple[RosterEntry, ...] = field(default=())

    def __iter__(self) -> Iterator[RosterEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def by_id(self) -> Mapping[str, RosterEntry]:
        """The students by their ids."""
        return {entry.student: entry for entry in self.entries}

    @cached_property
    def by_key(self) -> Mapping[str, RosterEntry]:
        """The students by the numbers of their keys on the platform."""
        return {key_number(entry.platform_key): entry for entry in self.entries if entry.platform_key}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[RosterEntry, ...]]:
        """The students by each form in which a platform writes a name into a file's name; see `name_keys`."""
        found: dict[str, tuple[RosterEntry, ...]] = {}
        for entry in self.entries:
            for key in name_keys(entry.name):
                found[key] = (*found.get(key, ()), entry)
        return found

    def to_csv(self) -> bytes:
        """Return the roster as a file in UTF-8; the mark at its beginning makes spreadsheets read it as such."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        shown = COLUMNS if any(entry.submitted for entry in self.entries) else COLUMNS[:-1]
        writer.writerow(shown)
        for entry in self.entries:
            cells = (entry.student, entry.name, entry.platform_key, entry.extension, entry.submitted)
            writer.writerow(map(harmless, cells[: len(shown)]))
        return text.getvalue().encode("utf-8-sig")


def roster_of(entries: Iterable[RosterEntry]) -> Roster:
    """Return a roster of students, in the order of their ids."""
    return Roster(tuple(sorted(entries, key=lambda entry: entry.student)))


def read_roster(data: bytes, file: str = FILE) -> Roster:
    """Read a roster as `Roster.to_csv` writes it, also after a spreadsheet has saved it.

    Args:
        data: the content of the file.
        file: its name, for the sentence of an error.

    Raises:
        RosterError: if it has no column ``id``, or a line that gives no student an id of its own.
    """
    table = read_table(data)
    columns = {normal(name): place for place, name in reversed(list(enumerate(table.title)))}
    if "id" not in columns:
        raise RosterError(sentences.NOT_A_ROSTER.format(file=file, title=",".join(table.title)))
    entries = []
    for number, cells in table.rows:
        id, *others = (cells[columns[name]] if columns.get(name, len(cells)) < len(cells) else "" for name in COLUMNS)
        student = folder_id(id)
        if not student:
            raise RosterError(sentences.NO_ID_IN_LINE.format(file=file, number=number))
        if shortened := next(filter(_SHORTENED.fullmatch, (id, others[1])), ""):
            raise RosterError(sentences.SHORTENED_NUMBER.format(file=file, number=number, cell=shortened))
        entries.append(RosterEntry(student, *others))
    for what, values in (
        ("id", [entry.student for entry in entries]),
        ("platform key", [key_number(entry.platform_key) for entry in entries if entry.platform_key]),
    ):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise RosterError(sentences.TWICE_IN_ROSTER.format(file=file, what=what, values=", ".join(twice)))
    return roster_of(entries)
