"""Students: how ids are compared, which student is graded, who is in the class, and the table ``ids.csv``.

A notebook can claim any id. During grading the folder of the submission decides, and the instructor's table ``ids.csv``
says who has worked under another id than that of the folder.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..roster.csv_text import decoded, rows_of
from ..roster.roster import FILE as ROSTER
from ..roster.roster import RosterError, read_roster
from ..roster.student_ids import id_of as id_of
from ..roster.student_ids import normal as normal
from . import sentences

# The name of the table in the course folder.
SPELLINGS = "ids.csv"
_TITLE = ("student", "id")
_CLOSED_BY = {")": "(", "]": "[", "}": "{"}


def bare_id(student: str) -> str:
    """Return what remains of a student id without quotation marks, brackets or punctuation around it.

    No platform gives an id with these around it; in a notebook they are a slip, and belong to another task. Within an
    id they may stand, as in "o'brien" or "Doe, Jane (2)".
    """
    start, end = 0, len(student)
    while start < end and not _belongs_to_an_id(student[start]):
        start += 1
    while start < end and not _belongs_to_an_id(student[end - 1]):
        end -= 1
    opened = _CLOSED_BY.get(student[end : end + 1])
    return student[start : end + 1] if opened and opened in student[start:end] else student[start:end]


def _belongs_to_an_id(character: str) -> bool:
    return character in "_-+@" or unicodedata.category(character)[0] in "LMN"


def graded_student() -> str | None:
    """Return the student who is graded; None outside grading, where the notebook's own id counts.

    The environment's ``SMTPLAB_STUDENT`` names the student. The referee takes it from the folder of the submission;
    what a notebook does to its own environment changes nothing there.
    """
    named = os.environ.get("SMTPLAB_STUDENT", "")
    return normal(named) if named else None


def local_student() -> str:
    """Return the id of the JupyterHub user; empty outside a JupyterHub."""
    return normal(os.environ.get("JUPYTERHUB_USER", ""))


@dataclass(slots=True)
class Spellings:
    """What is in a table.

    Attributes:
        ids: the ids under which students have worked, by the ids of their folders.
        faults: a sentence for each fault of the table.
    """

    ids: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    _lines: dict[str, int] = field(default_factory=dict)  # of each folder's id

    def take(self, number: int, student: str, own: str) -> None:
        """Add a line; if a student stands there twice, the last line counts."""
        if student in self.ids:
            self.fault(sentences.STUDENT_TWICE, number=number, student=student, before=self._lines[student])
        for other, taken in self.ids.items():
            if taken == own and other != student:
                self.fault(sentences.ID_TWICE, number=number, id=own, before=self._lines[other])
        self.ids[student], self._lines[student] = own, number

    def fault(self, template: str, **facts: object) -> None:
        """Note a fault."""
        self.faults.append(template.format(file=SPELLINGS, **facts))

    def compare(self, submitted: Path) -> None:
        """Note each student who has no folder among the submissions."""
        folders = {normal(path.name) for path in submitted.glob("[!.]*") if path.is_dir()}
        for student, number in self._lines.items():
            if student not in folders:
                self.fault(sentences.NO_FOLDER, number=number, student=student, folder=submitted.name)


def read_spellings(course: Path) -> Spellings:
    """Read the table of a course folder.

    A student who spells the id in another way has another task, and is graded by that one.

    Args:
        course: the course folder. Its file ``ids.csv`` has the title ``student,id`` and a line for each of these
            students: the name of the folder and the id. They are separated by a comma, a semicolon or a tab, as
            spreadsheets do. Without the file there are none.
    """
    found = Spellings()
    path = course / SPELLINGS
    if path.exists():
        try:
            text, encoding = decoded(path.read_bytes())
        except OSError as error:
            found.fault(sentences.IDS_UNREADABLE, reason=error.strerror or error)
        else:
            if encoding == "cp1252":
                found.fault(sentences.IDS_NOT_UTF_8)
            _read(text, found)
            if (course / "submitted").is_dir():  # beside a platform's zip there is none
                found.compare(course / "submitted")
    return found


def spellings(course: Path) -> Mapping[str, str]:
    """Return the ids under which students have worked, by the ids of their folders; see `read_spellings`."""
    return read_spellings(course).ids


def classmates(course: Path) -> tuple[str, ...]:
    """Return the known ids of the class, in order.

    They are those of ``roster.csv``, of the folders in ``submitted``, and of `spellings`. A roster that cannot be read
    costs no student a point: then the others are known.

    Args:
        course: the course folder.
    """
    ids = [path.name for path in (course / "submitted").glob("[!.]*") if path.is_dir()]
    with suppress(OSError, RosterError):
        ids += read_roster((course / ROSTER).read_bytes()).by_id
    ids += spellings(course).values()
    return tuple(sorted({normal(student) for student in ids} - {""}))


def _read(text: str, found: Spellings) -> None:
    rows = _rows(text)
    number, title = next(rows, (1, []))
    names = [name.lower() for name in title]
    if not set(_TITLE) & set(names):
        found.fault(sentences.IDS_NO_TITLE, title=",".join(title))
        rows = _rows(text)  # the first line is one of the students
        names = list(_TITLE)
    elif not set(_TITLE) <= set(names):
        return found.fault(sentences.IDS_MISNAMED, title=",".join(title))
    for number, cells in rows:
        if len(cells) > len(names):
            found.fault(sentences.IDS_TOO_MANY, number=number, cells=len(cells), columns=len(names))
            continue
        student, own = (normal("".join(cells[place : place + 1])) for place in map(names.index, _TITLE))
        if student and own:
            found.take(number, student, own)
        else:
            found.fault(sentences.IDS_INCOMPLETE, number=number, missing="id" if student else "student")
    return None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that is not empty, without the empty cells at its end."""
    for number, cells in rows_of(text):
        stripped = list(cells)
        while not stripped[-1]:
            stripped.pop()
        yield number, stripped
