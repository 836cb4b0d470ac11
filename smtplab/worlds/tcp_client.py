"""SMTP over TCP from the side that calls: a socket as a stream of octets, and a blocking client on it."""

from __future__ import annotations

import select
import socket
import struct
import time

from ..client.arguments import check_arguments
from ..client.outcomes import Timeouts
from ..transcript import Transcript
from .addresses import Endpoints, no_connection, resolve
from .blocking import MailClient

# How many octets of a reply are read at a time.
_READ_OCTETS = 64 * 1024
# Send what fits into the buffers, although the socket blocks. Windows has no such flag; its sockets do not block here.
_AT_ONCE = getattr(socket, "MSG_DONTWAIT", 0)
# How many seconds a read waits by itself; nearly every reply comes sooner. Below, the same as a `struct timeval`.
_PATIENCE = 1
_PATIENCE_OPTION = struct.pack("ll", _PATIENCE, 0)


class SocketStream:
    """A connected socket as a `blocking.Stream`.

    A read first waits in the system call itself, for up to `_PATIENCE`, so a reply takes one system call. Python's own
    timeout waits in one call and reads in another, which would add a tenth to the time of a message.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waits = _AT_ONCE != 0 and _limits_reads(sock)
        sock.setblocking(self._waits)

    def send(self, data: bytes, seconds: float) -> None:
        """Send all of it; raise `TimeoutError` if a block of it waits longer (RFC 5321 4.5.3.2.5), or an `OSError`."""
        try:
            sent = self._socket.send(data, _AT_ONCE)
        except BlockingIOError:
            sent = 0
        if sent < len(data):  # the buffers are full
            self._socket.settimeout(seconds)
            while sent < len(data):
                sent += self._socket.send(memoryview(data)[sent:])
            self._socket.setblocking(self._waits)

    def receive(self, seconds: float) -> bytes:
        """Return what has arrived within the time; empty octets once the peer has closed."""
        if self._waits and seconds >= _PATIENCE:
            try:
                return self._socket.recv(_READ_OCTETS)
            except BlockingIOError:
                seconds -= _PATIENCE
        if not arrives(self._socket.fileno(), seconds):
            raise TimeoutError
        return self._socket.recv(_READ_OCTETS)

    def arrived(self) -> bytes | None:
        """Return what has arrived already; None if nothing has, empty octets once the peer has closed."""
        if _AT_ONCE:
            try:
                return self._socket.recv(_READ_OCTETS, _AT_ONCE)
            except BlockingIOError:
                return None
        return self._socket.recv(_READ_OCTETS) if arrives(self._socket.fileno(), 0.0) else None

    def take_names(self) -> tuple[str, ...]:
        """Return nothing: only octets travel over a socket."""
        return ()

    @property
    def endpoints(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """The IP address and the port of this end, and those of the peer, while the socket is open."""
        (address, port, *_), (peer, peer_port, *_) = self._socket.getsockname(), self._socket.getpeername()
        return (address, port), (peer, peer_port)

    def fileno(self) -> int:
        """Return the socket's descriptor, for `select`; -1 once it is closed."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def _limits_reads(sock: socket.socket) -> bool:
    """Limit the wait of each read to `_PATIENCE`; return False where the system takes the option in another form."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE_OPTION)
    except OSError:
        return False
    return True


def arrives(descriptor: int, seconds: float) -> bool:
    """Return True if data, or the end of the stream, arrives at a socket within `seconds`."""
    if not hasattr(select, "poll"):  # Windows has none
        return bool(select.select([descriptor], [], [], seconds)[0])
    arrivals = select.poll()  # it takes any descriptor; select takes only those below 1024
    arrivals.register(descriptor, select.POLLIN)
    return bool(arrivals.poll(seconds * 1000))


def dial(host: str, port: int, *, seconds: float = 300.0, allow_remote: bool = False) -> SocketStream:
    """Open a TCP connection.

    Args:
        host: a name or an address.
        port: 1 to 65535.
        seconds: how long to try, all the host's addresses together.
        allow_remote: see `addresses.check_reach`.

    Raises:
        RemoteAddressRefused: if the host is not loopback and `allow_remote` is not set; nothing was sent.
        ConnectionLost: if nobody answers; the sentence says why.
    """
    endpoints = resolve(host, port, allow_remote=allow_remote)
    try:
        return SocketStream(_connect(endpoints, time.monotonic() + seconds))
    except OSError as error:
        raise no_connection(host, port, error, seconds) from None


def _connect(endpoints: Endpoints, deadline: float) -> socket.socket:
    """Connect to the first address that answers; raise the `OSError` of the last one if none does."""
    for family, address in endpoints:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(max(deadline - time.monotonic(), 0.001))  # 0 would make the socket non-blocking
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


class Client(MailClient):
    """A blocking SMTP client over TCP. Once it exists, it has been greeted and has said EHLO (or HELO).

    Args:
        host: a name or an address.
        port: the server's port.
        helo: what the client calls itself; by default the address literal of loopback.
        timeouts: see `outcomes.Timeouts`.
        allow_remote: see `dial`.
        transcript: where to write the conversation down.

    Raises:
        ConnectionLost: as `dial` and `blocking.MailClient` do.
        LocalProtocolError, TypeError: if an argument is wrong; nothing was sent.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        helo: str = "[127.0.0.1]",
        timeouts: Timeouts | None = None,
        allow_remote: bool = False,
        transcript: Transcript | None = None,
    ) -> None:
        check_arguments(helo, timeouts, transcript)
        timeouts = timeouts or Timeouts()
        stream = dial(host, port, seconds=timeouts.greeting, allow_remote=allow_remote)
        super().__init__(stream, helo, timeouts=timeouts, name=f"{host} port {port}", transcript=transcript)
