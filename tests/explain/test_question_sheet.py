"""A sheet finds its questions by their numbers, and says how to answer until all are answered."""

import pytest

from smtplab.explain.choice_question import ChoiceQuestion
from smtplab.explain.misconceptions import beliefs
from smtplab.explain.question_sheet import QuestionSheet

FIRST, SECOND = beliefs()["mail-again-starts-anew"], beliefs()["header-names-the-sender"]


class Sheet(QuestionSheet[ChoiceQuestion]):
    heading = "Two questions <b>"
    all_answered = "That is all."


class Alone(Sheet):
    is_numbered = False


@pytest.fixture
def sheet() -> Sheet:
    return Sheet(map(ChoiceQuestion, (FIRST, SECOND)), "Say a letter.")


@pytest.mark.parametrize(
    ("number", "place"), [(1, 0), ("2", 1), ("2.", 1), (" 1 ", 0), (0, None), (3, None), ("-1", None), ("²", None)]
)
def test_a_question_is_found_by_its_number_from_one_on(sheet: Sheet, number: object, place: int | None) -> None:
    assert sheet.with_number(number) is (None if place is None else sheet.questions[place])
    assert sheet.with_number("") is None


def test_a_question_that_stands_alone_has_no_number() -> None:
    sheet = Alone([ChoiceQuestion(FIRST)], "Say a letter.")
    assert "1." not in str(sheet)
    assert ">1. " not in sheet._repr_html_()
    with pytest.raises(ValueError, match="no question"):
        sheet.answer(1, "b")
    assert sheet.answer("", "b").right


def test_text_and_page_have_the_heading_the_questions_and_how_to_answer_until_all_are_answered(sheet: Sheet) -> None:
    assert str(sheet).startswith(f"Two questions <b>\n1. {FIRST.questions[0].ask}")
    assert "<div>Two questions &lt;b&gt;</div>" in sheet._repr_html_()
    assert sheet.below("Press.") == "Press."
    sheet.answer(1, "b")
    for shown in (str(sheet), sheet._repr_html_()):
        assert "Say a letter." in shown
        assert FIRST.questions[0].why in shown
    sheet.answer(2, "a")
    for shown in (str(sheet), sheet._repr_html_()):
        assert "Say a letter." not in shown
        assert "That is all." in shown
    assert sheet.below("Press.") == "That is all."
    assert repr(sheet) == "<Sheet of 2 questions>"


def test_a_sheet_is_its_own_and_one_without_a_heading_is_not_whole(sheet: Sheet) -> None:
    assert sheet.sheet is sheet
    assert str(Sheet([], "")) == Sheet.heading
    with pytest.raises(NotImplementedError):
        _ = QuestionSheet[ChoiceQuestion]([], "").heading
