"""The control socket of a host: requests about its queue from the same machine and the same user.

A request is a line of JSON, and so is its answer. The socket is a file that only its owner may open.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from . import sentences

_LINE_OCTETS = 64 * 1024 * 1024
# How many octets the path of a socket may have on every system.
_PATH_OCTETS = 100

ControlTable = dict[str, Any]
# Begins to answer a request; the second argument takes the answer.
Answerer = Callable[[Mapping[str, Any], Callable[[ControlTable], None]], None]


class ControlSocket:
    """Answers requests on a socket, on the loop that runs.

    Args:
        path: where the socket is made. One that a crash has left there is replaced.
        answer: begins to answer a request.
    """

    def __init__(self, path: Path, answer: Answerer) -> None:
        self._path = path
        self._answer = answer
        self._server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        """Listen; raise `OSError` if the socket cannot be made."""
        with suppress(FileNotFoundError):
            self._path.unlink()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _short(self._path) as path:
                mask = os.umask(0o177)
                try:
                    sock.bind(path)
                finally:
                    os.umask(mask)
            self._server = await asyncio.start_unix_server(self._serve, sock=sock, limit=_LINE_OCTETS)
        except BaseException:
            sock.close()
            raise

    def stop(self) -> None:
        """Stop listening, and remove the socket."""
        if self._server is not None:
            self._server.close()
        with suppress(OSError):
            self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answered(await reader.readline())
            writer.write(json.dumps(answer).encode("ascii") + b"\n")
            await writer.drain()
        except OSError:
            pass  # who asked has gone
        finally:
            writer.close()

    async def _answered(self, line: bytes) -> ControlTable:
        try:
            request = json.loads(line)
        except ValueError:
            request = {}
        answered: asyncio.Future[ControlTable] = asyncio.get_running_loop().create_future()
        self._answer(request if isinstance(request, dict) else {}, answered.set_result)
        return await answered


def ask(path: Path, request: Mapping[str, Any], seconds: float = 30.0) -> ControlTable:
    """Send a request to a host, and return its answer.

    Args:
        path: its socket.
        request: what to send.
        seconds: how long to wait for each step.

    Raises:
        OSError: if nobody answers there.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock, _short(path) as short:
        sock.settimeout(seconds)
        sock.connect(short)
        sock.sendall(json.dumps(dict(request)).encode("ascii") + b"\n")
        with sock.makefile("rb") as answers:
            line = answers.readline()
    try:
        answer: ControlTable = json.loads(line)
    except ValueError:
        raise ConnectionAbortedError(errno.ECONNABORTED, sentences.HOST_ENDED) from None
    return answer


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Yield a path of a socket that the system takes, for a longer one too."""
    if len(os.fsencode(path)) <= _PATH_OCTETS or not Path("/proc/self/fd").is_dir():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
