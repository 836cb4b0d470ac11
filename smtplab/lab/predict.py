"""Predict the reply before the line is sent: its code, or its class in a word.

    question = session.predict("RCPT TO:<bob@lab.example>")
    question.answer(250)               # sends the line and explains the reply, whether the answer was right or wrong
    session.predict("DATA").answer("go on")    # done, go on, not now, never: for those who do not know the codes yet

The transcript has a note with the prediction before the line, so that a reader of the transcript can check it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..base.printed import Printed
from ..explain.explanation import Explanation
from ..protocol.codes import Severity, classify
from ..protocol.states import State
from ..show import style
from ..transcript import Transcript, printable
from ..transcript.rows import encode
from . import sentences
from .false_dots import not_the_dot
from .reply import SessionReply

NO_REPLY = "no reply"
_LONE_DOT, _DONE = ".", 250
# What may be predicted in words, and what each word means. No command of SMTP has a reply of the class "wait".
WORDS: Mapping[str, Severity | None] = {
    **{
        word: severity
        for severity, word in style.SEVERITY_WORDS.items()
        if severity is not Severity.POSITIVE_PRELIMINARY
    },
    NO_REPLY: None,
}
# The first digit of a code, alone or as in 2yz, stands for its class.
_CLASSES = {str(int(severity)): severity for severity in WORDS.values() if severity is not None}

_EXAMPLE = "not now"  # the same for every question, so that it tells nothing
_ANSWER = f'.answer("{_EXAMPLE}")'
_OTHERS = ", ".join(f'"{word}"' for word in WORDS if word != _EXAMPLE)
_OR_ANOTHER = (
    f'with what you expect in place of "{_EXAMPLE}" ({_OTHERS}, or a code such as 354), and run the cell again'
)

Predicted = int | Severity | None
"""A code, a class, or None for no reply. A `Severity` is a number, too, so it is looked for first."""


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

    def send(self, text: str, *, note: str = "", remarks: bool = True) -> SessionReply | None:
        """Send a line, and before it a note for the transcript; return the last reply that came, None if none did."""


@dataclass(frozen=True, slots=True)
class PredictionOutcome(Printed):
    """The prediction beside the reply that came; ``str`` gives its text.

    Args:
        line: the line that was sent.
        predicted: the predicted code, or the predicted class; None for the prediction that no reply comes.
        reply: the reply that came; None if none did.
        remarked: True if what stands above says already why a line was not the dot that ends a message.
    """

    line: str
    predicted: Predicted
    reply: SessionReply | None
    remarked: bool = False

    @property
    def code(self) -> int | None:
        """The code that came; None if no reply did."""
        return None if self.reply is None else self.reply.code

    @property
    def right(self) -> bool:
        """True if the predicted code or class came, or no reply as predicted."""
        if isinstance(self.predicted, Severity):
            return self.reply is not None and self.reply.severity is self.predicted
        return self.code == self.predicted

    @property
    def explanation(self) -> Explanation | None:
        """Why this reply came; None if none did."""
        return None if self.reply is None else self.reply.explanation

    @property
    def verdict(self) -> str:
        """Right or wrong in words; if wrong, also what the predicted code would have meant."""
        came = self._came()
        if self.right:
            return f"Right: {came}."
        return f"Not so: you predicted {_name(self.predicted)}, but {came}. {self._difference()}".rstrip()

    def _came(self) -> str:
        if self.reply is None:
            told = "" if self.remarked else not_the_dot(self.line)
            return f"no reply came: {told}" if told else "no reply came"
        word = style.SEVERITY_WORDS[self.reply.severity]
        by_code = self.predicted is not None and not isinstance(self.predicted, Severity)
        return f"{self.code} ({word}) came" if by_code else f"{word} ({self.code}) came"

    def _difference(self) -> str:
        """Say how the prediction and the reply differ."""
        if self.predicted is None:
            return "The server is silent only inside a message, until the lone dot."
        silent = "Inside a message the server is silent until the lone dot"
        if isinstance(self.predicted, Severity):
            return f"{silent}." if self.code is None else ""
        meant = f"{self.predicted} would mean: {self._meaning(self.predicted)}"
        if self.reply is None:
            return f"{silent}; {meant}"
        if classify(self.predicted).severity is not self.reply.severity:
            return meant
        return f"The first digit is right, and with it the class: {style.SEVERITY_WORDS[self.reply.severity]}. {meant}"

    def _meaning(self, code: int) -> str:
        """Return what a code means as a reply to this line; half of the meaning of 250 concerns messages only."""
        ends_a_message = self.line.split("\n")[-1] == _LONE_DOT
        half = code == _DONE and not ends_a_message
        return Severity.POSITIVE_COMPLETION.meaning if half else classify(code).meaning

    def __str__(self) -> str:
        return self.verdict if self.explanation is None else f"{self.verdict}\n{self.explanation.reply_text()}"

    def _repr_html_(self) -> str:
        """Show the verdict and the card of the reply in a notebook."""
        explained = "" if self.explanation is None else self.explanation.reply_html(full=True)
        return f"<div><b>{style.escape(self.verdict)}</b></div>{explained}"


class Question(Printed):
    """A line that is sent when its reply has been predicted, and not before.

    Args:
        session: the session that will send the line.
        line: one line, or several as `Session.send` takes them; the question is about the last reply.

    Attributes:
        predicted: the predicted code or class; None before the answer, and for the prediction that no reply comes.
        outcome: the prediction beside the reply; None before the answer, and if the connection was lost.
        answered: True once it is answered, or its line was sent without a prediction.
    """

    def __init__(self, session: Predictable, line: str) -> None:
        self.line = line
        self.predicted: Predicted = None
        self.outcome: PredictionOutcome | None = None
        self._session = session
        self._asked_in = session.transcript
        self._asked_at = len(self._asked_in)
        self._state = session.state
        self.answered = False
        self._skipped = False

    def answer(self, prediction: int | str | None) -> PredictionOutcome:
        """Note the prediction, send the line, and return the outcome.

        Args:
            prediction: the three digits of the reply; or its class in a word: "done", "go on", "not now", "never". None
                or "no reply" for no reply, as in the middle of a message. A first digit, 2 or "2yz", is its class.

        Raises:
            ValueError: if it is neither a reply code nor such a word, the question is answered already, or the session
                has changed since the question; nothing is sent.
            ClientError: as `Session.send`; the prediction still counts.
        """
        predicted = _read(prediction)
        self._check_open()
        self.answered, self.predicted = True, predicted
        reply = self._session.send(self.line, note=f"Prediction: {_name(predicted)}", remarks=False)
        self.outcome = PredictionOutcome(self.line, predicted, reply)
        return self.outcome

    def skip(self) -> SessionReply | None:
        """Send the line without a prediction, also if the session has gone on, and close the question.

        Returns:
            The reply; None if none came.

        Raises:
            ValueError: if the question is answered already.
            ClientError: as `Session.send`.
        """
        self._check_unanswered()
        self.answered = self._skipped = True
        return self._session.send(self.line, remarks=False)

    def _check_unanswered(self) -> None:
        if self._skipped:
            raise ValueError(sentences.QUESTION_WAS_SKIPPED)
        if self.answered:
            raise ValueError(sentences.QUESTION_IS_ANSWERED.format(prediction=_name(self.predicted)))

    def _check_open(self) -> None:
        self._check_unanswered()
        self._session.poll()
        transcript = self._session.transcript
        if transcript is not self._asked_in or len(transcript) != self._asked_at:
            raise ValueError(sentences.SESSION_HAS_GONE_ON)

    @property
    def _shown(self) -> list[str]:
        """The lines as text in which everything is visible, also a backspace."""
        return [printable(encode(line)) for line in self.line.split("\n")]

    def __str__(self) -> str:
        if self.outcome is not None:
            return str(self.outcome)
        line = "\n".join(self._shown)
        return (
            f"What will the server answer?\n  line       {line}\n  state      {self._state.value}\n"
            f"  add        {_ANSWER}\nAdd it at the end of your line, {_OR_ANOTHER}; only then is the line sent."
        )

    def __repr__(self) -> str:
        return f"<Question about {self.line!r}, {'answered' if self.answered else 'open'}>"

    def _repr_html_(self) -> str:
        """Show the question in a notebook; after the answer, the outcome."""
        return self.to_html(f"Add {style.code(_ANSWER)} at the end of your line, {style.escape(_OR_ANOTHER)}")

    def to_html(self, how: str) -> str:
        """Return the question as HTML; after the answer, the outcome.

        Args:
            how: how to answer it, as HTML without a full stop.
        """
        if self.outcome is not None:
            return self.outcome._repr_html_()
        lines = "<br>".join(map(style.code, self._shown))
        return style.panel(
            f"<b>What will the server answer?</b><br>{lines}<br>{style.quiet(self._state.value)}<br>"
            f"{how}; only then is the line sent."
        )


def _read(prediction: int | str | None) -> Predicted:
    """Return the code, class or silence that is meant; raise `ValueError` for anything else."""
    if prediction is None:
        return None
    word = str(prediction).strip().lower().replace("-", " ")
    if word in WORDS:
        return WORDS[word]
    if word[1:] in ("", "yz") and word[:1] in _CLASSES:
        return _CLASSES[word[:1]]
    if word.isalpha():
        raise ValueError(
            sentences.NO_PREDICTION.format(word=prediction, words=", ".join(f'"{each}"' for each in WORDS))
        )
    return classify(prediction).number


def _name(predicted: Predicted) -> str:
    if isinstance(predicted, Severity):
        return style.SEVERITY_WORDS[predicted]
    return NO_REPLY if predicted is None else f"{predicted:03d}"
