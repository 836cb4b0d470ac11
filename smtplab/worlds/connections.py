"""Connections between two drivers in the virtual world: octets, closes, deadlines and tasks become events.

The `CallingEnd` runs a `DeliverySession`, the `ServingEnd` the `ServerSession` of a host. After each change of a
driver, `pump` sends its octets, runs its task, closes the connection, or sets its deadline. A task that waits for
another host opens one more connection, and ends with an event of that connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Protocol

from ..client.outcomes import ConnectionLost
from ..client.session import SMTP_PORT, DeliverySession
from ..mta.session import ServerSession
from ..mta.task import DiskTask, HostTask
from ..transcript import Side
from . import sentences
from .scheduler import MICROSECONDS, NO_TIE_BREAKS, Event, TieBreaks
from .virtual import NO_DISTANCE, Host, Link, Record, Waiting, World

_FOREVER = float("inf")


class Ending(Enum):
    """How an end leaves the connection."""

    CLOSE = auto()
    RESET = auto()


# What is sent at once: octets, the names of the replies in them, and how the connection ends behind them, if it does.
_SentOctets = tuple[bytes, tuple[str, ...], Ending | None]


class Driver(Protocol):
    """What either end of a connection runs: `DeliverySession` or `ServerSession`."""

    @property
    def wait_number(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    @property
    def awaits(self) -> float | None: ...
    def receive(self, data: bytes) -> None: ...
    def data_to_send(self) -> bytes: ...
    def timed_out(self) -> None: ...


class End:
    """One end of a connection. After each change of its driver, `pump` sends, closes and sets the deadline."""

    def __init__(self, world: World, driver: Driver, link: Link, ties: TieBreaks = NO_TIE_BREAKS) -> None:
        self._world = world
        self._scheduler = world.scheduler
        self._ties = ties
        self._driver = driver
        self._link = link  # the way to the other end
        self._latency = link.delay
        self._sending_until = 0  # when the octets sent so far have left, in microseconds
        self._peer: End | None = None  # None before the connection is there, and after this end has closed
        # On their way to here, in order.
        self._arriving: deque[_SentOctets] = deque()
        self._closed = False
        # When the present wait of the driver ends, and the event that looks if it has. A wait that begins moves the
        # time alone, so of many waits few need an event.
        self._due = 0
        self._timer: Event | None = None
        self._timer_due = 0
        self._wait_number = -1  # the wait of the driver for which the time was set

    def pump(self) -> None:
        """Send what the driver has to say, close if it is done, and set its deadline."""
        self._send()
        self._set_deadline()

    def _send(self) -> None:
        data = self._driver.data_to_send()
        if self._driver.closed:
            self._close(data)
        elif data:
            self._transmit(data, self.names_of_sent())

    def names_of_sent(self) -> tuple[str, ...]:
        """Return the canonical names of the replies in the octets just taken from the driver; a client sends none."""
        return ()

    def _transmit(self, data: bytes, names: tuple[str, ...] = (), ending: Ending | None = None) -> None:
        """Send octets. If they are the last, the end of the connection goes with them."""
        # Whatever order the tie-breaks give, each of these events takes what was sent first.
        if self._peer is not None and not self._peer._closed:
            self._peer._arriving.append((data, names, ending))
            delay = self._time_for(data) if self._link.octets_per_second else self._latency
            self._after(delay, self._peer._arrive)

    def _time_for(self, data: bytes) -> int:
        """Return how long from now octets are under way: behind those sent before, and at the speed of the link."""
        now = self._scheduler.now
        self._sending_until = max(now, self._sending_until) + self._link.time_to_send(len(data))
        return self._sending_until - now + self._latency

    def _arrive(self) -> None:
        piece = self._arriving.popleft()
        if not self._closed:
            self._take(*piece)
            self.pump()

    def _take(self, data: bytes, names: tuple[str, ...], ending: Ending | None) -> None:
        """Give what has arrived to the driver, the end of the connection too: nothing is sent between the two."""
        if data:
            self._driver.receive(data)
        if ending is not None:
            self._driver.receive(b"")

    def _close(self, data: bytes) -> None:
        """Close, behind the last octets, if there are any."""
        if self._closed:
            return
        self._closed = True
        self._transmit(data, self.names_of_sent(), Ending.RESET if self._resets else Ending.CLOSE)
        self._peer = None

    @property
    def _resets(self) -> bool:
        """True if this end closes by a reset."""
        return False

    def _set_deadline(self) -> None:
        """Set the deadline of the present wait, unless it is set; see `ServerSession.wait_number`."""
        driver = self._driver
        seconds = driver.awaits
        if seconds is None or seconds == _FOREVER:
            self._drop_timer()
        elif self._timer is None or self._wait_number != driver.wait_number:
            self._wait_number = driver.wait_number
            self._due = self._scheduler.now + round(seconds * MICROSECONDS)
            if self._timer is not None and self._timer_due > self._due:
                self._drop_timer()
            if self._timer is None:
                self._set_timer()

    def _set_timer(self) -> None:
        self._timer_due = self._due
        self._timer = self._after(self._due - self._scheduler.now, self._time_out)

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._scheduler.cancel(self._timer)
            self._timer = None

    def _after(self, delay: int, action: Callable[[], None]) -> Event:
        """Schedule an action of this connection, in microseconds from now."""
        return self._scheduler.after(delay, action, self._ties.draw())

    def _time_out(self) -> None:
        """End the wait, or look later if another one has begun meanwhile."""
        self._timer = None
        if self._scheduler.now < self._due:
            self._set_timer()
        else:
            self._driver.timed_out()
            self.pump()


class ServingEnd(End):
    """The end of the host that was called. It also does its session's tasks.

    Args:
        world: where the host is.
        host: the host.
        session: its session with the client.
        link: the way to the client.
        waiting: where to note the calls that the host places meanwhile; None for nowhere.
        ties: draws the order of its events at the same instant.

    Attributes:
        session: as above.
    """

    def __init__(
        self,
        world: World,
        host: Host,
        session: ServerSession,
        link: Link = NO_DISTANCE,
        waiting: Waiting | None = None,
        ties: TieBreaks = NO_TIE_BREAKS,
    ) -> None:
        super().__init__(world, session, link, ties)
        self.session = session
        self._host = host
        self._waiting = waiting
        self._others = len(host.sessions)
        self._calling = False  # True while the session's task waits for another host
        self._calls: HostCalls | None = None  # those of the session's job
        host.count(self)

    def greet(self) -> None:
        """Begin the session, unless the host has ended it meanwhile."""
        if not self.session.closed:
            self.session.start(self._others)
        self.pump()

    def pump(self) -> None:
        """Run the session's tasks until one waits for another host; then send, close and set the deadline."""
        session = self.session
        while (session.task is not None and self._work()) or (session.halted and self._go_on()):
            pass
        if self._calls is not None and session.task is None:
            self._calls.clear()  # the job is over, and so are its calls
            self._calls = None
        super().pump()
        while session.halted and self._go_on():  # what a faulty session sends in pieces
            super().pump()

    def _close(self, data: bytes) -> None:
        super()._close(data)
        self._world.release(self)

    @property
    def _resets(self) -> bool:
        return self.session.was_reset

    def names_of_sent(self) -> tuple[str, ...]:
        """Return the canonical names of the replies in the octets just taken from the session."""
        if not self.session.names:
            return ()
        names, self.session.names = tuple(self.session.names), []
        return names

    def _go_on(self) -> bool:
        """Answer the commands that waited until replies were sent."""
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
            if self._calls is None:
                self._calls = HostCalls(self._world, self._host, self._waiting)
            self._calls.run(task, self._called)
        return True

    def _called(self) -> None:
        self._calling = False
        self.session.finish(None)
        self.pump()


class HostCalls:
    """The calls that a host places for one job, each on a connection of its own.

    Args:
        world: where the host is.
        host: the host.
        waiting: where to note the calls; None for nowhere.
    """

    def __init__(self, world: World, host: Host, waiting: Waiting | None = None) -> None:
        self._world = world
        self._host = host
        self._waiting = waiting
        self._open: dict[DeliverySession, CallingEnd] = {}

    def run(self, task: HostTask, done: Callable[[], None]) -> None:
        """Run the session of a task until it is not busy; an event then calls `done`."""
        if not task.opens:
            self._open[task.session].run(done)
            return
        world = self._world
        record = None
        if world.recorder is not None:
            record = world.recorder.call(self._host.name, world.name_of(task.host), task.queue_id, world.time)
            if self._waiting is not None:
                self._waiting.interrupt(record)
        self._host.calls += 1
        ties = world.tie_breaks("call", self._host.name, self._host.calls)
        call = CallingEnd(world, task.session, world.link(self._host.name, task.host), record, ties)
        self._open[task.session] = call
        call.dial(task.host, task.port, self._host.address, done)

    def clear(self) -> None:
        """Forget the connections, because the job is over."""
        self._open.clear()


class CallingEnd(End):
    """The end of the client that called.

    Args:
        world: where it calls.
        session: what it says.
        link: the way to the host.
        record: where the connection is written down; None for nowhere.
        ties: draws the order of its events at the same instant.
    """

    def __init__(
        self,
        world: World,
        session: DeliverySession,
        link: Link,
        record: Record | None = None,
        ties: TieBreaks = NO_TIE_BREAKS,
    ) -> None:
        super().__init__(world, session, link, ties)
        self._session = session
        self._record = record
        self._began = world.scheduler.now
        self._done: Callable[[], None] | None = None
        self._pumping = False

    def dial(self, host: str, port: int, address: str, done: Callable[[], None] | None = None) -> None:
        """Connect, and run the operation that the session has begun; the arguments are those of `connect`.

        TCP's handshake takes one and a half round trips: the client may speak after the first, and the server greets
        after the rest (RFC 9293 3.5).
        """
        self._done = done
        self._after(self._latency, partial(self._reach_host, host, port, address))

    def run(self, done: Callable[[], None] | None = None) -> None:
        """Run the operation that the session has begun, and then call `done`."""
        self._done = done
        self.pump()

    def pump(self) -> None:
        """Send, close and set the deadline. When the operation has ended, call what was given for that, which may begin
        another one.

        Some operations end at once, and a job may have a thousand of them. So each has its turn here, one after the
        other; none runs inside another.
        """
        if self._pumping:  # the call below has begun an operation
            return
        session = self._session
        self._send()
        session.prepare()
        while self._done is not None and not session.busy:
            done, self._done = self._done, None
            self._pumping = True
            try:
                done()
            finally:
                self._pumping = False
            self._send()
            session.prepare()
        self._set_deadline()

    def _reach_host(self, host: str, port: int, address: str) -> None:
        """Arrive at the host, and take its answer back to the client."""
        try:
            found = self._world.find_server(host, port)
            session = found.session(address)
        except ConnectionLost as error:
            self._after(self._latency, partial(self._refused, error))
            return
        if self._record is None:
            session.names = None  # nobody writes them down
        server = ServingEnd(self._world, found, session, self._link, self._record, self._ties)
        self._world.hold(server)
        self._peer, server._peer = server, self
        self._after(self._latency, partial(self._established, server))

    def _refused(self, error: ConnectionLost) -> None:
        if self._record is not None:
            self._record.fail(error)
        self._session.connection_failed(error)
        self.pump()

    def _established(self, server: ServingEnd) -> None:
        self._after(self._latency, server.greet)
        self.pump()

    def _transmit(self, data: bytes, names: tuple[str, ...] = (), ending: Ending | None = None) -> None:
        if self._record is not None:
            self._write_down(self._record, Side.CLIENT, data)
        super()._transmit(data, names, ending)

    def _take(self, data: bytes, names: tuple[str, ...], ending: Ending | None) -> None:
        if self._record is not None:
            self._write_down(self._record, Side.SERVER, data, names)
        if data:
            self._session.receive(data, unsent=self._unsent)
        if ending is Ending.RESET:
            self._session.broken(sentences.CONNECTION_RESET, unsent=self._unsent)
        elif ending is not None:
            self._session.receive(b"", unsent=self._unsent)

    @property
    def _unsent(self) -> int:
        """How many octets have not left yet, because the link is slow."""
        left = self._sending_until - self._scheduler.now
        return -(-left * self._link.octets_per_second // MICROSECONDS) if left > 0 else 0

    def _write_down(self, record: Record, side: Side, data: bytes, names: tuple[str, ...] = ()) -> None:
        if data:
            record.feed(side, data, (self._scheduler.now - self._began) / MICROSECONDS, names)


def connect(
    world: World,
    session: DeliverySession,
    host: str,
    port: int = SMTP_PORT,
    *,
    client: str = "client",
    address: str = "127.0.0.1",
    record: Record | None = None,
    label: str | int | None = None,
    done: Callable[[], None] | None = None,
) -> CallingEnd:
    """Connect a client that is not one of the hosts; `World.run` then moves its octets.

    Args:
        world: where the client calls.
        session: what the client says; its first operation has begun.
        host: the name or address of the host to call.
        port: 25; the hosts here listen on no other.
        client: the name of the client's machine, for the links.
        address: its IP address as text, for the host's traces.
        record: where the connection is written down; None for nowhere.
        label: names the draws of the order of its events at the same instant; by default how many clients of the world
            have connected before.
        done: an event calls it when the operation has ended; None for nothing.

    Returns:
        The client's end. Call its `run` after a further operation of the session has begun.
    """
    world.clients += 1
    ties = world.tie_breaks("client", world.clients if label is None else label)
    call = CallingEnd(world, session, world.link(client, host), record, ties)
    call.dial(host, port, address, done)
    return call
