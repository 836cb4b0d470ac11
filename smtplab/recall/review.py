"""A review: three questions with which a tutorial begins, and their answers.

    review = open_review("02-the-fourteen-commands", Path.cwd(), date.today())
    review.answer(1, "b")              # says if that is right, and notes it in the record

Nothing is written before an answer, and nothing at all in a checkout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from ..explain.choice_question import ChoiceOutcome, ChoiceQuestion
from ..explain.misconceptions import beliefs
from ..explain.question_sheet import QuestionSheet
from . import sentences
from .boxes import Card, after_answer, after_slip
from .draw import draw, next_day
from .record import read_cards, record_path, write_cards

_NAME = re.compile(r"[0-9]{2}(?:-[a-z0-9-]+)?")
_WORDS = ("No question", "One question", "Two questions", "Three questions")


class Review(QuestionSheet[ChoiceQuestion]):
    """The questions with which a tutorial begins.

    Args:
        questions: the questions, three or fewer.
        note: a sentence above them: why there are none, or what became of the record; empty for nothing.
        path: the file of the record; None if nothing is to be written.
        today: the day.

    Attributes:
        questions: as above.
    """

    all_answered = sentences.ALL_ANSWERED

    def __init__(self, questions: Iterable[ChoiceQuestion], note: str, path: Path | None, today: date) -> None:
        super().__init__(questions, sentences.HOW_TO_ANSWER)
        self._note, self._path, self._today = note, path, today

    def answer(self, number: object, choice: object) -> ChoiceOutcome:
        """Answer one of the questions, and note in the record when it comes back.

        Args:
            number: which question, counted from 1.
            choice: the letter of an answer, or the answer itself.

        Raises:
            ValueError: if there is no such question or answer, or the question is answered already.
        """
        outcome: ChoiceOutcome = super().answer(number, choice)
        cards, _ = read_cards(self._path)
        name = outcome.belief.id
        cards[name] = after_answer(cards.get(name), self._today, right=outcome.right)
        if outcome.named:
            cards[name] = after_slip(cards[name], self._today)
        write_cards(self._path, cards)
        return outcome

    @property
    def heading(self) -> str:
        """What stands above the questions: how many they are, or why there are none."""
        count = len(self.questions)
        told = sentences.THREE_QUESTIONS.format(questions=_WORDS[count]) if count else ""
        return " ".join(filter(None, [self._note, told]))


def open_review(notebook: str, folder: Path, today: date) -> Review:
    """Return the review with which a tutorial begins, for the student whose record lies in a folder.

    Args:
        notebook: the name of the tutorial; its number, such as ``02``, is enough.
        folder: the folder of the notebook.
        today: the day, by which it is known what is due.

    Raises:
        ValueError: if `notebook` is not the name of a tutorial.
    """
    if not _NAME.fullmatch(notebook) or notebook[:2] > _last_tutorial():
        raise ValueError(sentences.NO_SUCH_NOTEBOOK.format(name=notebook))
    path = record_path(folder)
    cards, note = read_cards(path)
    drawn = draw(cards, notebook, today)
    if not drawn:
        day = next_day(cards, [*beliefs()])
        nothing = sentences.NOTHING_DUE.format(day=day) if day is not None else sentences.NO_EARLIER_NOTEBOOK
        note = f"{note} {nothing}".strip()
    return Review([ChoiceQuestion(belief, number) for belief, number in drawn], note, path, today)


def _last_tutorial() -> str:
    """Return the number of the last tutorial, which shows a belief false as those before it do."""
    return max(each.notebook for each in beliefs().values())[:2]


def note_slips(names: Iterable[str], folder: Path, today: date) -> None:
    """Note that a student has shown wrong beliefs, so that questions about them come soon.

    A belief that was noted today already is not noted again, because a check is run often.

    Args:
        names: the ids of the beliefs.
        folder: the folder of the notebook.
        today: the day.
    """
    path = record_path(folder)
    cards, _ = read_cards(path)
    noted = {name: after_slip(cards.get(name), today) for name in names if name in beliefs()}
    fresh = {name: card for name, card in noted.items() if not _is_noted(cards.get(name), card)}
    if fresh:
        write_cards(path, cards | fresh)


def _is_noted(before: Card | None, after: Card) -> bool:
    """Return True if the slip was noted today already."""
    return before is not None and before.slips > 0 and (before.box, before.due) == (after.box, after.due)
