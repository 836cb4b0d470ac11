"""A review asks, takes answers, and writes its record after an answer and not before."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from smtplab.explain.misconceptions import beliefs
from smtplab.recall.boxes import Card
from smtplab.recall.record import NAME, read_cards, write_cards
from smtplab.recall.review import Review, note_slips, open_review
from support.paths import ROOT

TODAY = date(2004, 8, 6)
NOTEBOOK = "02-the-fourteen-commands"
LETTERS = "abcde"


@pytest.fixture
def review(tmp_path: Path) -> Review:
    return open_review(NOTEBOOK, tmp_path, TODAY)


def right(review: Review, number: int) -> str:
    return LETTERS[review.questions[number - 1].question.right]


def held(review: Review, number: int) -> str:
    return LETTERS[review.questions[number - 1].question.held]


def test_asking_writes_nothing(review: Review, tmp_path: Path) -> None:
    assert str(review)
    assert review._repr_html_()
    assert list(tmp_path.iterdir()) == []


def test_a_right_answer_is_noted_and_comes_back_in_three_days(review: Review, tmp_path: Path) -> None:
    assert review.answer(1, right(review, 1)).right
    name = review.questions[0].belief.id
    assert read_cards(tmp_path / NAME) == ({name: Card(1, TODAY + timedelta(days=3), 1)}, "")


def test_the_answer_of_somebody_who_has_the_belief_counts_as_a_slip(review: Review, tmp_path: Path) -> None:
    review.answer("2", held(review, 2))
    name = review.questions[1].belief.id
    assert read_cards(tmp_path / NAME)[0][name] == Card(0, TODAY + timedelta(days=1), 1, 1)


def test_the_next_review_asks_something_else_and_later_the_same_again(review: Review, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        review.answer(number, held(review, number))
    asked = {each.belief.id for each in review.questions}
    assert not asked & {each.belief.id for each in open_review(NOTEBOOK, tmp_path, TODAY).questions}
    tomorrow = open_review(NOTEBOOK, tmp_path, TODAY + timedelta(days=1))
    assert {each.belief.id for each in tomorrow.questions} == asked
    assert {each.question.ask for each in tomorrow.questions}.isdisjoint(each.question.ask for each in review.questions)


def test_the_text_is_complete_before_and_after_the_answers(review: Review) -> None:
    text = str(review)
    for number, each in enumerate(review.questions, start=1):
        assert f"{number}. {each.question.ask}" in text
        assert all(choice in text for choice in each.question.choices)
        assert each.question.why not in text
    assert text.endswith("`%answer 1 b`.")
    for number in (1, 2, 3):
        review.answer(number, right(review, number))
    assert all(each.question.why in str(review) for each in review.questions)
    assert "%answer" not in str(review)
    assert review.is_answered
    assert repr(review) == "<Review of 3 questions>"


def test_the_html_has_all_that_the_text_has(review: Review) -> None:
    assert review.questions[0].question.ask in review._repr_html_()
    outcome = review.answer(1, right(review, 1))
    assert outcome.question.why in review._repr_html_()


@pytest.mark.parametrize("number", [0, 4, "x", "", None, -1, "1b", "²"])
def test_a_number_of_no_question_is_refused(review: Review, number: object) -> None:
    with pytest.raises(ValueError, match="from 1 to 3"):
        review.answer(number, "a")


@pytest.mark.parametrize("name", ["", "2", "../etc", "2-x", "The fourteen commands", "99", "08", "99-no-such-notebook"])
def test_what_is_no_tutorial_has_no_review(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no tutorial"):
        open_review(name, tmp_path, TODAY)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks" / "tutorials").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_tutorial_may_begin_with_a_review(path: Path, tmp_path: Path) -> None:
    assert open_review(path.stem, tmp_path, TODAY).heading


def test_the_number_of_a_tutorial_is_enough(review: Review, tmp_path: Path) -> None:
    assert str(open_review("02", tmp_path, TODAY)) == str(review)


def test_in_a_checkout_nothing_is_written(tmp_path: Path) -> None:
    before = sorted(ROOT.rglob("smtplab-review*"))
    review = open_review(NOTEBOOK, ROOT / "notebooks" / "tutorials", TODAY)
    review.answer(1, "a")
    note_slips(["lf-ends-a-line"], ROOT / "notebooks" / "tutorials", TODAY)
    assert sorted(ROOT.rglob("smtplab-review*")) == before == []
    assert str(open_review(NOTEBOOK, ROOT, TODAY)) == str(open_review(NOTEBOOK, tmp_path, TODAY))


def test_a_slip_is_noted_once_a_day_and_a_strange_one_never(tmp_path: Path) -> None:
    for _ in range(3):
        note_slips(["lf-ends-a-line", "no-such-belief"], tmp_path, TODAY)
    note_slips([], tmp_path, TODAY)
    assert read_cards(tmp_path / NAME)[0] == {"lf-ends-a-line": Card(0, TODAY + timedelta(days=1), 0, 1)}
    note_slips(["lf-ends-a-line"], tmp_path, TODAY + timedelta(days=1))
    assert read_cards(tmp_path / NAME)[0]["lf-ends-a-line"].slips == 2


def test_a_slip_after_an_answer_of_the_same_day_counts(tmp_path: Path) -> None:
    write_cards(tmp_path / NAME, {"lf-ends-a-line": Card(0, TODAY + timedelta(days=1), 1)})
    note_slips(["lf-ends-a-line"], tmp_path, TODAY)
    assert read_cards(tmp_path / NAME)[0]["lf-ends-a-line"].slips == 1


def test_if_nothing_is_due_the_day_is_told(tmp_path: Path) -> None:
    write_cards(tmp_path / NAME, {name: Card(1, TODAY + timedelta(days=2)) for name in beliefs()})
    review = open_review(NOTEBOOK, tmp_path, TODAY)
    assert str(review) == "No question is due today; the next one comes on 2004-08-08."
    assert review._repr_html_() == f"<div>{review}</div>"
