"""Scripted faults on sockets: a `SessionFactory` whose sessions are `FaultySession`s, for any `Server`."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable

from ..base.duration import HOUR, MICROSECONDS, MINUTE, SECOND
from ..base.seed import Seed
from ..faults.admission import session_for
from ..faults.facts import Facts
from ..faults.fault import Fault
from ..faults.plan import FaultPlan
from ..mta.handler import Handler
from ..mta.policy import Policy
from ..mta.session import ServerSession
from ..protocol.replies import Reply
from .tcp import Server, ServerProtocol, SessionFactory

# On close, drop what has not been sent and send RST.
_RESET = struct.pack("ii", 1, 0)
# A timer may ring this much early; the session's clock has run out only behind it.
_SLACK_SECONDS = 0.002
# How often a session that has stopped reading looks for its client, which it cannot hear leave.
_LOOK_SECONDS = 0.5


class _FaultyProtocol(ServerProtocol):
    """Moves octets for a session that may pause, stop reading, or end by RST."""

    __slots__ = ("_alarm", "_alarm_wait", "_late")

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_wait = -1  # the wait of the session for which the alarm was set
        self._late = False  # the alarm rang while the client took no octets

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_alarm()
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._late:
            self._late = False
            self._ring()

    def sweep(self) -> None:
        """As for every session, but none is silent for too long while it is the server that waits."""
        if not self.session.stalled:
            super().sweep()

    def eof_received(self) -> bool:
        """As for every session, but the line stays open until a delayed reply has gone out."""
        busy = super().eof_received()
        return busy or self.session.stalled

    def pump(self) -> None:
        """Send the session's octets, each piece by itself, and do what else it wants."""
        session = self.session
        while True:
            if data := session.data_to_send():
                self.transport.write(data)
            if not session.halted:
                break
            session.go_on()
        if session.was_reset:
            self._reset()
            return
        super().pump()
        if session.half_closed:
            self._shut_down()
        if session.deaf:
            self.transport.pause_reading()
        self._set_alarm()

    def _listen(self) -> None:
        if not self.session.deaf:
            super()._listen()

    def _set_alarm(self) -> None:
        seconds = self.session.pause
        if seconds is None and self.session.stalled:
            self._stop_alarm()
            self._alarm = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look_for_client)
            return
        if seconds is not None and self._alarm_wait == self.session.wait_number:
            return
        self._stop_alarm()
        if seconds is not None:
            self._alarm_wait = self.session.wait_number
            self._alarm = asyncio.get_running_loop().call_later(seconds + _SLACK_SECONDS, self._ring)

    def _stop_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _ring(self) -> None:
        self._alarm = None
        if self._write_paused:
            self._late = True
            return
        self.session.timed_out()
        self._listen()
        self.pump()

    def _look_for_client(self) -> None:
        self._alarm = None
        if _has_left(self.transport.get_extra_info("socket")):
            self.transport.abort()
        else:
            self._set_alarm()

    def _shut_down(self) -> None:
        """Shut down the sending side once all has been sent; again does no harm."""
        if self.transport.is_closing():
            return
        if self.transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._shut_down)
        else:
            with contextlib.suppress(OSError):  # the client has gone
                self.transport.get_extra_info("socket").shutdown(socket.SHUT_WR)

    def _reset(self) -> None:
        if not self.transport.is_closing():
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.transport.abort()


def _has_left(sock: socket.socket) -> bool:
    """Return True if the peer has closed, although octets before its close are still unread.

    Linux alone notices a close behind unread octets; elsewhere only a reset shows.
    """
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(sock, getattr(select, "POLLRDHUP", 0))
    return bool(poll.poll(0))


class _RefusedSession(ServerSession):
    """The session of a connection that is reset before anything is said."""

    __slots__ = ()

    was_reset = True

    def start(self, others: int = 0) -> None:
        self.abandon()

    def hang_up(self, reply: Reply, limit: str = "") -> None:
        self.abandon()


class FaultySessionFactory(SessionFactory):
    """Makes the sessions of a `Server` with scripted faults.

    Args:
        plan: what goes wrong. Its clock is that of the machine; its times of day are local.
    """

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan

    def begin(self) -> None:
        """Begin the time of the faults."""
        began, local = time.monotonic(), time.localtime()
        time_of_day = local.tm_hour * HOUR + local.tm_min * MINUTE + local.tm_sec * SECOND
        self._plan.begin(lambda: int((time.monotonic() - began) * MICROSECONDS), time_of_day)

    def protocol(self, server: Server) -> ServerProtocol:
        """Return what moves octets for a session that may pause, stop reading, or end by RST."""
        return _FaultyProtocol(server)

    def session(
        self, handler: Handler, policy: Policy, peer: str, open_sessions: Iterable[ServerSession]
    ) -> ServerSession:
        """Return the session for a client, with its faults; one that is reset at once if a fault refuses it."""
        clients = [each.peer for each in open_sessions if not each.closed]
        session = session_for(self._plan, handler, policy, peer, clients.count(peer), len(clients))
        return session or _RefusedSession(handler, policy, peer)


def session_factory(
    faults: str | Iterable[str], seed: Seed | None = None, observe: Callable[[Fault, str], None] | None = None
) -> SessionFactory:
    """Return what makes the sessions of a server: plain ones if nothing is to go wrong.

    Args:
        faults: what goes wrong, each in one line; one alone needs no list.
        seed: draws their probabilities; by default the same ones at each start.
        observe: is told of each fault that happens to a client, and of the client's address. Of a fault that happens
            again in the same session, such as one-octet writes, it is told once.

    Raises:
        FaultError: if a text is not a fault.
    """
    plan = FaultPlan.of(faults, seed)
    if observe is not None:
        plan.observe = _once_a_session(observe)
    return FaultySessionFactory(plan) if plan else SessionFactory()


def _once_a_session(observe: Callable[[Fault, str], None]) -> Callable[[Fault, Facts], None]:
    """Return what passes a fault on unless it was the last one of its kind in the same session."""
    last: dict[Fault, int] = {}

    def watch(fault: Fault, facts: Facts) -> None:
        if last.get(fault) != facts.connection:
            last[fault] = facts.connection
            observe(fault, facts.client)

    return watch
