"""What happens in a run, as it is written down: a hash of everything, counters, and on request all the events.

The trace of a run is one line for each event. Two runs with the same hash have done the same. The hash and the counters
take no more memory as a run goes on; the events do.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..mta.attempt import Action, RecipientResult
from ..mta.queue_entry import QueueEntry, Settlement
from ..mta.queue_events import (
    AttemptSettled,
    AttemptStarted,
    EntryDropped,
    Queued,
    QueueEvent,
    Reported,
    ReportSuppressed,
)
from ..protocol.replies import MAIL_LOOP
from .milestones import Milestone
from .traffic import is_sent

# A line of the trace: time, host and so on, as `TraceEvent` has them.
_LINE = "%d\t%s\t%s\t%s\t%s\t%s\n"
# How many lines are hashed at once.
_LINES = 256
# RFC 5321 4.2.3: too many recipients, or a full disk.
_NO_ROOM = 452


class TraceEvent(NamedTuple):
    """Something that has happened.

    Args:
        time: when, in microseconds since the run began.
        host: where; the name of a host.
        event: what: ``sent``, ``accepted``, ``refused``, ``greylisted``, ``queued``, ``attempt``, ``handed on``,
            ``delayed``, ``failed``, ``delivered``, ``report``, ``suppressed``, ``dropped``, ``down``, ``up``, ``full``
            or ``free``.
        message: the Message-ID, or for events of a queue the host's own id of the message.
        about: who or what it is about, such as a recipient.
        detail: more in words, such as the reply.
    """

    time: int
    host: str
    event: str
    message: str = ""
    about: str = ""
    detail: str = ""


class FinalDelivery(NamedTuple):
    """A copy of a message has come to a mailbox.

    Args:
        time: when, in microseconds since the run began.
        host: the host of the mailbox.
        mailbox: its name.
        message: the Message-ID.
        hops: how many hosts have taken the message.
        delay: how many microseconds it took from its sender; None if no sender of the scenario has sent it.
    """

    time: int
    host: str
    mailbox: str
    message: str
    hops: int
    delay: int | None

    @property
    def is_report(self) -> bool:
        """True if the message is a report, and no sender of the scenario has sent it."""
        return not is_sent(self.message)


class QueueLength(NamedTuple):
    """The number of entries in the queue of a host has changed."""

    time: int
    host: str
    entries: int


class Recording:
    """The record of a run.

    Args:
        keeps: True to keep all events; False for hash and counters alone.
        first_choice: for each domain with MX hosts of several preferences, those of the first.

    Attributes:
        counts: how often each event has happened; recipients count one by one.
        reached: the milestones that the run has passed; a second copy is seen only if it `keeps`, or in tests of
            `invariants`.
        queued: how many entries all queues have together.
        last: the last event; None before the first.
        events, deliveries, lengths: what has happened; empty unless it `keeps`.
    """

    def __init__(self, *, keeps: bool = True, first_choice: Mapping[str, frozenset[str]] | None = None) -> None:
        self.keeps = keeps
        self.last: TraceEvent | None = None
        self._first_choice = first_choice or {}
        self.counts: Counter[str] = Counter()
        self.reached: set[Milestone] = set()
        self.queued = 0
        self._copies: set[tuple[str, str, str]] = set()
        self._lost_replies = False
        self.events: list[TraceEvent] = []
        self.deliveries: list[FinalDelivery] = []
        self.lengths: list[QueueLength] = []
        self._of_host: dict[str, int] = {}
        self._hash = hashlib.sha256()
        self._lines: list[str] = []

    @property
    def hash(self) -> str:
        """The SHA-256 of the trace so far, in hexadecimal digits."""
        self._flush()
        return self._hash.hexdigest()

    def note(self, event: TraceEvent) -> None:
        """Write an event down."""
        self.counts[event.event] += 1
        self.last = event
        lines = self._lines
        lines.append(_LINE % event)
        if len(lines) >= _LINES:
            self._flush()
        if self.keeps:
            self.events.append(event)

    def deliver(self, delivery: FinalDelivery) -> None:
        """Note that a copy has come to a mailbox."""
        event = "report delivered" if delivery.is_report else "delivered"
        self.note(TraceEvent(delivery.time, delivery.host, event, delivery.message, delivery.mailbox))
        if self.keeps:
            self.deliveries.append(delivery)
            self._look_for_second(delivery)

    def _look_for_second(self, delivery: FinalDelivery) -> None:
        """Note a second copy in a mailbox, if the reply to some message was lost before it came."""
        copy = (delivery.host, delivery.mailbox, delivery.message)
        if copy in self._copies and self._lost_replies:
            self.reached.add(Milestone.DUPLICATE)
        self._copies.add(copy)

    def queue_event(self, time: int, host: str, event: QueueEvent) -> None:
        """Write down what happens in the queue of a host."""
        if isinstance(event, Queued):
            self._change(time, host, len(event.entries))
            for entry in event.entries:
                for path in entry.recipients:
                    self.note(TraceEvent(time, host, "queued", entry.id, path.address, event.origin.value))
        elif isinstance(event, AttemptStarted):
            entry = event.attempt.entry
            self.note(TraceEvent(time, host, "attempt", entry.id, entry.next_hop, str(event.attempt.number)))
        elif isinstance(event, AttemptSettled):
            self._settle(time, host, event)
        elif isinstance(event, Reported):
            self.note(TraceEvent(time, host, "report", event.queue_id, event.entry.sender.address))
        elif isinstance(event, ReportSuppressed):
            if any(each.action is Action.FAILED for each in event.results):
                self.reached.add(Milestone.SUPPRESSED_BOUNCE)
            self.note(TraceEvent(time, host, "suppressed", event.entry.id))
        elif isinstance(event, EntryDropped):
            self._change(time, host, -1)
            self.note(TraceEvent(time, host, "dropped", event.entry.id))

    def _settle(self, time: int, host: str, event: AttemptSettled) -> None:
        settlement, entry = event.settlement, event.attempt.entry
        if settlement.entry is None:
            self._change(time, host, -1)
        for word, results in _settled(settlement):
            for each in results:
                self.note(TraceEvent(time, host, word, entry.id, each.path.address, each.words))
                self._look(each, entry)
        if settlement.expired:
            self.reached.add(Milestone.EXPIRY)
        if settlement.done and (settlement.delayed or settlement.failed):
            self.reached.add(Milestone.PARTIAL_REFUSAL)

    def _look(self, result: RecipientResult, entry: QueueEntry) -> None:
        """Note what is special about the result of a recipient."""
        reply = result.reply
        if reply is not None and reply.code == MAIL_LOOP.code and reply.enhanced == MAIL_LOOP.enhanced:
            self.reached.add(Milestone.LOOP_STOPPED)
        self._lost_replies |= result.possible_duplicate
        if result.action is not Action.RELAYED:
            return
        before = next((each for each in entry.last if each.path == result.path), None)
        if before is not None and before.possible_duplicate:
            self.reached.add(Milestone.SENT_AGAIN)
        if before is not None and before.reply is not None and before.reply.code == _NO_ROOM:
            self.reached.add(Milestone.ROOM_AGAIN)
        if result.host not in self._first_choice.get(entry.next_hop, (result.host,)):
            self.reached.add(Milestone.SECOND_MX)

    def _change(self, time: int, host: str, by: int) -> None:
        self.queued += by
        if self.keeps:
            entries = self._of_host[host] = self._of_host.get(host, 0) + by
            self.lengths.append(QueueLength(time, host, entries))

    def _flush(self) -> None:
        self._hash.update("".join(self._lines).encode("utf-8", "surrogateescape"))
        self._lines.clear()


def _settled(settlement: Settlement) -> Iterator[tuple[str, tuple[RecipientResult, ...]]]:
    """Yield what became of recipients, and whom it became so."""
    yield "handed on", settlement.done
    yield "delayed", settlement.delayed
    yield "failed", settlement.failed
