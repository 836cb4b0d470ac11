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
    cells = Lesson.open(name).cells
    for cell in cells:
        exec(_code_of(cell), names)
    return SimpleNamespace(**{cell.variable: names[cell.variable] for cell in cells if cell.function is not None})


def _code_of(cell: LessonCell) -> str:
    """Return what the functions of a tutorial take from a cell: a reference answer, given code, or imports."""
    if cell.function is not None:
        return cell.answer
    lines = cell.source.split("\n")
    return "\n".join(line for line in lines if cell.gives_code or line.startswith("import "))
