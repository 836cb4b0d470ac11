"""Mail hosts in one process and one thread, and clients held by hand: the virtual world without latency.

No time passes here. Before `MemoryStream.send` returns, the host has answered. So a client that waits for a reply which
does not come gets its timeout at once, and nobody at a keyboard exceeds an idle limit. The clock moves in two cases. A
host waits in the middle of a task for another host, which is silent; then it moves to the deadline of that wait. A
fault delays a reply; then it moves to the reply, at most as far as the client has patience.
"""

from __future__ import annotations

from ..client.session import SMTP_PORT
from ..mta.session import ServerSession
from . import sentences
from .blocking import NeverWaiting
from .connections import ServingEnd
from .scheduler import MICROSECONDS, Event
from .virtual import Waiting, World

_LONGEST_WAIT = 1e9  # seconds; a client that waits for ever waits so long


def _nothing() -> None:
    """Happen, so that the clock comes to this time."""


class HeldEnd(ServingEnd):
    """The end of a host that was called by hand. Its replies wait in the session until the client reads them."""

    def pump(self) -> None:
        """Do the session's tasks. Nothing is sent, closed or timed: the client does that."""
        while self._work():
            pass

    def wait(self, seconds: float) -> None:
        """Let time pass until the server says something, at most so many seconds; for a server that delays by faults.

        Args:
            seconds: how long the client waits.
        """
        scheduler, waited = self._world.scheduler, Event(_nothing)
        if self.session.pause is not None:
            self._set_deadline()
            waited = scheduler.after(round(min(seconds, _LONGEST_WAIT) * MICROSECONDS), _nothing)
        while waited.action is not None and self.session.pause is not None and scheduler.step():
            pass
        scheduler.cancel(waited)

    def run_due(self) -> None:
        """Run the events that are due now and, until the session's task is done, those that come next."""
        self.pump()
        scheduler = self._world.scheduler
        while (due := scheduler.next_time) is not None and (due == scheduler.now or self.session.task is not None):
            scheduler.step()

    def switch(self, session: ServerSession) -> None:
        """Go on with an earlier copy of the session, as if nothing had come since."""
        self.session = self._driver = session


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
        if session.was_reset:
            raise ConnectionResetError(sentences.CONNECTION_RESET)
        if session.halted:
            session.go_on()
            self._end.run_due()
        if not data and not session.closed:
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
    """Hosts that can reach each other by name, in memory."""

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
        end = HeldEnd(self, host, host.session(peer), waiting=waiting)
        end.greet()
        return MemoryStream(end)
