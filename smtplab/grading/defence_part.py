"""The part ``defence`` of an exercise: three questions about the student's own session, a point each.

An exercise whose part is judged session by session has it without writing anything. It counts where the instructor adds
a test cell for it; see notebooks/exercises/README.md. `defence` draws its questions and scores it.
"""

from __future__ import annotations

from typing import Any

from .evidence import Evidence
from .rules import ExercisePart, Rule, RuleFailure

DEFENCE = "defence"
QUESTIONS = 3
SECTION = "your own session"


def has_defence(parts: tuple[ExercisePart[Any], ...]) -> bool:
    """Return True if one of the parts is judged session by session."""
    return any(is_defended(part) for part in parts)


def is_defended(part: ExercisePart[Any]) -> bool:
    """Return True if the questions can be about the sessions of this part."""
    return part.attempts is Evidence.each_wire


def key_of(number: int) -> str:
    """Return the name under which the answer to a question is kept."""
    return f"{DEFENCE} {number}"


def _is_scored_elsewhere(evidence: Any) -> RuleFailure | None:
    return None


PART: ExercisePart[Any] = ExercisePart(
    DEFENCE,
    tuple(
        Rule(
            f"{DEFENCE}.{number}",
            1,
            SECTION,
            f"You answer question {number}.",
            _is_scored_elsewhere,
            label=f"question {number}",
        )
        for number in range(1, QUESTIONS + 1)
    ),
)
