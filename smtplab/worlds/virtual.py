"""Mail hosts on a virtual clock: one scheduler moves octets, closes, deadlines and tasks as events.

Nothing waits here. The clock jumps from one event to the next, and events are handled one after the other, never one
inside another: a thousand hosts in a chain need no deeper Python stack than two. Every run is the same; where hosts
compete for the same instant, a generator of random numbers may draw who comes first, and the same seed draws the same.

Two drivers talk over a connection here: a `DeliverySession` that a host's task brings, or that somebody brings to
`World.connect`, and the `ServerSession` of the host it calls. A client held by hand is in `worlds.memory`.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self
from weakref import WeakValueDictionary

from ..client.outcomes import ConnectionLost
from ..client.session import SMTP_PORT, DeliverySession
from ..mta.handler import Handler
from ..mta.session import Policy, ServerSession
from ..mta.task import DiskTask, HostTask
from ..protocol import replies
from ..transcript import Side
from . import sentences

if TYPE_CHECKING:
    from random import Random

_MICROSECONDS = 1_000_000  # in a second
_FOREVER = float("inf")
# Forget cancelled events once there are more of them than this, and than of the others: each holds its place in the
# heap until its time comes, and most deadlines are cancelled long before.
_CANCELLED = 64


class Event:
    """Something that will happen, as `Scheduler.after` returns it."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action  # None once it has happened or is cancelled


class Scheduler:
    """Runs events in the order of their time, then of their tie-break, then in which they were added.

    Args:
        chance: draws the tie-breaks, so that events of the same instant come in random order; by default they come in
            the order in which they were added.

    Attributes:
        now: the present instant, in microseconds since the world began.
    """

    def __init__(self, chance: Random | None = None) -> None:
        self.now = 0
        self._chance = chance
        self._added = 0
        self._cancelled = 0
        self._heap: list[tuple[int, int, int, Event]] = []

    @property
    def next_time(self) -> int | None:
        """When the next event happens, in microseconds; None if nothing will."""
        heap = self._heap
        while heap and heap[0][3].action is None:
            heapq.heappop(heap)
            self._cancelled -= 1
        return heap[0][0] if heap else None

    def after(self, delay: int, action: Callable[[], None]) -> Event:
        """Let something happen `delay` microseconds from now."""
        event = Event(action)
        tie_break = 0 if self._chance is None else self._chance.getrandbits(32)
        self._added += 1
        heapq.heappush(self._heap, (self.now + delay, tie_break, self._added, event))
        return event

    def cancel(self, event: Event) -> None:
        """Let an event not happen; nothing changes if it has happened or is cancelled already."""
        if event.action is None:
            return
        event.action = None
        self._cancelled += 1
        if self._cancelled > max(_CANCELLED, len(self._heap) // 2):
            self._heap = [entry for entry in self._heap if entry[3].action is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def step(self) -> bool:
        """Go to the next event and let it happen; return False if there is none."""
        if self.next_time is None:
            return False
        self.now, _, _, event = heapq.heappop(self._heap)
        action, event.action = event.action, None
        assert action is not None  # next_time has removed the cancelled ones
        action()
        return True


@dataclass(frozen=True, slots=True)
class Link:
    """The way between two hosts.

    Args:
        latency: seconds that octets take from one to the other, 0 or more.

    Raises:
        ValueError: if the latency is not a number of seconds.
    """

    latency: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.latency < _FOREVER:
            raise ValueError(sentences.LATENCY.format(latency=self.latency))


class Waiting(Protocol):
    """A connection whose client waits while the server calls another host."""

    def interrupt(self, inner: Record) -> None:
        """Note that the server now calls another host, and answers later; that call is written down in `inner`."""


class Record(Waiting, Protocol):
    """Where a connection is written down, as its client sees it."""

    def feed(self, side: Side, data: bytes, seconds: float, names: Iterable[str] = ()) -> None:
        """Take octets of one side, at a time since the client called, with the names of the replies in them."""

    def fail(self, error: ConnectionLost) -> None:
        """Note that nobody took the call."""


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


class Driver(Protocol):
    """What either end of a connection runs: `DeliverySession` or `ServerSession`."""

    @property
    def waits(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    @property
    def awaits(self) -> float | None: ...
    def receive(self, data: bytes) -> None: ...
    def data_to_send(self) -> bytes: ...
    def timed_out(self) -> None: ...


class End:
    """One end of a connection. After whatever happens to its driver, `look` carries out what the driver then wants."""

    def __init__(self, world: World, driver: Driver, delay: int) -> None:
        self._world = world
        self._driver = driver
        self._delay = delay  # microseconds to the other end
        self._peer: End | None = None  # None before the connection is there, and after this end has closed
        # On their way to here, in order: octets, none for the close, and the names of the replies in them.
        self._arriving: deque[tuple[bytes, tuple[str, ...]]] = deque()
        self._closed = False
        self._deadline: Event | None = None
        self._waits = -1  # the wait of the driver for which the deadline was set

    def look(self) -> None:
        """Send what the driver has to say, close if it is done, and set its deadline."""
        self._send()
        if self._driver.closed:
            self._close()
        self._set_deadline()

    def _send(self) -> None:
        if data := self._driver.data_to_send():
            self._transmit(data, self.names_of_sent())

    def names_of_sent(self) -> tuple[str, ...]:
        """Return the canonical names of the replies in the octets just taken from the driver; a client sends none."""
        return ()

    def _transmit(self, data: bytes, names: tuple[str, ...] = ()) -> None:
        # Whatever order the tie-breaks give, each of these events takes what was sent first.
        if self._peer is not None:
            self._peer._arriving.append((data, names))
            self._world.scheduler.after(self._delay, self._peer._arrive)

    def _arrive(self) -> None:
        data, names = self._arriving.popleft()
        if not self._closed:
            self._hear(data, names)

    def _hear(self, data: bytes, names: tuple[str, ...]) -> None:
        self._driver.receive(data)
        self.look()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._transmit(b"")
            self._peer = None

    def _set_deadline(self) -> None:
        """Set the deadline anew if the driver waits for something else than it did; see `ServerSession.waits`."""
        seconds = None if self._closed else self._driver.awaits
        if seconds == _FOREVER:
            seconds = None
        if seconds is not None and self._waits == self._driver.waits and self._deadline is not None:
            return
        if self._deadline is not None:
            self._world.scheduler.cancel(self._deadline)
            self._deadline = None
        if seconds is not None:
            self._waits = self._driver.waits
            self._deadline = self._world.scheduler.after(round(seconds * _MICROSECONDS), self._time_out)

    def _time_out(self) -> None:
        self._deadline = None
        self._driver.timed_out()
        self.look()


class ServingEnd(End):
    """The end of the host that was called. It also does its session's tasks.

    Args:
        world: where the host is.
        host: the host.
        session: its session with the client.
        delay: microseconds to the client.
        waiting: where to note the calls that the host places meanwhile; None for nowhere.

    Attributes:
        session: as above.
    """

    def __init__(
        self, world: World, host: Host, session: ServerSession, delay: int = 0, waiting: Waiting | None = None
    ) -> None:
        super().__init__(world, session, delay)
        self.session = session
        self._host = host
        self._others = len(host.sessions)
        self._waiting = waiting
        self._calling = False  # True while the session's task waits for another host
        self._calls: dict[DeliverySession, CallingEnd] = {}  # the connections that its tasks have opened
        host.hold(self)

    def greet(self) -> None:
        """Begin the session, unless the host has ended it meanwhile."""
        if not self.session.closed:
            self.session.start(self._others)
        self.look()

    def look(self) -> None:
        """Do the session's tasks as far as they need no other host, and all that is to be done at any end."""
        while self._work() or self._go_on():
            pass
        super().look()

    def names_of_sent(self) -> tuple[str, ...]:
        """Return the canonical names of the replies in the octets just taken from the session."""
        names = tuple(self.session.names or ())
        self.session.names = []
        return names

    def _go_on(self) -> bool:
        """Answer the commands that waited until replies were sent; return False if none did."""
        if not self.session.halted:
            return False
        self._send()
        self.session.go_on()
        return True

    def _work(self) -> bool:
        """Do the task of the session, or begin it; return False if there is none to begin."""
        task = self.session.task
        if task is None or self._calling:
            return False
        if isinstance(task, DiskTask):
            self.session.finish(task.outcome())
        else:
            self._calling = True
            self._call(task)
        return True

    def _call(self, task: HostTask) -> None:
        """Let the session of a task run until it is not busy, on a connection of its own."""
        done = partial(self._called, task)
        if not task.opens:
            self._calls[task.session].run(done)
            return
        world = self._world
        record = None
        if world.recorder is not None:
            record = world.recorder.call(self._host.name, task.host, task.queue_id, world.time)
            if self._waiting is not None:
                self._waiting.interrupt(record)
        call = CallingEnd(world, task.session, world.delay(self._host.name, task.host), record)
        self._calls[task.session] = call
        call.dial(task.host, task.port, self._host.address, done)

    def _called(self, task: HostTask) -> None:
        self._calling = False
        if task.session.closed:
            self._calls.pop(task.session, None)
        self.session.finish(None)
        self.look()


class CallingEnd(End):
    """The end of the client that called.

    Args:
        world: where it calls.
        session: what it says.
        delay: microseconds to the host.
        record: where the connection is written down; None for nowhere.
    """

    def __init__(self, world: World, session: DeliverySession, delay: int, record: Record | None = None) -> None:
        super().__init__(world, session, delay)
        self._session = session
        self._record = record
        self._began = world.scheduler.now
        self._done: Callable[[], None] | None = None

    def dial(self, host: str, port: int, address: str, done: Callable[[], None] | None = None) -> None:
        """Connect, and run the operation that the session has begun; the arguments are those of `World.connect`.

        TCP's handshake takes one and a half round trips: the client may speak after the first, and the server greets
        after the rest (RFC 9293 3.5).
        """
        self._done = done
        self._world.scheduler.after(self._delay, partial(self._knock, host, port, address))

    def run(self, done: Callable[[], None] | None = None) -> None:
        """Run the operation that the session has begun, and then call `done`."""
        self._done = done
        self.look()

    def look(self) -> None:
        """Do what is to be done at any end; if the operation has ended, say so."""
        super().look()
        self._session.prepare()
        if not self._session.busy and self._done is not None:
            done, self._done = self._done, None
            self._world.scheduler.after(0, done)

    def _knock(self, host: str, port: int, address: str) -> None:
        """Arrive at the host, and bring back its answer."""
        try:
            found = self._world.find_server(host, port)
            server = ServingEnd(self._world, found, found.session(address), self._delay, self._record)
        except ConnectionLost as error:
            self._world.scheduler.after(self._delay, partial(self._refused, error))
            return
        self._peer, server._peer = server, self
        self._world.scheduler.after(self._delay, partial(self._established, server))

    def _refused(self, error: ConnectionLost) -> None:
        if self._record is not None:
            self._record.fail(error)
        self._session.connection_failed(error)
        self.look()

    def _established(self, server: ServingEnd) -> None:
        self._world.scheduler.after(self._delay, server.greet)
        self.look()

    def _transmit(self, data: bytes, names: tuple[str, ...] = ()) -> None:
        self._write_down(Side.CLIENT, data)
        super()._transmit(data, names)

    def _hear(self, data: bytes, names: tuple[str, ...]) -> None:
        self._write_down(Side.SERVER, data, names)
        super()._hear(data, names)

    def _write_down(self, side: Side, data: bytes, names: tuple[str, ...] = ()) -> None:
        if self._record is not None and data:
            self._record.feed(side, data, (self._world.scheduler.now - self._began) / _MICROSECONDS, names)


@dataclass(slots=True, eq=False)
class Host:
    """A mail host.

    Args:
        name: its domain name.
        address: its IP address as text.
        handler: who decides; None for a host without a mail server.
        policy: limits and extensions.
        up: False lets every connection fail, as when the host is down.
    """

    name: str
    address: str
    handler: Handler | None
    policy: Policy
    up: bool = True
    # Its connections by number, in the order in which they began. Nobody can speak any more through a connection that
    # nothing else holds: it is no session, and goes.
    _ends: WeakValueDictionary[int, ServingEnd] = field(default_factory=WeakValueDictionary, init=False, repr=False)
    _begun: int = field(default=0, init=False, repr=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy the host, and of its sessions those whose client's end was copied before it; nobody holds others."""
        copied = type(self)(self.name, self.address, None, self.policy, self.up)
        memo[id(self)] = copied
        copied.handler = deepcopy(self.handler, memo)
        copied._ends.update((number, memo[id(end)]) for number, end in self._ends.items() if id(end) in memo)
        copied._begun = self._begun
        return copied

    @property
    def sessions(self) -> tuple[ServerSession, ...]:
        """The sessions that are open."""
        return tuple(end.session for end in self._ends.values() if not end.session.closed)

    def stop(self) -> None:
        """Go down: send 421 to every open session, and take no more (RFC 5321 3.8)."""
        self.up = False
        for end in list(self._ends.values()):
            end.session.hang_up(replies.SHUTTING_DOWN)
            end.look()

    def session(self, peer: str) -> ServerSession:
        """Return the session for a client at address `peer`; it has not begun.

        Raises:
            ConnectionLost: if the host is down or has no mail server.
        """
        if not self.up:
            raise ConnectionLost(sentences.HOST_DOWN.format(host=self.name))
        if self.handler is None:
            raise ConnectionLost(sentences.NO_MAIL_SERVER.format(host=self.name, port=SMTP_PORT))
        session = ServerSession(self.handler, self.policy, peer)
        session.names = []
        return session

    def hold(self, end: ServingEnd) -> None:
        """Count a connection among those of the host as long as somebody can speak through it."""
        self._begun += 1
        self._ends[self._begun] = end


class World:
    """Mail hosts that reach each other by name, on a clock of their own.

    Args:
        link: the way between any two hosts for which `lay` names no other.
        chance: draws who comes first at the same instant; see `Scheduler`.
        recorder: makes records of the calls that hosts place; None for no records.

    Attributes:
        scheduler: its clock, and what will happen.
        recorder: as above.
    """

    def __init__(
        self, *, link: Link | None = None, chance: Random | None = None, recorder: Recorder | None = None
    ) -> None:
        self.scheduler = Scheduler(chance)
        self.recorder = recorder
        self._link = link or Link()
        self._links: dict[frozenset[str], Link] = {}
        self._hosts: dict[str, Host] = {}

    @property
    def time(self) -> float:
        """Seconds since the world began."""
        return self.scheduler.now / _MICROSECONDS

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts, in the order in which they were added; a host with several names comes once."""
        return tuple(dict.fromkeys(self._hosts.values()))

    def add(self, host: Host, *aliases: str) -> Host:
        """Add a host, under its own name and any others."""
        for name in (host.name, *aliases):
            self._hosts[name.lower()] = host
        return host

    def lay(self, link: Link, one: str, other: str) -> None:
        """Let `link` be the way between two machines, in both directions; hosts are named by any of their names."""
        self._links[self._between(one, other)] = link

    def find(self, name: str) -> Host:
        """Return the host with this name or address.

        Raises:
            ConnectionLost: if there is none; the sentence lists those there are.
            TypeError: if the name is not text.
        """
        if not isinstance(name, str):
            raise TypeError(sentences.NAME_IS_TEXT.format(example=next(iter(self._hosts)), value=name))
        found = self._find(name)
        if found is None:
            raise ConnectionLost(sentences.UNKNOWN_HOST.format(name=name, names=", ".join(self._hosts)))
        return found

    def find_server(self, name: str, port: int = SMTP_PORT) -> Host:
        """Return the host with this name or address, whose mail server listens on `port`.

        Raises:
            ConnectionLost: as `find`, or if nobody listens on the port.
            TypeError: as `find`, or if the port is not a number.
        """
        host = self.find(name)
        if not isinstance(port, int):
            raise TypeError(sentences.PORT_IS_NUMBER.format(example=SMTP_PORT, value=port))
        if port != SMTP_PORT:
            raise ConnectionLost(sentences.OTHER_PORT.format(host=name, port=port, smtp_port=SMTP_PORT))
        return host

    def connect(
        self,
        session: DeliverySession,
        host: str,
        port: int = SMTP_PORT,
        *,
        client: str = "client",
        address: str = "127.0.0.1",
        record: Record | None = None,
    ) -> CallingEnd:
        """Connect a client that is not one of the hosts; `run` then moves its octets.

        Args:
            session: what the client says; its first operation has begun.
            host: the name or address of the host to call.
            port: 25; the hosts here listen on no other.
            client: the name of the client's machine, for the links.
            address: its IP address as text, for the host's traces.
            record: where the connection is written down; None for nowhere.

        Returns:
            The client's end. Call its `run` after a further operation of the session has begun.
        """
        call = CallingEnd(self, session, self.delay(client, host), record)
        call.dial(host, port, address)
        return call

    def delay(self, one: str, other: str) -> int:
        """Return how many microseconds octets take from one machine to the other."""
        link = self._links.get(self._between(one, other), self._link)
        return round(link.latency * _MICROSECONDS)

    def run(self, until: Callable[[], bool] | None = None) -> bool:
        """Let happen what is to happen, until a condition holds or nothing is left.

        Args:
            until: the condition, looked at before each event; None for no condition.

        Returns:
            True if the condition holds.
        """
        while until is None or not until():
            if not self.scheduler.step():
                return False
        return True

    def _find(self, name: str) -> Host | None:
        wanted = name.lower().rstrip(".")
        if (found := self._hosts.get(wanted)) is not None:
            return found
        return next((host for host in self._hosts.values() if host.address == wanted), None)

    def _between(self, *names: str) -> frozenset[str]:
        hosts = ((name, self._find(name)) for name in names)
        return frozenset(name if host is None else host.name for name, host in hosts)
