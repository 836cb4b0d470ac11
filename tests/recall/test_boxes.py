"""A card moves up after a right answer, back after a wrong one or a slip, and rests 1, 3, 7 or 16 days."""

from datetime import date, timedelta

import pytest

from smtplab.recall.boxes import DAYS, Card, after_answer, after_slip

TODAY = date(2004, 8, 6)


def days(card: Card) -> int:
    return (card.due - TODAY).days


def test_the_rule_is_1_3_7_and_16_days() -> None:
    assert DAYS == (1, 3, 7, 16)


def test_right_answers_lead_to_the_last_box_and_stay_there() -> None:
    card, rests = None, []
    for _ in range(5):
        card = after_answer(card, TODAY, right=True)
        rests.append(days(card))
    assert rests == [3, 7, 16, 16, 16]
    assert card is not None
    assert card.asked == 5


@pytest.mark.parametrize("before", [None, Card(0, TODAY), Card(3, TODAY, 4, 2)])
def test_a_wrong_answer_leads_back_to_the_first_box(before: Card | None) -> None:
    after = after_answer(before, TODAY, right=False)
    assert (after.box, days(after)) == (0, 1)
    assert after.slips == (before.slips if before else 0)


@pytest.mark.parametrize("before", [None, Card(3, TODAY + timedelta(days=9), 4, 2)])
def test_a_slip_leads_back_to_the_first_box_and_is_counted(before: Card | None) -> None:
    after = after_slip(before, TODAY)
    assert (after.box, days(after)) == (0, 1)
    assert after.slips == (3 if before else 1)
    assert after.asked == (4 if before else 0)
