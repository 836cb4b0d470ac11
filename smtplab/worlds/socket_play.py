"""Play a script on a real socket, in real time: the server's end of a connection, or of a ``socket.socketpair``."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from dataclasses import dataclass

from ..transcript import Side
from . import sentences
from .peer_script import SILENT_SECONDS, Say, ScriptedPeer, Timeline, WireLog

TICK_SECONDS = 0.02  # how long it waits before it looks at the clock again


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a program, in seconds.

    Args:
        connect: for its connection.
        silent: for its next octets, before the script hears of the silence, and then again.
        idle: for anything, before it is stopped.
        end: for its end, once the connection is closed.
        whole: for all of it.
    """

    connect: float = 15.0
    silent: float = SILENT_SECONDS
    idle: float = 4.0
    end: float = 4.0
    whole: float = 40.0


def play_on_socket(connection: socket.socket, peer: ScriptedPeer, log: WireLog, patience: Patience) -> str:
    """Play a script until one side closes, or until the client waits in vain for too long.

    Args:
        connection: the server's end, which the caller closes.
        peer: the script.
        log: takes what is on the wire.
        patience: how long to wait.

    Returns:
        Why the client has to be stopped, in a sentence; empty if the connection has ended.
    """
    return _SocketPlay(connection, peer, log, patience).run()


class _SocketPlay:
    """Moves octets between a script and a socket, with time.

    Args:
        connection: the server's socket.
        peer: the script.
        log: takes what is on the wire.
        patience: how long to wait.
    """

    def __init__(self, connection: socket.socket, peer: ScriptedPeer, log: WireLog, patience: Patience) -> None:
        self._socket, self._peer, self._log, self._patience = connection, peer, log, patience
        self._began = self._last = time.monotonic()
        self._steps = Timeline()
        self._open = True
        self._silences = 0  # how often the script has heard of the present silence

    def run(self) -> str:
        """Play until one side closes, or the client waits in vain; return what it does then."""
        self._steps.add(self._peer.connected(), self._now)
        while self._open:
            if self._is_readable():
                self._read()
            elif (due := self._steps.take(self._now)) is not None:
                self._do(due[1])
            elif waits := self._judge_silence():
                return waits
        return ""

    @property
    def _now(self) -> float:
        return time.monotonic() - self._began

    def _is_readable(self) -> bool:
        """Wait for octets, at most until the next step is due."""
        due = self._steps.next_time
        seconds = TICK_SECONDS if due is None else min(max(due - self._now, 0), TICK_SECONDS)
        return bool(select.select([self._socket], [], [], seconds)[0])

    def _read(self) -> None:
        try:
            data = self._socket.recv(65536)
        except OSError:  # reset
            data = b""
        self._last, self._silences = time.monotonic(), 0
        self._log.add(Side.CLIENT, data, self._now)
        self._steps.add(self._peer.receive(data), self._now)
        if not data:
            self._open = False

    def _do(self, step: object) -> None:
        self._last, self._silences = time.monotonic(), 0
        data = step.data if isinstance(step, Say) else b""
        self._log.add(Side.SERVER, data, self._now)
        try:
            if data:
                self._socket.sendall(data)
            else:
                self._socket.shutdown(socket.SHUT_WR)
                self._drain()
        except OSError:  # the client has gone
            self._open = False

    def _drain(self) -> None:
        """Wait a moment for the client's close, so that octets under way do not reset the connection."""
        self._open = False
        self._socket.settimeout(0.1)
        with contextlib.suppress(OSError):
            while self._socket.recv(65536):
                pass

    def _judge_silence(self) -> str:
        """Tell the script of a silence; return why the play has to be ended, if it has."""
        silent = time.monotonic() - self._last
        patience = self._patience
        if self._now > patience.whole:
            return sentences.TOO_LONG.format(seconds=patience.whole)
        if self._steps.next_time is not None:
            return ""
        if silent >= patience.silent * (self._silences + 1):
            self._silences += 1
            self._steps.add(self._peer.silence(), self._now)
        return sentences.IDLE.format(seconds=patience.idle) if silent >= patience.idle else ""
