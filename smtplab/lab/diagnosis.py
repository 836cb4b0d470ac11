"""Diagnose a session that was held elsewhere: list its phases, and explain each refusal.

::

    smtplab.diagnose(text)      # any session, swaks output or server log that was copied

Nothing is sent. The diagnosis reads the transcript alone, with the tables that explain a session in the lab.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..base.printed import Printed, plural
from ..explain.explainer import explain_exchange
from ..explain.explanation import Explanation
from ..protocol.states import MESSAGE, Phase, State
from ..show import style
from ..show.figure import Figure
from ..transcript import Exchange, Transcript
from ..transcript.sentences import NO_SESSION
from . import sentences
from .diagrams import ladder
from .recorded import Recorded, transcript_of

_NO_END = "The message has no end: a line that holds one dot and nothing else is missing."
_NO_REPLY = "no reply"


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(Printed):
    """The diagnosis of a session; ``str`` gives its text, a notebook shows the ladder and tables.

    Args:
        transcript: the session.
    """

    transcript: Transcript

    @property
    def phases(self) -> dict[Phase, tuple[Exchange, ...]]:
        """What was said in each phase that the session reached, with the replies."""
        exchanges = self.transcript.exchanges()
        reached = dict.fromkeys(each.phase for each in exchanges)
        return {phase: tuple(each for each in exchanges if each.phase is phase) for phase in reached}

    @property
    def refusals(self) -> tuple[Explanation, ...]:
        """Why each 4yz and 5yz reply came, in their order."""
        refused = (each for each in self.transcript.exchanges() if each.refused)
        return tuple(explain_exchange(each) for each in refused)

    @property
    def ladder(self) -> Figure:
        """The session as a ladder."""
        return ladder(self.transcript)

    @property
    def summary(self) -> str:
        """How many commands there were, how many were refused, and how the session ended."""
        commands = [each for each in self.transcript.commands() if each.verb != MESSAGE]
        accepted = sum(each.verb == MESSAGE and each.accepted for each in self.transcript.commands())
        counts = [
            plural(len(commands), "command"),
            plural(accepted, "accepted message"),
            plural(len(self.refusals), "refusal"),
        ]
        return f"{', '.join(counts)}. {self._end}"

    @property
    def _end(self) -> str:
        if self.transcript.in_message:
            return _NO_END
        if self.transcript.state is State.CLOSED:
            return "The session is complete."
        return f"The session breaks off in the state {self.transcript.state.name}: {self.transcript.state.value}."

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return f"<Diagnosis, {self.summary}>"

    def _lines(self) -> Iterator[str]:
        yield self.summary
        for phase, said in self._told.items():
            yield f"{phase}: {said}"
        yield ""
        yield str(self.ladder)
        for refusal in self.refusals:
            yield ""
            yield str(refusal)

    @property
    def _told(self) -> dict[str, str]:
        """What was said in each phase, in one line."""
        return {phase.value: ", ".join(map(_short, said)) for phase, said in self.phases.items()}

    def _repr_html_(self) -> str:
        """Show the summary, the phases, the ladder and the refusals in a notebook."""
        head = style.panel(style.escape(self.summary) + style.definitions(self._told))
        return head + self.ladder._repr_html_() + "".join(each._repr_html_() for each in self.refusals)


def _short(exchange: Exchange) -> str:
    code = str(exchange.reply.code) if exchange.reply else _NO_REPLY
    return f"{exchange.verb} {code}".strip()


def diagnose(source: str | Recorded) -> Diagnosis:
    """Explain a session that was copied from a terminal, a log, swaks, a mail or a page: its phases and refusals.

    Args:
        source: the text, as `Transcript.parse` reads it; or a session or transcript.

    Returns:
        The diagnosis. Its transcript can be drawn, compared and saved.

    Raises:
        ValueError: if the text holds no session, or a line of it has two readings; the sentence names the line.
        TypeError: if it is something else; octets must be decoded first.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        raise TypeError(sentences.OCTETS_AND_NO_TEXT.format(kind=type(source).__name__))
    transcript = Transcript.parse(source) if isinstance(source, str) else transcript_of(source)
    if transcript.last_exchange is None:
        raise ValueError(NO_SESSION)
    return Diagnosis(transcript)
