"""Names of people as learning platforms write them into the names of files and folders."""

from __future__ import annotations

import unicodedata


def letters_of(text: str) -> str:
    """Return the letters and digits of a text, in lower case and composed; signs and blanks do not count."""
    normal = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return "".join(each for each in normal if unicodedata.category(each)[0] in "LN")


def name_keys(name: str) -> frozenset[str]:
    """Return the forms by which a name is found: its letters as they stand, and with the surname first and last.

    Moodle writes ``Ada Lovelace``, Canvas ``lovelaceada``; a table may have ``Lovelace, Ada``. A platform replaces
    what its file names cannot have, so only letters and digits count. Without a comma the surname is the last word,
    which the roster's own column decides better; two students with one form are never told apart by it.
    """
    family, comma, given = name.partition(",")
    words = name.split()
    if not comma:
        family, given = " ".join(words[-1:]), " ".join(words[:-1])
    orders = (name, f"{family}{given}", f"{given}{family}")
    return frozenset(key for each in orders if (key := letters_of(each)))
