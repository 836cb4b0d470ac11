"""Students: how ids are compared, for whom an exercise is graded, and who is in the class.

For whom it is graded is not for the notebook alone to say.
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
    """Return a student id as ids are compared: without spaces around it, in lower case, in Unicode's form NFC."""
    return unicodedata.normalize("NFC", student).strip().casefold()


def id_of(given: object) -> str:
    """Return the id that a notebook gives, a text or a number; empty for what can be the name of no folder."""
    try:
        student = normal(str(given)) if isinstance(given, str | int) else ""
    except ValueError:  # a number of more digits than Python writes
        return ""
    impossible = len(student) > _LONGEST or any(unicodedata.category(each) in _NO_LETTERS for each in student)
    return "" if impossible else student


def graded_student() -> str | None:
    """Return for whom an exercise is being graded; None where nobody grades and the notebook's word counts.

    It is the environment's ``SMTPLAB_STUDENT``. The referee has it from the folder in which the notebook was handed in;
    what a notebook makes of its own environment changes nothing there.
    """
    named = os.environ.get("SMTPLAB_STUDENT", "")
    return normal(named) if named else None


def local_student() -> str:
    """Return the id that a JupyterHub gives to who sits there; empty elsewhere."""
    return normal(os.environ.get("JUPYTERHUB_USER", ""))


def roster(submitted: Path) -> tuple[str, ...]:
    """Return the ids of the class, in order, as far as they are known to who grades.

    They are the lines of the file that the environment's ``SMTPLAB_ROSTER`` names, else all those who have a folder in
    `submitted`; and the ids of `spellings`. A file that cannot be read costs no student a point: then nobody is known.
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
    """Return under which other ids students have worked, by the ids of their folders.

    Who writes an id otherwise than the instructor has been given another task, and is graded by that one.

    Args:
        course: the course folder. Its file ``ids.csv`` has the title ``student,id`` and a line for each of them, the
            name of the folder and the id, with a comma or semicolon between. A file that is not there or cannot be read
            says nothing.
    """
    try:
        lines = (course / SPELLINGS).read_text("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return {}
    pairs = (tuple(map(normal, re.split("[,;]", line))) for line in lines)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and all(pair) and pair != ("student", "id")}
