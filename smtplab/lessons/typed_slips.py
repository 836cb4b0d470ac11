"""Slips in a cell of the SMTP kernel that the wire alone does not show."""

from __future__ import annotations

import re

from . import sentences

_ESCAPES = re.compile(r"(?:\\[rn])+")


def raw_forgotten(text: str) -> str:
    """Return a sentence if octets were written as escapes without ``%raw``, so that letters were sent; else empty.

    Args:
        text: the cell.
    """
    lines = [line.strip() for line in text.split("\n")]
    found = next((line for line in lines if _ESCAPES.fullmatch(line)), "")
    return sentences.RAW_FORGOTTEN.format(line=f"`{found}`", count=len(found)) if found else ""
