"""Play a script to a program that is started for it, over TCP on this machine, and end the program whatever happens.

Time passes here: the script says what to send and when, this module waits. One thread, one connection.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from ..transcript import Side
from . import sentences
from .peer_script import SILENT_SECONDS, Say, ScriptedPeer, Timeline, WireLog
from .program_end import ProgramEnd

_TICK_SECONDS = 0.02  # how often it looks if the program has ended
_GRACE_SECONDS = 1.0  # how long a program may take to end when it is told to, before it is killed
_CRASH = re.compile(r"Traceback|^Exception in|^panic:|Segmentation|core dumped|^Unhandled|Uncaught", re.MULTILINE)
_SHOWN = 300  # characters of a last line


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


def run_client(
    command: Callable[[str, int], Sequence[str]], peer: ScriptedPeer, patience: Patience | None = None
) -> tuple[ProgramEnd, WireLog]:
    """Start a client, play the script to its first connection, and return how it ended and what was on the wire.

    Args:
        command: returns the command line for a host and a port.
        peer: the script.
        patience: how long to wait.

    Raises:
        OSError: if the program cannot be started.
    """
    patience = patience or Patience()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.TemporaryFile() as output,
        _started(command(*listener.getsockname()), output) as process,
    ):
        connection = _accept(listener, process, patience.connect)
        listener.close()
        log = WireLog()
        waits = ""
        if connection is not None:
            with connection:
                waits = _SocketPlay(connection, peer, log, patience).run(process)
        return _end_of(process, output, patience, waits, connected=connection is not None), log


@contextmanager
def _started(command: Sequence[str], output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program in a process group of its own; end the whole group at the end."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        yield process
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
            if number is signal.SIGTERM:
                continue  # the program has ended, and something that it started may not have
            return


def _accept(listener: socket.socket, process: subprocess.Popen[bytes], seconds: float) -> socket.socket | None:
    """Return the first connection; None if the program ends or time runs out before it comes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        if select.select([listener], [], [], 0 if ended else _TICK_SECONDS)[0]:
            connection = listener.accept()[0]
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        if ended:
            return None
    return None


def _end_of(
    process: subprocess.Popen[bytes], output: IO[bytes], patience: Patience, waits: str, *, connected: bool
) -> ProgramEnd:
    if not waits:
        try:
            process.wait(patience.end if connected else 0)
        except subprocess.TimeoutExpired:
            waits = sentences.STILL_RUNS if connected else sentences.NOT_CONNECTED
            waits = waits.format(seconds=patience.end if connected else patience.connect)
    code = process.poll()
    output.seek(0)
    text = output.read().decode(errors="replace").strip()
    crashed = code is not None and (code < 0 or (code != 0 and _CRASH.search(text) is not None))
    if not crashed:
        return ProgramEnd(None if waits else code, connected, waits=waits)
    line = text.rpartition("\n")[2][:_SHOWN] or sentences.ENDED_BY_SIGNAL.format(name=_signal_name(code))
    return ProgramEnd(code, connected, crash=line)


def _signal_name(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return str(code)


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

    def run(self, process: subprocess.Popen[bytes]) -> str:
        """Play until one side closes; return why the program has to be stopped, or an empty text."""
        self._steps.add(self._peer.connected(), self._now)
        while self._open:
            if self._is_readable():
                self._read()
            elif (due := self._steps.take(self._now)) is not None:
                self._do(due[1])
            elif waits := self._judge_silence(process):
                return waits
        return ""

    @property
    def _now(self) -> float:
        return time.monotonic() - self._began

    def _is_readable(self) -> bool:
        """Wait for octets, at most until the next step is due."""
        due = self._steps.next_time
        seconds = _TICK_SECONDS if due is None else min(max(due - self._now, 0), _TICK_SECONDS)
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

    def _judge_silence(self, process: subprocess.Popen[bytes]) -> str:
        """Tell the script of a silence; return why the program has to be stopped, if it has."""
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
