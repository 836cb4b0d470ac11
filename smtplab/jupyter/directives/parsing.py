"""Parse the arguments of directives."""

from __future__ import annotations

from .. import sentences
from ..cell_result import CellError


def number(text: str, what: str, most: int = 10**6) -> int:
    """Read a whole number of at least 1; more than `most` is `most`."""
    if not (text.isascii() and text.isdigit() and len(text) < 8 and int(text)):
        raise CellError(sentences.NOT_A_NUMBER.format(text=text[:40], what=what))
    return min(int(text), most)
