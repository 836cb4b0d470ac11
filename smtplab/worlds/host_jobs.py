"""The jobs that a host of the virtual world begins by itself, such as the attempts of its queue."""

from __future__ import annotations

from ..mta.task import DiskTask, Job, JobSource, next_task
from .connections import HostCalls
from .scheduler import Event
from .virtual import Host, World


class HostJobs:
    """Start the jobs of a host when they are due. A host that is down starts none. A job that breaks ends alone.

    Args:
        world: where the host is.
        host: the host.
        source: its jobs. Its clock is that of the world.

    Attributes:
        running: how many jobs are under way.
    """

    def __init__(self, world: World, host: Host, source: JobSource) -> None:
        self._world = world
        self._host = host
        self._source = source
        self._ties = world.tie_breaks(f"jobs {host.name}")
        self._next: Event | None = None
        self._next_time = 0
        self.running = 0
        source.wake = self.look
        self.look()

    def look(self) -> None:
        """Schedule the next start, which may have come nearer. Call it when the host is up again, too."""
        left = self._source.next_in()
        if left is None:
            return
        scheduler = self._world.scheduler
        time = scheduler.now + left
        if self._next is not None:
            if self._next_time <= time:
                return
            scheduler.cancel(self._next)
        self._next = scheduler.timer(left, self._start, self._ties)
        self._next_time = time

    def _start(self) -> None:
        self._next = None
        if not self._host.up:
            return
        for job in self._source.start_due():
            self.running += 1
            _JobRun(self, self._world, self._host, job).go_on(None)
        self.look()


class _JobRun:
    """A job under way: its tasks are done one after the other."""

    def __init__(self, jobs: HostJobs, world: World, host: Host, job: Job) -> None:
        self._jobs = jobs
        self._job = job
        self._calls = HostCalls(world, host)

    def go_on(self, outcome: object) -> None:
        """Give the job the outcome of its last task, and do those that follow until one waits for another host."""
        while (task := next_task(self._job, outcome)) is not None:
            if not isinstance(task, DiskTask):
                self._calls.run(task, self._called)
                return
            outcome = task.outcome()
        self._calls.clear()
        self._jobs.running -= 1
        self._jobs.look()

    def _called(self) -> None:
        self.go_on(None)
