"""Run the tasks of sessions and of a host's own jobs on one asyncio loop.

A task for a disk runs in one of a few threads. A task for another host runs on the loop itself, so that no thread waits
for a reply. `JobRunner` starts the jobs of a `JobSource`, such as the attempts of a queue, when they are due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

from ..base.duration import MICROSECONDS
from ..client.outcomes import ConnectionLost
from ..client.session import DeliverySession
from ..mta.task import DiskTask, HostTask, Job, JobSource, Task, TaskFailed, next_task
from .tcp_async import ClientProtocol, connect
from .transport import Poller, SocketTransport

_log = logging.getLogger("smtplab")

# How many tasks may wait for a disk at the same time, each in a thread. Other hosts are called on the loop itself.
_DISK_THREADS = 16
# A source of jobs is looked at this often, in seconds, even if none is due: somebody may have set the clock.
_LONGEST_WAIT = 60.0


class TaskOwner(Protocol):
    """A session or a job, which has one task at a time."""

    def finish(self, outcome: object) -> None:
        """Take the outcome of the task; a `TaskFailed` if it raised."""

    def abandon_task(self) -> None:
        """Stop waiting for the task, because the server stops."""


class TaskRunner:
    """Runs the tasks of many owners, and keeps their calls to other hosts.

    Args:
        loop: the loop that runs.
        poller: watches the connections.
        inbox: the buffer that all of them are read into.
        allow_remote: let mail be handed on to other machines than this one.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, poller: Poller, inbox: memoryview, *, allow_remote: bool
    ) -> None:
        self._loop = loop
        self._poller = poller
        self._inbox = inbox
        self._allow_remote = allow_remote
        self._pool = ThreadPoolExecutor(_DISK_THREADS, thread_name_prefix="smtplab-disk")
        self._tasks: dict[asyncio.Future[object], TaskOwner] = {}  # those being done, and for whom
        self._opening: set[asyncio.Task[None]] = set()  # calls to other hosts that have not been answered
        # The open calls to other hosts. An idle session has none, and keeps no room for them.
        self._calls: dict[TaskOwner, dict[DeliverySession, ClientProtocol]] = {}
        self._farewells: set[ClientProtocol] = set()  # calls whose QUIT nobody waits for
        self._stopped = False

    def do(self, task: Task, owner: TaskOwner) -> None:
        """Run a task, in a thread if it waits for the disk, and pass the outcome to `owner.finish`.

        After `stop` the owner has to abandon its task at once.
        """
        if self._stopped:
            owner.abandon_task()
            return
        future: asyncio.Future[object]
        if isinstance(task, DiskTask):
            future = asyncio.wrap_future(self._pool.submit(task.outcome), loop=self._loop)
        else:
            future = self._loop.create_future()
            self._converse(task, owner, future)
        self._tasks[future] = owner
        future.add_done_callback(self._finish)

    def end_calls(self, owner: TaskOwner) -> None:
        """Close the calls that an owner has left open, as a job that raised may do."""
        for call in self._calls.pop(owner, {}).values():
            call.transport.close()

    async def stop(self, seconds: float) -> None:
        """Give the tasks under way some time to end, and those that follow them; then abandon the others."""
        deadline = self._loop.time() + seconds
        while self._tasks and (left := deadline - self._loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # the owner may have a next task
        self._stopped = True
        is_late = False
        while self._tasks:
            future, owner = self._tasks.popitem()
            if future.cancel():
                is_late = True
                _guarded(owner.abandon_task)
            else:  # it has ended in the last moment
                _guarded(partial(owner.finish, future.result()))
        for opening in self._opening:
            opening.cancel()
        for call in list(self._farewells):
            call.transport.close()
        self._pool.shutdown(wait=not is_late, cancel_futures=True)  # idle threads end at once

    def _converse(self, task: HostTask, owner: TaskOwner, future: asyncio.Future[object]) -> None:
        done = partial(_set_done, future)
        if task.opens:
            opening = self._loop.create_task(self._call(task, owner, future, done))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)
        elif task.farewell:
            self._say_farewell(self._calls[owner].pop(task.session))
            done()
        else:
            self._calls[owner][task.session].run(done)

    def _say_farewell(self, call: ClientProtocol) -> None:
        """Say QUIT to another host while the client already gets its reply; the call ends by itself."""
        self._farewells.add(call)
        call.run(partial(self._farewells.discard, call))

    def _finish(self, future: asyncio.Future[object]) -> None:
        owner = self._tasks.pop(future, None)
        if owner is not None:  # else `stop` has ended it
            owner.finish(future.result())

    async def _call(
        self, task: HostTask, owner: TaskOwner, future: asyncio.Future[object], done: Callable[[], None]
    ) -> None:
        """Call another host, and run the first operation there."""
        seconds = task.session.timeouts.greeting
        try:
            sock = await connect(task.host, task.port, seconds=seconds, allow_remote=self._allow_remote)
        except ConnectionLost as error:
            task.session.connection_failed(error)
            done()
        except Exception as error:
            if not future.done():
                future.set_result(TaskFailed(error))
        else:
            call = ClientProtocol(task.session, self._inbox)
            self._calls.setdefault(owner, {})[task.session] = call
            SocketTransport(self._poller, self._loop, sock, call)
            call.run(done)


class JobRunner:
    """Starts the jobs of a source when they are due, and runs them until they end.

    Args:
        source: begins jobs.
        runner: runs their tasks.
    """

    def __init__(self, source: JobSource, runner: TaskRunner) -> None:
        self._source = source
        self._runner = runner
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._looks_soon = False
        source.wake = self.look_soon
        self.look_soon()

    def look_soon(self) -> None:
        """Start what is due when everything that is ready now has had its turn."""
        if not self._looks_soon:
            self._looks_soon = True
            self._loop.call_soon(self._look)

    def start(self, job: Job) -> None:
        """Run one more job, which the source has not begun."""
        _JobUnderWay(job, self._runner, self.look_soon).go_on(None)

    def stop(self) -> None:
        """Start no more jobs; those under way go on."""
        self._source.stop()
        self._cancel_timer()

    def _look(self) -> None:
        """Start what is due, and set the timer for what comes next."""
        self._looks_soon = False
        self._cancel_timer()
        left: float | None = _LONGEST_WAIT
        try:
            for job in self._source.start_due():
                self.start(job)
            due = self._source.next_in()
            left = None if due is None else min(due / MICROSECONDS, _LONGEST_WAIT)
        except Exception:
            _log.exception("the jobs of the host that are due could not be started; the next look is in a minute")
        if left is not None:
            self._timer = self._loop.call_later(left, self._look)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _JobUnderWay:
    """A job under way; see `TaskOwner`."""

    def __init__(self, job: Job, runner: TaskRunner, ended: Callable[[], None]) -> None:
        self._job = job
        self._runner = runner
        self._ended = ended

    def finish(self, outcome: object) -> None:
        self.go_on(outcome)

    def abandon_task(self) -> None:
        try:
            self._job.close()
        except Exception:
            _log.exception("a job of the host broke while it was ended")
        self._end()

    def go_on(self, outcome: object) -> None:
        """Give the job the outcome of its task, and do the next one."""
        task = next_task(self._job, outcome)
        if task is None:
            self._end()
        else:
            self._runner.do(task, self)

    def _end(self) -> None:
        self._runner.end_calls(self)
        self._ended()


def _guarded(step: Callable[[], None]) -> None:
    """Take a step; log an error in it, so that the other tasks can end too."""
    try:
        step()
    except Exception:
        _log.exception("a task under way broke while the server stopped")


def _set_done(future: asyncio.Future[object]) -> None:
    if not future.done():
        future.set_result(None)
