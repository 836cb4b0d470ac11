"""Connections between two drivers in the virtual world: octets, closes, deadlines and tasks become events.

The `CallingEnd` runs a `DeliverySession`, the `ServingEnd` the `ServerSession` of a host. After each change of a
driver, `pump` sends its octets, runs its task, closes the connection, or sets its deadline. A task that waits for
another host opens one more connection, and ends with an event of that connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
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
        self._ties = ties
        self._driver = driver
        self._link = link  # the way to the other end
        self._sending_until = 0  # when the octets sent so far have left, in microseconds
        self._peer: End | None = None  # None before the connection is there, and after this end has closed
        # On their way to here, in order: octets, none for the close or None for a reset, the names of the replies in
        # them, and when they arrive.
        self._arriving: deque[tuple[bytes | None, tuple[str, ...], int]] = deque()
        self._closed = False
        self._deadline: Event | None = None
        self._wait_number = -1  # the wait of the driver for which the deadline was set

    def pump(self) -> None:
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

    def _transmit(self, data: bytes | None, names: tuple[str, ...] = ()) -> None:
        # Whatever order the tie-breaks give, each of these events takes what was sent first.
        if self._peer is not None:
            delay = self._time_for(data or b"")
            self._peer._arriving.append((data, names, self._world.scheduler.now + delay))
            self._after(delay, self._peer._arrive)

    def _time_for(self, data: bytes) -> int:
        """Return how long from now octets are under way: behind those sent before, and at the speed of the link."""
        if not self._link.octets_per_second:
            return self._link.delay
        now = self._world.scheduler.now
        self._sending_until = max(now, self._sending_until) + self._link.time_to_send(len(data))
        return self._sending_until - now + self._link.delay

    def _arrive(self) -> None:
        if self._arriving and not self._closed:
            data, names, _ = self._arriving.popleft()
            self._hear(data, names)

    def _hear(self, data: bytes | None, names: tuple[str, ...]) -> None:
        self._driver.receive(data or b"")
        self.pump()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._transmit(None if self._resets else b"")
            self._peer = None

    @property
    def _resets(self) -> bool:
        """True if this end closes by a reset."""
        return False

    def _set_deadline(self) -> None:
        """Set the deadline of the present wait, unless it is set; see `ServerSession.wait_number`."""
        seconds = self._driver.awaits
        if seconds == _FOREVER:
            seconds = None
        if seconds is not None and self._wait_number == self._driver.wait_number:
            return
        if self._deadline is not None:
            self._world.scheduler.cancel(self._deadline)
            self._deadline = None
        if seconds is not None:
            self._wait_number = self._driver.wait_number
            self._deadline = self._after(round(seconds * MICROSECONDS), self._time_out)

    def _after(self, delay: int, action: Callable[[], None]) -> Event:
        """Schedule an action of this connection, in microseconds from now."""
        return self._world.scheduler.after(delay, action, self._ties.draw())

    def _time_out(self) -> None:
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
        self._others = len(host.sessions)
        self._calling = False  # True while the session's task waits for another host
        self._calls = HostCalls(world, host, waiting)
        host.count(self)

    def greet(self) -> None:
        """Begin the session, unless the host has ended it meanwhile."""
        if not self.session.closed:
            self.session.start(self._others)
        self.pump()

    def pump(self) -> None:
        """Run the session's tasks until one waits for another host; then send, close and set the deadline."""
        while self._work() or self._go_on():
            pass
        if self.session.task is None:
            self._calls.clear()  # the job is over, and so are its calls
        super().pump()
        while self._go_on():  # what a faulty session sends in pieces
            super().pump()

    def _close(self) -> None:
        super()._close()
        self._world.release(self)

    @property
    def _resets(self) -> bool:
        return self.session.was_reset

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

    def dial(self, host: str, port: int, address: str, done: Callable[[], None] | None = None) -> None:
        """Connect, and run the operation that the session has begun; the arguments are those of `connect`.

        TCP's handshake takes one and a half round trips: the client may speak after the first, and the server greets
        after the rest (RFC 9293 3.5).
        """
        self._done = done
        self._after(self._link.delay, partial(self._reach_host, host, port, address))

    def run(self, done: Callable[[], None] | None = None) -> None:
        """Run the operation that the session has begun, and then call `done`."""
        self._done = done
        self.pump()

    def pump(self) -> None:
        """Send, close and set the deadline. When the operation has ended, schedule the callback given for it."""
        super().pump()
        self._session.prepare()
        if not self._session.busy and self._done is not None:
            done, self._done = self._done, None
            self._after(0, done)

    def _reach_host(self, host: str, port: int, address: str) -> None:
        """Arrive at the host, and take its answer back to the client."""
        try:
            found = self._world.find_server(host, port)
            server = ServingEnd(self._world, found, found.session(address), self._link, self._record, self._ties)
        except ConnectionLost as error:
            self._after(self._link.delay, partial(self._refused, error))
            return
        self._world.hold(server)
        self._peer, server._peer = server, self
        self._after(self._link.delay, partial(self._established, server))

    def _refused(self, error: ConnectionLost) -> None:
        if self._record is not None:
            self._record.fail(error)
        self._session.connection_failed(error)
        self.pump()

    def _established(self, server: ServingEnd) -> None:
        self._after(self._link.delay, server.greet)
        self.pump()

    def _transmit(self, data: bytes | None, names: tuple[str, ...] = ()) -> None:
        self._write_down(Side.CLIENT, data or b"")
        super()._transmit(data, names)

    def _hear(self, data: bytes | None, names: tuple[str, ...]) -> None:
        """Take what arrives, and the end of the connection if it comes at the same instant: nothing is sent between."""
        self._take(data, names)
        if self._arriving and not self._arriving[0][0] and self._arriving[0][2] == self._world.scheduler.now:
            self._take(self._arriving.popleft()[0])
        self.pump()

    def _take(self, data: bytes | None, names: tuple[str, ...] = ()) -> None:
        if data is None:
            self._session.broken(sentences.CONNECTION_RESET, unsent=self._unsent)
            return
        self._write_down(Side.SERVER, data, names)
        self._session.receive(data, unsent=self._unsent)

    @property
    def _unsent(self) -> int:
        """How many octets have not left yet, because the link is slow."""
        left = max(self._sending_until - self._world.scheduler.now, 0)
        return -(-left * self._link.octets_per_second // MICROSECONDS)

    def _write_down(self, side: Side, data: bytes, names: tuple[str, ...] = ()) -> None:
        if self._record is not None and data:
            self._record.feed(side, data, (self._world.scheduler.now - self._began) / MICROSECONDS, names)


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
