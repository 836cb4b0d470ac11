"""How a session stands at one moment, and what may not come then and why."""

from __future__ import annotations

from dataclasses import dataclass

from ...explain.verb_order import what_first
from ...lab.reply import SessionReply
from ...lab.session import Session
from ...protocol.commands import VERBS
from ...protocol.states import PHASES, Phase, State, legal_verbs
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

    Args:
        transcript: what was said; the session's own, which grows with the next thing that is heard.
        state: where it stands in the table of states; closed as well if the connection is gone without a farewell.
        reply: the server's last one.
    """

    transcript: Transcript
    state: State
    reply: SessionReply | None

    @classmethod
    def of(cls, session: Session | None) -> Moment:
        """Poll a session and read how it stands; None stands for one that could not be opened."""
        if session is None:
            return cls(Transcript(), State.CLOSED, None)
        session.poll()
        return cls(session.transcript, session.state, session.reply)

    @property
    def is_over(self) -> bool:
        """Whether nothing can be said any more."""
        return self.state is State.CLOSED

    @property
    def phase(self) -> Phase:
        """Which of the three phases the next line belongs to; that of the end if none can come any more."""
        return PHASES[self.state] if self.is_over else self.transcript.phase

    @property
    def legal(self) -> tuple[str, ...]:
        """The verbs that may come; none once the connection is closed."""
        return legal_verbs(self.state)

    @property
    def in_message(self) -> bool:
        """Whether lines of the message may come."""
        return not self.is_over and self.transcript.in_message

    @property
    def said_anything(self) -> bool:
        """Whether the client has said anything."""
        return bool(self.transcript.lines(Side.CLIENT))

    def why_not(self, verb: str) -> str:
        """Say why a verb may not come, in a sentence; empty if it may."""
        if verb not in VERBS:
            return "SMTP has no such verb."
        return "" if verb in self.legal else f"{what_first(verb, self.state) or 'Open a new session'}."
