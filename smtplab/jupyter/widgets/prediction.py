"""Predict a code: the question of `Session.predict`, with a field for the answer and a button."""

from __future__ import annotations

import ipywidgets

from ...lab.predict import PredictionOutcome, Question
from .. import sentences
from .code_field import CodeField
from .frontend import Frontend
from .widget import Widget, button, html, run_on_the_page, show

_CHOOSE, _NO_REPLY = "choose a code", "no reply"


class Prediction(Widget):
    """A prediction on the page: a field for the code, then the outcome. Its text is that of the question.

    Args:
        question: the value of `Session.predict`.
    """

    def __init__(self, question: Question) -> None:
        super().__init__(Frontend("Prediction"))
        self.question = question
        self._field = CodeField(lambda _: self.submit(), (_CHOOSE, _NO_REPLY))
        self._button = button("answer, and send the line", self.submit, "smtplab-answer")
        self._asked = html()
        self._answering = ipywidgets.HBox([self._field.view, self._button], layout={"flex_flow": "row wrap"})
        self._arrange([self._asked, self._answering], [])
        self._refresh()

    def answer(self, code: int | str | None) -> PredictionOutcome | None:
        """Note the prediction and send the line.

        Args:
            code: the three digits; None for no reply.

        Returns:
            The outcome; None if nothing was sent, and `problem` says why.
        """
        return self._attempt(lambda: self.question.answer(code))

    def submit(self) -> PredictionOutcome | None:
        """Answer with the value of the field, as the button does."""
        value = self._field.value
        if value == _CHOOSE:
            self._refuse(sentences.CHOOSE_FIRST)
            return None
        return self.answer(None if value == _NO_REPLY else value)

    def __str__(self) -> str:
        return str(self.question)

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        return self.question._repr_html_()

    def _refresh(self) -> None:
        self._asked.value = self.question.to_html("Choose a code, or type its three digits")
        show(self._answering, self.question.outcome is None)

    def _announce(self) -> None:
        outcome = self.question.outcome
        self._frontend.said = self.problem or (outcome.verdict if outcome else "")


_shown: dict[str, tuple[str, list[Prediction]]] = {}  # by cell: its last run, and what that has shown


def show_in_cell(question: Question) -> None:
    """Show a question with a field, and close what an earlier run of the same cell has shown."""
    prediction = Prediction(question)
    if run := run_on_the_page():
        cell, this_run = run
        last_run, shown = _shown.get(cell, ("", []))
        if last_run != this_run:
            for old in shown:
                old.close()
            shown = []
        _shown[cell] = this_run, [*shown, prediction]
    prediction.display()
