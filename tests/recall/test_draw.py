"""A review asks first what is due, then what is new, and only what was taught or shown before."""

from datetime import date, timedelta

import pytest

from smtplab.explain.misconceptions import beliefs
from smtplab.recall.boxes import Card
from smtplab.recall.draw import draw, next_day

TODAY = date(2004, 8, 6)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
NOTEBOOKS = ["02-the-fourteen-commands", "03-the-twenty-one-replies", "06-smtp-used-twice", "07-spool-retry-bounce"]


def names(cards: dict[str, Card], notebook: str = NOTEBOOKS[1]) -> list[str]:
    return [belief.id for belief, _ in draw(cards, notebook, TODAY)]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_an_empty_record_gives_three_questions_of_the_latest_notebook_before(notebook: str) -> None:
    drawn = draw({}, notebook, TODAY)
    assert len(drawn) == 3
    earlier = sorted((each.asked_after for each in beliefs().values() if each.asked_after < notebook[:2]), reverse=True)
    assert [belief.asked_after for belief, _ in drawn] == earlier[:3]
    assert drawn == draw({}, notebook, YESTERDAY)


def test_nobody_is_asked_about_tls_before_there_is_a_tutorial_about_it() -> None:
    for notebook in (*NOTEBOOKS, "09-tls-and-auth"):
        cards = {name: Card(0, TOMORROW) for name in beliefs() if name != "ehlo-holds-after-starttls"}
        assert names(cards, notebook) == []
    assert names(cards, "10-forgery") == ["ehlo-holds-after-starttls"]


def test_before_the_first_notebooks_there_is_nothing_to_ask() -> None:
    assert names({}, "01-the-lectures-session") == []


def test_what_is_due_comes_first_and_what_was_shown_most_often_before_that() -> None:
    cards = {
        "lf-ends-a-line": Card(0, YESTERDAY),
        "quit-sends-the-mail": Card(0, TODAY, slips=2),
        "brackets-may-be-left-out": Card(0, TOMORROW, slips=9),
    }
    first, second, third = names(cards)
    assert (first, second) == ("quit-sends-the-mail", "lf-ends-a-line")
    assert third not in cards


def test_a_belief_that_the_student_has_shown_is_asked_about_before_its_notebook_comes() -> None:
    assert names({"bounce-has-a-sender": Card(0, TODAY, slips=1)}, NOTEBOOKS[0])[0] == "bounce-has-a-sender"


def test_the_second_question_of_a_belief_comes_first_because_why_asks_the_first_one() -> None:
    assert [number for _, number in draw({}, NOTEBOOKS[0], TODAY)] == [1, 1, 1]
    ((belief, number), *_) = draw({"lf-ends-a-line": Card(0, TODAY, asked=1)}, NOTEBOOKS[0], TODAY)
    assert (belief.id, number) == ("lf-ends-a-line", 0)


def test_if_all_rest_nothing_is_asked_and_the_next_day_is_known() -> None:
    cards = {name: Card(1, TOMORROW + timedelta(days=at)) for at, name in enumerate(beliefs())}
    assert names(cards) == []
    assert next_day(cards, [*beliefs()]) == TOMORROW
    assert next_day({}, [*beliefs()]) is None
