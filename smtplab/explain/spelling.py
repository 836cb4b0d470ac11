"""Guess the verb that was meant by a line without one, or say what the line is instead.

The kernel decides that a line has no verb. This module lists what people type instead, and where they found it.
"""

import re
from difflib import SequenceMatcher, get_close_matches

from ..protocol import sentences as of_the_protocol
from ..protocol.commands import VERBS
from ..protocol.diagnosis import EXTENSION_VERBS
from . import sentences
from .lecture import lecture_rows

# Marks in front of a command that was copied from a slide or a terminal.
_MARKS = re.compile(r"\A(?:\s|C:|[$>#%])+", re.IGNORECASE)

# Words of other programs with the same meaning, and the beginning of a path whose verb is missing.
_OTHER_WORDS = {"EXIT": "QUIT", "BYE": "QUIT", "LOGOUT": "QUIT", "CLOSE": "QUIT", "END": "QUIT", "?": "HELP"}
# What reads a mailbox in POP3 (RFC 1939) and IMAP (RFC 9051); no verb of SMTP is meant by it.
MAILBOX_VERBS = ("RETR", "DELE", "UIDL", "LIST", "STAT", "TOP", "FETCH", "SELECT")
_PATHS = {"FROM:<": "MAIL", "TO:<": "RCPT"}

_REPLY = re.compile(rb"[2-5][0-9]{2}(?![^ -])")


def meant_verb(line: bytes) -> str:
    """Return the verb that a line without one should probably begin with; empty if none is close."""
    if is_extension_verb(line):
        return ""
    words = _MARKS.sub("", line.decode("utf-8", "surrogateescape"), count=1).split()
    return nearest_verb(words[0]) if words else ""


def lecture_spelling(line: str) -> str:
    """Return the word of the lecture for a verb with which a line begins, such as VERFY; empty if it has none."""
    word = line.split(" ")[0].upper()
    spelled = (row["keyword"].split()[0] for row in lecture_rows("commands"))
    return word if word not in VERBS and word in spelled else ""


def what_was_meant(line: str, verb: str) -> str:
    """Return a sentence about a line that has no verb, and the verb that it should begin with.

    Args:
        line: the line, as text.
        verb: what `meant_verb` returns for it.
    """
    word = lecture_spelling(line)
    return sentences.LECTURE_HAS.format(word=word, verb=verb) if word else sentences.DID_YOU_MEAN.format(verb=verb)


def is_extension_verb(line: bytes) -> bool:
    """True if a line begins with a verb that only an extension brings, such as STARTTLS."""
    return line.split(b" ")[0].upper().decode("ascii", "replace") in EXTENSION_VERBS


def nearest_verb(word: str) -> str:
    """Return the verb of SMTP that `word` was probably meant to be; empty if none is close.

    The lecture's own spellings VERFY, SMOL and SMAL stand for their verbs; for any other word the closest verb counts.
    """
    word = word.upper()
    if word in MAILBOX_VERBS:
        return ""
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
    """Return a sentence that says what a line without a verb is: an extension's command, a reply, or a lone dot.

    Returns:
        The sentence; empty if the line is none of these.
    """
    word = line.split(b" ")[0].upper().decode("ascii", "replace")
    if is_extension_verb(line):
        return f"{of_the_protocol.EXTENSION_NOT_OFFERED.format(verb=word, rfc=EXTENSION_VERBS[word])}."
    if _REPLY.match(line):
        return f"{word[:3]} begins a reply, and only the server replies."
    if word in ("C:", "S:"):
        return f"{word} marks the speaker in a transcript; do not send it."
    if line == b".":
        return "A lone dot ends a message, and no message has begun."
    return ""
