"""Run a scenario on a virtual clock.

All chance comes from one seed, forked by label: hosts, connections, traffic and outages draw for themselves, so one
more draw in one place changes nothing elsewhere. Nothing else is left to chance: the same scenario, seed and version
make the same run, on every machine.
"""

from __future__ import annotations

import gc
import ipaddress
import logging
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from ..base.domains import host_key
from ..base.duration import MICROSECONDS, MINUTE
from ..base.seed import Seed
from ..client.outcomes import ClientError, Delivery
from ..client.session import DeliverySession
from ..faults.plan import FaultPlan
from ..mta import settling
from ..mta.attempt import Action, result_of
from ..mta.handler import Envelope
from ..mta.personality import Personality
from ..mta.policy import Policy
from ..mta.queue_events import Observer, Origin, QueueEvent
from ..mta.queue_ids import QueueIds
from ..mta.queue_manager import QueueManager, QueueSettings
from ..mta.spool import MemorySpool
from ..mta.store import StorageError
from ..mta.task import Task, run_on_disk
from ..mta.zone import Zone
from ..protocol.grammar import NULL_PATH, Path
from ..protocol.replies import ProtocolError, Reply
from ..worlds.connections import CallingEnd, connect
from ..worlds.host_jobs import HostJobs
from ..worlds.virtual import Host, Link, World
from .hosts import WatchedMailHost, WatchedStore
from .milestones import Milestone
from .recording import FinalDelivery, Recording, TraceEvent
from .scenario import HostPlan, PlannedOutage, Scenario
from .traffic import SentMessage, messages_of

# The time of the hosts' clocks when a run begins.
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)

# Whoever writes mail tries again after this time if the host does not take it, and so often.
_SENDER_WAITS, _SENDER_TRIES = 15 * MINUTE, 500

# The network from which hosts without an address get one (RFC 2544), and the address of those who write mail.
_NETWORK = ipaddress.ip_network("198.18.0.0/15")
_WRITERS = "203.0.113.7"

# How many events pass between two calls for progress.
_EVENTS = 2000

# When the garbage collector looks for circles of objects during a run. A run makes many objects and few circles, and
# with Python's own numbers one tenth of its time goes to looking at those that stay.
_COLLECTED = (20_000, 20, 50)

# Takes the present time of a run, in microseconds.
OnProgress = Callable[[int], None]
# Is called after each event.
Check = Callable[[], None]


class Witness(Protocol):
    """Takes what happens to mail in a run, as `invariants.Invariants` does."""

    def queue_event(self, host: str, event: QueueEvent) -> None:
        """Take what happens in the queue of a host."""

    def stored(self, host: str, mailboxes: int, message: str) -> None:
        """Take that a message is in some mailboxes now."""

    def accepted(self, host: str, client: str, envelope: Envelope, message: str, hops: int) -> None:
        """Take that a host has accepted a message from another host, or from its sender."""


@dataclass(slots=True)
class RunningHost:
    """A host of a run, with its parts."""

    plan: HostPlan
    host: Host
    mail: WatchedMailHost
    queue: QueueManager
    spool: MemorySpool
    jobs: HostJobs


class Simulation:
    """A run of a scenario.

    Args:
        scenario: what is run.
        seed: draws what is left to chance.
        keeps: True to keep all events and all mail; False for counters and the hash of the trace, which take memory
            for what is queued, and not for what has been done.

    Attributes:
        scenario, seed: as above.
        recording: what has happened so far.
        hosts: the hosts by their names.
        world: the clock and the connections.
        witnesses: take what happens to mail.
    """

    def __init__(self, scenario: Scenario, seed: Seed | str | int = 1, *, keeps: bool = True) -> None:
        self.scenario = scenario
        self.seed = seed if isinstance(seed, Seed) else Seed(seed)
        self.recording = Recording(keeps=keeps, first_choice=_first_choices(scenario))
        self.world = World(
            link=Link(scenario.latency / MICROSECONDS, scenario.octets_per_second), seed=self.seed.fork("ties")
        )
        self.keeps = keeps
        self.witnesses: list[Witness] = []
        self._sent: dict[str, int] = {}  # when messages were sent, by Message-ID
        self._unsent = 1  # messages that are to be sent, and things that are to happen: the run goes on for them
        self._addresses = _NETWORK.hosts()
        self._names: dict[str, str] = {}  # hosts by their addresses
        zone = _Zones(scenario, self._address_plan())
        self.hosts = {plan.name: self._start(plan, zone) for plan in scenario.hosts}
        for link in scenario.links:
            self.world.lay(Link(link.latency / MICROSECONDS, link.octets_per_second), *link.between)
        self._plan_faults()
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
            progress: is called now and then.
            check: is called after each event; what it raises ends the run.
        """
        log = logging.getLogger(settling.__name__)
        before, level = gc.get_threshold(), log.level
        gc.set_threshold(*_COLLECTED)
        log.setLevel(logging.ERROR)  # full disks are part of the play, and nobody is to be warned of them
        try:
            self._run(progress, check)
        finally:
            gc.set_threshold(*before)
            log.setLevel(level)

    def _run(self, progress: OnProgress | None, check: Check | None) -> None:
        scheduler, end, events = self.world.scheduler, self.scenario.duration, 0
        recording = self.recording
        while (self._unsent or recording.queued) and (time := scheduler.next_time) is not None and time <= end:
            scheduler.step()
            if check is not None:
                check()
            events += 1
            if progress is not None and not events % _EVENTS:
                progress(scheduler.now)

    def host_at(self, address: str) -> str:
        """Return the name of the host with an address; empty if it is nobody's."""
        return self._names.get(address, "")

    # Hosts

    def _address_plan(self) -> dict[str, str]:
        given = {plan.address for plan in self.scenario.hosts}
        free = (str(address) for address in self._addresses if str(address) not in given)
        addresses = {plan.name: plan.address or next(free) for plan in self.scenario.hosts}
        self._names = {address: name for name, address in addresses.items()}
        return addresses

    def _start(self, plan: HostPlan, zones: _Zones) -> RunningHost:
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
            greylisting=plan.greylisting,
            time=lambda: self.world.scheduler.now,
        )
        faults = FaultPlan.of(plan.all_faults, seed.fork("faults")) if plan.all_faults else None
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

    # What is planned

    def _plan_faults(self) -> None:
        scenario = self.scenario
        for outage in (*scenario.outages, *self._drawn_outages()):
            self._at(outage.begins, partial(self._go_down, outage.host))
            self._at(outage.begins + outage.lasts, partial(self._come_up, outage.host))
        for disk in scenario.full_disks:
            self._at(disk.begins, partial(self._fill, disk.host, disk.spool))
            self._at(disk.begins + disk.lasts, partial(self._free, disk.host, disk.spool))

    def _drawn_outages(self) -> Iterable[PlannedOutage]:
        drawn = self.scenario.drawn_outages
        for number in range(drawn.count if drawn is not None else 0):
            assert drawn is not None
            seed = self.seed.fork("outage", number)
            host = seed.choice("host", self.scenario.hosts)
            lasts = drawn.at_least + seed.number("lasts", drawn.at_most - drawn.at_least + 1)
            yield PlannedOutage(host.name, seed.number("begins", max(self.scenario.duration - lasts, 1)), lasts)

    def _at(self, time: int, action: Callable[[], None]) -> None:
        self.world.scheduler.after(time - self.now, action)

    def _go_down(self, name: str) -> None:
        host = self.hosts[name].host
        if host.up:
            host.stop()
            self.note(name, "down")

    def _come_up(self, name: str) -> None:
        running = self.hosts[name]
        if not running.host.up:
            running.host.up = True
            self.note(name, "up")
            running.jobs.look()

    def _fill(self, name: str, spool: bool) -> None:
        self._disk(name, spool).capacity_octets = 0
        self.note(name, "full", "spool" if spool else "mailboxes")

    def _free(self, name: str, spool: bool) -> None:
        plan = self.hosts[name].plan
        self._disk(name, spool).capacity_octets = plan.spool_octets if spool else plan.mailbox_octets
        self.note(name, "free", "spool" if spool else "mailboxes")

    def _disk(self, name: str, spool: bool) -> MemorySpool | WatchedStore:
        running = self.hosts[name]
        store = running.mail.store
        assert isinstance(store, WatchedStore)
        return running.spool if spool else store

    def note(self, host: str, event: str, about: str = "", message: str = "", detail: str = "") -> None:
        """Write an event down; the arguments are those of `TraceEvent`."""
        self.recording.note(TraceEvent(self.now, host, event, message, about, detail))

    # Mail

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
            self._write_on_host(message)
        else:
            _Writer(self, message).call()
        self._next_message()

    def _write_on_host(self, message: SentMessage) -> None:
        """Put a message into the queue of its host; try again later if the host is down or its disk is full."""
        running = self.hosts[message.host]
        sender = Path.parse(f"<{message.plan.sender}>")
        recipients = [Path.parse(f"<{recipient}>") for recipient in message.plan.recipients]
        job = running.queue.spread(message.content(BEGIN), {sender: recipients}, Origin.WRITTEN)
        if running.host.up and _is_done(job):
            self.written()
        else:
            self.world.scheduler.after(_SENDER_WAITS, partial(self._write_on_host, message))

    def written(self) -> None:
        """Note that a writer has no more to do."""
        self._unsent -= 1

    def sent_at(self, message: str) -> int | None:
        """Return when a message was sent, by its Message-ID; None if that was not kept, or it is a report."""
        return self._sent.get(message)


class HostWatcher:
    """Writes down what happens to the mail of one host; see `hosts.Watcher`."""

    def __init__(self, simulation: Simulation, host: str) -> None:
        self._simulation = simulation
        self._host = host

    def stored(self, mailboxes: Sequence[str], message: str, hops: int) -> None:
        """Note that a message is in mailboxes now."""
        simulation = self._simulation
        sent = simulation.sent_at(message)
        for name in mailboxes:
            delay = None if sent is None else simulation.now - sent
            simulation.recording.deliver(FinalDelivery(simulation.now, self._host, name, message, hops, delay))
        for witness in simulation.witnesses:
            witness.stored(self._host, len(mailboxes), message)

    def accepted(self, peer: str, envelope: Envelope, message: str, hops: int) -> None:
        """Note that the reply to a message is 250."""
        for rcpt in envelope.recipients:
            self._note("accepted", rcpt.path.address, message, self._simulation.host_at(peer))
        for witness in self._simulation.witnesses:
            witness.accepted(self._host, self._simulation.host_at(peer), envelope, message, hops)

    def refused(self, peer: str, envelope: Envelope, reply: Reply) -> None:
        """Note that a message is refused."""
        self._note("refused", envelope.reverse_path.address, detail=str(reply.code))

    def greylisted(self, recipient: str) -> None:
        """Note that a recipient is delayed, because the host does not know the sender."""
        self._simulation.recording.reached.add(Milestone.GREYLISTED)
        self._note("greylisted", recipient)

    def _note(self, event: str, about: str, message: str = "", detail: str = "") -> None:
        self._simulation.note(self._host, event, about, message, detail)


class _Writer:
    """Somebody who hands a message to a host, and tries again if the host does not take it."""

    def __init__(self, simulation: Simulation, message: SentMessage) -> None:
        self._simulation = simulation
        self._message = message
        self._content = message.content(BEGIN)
        sender = message.plan.sender
        self._sender = Path.parse(f"<{sender}>") if sender else NULL_PATH
        self._left = [Path.parse(f"<{recipient}>") for recipient in message.plan.recipients]
        self._tries = 0

    def call(self) -> None:
        """Connect to the host."""
        simulation = self._simulation
        self._tries += 1
        self._session = DeliverySession("laptop.example", server=self._message.host)
        self._session.open()
        recorder = simulation.world.recorder
        record = None if recorder is None else recorder.call("writer", self._message.host, "", simulation.world.time)
        self._call: CallingEnd = connect(
            simulation.world,
            self._session,
            self._message.host,
            address=_WRITERS,
            record=record,
            label=f"{self._message.id} {self._tries}",
            done=self._opened,
        )

    def _opened(self) -> None:
        try:
            self._session.outcome()
        except (ClientError, ProtocolError) as error:
            self._settle(error, opening=True)
            return
        self._session.deliver(self._sender, self._left, self._content)
        self._call.run(self._delivered)

    def _delivered(self) -> None:
        try:
            outcome = self._session.outcome()
        except (ClientError, ProtocolError) as error:
            self._settle(error, opening=False)
            return
        self._settle(outcome, opening=False)
        if not self._session.closed:
            self._session.leave()
            self._call.run()

    def _settle(self, outcome: Delivery | Exception, *, opening: bool) -> None:
        result = result_of(outcome, self._left, self._message.host, opening=opening)
        self._left = [each.path for each in result.having(Action.DELAYED)]
        simulation = self._simulation
        for each in result.having(Action.FAILED):
            simulation.note(self._message.host, "not taken", each.path.address, self._message.id, each.words)
        if self._left and self._tries < _SENDER_TRIES:
            simulation.world.scheduler.after(_SENDER_WAITS, self.call)
        else:
            simulation.written()


def _is_done(job: Generator[Task, object, None]) -> bool:
    """Do a job that only waits for a disk; return False if the disk fails."""
    try:
        run_on_disk(job)
        return True
    except StorageError:
        return False


class _Zones:
    """The zones that hosts see: one for all, and others for hosts with MX records of their own."""

    def __init__(self, scenario: Scenario, addresses: dict[str, str]) -> None:
        self.addresses = addresses
        self._mx = _exchanges(scenario)
        self._common = self._zone({})

    def of(self, plan: HostPlan) -> Zone:
        """Return the zone of a host."""
        return self._zone(dict(plan.mx)) if plan.mx else self._common

    def _zone(self, own: dict[str, tuple[str, ...]]) -> Zone:
        records = {**self._mx, **{host_key(domain): texts for domain, texts in own.items()}}
        return Zone(
            mx={domain: [_record(text) for text in texts] for domain, texts in records.items()},
            hosts={name: [address] for name, address in self.addresses.items()},
        )


def _exchanges(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the MX records of all domains: those of the scenario, and the hosts that deliver the mail of others."""
    derived: dict[str, list[str]] = {}
    for host in scenario.hosts:
        for domain in host.domains:
            derived.setdefault(host_key(domain), []).append(
                f"{10 * (len(derived.get(host_key(domain), ())) + 1)} {host.name}"
            )
    return {
        **{domain: tuple(texts) for domain, texts in derived.items()},
        **{host_key(domain): texts for domain, texts in scenario.mx.items()},
    }


def _record(text: str) -> tuple[int, str]:
    preference, _, host = text.partition(" ")
    return int(preference), host.strip()


def _first_choices(scenario: Scenario) -> dict[str, frozenset[str]]:
    """Return the MX hosts of the first preference of each domain that has others, too."""
    found = {}
    for domain, texts in _exchanges(scenario).items():
        records = [_record(text) for text in texts]
        first = min(preference for preference, _ in records)
        hosts = frozenset(host_key(host) for preference, host in records if preference == first)
        if len(hosts) < len(records):
            found[domain] = hosts
    return found
