"""The parts of a widget's view, found by the names that CSS has for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def parts(view: Any) -> Iterator[Any]:
    """Give the view, and all that is in it."""
    yield view
    for child in getattr(view, "children", ()):
        yield from parts(child)


def part(view: Any, name: str) -> Any:
    """Return the one part of a view that has a CSS class."""
    (found,) = (each for each in parts(view) if name in each._dom_classes)
    return found


def is_hidden(view: Any, name: str) -> bool:
    """Say whether the part with a CSS class is hidden from everybody, also from screen readers."""
    return bool(part(view, name).layout.display == "none")
