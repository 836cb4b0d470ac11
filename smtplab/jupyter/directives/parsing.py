"""Parse the arguments of directives."""

from __future__ import annotations

from ..cell_result import CellError


def number(text: str, what: str, most: int = 10**6) -> int:
    """Read a whole number of at least 1; more than `most` is `most`."""
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text)):
        raise CellError(f"{text[:40]!r} is no number of {what}")
    return min(int(text), most)
