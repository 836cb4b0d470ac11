"""Students: how ids are compared, which student is graded, and who is in the class.

A notebook can claim any id. During grading the folder of the submission decides.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

# The file in the course folder that says who has worked under another id than that of the folder; see `spellings`.
SPELLINGS = "ids.csv"
_LONGEST = 255  # characters; a folder's name has no more
_NO_LETTERS = ("Cc", "Cs")  # Unicode's categories of control characters, and of halves of characters


def normal(student: str) -> str:
    """Return a student id in the form in which ids are compared: stripped, in lower case, in Unicode's form NFC."""
    return unicodedata.normalize("NFC", student).strip().casefold()


def id_of(given: object) -> str:
    """Return the id that a notebook gives, text or a number; empty if it is not a valid folder name."""
    try:
        student = normal(str(given)) if isinstance(given, str | int) else ""
    except ValueError:  # a number of more digits than Python writes
        return ""
    impossible = len(student) > _LONGEST or any(unicodedata.category(each) in _NO_LETTERS for each in student)
    return "" if impossible else student


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


def roster(submitted: Path) -> tuple[str, ...]:
    """Return the known ids of the class, in order.

    They are the lines of the file that the environment's ``SMTPLAB_ROSTER`` names, or else the names of the folders in
    `submitted`; and the ids of `spellings`. An unreadable file costs no student a point: the class is then unknown.
    """
    file = os.environ.get("SMTPLAB_ROSTER", "")
    if file:
        try:
            ids = Path(file).read_text("utf-8").splitlines()
        except (OSError, ValueError):
            ids = []
    else:
        ids = [path.name for path in submitted.glob("[!.]*") if path.is_dir()]
    ids += spellings(submitted.parent).values()
    return tuple(sorted({normal(student) for student in ids} - {""}))


def spellings(course: Path) -> Mapping[str, str]:
    """Return the ids under which students have worked, by the ids of their folders.

    A student who spells the id in another way has another task, and is graded by that one.

    Args:
        course: the course folder. Its file ``ids.csv`` has the title ``student,id`` and a line for each of these
            students: the name of the folder and the id, separated by a comma or a semicolon. A missing or unreadable
            file is empty.
    """
    try:
        lines = (course / SPELLINGS).read_text("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return {}
    pairs = (tuple(map(normal, re.split("[,;]", line))) for line in lines)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and all(pair) and pair != ("student", "id")}
