"""Note the wrong beliefs that a notebook has named in the student's record of review, on today's date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from ..explain.choice_question import ChoiceOutcome
from ..explain.explanation import Explanation
from ..lab.parsons import ParsonsOutcome
from ..recall.review import note_slips


def note_what_shows(value: object) -> None:
    """Note a wrong belief that an explanation, an answer or an order of lines names, so that the review asks about it.

    Args:
        value: the value of a cell or of a directive; anything else names nothing.
    """
    if isinstance(value, Explanation) and value.belief is not None:
        note_beliefs([value.belief.id])
    elif isinstance(value, ParsonsOutcome) and value.believed is not None:
        note_beliefs([value.believed.id])
    elif isinstance(value, ChoiceOutcome) and value.named:
        note_beliefs([value.named])


def note_beliefs(names: Iterable[str]) -> None:
    """Note wrong beliefs by their ids, if there are any; in a checkout nothing is noted."""
    if names := tuple(names):
        note_slips(names, Path.cwd(), date.today())
