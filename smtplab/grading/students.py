"""Students: how ids are compared, and which student is graded.

A notebook can claim any id. During grading the folder of the submission decides.
"""

from __future__ import annotations

import os
import unicodedata

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
