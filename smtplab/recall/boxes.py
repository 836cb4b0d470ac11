"""Space questions over days by Leitner's boxes.

Each belief that a student has been asked about, or has shown, has a card in one of four boxes. A right answer moves it
to the next box, a wrong one and a new slip move it back to the first. It is due 1, 3, 7 or 16 days after that,
according to its box. Time comes in as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

DAYS = (1, 3, 7, 16)
"""How many days a card rests in each box."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is remembered of one belief.

    Args:
        box: the number of its box, counted from 0.
        due: the first day on which it is asked about again.
        asked: how often it was asked about.
        slips: how often the student has shown the belief.
    """

    box: int
    due: date
    asked: int = 0
    slips: int = 0


def after_answer(card: Card | None, today: date, *, right: bool) -> Card:
    """Return the card of a belief after an answer.

    Args:
        card: the card before; None if there was none.
        today: the day of the answer.
        right: True if the answer was right.
    """
    before = card or Card(0, today)
    box = min(before.box + 1, len(DAYS) - 1) if right else 0
    return replace(before, box=box, due=today + timedelta(days=DAYS[box]), asked=before.asked + 1)


def after_slip(card: Card | None, today: date) -> Card:
    """Return the card of a belief that the student has shown."""
    before = card or Card(0, today)
    return replace(before, box=0, due=today + timedelta(days=DAYS[0]), slips=before.slips + 1)
