"""A notebook that is to run, and the entries of a journal that say what its cells did besides.

The program that grades needs these, and not the shell in which the cells run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

# What a cell showed, and that it showed more than is kept.
SHOWN, CUT = "show", "cut"
# The stream of an exception.
ERROR = "error"
# A cell was interrupted.
INTERRUPTED = "interrupt"


@dataclass(frozen=True, slots=True)
class StudentCell:
    """A code cell that runs.

    Args:
        cell: its place in the notebook, from 0.
        source: its text; empty for a test cell.
        test: the name of a test cell; empty for any other.
        exercise: the exercise that the test cell is about.
    """

    cell: int
    source: str
    test: str = ""
    exercise: str = ""


@dataclass(frozen=True, slots=True)
class StudentNotebook:
    """A notebook to run.

    Args:
        student: whose work is graded.
        language: of its kernel: ``python`` or ``smtp``.
        cells: its code cells, in order.
        cpu_seconds, wall_seconds: the budget. The border ends the process at the limits; cells are interrupted before.
    """

    student: str
    language: str
    cells: tuple[StudentCell, ...]
    cpu_seconds: float
    wall_seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return it as data that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StudentNotebook:
        """Return the notebook that `to_json` wrote."""
        cells = tuple(StudentCell(**cell) for cell in data["cells"])
        return cls(**{**data, "cells": cells})
