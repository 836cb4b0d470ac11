"""Tasks: slow work of a server as values, either for a disk or for another host.

A handler answers with a reply, or with a *job*: a generator that yields one task after the other, is sent the outcome
of each, and returns the reply::

    def deliver(self, session, envelope):
        yield from on_disk(self.store.sync)      # raises here what the task raised
        return self.accepted(session, envelope)

`ServerSession` runs the job and exposes its present task. The world runs the task: at once, in another thread, or on a
virtual clock. So nothing here blocks, and every world relays mail by the same steps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from ..client.session import DeliverySession
from ..protocol.replies import Reply

_log = logging.getLogger("smtplab")

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """The outcome of a task that raised; `error` is raised in the job at its ``yield``."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class DiskTask:
    """Work that may wait for a disk, and never for another host.

    Args:
        run: what to call, in any thread; its result is the outcome.
    """

    run: Callable[[], object]

    def outcome(self) -> object:
        """Run the work and return its result, or the exception it raised as a `TaskFailed`."""
        try:
            return self.run()
        except (Exception, SystemExit) as error:  # a SystemExit that got past here would stop the event loop
            return TaskFailed(error)


@dataclass(frozen=True, slots=True, eq=False)
class HostTask:
    """A piece of a conversation with another host: drive `session` until it is not busy. The outcome is None.

    When the session is `closed` afterwards, its connection is to be closed; else it stays for a later task.

    Args:
        host: the host's name or address.
        port: its port.
        session: the client's end, which holds the result or the error.
        queue_id: this host's name for the message on whose behalf it calls.
        opens: True if the connection is to be opened first. If that fails, call ``session.connection_failed``.
        farewell: True if nothing depends on it any more. A world with time may go on at once and say it meanwhile.
    """

    host: str
    port: int
    session: DeliverySession
    queue_id: str
    opens: bool = False
    farewell: bool = False


Task = DiskTask | HostTask
# Yields tasks, is sent their outcomes, returns the reply (None where there is nothing to answer).
Job = Generator[Task, object, Reply | None]


class JobSource(Protocol):
    """A host's own jobs, for which no client waits, such as the attempts of its queue.

    A world that runs the host starts what `start_due` returns, and asks again when `next_in` has passed, when a job has
    ended, and when `wake` is called. All calls come from the same thread, and none while another one runs.

    Attributes:
        wake: set by the world; the source calls it when `next_in` may have become less.
    """

    wake: Callable[[], None]

    def next_in(self) -> int | None:
        """Return in how many microseconds a job can start, 0 if one can now; None if none can by time alone."""

    def start_due(self) -> Sequence[Job]:
        """Return the jobs that start now. Their results are None."""

    def stop(self) -> None:
        """Start no more jobs."""


def on_disk(run: Callable[[], ResultT]) -> Generator[Task, object, ResultT]:
    """Return a job that does one piece of work with the disk and returns its result.

    Args:
        run: as `DiskTask` takes it.
    """
    return cast(ResultT, (yield DiskTask(run)))


def advance(job: Generator[Task, object, ResultT], outcome: object) -> Task:
    """Give a job the outcome of its last task, and return the next one.

    Args:
        job: the job.
        outcome: of its last task, None at first; the error of a `TaskFailed` is raised in the job.

    Raises:
        StopIteration: if the job has ended; ``value`` is its result.
        Exception: what the job raises.
    """
    return job.throw(outcome.error) if isinstance(outcome, TaskFailed) else job.send(outcome)


def next_task(job: Job, outcome: object) -> Task | None:
    """Return the next task of a job for which no client waits; None if the job has ended, or has broken.

    A job that breaks is logged and ends alone, so that the host goes on.

    Args:
        job, outcome: as of `advance`.
    """
    try:
        return advance(job, outcome)
    except StopIteration:
        return None
    except Exception:
        _log.exception("a job of the host broke")
        return None


def run_on_disk(job: Generator[Task, object, ResultT]) -> ResultT:
    """Run a job whose tasks wait for nothing but a disk, here and now, and return its result or raise its error."""
    outcome: object = None
    while True:
        try:
            task = advance(job, outcome)
        except StopIteration as done:
            return cast(ResultT, done.value)
        assert isinstance(task, DiskTask)
        outcome = task.outcome()
