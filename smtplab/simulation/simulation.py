"""Run a scenario on a virtual clock.

All chance comes from one seed, forked by label: hosts, connections, traffic and outages draw for themselves, so one
more draw in one place changes nothing elsewhere. Nothing else is left to chance: the same scenario, seed and version
make the same run, on every machine.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from ..base.duration import MICROSECONDS
from ..base.seed import Seed
from ..faults.conditions import Greylisted
from ..faults.facts import Facts
from ..faults.fault import Fault
from ..faults.plan import FaultPlan
from ..faults.reply_actions import SayCode
from ..mta import settling
from ..mta.handler import Envelope
from ..mta.personality import Personality
from ..mta.policy import Policy
from ..mta.queue_events import Observer, QueueEvent
from ..mta.queue_ids import QueueIds
from ..mta.queue_manager import QueueManager, QueueSettings
from ..mta.spool import MemorySpool
from ..protocol.commands import Rcpt, parse_command
from ..protocol.replies import Reply
from ..worlds.host_jobs import HostJobs
from ..worlds.virtual import Host, Link, World
from .conversations import Conversations
from .hosts import RunningHost, WatchedMailHost, WatchedStore
from .incidents import Incidents
from .milestones import Milestone
from .plans import HostPlan
from .recording import FinalDelivery, Recording, TraceEvent
from .scenario import Scenario
from .senders import SenderOnHost, SenderOutside
from .traffic import BEGIN, SentMessage, messages_of
from .zones import Zones, addresses_of, first_choices

# How many events pass between two calls for progress.
_EVENTS = 2000

# The thresholds of the garbage collector during a run. A run makes many objects and few reference cycles. With Python's
# defaults one tenth of its time would go to objects that stay.
_GC_THRESHOLDS = (20_000, 20, 50)

# Takes the present time of a run, in microseconds.
OnProgress = Callable[[int], None]
# Is called after each event.
Check = Callable[[], None]


class Witness(Protocol):
    """An observer of the mail of a run, such as `invariants.Invariants`."""

    def queue_event(self, host: str, event: QueueEvent) -> None:
        """Take an event of the queue of a host."""

    def stored(self, host: str, mailboxes: int, message: str) -> None:
        """Note that a message is in some mailboxes now."""

    def accepted(self, host: str, client: str, envelope: Envelope, message: str, hops: int) -> None:
        """Note that a host has accepted a message from another host, or from its sender."""


class Simulation:
    """A run of a scenario.

    Args:
        scenario: what is run.
        seed: draws what is left to chance.
        keeps: True to keep all events and all mail; False for counters and the hash of the trace, which take memory
            for what is queued, and not for what has been done.
        records: True to write down what is said in every session.

    Attributes:
        scenario, seed: as above.
        recording: what has happened so far.
        conversations: the sessions so far; None if they are not written down.
        hosts: the hosts by their names.
        addresses: the addresses of the hosts, by their names.
        world: the clock and the connections.
        witnesses: observe the mail.
    """

    def __init__(
        self, scenario: Scenario, seed: Seed | str | int = 1, *, keeps: bool = True, records: bool = False
    ) -> None:
        self.scenario = scenario
        self.seed = seed if isinstance(seed, Seed) else Seed(seed)
        self.recording = Recording(keeps=keeps, first_choice=first_choices(scenario))
        self.world = World(
            link=Link(scenario.latency / MICROSECONDS, scenario.octets_per_second), seed=self.seed.fork("ties")
        )
        self.keeps = keeps
        self.conversations = Conversations() if records else None
        self.world.recorder = self.conversations
        self.witnesses: list[Witness] = []
        self._sent: dict[str, int] = {}  # when messages were sent, by Message-ID
        self._unsent = 1  # messages that are to be sent, and things that are to happen: the run goes on for them
        zones = Zones(scenario, addresses_of(scenario))
        self.addresses = zones.addresses
        self._names = {address: name for name, address in zones.addresses.items()}
        self.hosts = {plan.name: self._start(plan, zones) for plan in scenario.hosts}
        for link in scenario.links:
            self.world.lay(Link(link.latency / MICROSECONDS, link.octets_per_second), *link.between)
        Incidents(self).plan()  # before all else, and so ahead of it at the same instant
        self._messages = messages_of(scenario, self.seed)
        self._next_message()

    @property
    def now(self) -> int:
        """The time of the run, in microseconds."""
        return self.world.scheduler.now

    @property
    def idle(self) -> bool:
        """True if no mail is on its way, and nothing is planned any more."""
        return not self._unsent and not self.recording.queued

    def run(self, progress: OnProgress | None = None, check: Check | None = None) -> None:
        """Run to the end of the scenario, or until nothing is left to do.

        Args:
            progress: called every few thousand events.
            check: called after each event; an error that it raises ends the run.
        """
        log = logging.getLogger(settling.__name__)
        before, level = gc.get_threshold(), log.level
        gc.set_threshold(*_GC_THRESHOLDS)
        log.setLevel(logging.ERROR)  # full disks are part of the scenario, so they need no warning
        try:
            self._run(progress, check)
        finally:
            gc.set_threshold(*before)
            log.setLevel(level)

    def _run(self, progress: OnProgress | None, check: Check | None) -> None:
        while self._run_stretch(check):
            if progress is not None:
                progress(self.now)

    def _run_stretch(self, check: Check | None) -> bool:
        """Run some events; return False if the run has ended."""
        step, end, recording = self.world.scheduler.step, self.scenario.duration, self.recording
        for _ in range(_EVENTS):
            if not (self._unsent or recording.queued) or not step(end):
                return False
            if check is not None:
                check()
        return True

    def host_at(self, address: str) -> str:
        """Return the name of the host with an address; empty if no host has it."""
        return self._names.get(address, "")

    # Hosts

    def _start(self, plan: HostPlan, zones: Zones) -> RunningHost:
        seed = self.seed.fork("host", plan.name)
        spool = MemorySpool(plan.spool_octets)
        manager = QueueManager(
            plan.name,
            zones.of(plan),
            spool,
            QueueSettings(plan.schedule, plan.hop_limits, seed=seed),
            clock=self.world.clock(BEGIN),
            ids=QueueIds(),
            observe=self._observer(plan.name),
        )
        watcher = HostWatcher(self, plan.name)
        mail = WatchedMailHost(
            plan.directory(),
            WatchedStore(watcher, keeps=self.keeps, capacity_octets=plan.mailbox_octets),
            watcher=watcher,
            personality=Personality.load(plan.personality),
            queue=manager,
            hop_limit=plan.hop_limit,
        )
        faults = FaultPlan.of(plan.all_faults, seed.fork("faults")) if plan.all_faults else None
        if faults is not None:
            faults.observe = watcher.fault
        policy = Policy(max_recipients=plan.max_recipients)
        host = self.world.add(Host(plan.name, zones.addresses[plan.name], mail, policy, faults=faults))
        return RunningHost(plan, host, mail, manager, spool, HostJobs(self.world, host, manager))

    def _observer(self, name: str) -> Observer:
        scheduler, recording, witnesses = self.world.scheduler, self.recording, self.witnesses

        def observe(event: QueueEvent) -> None:
            recording.queue_event(scheduler.now, name, event)
            for witness in witnesses:
                witness.queue_event(name, event)

        return observe

    # Mail

    def note(self, host: str, event: str, about: str = "", message: str = "", detail: str = "") -> None:
        """Write an event down; the arguments are those of `TraceEvent`."""
        self.recording.note(TraceEvent(self.now, host, event, message, about, detail))

    def _next_message(self) -> None:
        """Plan the next message, if there is one; the run holds only those that are under way."""
        message = next(self._messages, None)
        if message is None:
            self._unsent -= 1
            return
        self.world.scheduler.after(max(message.plan.at - self.now, 0), partial(self._send, message))

    def _send(self, message: SentMessage) -> None:
        self._unsent += 1
        self.note(message.host, "sent", message.plan.sender, message.id)
        if self.keeps:
            self._sent[message.id] = self.now
        if message.on_host:
            running = self.hosts[message.host]
            SenderOnHost(self, message, running.host, running.queue).write()
        else:
            SenderOutside(self, message).call()
        self._next_message()

    def written(self) -> None:
        """Note that a sender has no more to do."""
        self._unsent -= 1

    def sent_at(self, message: str) -> int | None:
        """Return when a message was sent, by its Message-ID; None if that was not kept, or it is a report."""
        return self._sent.get(message)


class HostWatcher:
    """Writes down what happens to the mail of one host; see `hosts.Watcher`."""

    def __init__(self, simulation: Simulation, host: str) -> None:
        self._simulation = simulation
        self._recording, self._scheduler = simulation.recording, simulation.world.scheduler
        self._host = host

    def stored(self, mailboxes: Sequence[str], message: str, hops: int) -> None:
        """Note that a message is in mailboxes now."""
        sent, now = self._simulation.sent_at(message), self._scheduler.now
        for name in mailboxes:
            delay = None if sent is None else now - sent
            self._recording.deliver(FinalDelivery(now, self._host, name, message, hops, delay))
        for witness in self._simulation.witnesses:
            witness.stored(self._host, len(mailboxes), message)

    def accepted(self, peer: str, envelope: Envelope, message: str, hops: int) -> None:
        """Note that the reply to a message is 250."""
        client = self._simulation.host_at(peer)
        for rcpt in envelope.recipients:
            self._note("accepted", rcpt.path.address, message, client)
        for witness in self._simulation.witnesses:
            witness.accepted(self._host, client, envelope, message, hops)

    def refused(self, peer: str, envelope: Envelope, reply: Reply) -> None:
        """Note that a message is refused."""
        self._note("refused", envelope.reverse_path.address, detail=str(reply.code))

    def fault(self, fault: Fault, facts: Facts) -> None:
        """Note that a recipient is delayed, if the fault is greylisting."""
        if not _is_greylisting(fault):
            return
        self._recording.reached.add(Milestone.GREYLISTED)
        command = parse_command(facts.line)
        assert isinstance(command, Rcpt)  # what runs here sends no wrong line
        self._note("greylisted", command.path.address)

    def _note(self, event: str, about: str, message: str = "", detail: str = "") -> None:
        self._recording.note(TraceEvent(self._scheduler.now, self._host, event, message, about, detail))


def _is_greylisting(fault: Fault) -> bool:
    """Return True if a fault refuses recipients for now because the host does not know their senders (RFC 6647 2.1)."""
    action = fault.action
    refuses = isinstance(action, SayCode) and action.code.startswith("4") and fault.at.verb == "RCPT"
    return refuses and any(isinstance(each, Greylisted) for each in fault.conditions)
