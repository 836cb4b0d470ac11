"""How things are put as text: a value in IPython as its ``str``, facts line by line, an error as a sentence.

What a notebook shows beside the text, as HTML or as a drawing, each value makes by itself.
"""

import sys
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


def plural(count: int, noun: str, several: str = "") -> str:
    """Return a number and a noun: ``1 code``, ``2 codes``.

    Args:
        count: how many.
        noun: what one is called.
        several: what more than one are called, or none; by default with an s at the end.
    """
    return f"{count} {noun if count == 1 else several or f'{noun}s'}"


def sentence(error: Exception | str) -> str:
    """Return what an error says as a sentence: with a stop, and a capital unless it begins with a name like a.b."""
    text = str(error)
    named = "." in text.partition(" ")[0][:-1]
    return f"{text if named else text[:1].upper() + text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def running_shell() -> Any:
    """Return IPython's shell if this runs in one, as in a notebook; else None. IPython is not loaded for that."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
