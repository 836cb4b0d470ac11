"""A server in memory: an object with ``feed(octets) -> octets``, as students write it. No socket, thread or clock.

A session is a fresh object. ``feed(b"")`` gives the greeting, unless the object has an attribute ``greeting``. If it
has an attribute ``closed``, that is True once the connection is closed; both may be methods without an argument.
``messages`` lists what was stored. If it has a method ``close``, that is called when the client has gone. What is sent
must be bytes or like bytes, as for a socket.
"""

from __future__ import annotations

import copy
import sysconfig
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from .. import sentences
from .server_peer import PeerConnection, ServerPeer

Factory = Callable[[], Any]


class _GaveNoOctets(TypeError):
    """The server has given something else than octets."""


class FeedConnection(PeerConnection):
    """A connection to a fresh server object.

    Args:
        factory: makes the object.
    """

    def __init__(self, factory: Factory) -> None:
        self.server: Any = None
        self._arrived = bytearray()
        self._says_closed = False
        self._call(lambda: setattr(self, "server", factory()))
        if not self.crash:
            self._call(self._greet)

    def _greet(self) -> None:
        greeting = getattr(self.server, "greeting", None)
        if greeting is None:
            self._feed(b"")
        else:
            self._take(greeting() if callable(greeting) else greeting, sentences.GREETING_IS)

    def _feed(self, octets: bytes) -> None:
        self._take(self.server.feed(octets), sentences.FEED_GAVE)

    def _take(self, given: object, told: str) -> None:
        if not isinstance(given, bytes | bytearray | memoryview):
            raise _GaveNoOctets(told.format(kind=_kind(given)))
        self._arrived += given

    def send(self, octets: bytes) -> None:
        """Feed octets to the server, unless it has closed."""
        if octets and not self.closed:
            self._call(lambda: self._feed(octets))

    @property
    def closed(self) -> bool:
        """True if the server has closed, or has crashed."""
        if not self.crash:
            self._call(self._note_its_word)
        return bool(self.crash) or self._says_closed

    def _note_its_word(self) -> None:
        closed = getattr(self.server, "closed", False)
        self._says_closed = bool(closed() if callable(closed) else closed)

    def receive(self, seconds: float) -> bytes | None:
        """Return what the server gave; it never waits."""
        if not self._arrived:
            return b"" if self.closed else None
        octets = bytes(self._arrived)
        self._arrived.clear()
        return octets

    def close(self) -> None:
        """Let the client go; a server that has a method ``close`` is told, as it would be by the end of a stream."""
        if callable(getattr(self.server, "close", None)) and not self.closed:
            self._call(self._hang_up)

    def _hang_up(self) -> None:
        self.server.close()

    def _call(self, action: Callable[[], object]) -> None:
        try:
            action()
        except _GaveNoOctets as error:
            self.crash = str(error)
        except (Exception, SystemExit) as error:
            self.crash = last_line(error)


def _kind(given: object) -> str:
    """Return what a value is, as the end of a sentence: ``None``, ``a list``, ``an int``."""
    kind = type(given).__name__
    return "None" if given is None else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def last_line(error: BaseException) -> str:
    """Return the last line of an error's traceback, and the line of the program that raised it."""
    told = traceback.format_exception_only(error)[-1].strip()
    libraries = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in frames if frame.line and not frame.filename.startswith(libraries)]
    return sentences.CRASH_AT.format(error=told, name=own[-1].name, line=own[-1].line) if own else told


class MemoryPeer(ServerPeer):
    """A server in memory.

    Args:
        server: a class or a function that makes an object with ``feed``, or such an object, which is copied for each
            session.
        subject: what a report calls it.

    Raises:
        TypeError: if it is none of these.
    """

    def __init__(self, server: Any, subject: str = "") -> None:
        is_object = not isinstance(server, type) and callable(getattr(server, "feed", None))
        if not is_object and not callable(server):
            raise TypeError(sentences.NO_SERVER.format(kind=type(server).__name__))
        self._factory: Factory = partial(copy.deepcopy, copy.deepcopy(server)) if is_object else server
        named = type(server) if is_object else server
        self.subject = subject or getattr(named, "__name__", "the server")
        self._connections: list[FeedConnection] = []
        self._before: dict[int, int] = {}  # messages in a list, by its identity, when the trial met it
        self._tells = True

    def connect(self) -> FeedConnection:
        """Make a fresh server object."""
        connection = FeedConnection(self._factory)
        messages = getattr(connection.server, "messages", None)
        if messages is not None:
            self._before.setdefault(id(messages), len(messages))
        self._tells = hasattr(connection.server, "closed")
        self._connections.append(connection)
        return connection

    def begin(self, rule: str) -> None:
        """Begin a trial."""
        self._connections.clear()
        self._before.clear()

    def stored(self, count: int) -> list[bytes] | None:
        """Return what is in ``messages`` of the servers of this trial; None if they have no such attribute."""
        lists = {}
        for connection in self._connections:
            messages = getattr(connection.server, "messages", None)
            if messages is not None:
                lists[id(messages)] = messages
        if not lists:
            return None
        return [_octets(each) for key, messages in lists.items() for each in list(messages)[self._before.get(key, 0) :]]

    @property
    def tells_of_closing(self) -> bool:
        """True if the server has an attribute ``closed``."""
        return self._tells


def _octets(message: Any) -> bytes:
    """Return the text of a stored message: octets, text, the last item of a tuple, or an attribute of an object."""
    if isinstance(message, bytes | bytearray | memoryview):
        return bytes(message)
    if isinstance(message, str):
        return message.encode("utf-8", "surrogateescape")
    if isinstance(message, tuple | list) and message:
        return _octets(message[-1])
    names = ("content", "data", "text", "message")
    if isinstance(message, dict):
        return _octets(next((message[name] for name in names if name in message), b""))
    return _octets(next((getattr(message, name) for name in names if hasattr(message, name)), b""))
