"""Where the sessions of a notebook stood when a step began, and how a session is led back there.

A wrong try leaves something at the server: a sender, a recipient, a message under way. Before the lesson does a step
for the student, the session has to stand where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..lab.session import Session
from ..protocol.commands import OPENINGS
from ..protocol.states import MESSAGE, State
from ..transcript import Exchange, Side, Transcript
from .evidence import FORGETS, lines_of


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

    @classmethod
    def of_beginning(cls, session: Session) -> Mark:
        """Mark a session as it stood before the client said anything."""
        rows = session.transcript
        said = next((at for at, row in enumerate(rows) if row.side is Side.CLIENT), len(rows))
        return cls(session, rows, said, 0, State.GREETED)

    @property
    def steps_since(self) -> int:
        """How many steps have been made since, as `Session.undo` counts them."""
        return max(self.session.steps - self.steps, 0)

    def steps_to(self, is_right: Callable[[Transcript], bool]) -> int:
        """Return how many steps an undo takes back to where the session stood, or further, until all is right there.

        Args:
            is_right: returns True if a conversation is as it should be.
        """
        for steps in range(self.steps_since, self.session.steps + 1):
            if steps and not self.session.can_undo(steps):
                break
            if is_right(Transcript(self.session.transcript[: self.session.rows_before(steps)])):
                return steps
        return self.steps_since

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
    def is_changed(self) -> bool:
        """True if what the client has said since has changed where the session stands, or was taken as a message."""
        over = self.session.closed and self.state is not State.CLOSED
        return self.has_sent or over or self.lines != list(_in_force(self.session.transcript.exchanges()))

    @property
    def has_sent(self) -> bool:
        """True if a message has been accepted since."""
        since = [each for each in self.session.transcript.exchanges() if each.last >= self.length]
        return any(each.verb == MESSAGE and each.accepted for each in since)

    @property
    def lines(self) -> list[str]:
        """The lines that lead a new session to where this one stood: those that the server still kept."""
        return list(_in_force(Transcript(self.transcript[: self.rows]).exchanges()))


@dataclass(frozen=True, slots=True)
class StepRows:
    """What a step has said in a session.

    Args:
        mark: the session at the end of the step.
        since: the row with which the step begins.
        pending: the octets of a line that the step has left without its CRLF.
    """

    mark: Mark
    since: int
    pending: bytes = b""

    @property
    def is_in_message(self) -> bool:
        """True if what was said first is a line of a message."""
        return _is_in_message(self.mark.transcript.exchanges(), self.since)

    @property
    def lines(self) -> list[str]:
        """The lines that the step has said."""
        return [row.text for row in self.mark.transcript[self.since : self.mark.rows] if row.side is Side.CLIENT]

    def lost_before_the_end(self, session: Session) -> list[bytes]:
        """Return the octets that this session does not have, up to the line that ended the session."""
        lost = self.lost_in(session)
        rows = self.mark.transcript[: self.mark.rows]
        ends = [each.first for each in Transcript(rows).exchanges() if each.after is State.CLOSED and each.data]
        kept = sum(row.side is Side.CLIENT for row in rows[: ends[0]]) if ends else len(rows)
        before = sum(row.side is Side.CLIENT for row in rows) - len(lost)
        return lost[: max(kept - before, 0)]

    def is_repeated_by(self, later: StepRows) -> bool:
        """Return True if a later run of the step has said the same in the same transaction, or into a message.

        Then the lesson goes by the first run: what it said is what the next steps build on, and an undo that takes
        back the later one takes nothing away.
        """
        session = self.mark.session
        if later.mark.session is not session or not self.stands_in(session):
            return False
        exchanges = session.transcript.exchanges()
        if _is_in_message(exchanges, later.since) and not _is_in_message(exchanges, self.since):
            return True
        between = (each for each in exchanges if self.mark.rows <= each.last < later.mark.rows)
        forgets = any(each.accepted and (each.verb in FORGETS or each.verb == MESSAGE) for each in between)
        return not forgets and set(_said_in(self)) <= set(_said_in(later))

    def stands_in(self, session: Session) -> bool:
        """Return True if it was said in this session, and no undo has taken any of it back."""
        if self.mark.session is not session or self.mark.length < self.mark.rows:
            return False
        now = session.transcript
        is_pending = len(now) > self.mark.rows or now.unfinished(Side.CLIENT) == self.pending
        return now is self.mark.transcript or is_pending

    def lost_in(self, session: Session) -> list[bytes]:
        """Return the octets that this session does not have: all, or what an undo has taken back."""
        since = max(self.mark.length, self.since) if self.mark.session is session else self.since
        said = [row.data for row in self.mark.transcript[since : self.mark.rows] if row.side is Side.CLIENT]
        later = (row.data for row in self.mark.transcript[self.mark.rows :] if row.side is Side.CLIENT)
        if not self.pending or any(data != self.pending for data in later):
            return said  # the next step has the whole line
        return [*said, self.pending]


class Marks:
    """The marks of all sessions of a notebook, and which session each variable held."""

    def __init__(self) -> None:
        self._marks: dict[int, Mark] = {}  # by identity
        self._held: dict[str, Mark] = {}  # by variable

    def mark(self, sessions: Iterable[tuple[str, Session]]) -> None:
        """Mark sessions, each with its variable, as they stand now."""
        for name, session in sessions:
            self._marks[id(session)] = self._held[name] = Mark.of(session)

    def note(self, sessions: Iterable[Session]) -> None:
        """Mark sessions as they stand now, also those that no variable holds any more."""
        for session in sessions:
            self._marks[id(session)] = Mark.of(session)

    def lost(self, session: Session) -> list[str]:
        """Return the lines before the mark of a session that an undo has taken back."""
        mark = self._marks.get(id(session))
        return [] if mark is None else mark.lost

    def is_left(self, session: Session) -> bool:
        """Return True if a session is new, was spoken in, taken back or ended since it was marked."""
        mark = self._marks.get(id(session))
        if session.transcript.unfinished(Side.CLIENT):
            return True
        return mark is None or mark.is_left or mark.transcript is not session.transcript

    def has(self, session: Session) -> bool:
        """Return True if a session was marked."""
        return id(session) in self._marks

    def held(self, name: str) -> Session | None:
        """Return the session that a variable held when it was marked last; None if it held none."""
        mark = self._held.get(name)
        return None if mark is None else mark.session

    def length(self, session: Session) -> int:
        """Return how long the transcript of a session was when it was marked; 0 if it was not."""
        mark = self._marks.get(id(session))
        return 0 if mark is None else mark.length

    def of(self, session: Session | None) -> Mark | None:
        """Return the mark of a session; of one that has none because it is new, where it began."""
        return None if session is None else self._marks.get(id(session)) or Mark.of_beginning(session)

    def before(self, name: str, session: Session) -> Mark | None:
        """Return the mark of the session that a variable held before this one; None if it held none."""
        mark = self._held.get(name)
        return None if mark is None or mark.session is session else mark


def _said_in(step: StepRows) -> list[bytes]:
    """Return the octets that the client sent in a step."""
    return [row.data for row in step.mark.transcript[step.since : step.mark.rows] if row.side is Side.CLIENT]


def _is_in_message(exchanges: Iterable[Exchange], at: int) -> bool:
    """Return True if what was said from a row on is a line of a message."""
    return next((each.verb == MESSAGE for each in exchanges if each.last >= at), False)


def _in_force(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """Yield the commands of a conversation that the server still goes by, and the lines of a message under way."""
    hello: list[str] = []
    envelope: list[str] = []
    for each in exchanges:
        if each.verb == MESSAGE:
            envelope = [] if each.reply is not None else [*envelope, *lines_of(each)]
        elif not each.accepted:
            continue
        elif each.verb in FORGETS:
            hello, envelope = hello if each.verb == "RSET" else lines_of(each), []
        elif each.verb in OPENINGS:
            envelope = lines_of(each)
        elif each.verb in ("RCPT", "DATA"):
            envelope = [*envelope, *lines_of(each)]
    yield from [*hello, *envelope]
