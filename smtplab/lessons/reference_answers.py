"""What the reference answers of a tutorial write, for a later tutorial that builds on it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from .lesson import Lesson


def answers(name: str) -> Any:
    """Return the functions that the reference answers of a tutorial write, as the attributes of one object.

    Args:
        name: the name of its notebook, without ``.ipynb``.

    Raises:
        LessonError: if there is no such tutorial.
    """
    names: dict[str, Any] = {"__name__": name}
    wanted = [cell for cell in Lesson.open(name).cells if cell.function is not None]
    for cell in wanted:
        exec(cell.answer, names)
    return SimpleNamespace(**{cell.variable: names[cell.variable] for cell in wanted})
