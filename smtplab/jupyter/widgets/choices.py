"""Choose answers on the page by buttons: to a review, to a defence, or to the question below an explanation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import ipywidgets

from ...explain.choice_question import ChoiceOutcome, ChoiceQuestion
from ...explain.inquiry import AskingExplanation
from ...grading.defence import Defence, DefenceOutcome, DefenceQuestion
from ...recall.review import Review
from ...show import style
from .. import sentences
from ..noted_beliefs import note_what_shows
from .frontend import Frontend
from .widget import Widget, button, html, show


class Choices(Widget):
    """Questions with a row of buttons each. The text of the widget is that of what asks them.

    Args:
        asking: the value of `smtplab.review`, of `smtplab.defend`, or of `Session.why` when it asks.
    """

    def __init__(self, asking: Review | AskingExplanation | Defence) -> None:
        super().__init__(Frontend("Choices"))
        self.asking = asking
        self.outcome: ChoiceOutcome | DefenceOutcome | None = None
        self._above, self._below = html(), html()
        self._rows = [_QuestionRow(question, number, self.answer) for number, question in self._numbered]
        self._arrange([self._above, *(part for row in self._rows for part in row.views)], [self._below])
        self._refresh()

    @property
    def _numbered(self) -> list[tuple[str, ChoiceQuestion | DefenceQuestion]]:
        """The questions with their numbers; the only question of an explanation has none."""
        if isinstance(self.asking, AskingExplanation):
            return [("", self.asking.asked)]
        asked: Sequence[ChoiceQuestion | DefenceQuestion] = self.asking.questions
        return [(str(number), question) for number, question in enumerate(asked, start=1)]

    def answer(self, number: str, choice: str) -> ChoiceOutcome | DefenceOutcome | None:
        """Answer one of the questions.

        Args:
            number: which one, counted from 1; empty for the question of an explanation.
            choice: the letter of the answer, or the code in a defence.

        Returns:
            The outcome; None if there is no such question or answer, and `problem` says why.
        """
        self.outcome = self._attempt(lambda: self._answered(number, choice))
        return self.outcome

    def _answered(self, number: str, choice: str) -> ChoiceOutcome | DefenceOutcome:
        if not isinstance(self.asking, AskingExplanation):
            return self.asking.answer(number, choice)
        outcome = self.asking.answer(choice)
        note_what_shows(outcome)
        return outcome

    def __str__(self) -> str:
        return str(self.asking)

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        return self.asking._repr_html_()

    def _refresh(self) -> None:
        how = sentences.PRESS_THE_LETTER
        if not isinstance(self.asking, AskingExplanation):
            above, below = f"<div>{style.escape(self.asking.heading)}</div>", self.asking.below(how)
        else:
            above, below = self.asking.explained_html, how
        self._above.value = above
        self._below.value = f"<div>{style.prose(below)}</div>" if below else ""
        show(self._below, not isinstance(self.asking, AskingExplanation) or any(row.is_open for row in self._rows))
        for row in self._rows:
            row.refresh()

    def _announce(self) -> None:
        self._frontend.said = self.problem or (str(self.outcome) if self.outcome else "")


class _QuestionRow:
    """One question, and its buttons until it is answered."""

    def __init__(
        self, question: ChoiceQuestion | DefenceQuestion, number: str, answer: Callable[[str, str], object]
    ) -> None:
        self._question, self._number = question, number
        self._asked = html()
        buttons = [
            button(f"{number} {choice}".strip(), partial(answer, number, choice), "smtplab-word")
            for choice in question.buttons
        ]
        self._buttons = ipywidgets.HBox(buttons, layout={"flex_flow": "row wrap"})

    @property
    def views(self) -> list[object]:
        """The question, and below it the buttons."""
        return [self._asked, self._buttons]

    @property
    def is_open(self) -> bool:
        """True before the answer."""
        return self._question.outcome is None

    def refresh(self) -> None:
        """Show the question or its outcome."""
        self._asked.value = self._question.to_html("", f"{self._number}. " if self._number else "")
        show(self._buttons, self.is_open)
