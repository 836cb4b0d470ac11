"""Mail hosts in one process and one thread, and clients held by hand: the virtual world without latency.

No time passes here. Before `MemoryStream.send` returns, the host has answered. So a client that waits for a reply which
does not come gets its timeout at once, and nobody at a keyboard exceeds an idle limit. The clock moves in two cases. A
host waits in the middle of a task for another host, which is silent; then it moves to the deadline of that wait. A
fault delays a reply; then it moves to the reply, at most as far as the client has patience.

In a timed network, time passes in `Network.pass_time` as well. Then the queues of the hosts work, and a client that has
said nothing for longer than the idle limit of its host gets 421.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..client.session import SMTP_PORT
from ..mta.session import ServerSession
from . import sentences
from .blocking import NeverWaiting
from .connections import ServingEnd
from .scheduler import MICROSECONDS
from .virtual import NO_DISTANCE, Waiting, World

if TYPE_CHECKING:
    from .virtual import Host, Link, Recorder

_LONGEST_WAIT = 1e9  # seconds; a client that waits for ever waits so long


def _nothing() -> None:
    """Happen, so that the clock comes to this time."""


class HeldEnd(ServingEnd):
    """The end of a host that was called by hand. Its replies wait in the session until the client reads them.

    Args:
        world, host, session, link, waiting: as of `ServingEnd`.
        timed: True if events run only while time passes, and not because a client speaks.
    """

    def __init__(
        self,
        world: World,
        host: Host,
        session: ServerSession,
        link: Link = NO_DISTANCE,
        waiting: Waiting | None = None,
        *,
        timed: bool = False,
    ) -> None:
        super().__init__(world, host, session, link, waiting)
        self._timed = timed
        self._wait = session.wait_number  # the present wait for the client, and when it began
        self._wait_began = world.scheduler.now

    @property
    def deadline(self) -> int | None:
        """When the client has been silent for too long, in microseconds; None if nothing is awaited from it."""
        seconds = self.session.awaits
        if seconds is None or math.isinf(seconds):
            return None
        return self._wait_began + round(seconds * MICROSECONDS)

    def pump(self) -> None:
        """Do the session's tasks. Nothing is sent or closed: the client does that."""
        while self._work():
            pass
        if self._wait != self.session.wait_number:
            self._begin_wait()

    def wait(self, seconds: float) -> None:
        """Let time pass until the server says something, at most so many seconds; for a server that delays by faults.

        Args:
            seconds: how long the client waits.
        """
        if self.session.pause is None:
            return
        self._wire.set_deadline(self.session.awaits, self.session.wait_number, self._time_out)
        scheduler = self._world.scheduler
        waited = scheduler.timer(round(min(seconds, _LONGEST_WAIT) * MICROSECONDS), _nothing)
        while waited.action is not None and self.session.pause is not None and scheduler.step():
            pass
        scheduler.cancel(waited)

    def run_due(self) -> None:
        """Run the events that are due now and, until the session's task is done, those that come next."""
        self.pump()
        scheduler = self._world.scheduler
        while self._is_next(scheduler.next_time):
            scheduler.step()

    def time_out(self) -> None:
        """End the session, because the client has been silent for too long."""
        self._wire.drop_timer()  # an event for the same moment would end the next wait, too
        self._time_out()

    def switch(self, session: ServerSession) -> None:
        """Go on with an earlier copy of the session, as if nothing had come since."""
        self.session = session
        self._begin_wait()

    def _begin_wait(self) -> None:
        self._wait, self._wait_began = self.session.wait_number, self._world.scheduler.now

    def _is_next(self, due: int | None) -> bool:
        """Return True if an event of time `due` is to be run now."""
        if due is None:
            return False
        return self.session.task is not None or (due == self._world.scheduler.now and not self._timed)


class MemoryStream(NeverWaiting):
    """The client's end of a connection to a host in this process; a `blocking.Stream`.

    Args:
        end: the host's end of the connection.
    """

    def __init__(self, end: HeldEnd) -> None:
        super().__init__()
        self._end = end
        self._gone = False

    @property
    def session(self) -> ServerSession:
        """The server's side."""
        return self._end.session

    def send(self, data: bytes, seconds: float = 0.0) -> None:
        """Give octets to the server, which answers before this returns; `BrokenPipeError` if it has closed."""
        if self._gone or self.session.closed:
            raise BrokenPipeError(sentences.CLOSED_BY_SERVER)
        if data:  # none would be the end of the client's octets
            self.session.receive(data)
        self._end.run_due()

    def receive(self, seconds: float = 0.0) -> bytes:
        """Return what the server has said, empty octets if it has closed; `TimeoutError` if it says nothing."""
        session = self._end.session
        if session.task is not None:  # it was interrupted, and goes on
            self._end.run_due()
        data = session.data_to_send()
        if not data and session.pause is not None:
            self._end.wait(seconds)
            data = session.data_to_send()
        self._names += self._end.names_of_sent()
        if session.was_reset and not data:
            raise ConnectionResetError(sentences.CONNECTION_RESET)
        if session.halted:
            session.go_on()
            self._end.run_due()
        if not data and not (session.closed or session.half_closed):
            raise TimeoutError(sentences.SILENT)
        return data

    def close(self) -> None:
        """Hang up; the server sees the end of the client's octets."""
        if not self._gone and not self.session.closed:
            self.session.receive(b"")
            self._end.run_due()
            while self.session.halted:  # nobody reads these replies any more
                self.receive()
        self._gone = True

    def go_back(self, session: ServerSession) -> None:
        """Be connected to `session`, a copy of the server's side made earlier, as if nothing had come since."""
        self._end.switch(session)
        self._gone = False
        self._names.clear()


class Network(World):
    """Hosts that can reach each other by name, in memory.

    Args:
        link, recorder: as of `World`.
        timed: True if time passes in `pass_time`, and nothing happens without it.
    """

    def __init__(self, *, link: Link | None = None, recorder: Recorder | None = None, timed: bool = False) -> None:
        super().__init__(link=link, recorder=recorder)
        self._timed = timed

    def dial(
        self, name: str, port: int = SMTP_PORT, *, peer: str = "127.0.0.1", waiting: Waiting | None = None
    ) -> MemoryStream:
        """Connect to a host's port 25 and be greeted.

        Args:
            name: the host's name or address.
            port: 25; the hosts here listen on no other.
            peer: the address of the client, for the host's traces.
            waiting: where to note the calls that the host places while the client waits. Whoever holds the stream
                writes down what is said on it.

        Raises:
            ConnectionLost: if there is no such host, it is down, or nobody listens on the port.
            TypeError: if the name is not text, or the port is not a number.
        """
        host = self.find_server(name, port)
        end = HeldEnd(self, host, host.session(peer), waiting=waiting, timed=self._timed)
        end.greet()
        return MemoryStream(end)

    def pass_time(self, microseconds: int, until: Callable[[], bool] | None = None) -> None:
        """Let time pass: run what happens meanwhile, and end held sessions whose clients are silent for too long.

        Args:
            microseconds: how long; 0 or more.
            until: a condition, tested before each event, at which to stop earlier; None for none.
        """
        scheduler = self.scheduler
        end = scheduler.now + microseconds
        while until is None or not until():
            held = min(self._held_ends(), key=_deadline, default=None)
            next_time = min(end, end if scheduler.next_time is None else scheduler.next_time)
            if held is not None and _deadline(held) <= next_time:
                self.advance(max(_deadline(held) - scheduler.now, 0))
                if held.deadline is not None and held.deadline <= scheduler.now:  # no event has ended this wait
                    held.time_out()
            elif scheduler.next_time is not None and scheduler.next_time <= end:
                scheduler.step()
            else:
                self.advance(end - scheduler.now)
                return

    def _held_ends(self) -> list[HeldEnd]:
        """Return the connections held by hand whose clients may be silent for too long."""
        ends = (end for host in self.hosts for end in host.ends if isinstance(end, HeldEnd))
        return [end for end in ends if end.deadline is not None]


def _deadline(end: HeldEnd) -> int:
    assert end.deadline is not None
    return end.deadline
