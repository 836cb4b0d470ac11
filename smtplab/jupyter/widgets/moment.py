"""How a session stands at one moment, and what may not come then and why."""

from __future__ import annotations

from dataclasses import dataclass

from ...lab.explain import what_first
from ...lab.session import Session, SessionReply
from ...protocol.commands import VERBS
from ...protocol.states import MESSAGE, State, is_legal, legal_verbs
from ...transcript import Side, Transcript


def reasons(state: State) -> dict[str, list[str]]:
    """Return the verbs that may not come in a state, by what must come first."""
    found: dict[str, list[str]] = {}
    for verb in VERBS:
        if first := what_first(verb, state):
            found.setdefault(first, []).append(verb)
    return found


@dataclass(frozen=True, slots=True)
class Moment:
    """How a session stands at one moment; all that is shown at once is read from here, so that it fits together.

    A session over a socket listens for a moment whenever it is asked, and may stand otherwise each time.

    Args:
        transcript: what was said; the session's own, which grows with the next thing that is heard.
        state: where it stands in the table of states.
        is_over: whether the connection is closed, or is about to be.
        reply: the server's last one.
    """

    transcript: Transcript
    state: State
    is_over: bool
    reply: SessionReply | None

    @classmethod
    def of(cls, session: Session | None) -> Moment:
        """Ask a session how it stands; None stands for one that could not be opened."""
        if session is None:
            return cls(Transcript(), State.CLOSED, True, None)
        transcript, closed, reply = session.transcript, session.closed, session.reply
        state = transcript.state  # the transcript has grown with what was heard since
        return cls(transcript, state, closed or state is State.CLOSED, reply)

    @property
    def legal(self) -> tuple[str, ...]:
        """The verbs that may come; none once the connection is closed."""
        return () if self.is_over else legal_verbs(self.state)

    @property
    def in_message(self) -> bool:
        """Whether lines of the message may come."""
        return is_legal(self.state, MESSAGE)

    @property
    def said_anything(self) -> bool:
        """Whether the client has said anything."""
        return bool(self.transcript.lines(Side.CLIENT))

    def why_not(self, verb: str) -> str:
        """Say why a verb may not come, in a sentence; empty if it may."""
        if verb not in VERBS:
            return "SMTP has no such verb."
        return "" if verb in self.legal else f"{what_first(verb, self.state) or 'Open a new session'}."
