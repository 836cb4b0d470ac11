"""A server whose sessions are watched: every octet is shown to a watcher, and every silence of a client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from ..mta.handler import Handler
from ..mta.policy import Policy
from ..mta.session import ServerSession
from .peer_script import SILENT_SECONDS
from .tcp import Server, ServerProtocol, SessionFactory


class SessionWatcher(Protocol):
    """Watches one session."""

    def heard(self, octets: bytes) -> None:
        """Take octets of the client."""

    def said(self, octets: bytes) -> None:
        """Take octets of the server."""

    def silent(self) -> None:
        """Take note that the client has been silent while the server waits for it; once until it speaks again."""

    def gone(self) -> None:
        """Take note that the connection has ended."""


class _WatchedSession(ServerSession):
    """A plain session whose octets are shown to a watcher."""

    __slots__ = ("watcher",)

    watcher: SessionWatcher

    def receive(self, data: bytes | memoryview) -> None:
        if data:
            self.watcher.heard(bytes(data))
        super().receive(data)

    def data_to_send(self) -> bytes:
        data = super().data_to_send()
        if data:
            self.watcher.said(data)
        return data


class _WatchedProtocol(ServerProtocol):
    """Moves octets as every server does, and times the silence of its client."""

    __slots__ = ("_seconds", "_timer")

    def __init__(self, server: Server, seconds: float) -> None:
        super().__init__(server)
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None

    def buffer_updated(self, nbytes: int) -> None:
        super().buffer_updated(nbytes)
        self._begin_silence()

    def pump(self) -> None:
        super().pump()
        self._begin_silence()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_silence()
        watcher = getattr(self.session, "watcher", None)
        super().connection_lost(exc)
        if watcher is not None:
            watcher.gone()

    def _begin_silence(self) -> None:
        self._end_silence()
        if not self.session.closed:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._tell)

    def _end_silence(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tell(self) -> None:
        self._timer = None
        if self.session.awaits is not None and isinstance(self.session, _WatchedSession):
            self.session.watcher.silent()


class WatchedSessionFactory(SessionFactory):
    """Makes the sessions of a `Server` that are watched.

    Args:
        watch: returns the watcher of a new session.
        seconds: how long a client may be silent before its watcher is told.
    """

    def __init__(self, watch: Callable[[], SessionWatcher], seconds: float = SILENT_SECONDS) -> None:
        self._watch = watch
        self._seconds = seconds

    def protocol(self, server: Server) -> ServerProtocol:
        """Return what moves octets and times silences."""
        return _WatchedProtocol(server, self._seconds)

    def session(
        self, handler: Handler, policy: Policy, peer: str, open_sessions: Iterable[ServerSession]
    ) -> ServerSession:
        """Return a watched session."""
        session = _WatchedSession(handler, policy, peer)
        session.watcher = self._watch()
        return session
