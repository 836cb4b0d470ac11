"""A question is answered once, by a letter or by the answer, and says in words if that was right."""

import pytest

from smtplab.explain.choice_question import ChoiceQuestion
from smtplab.explain.misconceptions import beliefs

CHOICES = beliefs()["mail-again-starts-anew"]  # a: held, b: right
PREDICTION = beliefs()["lf-ends-a-line"]  # held: done, right: no reply


@pytest.mark.parametrize("said", ["b", "B", " b ", "(b)", "RSET, then MAIL", "rset, then mail"])
def test_a_letter_or_the_answer_itself_will_do(said: str) -> None:
    outcome = ChoiceQuestion(CHOICES).answer(said)
    assert outcome.right
    assert outcome.named == ""
    assert str(outcome) == f"Right. {CHOICES.questions[0].why}"


@pytest.mark.parametrize("said", ["no reply", "no-reply", "No reply", "e"])
def test_a_prediction_is_answered_in_the_words_of_predictions(said: str) -> None:
    assert ChoiceQuestion(PREDICTION).answer(said).right


@pytest.mark.parametrize("said", [250, "250", "2yz", 2, "2", "done", "a"])
def test_a_code_or_a_digit_stands_for_its_class(said: object) -> None:
    outcome = ChoiceQuestion(PREDICTION).answer(said)
    assert outcome.named == "lf-ends-a-line"


def test_the_answer_of_somebody_who_has_the_belief_names_it_and_another_wrong_one_does_not() -> None:
    held, other = ChoiceQuestion(CHOICES).answer("a"), ChoiceQuestion(CHOICES).answer("c")
    assert CHOICES.tell in str(held)
    assert not other.right
    assert other.named == ""
    assert CHOICES.tell not in str(other)
    assert "RSET, then MAIL" in str(other)


@pytest.mark.parametrize("said", ["d", "", "ab", "MAIL", None, "250"])
def test_anything_else_is_refused_and_the_question_stays_open(said: object) -> None:
    question = ChoiceQuestion(CHOICES)
    with pytest.raises(ValueError, match="not one of the answers"):
        question.answer(said)
    assert question.outcome is None


@pytest.mark.parametrize("said", ["999", "25", "x50", "1yz", "٢٥٠"])
def test_what_is_no_code_stands_for_no_class(said: str) -> None:
    with pytest.raises(ValueError, match="not one of the answers"):
        ChoiceQuestion(PREDICTION).answer(said)


def test_only_the_first_answer_counts() -> None:
    question = ChoiceQuestion(CHOICES)
    question.answer("b")
    with pytest.raises(ValueError, match="answered already"):
        question.answer("a")
    assert question.outcome is not None
    assert question.outcome.right


def test_the_text_has_each_answer_with_its_letter_and_no_word_of_which_is_right() -> None:
    question = ChoiceQuestion(CHOICES)
    text = str(question)
    assert all(
        f"  {letter}  {choice}" in text for letter, choice in zip("abc", CHOICES.questions[0].choices, strict=True)
    )
    assert CHOICES.questions[0].why not in text
    assert repr(question) == "<ChoiceQuestion about mail-again-starts-anew, open>"
    outcome = question.answer("a")
    assert str(question) == str(outcome)
    assert repr(question) == "<ChoiceQuestion about mail-again-starts-anew, answered>"


def test_the_html_says_what_the_text_says() -> None:
    question = ChoiceQuestion(beliefs()["bounce-has-a-sender"])
    assert "nothing but &lt;&gt;" in question._repr_html_()
    outcome = question.answer("b")
    assert "nothing but &lt;&gt;" in question._repr_html_()
    assert question.question.why in question._repr_html_()
    assert question.question.why in outcome._repr_html_()


def test_each_answer_has_a_button_with_its_letter() -> None:
    assert ChoiceQuestion(CHOICES).buttons == tuple("abc")[: len(CHOICES.questions[0].choices)]
    assert len(ChoiceQuestion(CHOICES).buttons) >= 2
