"""Predict a reply: the question of `Session.predict`, with a button for each word, and a field for a code."""

from __future__ import annotations

from functools import partial

import ipywidgets

from ...explain.cards import cards
from ...lab.predict import WORDS, PredictionOutcome, Question
from .. import sentences
from .code_field import CodeField
from .frontend import Frontend
from .widget import Widget, button, html, show

_CHOOSE = "choose a code"
_PRESS = "Press what you expect"
_PRESS_OR_CHOOSE = "Press what you expect, or choose a code, or type its three digits"


class Prediction(Widget):
    """A prediction on the page: a button for each class of reply and a field for a code, then the outcome.

    The field comes with the level ``digits`` of the cards, because before it no codes are taught. The text of the
    widget is that of the question.

    Args:
        question: the value of `Session.predict`.
    """

    def __init__(self, question: Question) -> None:
        super().__init__(Frontend("Prediction"))
        self.question = question
        words = [button(word, partial(self.answer, word), "smtplab-word") for word in WORDS]
        self._field = CodeField(lambda _: self.submit(), (_CHOOSE,)) if cards.digits else None
        self._asked = html("smtplab-asked")
        rows = [words]
        if self._field is not None:
            rows.append([self._field.view, button("answer, and send the line", self.submit, "smtplab-answer")])
        self._answering = ipywidgets.VBox([ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows])
        self._arrange([self._asked, self._answering], [])
        self._refresh()

    def answer(self, prediction: int | str | None) -> PredictionOutcome | None:
        """Note the prediction and send the line.

        Args:
            prediction: the three digits, or a word, as of `Question.answer`; None for no reply.

        Returns:
            The outcome; None if nothing was sent, and `problem` says why.
        """
        return self._attempt(lambda: self.question.answer(prediction))

    def submit(self) -> PredictionOutcome | None:
        """Answer with the value of the field, as its button does."""
        value = _CHOOSE if self._field is None else self._field.value
        if value == _CHOOSE:
            self._refuse(sentences.CHOOSE_FIRST)
            return None
        return self.answer(value)

    def __str__(self) -> str:
        return str(self.question)

    @property
    def picture(self) -> str:
        """The still picture as HTML."""
        return self.question._repr_html_()

    def _refresh(self) -> None:
        self._asked.value = self.question.to_html(_PRESS if self._field is None else _PRESS_OR_CHOOSE)
        show(self._answering, not self.question.answered)

    def _announce(self) -> None:
        outcome = self.question.outcome
        self._frontend.said = self.problem or (outcome.verdict if outcome else "")
        if outcome and not self.problem:  # the buttons are gone
            self._frontend.focus_on(".smtplab-asked")
