"""Predict the code of a reply before the line is sent.

    question = session.predict("RCPT TO:<bob@lab.example>")
    question.answer(250)               # sends the line and explains the reply, whether the answer was right or wrong

The transcript has a note with the prediction before the line, so that a reader of the transcript can check it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..base.printed import Printed
from ..explain.explanation import Explanation
from ..protocol.codes import classify
from ..protocol.states import State
from ..show import style
from ..transcript import Transcript
from . import sentences
from .reply import SessionReply


class Predictable(Protocol):
    """The part of a `Session` that a question uses."""

    @property
    def transcript(self) -> Transcript:
        """The conversation so far; another object after an undo."""

    @property
    def state(self) -> State:
        """The state of the session in the table of states."""

    def poll(self) -> SessionReply | None:
        """Hear what the server has said unasked."""

    def send(self, text: str, *, note: str = "") -> SessionReply | None:
        """Send a line, and before it a note for the transcript; return the last reply that came, None if none did."""


@dataclass(frozen=True, slots=True)
class PredictionOutcome(Printed):
    """The prediction beside the reply that came; ``str`` gives its text.

    Args:
        line: the line that was sent.
        predicted: the predicted code; None for the prediction that no reply comes.
        reply: the reply that came; None if none did.
    """

    line: str
    predicted: int | None
    reply: SessionReply | None

    @property
    def code(self) -> int | None:
        """The code that came; None if no reply did."""
        return None if self.reply is None else self.reply.code

    @property
    def right(self) -> bool:
        """True if the predicted code came, or no reply as predicted."""
        return self.code == self.predicted

    @property
    def explanation(self) -> Explanation | None:
        """Why this reply came; None if none did."""
        return None if self.reply is None else self.reply.explanation

    @property
    def verdict(self) -> str:
        """Right or wrong in words; if wrong, also what the predicted code would have meant."""
        came = "no reply came" if self.code is None else f"{self.code} came"
        if self.right:
            return f"Right: {came}."
        return f"Not so: you predicted {_name(self.predicted)}, but {came}. {self._difference()}"

    def _difference(self) -> str:
        """Say how the prediction and the reply differ."""
        if self.predicted is None:
            return "The server is silent only inside a message, until the lone dot."
        meant = f"{self.predicted} would mean: {classify(self.predicted).meaning}"
        if self.code is None:
            return f"Inside a message the server is silent until the lone dot; {meant}"
        same = classify(self.predicted).severity is classify(self.code).severity
        return f"The first digit is right. {meant}" if same else meant

    def __str__(self) -> str:
        return "\n".join([self.verdict] + [str(part) for part in (self.explanation,) if part is not None])

    def _repr_html_(self) -> str:
        """Show the verdict and the explanation in a notebook."""
        explained = "" if self.explanation is None else self.explanation._repr_html_()
        return f"<div><b>{style.escape(self.verdict)}</b></div>{explained}"


class Question(Printed):
    """A line that is sent when its reply has been predicted, and not before.

    Args:
        session: the session that will send the line.
        line: one line, or several as `Session.send` takes them; the question is about the last reply.

    Attributes:
        predicted: the predicted code; None before the answer, and for the prediction that no reply comes.
        outcome: the prediction beside the reply; None before the answer, and if the connection was lost.
    """

    def __init__(self, session: Predictable, line: str) -> None:
        self.line = line
        self.predicted: int | None = None
        self.outcome: PredictionOutcome | None = None
        self._session = session
        self._asked_in = session.transcript
        self._asked_at = len(self._asked_in)
        self._state = session.state
        self._answered = False

    def answer(self, code: int | str | None) -> PredictionOutcome:
        """Note the prediction, send the line, and return the outcome.

        Args:
            code: the three digits of the reply; None for no reply, as in the middle of a message.

        Raises:
            ValueError: if `code` is not a reply code, the question is answered already, or the session has changed
                since the question; nothing is sent.
            ClientError: as `Session.send`; the prediction still counts.
        """
        predicted = None if code is None else classify(code).number
        self._check_open()
        self._answered, self.predicted = True, predicted
        reply = self._session.send(self.line, note=f"Prediction: {_name(predicted)}")
        self.outcome = PredictionOutcome(self.line, predicted, reply)
        return self.outcome

    def _check_open(self) -> None:
        if self._answered:
            raise ValueError(sentences.QUESTION_IS_ANSWERED.format(code=_name(self.predicted)))
        self._session.poll()
        transcript = self._session.transcript
        if transcript is not self._asked_in or len(transcript) != self._asked_at:
            raise ValueError(sentences.SESSION_HAS_GONE_ON)

    def __str__(self) -> str:
        if self.outcome is not None:
            return str(self.outcome)
        return (
            f"Which code will come?\n  line       {self.line}\n  state      {self._state.value}\n"
            "Answer with question.answer(CODE), where question is its name; only then is the line sent."
        )

    def __repr__(self) -> str:
        return f"<Question about {self.line!r}, {'answered' if self._answered else 'open'}>"

    def _repr_html_(self) -> str:
        """Show the question in a notebook; after the answer, the outcome."""
        return self.to_html(f"Answer with {style.code('question.answer(CODE)')}, where question is its name")

    def to_html(self, how: str) -> str:
        """Return the question as HTML; after the answer, the outcome.

        Args:
            how: how to answer it, as HTML without a full stop.
        """
        if self.outcome is not None:
            return self.outcome._repr_html_()
        lines = "<br>".join(style.code(line) for line in self.line.split("\n"))
        return style.panel(
            f"<b>Which code will come?</b><br>{lines}<br>{style.quiet(self._state.value)}<br>"
            f"{how}; only then is the line sent."
        )


def _name(code: int | None) -> str:
    return "no reply" if code is None else f"{code:03d}"
