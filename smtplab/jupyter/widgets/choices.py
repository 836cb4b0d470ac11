"""Choose answers on the page by buttons: to a review, to a defence, or to the question below an explanation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import ipywidgets

from ...base.printed import Printed
from ...explain.question_sheet import QuestionSheet, SheetQuestion
from ...show import style
from ..noted_beliefs import note_what_shows
from .frontend import Frontend
from .widget import Widget, button, html, show


class Asking(Protocol):
    """What asks questions: a review, a defence, or an explanation with a question below it."""

    @property
    def sheet(self) -> QuestionSheet[Any]:
        """The questions, with their heading and the line below."""

    def _repr_html_(self) -> str: ...


class Choices(Widget):
    """Questions with a row of buttons each. The text of the widget is that of what asks them.

    Args:
        asking: the value of `smtplab.review`, of `smtplab.defend`, or of `Session.why` when it asks.
    """

    def __init__(self, asking: Asking) -> None:
        super().__init__(Frontend("Choices"))
        self.asking, self._sheet = asking, asking.sheet
        self.outcome: Printed | None = None
        self._answered = ""  # the number of the last question that was answered
        self._above, self._below = html(), html()
        self._rows = [_QuestionRow(question, number, self.answer) for number, question in self._sheet.numbered]
        self._arrange([self._above, *(part for row in self._rows for part in row.views)], [self._below])
        self._refresh()

    def answer(self, number: str, choice: str) -> Printed | None:
        """Answer one of the questions.

        Args:
            number: which one, counted from 1; empty for the question of an explanation.
            choice: the letter of the answer, or the code in a defence.

        Returns:
            The outcome; None if there is no such question or answer, and `problem` says why.
        """
        self._answered = number
        self.outcome = self._attempt(lambda: self._sheet.answer(number, choice))
        note_what_shows(self.outcome)
        return self.outcome

    def __str__(self) -> str:
        return str(self.asking)

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        return self.asking._repr_html_()

    def _refresh(self) -> None:
        below = self._sheet.below(self._sheet.how_by_buttons)
        self._above.value = self._sheet.heading_html
        self._below.value = f"<div>{style.prose(below)}</div>" if below else ""
        show(self._below, bool(below))
        for row in self._rows:
            row.refresh()

    def _announce(self) -> None:
        question = next((row.question for row in self._rows if row.number == self._answered), None)
        outcome = None if self.problem or question is None else question.outcome
        self._frontend.said = self.problem or (str(outcome) if outcome else "")
        if outcome:  # the buttons are gone; the next ones are a Tab away, for an Enter too many would press one
            self._frontend.focus_on(f".smtplab-question-{self._answered}")


class _QuestionRow:
    """One question, and its buttons until it is answered."""

    def __init__(self, question: SheetQuestion, number: str, answer: Callable[[str, str], object]) -> None:
        self.question, self.number = question, number
        self._asked = html(f"smtplab-question-{number}")
        buttons = [
            button(f"{number} {choice}".strip(), partial(answer, number, choice), "smtplab-word")
            for choice in question.buttons
        ]
        self._buttons = ipywidgets.HBox(buttons, layout={"flex_flow": "row wrap"})

    @property
    def views(self) -> list[object]:
        """The question, and below it the buttons."""
        return [self._asked, self._buttons]

    def refresh(self) -> None:
        """Show the question or its outcome."""
        self._asked.value = self.question.to_html("", f"{self.number}. " if self.number else "")
        show(self._buttons, self.question.outcome is None)
