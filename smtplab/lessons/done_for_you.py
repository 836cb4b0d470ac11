"""A step that the lesson has done for a student, as the student reads it."""

from __future__ import annotations

from dataclasses import dataclass

from ..base.printed import Printed, sentence
from ..show import style
from ..transcript import Row


@dataclass(frozen=True, slots=True)
class DoneForYou(Printed):
    """A step that the lesson has done because the student had not; ``str`` gives its text.

    Args:
        sentence: which step.
        rows: what was said in it.
    """

    sentence: str
    rows: tuple[Row, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self._told, *map(str, self.rows)])

    def _repr_html_(self) -> str:
        """Show the step in a notebook."""
        return style.panel(style.prose(self._told) + style.said(self.rows))

    @property
    def _told(self) -> str:
        told = self.sentence.removesuffix(":")
        return f"{told}:" if self.rows else sentence(told)
