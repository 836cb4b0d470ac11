"""Stand in a notebook for what it has not yet, so that a cell says what to do, where Python would know no such name."""

from __future__ import annotations

from typing import NoReturn

from ..base.printed import Printed
from .handout import ExerciseError


class NotHere(Printed):
    """Stands for an object that a notebook has not, and says what to do whatever is done with it.

    Args:
        sentence: what to do.
    """

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):  # what Python and IPython look for in any object
            raise AttributeError(name)
        raise ExerciseError(self._sentence)

    def __str__(self) -> str:
        return self._sentence
