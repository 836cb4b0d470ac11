"""Grade on a cluster of Dask, when one machine is not enough: the same engine, in the cluster's processes.

Each thread of a Dask worker has a `Grader` of its own, and so the border of its machine. A submission whose Dask worker
ends goes to another one. The exercise is sent with its hidden rules, so only the instructor may reach the cluster.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any

from . import sentences
from .graded_exercise import GradedExercise
from .grader import Grader, JudgedNotebook
from .run import NotebookGrader
from .starting import StartedGraders
from .student_notebook import StudentCell
from .warm_process import EngineError, fingerprint

_SECONDS = 10  # how long to wait for the scheduler
# How many submissions are sent for each thread of the cluster, so that none waits for the next one.
_AHEAD = 2


class Cluster:
    """The Dask workers of a scheduler, which several threads may let grade.

    Args:
        client: a client of `distributed`.
        address: of the scheduler.
    """

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address

    @property
    def size(self) -> int:
        """How many submissions to send at a time."""
        with _scheduler(self._address):
            threads: dict[str, int] = self._client.nthreads()
        return _AHEAD * sum(threads.values())

    @contextmanager
    def graders(self, count: int) -> Iterator[Sequence[NotebookGrader]]:
        """Give graders that send submissions to the cluster; see `StartedGraders.graders`."""
        yield [self] * count

    @property
    def border(self) -> str:
        """What keeps the students' processes from everything else, on each kind of machine of the cluster."""
        with _scheduler(self._address):
            found = self._client.run(_border, fingerprint())
        return " ".join(dict.fromkeys(found[worker] for worker in sorted(found)))

    def grade(
        self, exercise: GradedExercise, cells: Iterable[StudentCell], student: str, classmates: Iterable[str] = ()
    ) -> JudgedNotebook:
        """Run a notebook, and judge it; see `Grader.grade`."""
        arguments = (fingerprint(), exercise, tuple(cells), student, tuple(classmates))
        with _scheduler(self._address):
            judged: JudgedNotebook = self._client.submit(_grade, *arguments, pure=False).result()
        return judged


@contextmanager
def _scheduler(address: str) -> Iterator[None]:
    """Say in a sentence that the scheduler has ended; the run file has what is done."""
    from distributed.comm.core import CommClosedError

    try:
        yield
    except (CommClosedError, CancelledError):
        raise EngineError(sentences.SCHEDULER_LOST.format(address=address)) from None


@contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """Connect to the scheduler of a cluster.

    Args:
        address: such as ``tcp://10.0.0.5:8786``.

    Raises:
        EngineError: if `distributed` is missing, the scheduler does not answer, or it has no workers.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise EngineError(sentences.NO_DISTRIBUTED) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # it would print tracebacks
    try:
        client = Client(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise EngineError(sentences.NO_SCHEDULER.format(address=address, reason=_first_line(error))) from None
    try:
        cluster = Cluster(client, address)
        if not cluster.size:
            raise EngineError(sentences.NO_DASK_WORKERS.format(address=address))
        yield cluster
    finally:
        with suppress(OSError):
            client.close()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


# In a process of the cluster


class _ThreadsGrader(threading.local):
    """The grader of a thread."""

    grader: Grader | None = None


_own = _ThreadsGrader()


def _require(theirs: str) -> None:
    """Refuse a program that has another smtplab than this machine."""
    if theirs != fingerprint():
        raise EngineError(sentences.OTHER_SMTPLAB_THERE.format(ours=theirs, theirs=fingerprint()))


def _border(theirs: str) -> str:
    """Return what this machine has; no thread that grades calls this, so the grader ends at once."""
    _require(theirs)
    with StartedGraders((), 1) as started, started.graders(1) as (grader, *_):
        return grader.border


def _grade(theirs: str, *arguments: Any) -> JudgedNotebook:
    """Grade in this thread."""
    _require(theirs)
    if _own.grader is None:
        started = StartedGraders((arguments[0].name,), 1)
        atexit.register(started.close)
        _own.grader = started.only()
    return _own.grader.grade(*arguments)
