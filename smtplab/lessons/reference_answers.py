"""What the reference answers of a tutorial write, for a later tutorial that builds on it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from .cells import LessonCell
from .lesson import Lesson


def answers(name: str) -> Any:
    """Return the functions that the reference answers of a tutorial write, as the attributes of one object.

    Args:
        name: the name of its notebook, without ``.ipynb``.

    Raises:
        LessonError: if there is no such tutorial.
    """
    names: dict[str, Any] = {"__name__": name}
    exec(program(name), names)
    written = [cell.variable for cell in Lesson.open(name).cells if cell.function is not None]
    return SimpleNamespace(**{each: names[each] for each in written})


def program(name: str) -> str:
    """Return the program that a tutorial leads to: imports, given code and reference answers, in their order.

    Args:
        name: the name of its notebook, without ``.ipynb``.

    Raises:
        LessonError: if there is no such tutorial.
    """
    return "\n".join(filter(None, map(_code_of, Lesson.open(name).cells)))


def _code_of(cell: LessonCell) -> str:
    if cell.function is not None:
        return cell.answer
    lines = cell.source.split("\n")
    return "\n".join(line for line in lines if cell.gives_code or line.startswith("import "))
