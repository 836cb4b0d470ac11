"""Play a script to a program that is started for it, over TCP on this machine, and end the program whatever happens.

One thread, and one connection: a program that connects again is refused.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from . import sentences
from .crash_line import crash_line, last_line
from .peer_script import ScriptedPeer, WireLog
from .program_end import ProgramEnd
from .socket_play import TICK_SECONDS, Patience, play_on_socket

_GRACE_SECONDS = 1.0  # how long a program may take to end when it is told to, before it is killed


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
                waits = play_on_socket(connection, peer, log, patience)
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
        if select.select([listener], [], [], 0 if ended else TICK_SECONDS)[0]:
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
    text = output.read().decode(errors="replace").rstrip()
    error = crash_line(text) if code else ""
    if code is not None and code < 0:
        error = error or last_line(text) or sentences.ENDED_BY_SIGNAL.format(name=_signal_name(code))
    if error:
        return ProgramEnd(code, connected, crash=error)
    said = "" if connected or waits else last_line(text)
    return ProgramEnd(None if waits else code, connected, waits=waits, said=said)


def _signal_name(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return str(code)
