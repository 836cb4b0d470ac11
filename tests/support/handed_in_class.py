"""A made class of 40 and what it hands in: tables and zips of Moodle and Canvas, made in memory."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EXERCISE = "01-hold-your-own-session"
OTHER = "00-send-one-message"
NAMES = [
    "Ada Lovelace",
    "Zoë Müller",
    "Seán O'Brien",
    "Jürgen von der Straße",
    "Anna_Maria Ruiz",
    "Nguyễn Thị Hoa",
    "Иван Петров",
    "李 小龙",
    "Jane Doe",
    "Jane Doe",
    *(f"Student {chr(65 + number)}{chr(97 + number)}" for number in range(30 - 4)),
    "X Æ",
    "Mononym",
    "Jean-Luc d'Arc",
    "Doe Jane",
]


@dataclass(frozen=True)
class Classmate:
    """A student of the class.

    Args:
        id: the login.
        name: the full name.
        key: the number on the platform.
    """

    id: str
    name: str
    key: int

    @property
    def sortable(self) -> str:
        """The name with the surname first."""
        given, _, family = self.name.rpartition(" ")
        return f"{family}, {given}" if given else family

    @property
    def moodle(self) -> str:
        """How Moodle begins the names of the student's files."""
        return f"{self.name}_{self.key}_assignsubmission_file"

    def canvas(self, file: str, *, late: bool = False) -> str:
        """Return Canvas's name of a file of the student."""
        name = "".join(each for each in self.sortable.lower() if each.isalnum() or each == "_")
        return f"{name}_{'LATE_' if late else ''}{self.key}_{900_000 + self.key}_{file}"


CLASS = [Classmate(f"s{number:02}", name, 4700 + number) for number, name in enumerate(NAMES)]


def moodle_worksheet(delimiter: str = ",", **words: str) -> str:
    """Return Moodle's grading worksheet; `words` translate its first line and the word before a number."""
    title = words.get("title", "Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade")
    lines = [title.split(",")]
    for each in CLASS:
        identifier = f"{words.get('participant', 'Participant')} {each.key}"
        lines.append([identifier, each.name, "", f"{each.id}@uni.example", "Submitted, ungraded", "", "21.00"])
    return table(lines, delimiter)


def canvas_gradebook() -> str:
    """Return Canvas's gradebook, with its lines about no student."""
    lines = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{EXERCISE} (77)"]]
    lines.append(["    Points Possible", "", "", "", "", "21.00"])
    lines += [[each.sortable, str(each.key), f"u{each.key}", each.id, "A, B", ""] for each in CLASS]
    lines.append(["Student, Test", "99999", "", "0123456789abcdef0123456789abcdef01234567", "A", ""])
    return table(lines, ",")


def table(lines: list[list[str]], delimiter: str) -> str:
    """Return lines as a table in which every cell is quoted that needs it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(lines)
    return text.getvalue()


def notebook(said: str = "", *, exercise: str = EXERCISE, **changes: Any) -> bytes:
    """Return a small notebook that hands out an exercise."""
    sources = [f'student = student_id("{said}")', f'mine = exercise("{exercise}", student, course="smtplab")', "1 + 1"]
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": text, "outputs": [], "execution_count": 1}
        for number, text in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | changes).encode()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """Return a zip with members, the folders of their names among them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 30, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def moodle_zip(**others: Mapping[str, bytes]) -> bytes:
    """Return Moodle's zip of the class: each with a notebook, but those in `others` with other files, by their ids."""
    members = {}
    for each in CLASS:
        files = others.get(each.id, {f"{EXERCISE}.ipynb": notebook(each.id)})
        members |= {f"{each.moodle}_/{name}": data for name, data in files.items()}
    return zip_of(members)


def canvas_zip(**others: Mapping[str, bytes]) -> bytes:
    """Return Canvas's zip of the class, as `moodle_zip`."""
    members = {}
    for each in CLASS:
        files = others.get(each.id, {f"{EXERCISE}.ipynb": notebook(each.id)})
        members |= {each.canvas(name): data for name, data in files.items()}
    return zip_of(members)
