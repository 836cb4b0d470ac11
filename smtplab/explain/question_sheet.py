"""Questions that are asked together and answered once each: those of a review, of a defence, or below a `why`.

A sheet has a heading, its questions with their numbers, and a line below. A question that stands alone has no number.
In a notebook `jupyter.widgets.choices` shows every sheet with buttons, and ``%answer`` answers all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from ..base.printed import Printed
from ..show import style
from . import sentences


class SheetQuestion(Protocol):
    """A question that is answered once."""

    @property
    def outcome(self) -> Printed | None:
        """The answer beside the right one; None before the answer."""

    @property
    def buttons(self) -> tuple[str, ...]:
        """The answers to choose from, a button each."""

    @property
    def shown(self) -> str:
        """The question as text, without a word on how to answer; after the answer, also the outcome."""

    def answer(self, choice: Any) -> Printed:
        """Answer the question; raise `ValueError` if this is none of the answers, or it is answered already."""

    def to_html(self, how: str, number: str = "") -> str:
        """Return the question as HTML, with how to answer it and its number; after the answer, also the outcome."""


QuestionT = TypeVar("QuestionT", bound=SheetQuestion)


class QuestionSheet(Printed, Generic[QuestionT]):
    """Questions that are asked together.

    Args:
        questions: the questions.
        how: how to answer them in a cell.

    Attributes:
        questions: as above.
        is_numbered: False for a question that stands alone.
        how_by_buttons: how to answer them where each answer has a button.
        all_answered: what is said when no question is open; empty for nothing.
    """

    is_numbered = True
    how_by_buttons = sentences.PRESS_THE_LETTER
    all_answered = ""

    def __init__(self, questions: Iterable[QuestionT], how: str) -> None:
        self.questions = tuple(questions)
        self.how = how

    @property
    def sheet(self) -> QuestionSheet[QuestionT]:
        """The sheet itself, as of everything that asks."""
        return self

    @property
    def heading(self) -> str:
        """What stands above the questions."""
        raise NotImplementedError

    @property
    def heading_html(self) -> str:
        """The heading as HTML."""
        return f"<div>{style.escape(self.heading)}</div>"

    @property
    def numbered(self) -> Iterator[tuple[str, QuestionT]]:
        """The questions with their numbers; the number of one that stands alone is empty."""
        for number, question in enumerate(self.questions, start=1):
            yield str(number) if self.is_numbered else "", question

    @property
    def is_answered(self) -> bool:
        """True if no question is open."""
        return all(question.outcome is not None for question in self.questions)

    def below(self, how: str = "") -> str:
        """Return what stands below the questions: how to answer, or that all are answered.

        Args:
            how: how to answer; empty for how it is done in a cell.
        """
        if not self.questions:
            return ""
        return self.all_answered if self.is_answered else how or self.how

    def answer(self, number: object, choice: object) -> Any:
        """Answer one of the questions.

        Args:
            number: which question, counted from 1, such as ``2`` or ``"2."``; empty for one that stands alone.
            choice: the answer.

        Returns:
            The outcome.

        Raises:
            ValueError: if there is no such question or answer, or the question is answered already.
        """
        question = self.with_number(number)
        if question is None:
            raise ValueError(sentences.NO_SUCH_QUESTION.format(number=number, count=len(self.questions)))
        return question.answer(choice)

    def with_number(self, number: object) -> QuestionT | None:
        """Return the question with the number that somebody wrote; None if there is none."""
        said = str(number).strip().rstrip(".")
        return next((question for each, question in self.numbered if each == said), None)

    def __str__(self) -> str:
        asked = [f"{number}. {each.shown}" if number else each.shown for number, each in self.numbered]
        return "\n".join(filter(None, [self.heading, *asked, self.below()]))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.questions)} questions>"

    def _repr_html_(self) -> str:
        """Show the questions in a notebook, those that are answered with their outcomes."""
        asked = [each.to_html("", f"{number}. " if number else "") for number, each in self.numbered]
        below = [f"<div>{style.prose(self.below())}</div>"] if self.below() else []
        return "".join([self.heading_html, *asked, *below])
