"""SMTP over TCP: an asyncio server, in the foreground or in a thread beside a notebook; `tcp_client` calls it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Self, cast

from ..client.outcomes import Timeouts
from ..mta.directory import Directory, Mailbox
from ..mta.handler import Clock, Handler, now
from ..mta.host import MailHost
from ..mta.maildir import MaildirStore
from ..mta.personality import Personality
from ..mta.relay import Relay
from ..mta.session import Policy, ServerSession
from ..mta.store import MemoryStore, Store
from ..protocol import replies
from ..protocol.replies import Reply
from .tcp_client import Client
from .transport import Listener, SocketTransport, bind, new_poller

_log = logging.getLogger("smtplab")

# What is read of a socket at a time.
_INBOX_OCTETS = 256 * 1024
# How many clients get their replies in one go.
_FLUSH_GROUP = 4
# Deliveries that wait for a disk at the same time. Those that wait for another host do it in threads of their own, one
# for a session at most, so that a silent host holds up nobody else.
_DELIVERY_THREADS = 16
# How often silent clients are looked for, as a part of the time they may be silent.
_SWEEPS_PER_TIMEOUT = 10
# How long deliveries under way get to end when the server stops.
_DELIVERY_SECONDS = 5.0
# How long the clients get to read their 421, and to finish what they were saying.
_CLOSING_SECONDS = 2.0

# How long a next hop is waited for. It is shorter than RFC 5321 4.5.3.2 has it, because the client waits as long, and
# gives up on a reply to its message after ten minutes; told 451 before, it tries again.
RELAY_TIMEOUTS = Timeouts.all(30.0)

_Outcome = Reply | None
_Work = Callable[[], _Outcome]


class _Protocol(asyncio.BufferedProtocol):
    """Moves octets between one socket and one session.

    What arrives is read into the server's one inbox and taken from there at once. With a plain `asyncio.Protocol` each
    read allocates a quarter of a megabyte, which may cost three system calls more, and most of the time of a message.
    """

    __slots__ = ("_choked", "_server", "_working", "session", "sweeps", "transport")

    session: ServerSession
    transport: SocketTransport

    def __init__(self, server: Server) -> None:
        self._server = server
        self._choked = False
        self._working = False  # the session's work has been given to another thread
        self.sweeps = 0  # how many have passed since something was heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(SocketTransport, transport)
        self.session = self._server.admit(self)
        self.flush()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._server.inbox

    def buffer_updated(self, nbytes: int) -> None:
        self.sweeps = 0
        session, server = self.session, self._server
        busy = session.work is not None
        session.receive(server.inbox[:nbytes])
        if busy:
            self.transport.pause_reading()  # until the message before has its reply
        else:
            if session.halted:
                self.transport.pause_reading()  # until all that has come is answered
            server.flush_soon(self)

    def eof_received(self) -> bool:
        busy = self.session.work is not None or self.session.halted
        self.session.receive(b"")
        return busy  # keep the line open until the message has its reply

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.dismiss(self)
        self.session.abandon()

    def pause_writing(self) -> None:
        self._choked = True
        self.transport.pause_reading()  # a client that does not read its replies is not heard

    def resume_writing(self) -> None:
        self._choked = False
        self.sweeps = 0  # the client is slow, but it reads
        if self.session.halted:
            self._go_on()
        else:
            self._listen()

    def finish(self, outcome: _Outcome) -> None:
        """Take the outcome of the session's work."""
        self._working = False
        self.sweeps = 0  # the client could say nothing while it waited for us
        self.session.finish(outcome)
        self._listen()
        self.flush()

    def hang_up(self, reply: Reply, limit: str = "") -> None:
        """Say 421 and close."""
        self.session.hang_up(reply, limit)
        self.flush()

    def sweep(self, seconds: float) -> None:
        """End the session if its client has been silent for so long; cut it off if it does not even read its 421."""
        self.sweeps += 1
        if self.sweeps <= _SWEEPS_PER_TIMEOUT:
            return
        if self.session.closed:
            self.transport.abort()
        elif not self._working:
            self.hang_up(replies.IDLE_TIMEOUT, f"{seconds:g}")

    def _listen(self) -> None:
        if not (self._choked or self.session.halted):
            self.transport.resume_reading()

    def _go_on(self) -> None:
        """Answer more of what has come, once the replies before have been sent."""
        if not self._choked:
            self.session.go_on()
            self._listen()
            self.flush()

    def flush(self) -> None:
        """Send what the session has to say, and do what it wants done; what breaks here ends this session alone."""
        session = self.session
        try:
            if data := session.data_to_send():
                self.transport.write(data)
            if session.work is not None and not self._working:  # also for a client that has gone meanwhile
                self._working = True
                self._server.run_aside(session.work, self.finish, elsewhere=session.hands_on)
            elif session.said_quit:
                self.transport.close()
            elif session.closed:
                self.transport.part(_CLOSING_SECONDS)
            elif session.halted and not self._choked:
                self._server.call_soon(self._go_on)  # after the other clients
        except Exception:
            _log.exception("a session broke; its connection was closed")
            self.transport.abort()


class Server:
    """An SMTP server on a TCP port, to be run in an event loop; `BackgroundServer` brings a loop of its own.

    Args:
        handler: who decides.
        host: the address to listen on; loopback unless you say otherwise.
        port: the port; 0 takes a free one.
        policy: limits and extensions.

    Attributes:
        inbox: where every socket is read into.

    Raises:
        ValueError: if there is no such port.
    """

    def __init__(self, handler: Handler, host: str = "127.0.0.1", port: int = 0, policy: Policy | None = None) -> None:
        if not 0 <= port < 65536:
            raise ValueError(f"there is no port {port}; ports go from 0 to 65535, and 0 takes a free one")
        self.handler = handler
        self.inbox = memoryview(bytearray(_INBOX_OCTETS))
        self._host = host
        self._port = port
        self._policy = policy or Policy()
        self._protocols: set[_Protocol] = set()
        self._listener: Listener | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._to_flush: list[_Protocol] = []
        self._deliveries: dict[asyncio.Future[_Outcome], Callable[[_Outcome], None]] = {}
        self._stopping = False
        self._pool = ThreadPoolExecutor(_DELIVERY_THREADS, thread_name_prefix="smtplab-delivery")

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
            raise OSError(errno.EINVAL, f"{self._host} cannot be the name of a host") from None
        self._port = sockets[0].getsockname()[1]
        self._poller = new_poller(loop, self.flush_all)
        self._listener = Listener(loop, self._poller, sockets, self._connect)
        self._loop = loop
        self._sweep()

    async def stop(self) -> None:
        """Stop listening, and send 421 to every open session (RFC 5321 3.8).

        Deliveries under way get five seconds to end. To one that takes longer the client hears 451, as of a message
        that was not taken; it may be delivered all the same, and once more when the client tries again.
        """
        if self._listener is None or self._stopping:
            return
        self._stopping = True
        self._listener.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for protocol in list(self._protocols):
            protocol.hang_up(replies.SHUTTING_DOWN)
        await self._end_deliveries()
        deadline = time.monotonic() + _CLOSING_SECONDS
        while self._protocols and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        for protocol in list(self._protocols):
            protocol.transport.abort()
        self._poller.close()

    def _connect(self, sock: socket.socket, address: Any) -> None:
        SocketTransport(self._poller, self._loop, sock, _Protocol(self), address)

    async def _end_deliveries(self) -> None:
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=_DELIVERY_SECONDS)
        late = list(self._deliveries.items())
        for delivery, finish in late:
            delivery.cancel()
            finish(replies.LOCAL_ERROR)
        self._pool.shutdown(wait=not late, cancel_futures=True)  # threads that have nothing to do end at once

    def admit(self, protocol: _Protocol) -> ServerSession:
        """Begin a session; one that comes when the server is about to stop begins and ends with 421."""
        peer = protocol.transport.get_extra_info("peername")
        session = ServerSession(self.handler, self._policy, peer[0] if peer else "")
        if self._stopping:
            session.hang_up(replies.SHUTTING_DOWN)
        else:
            session.start(len(self._protocols))
        self._protocols.add(protocol)
        return session

    def dismiss(self, protocol: _Protocol) -> None:
        """The connection is gone."""
        self._protocols.discard(protocol)

    def run_aside(self, work: _Work, finish: Callable[[_Outcome], None], *, elsewhere: bool) -> None:
        """Do what blocks in another thread, and give its reply to `finish` in this one.

        Args:
            work: what blocks.
            finish: what takes its reply.
            elsewhere: whether it waits for another host, which may be silent for long.
        """

        def take(done: asyncio.Future[_Outcome]) -> None:
            self._deliveries.pop(done)
            if not done.cancelled():
                finish(done.result())

        pool_future = _start_thread(work) if elsewhere else self._pool.submit(work)
        future = asyncio.wrap_future(pool_future, loop=self._loop)
        self._deliveries[future] = finish
        future.add_done_callback(take)

    def call_soon(self, step: Callable[[], None]) -> None:
        """Take a step when everything that is ready now has had its turn."""
        self._loop.call_soon(step)

    def flush_soon(self, protocol: _Protocol) -> None:
        """Send what a session has to say once a few more sockets that are ready have been read, or all of them.

        Each reply wakes a client, and waking is dear, so when many clients speak at once it is done for a few in one
        go; for all of them in one go would leave the clients idle while we work, and us while they do.
        """
        self._to_flush.append(protocol)
        if len(self._to_flush) == _FLUSH_GROUP:
            self.flush_all()

    def flush_all(self) -> None:
        """Send what the sessions of `flush_soon` have to say."""
        protocols, self._to_flush = self._to_flush, []
        for protocol in protocols:
            protocol.flush()

    def _sweep(self) -> None:
        """End the sessions that have been silent for too long (RFC 5321 4.5.3.2.7)."""
        limit = self._policy.idle_seconds
        for protocol in list(self._protocols):
            protocol.sweep(limit)
        self._sweeper = self._loop.call_later(limit / _SWEEPS_PER_TIMEOUT, self._sweep)


def _start_thread(work: _Work) -> Future[_Outcome]:
    """Do the work in a thread of its own, which does not keep the program from ending."""
    future: Future[_Outcome] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="smtplab-relay", daemon=True).start()
    return future


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken; stop the program that holds it, or choose another (0 finds a free one)"
    if error.errno == errno.EACCES:
        return f"port {port} is reserved for the system; choose one above 1023 (0 finds a free one)"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine; use 127.0.0.1"
    return f"cannot listen on {host} port {port}: {error.strerror or error}"


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop: uvloop's if it is installed (the extra ``fast``), else asyncio's."""
    try:
        import uvloop
    except ImportError:
        return asyncio.SelectorEventLoop()  # Windows has another by default, which cannot tell when a socket is ready
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


class BackgroundServer:
    """A server in a daemon thread with its own event loop, started and stopped by ``with``.

    A notebook's own event loop is left alone.

    Attributes:
        handler: who decides; what is switched there takes effect at once.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.handler = server.handler
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._main, name="smtplab-server", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that the server listens on."""
        return self._server.address

    def start(self) -> Self:
        """Return once the server listens; raise `OSError` with a plain sentence if it cannot.

        Raises:
            RuntimeError: if it has been started before; it serves once.
        """
        if self._thread.ident is not None:
            raise RuntimeError("this server has been started before, and serves only once; make a new one")
        self._thread.start()
        try:
            self._started.result()
        except Exception:
            self._thread.join()
            raise
        return self

    def stop(self) -> None:
        """Send 421 to open sessions, and return once everything has ended, or has had its time; see `Server.stop`."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # another thread has stopped it in this moment
                self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _main(self) -> None:
        try:
            with asyncio.Runner(loop_factory=new_event_loop) as runner:
                runner.run(self._run())
        except Exception as error:
            if self._started.done():
                raise
            self._started.set_exception(error)  # whoever starts the server waits for this

    async def _run(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        await self._server.start()
        self._started.set_result(None)
        await self._stopping.wait()
        await self._server.stop()


def serve(
    domain: str = "lab.example",
    mailboxes: Iterable[str | Mailbox] = ("alice", "bob"),
    *,
    directory: Directory | None = None,
    maildir: Path | str | None = None,
    routes: Mapping[str, tuple[str, int]] | None = None,
    personality: str = "plain",
    policy: Policy | None = None,
    clock: Clock = now,
    host: str = "127.0.0.1",
    port: int = 0,
) -> BackgroundServer:
    """Return a mail server beside your program, to be started with ``with``.

    Args:
        domain: the domain whose mail it takes.
        mailboxes: who lives there.
        directory: in place of `domain` and `mailboxes`: aliases, lists and forwards too.
        maildir: the folder to keep mail in, one Maildir a mailbox; by default it is kept in memory.
        routes: domain to next hop, host and port, for mail to other domains; without one it is refused.
        personality: the wording of the replies.
        policy: limits and extensions.
        clock: tells the time, for the greeting and the traces.
        host: the address to listen on.
        port: the port; 0 takes a free one, see ``server.address``.

    Raises:
        ValueError: if there is no such port.
        OSError: on entering ``with``, in a plain sentence, if it cannot listen.
    """
    directory = directory or Directory([domain], mailboxes)
    store: Store[Any] = MemoryStore() if maildir is None else MaildirStore(Path(maildir))
    hostname = directory.domains[0]
    relay = Relay(routes, partial(Client, helo=hostname, timeouts=RELAY_TIMEOUTS)) if routes else None
    handler = MailHost(directory, store, personality=Personality.load(personality), relay=relay, clock=clock)
    return BackgroundServer(Server(handler, host, port, policy))
