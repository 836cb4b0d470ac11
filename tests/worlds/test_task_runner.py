"""A server runs the jobs of its host on its own loop: when they are due, to their end, and to no later time."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path as FilePath

import pytest

from smtplab.base.seed import Seed
from smtplab.client.outcomes import Timeouts
from smtplab.mta.directory import Directory
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.queue_ids import TimedIds
from smtplab.mta.queue_manager import QueueManager, QueueSettings
from smtplab.mta.retry_schedule import RetrySchedule
from smtplab.mta.spool_folder import FolderSpool
from smtplab.mta.store import MemoryStore
from smtplab.mta.task import DiskTask, Job
from smtplab.mta.zone import Zone
from smtplab.worlds import task_runner
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.task_runner import TaskRunner
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import Client
from support.hosts import Address, mail_host
from support.odd_server import OddServer, silence
from support.raw_client import PATIENCE


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Source:
    """Jobs that are due at times of this machine's clock.

    Args:
        jobs: when each is due, in seconds from now, and what begins it.
    """

    wake: Callable[[], None] = staticmethod(lambda: None)  # type: ignore[assignment]

    def __init__(self, *jobs: tuple[float, Callable[[], Job]]) -> None:
        begin = time.monotonic()
        self.jobs = [(begin + after, job) for after, job in jobs]
        self.stopped = False
        self.looks = 0

    def next_in(self) -> int | None:
        self.looks += 1
        if self.stopped or not self.jobs:
            return None
        return max(0, round((min(due for due, _ in self.jobs) - time.monotonic()) * 1e6))

    def start_due(self) -> Sequence[Job]:
        now = time.monotonic()
        due = [job for time_due, job in self.jobs if time_due <= now]
        self.jobs = [each for each in self.jobs if each[0] > now]
        return [] if self.stopped else [job() for job in due]

    def stop(self) -> None:
        self.stopped = True


@contextmanager
def running(source: Source, drain_seconds: float = 5.0) -> Iterator[BackgroundServer]:
    with BackgroundServer(Server(Handler("lab.example"), jobs=source, drain_seconds=drain_seconds)) as server:
        yield server


def test_each_task_of_a_job_gets_the_outcome_of_the_one_before() -> None:
    outcomes: list[object] = []

    def job() -> Job:
        outcomes.append((yield DiskTask(lambda: 1)))
        try:
            yield DiskTask(lambda: 1 // 0)
        except ZeroDivisionError as error:
            outcomes.append(error)
        outcomes.append((yield DiskTask(threading.current_thread)))
        return None

    with running(Source((0, job))):
        until(lambda: len(outcomes) == 3)
    first, error, thread = outcomes
    assert (first, type(error)) == (1, ZeroDivisionError)
    assert isinstance(thread, threading.Thread)
    assert thread.name.startswith("smtplab-disk")


def test_jobs_start_when_they_are_due_and_not_before() -> None:
    started: list[str] = []

    def job(name: str) -> Callable[[], Job]:
        def run() -> Job:
            started.append(name)
            yield DiskTask(lambda: None)
            return None

        return run

    begin = time.monotonic()
    with running(Source((0.3, job("late")), (0, job("early")))):
        until(lambda: len(started) == 2)
    assert started == ["early", "late"]
    assert time.monotonic() - begin >= 0.3


def test_a_source_that_wakes_is_looked_at_at_once() -> None:
    started = threading.Event()

    def job() -> Job:
        started.set()
        yield DiskTask(lambda: None)
        return None

    source = Source()
    with running(source):
        until(lambda: source.looks)
        source.jobs.append((0, job))
        assert not started.wait(0.1)
        loop_of(source).call_soon_threadsafe(source.wake)
        assert started.wait(PATIENCE)


def loop_of(source: Source):  # type: ignore[no-untyped-def]
    return source.wake.__self__._loop  # type: ignore[attr-defined]


def test_the_clock_is_looked_at_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_runner, "_LONGEST_WAIT", 0.05)
    started = threading.Event()

    def job() -> Job:
        started.set()
        yield DiskTask(lambda: None)
        return None

    source = Source((3600, job))
    with running(source):
        until(lambda: source.looks)
        source.jobs = [(0, job)]  # as if the clock had been set forward
        assert started.wait(PATIENCE)


def test_a_job_that_breaks_ends_alone(caplog: pytest.LogCaptureFixture) -> None:
    ended = threading.Event()

    def broken() -> Job:
        yield DiskTask(lambda: None)
        raise RuntimeError("a slip")

    def good() -> Job:
        yield DiskTask(lambda: time.sleep(0.1))
        ended.set()
        return None

    with caplog.at_level(logging.ERROR), running(Source((0, broken), (0, good))):
        assert ended.wait(PATIENCE)
    assert "a slip" in caplog.text


def test_a_stop_lets_jobs_under_way_end_and_starts_no_more() -> None:
    done: list[str] = []
    entered = threading.Event()

    def slow() -> Job:
        yield DiskTask(lambda: (entered.set(), time.sleep(0.2)))
        yield DiskTask(lambda: time.sleep(0.1))
        done.append("slow")
        return None

    def next_one() -> Job:
        done.append("next")
        yield DiskTask(lambda: None)
        return None

    source = Source((0, slow), (0.25, next_one))
    with running(source):
        assert entered.wait(PATIENCE)
    assert done == ["slow"]


def test_a_stop_does_not_wait_for_ever_and_closes_the_job() -> None:
    closed: list[str] = []
    entered, release = threading.Event(), threading.Event()

    def endless() -> Job:
        try:
            yield DiskTask(lambda: (entered.set(), release.wait(PATIENCE)))
        finally:
            closed.append("closed")
        return None

    begin = time.monotonic()
    with running(Source((0, endless)), drain_seconds=0.2):
        assert entered.wait(PATIENCE)
    release.set()
    assert closed == ["closed"]
    assert time.monotonic() - begin < 5


class Owner:
    """Owns one task, and notes what becomes of it."""

    def __init__(self, runner: TaskRunner, then: Sequence[Callable[[], object]] = (), *, breaks: bool = False) -> None:
        self.runner, self.then, self.breaks = runner, list(then), breaks
        self.outcomes: list[object] = []
        self.abandoned = 0

    def finish(self, outcome: object) -> None:
        self.outcomes.append(outcome)
        self._break()
        if self.then:
            self.runner.do(DiskTask(self.then.pop(0)), self)

    def abandon_task(self) -> None:
        self.abandoned += 1
        self._break()

    def _break(self) -> None:
        if self.breaks:
            raise RuntimeError("a slip")


def on_a_runner(act: Callable[[TaskRunner], Awaitable[None]]) -> None:
    async def run() -> None:
        runner = TaskRunner(asyncio.get_running_loop(), None, memoryview(b""), allow_remote=False)  # type: ignore[arg-type]
        await asyncio.wait_for(act(runner), 2 * PATIENCE)

    asyncio.run(run())


def test_a_task_that_ends_in_the_last_moment_of_a_stop_is_finished_once_and_not_abandoned() -> None:
    async def act(runner: TaskRunner) -> None:
        owner = Owner(runner, [lambda: 2])
        runner.do(DiskTask(lambda: 1), owner)
        (future,) = runner._tasks
        while not future.done():  # without a turn for its callback
            handles, asyncio.get_running_loop()._ready = asyncio.get_running_loop()._ready, deque()  # type: ignore[attr-defined]
            for handle in handles:
                handle._run()
        await runner.stop(0)
        await asyncio.sleep(0.05)
        assert (owner.outcomes, owner.abandoned) == ([1], 1)

    on_a_runner(act)


def test_a_stop_ends_every_task_although_one_owner_breaks(caplog: pytest.LogCaptureFixture) -> None:
    async def act(runner: TaskRunner) -> None:
        release = threading.Event()
        owners = [Owner(runner, breaks=number != 1) for number in range(3)]
        for owner in owners:
            runner.do(DiskTask(lambda: release.wait(PATIENCE)), owner)
        await runner.stop(0.05)
        release.set()
        assert [owner.abandoned for owner in owners] == [1, 1, 1]
        assert [owner.outcomes for owner in owners] == [[], [], []]

    on_a_runner(act)
    assert caplog.text.count("RuntimeError: a slip") == 2


def test_a_task_after_the_stop_is_abandoned_at_once() -> None:
    async def act(runner: TaskRunner) -> None:
        await runner.stop(0)
        owner = Owner(runner)
        runner.do(DiskTask(lambda: 1), owner)
        assert (owner.outcomes, owner.abandoned) == ([], 1)

    on_a_runner(act)


def test_a_job_that_refuses_to_end_keeps_no_other_from_it(caplog: pytest.LogCaptureFixture) -> None:
    closed: list[str] = []
    entered, release = threading.Semaphore(0), threading.Event()

    def waits() -> Job:
        try:
            yield DiskTask(lambda: (entered.release(), release.wait(PATIENCE)))
        finally:
            closed.append("closed")
        return None

    def stubborn() -> Job:
        try:
            yield DiskTask(lambda: (entered.release(), release.wait(PATIENCE)))
        finally:
            yield DiskTask(lambda: None)
        return None

    with running(Source((0, waits), (0, stubborn), (0, waits)), drain_seconds=0.1):
        for _ in range(3):
            assert entered.acquire(timeout=PATIENCE)
    release.set()
    assert closed == ["closed", "closed"]
    assert "ignored GeneratorExit" in caplog.text


@pytest.mark.parametrize("broken", ["start_due", "next_in"])
def test_a_source_that_breaks_is_looked_at_again(
    broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(task_runner, "_LONGEST_WAIT", 0.05)
    started = threading.Event()

    def job() -> Job:
        started.set()
        yield DiskTask(lambda: None)
        return None

    source = Source((0.1, job))
    works = getattr(source, broken)

    def breaks() -> object:
        setattr(source, broken, works)
        raise RuntimeError("a slip")

    setattr(source, broken, breaks)
    with running(source):
        assert started.wait(PATIENCE)
    assert "a slip" in caplog.text


# A queue on sockets


@contextmanager
def relaying(spool: FolderSpool, port: int, *, drain_seconds: float = 5.0) -> Iterator[tuple[Address, QueueManager]]:
    """Run a host whose queue relays mail for far.example to a port; yield where it listens, and its queue."""
    zone = Zone(hosts={"far.example": ["127.0.0.1"]}, port=port)
    settings = QueueSettings(RetrySchedule.of(["100 ms"], jitter=0), timeouts=Timeouts(greeting=30), seed=Seed(1))
    queue = QueueManager("near.example", zone, spool, settings, clock=lambda: datetime.now(UTC), ids=TimedIds())
    relay = MailHost(Directory("near.example", ["someone"]), MemoryStore(), queue=queue)
    queue.restore()
    with BackgroundServer(Server(relay, jobs=queue, drain_seconds=drain_seconds)) as server:
        yield server.address, queue


def send(address: Address, count: int = 1) -> None:
    with Client(*address) as client:
        for number in range(count):
            content = b"Subject: %d\r\n\r\nx\r\n" % number
            assert client.deliver("someone@near.example", "alice@far.example", content).complete


def test_mail_for_another_host_is_acknowledged_spooled_and_relayed(tmp_path: FilePath) -> None:
    far = mail_host(domain="far.example")
    spool = FolderSpool(tmp_path)
    with BackgroundServer(Server(far)) as server, relaying(spool, server.address[1]) as (near, queue):
        send(near, 30)
        until(lambda: len(far.store.messages("alice")) == 30)
        until(lambda: not len(queue.queue))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["lock"]
    spool.close()


def test_mail_waits_in_the_spool_for_a_host_that_is_down_over_a_restart(tmp_path: FilePath) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    spool = FolderSpool(tmp_path)
    with relaying(spool, port) as (near, queue):
        send(near)
        until(lambda: any(entry.attempts >= 2 for entry in queue.queue))
    spool.close()
    spool = FolderSpool(tmp_path)
    far = mail_host(domain="far.example")
    with BackgroundServer(Server(far, port=port)), relaying(spool, port) as (near, queue):
        until(lambda: not len(queue.queue))
    assert len(far.store.messages("alice")) == 1
    spool.close()


def test_a_stop_cuts_an_attempt_that_takes_too_long_and_the_spool_keeps_its_mail(tmp_path: FilePath) -> None:
    spool = FolderSpool(tmp_path)
    with OddServer(silence) as hop:
        with relaying(spool, hop.address[1], drain_seconds=0.2) as (near, queue):
            send(near)
            until(lambda: queue.queue.active)
            begin = time.monotonic()
        assert time.monotonic() - begin < 5
    assert len(list(spool.load())) == 1
    spool.close()
