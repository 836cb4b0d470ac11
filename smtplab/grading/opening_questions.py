"""The questions with which an exercise begins: about beliefs that its rules cannot see.

    questions = mine.ask()
    questions.answer(1, "b")           # says if that is right

They give no points, because their answers come with smtplab. The answer of somebody who has the belief counts for the
table of the class and for the student's review.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..explain.choice_question import ChoiceQuestion
from ..explain.misconceptions import LETTERS, beliefs
from ..explain.question_sheet import QuestionSheet
from . import sentences

_KEY = "opening {number}"


class OpeningQuestions(QuestionSheet[ChoiceQuestion]):
    """The first question of each of some beliefs.

    Args:
        names: the ids of the beliefs.
        answers: the answers that were given before, as `Exercise.keep` has them.
        keep: keeps an answer under its name.
    """

    all_answered = sentences.OPENING_IS_ANSWERED

    def __init__(self, names: Iterable[str], answers: Mapping[str, Any], keep: Callable[[str, str], None]) -> None:
        super().__init__((ChoiceQuestion(beliefs()[name]) for name in names), sentences.ANSWER_THE_OPENING)
        self._keep = keep
        for number, letter in _given(len(self.questions), answers):
            with suppress(ValueError):  # no letter of this question
                self.questions[number - 1].answer(letter)

    @property
    def heading(self) -> str:
        """What stands above the questions."""
        return sentences.OPENING_QUESTIONS

    def answer(self, number: object, choice: object) -> Any:
        """Answer one of the questions; the first answer counts."""
        outcome = super().answer(number, choice)
        place = next(each for each, question in self.numbered if question.outcome is outcome)
        self._keep(_KEY.format(number=place), LETTERS[outcome.chosen])
        return outcome


def held_in(names: Sequence[str], answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the beliefs that answers to the opening questions show.

    Args:
        names: the ids of the beliefs that the exercise asks about.
        answers: all answers of the exercise.
    """
    given = dict(_given(len(names), answers))
    asked = ((number, beliefs()[name].questions[0]) for number, name in enumerate(names, start=1))
    return tuple(names[number - 1] for number, question in asked if given.get(number) == LETTERS[question.held])


def _given(count: int, answers: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield the number and the letter of each question that is answered; what is no letter is no answer."""
    for number in range(1, count + 1):
        letter = answers.get(_KEY.format(number=number))
        if type(letter) is str and len(letter) == 1 and letter in LETTERS:
            yield number, letter
