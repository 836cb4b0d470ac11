"""The queues of a lab's hosts and the clock that drives them: let time pass, take hosts down, look at what waits.

Time stands still while somebody types. It passes in `LabQueues.run`, and only there. So what a session did can be
undone until the next `run`, which starts attempts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from ..base.duration import DAY
from ..base.epoch import since_epoch
from ..base.printed import Printed
from ..base.seed import Seed
from ..mta.outlook import outlook
from ..mta.queue_events import (
    AttemptSettled,
    AttemptStarted,
    EntryDropped,
    Origin,
    Queued,
    QueueEvent,
    Reported,
    ReportSuppressed,
)
from ..mta.queue_ids import QueueIds
from ..mta.queue_manager import QueueManager, QueueSettings
from ..mta.retry_schedule import RetrySchedule
from ..mta.spool import MemorySpool
from ..mta.zone import Zone
from ..show import style
from ..worlds.host_jobs import HostJobs
from ..worlds.memory import Network
from . import sentences
from .backlog import backlog
from .lab_host import LabHost
from .queue_log import LogEntry, QueueLog, log_entries, short_time
from .queue_view import QueueView

# How long `run` goes on at most if it gets no time. Each message is given up long before.
_LONGEST = 60 * DAY

# The events that end an entry: its last attempt, and the report to its sender.
_ENDS = (AttemptSettled, Reported, ReportSuppressed, EntryDropped)


class Outlook(Printed):
    """What has become of a message, and what comes next, in sentences."""

    __slots__ = ("lines",)

    def __init__(self, lines: tuple[str, ...]) -> None:
        self.lines = lines

    def __str__(self) -> str:
        return "\n".join(self.lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show one line for each entry in a notebook."""
        return style.panel("".join(f"<div>{style.escape(line)}</div>" for line in self.lines))


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which a host was down; `ended` is None while it is."""

    host: str
    began: datetime
    ended: datetime | None = None


class LabQueues:
    """The queues of the hosts of a lab.

    Args:
        network: the lab's network, which is timed.
        began: the time when the lab begins.
        zone: where the mail of each domain goes.
        schedule: when mail is tried again.
        seed: draws what is left to chance: jitter, and the order of equal MX records.

    Attributes:
        runs: how often time has been let pass, and passed.
        outages: when hosts were down, in the order in which they went down.
    """

    def __init__(self, network: Network, began: datetime, zone: Zone, schedule: RetrySchedule, seed: Seed) -> None:
        self._network = network
        self._began = began
        self._clock = network.clock(began)
        self._zone = zone
        self._schedule = schedule
        self._seed = seed
        self._jobs: dict[str, HostJobs] = {}
        self._managers: dict[str, QueueManager] = {}
        self._hosts: list[LabHost] = []
        self._log: list[LogEntry] = []
        self.outages: list[Outage] = []
        self.runs = 0

    # Hosts

    def manager(self, hostname: str) -> QueueManager:
        """Return a new queue for a host that calls itself `hostname`; `join` puts it to work."""
        settings = QueueSettings(self._schedule, seed=self._seed.fork("host", hostname))
        return QueueManager(hostname, self._zone, MemorySpool(), settings, clock=self._clock, ids=QueueIds())

    def join(self, host: LabHost, manager: QueueManager) -> None:
        """Put the queue of a host to work."""
        manager.observe = partial(self.note, host.name)  # not a closure: a copy of the lab has its own log
        self._managers[host.name] = manager
        self._jobs[host.name] = HostJobs(self._network, host, manager)
        self._hosts.append(host)

    @property
    def zone(self) -> Zone:
        """Where the mail of each domain goes."""
        return self._zone

    def set_zone(self, zone: Zone) -> None:
        """Replace the zone for all hosts; attempts that are under way keep their route."""
        if not isinstance(zone, Zone):
            raise TypeError(sentences.NOT_A_ZONE.format(kind=type(zone).__name__))
        self._zone = zone
        for manager in self._managers.values():
            manager.zone = zone

    # Time

    @property
    def clock(self) -> datetime:
        """The time in the lab."""
        return self._clock()

    @property
    def is_idle(self) -> bool:
        """True if nothing waits in any queue and no host is calling another."""
        waits = any(len(each.queue) for each in self._managers.values())
        return not waits and not any(each.running for each in self._jobs.values())

    @property
    def under_way(self) -> str:
        """The name of a host that is calling another at this moment; empty if there is none."""
        return next((name for name, each in self._jobs.items() if each.running), "")

    def run(self, microseconds: int | None) -> QueueLog:
        """Let time pass; return what the queues did meanwhile.

        Args:
            microseconds: how long; None until nothing waits any more.
        """
        began, seen = self.clock, len(self._log)
        if microseconds is None:
            self._network.pass_time(_LONGEST, lambda: self.is_idle)
        else:
            self._network.pass_time(microseconds)
        if self.clock != began or len(self._log) != seen:
            self.runs += 1
        waiting = backlog(self._managers, self._hosts, self.now)
        return QueueLog(self._log[seen:], began, self.clock, waiting)

    def time_in(self, microseconds: int) -> str:
        """Return the lab's time when some more microseconds have passed, such as ``6 Aug 10:25:00``."""
        return short_time(self.clock + timedelta(microseconds=microseconds))

    def went_down(self, host: LabHost) -> None:
        """Note that a host has gone down."""
        self.outages.append(Outage(host.name, self.clock))

    def came_up(self, host: LabHost) -> None:
        """Note that a host is up again, and go on with its queue."""
        for number, each in enumerate(self.outages):
            if each.host == host.name and each.ended is None:
                self.outages[number] = replace(each, ended=self.clock)
        self._jobs[host.name].look()

    # What waits

    @property
    def log(self) -> QueueLog:
        """What the queues have done since the lab began."""
        return QueueLog(self._log, self._began, self.clock)

    @property
    def noted(self) -> int:
        """How many entries the log has."""
        return len(self._log)

    def note(self, host: str, event: QueueEvent) -> None:
        """Note what the queue of a host did."""
        self._log += log_entries(self.clock, host, event, self.now)

    def take_back(self, host: str, queue_ids: frozenset[str]) -> None:
        """Remove from the log what a host did with messages that `undo` has removed."""
        self._log = [each for each in self._log if each.host != host or _queue_id(each.id) not in queue_ids]

    @property
    def now(self) -> int:
        """The time of the queues, in microseconds."""
        return since_epoch(self.clock)

    def view(self, host: str) -> QueueView:
        """Return the queue of a host as it is now."""
        return QueueView.of(host, self._managers[host].queue, self.now)

    def received(self, host: str, since: int = 0) -> tuple[str, ...]:
        """Return the queue ids of the messages that clients have handed to a host.

        Args:
            host: the name of the host.
            since: how many entries of the log to skip.
        """
        found = (
            _queue_id(each.id)
            for each in self._log[since:]
            if each.host == host and isinstance(each.event, Queued) and each.event.origin is Origin.RECEIVED
        )
        return tuple(dict.fromkeys(found))

    # What has become of a message

    def outlook(self, wanted: str, host: str | None = None) -> Outlook:
        """Say what has become of a message, and what comes next.

        Args:
            wanted: a queue id such as ``A000001``, or the id of an entry such as ``A000001-1``.
            host: the name of the host that gave it; None for every host that has given it.

        Raises:
            LookupError: if no host has queued such a message.
        """
        lines = tuple(
            f"{name} {entry_id}: {self._fate(name, entry_id)}"
            for name, entry_id in self._queued()
            if wanted.upper() in (entry_id, _queue_id(entry_id)) and host in (None, name)
        )
        if not lines:
            known = ", ".join(dict.fromkeys(_queue_id(entry_id) for _, entry_id in self._queued())) or "none"
            raise LookupError(sentences.NO_SUCH_MAIL.format(id=wanted, known=known))
        return Outlook(lines)

    def descendants(self, host: str, queue_id: str) -> frozenset[tuple[str, str]]:
        """Return the host and queue id of a message, and those of its reports and of its copies at other hosts."""
        found = {(host, queue_id)}
        for number, each in enumerate(self._log):
            about = each.host, _queue_id(each.id)
            if isinstance(each.event, Reported) and about in found:
                found.add((each.host, each.event.queue_id))
            elif isinstance(each.event, Queued) and self._comes_from(number, each.event, found):
                found.add(about)
        return frozenset(found)

    def _comes_from(self, number: int, event: Queued, found: set[tuple[str, str]]) -> bool:
        """Return True if a message was handed to a host by one of the hosts that already had it, at that moment.

        Two hosts speak of the same message if the one has an attempt under way to the recipients that the other queues.

        Args:
            number: the place of the event in the log.
            event: a message has come into a queue.
            found: the hosts that had the message, each with its queue id.
        """
        if event.origin is not Origin.RECEIVED:
            return False
        recipients = {path for entry in event.entries for path in entry.recipients}
        for each in reversed(self._log[:number]):
            if isinstance(each.event, AttemptStarted) and (each.host, _queue_id(each.id)) in found:
                entry = each.event.attempt.entry
                return entry.sender == event.entries[0].sender and recipients <= set(entry.recipients)
        return False

    def waits(self, host: str, queue_id: str) -> bool:
        """Return True if a message still waits in the queue of a host."""
        return any(entry.queue_id == queue_id for entry in self._managers[host].queue)

    def _queued(self) -> Iterator[tuple[str, str]]:
        """Yield each host and the id of each entry that it has queued, in the order of time."""
        yield from ((each.host, each.id) for each in self._log if isinstance(each.event, Queued))

    def _fate(self, host: str, entry_id: str) -> str:
        queue = self._managers[host].queue
        if entry_id in queue:
            return outlook(queue, entry_id, self.now)
        about = [each for each in self._log if (each.host, each.id) == (host, entry_id)]
        last = about[-1].time
        lines = [each for each in about if each.time == last and isinstance(each.event, _ENDS)]
        return "; ".join(each.words for each in lines or about[-1:]) + f" ({short_time(last)})."


def _queue_id(entry_id: str) -> str:
    return entry_id.rpartition("-")[0]
