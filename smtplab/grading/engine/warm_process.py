"""Processes that stay: one forks students, another judges. Each answers requests of the process that started it.

A request and an answer are a line of JSON and then as many octets as the line says under ``octets``. Each process is
started with nothing but the folder of this very smtplab, and says first which one it has loaded. So the student's
process, the referee and the instructor's program have the same rules, or the run stops.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

from ...base.environment import kept_environment
from ...base.failure import Failure
from ...base.version import version
from . import sentences

_ROOT = Path(__file__).resolve().parents[3]
_START = (
    "import gc, sys; gc.disable(); sys.path.insert(0, sys.argv[1]); "
    "from smtplab.grading.engine.warm_process import fork_processes; fork_processes(sys.argv[2].split(), sys.argv[3:])"
)
_OWN = ("HOME", "TMPDIR")  # of the environment: where files go before anything is closed off
_OCTETS = "octets"
FAILED = "failed"  # under which an answer says why there is none
_NO_MORE = 3  # the status of a process that has found no request


class EngineError(Failure):
    """Grading cannot go on; ``str(error)`` is a sentence for the instructor."""


class ProcessEnded(Exception):
    """The process ended before it had answered."""


class ProcessAnswer(NamedTuple):
    """An answer: its JSON, and the octets behind it."""

    said: Mapping[str, Any]
    data: bytes


ResultT = TypeVar("ResultT")
RequestHandler = Callable[[Mapping[str, Any], bytes], tuple[Mapping[str, Any], bytes]]


@cache
def fingerprint() -> str:
    """Return the version of this smtplab, and a hash of its files."""
    return _begun.pop()() if _begun else _fingerprint()


_begun: list[Callable[[], str]] = []  # what waits for the fingerprint, if a fork has begun with it


def _fingerprint() -> str:
    package = str(_ROOT / "smtplab")
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(package):
        folders.sort()
        for path in (f"{folder}/{name}" for name in sorted(names) if name.endswith((".py", ".toml"))):
            with open(path, "rb") as file:
                digest.update(f"{path.removeprefix(package)}\n".encode() + file.read())
    return f"{version()}, {digest.hexdigest()[:16]}"


class WarmProcess:
    """A process that answers requests, one after the other; it starts with the first one.

    Args:
        module: the name of the module that it runs; it has `load` and `main`, which calls `serve`.
        exercises: the names of those that it loads before the first request.
    """

    def __init__(self, module: str, exercises: Sequence[str] = ()) -> None:
        self._module = module
        self._exercises = exercises
        self._files: tuple[BinaryIO, BinaryIO] | None = None  # for requests, and for answers
        self._fork_server: _ForkServer | None = None
        self.hello: Mapping[str, Any] = {}

    def ask(self, request: Mapping[str, Any], data: bytes = b"", *, seconds: float) -> ProcessAnswer:
        """Send a request, and return the answer.

        Args:
            request: what JSON can hold.
            data: octets that go with it.
            seconds: how long to wait; then the process is killed, and the next request starts another one.

        Raises:
            ProcessEnded: if the process ended, or was killed.
            EngineError: if the process has loaded another smtplab; the sentence says so.
        """
        requests, answers = self.start()
        watch = threading.Timer(seconds, self._kill)
        watch.start()
        try:
            _send(requests, request, data)
            return _receive(answers)
        except (OSError, EOFError, ValueError, KeyError) as error:
            self.close()
            raise ProcessEnded(self._module) from error
        finally:
            watch.cancel()

    def start(self) -> tuple[BinaryIO, BinaryIO]:
        """Start the process if it does not run, wait for its first line, and return the files to it and from it.

        Raises:
            EngineError: if it cannot start, or has loaded another smtplab.
        """
        if self._files is None:
            launch([self])
        assert self._files is not None
        if not self.hello:
            try:
                self.hello = _receive(self._files[1]).said
            except (OSError, EOFError, ValueError, KeyError):
                self.close()
                raise EngineError(sentences.ENGINE_DID_NOT_START.format(module=self._module)) from None
            if self.hello.get("smtplab") != fingerprint():
                theirs = self.hello.get("smtplab")
                self.close()
                raise EngineError(sentences.OTHER_SMTPLAB.format(ours=fingerprint(), theirs=theirs, root=_ROOT))
        return self._files

    def close(self) -> None:
        """End the process."""
        files, self._files = self._files, None
        if files is not None:
            self._kill()
            for file in files:
                with suppress(OSError):  # what was not sent has no reader
                    file.close()
        if self._fork_server is not None:
            self._fork_server.leave(self, was_used=bool(self.hello))
        self.hello, self._fork_server = {}, None

    def _kill(self) -> None:
        """End the process with all that it has forked; one that has not said its number ends with its files."""
        if "pid" in self.hello:
            with suppress(ProcessLookupError):
                os.killpg(self.hello["pid"], signal.SIGKILL)


class _ForkServer:
    """The process from which others are forked; it ends with the last of them."""

    def __init__(self, process: subprocess.Popen[bytes], children: Iterable[WarmProcess]) -> None:
        self._process = process
        self._children = list(children)
        self._was_used = False

    def leave(self, child: WarmProcess, *, was_used: bool) -> None:
        """Go on without a process; behind the last one, end."""
        self._children.remove(child)
        self._was_used |= was_used
        if not self._children:
            if not self._was_used:
                self._process.kill()  # it may still be loading
            self._process.wait()


def launch(processes: Sequence[WarmProcess]) -> None:
    """Start processes, and do not wait until they answer. They are forked from one, which loads their modules once.

    Raises:
        EngineError: on Windows, where no process can be forked.
    """
    if os.name == "nt":
        raise EngineError(sentences.NEEDS_FORK)
    theirs: list[int] = []
    words = [" ".join(dict.fromkeys(name for process in processes for name in process._exercises))]
    for process in processes:
        (requests, sending), (receiving, answers) = os.pipe(), os.pipe()
        theirs += [requests, answers]
        words.append(f"{process._module}:{requests}:{answers}")
        process._files, process.hello = (os.fdopen(sending, "wb"), os.fdopen(receiving, "rb")), {}
    fork_server = _ForkServer(
        subprocess.Popen(
            [sys.executable, "-I", "-c", _START, str(_ROOT), *words],
            stdin=subprocess.DEVNULL,
            pass_fds=theirs,
            env=kept_environment() | {name: os.environ[name] for name in _OWN if name in os.environ},
            start_new_session=True,  # Ctrl-C ends the program that started it, which then ends this
        ),
        processes,
    )
    for descriptor in theirs:
        os.close(descriptor)
    for process in processes:
        process._fork_server = fork_server


def fork_processes(exercises: Sequence[str], words: Sequence[str]) -> None:
    """Load the modules of some processes, fork one for each, and wait until all have ended.

    Args:
        exercises: the names of those to load.
        words: for each process its module, and the descriptors of its requests and its answers, with colons between.
    """
    _begun.append(ahead(_fingerprint))
    children = [(import_module(module), int(requests), int(answers)) for module, requests, answers in _parted(words)]
    for module in dict.fromkeys(module for module, _, _ in children):
        module.load(exercises)
    fingerprint()
    gc.freeze()  # what is loaded stays shared
    gc.enable()
    for module, requests, answers in children:
        if not os.fork():
            os.setsid()
            os.dup2(requests, 0)
            os.dup2(answers, 1)
            os.closerange(3, max(max(each[1:]) for each in children) + 1)
            module.main()
            os._exit(0)
    for _, requests, answers in children:
        os.close(requests)
        os.close(answers)
    with suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)  # without the time that Python takes to clear its memory


def ahead(function: Callable[[], ResultT]) -> Callable[[], ResultT]:
    """Let a fork of this process call a function while this one goes on; what is returned waits for its result.

    Raises:
        EOFError: in that call, if the function has failed; it has printed why.
    """
    reading, writing = os.pipe()
    if not os.fork():
        try:
            with os.fdopen(writing, "wb") as file:
                file.write(pickle.dumps(function()))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)

    def result() -> ResultT:
        with os.fdopen(reading, "rb") as file:
            found: ResultT = pickle.load(file)
        return found

    return result


def _parted(words: Sequence[str]) -> Iterable[list[str]]:
    return (word.split(":") for word in words)


def serve(handle: RequestHandler, hello: Mapping[str, Any]) -> None:
    """Answer the requests that come on standard input, until there are no more.

    Each request is read and answered by a process that is forked for it. So nothing of one submission is left in the
    memory from which the process of the next one is forked.

    Args:
        handle: takes a request with its octets, and returns an answer with its octets.
        hello: what this process says about itself first.
    """
    requests, answers = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)  # whatever prints now spoils no answer
    _write(answers, {"smtplab": fingerprint(), "pid": os.getpid(), **hello}, b"")
    while True:
        select.select([requests], [], [])
        child = os.fork()
        if not child:
            os._exit(_answer(handle, requests, answers))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status == _NO_MORE:
            return
        if status:
            _write(answers, {}, b"")  # it was killed


def _answer(handle: RequestHandler, requests: int, answers: int) -> int:
    """Answer one request, and return the status with which to exit."""
    try:
        with os.fdopen(requests, "rb") as file:
            request = _receive(file)
    except EOFError:
        return _NO_MORE
    try:
        said, data = handle(request.said, request.data)
    except BaseException as error:
        traceback.print_exc()
        said, data = {FAILED: f"{type(error).__name__}: {error}"}, b""
    _write(answers, said, data)
    return 0


def _write(descriptor: int, said: Mapping[str, Any], data: bytes) -> None:
    with suppress(BrokenPipeError), os.fdopen(os.dup(descriptor), "wb") as file:
        _send(file, said, data)


def _send(file: BinaryIO | Any, said: Mapping[str, Any], data: bytes) -> None:
    file.write(json.dumps({**said, _OCTETS: len(data)}).encode() + b"\n" + data)
    file.flush()


def _receive(file: BinaryIO | Any) -> ProcessAnswer:
    line = file.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    said = json.loads(line)
    data = file.read(said[_OCTETS])
    if len(data) < said[_OCTETS]:
        raise EOFError
    return ProcessAnswer(said, data)
