"""SMTP over TCP: a server in an asyncio event loop. `background` runs it in a thread beside a notebook."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any, cast

from ..mta.handler import Handler
from ..mta.policy import Policy
from ..mta.session import ServerSession
from ..mta.task import Job, JobSource, Task
from ..protocol import replies
from ..protocol.replies import Reply
from . import sentences
from .arguments import check_port_type
from .task_runner import JobRunner, TaskRunner
from .transport import Listener, SocketTransport, bind, new_poller

_log = logging.getLogger("smtplab")

# How many octets of a socket are read at a time.
_INBOX_OCTETS = 256 * 1024
# How many clients get their replies in one go.
_FLUSH_GROUP = 4
# The interval of the search for silent clients, as a part of the time they may be silent.
_SWEEPS_PER_TIMEOUT = 10
# How long the clients get to read their 421, and to finish what they were saying.
_CLOSING_SECONDS = 2.0


class ServerProtocol(asyncio.BufferedProtocol):
    """Moves octets between one socket and one session.

    What arrives is read into the server's one inbox and taken from there at once. With a plain `asyncio.Protocol` each
    read allocates a quarter of a megabyte, which may cost three system calls more, and most of the time of a message.
    """

    __slots__ = ("_server", "_wait_number", "_working", "_write_paused", "session", "sweeps", "transport")

    session: ServerSession
    transport: SocketTransport

    def __init__(self, server: Server) -> None:
        self._server = server
        self._write_paused = False
        self._working = False  # the session's task is being done
        self._wait_number = 0  # those of the session at the last sweep
        self.sweeps = 0  # how many have passed since something was heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(SocketTransport, transport)
        self.session = self._server.admit(self)
        self.pump()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._server.inbox

    def buffer_updated(self, nbytes: int) -> None:
        session, server = self.session, self._server
        busy = session.task is not None
        session.receive(server.inbox[:nbytes])
        if busy:
            self.transport.pause_reading()  # until the message before has its reply
        else:
            if session.halted:
                self.transport.pause_reading()  # until all that has come is answered
            server.flush_soon(self)

    def eof_received(self) -> bool:
        busy = self.session.task is not None or self.session.halted
        self.session.receive(b"")
        return busy  # keep the line open until the message has its reply

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.dismiss(self)
        self.session.abandon()

    def pause_writing(self) -> None:
        self._write_paused = True
        self.transport.pause_reading()  # a client that does not read its replies is not heard

    def resume_writing(self) -> None:
        self._write_paused = False
        self.sweeps = 0  # the client is slow, but it reads
        if self.session.halted:
            self._go_on()
        else:
            self._listen()

    def finish(self, outcome: object) -> None:
        """Take the outcome of the session's task."""
        self._working = False
        self.session.finish(outcome)
        self._after_task()

    def abandon_task(self) -> None:
        """Stop waiting for the session's task, and reply 451 to its client."""
        self._working = False
        self.session.abandon_task()
        self._after_task()

    def _after_task(self) -> None:
        if self.session.task is None:
            self._server.end_calls(self)
        self._listen()
        self.pump()

    def hang_up(self, reply: Reply, limit: str = "") -> None:
        """Say 421 and close."""
        self.session.hang_up(reply, limit)
        self.pump()

    def sweep(self) -> None:
        """End the session if its client has been silent for too long. Abort if the client does not read its 421."""
        if self._wait_number != self.session.wait_number:  # it has said something, or could not while it waited for us
            self._wait_number, self.sweeps = self.session.wait_number, 0
        self.sweeps += 1
        if self.sweeps <= _SWEEPS_PER_TIMEOUT:
            return
        if self.session.closed:
            self.transport.abort()
        else:
            self.session.timed_out()
            self.pump()

    def _listen(self) -> None:
        if not (self._write_paused or self.session.halted):
            self.transport.resume_reading()

    def _go_on(self) -> None:
        """Answer more commands, after the earlier replies have been sent."""
        if not self._write_paused:
            self.session.go_on()
            self._listen()
            self.pump()

    def pump(self) -> None:
        """Send the session's octets and start its task. An exception here ends this session alone."""
        session = self.session
        try:
            if data := session.data_to_send():
                self.transport.write(data)
            if session.task is not None and not self._working:  # even if the client has closed meanwhile
                self._working = True
                self._server.do(session.task, self)
            elif session.said_quit:
                self.transport.close()
            elif session.closed:
                self.transport.close_lingering(_CLOSING_SECONDS)
            elif session.halted and not self._write_paused:
                self._server.call_soon(self._go_on)  # after the other clients
        except Exception:
            _log.exception("a session broke; its connection was closed")
            self.transport.abort()


class SessionFactory:
    """Makes the plain sessions of a server, and what moves their octets; `faulty_server` has one with faults."""

    def begin(self) -> None:
        """Begin the time of the server, which listens from now on."""

    def protocol(self, server: Server) -> ServerProtocol:
        """Return what moves octets between a new connection and its session."""
        return ServerProtocol(server)

    def session(
        self, handler: Handler, policy: Policy, peer: str, open_sessions: Iterable[ServerSession]
    ) -> ServerSession:
        """Return the session for a client, which has not begun.

        Args:
            handler: decides the replies.
            policy: limits and extensions.
            peer: the client's address as text.
            open_sessions: those of the server with all clients.
        """
        return ServerSession(handler, policy, peer)


class Server:
    """An SMTP server on a TCP port, to be run in an event loop; `BackgroundServer` brings a loop of its own.

    Args:
        handler: decides the replies.
        host: the address to listen on; loopback by default.
        port: the port; 0 takes a free one.
        policy: limits and extensions.
        allow_remote: let mail be handed on to other machines than this one.
        jobs: the host's own jobs, such as the attempts of its queue.
        drain_seconds: how long deliveries and jobs under way get to end when the server stops.
        sessions: makes the sessions; plain ones by default.

    Attributes:
        inbox: the buffer that all sockets are read into.

    Raises:
        ValueError: if there is no such port.
        TypeError: if the port is not a number.
    """

    def __init__(
        self,
        handler: Handler,
        host: str = "127.0.0.1",
        port: int = 0,
        policy: Policy | None = None,
        *,
        allow_remote: bool = False,
        jobs: JobSource | None = None,
        drain_seconds: float = 5.0,
        sessions: SessionFactory | None = None,
    ) -> None:
        check_port_type(port, example=2525)
        if not 0 <= port < 65536:
            raise ValueError(sentences.NO_PORT_TO_LISTEN.format(port=port))
        self.handler = handler
        self.inbox = memoryview(bytearray(_INBOX_OCTETS))
        self._host = host
        self._port = port
        self._policy = policy or Policy()
        self._protocols: set[ServerProtocol] = set()
        self._listener: Listener | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._to_flush: list[ServerProtocol] = []
        self._allow_remote = allow_remote
        self._jobs = jobs
        self._jobs_run: JobRunner | None = None
        self._drain_seconds = drain_seconds
        self._sessions = sessions or SessionFactory()
        self._stopping = False

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that the server listens on, once it has started."""
        return self._host, self._port

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: with a plain sentence, if the port is taken or the address is not this machine's.
        """
        loop = asyncio.get_running_loop()
        try:
            sockets = await bind(self._host, self._port)
        except OSError as error:
            raise OSError(error.errno, _why_not(error, self._host, self._port)) from None
        except UnicodeError:
            raise OSError(errno.EINVAL, sentences.NOT_A_HOST.format(host=self._host)) from None
        self._port = sockets[0].getsockname()[1]
        self._sessions.begin()
        self._poller = new_poller(loop, self.flush_all)
        self._listener = Listener(loop, self._poller, sockets, self._connect)
        self._loop = loop
        self._runner = TaskRunner(loop, self._poller, self.inbox, allow_remote=self._allow_remote)
        if self._jobs is not None:
            self._jobs_run = JobRunner(self._jobs, self._runner)
        self._sweep()

    async def stop(self) -> None:
        """Stop listening, start no more jobs, and send 421 to every open session (RFC 5321 3.8).

        Deliveries and jobs under way get `drain_seconds` to end. If a delivery takes longer, its client gets 451,
        although the message may still be delivered; a retry then delivers it twice. If an attempt of a queue takes
        longer, its mail stays in the spool.
        """
        if self._listener is None or self._stopping:
            return
        self._stopping = True
        self._listener.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._jobs_run is not None:
            self._jobs_run.stop()
        for protocol in list(self._protocols):
            protocol.hang_up(replies.SHUTTING_DOWN)
        await self._runner.stop(self._drain_seconds)
        deadline = time.monotonic() + _CLOSING_SECONDS
        while self._protocols and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for protocol in list(self._protocols):
            protocol.transport.abort()
        self._poller.close()

    def _connect(self, sock: socket.socket, address: Any) -> None:
        SocketTransport(self._poller, self._loop, sock, self._sessions.protocol(self), address)

    def admit(self, protocol: ServerProtocol) -> ServerSession:
        """Begin a session. While the server stops, greet with 421 and end the session."""
        peer = protocol.transport.get_extra_info("peername")
        open_sessions = (each.session for each in self._protocols)
        session = self._sessions.session(self.handler, self._policy, peer[0] if peer else "", open_sessions)
        if self._stopping:
            session.hang_up(replies.SHUTTING_DOWN)
        else:
            session.start(len(self._protocols))
        self._protocols.add(protocol)
        return session

    def dismiss(self, protocol: ServerProtocol) -> None:
        """Forget a connection that has ended."""
        self._protocols.discard(protocol)

    def do(self, task: Task, protocol: ServerProtocol) -> None:
        """Run a session's task, and pass the outcome to `protocol.finish`."""
        self._runner.do(task, protocol)

    def end_calls(self, protocol: ServerProtocol) -> None:
        """Close the calls that a session's job has left open."""
        self._runner.end_calls(protocol)

    def start_job(self, job: Job) -> None:
        """Run a job of the host. The server must have `jobs`, and must have started."""
        assert self._jobs_run is not None
        self._jobs_run.start(job)

    def call_soon(self, step: Callable[[], None]) -> None:
        """Take a step when everything that is ready now has had its turn."""
        self._loop.call_soon(step)

    def flush_soon(self, protocol: ServerProtocol) -> None:
        """Send a session's octets after a few more ready sockets, or all of them, have been read.

        Each reply wakes a client, and waking costs much. So when many clients send at once, a few are answered
        together. If all were answered together, clients and server would take turns and each wait for the other.
        """
        self._to_flush.append(protocol)
        if len(self._to_flush) == _FLUSH_GROUP:
            self.flush_all()

    def flush_all(self) -> None:
        """Flush the sessions that `flush_soon` has collected."""
        protocols, self._to_flush = self._to_flush, []
        for protocol in protocols:
            protocol.pump()

    def _sweep(self) -> None:
        """End the sessions that have been silent for too long (RFC 5321 4.5.3.2.7)."""
        limit = self._policy.idle_seconds
        for protocol in list(self._protocols):
            protocol.sweep()
        self._sweeper = self._loop.call_later(limit / _SWEEPS_PER_TIMEOUT, self._sweep)


def _why_not(error: OSError, host: str, port: int) -> str:
    known = {
        errno.EADDRINUSE: sentences.PORT_TAKEN,
        errno.EACCES: sentences.PORT_RESERVED,
        errno.EADDRNOTAVAIL: sentences.NOT_OUR_ADDRESS,
    }
    sentence = known.get(error.errno or 0, sentences.CANNOT_LISTEN)
    return sentence.format(host=host, port=port, reason=error.strerror or error)
