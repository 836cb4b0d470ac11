"""Deliver the mail of a spool: make attempts when they are due, write down how they ended, report failures.

`queue`, `zone`, `transmission` and `bounce` decide; this module turns their decisions into jobs. A `hop_session` is the
job of one session with a next hop: it makes attempts one after the other. A world runs its tasks, which read or write
the spool or talk to another host. `settling` writes down how each attempt ended.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from ..base.domains import host_key, to_ascii
from ..base.epoch import date_at, since_epoch
from ..base.seed import Seed
from ..client.outcomes import Timeouts
from ..protocol import replies
from ..protocol.codes import Severity
from ..protocol.grammar import NULL_PATH, Path
from .attempt import Action, AttemptResult, RecipientResult, answered
from .bounce import ReportedMessage, write_report
from .handler import Clock
from .hop_session import HopSession, RemoteCopies
from .local_delivery import LocalDelivery
from .queue import Queue
from .queue_entry import LOCAL, Attempt, QueueEntry, Settlement, entries_of
from .queue_events import (
    AttemptSettled,
    AttemptStarted,
    EntryDropped,
    Observer,
    Origin,
    Queued,
    QueueEvent,
    Reported,
    ReportSuppressed,
)
from .relay import RelayedMessage
from .retry_schedule import HopLimits, RetrySchedule
from .settling import OwnMail, keep, write_down
from .spool import Spool
from .store import StorageError
from .task import Job, Task, on_disk
from .transmission import NextMessage, transmit
from .zone import MailRoute, NoRoute, Zone

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """How a queue works.

    Args:
        schedule: when mail is tried again, and when it is given up.
        limits: how many sessions it has at once.
        timeouts: how long a next hop may take for each reply; the minimum of RFC 5321 4.5.3.2 by default.
        seed: draws what is left to chance: jitter, and the order of equal MX records.
    """

    schedule: RetrySchedule = field(default_factory=RetrySchedule)
    limits: HopLimits = field(default_factory=HopLimits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    seed: Seed = field(default_factory=lambda: Seed(0))


class QueueManager:
    """The queue of a host as a source of jobs; see `task.JobSource`.

    Args:
        hostname: the name of the host, for EHLO and reports.
        zone: where the mail of each domain goes. It may be replaced at any time.
        spool: keeps the messages.
        settings: schedule, limits, timeouts and seed.
        clock: returns the time.
        ids: yields this host's names for messages. A host shares them with its other mail.
        observe: called with each event of the queue; an error that it raises is logged.

    Attributes:
        hostname, zone, spool, clock, ids, observe: as above.
        queue: the entries and their times.
        local: delivers mail for this host; None if there is none. `host.MailHost` sets itself.
        wake: as `task.JobSource` has it.
    """

    def __init__(
        self,
        hostname: str,
        zone: Zone,
        spool: Spool[Any],
        settings: QueueSettings,
        *,
        clock: Clock,
        ids: Iterator[str],
        observe: Observer | None = None,
    ) -> None:
        self.hostname = to_ascii(hostname)
        self.zone = zone
        self.spool = spool
        self.clock = clock
        self.ids = ids
        self.observe: Observer = observe or _ignore
        self.queue = Queue(settings.schedule, settings.seed.fork("queue"), settings.limits)
        self.local: LocalDelivery | None = None
        self.wake = _do_nothing
        self._settings = settings
        self._stopping = False

    # Mail comes in

    def entries(self, queue_id: str, copies: RemoteCopies) -> tuple[QueueEntry, ...]:
        """Return the entries of a message that is arriving; `add` them once the spool has them.

        Args:
            queue_id: this host's name for the message.
            copies: for each reverse-path the recipients of its copy.
        """
        return entries_of(queue_id, copies, self.now, self._next_hop)

    def add(self, entries: Iterable[QueueEntry], origin: Origin = Origin.RECEIVED) -> None:
        """Add entries that are in the spool to the queue."""
        entries = tuple(entries)
        for entry in entries:
            self.queue.add(entry)
        if entries:
            self._note(Queued(entries, origin))
            self.wake()

    def restore(self) -> None:
        """Add what the spool has kept, when the host starts; raise `StorageError` if the spool cannot be read."""
        self.add(self.spool.load(), Origin.RESTORED)

    def refusal(self, domain: str) -> NoRoute | None:
        """Return why mail for a domain can never be delivered; None if it may be, now or later."""
        route = self.zone.route(domain, self._settings.seed, [self.hostname])
        return route if isinstance(route, NoRoute) and route.reply.severity is Severity.PERMANENT_NEGATIVE else None

    def first_exchanger(self, domain: str) -> str:
        """Return the name of the host that is tried first for a domain; empty if there is no route."""
        route = self.zone.route(domain, self._settings.seed, [self.hostname])
        return "" if isinstance(route, NoRoute) else route.exchangers[0].name

    @property
    def now(self) -> int:
        """The present time, in microseconds since 1970."""
        return since_epoch(self.clock())

    # Jobs

    def next_in(self) -> int | None:
        """Return in how many microseconds an attempt is due; None if none is."""
        due = None if self._stopping else self.queue.next_due()
        return None if due is None else max(due - self.now, 0)

    def start_due(self) -> Sequence[Job]:
        """Start the attempts that are due and have a session to spare."""
        if self._stopping:
            return ()
        return [HopSession(self, attempt).job() for attempt in self.queue.due(self.now)]

    def stop(self) -> None:
        """Start no more attempts. Those under way end, and the spool keeps the rest."""
        self._stopping = True

    def retry(self, entry_id: str) -> QueueEntry:
        """Make an entry due now; return it, or raise `QueueError` if there is none."""
        entry = self.queue.retry(entry_id, self.now)
        self.wake()
        return entry

    def drop(self, entry_id: str) -> Generator[Task, object, QueueEntry]:
        """Remove an entry from the spool, and then from the queue, without a report; return it.

        Raises:
            QueueError: if there is no such entry, or an attempt is under way.
            StorageError: if the spool fails; the entry then waits as before.
        """
        entry = self.queue.hold(entry_id)
        try:
            yield from on_disk(partial(self.spool.remove, entry, done=False))
        except BaseException:  # also if the host stops meanwhile
            self.queue.release(entry_id)
            self.wake()
            raise
        self.queue.drop(entry_id)
        self._note(EntryDropped(entry))
        return entry

    # The steps of an attempt, for `HopSession`

    def begin(self, attempt: Attempt) -> None:
        """Note that an attempt starts."""
        self._note(AttemptStarted(attempt))

    def another(self, next_hop: str) -> Attempt | None:
        """Start one more attempt for a next hop to which a session is open, if there is one."""
        return None if self._stopping else self.queue.another(next_hop, self.now)

    def route(self, attempt: Attempt) -> MailRoute | NoRoute:
        """Return the route of an attempt, or `NoRoute`."""
        seed = self._settings.seed.fork("route", attempt.entry.id, attempt.number)
        return self.zone.route(attempt.entry.next_hop, seed, [self.hostname])

    def transmit(
        self, message: RelayedMessage, route: MailRoute, next_message: NextMessage
    ) -> Generator[Task, object, None]:
        """Deliver messages by a route, as `transmission.transmit` does."""
        return transmit(message, route, next_message, self._settings.timeouts)

    def read(self, entry: QueueEntry) -> Generator[Task, object, bytes]:
        """Read the message of an entry from the spool; raise `StorageError` if that fails."""
        return on_disk(partial(self.spool.content, entry.queue_id))

    def settle(self, attempt: Attempt, result: AttemptResult) -> Generator[Task, object, None]:
        """End an attempt: write the report, if one is due, then what is left of the entry, and decide what comes next.

        If the report cannot be written, the failed recipients stay in the queue, and a later attempt reports them.
        """
        now, entry = self.now, attempt.entry
        settlement = self.queue.decide(attempt, result, now)
        told = settlement.failed + (settlement.delayed if settlement.warns else ())
        report = None
        if told and not entry.sender.is_null:
            report = yield from self._report(entry, told)
        if not (yield from on_disk(partial(write_down, self.spool, entry, settlement.entry, report))):
            settlement, told, report = self.queue.postpone(attempt, result, now), (), None
            yield from on_disk(partial(write_down, self.spool, entry, settlement.entry, None))
        self.queue.settle(attempt, settlement)
        self._tell(attempt, settlement, told, report)

    def spread(
        self, content: bytes, copies: RemoteCopies, origin: Origin = Origin.EXPANDED
    ) -> Generator[Task, object, None]:
        """Queue copies of a message; raise `StorageError` if the spool fails.

        Args:
            content: the message.
            copies: for each reverse-path the recipients of its copy.
            origin: where it comes from; by default from mail for a name here that leads elsewhere.
        """
        entries = self.entries(next(self.ids), copies)
        if entries:
            yield from on_disk(partial(keep, self.spool, OwnMail(entries, content)))
            self.add(entries, origin)

    def failed_here(self, paths: Iterable[Path], reason: str) -> AttemptResult:
        """Return the result for recipients whose attempt failed on this host, such as at its disk: they are retried."""
        return answered(paths, self.hostname, replies.LOCAL_ERROR, reason)

    # Reports

    def _report(self, entry: QueueEntry, told: tuple[RecipientResult, ...]) -> Generator[Task, object, OwnMail]:
        """Write a report about some recipients of an entry, for its sender."""
        try:
            content = yield from self.read(entry)
        except StorageError:  # the message is lost, but its sender can be told all the same
            content = b""
        message = ReportedMessage(entry.sender, content, self.hostname, self._date(entry.arrived))
        goes_on = any(each.action is Action.DELAYED for each in told)
        until = self._date(entry.arrived + self._settings.schedule.expires_after) if goes_on else None
        queue_id = next(self.ids)
        try:
            written = write_report(message, told, queue_id, self.clock(), until)
        except Exception:  # the `email` package cannot serialize the content, so the report goes without it
            _log.exception("the report about %s broke, and goes without the message", entry.id)
            written = write_report(replace(message, content=b""), told, queue_id, self.clock(), until)
        return OwnMail(self.entries(queue_id, {NULL_PATH: [entry.sender]}), written)

    def _tell(
        self, attempt: Attempt, settlement: Settlement, told: tuple[RecipientResult, ...], report: OwnMail | None
    ) -> None:
        """Call the observer with the outcome of an attempt, and queue its report."""
        self._note(AttemptSettled(attempt, settlement))
        if report is not None:
            self._note(Reported(attempt.entry, report.entries[0].queue_id, told))
            self.add(report.entries, Origin.REPORT)
        elif told:
            self._note(ReportSuppressed(attempt.entry, told))

    def _note(self, event: QueueEvent) -> None:
        """Call the observer. If it raises, log the error, so that the mail goes on."""
        try:
            self.observe(event)
        except Exception:
            _log.exception("the observer of the queue raised an error")

    # Times and hops

    def _date(self, time: int) -> datetime:
        """Return a time of the queue as a date in the time zone of the clock."""
        return date_at(time).astimezone(self.clock().tzinfo)

    def _next_hop(self, domain: str) -> str:
        return LOCAL if self.local is not None and self.local.is_local(domain) else host_key(domain)


def _ignore(event: QueueEvent) -> None:
    """Watch nothing."""


def _do_nothing() -> None:
    """Do nothing: no world runs the host yet."""
