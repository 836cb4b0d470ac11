"""The control socket of a host: requests about its queue from the same machine and the same user.

A request is a line of JSON, and so is its answer. The socket is a file that only its owner may open. Each request gets
an answer, and each connection ends: after its answer, after a deadline, or when the host stops.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import socket
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..mta.queue_control import ControlTable
from ..mta.task import Job, Task
from . import sentences

_log = logging.getLogger("smtplab")

# A request has the id of an entry. What is longer is read to its end, so that its client gets the answer, and not kept.
_REQUEST_OCTETS = 64 * 1024
_NOT_A_REQUEST = sentences.NOT_A_REQUEST.format(octets=_REQUEST_OCTETS)
_PIECE_OCTETS = 64 * 1024
# How many octets the path of a socket may have on every system.
_PATH_OCTETS = 100
# How long a client may take for its request, or to read its answer; and how long the answer may take, in seconds.
_CLIENT_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
# How long a client waits for each step, in seconds: longer than the host, so that it gets the reason for a failure.
_PATIENCE_SECONDS = 60.0

# The job that answers a request.
Answerer = Callable[[Mapping[str, Any]], Generator[Task, object, ControlTable]]


class ControlSocket:
    """Answers requests on a socket, on the loop that runs.

    Args:
        path: where the socket is made. One that a crash has left there is replaced.
        answer: begins the job that answers a request.
        start: runs a job of the host, as `tcp.Server.start_job` does.
    """

    def __init__(self, path: Path, answer: Answerer, start: Callable[[Job], None]) -> None:
        self._path = path
        self._answer = answer
        self._start = start
        self._server: asyncio.AbstractServer | None = None
        self._stopped = False
        self._reading: set[asyncio.Task[None]] = set()  # whose request has not come
        self._open: set[asyncio.Task[None]] = set()

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
            self._server = await asyncio.start_unix_server(self._accept, sock=sock)
        except BaseException as error:
            sock.close()
            if isinstance(error, OSError):
                raise OSError(error.errno, error.strerror, str(self._path)) from None
            raise

    def stop(self) -> None:
        """Take no more requests, and remove the socket. Call it before the host that answers stops.

        Who has sent a request gets the answer. Who has not is sent away; `wait_closed` waits for both.
        """
        self._stopped = True
        if self._server is not None:
            self._server.close()
        for task in self._reading:
            task.cancel()
        with suppress(OSError):
            self._path.unlink()

    async def wait_closed(self) -> None:
        """Wait until all clients have been answered or sent away. Each step of theirs has its deadline."""
        while self._open:
            await asyncio.wait(self._open)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._stopped:
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._open.add(task)
        self._reading.add(task)
        task.add_done_callback(self._open.discard)
        task.add_done_callback(self._reading.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answered(reader)
            if answer is not None:
                writer.write(json.dumps(answer).encode("ascii") + b"\n")
                async with asyncio.timeout(_CLIENT_SECONDS):
                    await writer.drain()
        except OSError:  # who asked has gone, or does not read
            writer.transport.abort()
        finally:
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader) -> ControlTable | None:
        """Read a request, and return its answer; None if none has come."""
        task = asyncio.current_task()
        assert task is not None
        try:
            async with asyncio.timeout(_CLIENT_SECONDS):
                line = await _read_line(reader)
        except TimeoutError:
            return {"error": sentences.REQUEST_LATE.format(seconds=_CLIENT_SECONDS)}
        self._reading.discard(task)
        if not line:
            return None
        request = _request(line)
        return {"error": _NOT_A_REQUEST} if request is None else await self._done(request)

    async def _done(self, request: ControlTable) -> ControlTable:
        """Run the job that answers a request, and return the answer. A job that breaks or hangs has one too."""
        answered: asyncio.Future[ControlTable] = asyncio.get_running_loop().create_future()

        def job() -> Job:
            answer: ControlTable = {"error": sentences.HOST_STOPS}
            try:
                answer = yield from self._answer(request)
            except Exception:
                _log.exception("a request about the queue broke")
                answer = {"error": sentences.REQUEST_BROKE}
            finally:  # also if the host stops and closes the job
                if not answered.done():
                    answered.set_result(answer)
            return None

        self._start(job())
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await answered
        except TimeoutError:
            return {"error": sentences.ANSWER_LATE.format(seconds=_ANSWER_SECONDS)}


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    """Return a line with its end, or what has come of it; keep no more than a request may have."""
    line = b""
    while not line.endswith(b"\n"):
        piece = await reader.read(_PIECE_OCTETS)
        if not piece:
            break
        line = (line + piece)[: _REQUEST_OCTETS + 1]
        if b"\n" in piece:
            break
    return line


def _request(line: bytes) -> ControlTable | None:
    """Return the request in a line; None if it is not one."""
    if not line.endswith(b"\n") or len(line) > _REQUEST_OCTETS:
        return None
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return request if isinstance(request, dict) else None


def ask(path: Path, request: Mapping[str, Any], seconds: float = _PATIENCE_SECONDS) -> ControlTable:
    """Send a request to a host, and return its answer.

    Args:
        path: its socket.
        request: what to send.
        seconds: how long to wait for each step.

    Raises:
        OSError: if no host listens there; `TimeoutError` if a host listens but does not answer in time.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock, _short(path) as short:
        sock.settimeout(seconds)
        try:
            sock.connect(short)
            sock.sendall(json.dumps(dict(request)).encode("ascii") + b"\n")
            with sock.makefile("rb") as answers:
                line = answers.readline()
        except TimeoutError:
            raise TimeoutError(errno.ETIMEDOUT, sentences.HOST_SILENT.format(seconds=seconds)) from None
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
