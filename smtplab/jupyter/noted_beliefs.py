"""Note the wrong beliefs that a notebook has named in the student's record of review, on today's date."""

from __future__ import annotations

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
        note_slips([value.belief.id], Path.cwd(), date.today())
    elif isinstance(value, ParsonsOutcome) and value.believed is not None:
        note_slips([value.believed.id], Path.cwd(), date.today())
    elif isinstance(value, ChoiceOutcome) and value.named:
        note_slips([value.named], Path.cwd(), date.today())
