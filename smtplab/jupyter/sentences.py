"""The error sentences of the notebook's interfaces, as templates, and the one that names the nearest alternative."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def no_such(what: str, name: str, there: Iterable[str], *, hint: str = "") -> str:
    """Return the sentence for a name that is not there, with the nearest one that is.

    Args:
        what: what kind of name it is.
        name: the name.
        there: those there are.
        hint: what to say if none is near; by default those there are.
    """
    there = list(there)
    near = get_close_matches(name.upper(), there, n=1) + get_close_matches(name.lower(), there, n=1)
    meant = f"did you mean {near[0]}?" if near else hint or f"there are {', '.join(there)}"
    return f"there is no {what} {name[:40]!r}; {meant}"
