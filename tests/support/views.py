"""The parts of a widget's view, found as a student finds them, by what can be seen, or by the names that CSS has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import ipywidgets

PartT = TypeVar("PartT")


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


def seen(view: Any) -> Iterator[Any]:
    """Give what can be seen of a view: all that is in it, without what is hidden."""
    if view.layout.display != "none":
        yield view
        for child in getattr(view, "children", ()):
            yield from seen(child)


def only(view: Any, kind: type[PartT]) -> PartT:
    """Return the one part of its kind that can be seen."""
    (found,) = (each for each in seen(view) if isinstance(each, kind))
    return found


def labels(view: Any) -> list[str]:
    """Return what stands on the buttons that can be seen."""
    return [each.description for each in seen(view) if isinstance(each, ipywidgets.Button)]


def press(view: Any, label: str) -> None:
    """Click the button with a label."""
    (found,) = (each for each in seen(view) if isinstance(each, ipywidgets.Button) and each.description == label)
    found.click()


def chooser(view: Any, label: str) -> Any:
    """Return the list with a label."""
    (found,) = (each for each in seen(view) if isinstance(each, ipywidgets.Dropdown) and each.description == label)
    return found


def page(view: Any) -> str:
    """Return the HTML that can be seen."""
    return "\n".join(each.value for each in seen(view) if isinstance(each, ipywidgets.HTML))
