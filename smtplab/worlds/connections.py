"""Connect two drivers in the virtual world: the session of a client, and that of the host that it calls.

The `CallingEnd` runs a `DeliverySession`, the `ServingEnd` the `ServerSession` of a host. After each change of its
session, `pump` sends, closes and sets the deadline; both ends have a `VirtualWire` for that. The host's end also runs
the tasks of its session: a task that waits for another host opens one more connection, and ends with an event of that
connection.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..client.outcomes import ConnectionLost
from ..client.session import SMTP_PORT, DeliverySession
from ..mta.session import ServerSession
from ..mta.task import DiskTask, HostTask
from ..transcript import Side
from . import sentences
from .scheduler import MICROSECONDS, NO_TIE_BREAKS, TieBreaks
from .virtual import NO_DISTANCE, Host, Link, Record, Waiting, World
from .wire import Ending, VirtualWire


class ServingEnd:
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
        self.session = session
        self._wire = VirtualWire(world.scheduler, link, ties)
        self._world = world
        self._host = host
        self._waiting = waiting
        self._others = len(host.sessions)
        self._half_closed = False  # the client has seen the end of what comes
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
        self._send()
        while session.halted and self._go_on():  # what a faulty session sends in pieces
            self._send()
        if session.half_closed and not self._half_closed:
            self._half_closed = True
            self._wire.send(b"", ending=Ending.CLOSE)
        self._wire.set_deadline(session.awaits, session.wait_number, self._time_out)

    def join(self, client: VirtualWire, arrive: Callable[[], None]) -> None:
        """Lead to the end of the client, as `VirtualWire.join` does."""
        self._wire.join(client, arrive)

    def lead_here(self, client: VirtualWire) -> None:
        """Let the wire of the client lead to this end."""
        client.join(self._wire, self._arrive)

    def _send(self) -> None:
        session, wire = self.session, self._wire
        data = session.data_to_send()
        names = self.names_of_sent() if session.names else ()
        if not session.closed:
            if data:
                wire.send(data, names)
        elif not wire.closed:
            wire.close(data, names, Ending.RESET if session.was_reset else Ending.CLOSE)
            self._world.release(self)

    def _arrive(self) -> None:
        """Give what has arrived to the session, the end of the connection too: nothing is sent between the two."""
        data, _, ending = self._wire.take()
        if self._wire.closed:
            return
        if data:
            self.session.receive(data)
        if ending is not None:
            self.session.receive(b"")
        self.pump()

    def _time_out(self) -> None:
        if self._wire.is_over(self._time_out):
            self.session.timed_out()
            self.pump()

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
        ties = world.tie_breaks(f"call {self._host.name} {self._host.calls}")
        call = CallingEnd(world, task.session, world.link(self._host.name, task.host), record, ties)
        self._open[task.session] = call
        call.dial(task.host, task.port, self._host.address, done)

    def clear(self) -> None:
        """Forget the connections, because the job is over."""
        self._open.clear()


class CallingEnd:
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
        self._wire = VirtualWire(world.scheduler, link, ties)
        self._world = world
        self._session = session
        self._link = link
        self._ties = ties
        self._record = record
        self._began = world.scheduler.now
        self._done: Callable[[], None] | None = None
        self._pumping = False

    def dial(self, host: str, port: int, address: str, done: Callable[[], None] | None = None) -> None:
        """Connect, and run the operation that the session has begun; the arguments are those of `connect`.

        TCP's handshake takes one and a half round trips (RFC 9293 3.5). After the first, the client's wait for the
        greeting begins; after the rest, the server greets.
        """
        self._done = done
        self._wire.after(self._wire.latency, partial(self._reach_host, host, port, address))

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
        self._wire.set_deadline(session.awaits, session.wait_number, self._time_out)

    def _send(self) -> None:
        session, wire = self._session, self._wire
        data = session.data_to_send()
        if data and self._record is not None:
            self._write_down(self._record, Side.CLIENT, data)
        if not session.closed:
            if data:
                wire.send(data)
        elif not wire.closed:
            wire.close(data)

    def _time_out(self) -> None:
        if self._wire.is_over(self._time_out):
            self._session.timed_out()
            self.pump()

    def _reach_host(self, host: str, port: int, address: str) -> None:
        """Arrive at the host, and take its answer back to the client."""
        try:
            found = self._world.find_server(host, port)
            session = found.session(address)
        except ConnectionLost as error:
            self._wire.after(self._wire.latency, partial(self._refused, error))
            return
        waiting = self._session
        if self._record is None:
            session.names = None  # nobody writes them down
        server = ServingEnd(self._world, found, session, self._link, self._record, self._ties)
        self._world.hold(server)
        server.lead_here(self._wire)
        server.join(self._wire, self._arrive)
        self._wire.set_deadline(waiting.awaits, waiting.wait_number, self._time_out, self._wire.latency)
        self._wire.after(2 * self._wire.latency, server.greet)

    def _refused(self, error: ConnectionLost) -> None:
        if self._record is not None:
            self._record.fail(error)
        self._session.connection_failed(error)
        self.pump()

    def _arrive(self) -> None:
        """Give what has arrived to the session, the end of the connection too: nothing is sent between the two."""
        session, wire = self._session, self._wire
        data, names, ending = wire.take()
        if wire.closed:
            return
        unsent = wire.unsent if wire.is_limited else 0
        if data:
            if self._record is not None:
                self._write_down(self._record, Side.SERVER, data, names)
            session.receive(data, unsent=unsent)
        if ending is Ending.RESET:
            session.broken(sentences.CONNECTION_RESET, unsent=unsent)
        elif ending is not None:
            session.receive(b"", unsent=unsent)
        self.pump()

    def _write_down(self, record: Record, side: Side, data: bytes, names: tuple[str, ...] = ()) -> None:
        record.feed(side, data, (self._world.scheduler.now - self._began) / MICROSECONDS, names)


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
    ties = world.tie_breaks(f"client {world.clients if label is None else label}")
    call = CallingEnd(world, session, world.link(client, host), record, ties)
    call.dial(host, port, address, done)
    return call
