"""How a value shows itself as text: in IPython as its ``str``, and facts line by line, each under its name.

What a notebook shows beside the text, as HTML or as a drawing, each value makes by itself.
"""

from collections.abc import Mapping
from typing import Any

_NAME_WIDTH = 11  # columns in which the name of a fact stands
_INDENT = 2  # columns before it


def _print(value: object, printer: Any, cycle: bool) -> None:
    """Show the text of a value in IPython."""
    printer.text(str(value))


class Printed:
    """A value that IPython shows as its ``str``, also where it has a ``repr`` of its own."""

    __slots__ = ()

    _repr_pretty_ = _print

    def __init_subclass__(cls) -> None:
        # IPython looks class by class, and takes the `__repr__` of one before the method that the next has.
        super().__init_subclass__()
        cls._repr_pretty_ = _print


def listed(facts: Mapping[str, str]) -> str:
    """Return facts as lines, each with its name before it; what goes on in a next line stands below its beginning."""
    below = "\n" + " " * (_INDENT + _NAME_WIDTH)
    return "\n".join(f"{' ' * _INDENT}{name:<{_NAME_WIDTH}}{fact}".replace("\n", below) for name, fact in facts.items())
