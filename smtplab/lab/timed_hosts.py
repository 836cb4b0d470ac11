"""The hosts of a lab, and what time does to them: queues on a clock, outages, links, faults.

Time passes in `TimedHosts.run` and nowhere else. `queues` keeps the queues; `default_hosts` says who is in the lab.

`internet.Lab` inherits from `TimedHosts`. If it held one instead, it would need a second copy of nearly every method
here with its documentation, because students call them on the lab.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ..base.seed import Seed
from ..worlds.memory import Network
from ..worlds.scheduler import MICROSECONDS, Event
from ..worlds.virtual import Link
from . import sentences
from .conversations import Journal
from .default_hosts import BEGIN, PLANS, POLICY, handler_of, zone_of_all
from .lab_change import LabChange
from .lab_host import LabHost

if TYPE_CHECKING:  # a lab without queues does without these, and so without the package email
    from ..mta.retry_schedule import RetrySchedule
    from ..mta.zone import Zone
    from .queue_log import QueueLog
    from .queue_view import QueueView
    from .queues import LabQueues, Outage, Outlook

# The way between two hosts that queue: 50 milliseconds, as between two continents.
_DISTANCE = Link(0.05)
_DAY = 86_400  # in seconds
_UNITS = (_DAY, 3600, 60, 1)  # days, hours, minutes, seconds


class TimedHosts:
    """The mail hosts of a lab. A `Lab` adds those who talk to them.

    Args:
        queues, schedule, seed: as of `Lab`.

    Raises:
        ValueError: as `Lab`.
    """

    def __init__(self, *, queues: bool = False, schedule: RetrySchedule | None = None, seed: int | str = 1) -> None:
        if schedule is not None and not queues:
            raise ValueError(sentences.SCHEDULE_WITHOUT_QUEUES)
        self._seed = Seed(seed)
        self._journal = Journal()
        self._network = Network(link=_DISTANCE if queues else None, recorder=self._journal, timed=queues)
        self._queues = self._new_queues(schedule) if queues else None
        self._returns: dict[str, Event] = {}  # when hosts that are down come up again
        for plan in PLANS:
            manager = None if self._queues is None else self._queues.manager(plan.own_name)
            host = LabHost(plan.name, plan.address, handler_of(plan, manager), POLICY)
            self._network.add(host, plan.own_name)
            if self._queues is not None and manager is not None:
                self._queues.join(host, manager)

    @property
    def hosts(self) -> tuple[LabHost, ...]:
        """The mail hosts."""
        return tuple(host for host in self._network.hosts if isinstance(host, LabHost))

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of the mail hosts, for `telnet`."""
        return tuple(host.name for host in self.hosts)

    def host(self, name: str) -> LabHost:
        """Return a host, to look at it or to change it.

        Args:
            name: one of its names, or its address.

        Raises:
            ConnectionLost: if there is no such host; the sentence lists those there are.
            ValueError: if it runs the student's own server.
        """
        found = self._network.find(name)
        if not isinstance(found, LabHost):
            raise ValueError(sentences.RUNS_YOUR_SERVER.format(host=found.name))
        return found

    @property
    def has_queues(self) -> bool:
        """True if the hosts queue mail for each other."""
        return self._queues is not None

    @property
    def clock(self) -> datetime:
        """The date and time in the lab."""
        return BEGIN if self._queues is None else self._queues.clock

    @property
    def time(self) -> float:
        """How many seconds have passed in the lab since it began."""
        return (self.clock - BEGIN).total_seconds()

    def run(
        self,
        *,
        days: float | None = None,
        hours: float | None = None,
        minutes: float | None = None,
        seconds: float | None = None,
    ) -> QueueLog:
        """Let time pass. The hosts work on their queues, and a session that is silent for too long gets 421.

        Args:
            days, hours, minutes, seconds: how long, all together; 0 for what is due now. If all are None, time passes
                until no host has anything left to deliver.

        Returns:
            What the queues did meanwhile.

        Raises:
            ValueError: if the lab has no queues, or the time is negative.
        """
        queues = self._need_queues("run")
        return queues.run(_microseconds(days, hours, minutes, seconds))

    def queue(self, host: str) -> QueueView:
        """Return the queue of a host as it is now: what waits for whom, since when, and what comes next.

        Args:
            host: the host's name or address.

        Raises:
            ConnectionLost: if there is no such host.
            ValueError: if the lab has no queues.
        """
        return self._need_queues("queue").view(self.host(host).name)

    @property
    def log(self) -> QueueLog:
        """What the queues have done since the lab began.

        Raises:
            ValueError: if the lab has no queues.
        """
        return self._need_queues("log").log

    def why(self, queue_id: str, host: str | None = None) -> Outlook:
        """Say what has become of a message, and what the queue does next with it, when, and why.

        Args:
            queue_id: a host's own name for the message, such as ``A000001``, or an entry of it, such as ``A000001-1``.
            host: the name or address of that host. Each host counts for itself, so without it the same id may be
                explained for several hosts.

        Raises:
            LookupError: if no host has queued such a message.
            ConnectionLost: if there is no such host.
            ValueError: if the lab has no queues.
        """
        return self._need_queues("why").outlook(queue_id, None if host is None else self.host(host).name)

    @property
    def zone(self) -> Zone:
        """Which hosts take the mail of each domain. Assign another one to change the routes of all hosts.

        Raises:
            ValueError: if the lab has no queues.
            TypeError: if it is set to something else.
        """
        return self._need_queues("zone").zone

    @zone.setter
    def zone(self, zone: Zone) -> None:
        self._need_queues("zone").set_zone(zone)

    def down(
        self,
        host: str,
        *,
        days: float | None = None,
        hours: float | None = None,
        minutes: float | None = None,
        seconds: float | None = None,
    ) -> LabChange:
        """Take a host down. Its open sessions get 421 (RFC 5321 3.8); what it has queued waits.

        Args:
            host: the host's name or address.
            days, hours, minutes, seconds: after which time it comes up again, all together; 0 for at once. If all are
                None, it stays down until `up`.

        Returns:
            From when until when it is down, for a notebook to show.

        Raises:
            ConnectionLost: if there is no such host.
            ValueError: if the time is negative, or the lab has no queues and so no time passes.
        """
        found = self.host(host)
        microseconds = _microseconds(days, hours, minutes, seconds)
        if microseconds is not None:
            self._need_queues("down")
        self._forget_return(found)
        if found.up and self._queues is not None:
            self._queues.went_down(found)
        found.stop()
        if microseconds == 0:
            self.up(found.name)
        elif microseconds is not None:
            returns = partial(self.up, found.name)  # not a closure: a copy of the lab brings its own host up
            self._returns[found.name] = self._network.scheduler.timer(microseconds, returns)
        return LabChange.of_outage(found.name, self._queues, microseconds)

    def up(self, host: str) -> None:
        """Bring a host up again. It goes on with its queue.

        Args:
            host: the host's name or address.

        Raises:
            ConnectionLost: if there is no such host.
        """
        found = self.host(host)
        self._forget_return(found)
        found.up = True
        if self._queues is not None:
            self._queues.came_up(found)

    def link(self, one: str, other: str, *, latency: float = 0.0, bandwidth: int = 0) -> None:
        """Lay a link between two hosts, in place of the one that is there.

        Args:
            one, other: their names or addresses.
            latency: seconds that octets take from one to the other.
            bandwidth: octets a second, of each connection and direction; 0 for no limit.

        Raises:
            ConnectionLost: if there is no such host.
            ValueError: if both are the same host, the latency is not a number of seconds, or the bandwidth is negative.
        """
        near, far = self.host(one), self.host(other)
        if near is far:
            raise ValueError(sentences.LINK_NEEDS_TWO.format(host=near.name))
        self._network.lay(Link(latency, bandwidth), near.name, far.name)

    def fault(self, text: str, host: str | None = None) -> LabChange:
        """Let something go wrong at a host from its next session on, such as ``"lose the 250 after the dot once"``.

        Args:
            text: a fault; ``smtplab faults`` shows all that can be said.
            host: the host's name or address; None for every host.

        Returns:
            What goes wrong where, for a notebook to show.

        Raises:
            FaultError: if the text is not a fault; the sentence says what was expected.
            ConnectionLost: if there is no such host.
        """
        for each in self.hosts if host is None else [self.host(host)]:
            self._network.fault(each.name, text, self._seed.fork("fault", each.name))
        where = "every host" if host is None else self.host(host).name
        return LabChange(sentences.FAULT_FROM_NOW.format(host=where, fault=text))

    def mend(self, host: str | None = None) -> None:
        """Remove the faults of a host, or of every host.

        Args:
            host: the host's name or address; None for every host.

        Raises:
            ConnectionLost: if there is no such host.
        """
        for each in self.hosts if host is None else [self.host(host)]:
            if each.faults is not None:
                each.faults.clear()

    def _forget_return(self, host: LabHost) -> None:
        if (event := self._returns.pop(host.name, None)) is not None:
            self._network.scheduler.cancel(event)

    def _need_queues(self, name: str) -> LabQueues:
        if self._queues is None:
            raise ValueError(sentences.LAB_HAS_NO_QUEUES.format(name=name))
        return self._queues

    @property
    def outages(self) -> tuple[Outage, ...]:
        """When hosts were down, in the order in which they went down; none in a lab without queues."""
        return () if self._queues is None else tuple(self._queues.outages)

    def seconds(self) -> float:
        """Return `time`, as a clock does."""
        return self.time

    def descendants(self, host: str, queue_id: str) -> frozenset[tuple[str, str]]:
        """Return hosts and queue ids of a message, as `LabQueues.descendants`."""
        return frozenset() if self._queues is None else self._queues.descendants(host, queue_id)

    @property
    def moment(self) -> int:
        """A number that grows whenever time has been let pass."""
        return 0 if self._queues is None else self._queues.runs + self._network.scheduler.now

    def take_back(self, host: str, queue_ids: frozenset[str]) -> None:
        """Forget what a host did with messages that `Session.undo` has removed from its queue."""
        if self._queues is not None:
            self._queues.take_back(host, queue_ids)

    @property
    def noted(self) -> int:
        """How many entries the log of the queues has."""
        return 0 if self._queues is None else self._queues.noted

    def received(self, host: str, since: int = 0) -> tuple[str, ...]:
        """Return the queue ids of the messages that clients have handed to a host; see `LabQueues.received`."""
        return () if self._queues is None else self._queues.received(host, since)

    def outlook(self, host: str, queue_ids: Iterable[str]) -> str:
        """Say what a host does next with those of some messages that wait in its queue; empty if none does."""
        queues = self._queues
        if queues is None:
            return ""
        waiting = [queue_id for queue_id in queue_ids if queues.waits(host, queue_id)]
        return "\n".join(str(queues.outlook(queue_id, host)) for queue_id in waiting)

    @property
    def under_way(self) -> str:
        """The name of a host that is trying to deliver at this moment; empty if there is none."""
        return "" if self._queues is None else self._queues.under_way

    def _new_queues(self, schedule: RetrySchedule | None) -> LabQueues:
        from ..mta.retry_schedule import RetrySchedule
        from .queues import LabQueues

        return LabQueues(self._network, BEGIN, zone_of_all(), schedule or RetrySchedule(), self._seed)


# A lab lasts at most so many days at a time, a hundred years; the calendar ends in the year 9999.
_MOST_DAYS = 36_500


def _microseconds(days: float | None, hours: float | None, minutes: float | None, seconds: float | None) -> int | None:
    """Return a time in microseconds, None if all are None.

    Raises:
        TypeError: if one of them is not a number.
        ValueError: if the time is negative, or too long for the calendar.
    """
    given = [
        (count, unit) for count, unit in zip((days, hours, minutes, seconds), _UNITS, strict=True) if count is not None
    ]
    if not given:
        return None
    for count, _ in given:
        if not isinstance(count, int | float):
            raise TypeError(sentences.TIME_IS_NUMBER.format(value=count))
    total = sum(count * unit for count, unit in given)
    if total > _MOST_DAYS * _DAY:
        raise ValueError(sentences.TIME_TOO_LONG.format(most=_MOST_DAYS))
    if not total >= 0:  # also if it is not a number
        raise ValueError(sentences.TIME_PASSES_FORWARD.format(seconds=total))
    return round(total * MICROSECONDS)
