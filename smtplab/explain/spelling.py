"""Which verb somebody meant whose line does not begin with one, and what the line is instead.

That a line has no verb is the kernel's to say. Here stands what people type all the same, and where they have it from.
"""

import re
from difflib import SequenceMatcher, get_close_matches

from ..protocol.commands import VERBS
from .lecture import lecture_rows

# What stands before a command that was copied from a slide or a terminal.
_MARKS = re.compile(r"\A(?:\s|C:|[$>#%])+", re.IGNORECASE)

# How other programs say it, and how a path begins whose verb was left out.
_OTHER_WORDS = {"EXIT": "QUIT", "BYE": "QUIT", "LOGOUT": "QUIT", "CLOSE": "QUIT", "?": "HELP"}
_PATHS = {"FROM:<": "MAIL", "TO:<": "RCPT"}

_REPLY = re.compile(rb"[2-5][0-9]{2}(?![^ -])")
_EXTENSIONS = {"AUTH": "RFC 4954", "BDAT": "RFC 3030", "ETRN": "RFC 1985", "STARTTLS": "RFC 3207"}


def meant_verb(line: bytes) -> str:
    """Return the verb that a line without one was probably meant to begin with; empty if none is near."""
    words = _MARKS.sub("", line.decode("utf-8", "surrogateescape"), count=1).split()
    return nearest_verb(words[0]) if words else ""


def nearest_verb(word: str) -> str:
    """Return the verb of SMTP that somebody who typed `word` probably meant; empty if none is near.

    The lecture's own spellings VERFY, SMOL and SMAL are known; of others the nearest is taken.
    """
    word = word.upper()
    if word in _OTHER_WORDS:
        return _OTHER_WORDS[word]
    known = {verb: verb for verb in VERBS} | {
        row["keyword"].split()[0]: row["verb"] for row in lecture_rows("commands")
    }
    begun = [verb for verb in known if word.startswith(verb)]
    near = begun or get_close_matches(word, known, n=len(known))

    def likeness(spelling: str) -> tuple[float, bool, bool]:
        alike = SequenceMatcher(None, word, spelling).ratio()
        return alike, sorted(spelling) == sorted(word), spelling[0] == word[0]

    if near:
        return known[max(near, key=likeness)]
    return next((verb for path, verb in _PATHS.items() if word.startswith(path)), "")


def no_verb_of_ours(line: bytes) -> str:
    """Return a sentence that says what a line is, if it is not a command but something else that SMTP knows.

    Empty if it is nothing that SMTP knows.
    """
    word = line.split(b" ")[0].upper().decode("ascii", "replace")
    if word in _EXTENSIONS:
        return f"{word} belongs to an extension ({_EXTENSIONS[word]}) that this server does not offer."
    if _REPLY.match(line):
        return f"{word[:3]} begins a reply, and only the server replies."
    if word in ("C:", "S:"):
        return f"{word} marks in a transcript who speaks, and is not said."
    if line == b".":
        return "A lone dot ends a message, and no message is under way."
    return ""
