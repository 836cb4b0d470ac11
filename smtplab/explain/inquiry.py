"""Decide if `why` names a wrong belief, or asks one question first.

A belief is named if the conversation has two slips of it, or if the student has answered its question as somebody does
who has the belief. A right answer, or another wrong one, ends the matter for the session.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from ..show import style
from ..transcript import Transcript
from . import sentences
from .belief_evidence import named_by, slips_in
from .choice_question import ChoiceOutcome, ChoiceQuestion
from .explanation import Explanation
from .misconceptions import beliefs
from .question_sheet import QuestionSheet


@dataclass(frozen=True, slots=True, repr=False)
class AskingExplanation(Explanation):
    """An explanation with one question below it.

    Args:
        asked: the question.
    """

    asked: ChoiceQuestion = field(kw_only=True)

    def answer(self, choice: object) -> ChoiceOutcome:
        """Answer the question; see `ChoiceQuestion.answer`.

        Raises:
            ValueError: as there.
        """
        return self.asked.answer(choice)

    @property
    def sheet(self) -> QuestionSheet[ChoiceQuestion]:
        """The question with the explanation above it."""
        return _QuestionBelow(self)

    def __str__(self) -> str:
        return str(self.sheet)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show the table and the question in a notebook."""
        return self.sheet._repr_html_()


class _QuestionBelow(QuestionSheet[ChoiceQuestion]):
    """The one question below an explanation."""

    is_numbered = False

    def __init__(self, asking: AskingExplanation) -> None:
        super().__init__((asking.asked,), sentences.HOW_TO_CHOOSE)
        self._asking = asking

    @property
    def heading(self) -> str:
        """The explanation, and a line that leads to the question."""
        return f"{Explanation.__str__(self._asking)}\n{sentences.ONE_QUESTION}"

    @property
    def heading_html(self) -> str:
        """The table of the explanation, and the same line."""
        return f"{Explanation._repr_html_(self._asking)}<div>{style.escape(sentences.ONE_QUESTION)}</div>"


class Inquiry:
    """The questions about beliefs that one session has asked."""

    def __init__(self) -> None:
        self._asked: dict[str, ChoiceQuestion] = {}

    def add_to(self, explanation: Explanation, transcript: Transcript) -> Explanation:
        """Return the explanation of the last reply with a belief that is named, or with a question.

        Args:
            explanation: the explanation.
            transcript: the conversation.
        """
        last = transcript.last_exchange
        slips = slips_in(transcript)
        recent = dict.fromkeys(slip.belief for slip in slips if last is not None and slip.row >= last.first)
        named = next(filter({*named_by(slips), *self._held()}.__contains__, recent), None)
        if named is not None:
            return replace(explanation, belief=beliefs()[named])
        for belief in recent:
            question = self._asked.setdefault(belief, ChoiceQuestion(beliefs()[belief]))
            if question.outcome is None:
                return AskingExplanation(**_values(explanation), asked=question)
        return explanation

    def _held(self) -> set[str]:
        """Return the beliefs that the student's answers have shown."""
        return {each.outcome.named for each in self._asked.values() if each.outcome is not None} - {""}


def _values(explanation: Explanation) -> dict[str, Any]:
    return {each.name: getattr(explanation, each.name) for each in fields(Explanation)}
