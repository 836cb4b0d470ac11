"""Say in a few words what was handed in, for the line below a student's cell."""

from __future__ import annotations

from ..base.printed import plural
from .rules import text_of, visible

_SHORT = 60  # characters of an answer that is shown


def words_for(answer: object) -> str:
    """Return in a few words what was handed in."""
    if type(answer) is bytes:
        return plural(len(answer), "octet")
    text = text_of(answer)
    if text is None:
        if isinstance(answer, type):
            return f"the class {answer.__name__}"
        simple = type(answer) is int
        return str(answer) if simple else "a function" if callable(answer) else f"a {type(answer).__name__}, not text"
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return "an empty text"
    alone = len(lines) == 1 and len(lines[0].strip()) <= _SHORT
    return visible(lines[0].strip()) if alone else plural(len(lines), "line")
