"""An internet in one process, the same on every run: the lecture's mail host and two more, which relay to each other.

Every reply has its cause in a host: in its directory, its store or its switches. The directories are in
``data/directories``, the wording of the replies in ``data/personalities``.

There are two kinds of labs. In ``Lab()`` a host relays while its client waits, and no time passes. In
``Lab(queues=True)`` a host queues what is for others, and works on its queue while `Lab.run` lets time pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Self

from ..base.resources import data_path
from ..base.seed import Seed
from ..client.session import SMTP_PORT
from ..explain.explanation import Explanation
from ..mta.directory import Directory
from ..mta.handler import Clock
from ..mta.host import MailHost, QueueIds
from ..mta.personality import Personality
from ..mta.policy import Policy
from ..mta.relay import Relay
from ..mta.store import MemoryStore
from ..protocol.grammar import Path
from ..protocol.states import MESSAGE
from ..transcript import Exchange, Transcript
from ..worlds.blocking import MailClient
from ..worlds.memory import MemoryStream, Network
from ..worlds.scheduler import MICROSECONDS, Event
from ..worlds.virtual import Link
from . import sentences
from .client_end import ClientSnapshot
from .conversations import Call, Conversation, Interruptions, Journal
from .history import History
from .lab_host import LabHost, MailboxContents, Message
from .session import Irrevocable, Session
from .telnet import connected_to, notes_of

if TYPE_CHECKING:  # a lab without queues does without these, and so without the package email
    from ..mta.queue_manager import QueueManager
    from ..mta.retry_schedule import RetrySchedule
    from ..mta.zone import Zone
    from .queue_log import QueueLog
    from .queue_view import QueueView
    from .queues import LabQueues, Outage, Outlook

# The day of the lecture's session, at a time of day that the lecture leaves out. Here no time passes.
_NOW = datetime(2004, 8, 6, 10, 25, tzinfo=timezone(timedelta(hours=-4)))

# A learner makes mistakes on purpose, so hosts of the lab are patient. `Cause` lists a host that is not.
_POLICY = Policy(max_errors=100)

# The way between two hosts that queue: 50 milliseconds, as between two continents.
_DISTANCE = Link(0.05)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400

# The machine of the student. RFC 2606 and RFC 5737 reserve this name and this address for examples.
LAPTOP, LAPTOP_ADDRESS = "laptop.example", "203.0.113.7"


@dataclass(frozen=True, slots=True)
class _Plan:
    """The plan of a lab host.

    Args:
        name: the name by which the others reach it.
        own_name: how it calls itself.
        domain: whose mail it takes; its directory has this name.
    """

    name: str
    own_name: str
    address: str
    domain: str
    personality: str


_PLANS = (
    _Plan("mail.adelphia.net", "mta13.adelphia.net", "68.168.78.100", "adelphia.net", "lecture"),
    _Plan("mail.lab.example", "mail.lab.example", "192.0.2.25", "lab.example", "plain"),
    _Plan("mail.campus.example", "mail.campus.example", "198.51.100.25", "campus.example", "plain"),
)
# The routes of every host: the next hop for each domain.
_ROUTES = {plan.domain: (plan.name, SMTP_PORT) for plan in _PLANS}


class Lab:
    """Three mail hosts in memory: mail.adelphia.net of the lecture, mail.lab.example and mail.campus.example.

    Each takes mail for its own domain and relays to the others. It is 6 August 2004, and no time passes unless you let
    it pass. Two labs share nothing, and what happens in one is the same on every run.

    Args:
        queues: True if the hosts queue mail for each other, and time passes in `run`. False if a host relays while its
            client waits.
        schedule: when a queue tries again, and when it gives up; as RFC 5321 4.5.4.1 recommends by default.
        seed: draws what queues and faults leave to chance; the same seed draws the same.

    Raises:
        ValueError: if there is a schedule without queues.
    """

    def __init__(self, *, queues: bool = False, schedule: RetrySchedule | None = None, seed: int | str = 1) -> None:
        if schedule is not None and not queues:
            raise ValueError(sentences.SCHEDULE_WITHOUT_QUEUES)
        self._seed = Seed(seed)
        self._journal = Journal()
        self._network = Network(link=_DISTANCE if queues else None, recorder=self._journal, timed=queues)
        self._queues = self._new_queues(schedule) if queues else None
        self._returns: dict[str, Event] = {}  # when hosts that are down come up again
        for plan in _PLANS:
            ids = QueueIds()
            manager = None if self._queues is None else self._queues.manager(plan.own_name, ids)
            clock = _now if self._queues is None else self._network.clock(_NOW)
            host = LabHost(plan.name, plan.address, self._handler(plan, ids, manager, clock), _POLICY)
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

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The addresses of the mailboxes, host by host; aliases, lists and forwards are not mailboxes."""
        return tuple(f"{name}@{host.handler.directory.domains[0]}" for host in self.hosts for name in host.mailboxes)

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The conversations in which hosts relayed mail to each other, in the order in which they began.

        The last 200 are kept, of 8 MiB together. `Session.conversation` has those that one session caused.
        """
        return self._journal.conversations

    def host(self, name: str) -> LabHost:
        """Return a host, to look at it or to change it.

        Args:
            name: one of its names, or its address.

        Raises:
            ConnectionLost: if there is no such host; the sentence lists those there are.
        """
        found = self._network.find(name)
        assert isinstance(found, LabHost)
        return found

    def telnet(self, host: str, port: int = SMTP_PORT) -> LabSession:
        """Open a session by hand with a host, as the lecture does with ``telnet mail.adelphia.net 25``.

        Args:
            host: the host's name or address.
            port: 25, where mail servers listen (RFC 5321 4.5.4.2).

        Raises:
            ConnectionLost: if there is no such host, it is down, or nobody listens on the port; the sentence says so.
        """
        interruptions = Interruptions()
        stream = self._network.dial(host, port, peer=LAPTOP_ADDRESS, waiting=interruptions)
        found = self.host(host)
        return LabSession(
            stream,
            self,
            notes=notes_of(host, found.address),
            called=(found.name, port),
            interruptions=interruptions,
            history=History(stream, self.hosts, self._journal, self),
        )

    def replay(self, transcript: Transcript, host: str | None = None) -> LabSession:
        """Open a session and repeat in it what the client says in a transcript; see `Session.replay`.

        Args:
            transcript: a conversation of any origin.
            host: the name or address of the host to hold it with; by default the one that the transcript's notes
                say it is ``Connected to``.

        Raises:
            ValueError: if no host is given and no note names one.
            ClientError: as `telnet` and `Session.send`.
        """
        name = host or connected_to(transcript)
        if name is None:
            raise ValueError(sentences.TRANSCRIPT_NAMES_NO_HOST)
        session = self.telnet(name)
        session.replay(transcript)
        return session

    def client(self, host: str, port: int = SMTP_PORT) -> LabClient:
        """Return a mail client that has a session with a host, has been greeted and has said EHLO.

        Args:
            host: the host's name or address.
            port: 25.

        Raises:
            ConnectionLost: as `telnet`, or if the host refuses to take mail.
        """
        name = self._network.find_server(host, port).name
        conversation = Conversation(LAPTOP, name, Transcript())
        stream = self._network.dial(name, port, peer=LAPTOP_ADDRESS, waiting=conversation)
        return LabClient(stream, conversation, self)

    def mailbox(self, address: str) -> MailboxContents:
        """Return the messages in a mailbox, oldest first, as a list.

        Args:
            address: such as ``forouzanb@adelphia.net``.

        Raises:
            LocalProtocolError: if it is not a valid address.
            LookupError: if no host here takes mail for its domain, or that host has no mailbox of this name. Aliases,
                lists and forwards are not mailboxes. If the domain is missing, the sentence suggests addresses.
        """
        if "@" not in address:
            self._miss_domain(address.strip("<> "))
        path = Path.parse(address)
        host = next((host for host in self.hosts if path.domain and host.handler.directory.is_local(path.domain)), None)
        if host is None:
            domains = ", ".join(domain for host in self.hosts for domain in host.handler.directory.domains)
            raise LookupError(sentences.NO_HOST_FOR_DOMAIN.format(domain=path.domain or address, domains=domains))
        wanted = path.local_part.casefold()
        name = next((name for name in host.mailboxes if name.casefold() == wanted), None)
        if name is None:
            raise LookupError(
                sentences.NO_SUCH_MAILBOX.format(
                    host=host.name, name=path.local_part, mailboxes=", ".join(host.mailboxes)
                )
            )
        return MailboxContents(path.address, map(Message, host.store.messages(name)))

    # Time and queues

    @property
    def has_queues(self) -> bool:
        """True if the hosts queue mail for each other."""
        return self._queues is not None

    @property
    def clock(self) -> datetime:
        """The date and time in the lab."""
        return _NOW if self._queues is None else self._queues.clock

    @property
    def time(self) -> float:
        """How many seconds have passed in the lab since it began."""
        return (self.clock - _NOW).total_seconds()

    def run(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> QueueLog:
        """Let time pass. The hosts work on their queues, and a session that is silent for too long gets 421.

        Args:
            days, hours, minutes, seconds: how long, all together; without any of them, until no host has anything left
                to deliver.

        Returns:
            What the queues did meanwhile.

        Raises:
            ValueError: if the lab has no queues, or the time is negative.
        """
        queues = self._need_queues("run")
        microseconds = _microseconds(days, hours, minutes, seconds)
        return queues.run(microseconds or None)

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

    def down(self, host: str, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Take a host down. Its open sessions get 421 (RFC 5321 3.8); what it has queued waits.

        Args:
            host: the host's name or address.
            days, hours, minutes, seconds: after which time it comes up again, all together; without any of them it
                stays down until `up`.

        Raises:
            ConnectionLost: if there is no such host.
            ValueError: if the time is negative, or the lab has no queues and so no time passes.
        """
        found = self.host(host)
        microseconds = _microseconds(days, hours, minutes, seconds)
        if microseconds:
            self._need_queues("down")
        self._forget_return(found)
        if found.up and self._queues is not None:
            self._queues.went_down(found)
        found.stop()
        if microseconds:
            self._returns[found.name] = self._network.scheduler.after(microseconds, _Return(self, found.name).happen)

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
            ValueError: if the latency is not a number of seconds, or the bandwidth is negative.
        """
        self._network.lay(Link(latency, bandwidth), self.host(one).name, self.host(other).name)

    def fault(self, text: str, host: str | None = None) -> None:
        """Let something go wrong at a host from its next session on, such as ``"lose the 250 after the dot once"``.

        Args:
            text: a fault; ``smtplab faults`` shows all that can be said.
            host: the host's name or address; None for every host.

        Raises:
            FaultError: if the text is no fault; the sentence says what was expected.
            ConnectionLost: if there is no such host.
        """
        for each in self.hosts if host is None else [self.host(host)]:
            self._network.fault(each.name, text, self._seed.fork("fault", each.name))

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

    def _miss_domain(self, name: str) -> None:
        """Raise `LookupError` if `name` is the local part of a mailbox here and lacks only its domain."""
        meant = [each for each in self.mailboxes if each.rpartition("@")[0].casefold() == name.casefold()]
        if meant:
            raise LookupError(sentences.ADDRESS_WITHOUT_DOMAIN.format(name=name, meant=" or ".join(meant)))

    def __repr__(self) -> str:
        return f"<Lab with {', '.join(self.host_names)}>"

    @staticmethod
    def _handler(plan: _Plan, ids: QueueIds, queue: QueueManager | None, clock: Clock) -> MailHost:
        return MailHost(
            Directory.load(data_path("directories", f"{plan.domain}.toml")),
            MemoryStore(),
            hostname=plan.own_name,
            personality=Personality.load(plan.personality),
            relay=Relay(_ROUTES) if queue is None else None,
            queue=queue,
            clock=clock,
            ids=ids,
        )

    def _new_queues(self, schedule: RetrySchedule | None) -> LabQueues:
        from ..mta.retry_schedule import RetrySchedule
        from ..mta.zone import Zone
        from .queues import LabQueues

        zone = Zone(
            mx={plan.domain: ((10, plan.name),) for plan in _PLANS},
            hosts={name: (plan.address,) for plan in _PLANS for name in (plan.name, plan.own_name)},
        )
        return LabQueues(self._network, _NOW, zone, schedule or RetrySchedule(), self._seed)


class _Return:
    """The return of a host that is down for some time."""

    def __init__(self, lab: Lab, host: str) -> None:
        self._lab = lab
        self._host = host

    def happen(self) -> None:
        """Bring the host up."""
        self._lab.up(self._host)


class LabSession(Session):
    """A session held by hand with a host of a lab; `Lab.telnet` opens one.

    Args:
        stream: the open connection.
        lab: the lab in which the session is held.
        notes, called, interruptions, history: as of `Session`.

    Attributes:
        lab: as above; a fork has a copy of it.
    """

    def __init__(
        self,
        stream: MemoryStream,
        lab: Lab,
        *,
        notes: Iterable[str],
        called: tuple[str, int],
        interruptions: Interruptions,
        history: History[ClientSnapshot],
    ) -> None:
        self.lab = lab
        self._began = lab.time
        # The messages that the host has queued in this session: queue id to the row of the 250.
        self._queued: dict[str, int] = {}
        super().__init__(
            stream,
            clock=lab.seconds if lab.has_queues else None,
            notes=notes,
            caller=LAPTOP,
            called=called,
            interruptions=interruptions,
            history=history,
            opener="session.lab.telnet",
        )

    @contextmanager
    def step(self) -> Iterator[None]:
        """As `Session.step`; also notes what the host has queued."""
        noted, row = self.lab.noted, len(self.transcript)
        try:
            with super().step():
                yield
        finally:
            new = self.lab.received(self.host, noted)
            if new:  # each message has one id; those for mailboxes of the host itself are not queued
                taken = [each.last for each in self.transcript.exchanges() if _is_accepted(each) and each.last >= row]
                self._queued |= dict(zip(new, taken[-len(new) :], strict=False))

    @property
    def conversation(self) -> Conversation:
        """As `Session.conversation`, and what the queues of hosts said later about the messages of this session."""
        conversation = super().conversation
        later = [call for queue_id, row in self._queued.items() for call in self._calls_about(queue_id, row)]
        calls = sorted(later, key=lambda call: call.conversation.began)
        return replace(conversation, calls=[*conversation.calls, *calls], began=self._began)

    def why(self) -> Explanation:
        """As `Session.why`, and what the queue does next with the messages of this session that still wait."""
        return replace(super().why(), queue=self.lab.outlook(self.host, self._queued))

    def _calls_about(self, queue_id: str, row: int) -> Iterator[Call]:
        """Yield the calls that hosts have made because of a message in this session, which has the 250 in a row."""
        about = self.lab.descendants(self.host, queue_id)
        times = [self._began + (each.time or 0.0) for each in self.transcript]
        for each in self.lab.conversations:
            if (each.client, each.queue_id) in about:
                before = sum(time <= each.began for time in times)
                yield Call(max(before, row + 1), each, row)

    def fork(self) -> Self:
        """As `Session.fork`.

        Raises:
            Irrevocable: also while a host is trying to deliver a message.
        """
        if host := self.lab.under_way:
            raise Irrevocable(
                sentences.HOST_CANNOT_GO_BACK.format(method="fork", obstacle=sentences.UNDER_WAY.format(host=host))
            )
        return super().fork()


class LabClient(MailClient):
    """A mail client in the lab, with its conversation and the relayed ones that it caused.

    Args:
        stream: the connection, which carries the conversation.
        conversation: the conversation, in which the client records both sides.
        lab: the lab of the client.
    """

    def __init__(self, stream: MemoryStream, conversation: Conversation, lab: Lab) -> None:
        self.lab = lab
        self.conversation = conversation
        server, transcript = conversation.server, conversation.transcript
        super().__init__(stream, conversation.client, name=server, transcript=transcript, clock=_no_time)


def _no_time() -> float:
    return 0.0


def _now() -> datetime:
    return _NOW


def _is_accepted(exchange: Exchange) -> bool:
    """Return True if a message was accepted."""
    return exchange.verb == MESSAGE and exchange.accepted


# A lab lasts at most so many seconds at a time, about three thousand years; the calendar ends in the year 9999.
_LONGEST = 10.0**11


def _microseconds(days: float, hours: float, minutes: float, seconds: float) -> int:
    """Return a time in microseconds; raise `ValueError` if it is negative, or too long for the calendar."""
    for number in (days, hours, minutes, seconds):
        if not isinstance(number, int | float):
            raise TypeError(sentences.TIME_IS_NUMBER.format(value=number))
    total = days * _DAY + hours * _HOUR + minutes * _MINUTE + seconds
    if not 0 <= total < _LONGEST:
        raise ValueError(sentences.TIME_PASSES_FORWARD.format(seconds=total))
    return round(total * MICROSECONDS)
