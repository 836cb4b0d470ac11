"""Slips in what was typed: Python, directives and octets as in Python, and a path that only some servers take."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..protocol.commands import VERBS
from . import sentences

_PYTHON = re.compile(r"""(?:\w+ *= *)?(\w+\.\w+|send)\(""")
_DIRECTIVE = re.compile(r"\S\s+(%[a-z]+\b.*)")
_MARKED_NAME = re.compile(r"""(?:helo|ehlo)\s+["'\u201c\u201e\u2018\u00ab]""", re.IGNORECASE)
_PERCENT = re.compile(r"%+([A-Za-z]+)(?!\S)")
_LOOSE_PATH = re.compile(r"(\w{4}) (FROM|TO)\s*:\s*<?([^\s<>]+)>?", re.IGNORECASE)
_ESCAPES = re.compile(r"(?:\\[rn])+")


def raw_forgotten(text: str) -> str:
    """Return a sentence if octets were written as escapes without ``%raw``, so that letters were sent; else empty.

    Args:
        text: the cell.
    """
    lines = [line.strip() for line in text.split("\n")]
    found = next((line for line in lines if _ESCAPES.fullmatch(line)), "")
    return sentences.RAW_FORGOTTEN.format(line=f"`{found}`", count=len(found)) if found else ""


def slip_of_the_cell(line: str) -> str:
    """Say that a line was written for another kind of cell: Python, or a directive behind it; empty if it was not."""
    if found := _PYTHON.match(line):
        return sentences.PYTHON_IN_SMTP.format(line=f"`{line}`", call=found[1])
    if _MARKED_NAME.match(line):
        return sentences.NAME_IN_MARKS.format(line=f"`{line}`")
    if found := _DIRECTIVE.search(line):
        return sentences.DIRECTIVE_IN_LINE.format(line=f"`{line}`", directive=found[1])
    return ""


def percent_too_much(text: str, verbs: Iterable[str]) -> str:
    """Return a sentence if a directive was written where the server wants a verb, as ``%help`` for HELP; else empty.

    Args:
        text: the cell.
        verbs: the verbs that the step wants.
    """
    words = [found[1] for line in text.split("\n") if (found := _PERCENT.match(line.strip()))]
    wanted = set(verbs) & set(VERBS)
    word = next((word for word in words if word.upper() in wanted), "")
    return sentences.WITHOUT_PERCENT.format(word=word, verb=word.upper()) if word else ""


def in_standard_form(line: str) -> str:
    """Return how the standard writes a MAIL or RCPT that only some servers take; empty if the line is as it should be.

    RFC 5321 4.1.2 wants the address in angle brackets, and no space in front of it (3.3).
    """
    found = _LOOSE_PATH.fullmatch(line.strip())
    if found is None:
        return ""
    form = f"{found[1].upper()} {found[2].upper()}:<{found[3]}>"
    return "" if f":<{found[3]}>" in line else form
