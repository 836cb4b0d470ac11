"""Compare student ids, and reject those that are not valid folder names."""

from __future__ import annotations

import re
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


def folder_id(given: str) -> str:
    """Return an id that can be the name of a student's folder; empty if `given` cannot."""
    student = id_of(given)
    return "" if student.startswith(".") or set(student) & {"/", "\\"} else student


def key_number(key: str) -> str:
    """Return the number of a platform's key, as in the names of files: 4711 of "Participant 4711"; else the key."""
    found = re.search(r"\d+$", key.strip())
    return found[0] if found else key.strip()
