"""A TCP server with scripted faults: a `Server` whose sessions are `FaultySession`s."""

from __future__ import annotations

import asyncio
import select
import socket
import struct
import time
from typing import Any, cast

from ..base.duration import HOUR, MICROSECONDS, MINUTE, SECOND
from ..faults.plan import FaultPlan
from ..faults.session import session_for
from ..mta.handler import Handler
from ..mta.policy import Policy
from ..mta.session import ServerSession
from ..protocol import replies
from .tcp import Server, _Protocol
from .transport import SocketTransport

# On close, drop what has not been sent and send RST.
_RESET = struct.pack("ii", 1, 0)
# A timer may ring this much early; the session's clock has run out only behind it.
_SLACK_SECONDS = 0.002
# How often a session that has stopped reading looks for its client, which it cannot hear leave.
_LOOK_SECONDS = 0.5


class _FaultyProtocol(_Protocol):
    """Moves octets for a session that may pause, stop reading, or end by RST."""

    __slots__ = ("_alarm", "_alarm_wait", "_late", "refused")

    def __init__(self, server: FaultyServer) -> None:
        super().__init__(server)
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_wait = -1  # the wait of the session for which the alarm was set
        self._late = False  # the alarm rang while the client took no octets
        self.refused = False  # the connection is reset before anything is said

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

    def pump(self) -> None:
        """Send the session's octets, each piece by itself, and do what else it wants."""
        session = self.session
        while True:
            if data := session.data_to_send():
                self.transport.write(data)
            if not session.halted:
                break
            session.go_on()
        if session.was_reset or self.refused:
            self._reset()
            return
        super().pump()
        if session.stalled:
            self.transport.pause_reading()
        self._set_alarm()

    def _listen(self) -> None:
        if not self.session.stalled:
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


class FaultyServer(Server):
    """An SMTP server on a TCP port with scripted faults.

    Args:
        handler: as for `Server`, like all but the last.
        host: as above.
        port: as above.
        policy: as above.
        allow_remote: as above.
        faults: what goes wrong. Its clock is that of the machine; its times of day are local.

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
        faults: FaultPlan,
    ) -> None:
        super().__init__(handler, host, port, policy, allow_remote=allow_remote)
        self.faults = faults

    async def start(self) -> None:
        """Listen, and begin the time of the faults; see `Server.start`."""
        began, local = time.monotonic(), time.localtime()
        time_of_day = local.tm_hour * HOUR + local.tm_min * MINUTE + local.tm_sec * SECOND
        self.faults.begin(lambda: int((time.monotonic() - began) * MICROSECONDS), time_of_day)
        await super().start()

    def _connect(self, sock: socket.socket, address: Any) -> None:
        SocketTransport(self._poller, self._loop, sock, _FaultyProtocol(self), address)

    def admit(self, protocol: _Protocol) -> ServerSession:
        """Begin a session, with its faults; reset the connection if a fault refuses it."""
        peer = protocol.transport.get_extra_info("peername")[0]
        others = sum(not each.session.closed and each.session.peer == peer for each in self._protocols)
        session = session_for(self.faults, self.handler, self._policy, peer, others)
        if session is None:
            session = ServerSession(self.handler, self._policy, peer)
            session.abandon()
            cast(_FaultyProtocol, protocol).refused = True
        elif self._stopping:
            session.hang_up(replies.SHUTTING_DOWN)
        else:
            session.start(len(self._protocols))
        self._protocols.add(protocol)
        return session
