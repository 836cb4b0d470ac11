"""Which code will come? A question that is answered first, and only then run.

    question = session.predict("RCPT TO:<bob@lab.example>")
    question.answer(250)               # now the line is sent; right or wrong, the reply is explained

The prediction is noted in the transcript before the line, so that whoever reads the transcript can judge it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base.printed import Printed
from ..protocol.codes import classify
from . import sentences, style
from .explain import Explanation

if TYPE_CHECKING:
    from .reply import SessionReply
    from .session import Session


@dataclass(frozen=True, slots=True)
class Outcome(Printed):
    """What came of a prediction; ``str`` is its text.

    Args:
        line: what was said.
        predicted: the code that was predicted; None for no reply.
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
        """True if the code came that was predicted."""
        return self.code == self.predicted

    @property
    def explanation(self) -> Explanation | None:
        """Why this reply came; None if none did."""
        return None if self.reply is None else self.reply.explanation

    @property
    def verdict(self) -> str:
        """Right or wrong, and if wrong what the prediction would have meant, in a few sentences."""
        came = "no reply came" if self.code is None else f"{self.code} came"
        if self.right:
            return f"Right: {came}."
        return f"Not so: you said {_name(self.predicted)}, and {came}. {self._difference()}"

    def _difference(self) -> str:
        """Say where the prediction and the reply part."""
        if self.predicted is None:
            return "Only within a message the server says nothing until the lone dot."
        meant = f"{self.predicted} would mean: {classify(self.predicted).meaning}"
        if self.code is None:
            return f"Within a message the server says nothing until the lone dot; {meant}"
        same = classify(self.predicted).severity is classify(self.code).severity
        return f"The first digit is right. {meant}" if same else meant

    def __str__(self) -> str:
        return "\n".join([self.verdict] + [str(part) for part in (self.explanation,) if part is not None])

    def _repr_html_(self) -> str:
        """Show the verdict and the explanation in a notebook."""
        explained = "" if self.explanation is None else self.explanation._repr_html_()
        return f"<div><b>{style.escape(self.verdict)}</b></div>{explained}"


class Question(Printed):
    """A line that waits for a prediction; nothing is sent before there is one.

    Args:
        session: where the line will be said.
        line: the line, or several as `Session.send` takes them; the question is about the last reply.

    Attributes:
        predicted: the code that was predicted; None before, and for no reply.
        outcome: what came of it; None before the run, and if the connection broke in it.
    """

    def __init__(self, session: Session, line: str) -> None:
        self.line = line
        self.predicted: int | None = None
        self.outcome: Outcome | None = None
        self._session = session
        self._asked_in = session.transcript
        self._asked_at = len(self._asked_in)
        self._state = session.state
        self._answered = False

    def answer(self, code: int | str | None) -> Outcome:
        """Note the prediction, send the line, and say what came of it.

        Args:
            code: the three digits of the reply; None for no reply, as amid a message.

        Raises:
            ValueError: if it is no reply code, the question has been answered already, or the session has gone on
                since it was asked. Nothing is sent then.
            ClientError: as `Session.send`; the prediction counts all the same.
        """
        predicted = None if code is None else classify(code).number
        self._check_open()
        self._answered, self.predicted = True, predicted
        reply = self._session.send(self.line, note=f"Prediction: {_name(predicted)}")
        self.outcome = Outcome(self.line, predicted, reply)
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
        """Show the question in a notebook, or what came of it."""
        return self.to_html(f"Answer with {style.code('question.answer(CODE)')}, where question is its name")

    def to_html(self, how: str) -> str:
        """Return the question as HTML, or what came of it.

        Args:
            how: what to do to answer it, as HTML without a full stop.
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
