"""A socket transport for `asyncio.BufferedProtocol` that takes fewer steps than asyncio's own.

asyncio spends separate turns of the loop on each ready socket, each new connection and each close. For a client that
connects for one message, that was a third of the server's time. Here all sockets of a server share one reader of the
loop, with asyncio and with uvloop.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import select
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

_log = logging.getLogger("smtplab")

# asyncio's default of 100 makes a burst of clients wait whole seconds until their SYN is sent again.
_BACKLOG = 2048
# How many rounds of ready sockets are read before the rest of the loop gets its turn. A turn costs as much as one read.
_ROUNDS = 4
# How many new connections are accepted before the open ones get their turn.
_ACCEPT_GROUP = 64
# The errors of a system that has no room for another connection, and how long the listener then pauses.
_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_SHORTAGE_SECONDS = 1.0
# Above this many unsent octets, `pause_writing` is called; at a quarter of it, `resume_writing`.
_HIGH_WATER_OCTETS = 64 * 1024


class Poller:
    """Call a function when its file descriptor can be read. This one adds a reader to the loop for each descriptor.

    Args:
        loop: the event loop.
        after: called when everything that was ready has been read.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, after: Callable[[], None]) -> None:
        self._loop = loop
        self._after = after

    def add(self, fd: int, read: Callable[[], None]) -> None:
        """Call `read` whenever something can be read from the file descriptor."""
        self._loop.add_reader(fd, self._read_one, read)

    def remove(self, fd: int) -> None:
        """Stop watching the file descriptor, which must still be open."""
        self._loop.remove_reader(fd)

    def close(self) -> None:
        """Stop watching all file descriptors."""

    def _read_one(self, read: Callable[[], None]) -> None:
        try:
            read()
        finally:
            self._after()


class EpollPoller(Poller):
    """A poller that adds one reader to the loop for all file descriptors; Linux only."""

    def __init__(self, loop: asyncio.AbstractEventLoop, after: Callable[[], None]) -> None:
        super().__init__(loop, after)
        self._readers: dict[int, Callable[[], None]] = {}
        self._epoll = select.epoll()
        loop.add_reader(self._epoll.fileno(), self._read_all)

    def add(self, fd: int, read: Callable[[], None]) -> None:
        self._readers[fd] = read
        self._epoll.register(fd, select.EPOLLIN)

    def remove(self, fd: int) -> None:
        del self._readers[fd]
        self._epoll.unregister(fd)

    def close(self) -> None:
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()

    def _read_all(self) -> None:
        lone = len(self._readers) <= 2  # the listener and one client, which reads its reply before it sends more
        for _ in range(1 if lone else _ROUNDS):
            if not (ready := self._epoll.poll(0)):
                return
            try:
                for fd, _ in ready:
                    if (read := self._readers.get(fd)) is not None:  # an earlier callback may have closed it
                        read()
            finally:
                self._after()


def new_poller(loop: asyncio.AbstractEventLoop, after: Callable[[], None]) -> Poller:
    """Return the best poller that this system has."""
    return (EpollPoller if hasattr(select, "epoll") else Poller)(loop, after)


class SocketTransport(asyncio.Transport):
    """A connected socket that reads into the protocol's buffer and writes the protocol's data.

    The protocol's callbacks run at once, even inside a call that the protocol itself makes; asyncio would run them in
    the loop's next turn.

    Args:
        poller: calls back when there is something to read.
        loop: calls back when more can be written.
        sock: the socket; the transport closes it.
        protocol: gets the callbacks, from `connection_made` to `connection_lost`.
        peer: the address of the other end.
    """

    __slots__ = (
        "_buffer", "_closing", "_eof", "_fd", "_loop", "_lost", "_patience", "_poller", "_protocol", "_protocol_paused",
        "_reading", "_recv_into", "_send", "_sock",
    )  # fmt: skip

    def __init__(
        self,
        poller: Poller,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        protocol: asyncio.BufferedProtocol,
        peer: Any = None,
    ) -> None:
        super().__init__({"peername": peer, "socket": sock})
        sock.setblocking(False)
        self._poller = poller
        self._loop = loop
        self._sock = sock
        self._fd = sock.fileno()
        self._recv_into, self._send = sock.recv_into, sock.send
        self._protocol = protocol
        self._buffer = b""
        self._reading = self._eof = self._protocol_paused = self._closing = self._lost = False
        self._patience = 0.0  # how long the peer may go on sending after everything has been sent
        self.resume_reading()
        protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send what the system takes at once, and the rest when it can. After `close`, do nothing."""
        if self._closing:
            return
        if not self._buffer:
            try:
                sent = self._send(data)
            except OSError as error:
                sent = self._not_sent(error)
            if sent == len(data) or self._closing:
                return
            data = data[sent:]
            self._loop.add_writer(self._fd, self._write_ready)
        self._buffer += data
        if not self._protocol_paused and len(self._buffer) > _HIGH_WATER_OCTETS:
            self._protocol_paused = True
            self._protocol.pause_writing()

    def is_closing(self) -> bool:
        """Return True if it has been closed, or lost."""
        return self._closing

    def get_write_buffer_size(self) -> int:
        """Return how many octets wait to be sent."""
        return len(self._buffer)

    def pause_reading(self) -> None:
        """Stop reading until `resume_reading`. Data queues in the kernel, then at the sender."""
        if self._reading:
            self._reading = False
            self._poller.remove(self._fd)

    def resume_reading(self) -> None:
        """Read again, unless the client has closed its side."""
        if not (self._reading or self._eof or self._closing):
            self._reading = True
            self._poller.add(self._fd, self._read_ready)

    def close(self) -> None:
        """Stop reading, send the rest of the buffer, and close."""
        if self._closing:
            return
        self.pause_reading()
        self._closing = True
        if not self._buffer:
            self._all_sent()

    def close_lingering(self, seconds: float) -> None:
        """Send the rest of the buffer, and close after the peer has stopped sending.

        When a socket is closed before all received octets have been read, the system resets the connection, and the
        peer loses what it has not read yet. So this shuts down the sending side, then reads and drops what still comes.

        Args:
            seconds: how long the peer may go on sending after everything has been sent.
        """
        self._patience = seconds
        self.close()

    def abort(self) -> None:
        """Close at once, and drop what has not been sent."""
        self._force_close(None)

    def _read_ready(self) -> None:
        try:
            count = self._recv_into(self._protocol.get_buffer(-1))
        except BlockingIOError:
            return
        except OSError as error:
            self._force_close(error)
            return
        try:
            if count:
                self._protocol.buffer_updated(count)
            else:
                self._eof = True
                self.pause_reading()
                if not self._protocol.eof_received():
                    self.close()
        except Exception as error:
            _log.exception("a session broke; its connection was closed")
            self._force_close(error)

    def _write_ready(self) -> None:
        try:
            sent = self._send(self._buffer)
        except OSError as error:
            sent = self._not_sent(error)
        if self._lost:
            return
        self._buffer = self._buffer[sent:]
        if not self._buffer:
            self._loop.remove_writer(self._fd)
            if self._closing:
                self._all_sent()
                return
        if self._protocol_paused and len(self._buffer) <= _HIGH_WATER_OCTETS // 4:
            self._protocol_paused = False
            self._protocol.resume_writing()

    def _not_sent(self, error: OSError) -> int:
        """Return 0, because nothing was sent. Close the connection, unless the socket was only not ready."""
        if not isinstance(error, BlockingIOError):
            self._force_close(error)
        return 0

    def _all_sent(self) -> None:
        if self._patience:
            try:
                self._sock.shutdown(socket.SHUT_WR)  # unlike close, also works if a child process has inherited it
            except OSError as error:  # the peer has gone
                self._end(error)
                return
        if not self._patience or self._eof or not self._drain():
            self._end(None)
            return
        self._reading = True
        self._poller.add(self._fd, self._drain_until_eof)
        self._loop.call_later(self._patience, self.abort)

    def _drain_until_eof(self) -> None:
        if self._drain() == 0:
            self.abort()

    def _drain(self) -> int | None:
        """Read octets and drop them. Return their number, 0 at the end of the stream, or None if there are none now."""
        try:
            return self._recv_into(self._protocol.get_buffer(-1))
        except BlockingIOError:
            return None
        except OSError:
            return 0

    def _force_close(self, error: Exception | None) -> None:
        if self._buffer:
            self._buffer = b""
            self._loop.remove_writer(self._fd)
        self.pause_reading()
        self._closing = True
        self._end(error)

    def _end(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self._sock.close()
            self._protocol.connection_lost(error)


class Listener:
    """Accept connections on a host's addresses.

    Args:
        loop: the event loop.
        poller: calls back when a client connects.
        sockets: the listening sockets; see `bind`.
        admit: called with the socket and the address of each client.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        poller: Poller,
        sockets: list[socket.socket],
        admit: Callable[[socket.socket, Any], None],
    ) -> None:
        self._loop = loop
        self._poller = poller
        self._sockets = sockets
        self._admit = admit
        self._pause: asyncio.TimerHandle | None = None
        self._listen()

    def close(self) -> None:
        """Stop accepting. Connections that have not been accepted yet are reset."""
        self._stop_listening()
        for sock in self._sockets:
            with contextlib.suppress(OSError):  # some systems cannot shut down a socket that has no peer
                sock.shutdown(socket.SHUT_RDWR)  # also works if a child process has inherited it
            sock.close()

    def _listen(self) -> None:
        self._pause = None
        for sock in self._sockets:
            self._poller.add(sock.fileno(), partial(self._accept, sock))

    def _stop_listening(self) -> None:
        if self._pause is None:
            for sock in self._sockets:
                self._poller.remove(sock.fileno())
        else:
            self._pause.cancel()

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(_ACCEPT_GROUP):
            try:
                sock, address = listening.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _SHORTAGES:
                    raise
                _log.error("no client can be taken for %g s: %s", _SHORTAGE_SECONDS, error.strerror)
                self._stop_listening()
                self._pause = self._loop.call_later(_SHORTAGE_SECONDS, self._listen)
                return
            self._admit(sock, address)


async def bind(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on all addresses of `host`.

    Args:
        host: a name or an address.
        port: the port; 0 takes a free one.

    Raises:
        OSError: if the port is taken, or the address is not this machine's.
        UnicodeError: if `host` cannot be the name of a host.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            if sockets:  # all of them listen on the same port
                port = sockets[0].getsockname()[1]
            sockets.append(socket.create_server((address[0], port, *address[2:]), family=family, backlog=_BACKLOG))
            sockets[-1].setblocking(False)
            # No reply waits for the next one, on any connection: they inherit this.
            sockets[-1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets
