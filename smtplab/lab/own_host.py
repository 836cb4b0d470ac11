"""A host of the lab that runs the server of a student: any object with ``feed(octets) -> octets``.

::

    own = lab.add_host("own.example", Server)      # Server() makes the object for each connection
    session = lab.telnet("own.example")

``feed(b"")`` gives the greeting, unless the object has an attribute ``greeting``. The connection ends when its
attribute ``closed`` is true; without one, after a 221 or 421. Both may be methods without an argument. What it keeps
in ``messages`` is in `OwnHost.messages`.

If ``feed`` ends in an error, the client hears 421 with the error and the student's line, and the connection closes: a
server that fails says so as long as it can (RFC 5321 3.8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, Protocol, Self, cast

from ..base.students_line import error_in_words, line_of_error
from ..client.outcomes import ConnectionLost
from ..client.session import SMTP_PORT
from ..explain.reasons import OWN_SERVER
from ..mta.session import ServerSession
from ..protocol.replies import Reply
from ..transcript.rows import CRLF
from ..worlds.sentences import HOST_DOWN
from ..worlds.virtual import Host
from . import sentences

_FAREWELL = re.compile(rb"(?:221|421)(?: [^\r\n]*)?\r?\n\Z")  # at the end of what a server says
_MOST_OCTETS = 500  # of the line that tells of an error; RFC 5321 4.5.3.1.5 allows 512


class FeedServer(Protocol):
    """The server of a student, one object for each connection."""

    def feed(self, octets: bytes, /) -> bytes:
        """Take octets of the client, cut anywhere, and return what to answer now."""


class OwnSession:
    """A connection to the server of a student, as the worlds use a `ServerSession`.

    Args:
        host: the host.
        make: makes the object.
        peer: the client's address.
    """

    pause: float | None = None
    was_reset = half_closed = stalled = deaf = halted = said_quit = esmtp = False
    task = envelope = awaits = None

    def __init__(self, host: OwnHost, make: Callable[[], FeedServer], peer: str) -> None:
        self._host = host
        self._make = make
        self._server: FeedServer | None = None
        self._out = b""
        self._line = b""  # what it has said of a line without CRLF
        self.peer = peer
        self.names: list[str] | None = None
        self.wait_number = 0
        self.closed = False

    def start(self, others: int = 0) -> None:
        """Make the object, and greet."""
        self._say(self._greet)

    def receive(self, data: bytes | memoryview) -> None:
        """Feed octets of the client; empty ones are the end of the connection, of which the object hears nothing."""
        self.wait_number += 1
        if not data:
            self.closed = True
        elif not self.closed and self._server is not None:
            server = self._server
            self._say(lambda: server.feed(bytes(data)))

    def data_to_send(self) -> bytes:
        """Return the octets that wait to be sent to the client, and forget them."""
        data, self._out = self._out, b""
        return data

    def hang_up(self, reply: Reply, limit: str = "") -> None:
        """Say that the host goes down, and close."""
        if not self.closed:
            self._put(f"{reply.code} {self._host.name} is shut down\r\n".encode())
            self.closed = True

    def go_on(self) -> None:
        """Do nothing: no command waits."""

    timed_out = go_on

    def _greet(self) -> object:
        self._server = server = self._make()
        self._host.servers.append(server)
        greeting = getattr(server, "greeting", None)
        if greeting is None:
            return server.feed(b"")
        return greeting() if callable(greeting) else greeting

    def _say(self, answer: Callable[[], object]) -> None:
        """Note what the object answers, or its error."""
        try:
            said, closed = answer(), self._says_closed()
        except Exception as error:
            place = line_of_error(error)
            self._fail(
                sentences.SERVER_FAILED.format(error=error_in_words(error), place=place and f", in your {place}")
            )
            return
        if not isinstance(said, bytes | bytearray):
            self._fail(sentences.FEED_GIVES_OCTETS.format(value=repr(said)))
            return
        self._put(bytes(said))
        self.closed = closed if closed is not None else _FAREWELL.search(self._out) is not None

    def _says_closed(self) -> bool | None:
        """Return what the object says about its end; None if it says nothing about that."""
        closed = getattr(self._server, "closed", None)
        closed = closed() if callable(closed) else closed
        return None if closed is None else bool(closed)

    def _put(self, octets: bytes) -> None:
        """Let octets wait to be sent, and name the replies that are complete as those of a student's server."""
        self._out += octets
        *lines, self._line = (self._line + octets).split(CRLF)
        if self.names is not None:
            self.names += [OWN_SERVER for line in lines if line[3:4] != b"-"]

    def _fail(self, told: str) -> None:
        self._host.failure = told
        line = " ".join(f"421 {self._host.name}: {told}".split())
        self._put(line.encode("utf-8", "replace")[:_MOST_OCTETS] + CRLF)
        self.closed = True


class OwnHost(Host):
    """A host that runs the server of a student; `Lab.add_host` returns it.

    Attributes:
        servers: the objects that were made, one for each connection, in order.
        failure: the last error of the server, as a sentence; empty if there was none.
    """

    __slots__ = ("_make", "failure", "servers")

    _make: Callable[[], FeedServer]
    servers: list[FeedServer]
    failure: str

    def run(self, make: Callable[[], FeedServer]) -> Self:
        """Set what makes the object for each connection, and return the host."""
        self._make, self.servers, self.failure = make, [], ""
        return self

    def session(self, peer: str) -> ServerSession:
        """Return the session for a client; see `Host.session`."""
        if not self.up:
            raise ConnectionLost(HOST_DOWN.format(host=self.name))
        session = OwnSession(self, self._make, peer)
        session.names = []
        return cast("ServerSession", session)  # the worlds use no more of it than `OwnSession` has

    @property
    def messages(self) -> list[Any]:
        """What the server has put into the lists ``messages`` of its objects, connection by connection."""
        return [message for each in self.servers for message in getattr(each, "messages", ())]

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copied = super().__deepcopy__(memo).run(self._make)
        copied.servers, copied.failure = deepcopy(self.servers, memo), self.failure
        return copied

    def __repr__(self) -> str:
        return f"<{self.name} [{self.address}], your own server>"


def routes_to(hosts: Sequence[OwnHost]) -> dict[str, tuple[str, int]]:
    """Return the route to each of some hosts: the domain of its mail is its name."""
    return {host.name: (host.name, SMTP_PORT) for host in hosts}


def check_server(make: object) -> None:
    """Raise `TypeError` if a value does not make objects with ``feed``."""
    if hasattr(make, "feed") and not isinstance(make, type):
        raise TypeError(sentences.SERVER_NOT_OBJECT.format(kind=type(make).__name__))
    if not callable(make):
        raise TypeError(sentences.SERVER_IS_CLASS.format(value=repr(make)))
    if isinstance(make, type) and not hasattr(make, "feed"):
        raise TypeError(sentences.SERVER_HAS_NO_FEED.format(kind=make.__name__))
