"""SMTP in memory: client and server in one process and one thread, without sockets. The same every time it runs.

Nothing waits here: what a server has to say, it has said by the time the client's octets are sent. So a client that
waits for a reply which does not come gets its time-out at once.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Self
from weakref import WeakSet

from ..client.mail_client import SMTP_PORT
from ..client.outcomes import ConnectionLost
from ..mta.handler import Handler
from ..mta.session import Policy, ServerSession
from ..protocol import replies


class MemoryStream:
    """The client's end of a connection to a session in this process; a `client.Stream`."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session
        self._names: list[str] = []
        self._gone = False

    @property
    def session(self) -> ServerSession:
        """The server's side."""
        return self._session

    def send(self, data: bytes, seconds: float = 0.0) -> None:
        """Give octets to the server, which answers before this returns; `BrokenPipeError` if it has closed."""
        if self._gone or self._session.closed:
            raise BrokenPipeError("the server has closed the connection")
        self._session.receive(data)
        self._work()

    def receive(self, seconds: float = 0.0) -> bytes:
        """Return what the server has said, empty octets if it has closed; `TimeoutError` if it says nothing."""
        data = self._session.data_to_send()
        if self._session.names:
            self._names += self._session.names
            self._session.names.clear()
        self._session.go_on()
        self._work()
        if not data and not self._session.closed:
            raise TimeoutError("the server says nothing")
        return data

    def take_names(self) -> tuple[str, ...]:
        """Return the canonical names of the replies that were received since the last call, in order."""
        names = tuple(self._names)
        self._names.clear()
        return names

    def close(self) -> None:
        """Hang up; the server sees the end of the client's octets."""
        if not self._gone and not self._session.closed:
            self._session.receive(b"")
            self._work()
            while self._session.halted:  # nobody reads these replies any more
                self.receive()
        self._gone = True

    def go_back(self, session: ServerSession) -> None:
        """Be connected to `session`, a copy of the server's side made earlier, as if nothing had come since."""
        self._session, self._gone = session, False
        self._names.clear()

    def _work(self) -> None:
        while (work := self._session.work) is not None:
            self._session.finish(work())


@dataclass(slots=True, eq=False)
class Host:
    """A mail host on a `Network`.

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
    # A stream that nobody holds any more is no session: nobody can speak through it.
    _streams: WeakSet[MemoryStream] = field(default_factory=WeakSet, init=False, repr=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Copy the host, and of its sessions those whose client's end was copied before it; nobody holds others."""
        copied = type(self)(self.name, self.address, None, self.policy, self.up)
        memo[id(self)] = copied
        copied.handler = deepcopy(self.handler, memo)
        copied._streams = WeakSet(memo[id(stream)] for stream in self._streams if id(stream) in memo)
        return copied

    @property
    def sessions(self) -> tuple[ServerSession, ...]:
        """The sessions that are open."""
        return tuple(stream.session for stream in self._streams if not stream.session.closed)

    def stop(self) -> None:
        """Go down: send 421 to every open session, and take no more (RFC 5321 3.8)."""
        self.up = False
        for session in self.sessions:
            session.hang_up(replies.SHUTTING_DOWN)

    def answer(self, peer: str) -> MemoryStream:
        """Begin a session with the client at `peer`, and return that client's end of it.

        Raises:
            ConnectionLost: if the host is down or has no mail server.
        """
        if not self.up:
            raise ConnectionLost(f"{self.name} does not answer; the host is down")
        if self.handler is None:
            raise ConnectionLost(f"nobody listens on {self.name} port {SMTP_PORT}; the host has no mail server")
        session = ServerSession(self.handler, self.policy, peer)
        session.names = []
        session.start(len(self.sessions))
        stream = MemoryStream(session)
        self._streams.add(stream)
        return stream


class Network:
    """Hosts that can reach each other by name, in memory."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts, in the order in which they were added; a host with several names comes once."""
        return tuple(dict.fromkeys(self._hosts.values()))

    def add(self, host: Host, *aliases: str) -> Host:
        """Connect a host, under its own name and any others."""
        for name in (host.name, *aliases):
            self._hosts[name.lower()] = host
        return host

    def find(self, name: str) -> Host:
        """Return the host with this name or address.

        Raises:
            ConnectionLost: if there is none; the sentence lists those there are.
            TypeError: if it is no text.
        """
        if not isinstance(name, str):
            raise TypeError(f"a host is named by text, such as {next(iter(self._hosts))!r}, and not by {name!r}")
        wanted = name.lower().rstrip(".")
        for key, host in self._hosts.items():
            if wanted in (key, host.address):
                return host
        raise ConnectionLost(f"there is no host {name!r} here, only {', '.join(self._hosts)}")

    def dial(self, name: str, port: int = SMTP_PORT, *, peer: str = "127.0.0.1") -> MemoryStream:
        """Connect to a host's port 25 and be greeted.

        Args:
            name: the host's name or address.
            port: 25; the hosts here listen on no other.
            peer: the address of the one who dials, for the host's traces.

        Raises:
            ConnectionLost: if there is no such host, it is down, or nobody listens on the port.
            TypeError: as `find`, or if the port is no number.
        """
        host = self.find(name)
        if not isinstance(port, int):
            raise TypeError(f"a port is a number, such as {SMTP_PORT}, and not {port!r}")
        if port != SMTP_PORT:
            raise ConnectionLost(f"nobody listens on {name} port {port}; mail servers listen on port {SMTP_PORT}")
        return host.answer(peer)
