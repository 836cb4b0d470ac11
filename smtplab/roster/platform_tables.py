"""Read a table of a learning platform as students: Moodle's grading worksheet, Canvas's gradebook, or a plain table.

A platform's table is known by its columns. Moodle translates their names; then the form of the Identifier is enough,
a word and a number in each line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest

from .csv_text import CsvTable
from .roster import COLUMNS
from .student_ids import normal
from .worksheet_times import extensions, submission_column, submission_time


class Platform(StrEnum):
    """Where a table comes from."""

    MOODLE = "Moodle"
    CANVAS = "Canvas"
    PLAIN = "a plain table"


@dataclass(frozen=True, slots=True)
class ListedStudent:
    """A line of a table.

    Args:
        number: the number of the line in the file.
        cells: its cells, by the columns' names in the form of `normal`.
        name, platform_key, extension, submitted: as in `RosterEntry`.
    """

    number: int
    cells: Mapping[str, str]
    name: str
    platform_key: str
    extension: str
    submitted: str = ""

    def __str__(self) -> str:
        return self.name or f"line {self.number}"


@dataclass(frozen=True, slots=True)
class PlatformTable:
    """A table, read.

    Args:
        platform: where it comes from.
        columns: the names of its columns as they are written, by the names in the form of `normal`.
        students: one for each line that is about a student.
        id_columns: the columns that may hold the id, the best one first.
        left_out: a word for each line that is about no student of the class.
        time_column: the column with the times at which students handed in; empty if there is none.
    """

    platform: Platform
    columns: Mapping[str, str]
    students: tuple[ListedStudent, ...]
    id_columns: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    time_column: str = ""


_IDENTIFIER = re.compile(r"\D*[^\d\s]\D*\s\d+")
_MOODLE_TITLES = {"identifier", "full name", "email address", "status", "grade"}
_CANVAS_TITLES = {"student", "id"}
_CANVAS_IDS = ("sis login id", "sis user id", "id")
CANVAS_TEST_STUDENT = ("student, test", "test student")

# The names of columns, the best one first. A name in English or German is common; others are named with --id.
_IDS = (
    "id",
    "student id",
    "student_id",
    "username",
    "user name",
    "login",
    "login id",
    "anmeldename",
    "e-mail",
    "email",
    "email address",
    "e-mail-adresse",
    "id number",
    "matriculation number",
    "matrikelnummer",
    "student",
)
_NAMES = ("name", "full name", "student name", "vollständiger name", "student")
_GIVEN_NAMES, _FAMILY_NAMES = (
    ("first name", "vorname", "given name"),
    ("last name", "surname", "nachname", "family name"),
)
_KEYS = ("platform key", "identifier")


def read_students(table: CsvTable) -> PlatformTable:
    """Return the students of a table, in its order."""
    titles = [normal(name) for name in table.title]
    if len(titles) == 1 and titles[0] not in {*_IDS, *_NAMES}:  # a list of ids: its first line is a student as well
        return _plain(_lines(["id"], [(1, table.title), *table.rows]), {"id": "id"})
    columns: dict[str, str] = {}
    for name in table.title:
        columns.setdefault(normal(name), name)
    lines = _lines(titles, table.rows)
    if set(titles) >= _CANVAS_TITLES and set(titles) & {"sis login id", "sis user id", "section"}:
        return _canvas(lines, columns)
    identifier = _identifier_column(titles, lines)
    if identifier:
        return _moodle(lines, columns, identifier)
    return _plain(lines, columns)


_TableLine = tuple[int, Mapping[str, str]]


def _lines(titles: list[str], rows: Iterable[tuple[int, tuple[str, ...]]]) -> list[_TableLine]:
    """Return each line with its cells by their columns; of two columns with one name the first counts."""
    found: list[_TableLine] = []
    for number, cells in rows:
        by_name: dict[str, str] = {}
        for name, cell in zip_longest(titles, cells[: len(titles)], fillvalue=""):
            by_name.setdefault(name, cell)
        found.append((number, by_name))
    return found


def _first(cells: Mapping[str, str], names: Iterable[str]) -> str:
    """Return the first cell that has text, of the columns with these names."""
    return next((cells[name] for name in names if cells.get(name)), "")


def _listed(
    lines: Iterable[_TableLine], name: Callable[[Mapping[str, str]], str], key: Callable[[Mapping[str, str]], str]
) -> tuple[ListedStudent, ...]:
    return tuple(
        ListedStudent(number, cells, name(cells), key(cells), cells.get("extension", ""), cells.get("submitted", ""))
        for number, cells in lines
    )


def _canvas(lines: list[_TableLine], columns: Mapping[str, str]) -> PlatformTable:
    """Read Canvas's gradebook; the lines without an ID hold the points possible and other settings."""
    numbered = [line for line in lines if line[1].get("id")]
    tests = [line for line in numbered if normal(line[1]["student"]) in CANVAS_TEST_STUDENT and _is_made_up(line[1])]
    students = _listed(
        (line for line in numbered if line not in tests), lambda cells: cells["student"], lambda cells: cells["id"]
    )
    known = tuple(name for name in _CANVAS_IDS if name in columns)
    return PlatformTable(Platform.CANVAS, columns, students, known, tuple(line[1]["student"] for line in tests))


def _is_made_up(cells: Mapping[str, str]) -> bool:
    """Return True for Canvas's own test student, who has no id of the school and a hash as login."""
    return not cells.get("sis user id") and bool(re.fullmatch(r"[0-9a-f]{20,}|", cells.get("sis login id", "")))


def _identifier_column(titles: list[str], lines: list[_TableLine]) -> str:
    """Return the column in which each line has one word and a number, as in "Participant 4711"; else nothing."""
    if "identifier" in titles and set(titles) & (_MOODLE_TITLES - {"identifier"}):
        return "identifier"
    for name in titles[:1]:
        cells = [cells[name] for _, cells in lines]
        words = {cell.rpartition(" ")[0] for cell in cells}
        if len(titles) > 2 and cells and all(map(_IDENTIFIER.fullmatch, cells)) and len(words) == 1:
            return name
    return ""


def _differ(cells: Iterable[str]) -> bool:
    """Return True if most cells of a column differ, as names do."""
    found = list(cells)
    return len(set(found)) * 2 > len(found)


def _moodle(lines: list[_TableLine], columns: Mapping[str, str], identifier: str) -> PlatformTable:
    """Read Moodle's worksheet; in a language that is not known, the name is in the column behind the Identifier."""
    behind = next((name for name in columns if name != identifier), "")
    if behind in _MOODLE_TITLES or not _differ(cells[behind] for _, cells in lines if behind):
        behind = ""  # an anonymous assignment: a state is there in place of the name

    students = _listed(
        lines,
        lambda cells: _first(cells, _NAMES) or _joined(cells) or cells.get(behind, ""),
        lambda cells: cells[identifier],
    )
    time_column = submission_column(columns)
    students = tuple(
        replace(each, extension=extension, submitted=submission_time(each.cells.get(time_column, "")))
        for each, extension in zip(students, extensions([each.cells for each in students]), strict=True)
    )
    emails = tuple(name for name in columns if _holds_addresses(name, lines))
    named = tuple(name for name in _IDS if name in columns and name not in emails and name != identifier)
    logins = tuple(name for name in named if name in ("username", "user name", "login", "anmeldename"))
    others = tuple(name for name in named if name not in logins)
    ids = (*logins, *emails, *others, identifier)
    return PlatformTable(Platform.MOODLE, columns, students, ids, time_column=time_column)


def _holds_addresses(name: str, lines: list[_TableLine]) -> bool:
    cells = [cells[name] for _, cells in lines if cells[name]]
    return bool(cells) and all(re.fullmatch(r"[^@\s]+@[^@\s]+", cell) for cell in cells)


def _joined(cells: Mapping[str, str]) -> str:
    return " ".join(filter(None, (_first(cells, _GIVEN_NAMES), _first(cells, _FAMILY_NAMES))))


def _plain(lines: list[_TableLine], columns: Mapping[str, str]) -> PlatformTable:
    """Read a table with columns of any kind, such as an old roster; without a known one, the first has the ids."""
    known = tuple(name for name in _IDS if name in columns)
    is_roster = set(COLUMNS) - {"submitted"} <= set(columns)
    named = tuple(name for name in _NAMES if name in columns and name not in known[:1])
    students = _listed(
        lines,
        lambda cells: _first(cells, named) or _joined(cells),
        lambda cells: _first(cells, _KEYS),
    )
    ids = known[:1] if is_roster else known or tuple(columns)[:1]
    return PlatformTable(Platform.PLAIN, columns, students, ids)
