"""Where the sessions of a notebook stood when a step began, and how a session is led back there.

A wrong try leaves something at the server: a sender, a recipient, a message under way. Before the lesson does a step
for the student, the session has to stand where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..lab.session import Session
from ..protocol.commands import OPENINGS
from ..protocol.states import MESSAGE, State
from ..transcript import Exchange, Side, Transcript, printable


@dataclass(frozen=True, slots=True)
class Mark:
    """A session at the end of a step.

    Args:
        session: the session.
        transcript: its transcript; after an undo it has another one.
        rows: how many rows the transcript had.
        steps: how many steps the session had made, as `Session.undo` counts them.
        state: where it stood.
    """

    session: Session
    transcript: Transcript
    rows: int
    steps: int
    state: State

    @classmethod
    def of(cls, session: Session) -> Mark:
        """Mark a session as it stands."""
        return cls(session, session.transcript, len(session.transcript), session.steps, session.state)

    @property
    def steps_since(self) -> int:
        """How many steps have been made since, as `Session.undo` counts them."""
        return max(self.session.steps - self.steps, 0)

    @property
    def can_be_reached(self) -> bool:
        """True if an undo leads the session back to where it stood."""
        return self.session.can_undo(self.steps_since)

    @property
    def is_left(self) -> bool:
        """True if the client has sent something since, or the session is over that was not."""
        said = any(row.side is Side.CLIENT for row in self.session.transcript[self.length :])
        over = self.session.state is State.CLOSED and self.state is not State.CLOSED
        return said or over

    @property
    def length(self) -> int:
        """How many rows the transcript had; after an undo that went further, how many of them it still has."""
        now = self.session.transcript
        if now is self.transcript:
            return min(self.rows, len(now))
        same = (one is other for one, other in zip(self.transcript[: self.rows], now, strict=False))
        return next((at for at, is_same in enumerate(same) if not is_same), min(self.rows, len(now)))

    @property
    def lost(self) -> list[str]:
        """The accepted lines before the mark that an undo has taken back."""
        rows, start = self.transcript[: self.rows], self.length
        accepted = [each for each in Transcript(rows).exchanges() if each.last >= start and each.accepted]
        lost = [row for each in accepted for row in rows[max(each.first, start) : each.last + 1]]
        return [row.text for row in lost if row.side is Side.CLIENT]

    @property
    def lines(self) -> list[str]:
        """The lines that lead a new session to where this one stood: those that the server still kept."""
        return list(_in_force(Transcript(self.transcript[: self.rows]).exchanges()))


class Marks:
    """The marks of all sessions of a notebook, and which session each variable held."""

    def __init__(self) -> None:
        self._marks: dict[int, Mark] = {}  # by identity
        self._held: dict[str, Mark] = {}  # by variable

    def mark(self, sessions: Iterable[tuple[str, Session]]) -> None:
        """Mark sessions, each with its variable, as they stand now."""
        for name, session in sessions:
            self._marks[id(session)] = self._held[name] = Mark.of(session)

    def lost(self, session: Session) -> list[str]:
        """Return the lines before the mark of a session that an undo has taken back."""
        mark = self._marks.get(id(session))
        return [] if mark is None else mark.lost

    def length(self, session: Session) -> int:
        """Return how long the transcript of a session was when it was marked; 0 if it was not."""
        mark = self._marks.get(id(session))
        return 0 if mark is None else mark.length

    def undone(self, session: Session) -> bool:
        """Return True if a step of a session was undone since it was marked."""
        mark = self._marks.get(id(session))
        return mark is not None and mark.transcript is not session.transcript

    def of(self, name: str, session: Session | None) -> Mark | None:
        """Return the mark of the session in a variable; if it has none because it is new, that of the one before it."""
        return self._marks.get(id(session)) or self._held.get(name)


def _in_force(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """Yield the commands of a conversation that the server still goes by, and the lines of a message under way."""
    hello: list[str] = []
    envelope: list[str] = []
    for each in exchanges:
        if each.verb == MESSAGE:
            envelope = [] if each.reply is not None else [*envelope, *_lines(each)]
        elif not each.accepted:
            continue
        elif each.verb in ("HELO", "EHLO"):
            hello, envelope = _lines(each), []
        elif each.verb == "RSET":
            envelope = []
        elif each.verb in OPENINGS:
            envelope = _lines(each)
        elif each.verb in ("RCPT", "DATA"):
            envelope = [*envelope, *_lines(each)]
    yield from [*hello, *envelope]


def _lines(exchange: Exchange) -> list[str]:
    return [printable(line) for line in exchange.data.removesuffix(b"\r\n").split(b"\r\n")]
