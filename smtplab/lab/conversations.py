"""Conversations between lab hosts that relay mail, and the conversation that each one interrupted.

A host that relays answers its client after the next hop has answered. So the conversation of the two hosts takes place
while the client waits, between the lone dot and the reply to it; a `Call` holds the place. The world writes down the
conversation of two hosts, and the client's end writes down its own.

A host that queues answers at once, and calls later, as often as it takes. Such a `Call` has the place of its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Self

from ..base.printed import Printed, plural
from ..client.outcomes import ConnectionLost
from ..transcript import Side, Transcript
from ..worlds.virtual import Record

# How many conversations of its hosts a lab keeps, and of how many octets together; the oldest go first. A loop of
# mail, which ends after 100 hops (RFC 5321 6.3), has room.
_MAX_KEPT, _MAX_KEPT_OCTETS = 200, 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """A conversation that interrupted another one, or that a queue held later.

    Args:
        row: how many rows of the other's transcript came before it.
        conversation: the one that was held.
        accepted: for a call that a queue made later: the row in which the host had accepted the message; else None.
    """

    row: int
    conversation: Conversation
    accepted: int | None = None

    @property
    def is_later(self) -> bool:
        """True if a queue made the call, after its host had answered."""
        return self.accepted is not None

    @property
    def is_unanswered(self) -> bool:
        """True if nobody answered the call."""
        return all(row.side is Side.NOTE for row in self.conversation.transcript)


@dataclass(frozen=True, slots=True, repr=False)
class Conversation(Printed):
    """One session: who called whom, and what was said.

    Args:
        client: the name of the machine that called.
        server: the name of the host that was called.
        transcript: what was said. If nobody answered the call, it has only a note that says why.
        calls: the conversations that the server held with others before it answered here, in their order.
        queue_id: the client's own name for the message that it handed on; empty if a person called.
        began: when the call began, in seconds of the lab's clock.
    """

    client: str
    server: str
    transcript: Transcript
    calls: list[Call] = field(default_factory=list)
    queue_id: str = ""
    began: float = 0.0

    def feed(self, side: Side, data: bytes, seconds: float, names: Iterable[str] = ()) -> None:
        """Write down what one side said, with the canonical names of its replies."""
        self.transcript.feed(side, data, seconds, names)

    def fail(self, error: ConnectionLost) -> None:
        """Write down that nobody answered."""
        self.transcript.note(str(error))

    def interrupt(self, inner: Record) -> None:
        """Note that the server calls another host before it answers."""
        assert isinstance(inner, Conversation)
        self.calls.append(Call(len(self.transcript), inner))

    def __deepcopy__(self, memo: object) -> Self:
        """Return the conversation itself, because it does not change with the hosts."""
        return self

    def __str__(self) -> str:
        return f"{self.client} calls {self.server}:\n{self.transcript}"

    def __repr__(self) -> str:
        return f"<Conversation, {self.client} calls {self.server}, {plural(len(self.transcript), 'line')}>"


def in_runs(calls: Iterable[Call]) -> Iterator[tuple[Call, int]]:
    """Yield calls, each with how many there were: retries of a queue that nobody answered count as one.

    Args:
        calls: in the order in which they began.
    """
    for _, run in groupby(enumerate(calls), key=_run):
        same = [call for _, call in run]
        yield same[0], len(same)


def _run(numbered: tuple[int, Call]) -> tuple[str, ...] | int:
    """Return what the calls of one run have in common."""
    number, call = numbered
    talk = call.conversation
    if call.is_later and call.is_unanswered:
        return talk.client, talk.server, talk.queue_id, str(talk.transcript)
    return number


class Interruptions:
    """The conversations that hosts began while somebody at a keyboard waited.

    `undo` replaces the transcript of that session, so the session takes the conversations and notes their rows itself.
    """

    def __init__(self) -> None:
        self._waiting: list[Conversation] = []

    def interrupt(self, inner: Record) -> None:
        """Note that the server calls another host before it answers."""
        assert isinstance(inner, Conversation)
        self._waiting.append(inner)

    def take(self) -> list[Conversation]:
        """Return the conversations since the last call, and remove them here."""
        taken, self._waiting = self._waiting, []
        return taken


class Journal:
    """The conversations that the hosts of one lab hold with each other, each for a message of the host that calls.

    Attributes:
        begun: how many there have been.
    """

    def __init__(self) -> None:
        self.begun = 0
        self._kept: dict[int, Conversation] = {}

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The last of them, in the order in which they began."""
        return tuple(self._kept.values())

    def call(self, client: str, server: str, queue_id: str, seconds: float) -> Conversation:
        """Begin to record a call between two hosts, on behalf of a message; see `virtual.Recorder`."""
        conversation = Conversation(client, server, Transcript(), queue_id=queue_id, began=seconds)
        self._kept[self.begun] = conversation
        self.begun += 1
        self._forget()
        return conversation

    def take_back(self, first: int, end: int) -> None:
        """Remove the conversations that began while `begun` went from `first` to `end`."""
        for number in range(first, end):
            self._kept.pop(number, None)

    def _forget(self) -> None:
        """Remove the oldest while there are too many, but never the last one."""
        octets = sum(conversation.transcript.size for conversation in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > _MAX_KEPT or octets > _MAX_KEPT_OCTETS):
            octets -= self._kept.pop(next(iter(self._kept))).transcript.size
