"""What the lab's hosts say to each other when they hand mail on, and what stood still meanwhile.

A host that relays answers its client when the next hop has answered it. So the conversation of the two hosts lies
within the wait of the client, between the lone dot and the reply to it; a `Call` says where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from ..base.printed import Printed, plural
from ..client.outcomes import ConnectionLost
from ..transcript import Transcript
from ..worlds.blocking import MailClient, Stream

if TYPE_CHECKING:
    from .internet import Lab

# How many conversations of its hosts a lab keeps, and of how many octets together; the oldest go first. A loop of
# mail, which ends after 100 hops (RFC 5321 6.3), has room.
_MAX_KEPT, _MAX_KEPT_OCTETS = 200, 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """A conversation that was held while another one stood still.

    Args:
        row: how many rows of the other's transcript came before it.
        conversation: the one that was held.
    """

    row: int
    conversation: Conversation


@dataclass(frozen=True, slots=True, repr=False)
class Conversation(Printed):
    """One session: who called whom, and what was said.

    Args:
        client: the name of the machine that called.
        server: the name of the host that was called.
        transcript: what was said. If nobody answered the call, a note that says why is all there is.
        calls: the conversations that the server held with others before it answered here, in their order.
    """

    client: str
    server: str
    transcript: Transcript
    calls: list[Call] = field(default_factory=list)

    def __deepcopy__(self, memo: object) -> Self:
        """Return the conversation itself: what two hosts have said stays as it was, whatever becomes of their lab."""
        return self

    def __str__(self) -> str:
        return f"{self.client} calls {self.server}:\n{self.transcript}"

    def __repr__(self) -> str:
        return f"<Conversation, {self.client} calls {self.server}, {plural(len(self.transcript), 'line')}>"


class Journal:
    """The conversations that the hosts of one lab hold with each other.

    Attributes:
        begun: how many there have been.
    """

    def __init__(self) -> None:
        self.begun = 0
        self._kept: dict[int, Conversation] = {}
        self._listeners: list[list[Conversation]] = []

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The last of them, in the order in which they began."""
        return tuple(self._kept.values())

    def call(self, client: str, server: str, dial: Callable[[], Stream]) -> CallStream:
        """Let a host call another, and keep what they say.

        Raises:
            ConnectionLost: if nobody answers; that is noted, too.
        """
        conversation = Conversation(client, server, Transcript())
        for listener in self._listeners[-1:]:
            listener.append(conversation)
        self._kept[self.begun] = conversation
        self.begun += 1
        self._forget()
        try:
            return CallStream(dial(), conversation, self)
        except ConnectionLost as error:
            conversation.transcript.note(str(error))
            raise

    @contextmanager
    def overhear(self) -> Iterator[list[Conversation]]:
        """Collect what is begun meanwhile, without what is held within that in turn."""
        self._listeners.append([])
        try:
            yield self._listeners[-1]
        finally:
            self._listeners.pop()

    def take_back(self, first: int, end: int) -> None:
        """Remove the conversations that began while `begun` went from `first` to `end`."""
        for number in range(first, end):
            self._kept.pop(number, None)

    def _forget(self) -> None:
        """Let the oldest go while there are too many; the last one stays."""
        octets = sum(conversation.transcript.size for conversation in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > _MAX_KEPT or octets > _MAX_KEPT_OCTETS):
            octets -= self._kept.pop(next(iter(self._kept))).transcript.size


class CallStream:
    """The caller's end of a connection, a `client.Stream`: what is begun while it waits goes into its conversation.

    Args:
        stream: the connection.
        conversation: what is said on it; whoever speaks on it writes down what it says before it says it.
        journal: tells what is begun.
    """

    def __init__(self, stream: Stream, conversation: Conversation, journal: Journal) -> None:
        self.conversation = conversation
        self._stream = stream
        self._journal = journal

    def send(self, data: bytes, seconds: float) -> None:
        """Send all of it."""
        with self._waiting():
            self._stream.send(data, seconds)

    def receive(self, seconds: float) -> bytes:
        """Return what has arrived; a server that had much to do goes on with it now."""
        with self._waiting():
            return self._stream.receive(seconds)

    def close(self) -> None:
        """Close; the server ends what it has begun."""
        with self._waiting():
            self._stream.close()

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        with self._journal.overhear() as heard:
            try:
                yield
            finally:
                row = len(self.conversation.transcript)
                self.conversation.calls.extend(Call(row, each) for each in heard)


class LabClient(MailClient):
    """A mail client in the lab; it knows its conversation, and those that were held because of it.

    Args:
        stream: the connection.
        helo: what the client calls itself.
        lab: the lab in which somebody uses it; None for that of a host.
    """

    def __init__(self, stream: CallStream, helo: str, lab: Lab | None = None) -> None:
        self.lab = lab
        self.conversation = stream.conversation
        transcript = stream.conversation.transcript
        super().__init__(stream, helo, name=stream.conversation.server, transcript=transcript, clock=_no_time)


def _no_time() -> float:
    return 0.0
