"""Mail hosts on a virtual clock, with links that take time.

A world is a `Scheduler`, hosts and the links between them; `connections` moves the octets. Every run is the same. Where
several things happen at the same instant, a seed may draw their order; the same seed draws the same order. `memory` is
this world without latency, for clients held by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self
from weakref import WeakValueDictionary

from ..base.domains import domain_key
from ..base.seed import Seed
from ..client.outcomes import ConnectionLost
from ..client.session import SMTP_PORT
from ..mta.handler import Handler
from ..mta.policy import Policy
from ..mta.session import ServerSession
from ..protocol import replies
from ..transcript import Side
from . import sentences
from .arguments import check_name, check_port_type
from .scheduler import MICROSECONDS, NO_TIE_BREAKS, Scheduler, TieBreaks

if TYPE_CHECKING:
    from ..faults.fault import Fault
    from ..faults.plan import FaultPlan


class Waiting(Protocol):
    """The conversation of a client that waits while the server calls another host."""

    def interrupt(self, inner: Record) -> None:
        """Note that the server now calls another host, and answers later; that call is written down in `inner`."""


class Record(Waiting, Protocol):
    """Where a connection is written down, as its client sees it."""

    def feed(self, side: Side, data: bytes, seconds: float, names: Iterable[str] = ()) -> None:
        """Take octets of one side, at a time since the client called, with the names of the replies in them."""

    def fail(self, error: ConnectionLost) -> None:
        """Note that the connection could not be made."""


class Recorder(Protocol):
    """Makes a record of each call that a host places."""

    def call(self, client: str, server: str, queue_id: str, seconds: float) -> Record:
        """Begin the record of a call.

        Args:
            client: the name of the host that calls.
            server: the name by which it calls the other.
            queue_id: its own name for the message that it hands on.
            seconds: the time of the world.
        """


class HostEnd(Protocol):
    """The host's end of a connection, as the host uses it."""

    @property
    def session(self) -> ServerSession: ...
    def pump(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Link:
    """The link between two hosts, the same in both directions.

    Args:
        latency: seconds that octets take from one to the other, 0 or more.
        octets_per_second: the bandwidth of each connection and direction; 0 for no limit.

    Raises:
        ValueError: if the latency is not a number of seconds, or the bandwidth is negative.
    """

    latency: float = 0.0
    octets_per_second: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.latency < float("inf"):
            raise ValueError(sentences.LATENCY.format(latency=self.latency))
        if self.octets_per_second < 0:
            raise ValueError(sentences.BANDWIDTH.format(bandwidth=self.octets_per_second))

    @property
    def delay(self) -> int:
        """The latency in microseconds."""
        return round(self.latency * MICROSECONDS)

    def time_to_send(self, octets: int) -> int:
        """Return how many microseconds a number of octets takes to leave."""
        return octets * MICROSECONDS // self.octets_per_second if self.octets_per_second else 0


# The link between hosts in the same machine.
NO_DISTANCE = Link()


@dataclass(slots=True, eq=False)
class Host:
    """A mail host.

    Args:
        name: its domain name.
        address: its IP address as text.
        handler: decides the replies; None for a host without a mail server.
        policy: limits and extensions.
        up: False makes every connection fail after one round trip, as when the host is down.
        faults: what goes wrong here; None for nothing. A plan that is set after `World.add` needs `World.fault`.

    Attributes:
        calls: how many calls it has placed.
    """

    name: str
    address: str
    handler: Handler | None
    policy: Policy
    up: bool = True
    faults: FaultPlan | None = None
    calls: int = field(default=0, init=False)
    # Its connections by number, in the order in which they began. The world holds those to its own clients until they
    # close. A connection that is held by hand ends when nobody holds it: no notebook can speak through it any more.
    _ends: WeakValueDictionary[int, HostEnd] = field(default_factory=WeakValueDictionary, init=False, repr=False)
    _begun: int = field(default=0, init=False, repr=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy the host, and of its sessions those that `memo` holds; nobody holds a copy of the others."""
        copied = type(self)(self.name, self.address, None, self.policy, self.up)
        memo[id(self)] = copied
        copied.handler = deepcopy(self.handler, memo)
        copied.faults = deepcopy(self.faults, memo)
        copied._begun, copied.calls = self._begun, self.calls
        self.copy_sessions(copied, memo)
        return copied

    def copy_sessions(self, copied: Host, memo: dict[int, Any]) -> None:
        """Give a copy of this host the sessions that `memo` holds, in the order in which they began."""
        copied._ends.clear()
        copied._ends.update((number, memo[id(end)]) for number, end in self._ends.items() if id(end) in memo)

    @property
    def sessions(self) -> tuple[ServerSession, ...]:
        """The sessions that are open."""
        if not self._ends:
            return ()
        return tuple(end.session for end in self._ends.values() if not end.session.closed)

    @property
    def ends(self) -> tuple[HostEnd, ...]:
        """This host's ends of its connections, in the order in which they began."""
        return tuple(self._ends.values())

    def stop(self) -> None:
        """Go down: send 421 to every open session, and take no more (RFC 5321 3.8)."""
        self.up = False
        for end in self.ends:
            end.session.hang_up(replies.SHUTTING_DOWN)
            end.pump()

    def session(self, peer: str) -> ServerSession:
        """Return the session for a client at address `peer`; it has not begun.

        Raises:
            ConnectionLost: if the host is down, has no mail server, or a fault refuses the connection.
        """
        if not self.up:
            raise ConnectionLost(sentences.HOST_DOWN.format(host=self.name))
        if self.handler is None:
            raise ConnectionLost(sentences.NO_MAIL_SERVER.format(host=self.name, port=SMTP_PORT))
        if self.faults:
            session = self._faulty_session(self.handler, peer)
        else:
            session = ServerSession(self.handler, self.policy, peer)
        session.names = []
        return session

    def _faulty_session(self, handler: Handler, peer: str) -> ServerSession:
        from ..faults.admission import session_for  # loaded with the first fault

        clients = [session.peer for session in self.sessions]
        session = session_for(self.faults, handler, self.policy, peer, clients.count(peer), len(clients))
        if session is None:
            raise ConnectionLost(sentences.CONNECTION_REFUSED.format(host=self.name))
        return session

    def count(self, end: HostEnd) -> None:
        """Count a connection as one of this host's, for as long as somebody holds it."""
        self._begun += 1
        self._ends[self._begun] = end


class World:
    """Mail hosts that reach each other by name, on a clock of their own.

    Args:
        link: the way between any two hosts for which `lay` names no other.
        seed: draws the order of events at the same instant; without it they come in the order in which they were added.
        recorder: makes records of the calls that hosts place; None for no records.

    Attributes:
        scheduler: its clock and its events.
        recorder: as above.
        clients: how many clients that are not hosts have connected.
    """

    def __init__(self, *, link: Link | None = None, seed: Seed | None = None, recorder: Recorder | None = None) -> None:
        self.scheduler = Scheduler()
        self.recorder = recorder
        self.clients = 0
        self._seed = seed
        self._link = link or Link()
        self._links: dict[frozenset[str], Link] = {}
        self._hosts: dict[str, Host] = {}
        self._by_address: dict[str, Host] = {}
        self._ends: dict[HostEnd, None] = {}  # the open connections that nobody holds by hand

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy the world, with the connections that it holds and those that were copied before it."""
        memo[id(self)] = copied = type(self).__new__(type(self))
        copied.__dict__.update(deepcopy(self.__dict__, memo))
        for host in self.hosts:  # a host may have been copied before the last of its connections
            host.copy_sessions(memo[id(host)], memo)
        return copied

    @property
    def time(self) -> float:
        """Seconds since the world began."""
        return self.scheduler.now / MICROSECONDS

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts, in the order in which they were added; a host with several names comes once."""
        return tuple(dict.fromkeys(self._hosts.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all hosts, aliases too, in small letters."""
        return tuple(self._hosts)

    def add(self, host: Host, *aliases: str) -> Host:
        """Add a host, under its own name and any others."""
        for name in (host.name, *aliases):
            self._hosts[name.lower()] = host
        self._by_address.setdefault(host.address, host)
        if host.faults is not None:
            host.faults.begin(self.scheduler.read)
        return host

    def fault(self, host: str, fault: Fault | str, seed: Seed | None = None) -> Fault:
        """Add a fault to a host, and return it; open sessions without faults go on without.

        Args:
            host: any of its names.
            fault: a value, or a line of the language; see `faults.fault`.
            seed: where the host's probabilities are drawn from, if this is its first fault.

        Raises:
            ConnectionLost: if there is no such host.
            FaultError: if the text is not a fault.
        """
        from ..faults.plan import FaultPlan  # loaded with the first fault

        found = self.find(host)
        if found.faults is None:
            found.faults = FaultPlan(seed=seed)
            found.faults.begin(self.scheduler.read)
        return found.faults.add(fault)

    def lay(self, link: Link, one: str, other: str) -> None:
        """Lay a link between two machines, for both directions. A host may be given by any of its names."""
        self._links[self._between(one, other)] = link

    def find(self, name: str) -> Host:
        """Return the host with this name or address.

        Raises:
            ConnectionLost: if there is none; the sentence lists those there are.
            TypeError: if the name is not text.
        """
        check_name(name, example=next(iter(self._hosts), "mail.example"))
        found = self._find(name)
        if found is None:
            raise ConnectionLost(sentences.UNKNOWN_HOST.format(name=name, names=", ".join(self._hosts)))
        return found

    def name_of(self, host: str) -> str:
        """Return the name of the host with an address; anything else as it is."""
        return self._by_address[host].name if host in self._by_address else host

    def find_server(self, name: str, port: int = SMTP_PORT) -> Host:
        """Return the host with this name or address, whose mail server listens on `port`.

        Raises:
            ConnectionLost: as `find`, or if nobody listens on the port.
            TypeError: as `find`, or if the port is not a number.
        """
        host = self.find(name)
        check_port_type(port, example=SMTP_PORT)
        if port != SMTP_PORT:
            raise ConnectionLost(sentences.OTHER_PORT.format(host=name, port=port, smtp_port=SMTP_PORT))
        return host

    def hold(self, end: HostEnd) -> None:
        """Keep a connection open, also if its client is dropped, until `release`."""
        self._ends[end] = None

    def release(self, end: HostEnd) -> None:
        """Stop holding a connection, which has closed."""
        self._ends.pop(end, None)

    def link(self, one: str, other: str) -> Link:
        """Return the link between two machines."""
        return self._links.get(self._between(one, other), self._link) if self._links else self._link

    def tie_breaks(self, label: str) -> TieBreaks:
        """Return the tie-breaks of one source of events.

        Args:
            label: what the source is, such as ``"call mail.lab.example 3"``; no other source has the same.
        """
        return NO_TIE_BREAKS if self._seed is None else TieBreaks(self._seed, label)

    def clock(self, begin: datetime) -> Callable[[], datetime]:
        """Return a clock for hosts.

        Args:
            begin: its time when the world begins; an aware datetime.
        """
        return partial(_time_since, begin, self.scheduler)

    def run(self, until: Callable[[], bool] | None = None) -> bool:
        """Run events until a condition holds or none is left.

        Args:
            until: the condition, tested before each event; None for no condition.

        Returns:
            True if the condition holds.
        """
        while until is None or not until():
            if not self.scheduler.step():
                return False
        return True

    def advance(self, microseconds: int) -> None:
        """Let time pass: run what happens meanwhile, and stop then; raise `ValueError` if it would go back."""
        scheduler = self.scheduler
        end = scheduler.now + microseconds
        scheduler.after(microseconds, _arrive)  # raises for a time in the past
        while scheduler.step(end):
            pass

    def _find(self, name: str) -> Host | None:
        wanted = name.lower().rstrip(".")
        if (found := self._hosts.get(wanted)) is not None:
            return found
        if wanted.isascii() and "xn--" not in wanted:
            return self._by_address.get(wanted)
        key = domain_key(wanted)  # a domain beyond ASCII has several forms
        return next((host for known, host in self._hosts.items() if domain_key(known) == key), None)

    def _between(self, *names: str) -> frozenset[str]:
        hosts = ((name, self._find(name)) for name in names)
        return frozenset(name if host is None else host.name for name, host in hosts)


def _time_since(begin: datetime, scheduler: Scheduler) -> datetime:
    return begin + timedelta(0, 0, scheduler.now)  # by position, which is faster


def _arrive() -> None:
    """Do nothing: the clock only has to come to this time."""
