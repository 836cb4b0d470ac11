"""How a session in the lab goes back: where its two ends stood before each step, and what the step left on the hosts.

A step is taken back in two ways. The server's end is replaced by a copy that was made before the step. And what the
step's lines have left on the hosts, there or by way of a relay, is removed: messages in mailboxes, lines on terminals,
the names that messages were given, what the hosts said to each other. Nothing else is touched: what other sessions have
left there since stays, and so do the switches that somebody has set.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from ..mta.directory import Terminal
from ..mta.host import QueueIds
from ..mta.session import ServerSession
from ..mta.store import MemoryStore
from ..worlds.memory import MemoryStream
from .conversations import Conversation, Interruptions, Journal

if TYPE_CHECKING:
    from .internet import LabHost

Ours = TypeVar("Ours")


@dataclass(frozen=True, slots=True)
class _Reading:
    """How far a host's counters have come."""

    store: MemoryStore
    kept: int
    ids: QueueIds
    issued: int
    shown: tuple[tuple[Terminal, int], ...]

    @classmethod
    def of(cls, host: LabHost) -> _Reading | None:
        """Read the counters of `host`; None if it keeps its mail elsewhere than in memory."""
        store, ids = host.handler.store, host.handler.ids
        if not (isinstance(store, MemoryStore) and isinstance(ids, QueueIds)):
            return None
        terminals = (mailbox.terminal for mailbox in host.mailboxes.values() if mailbox.terminal is not None)
        shown = tuple((terminal, len(terminal.lines)) for terminal in terminals)
        return cls(store, store.kept, ids, ids.issued, shown)


@dataclass(frozen=True, slots=True)
class _Trace:
    """What one step has left on one host."""

    before: _Reading
    kept: int
    issued: int
    shown: tuple[tuple[Terminal, tuple[str, ...]], ...]

    @classmethod
    def since(cls, before: _Reading) -> _Trace:
        """Return what has come since `before`."""
        shown = tuple((terminal, tuple(terminal.lines[count:])) for terminal, count in before.shown)
        return cls(before, before.store.kept, before.ids.issued, shown)

    def remove(self) -> None:
        """Take it away again. A name is given out anew only if no later one has been given to anybody."""
        self.before.store.take_back(self.before.kept, self.kept)
        if self.before.ids.issued == self.issued:
            self.before.ids.issued = self.before.issued
        for terminal, lines in self.shown:
            _remove_last(terminal.lines, lines)


def _remove_last(lines: list[str], block: tuple[str, ...]) -> None:
    """Remove `block` where it stands last in `lines`; somebody may have written behind it."""
    for start in range(len(lines) - len(block), -1, -1):
        if tuple(lines[start : start + len(block)]) == block:
            del lines[start : start + len(block)]
            return


@dataclass(slots=True)
class _Step(Generic[Ours]):
    """One step: where both ends stood before it, and what it has left."""

    ours: Ours
    server: ServerSession
    readings: tuple[_Reading, ...]
    begun: int
    ended: int = 0
    traces: tuple[_Trace, ...] = ()


class History(Generic[Ours]):
    """The steps of one session in the lab.

    Args:
        stream: the session's connection.
        hosts: where its lines may leave something.
        journal: what these hosts say to each other.
        interruptions: what they say to each other while the session waits.
    """

    def __init__(
        self, stream: MemoryStream, hosts: Sequence[LabHost], journal: Journal, interruptions: Interruptions
    ) -> None:
        self._stream = stream
        self._hosts = hosts
        self._journal = journal
        self._interruptions = interruptions
        self._steps: list[_Step[Ours]] = []

    @property
    def obstacle(self) -> str:
        """The name of a host that keeps its mail where nothing can be taken back, as on a disk; empty if none does."""
        return next((host.name for host in self._hosts if _Reading.of(host) is None), "")

    def __len__(self) -> int:
        return len(self._steps)

    def interruptions(self) -> list[Conversation]:
        """Return the conversations that hosts began while the session waited, since the last time."""
        return self._interruptions.take()

    def begin(self, ours: Ours) -> None:
        """Note that a step begins, and how the client's end stands; with an obstacle, everything is final."""
        readings = tuple(reading for host in self._hosts if (reading := _Reading.of(host)) is not None)
        if len(readings) < len(self._hosts):
            self._steps.clear()
        else:
            self._steps.append(_Step(ours, self._copy_of_server(), readings, self._journal.begun))

    def end(self) -> None:
        """Note that the step has ended."""
        for step in self._steps[-1:]:
            step.traces = tuple(map(_Trace.since, step.readings))
            step.ended = self._journal.begun

    def back(self, steps: int) -> Ours:
        """Take back the last `steps`, at least one and no more than there are; return how the client's end stood."""
        taken = [self._steps.pop() for _ in range(steps)]
        for step in taken:
            for trace in step.traces:
                trace.remove()
            self._journal.take_back(step.begun, step.ended)
        self._stream.go_back(taken[-1].server)
        return taken[-1].ours

    def _copy_of_server(self) -> ServerSession:
        """Return a copy of the server's end that works for the same hosts."""
        shared = [thing for host in self._hosts for thing in (host.handler, host.handler.store, host.policy)]
        return deepcopy(self._stream.session, {id(thing): thing for thing in shared})
