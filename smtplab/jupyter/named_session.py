"""A named session of a notebook, and how much of it has been shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..lab.session import Session
from ..protocol.states import State
from .cell_result import Said
from .interrupts import interrupts_delayed


@dataclass(slots=True)
class NamedSession:
    """A session with a name in a notebook, or the name alone before the first ``telnet``.

    Args:
        session: None before the first ``telnet``.
        shown: how many rows of its transcript have been shown.
        answered: how many of its exchanges have been shown.
        step: the row with which its last step begins.
        ran: the cells that did their work in this session, each with the state before it.
    """

    session: Session | None = None
    shown: int = 0
    answered: int = 0
    step: int = 0
    ran: dict[object, State] = field(default_factory=dict)

    def hold(self, session: Session, *, seen: bool = False) -> None:
        """Take a session; `seen` if all of it has been shown."""
        self.session = session
        self.shown = self.answered = self.step = 0
        self.ran.clear()
        if seen:
            self.news()

    def news(self) -> Said | None:
        """Return what was said since the last call; None if nothing was."""
        if self.session is None:
            return None
        self.session.poll()
        transcript = self.session.transcript
        rows, ended = transcript[self.shown :], tuple(transcript.answered[self.answered :])
        if self.shown != len(transcript):
            self.step = self.shown
        self.shown, self.answered = len(transcript), self.answered + len(ended)
        return Said(tuple(rows), ended) if rows else None

    def step_back(self, steps: int) -> None:
        """Take back the last steps of the session.

        Raises:
            ClientError, ValueError: as `Session.undo`.
        """
        assert self.session is not None
        with interrupts_delayed():  # both ends go back, or none
            transcript = self.session.undo(steps).transcript
            self.shown = self.step = len(transcript)
            self.answered = len(transcript.answered)
