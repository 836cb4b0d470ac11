"""Choose the questions of a review: first what is due, then what has never been asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ..explain.misconceptions import Belief, beliefs
from .record import BeliefCards

COUNT = 3


def draw(cards: BeliefCards, notebook: str, today: date) -> list[tuple[Belief, int]]:
    """Return up to three beliefs, each with the number of its question.

    A belief can be asked about if an earlier tutorial has taught all that it needs, or the student has shown it. Those
    that are due come first, and of these the ones with most slips; then those that were never asked, the latest
    tutorial first.

    Args:
        cards: the student's cards, by the names of their beliefs.
        notebook: the name of the tutorial that begins with the review.
        today: the day.
    """
    known = [each for each in beliefs().values() if is_earlier(each, notebook) or each.id in cards]
    due = [each for each in known if each.id in cards and cards[each.id].due <= today]
    due.sort(key=lambda each: (-cards[each.id].slips, cards[each.id].due))
    new = [each for each in known if each.id not in cards]
    new.sort(key=lambda each: each.asked_after, reverse=True)
    return [(each, _number(each, cards)) for each in [*due, *new][:COUNT]]


def is_earlier(belief: Belief, notebook: str) -> bool:
    """Return True if a tutorial with a lower number has taught what the questions about a belief need."""
    return belief.asked_after < notebook[:2]


def next_day(cards: BeliefCards, known: Sequence[str]) -> date | None:
    """Return the first day on which one of some beliefs is due; None if none of them has a card."""
    return min((cards[name].due for name in known if name in cards), default=None)


def _number(belief: Belief, cards: BeliefCards) -> int:
    """Return which question of a belief comes next. `why` asks the first one, so a review begins with the second."""
    asked = cards[belief.id].asked if belief.id in cards else 0
    return (asked + 1) % len(belief.questions)
