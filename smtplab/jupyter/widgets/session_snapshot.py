"""A snapshot of a session, and the verbs that are not legal in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...explain.verb_order import what_first
from ...lab.reply import SessionReply
from ...lab.session import Session
from ...protocol.commands import VERBS
from ...protocol.states import PHASES, Phase, State, legal_verbs
from ...transcript import Side, Transcript


def reasons(state: State, verbs: Iterable[str] = tuple(VERBS)) -> dict[str, list[str]]:
    """Return those of the verbs that are not legal in a state, by what must come first."""
    found: dict[str, list[str]] = {}
    for verb in verbs:
        if first := what_first(verb, state):
            found.setdefault(first, []).append(verb)
    return found


@dataclass(frozen=True, slots=True)
class SessionSnapshot:
    """A snapshot of a session. All parts of a view read the same one, so that they fit together.

    Args:
        transcript: the session's own transcript, which grows with it.
        state: the state; CLOSED also if the connection was lost.
        reply: the server's last reply.
    """

    transcript: Transcript
    state: State
    reply: SessionReply | None

    @classmethod
    def of(cls, session: Session | None) -> SessionSnapshot:
        """Poll a session and return its snapshot; None stands for one that could not be opened."""
        if session is None:
            return cls(Transcript(), State.CLOSED, None)
        session.poll()
        return cls(session.transcript, session.state, session.reply)

    @property
    def is_over(self) -> bool:
        """True if nothing can be sent any more."""
        return self.state is State.CLOSED

    @property
    def phase(self) -> Phase:
        """The phase of the next line; the last phase if none can come."""
        return PHASES[self.state] if self.is_over else self.transcript.phase

    @property
    def legal(self) -> tuple[str, ...]:
        """The legal verbs; none once the connection is closed."""
        return legal_verbs(self.state, self.transcript.extensions)

    @property
    def in_message(self) -> bool:
        """True while lines belong to a message."""
        return not self.is_over and self.transcript.in_message

    @property
    def said_anything(self) -> bool:
        """True if the client has sent anything."""
        return bool(self.transcript.lines(Side.CLIENT))

    def why_not(self, verb: str) -> str:
        """Return why a verb is not legal, as a sentence; empty if it is."""
        if verb not in VERBS:
            return "SMTP has no such verb."
        return "" if verb in self.legal else f"{what_first(verb, self.state) or 'Open a new session'}."
