"""Put values into text: a value in IPython as its ``str``, facts line by line, an error as a sentence.

HTML and drawings are not made here.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_NAME_WIDTH = 11  # columns for the name of a fact
_INDENT = 2  # columns before it
_FEW = 5  # names in a sentence


def _print(value: object, printer: Any, cycle: bool) -> None:
    """Show the text of a value in IPython."""
    printer.text(str(value))


class Printed:
    """A value that IPython shows as its ``str``, even if its class defines ``__repr__``."""

    __slots__ = ()

    _repr_pretty_ = _print

    def __init_subclass__(cls) -> None:
        # IPython looks class by class, and prefers the `__repr__` of a class to the method of its base class.
        super().__init_subclass__()
        cls._repr_pretty_ = _print


def listed(facts: Mapping[str, str]) -> str:
    """Return facts as lines that begin with their names; further lines of a fact are indented below its first line."""
    below = "\n" + " " * (_INDENT + _NAME_WIDTH)
    return "\n".join(f"{' ' * _INDENT}{name:<{_NAME_WIDTH}}{fact}".replace("\n", below) for name, fact in facts.items())


def in_a_row(names: Iterable[str]) -> str:
    """Return names as a sentence lists them: ``a, b and c``; empty if there are none."""
    listed_names = list(names)
    return " and ".join(filter(None, [", ".join(listed_names[:-1]), *listed_names[-1:]]))


def few_in_a_row(names: Sequence[str]) -> str:
    """Return names as `in_a_row`, and a number for those that are too many for a sentence."""
    more = len(names) - _FEW
    return in_a_row(names if more <= 0 else [*names[:_FEW], f"{more} more"])


def plural(count: int, noun: str, several: str = "") -> str:
    """Return a number and a noun: ``1 code``, ``2 codes``.

    Args:
        count: the number.
        noun: the singular.
        several: the plural; by default the singular with an s.
    """
    return f"{count} {noun if count == 1 else several or f'{noun}s'}"


def sentence(error: Exception | str) -> str:
    """Return an error's text as a sentence, with a full stop and a capital; a name like a.b keeps its small letter."""
    text = str(error)
    named = "." in text.partition(" ")[0][:-1]
    return f"{text if named else text[:1].upper() + text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def running_shell() -> Any:
    """Return IPython's shell if this runs in one, as in a notebook; else None. It does not import IPython."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
