"""Undo and fork in the lab, with snapshots of both ends before each step and a list of the step's effects on the hosts.

Undo replaces the server's end with the snapshot from before the step. Then it removes the effects of the step's lines
on the hosts, direct or relayed: messages in mailboxes and queues, lines on terminals, queue ids, conversations.
Nothing else changes: the effects of other sessions stay, and so do the switches of the hosts. Once time has passed in
the lab, a queue may have handed the mail on, so the steps before cannot be undone.

A step stays small in a long session, because snapshots share the logs of what was said. A step holds no host, so a
session and its forks, each with hosts of their own, share their steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ..base.log import Log
from ..mta.directory import Terminal
from ..mta.queue_ids import QueueIds
from ..mta.session import ServerSession
from ..mta.store import MemoryStore
from ..worlds.memory import MemoryStream
from .conversations import Journal
from .lab_host import LabHost

if TYPE_CHECKING:
    from ..mta.queue_manager import QueueManager
    from .timed_hosts import TimedHosts

OursT = TypeVar("OursT")
PartT = TypeVar("PartT")


class StandIn(Generic[PartT]):
    """A placeholder for a part of a host in a snapshot; each fork replaces it with its own part."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class HostParts:
    """The parts of hosts that change while a session goes on, each with its stand-in.

    Attributes:
        outward: the memo for `copy.deepcopy` of a server's end without its hosts: part to stand-in.
        inward: the memo for `copy.deepcopy` of a server's end onto these hosts: stand-in to part.
    """

    def __init__(self) -> None:
        self._parts: list[object] = []
        self.outward: dict[int, object] = {}
        self.inward: dict[int, object] = {}
        self._stand_ins: list[StandIn[Any]] = []

    def stand_in(self, part: PartT) -> StandIn[PartT]:
        """Return the stand-in of `part`, the same for each call."""
        found = self.outward.get(id(part))
        if isinstance(found, StandIn):
            return found
        made = StandIn[PartT]()
        self._add(part, made)
        return made

    def part(self, stand_in: StandIn[PartT]) -> PartT:
        """Return the part that `stand_in` replaces."""
        part: PartT = self.inward[id(stand_in)]  # type: ignore[assignment]
        return part

    def _add(self, part: object, stand_in: StandIn[Any]) -> None:
        self._parts.append(part)  # a part that is held keeps its id
        self._stand_ins.append(stand_in)
        self.outward[id(part)] = stand_in
        self.inward[id(stand_in)] = part

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = type(self)()
        for part, stand_in in zip(self._parts, self._stand_ins, strict=True):
            twin._add(deepcopy(part, memo), stand_in)
        return twin


@dataclass(frozen=True, slots=True)
class HostCount:
    """Counters of a host: messages kept and queued, queue ids issued, and lines shown so far.

    `queue` is None for a host without one.
    """

    host: str
    queue: StandIn[QueueManager] | None
    added: int
    store: StandIn[MemoryStore]
    kept: int
    ids: StandIn[QueueIds]
    issued: int
    shown: tuple[tuple[StandIn[Terminal], int], ...]

    @classmethod
    def of(cls, host: LabHost, parts: HostParts) -> HostCount | None:
        """Return the counters of `host`; None if it does not keep its mail in memory."""
        store, ids = host.handler.store, host.handler.ids
        if not (isinstance(store, MemoryStore) and isinstance(ids, QueueIds)):
            return None
        terminals = (mailbox.terminal for mailbox in host.mailboxes.values() if mailbox.terminal is not None)
        shown = tuple((parts.stand_in(terminal), len(terminal.lines)) for terminal in terminals)
        queue = None if host.queue is None else parts.stand_in(host.queue)
        added = 0 if host.queue is None else host.queue.queue.added
        return cls(host.name, queue, added, parts.stand_in(store), store.kept, parts.stand_in(ids), ids.issued, shown)


@dataclass(frozen=True, slots=True)
class StepEffects:
    """The effects of one step on one host."""

    before: HostCount
    kept: int
    issued: int
    queued: frozenset[str]
    shown: tuple[tuple[StandIn[Terminal], tuple[str, ...]], ...]

    @classmethod
    def since(cls, before: HostCount, parts: HostParts) -> StepEffects | None:
        """Return the effects since `before`; None if there are none."""
        kept, issued = parts.part(before.store).kept, parts.part(before.ids).issued
        lines = ((terminal, tuple(parts.part(terminal).lines[count:])) for terminal, count in before.shown)
        shown = tuple((terminal, block) for terminal, block in lines if block)
        queued = _queued(before, parts)
        changed = shown or queued or kept != before.kept or issued != before.issued
        return cls(before, kept, issued, queued, shown) if changed else None

    def remove(self, parts: HostParts, lab: TimedHosts) -> None:
        """Remove the effects. A queue id is issued again only if no later one has been issued."""
        if self.before.queue is not None and self.queued:
            _unqueue(parts.part(self.before.queue), self.queued)
            lab.take_back(self.before.host, self.queued)
        parts.part(self.before.store).take_back(self.before.kept, self.kept)
        ids = parts.part(self.before.ids)
        if ids.issued == self.issued:
            ids.issued = self.before.issued
        for terminal, block in self.shown:
            _remove_last(parts.part(terminal).lines, block)


def _queued(before: HostCount, parts: HostParts) -> frozenset[str]:
    """Return the queue ids of the messages that have come into the queue since `before`."""
    if before.queue is None:
        return frozenset()
    queue = parts.part(before.queue).queue
    new = queue.added - before.added
    return frozenset(each.queue_id for each in tuple(queue)[-new:]) if new else frozenset()


def _unqueue(manager: QueueManager, queue_ids: frozenset[str]) -> None:
    """Remove messages from a queue and its spool. No attempt has been made, because no time has passed."""
    for entry in manager.queue:
        if entry.queue_id in queue_ids:
            manager.spool.remove(manager.queue.drop(entry.id))


def _remove_last(lines: list[str], block: tuple[str, ...]) -> None:
    """Remove the last occurrence of `block` in `lines`; later lines may follow it."""
    for start in range(len(lines) - len(block), -1, -1):
        if tuple(lines[start : start + len(block)]) == block:
            del lines[start : start + len(block)]
            return


@dataclass(frozen=True, slots=True)
class SessionStep(Generic[OursT]):
    """One step: snapshots of both ends before it, and its effects."""

    ours: OursT
    server: ServerSession
    begun: int
    ended: int
    moment: int
    left: tuple[StepEffects, ...]


@dataclass(frozen=True, slots=True)
class _BegunStep(Generic[OursT]):
    """A step that has not ended."""

    ours: OursT
    server: ServerSession
    begun: int
    moment: int
    counts: tuple[HostCount, ...]


class History(Generic[OursT]):
    """The steps of one session in the lab.

    Args:
        stream: the session's connection.
        hosts: the hosts that its lines may affect.
        journal: the conversations of these hosts with each other.
        lab: their lab, in which time may pass.
    """

    def __init__(self, stream: MemoryStream, hosts: Sequence[LabHost], journal: Journal, lab: TimedHosts) -> None:
        self._lab = lab
        self._stream = stream
        self._hosts = hosts
        self._journal = journal
        self._parts = HostParts()
        self._steps: Log[SessionStep[OursT]] = Log()
        self._begun_step: _BegunStep[OursT] | None = None

    @property
    def obstacle(self) -> str:
        """The name of a host that keeps its mail outside memory, where undo is impossible; empty if none does."""
        return next((host.name for host in self._hosts if HostCount.of(host, self._parts) is None), "")

    def __len__(self) -> int:
        return len(self._steps)

    def is_final(self, steps: int) -> bool:
        """Return True if time has passed in the lab since one of the last `steps` steps, so it cannot be undone."""
        moments = (step.moment for step in self._steps[-steps:])
        return any(moment != self._lab.moment for moment in moments)

    def ours(self, steps: int) -> OursT:
        """Return the snapshot of the client's end before the last steps, at least one and at most all."""
        return self._steps[-steps].ours

    def begin(self, ours: OursT) -> None:
        """Begin a step of the client's end from its snapshot `ours`; with an obstacle, all steps become final."""
        counts = tuple(count for host in self._hosts if (count := HostCount.of(host, self._parts)) is not None)
        if len(counts) < len(self._hosts):
            self._steps.cut(0)
        else:
            self._begun_step = _BegunStep(ours, self._snapshot(), self._journal.begun, self._lab.moment, counts)

    def end(self) -> None:
        """End the step that was begun."""
        step, self._begun_step = self._begun_step, None
        if step is not None:
            since = (StepEffects.since(count, self._parts) for count in step.counts)
            left = tuple(each for each in since if each is not None)
            self._steps.append(SessionStep(step.ours, step.server, step.begun, self._journal.begun, step.moment, left))

    def back(self, steps: int) -> OursT:
        """Undo the last `steps`, at least one and at most all; return the snapshot of the client's end."""
        first = len(self._steps) - steps
        taken = self._steps[first:]
        self._steps.cut(first)
        for step in reversed(taken):
            for left in step.left:
                left.remove(self._parts, self._lab)
            self._journal.take_back(step.begun, step.ended)
        self._stream.go_back(deepcopy(taken[0].server, dict(self._parts.inward)))
        return taken[0].ours

    def _snapshot(self) -> ServerSession:
        """Return a copy of the server's end, with stand-ins for the parts of its host."""
        for host in self._hosts:
            self._parts.stand_in(host.handler)
            if host.faults is not None:  # they stay, as switches do, and so do their counters
                self._parts.stand_in(host.faults)
        session = self._stream.session
        return deepcopy(session, dict(self._parts.outward) | {id(value): value for value in self._values(session)})

    def _values(self, session: ServerSession) -> Iterator[object]:
        """Yield the constant parts of the server's end, which a snapshot shares."""
        for host in self._hosts:
            yield from (host.policy, host.policy.offer)
        if session.envelope is not None:
            opening = session.envelope.opening
            yield from (opening, opening.path, *session.envelope.recipients)
