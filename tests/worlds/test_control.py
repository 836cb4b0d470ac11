"""The control socket of a host answers whom it may: each request gets an answer, and each connection ends."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import stat
import threading
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from smtplab.mta.handler import Handler
from smtplab.mta.task import DiskTask, Job, JobSource, Task, run_on_disk
from smtplab.worlds import control as control_module
from smtplab.worlds.control import ControlSocket, ask
from smtplab.worlds.tcp import Server
from support.raw_client import PATIENCE

Answer = Generator[Task, object, dict[str, Any]]


def echo(request: Mapping[str, Any]) -> Answer:
    yield from ()
    return {"got": dict(request)}


def broken(request: Mapping[str, Any]) -> Answer:
    yield DiskTask(lambda: None)
    raise RuntimeError("a slip")


def broken_on_disk(request: Mapping[str, Any]) -> Answer:
    yield DiskTask(lambda: 1 // 0)
    return {}


def run_at_once(job: Job) -> None:
    run_on_disk(job)


def answered(path: Path, *calls: Callable[[], Any], answer: Callable[[Mapping[str, Any]], Answer] = echo) -> list[Any]:
    """Return what calls to a control socket return, one after the other."""

    async def run() -> list[Any]:
        control = ControlSocket(path, answer, run_at_once)
        await control.start()
        try:
            return [await asyncio.to_thread(call) for call in calls]
        finally:
            control.stop()
            await control.wait_closed()

    return asyncio.run(asyncio.wait_for(run(), 3 * PATIENCE))


def raw(path: Path, octets: bytes, *, ends: bool = True) -> bytes:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(str(path))
        sock.sendall(octets)
        if ends:
            sock.shutdown(socket.SHUT_WR)
        return sock.makefile("rb").read()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines of a moment."""
    monkeypatch.setattr(control_module, "_CLIENT_SECONDS", 0.2)
    monkeypatch.setattr(control_module, "_ANSWER_SECONDS", 0.2)


def test_a_request_gets_its_answer(path: Path) -> None:
    requests = [{"do": "list"}, {"do": "show", "id": "ä" * 10_000}]
    answers = answered(path, *(lambda each=each: ask(path, each) for each in requests))  # type: ignore[misc]
    assert answers == [{"got": each} for each in requests]
    assert not path.exists()


def test_an_answer_may_be_long(path: Path) -> None:
    def long(request: Mapping[str, Any]) -> Answer:
        yield from ()
        return {"entries": ["x" * 1000] * 5000}

    (answer,) = answered(path, lambda: ask(path, {}), answer=long)
    assert len(answer["entries"]) == 5000


def test_only_the_owner_may_open_the_socket(path: Path) -> None:
    (mode,) = answered(path, lambda: stat.S_IMODE(path.stat().st_mode))
    assert mode == 0o600


@pytest.mark.parametrize(
    "octets",
    [
        b"{",
        b'{"do": "list"}',  # half a line, because its end is missing
        b"[1]\n",
        b"\xff\n",
        b"7\n",
        b"\n",
        b"[" * 60_000 + b"\n",
        b"{}" + b" " * 65_534 + b"\n",
        b'{"id": "' + b"x" * 1_000_000 + b'"}\n',
        b"x" * 1_000_000,
        b'{"do": "list"}\n{"do": "list"}\n',
    ],
    ids=lambda octets: repr(octets[:12]),
)
def test_what_is_no_request_gets_an_error_and_the_next_request_its_answer(path: Path, octets: bytes) -> None:
    line, after = answered(path, lambda: raw(path, octets), lambda: ask(path, {"a": 1}))
    assert "one line" in json.loads(line)["error"]
    assert after == {"got": {"a": 1}}


@pytest.mark.parametrize("octets", [b"", b"{", b"x" * 100_000])
@pytest.mark.usefixtures("hasty")
def test_a_request_that_does_not_end_gets_an_error_after_its_deadline(path: Path, octets: bytes) -> None:
    line, after = answered(path, lambda: raw(path, octets, ends=False), lambda: ask(path, {"a": 1}))
    assert "no request" in json.loads(line)["error"]
    assert after == {"got": {"a": 1}}


def test_who_says_nothing_and_leaves_gets_nothing(path: Path) -> None:
    assert answered(path, lambda: raw(path, b"")) == [b""]


@pytest.mark.parametrize("answer", [broken, broken_on_disk])
def test_a_request_that_breaks_is_answered_and_logged(
    path: Path, answer: Callable[[Mapping[str, Any]], Answer], caplog: pytest.LogCaptureFixture
) -> None:
    (said,) = answered(path, lambda: ask(path, {}), answer=answer)
    assert "mistake" in said["error"]
    assert "a slip" in caplog.text or "ZeroDivisionError" in caplog.text


def test_a_client_that_leaves_disturbs_nobody(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def leave() -> None:
        for octets in (b"", b"{", b'{"a": 1}\n'):
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(str(path))
                sock.sendall(octets)

    def long(request: Mapping[str, Any]) -> Answer:
        yield from ()
        return {"got": "x" * 3_000_000}

    with caplog.at_level(logging.ERROR):
        *_, after = answered(path, *[leave] * 5, lambda: ask(path, {}), answer=long)
    assert len(after["got"]) == 3_000_000
    assert caplog.text == ""


def echo_later(request: Mapping[str, Any]) -> Answer:
    yield DiskTask(lambda: None)
    return {"got": dict(request)}


class Held:
    """Jobs that do not go on after their first task before they are let go."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.came = threading.Semaphore(0)

    def start(self, job: Job) -> None:
        next(job)
        self.jobs.append(job)
        self.came.release()


async def with_held(path: Path, act: Callable[[ControlSocket, Held], Awaitable[Any]]) -> Any:
    held = Held()
    control = ControlSocket(path, echo_later, held.start)
    await control.start()
    try:
        return await asyncio.wait_for(act(control, held), 3 * PATIENCE)
    finally:
        control.stop()


def test_two_clients_at_once_get_each_its_own_answer_in_any_order(path: Path) -> None:
    async def act(control: ControlSocket, held: Held) -> list[dict[str, Any]]:
        asked = [asyncio.create_task(asyncio.to_thread(ask, path, {"a": number})) for number in range(2)]
        for _ in asked:
            await asyncio.to_thread(held.came.acquire)
        for job in reversed(held.jobs):
            run_on_disk(job)
        return await asyncio.gather(*asked)

    assert asyncio.run(with_held(path, act)) == [{"got": {"a": 0}}, {"got": {"a": 1}}]


@pytest.mark.usefixtures("hasty")
def test_a_job_that_hangs_is_answered_after_its_deadline_and_may_end_later(path: Path) -> None:
    async def act(control: ControlSocket, held: Held) -> dict[str, Any]:
        answer = await asyncio.to_thread(ask, path, {})
        run_on_disk(held.jobs[0])
        return answer

    assert "not ready" in asyncio.run(with_held(path, act))["error"]


@pytest.mark.usefixtures("hasty")
def test_a_client_that_does_not_read_is_sent_away(path: Path) -> None:
    def long(request: Mapping[str, Any]) -> Answer:
        yield from ()
        return {"got": "x" * 30_000_000}

    async def run() -> int:
        came = asyncio.Event()
        control = ControlSocket(path, long, lambda job: (run_on_disk(job), came.set()))  # type: ignore[arg-type,func-returns-value]
        await control.start()
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.settimeout(PATIENCE)
            deaf.connect(str(path))
            deaf.sendall(b"{}\n")
            await came.wait()
            control.stop()
            await control.wait_closed()
            return len(deaf.makefile("rb").read())

    assert asyncio.run(asyncio.wait_for(run(), 3 * PATIENCE)) < 30_000_000


@pytest.mark.parametrize("is_done", [True, False])
def test_a_stop_answers_the_requests_under_way_and_takes_no_more(path: Path, is_done: bool) -> None:
    async def act(control: ControlSocket, held: Held) -> dict[str, Any]:
        asked = asyncio.create_task(asyncio.to_thread(ask, path, {"a": 1}))
        silent = asyncio.create_task(asyncio.to_thread(raw, path, b"{", ends=False))
        await asyncio.to_thread(held.came.acquire)
        await asyncio.sleep(0.1)
        control.stop()
        with pytest.raises(FileNotFoundError):
            ask(path, {})
        assert await silent == b""
        (job,) = held.jobs
        if is_done:
            run_on_disk(job)
        else:
            job.close()  # as the server does with a job that takes too long
        await control.wait_closed()
        return await asked

    answer = asyncio.run(with_held(path, act))
    assert answer == {"got": {"a": 1}} if is_done else "stops" in answer["error"]


def test_who_connects_in_the_moment_of_a_stop_is_sent_away(path: Path) -> None:
    async def act(control: ControlSocket, held: Held) -> bytes:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(path))
        control.stop()
        with sock:
            sock.settimeout(PATIENCE)
            return await asyncio.to_thread(sock.recv, 100)

    with suppress(ConnectionResetError):  # as some systems say it
        assert asyncio.run(with_held(path, act)) == b""


class NoJobs:
    """A host that begins no job by itself."""

    wake: Callable[[], None] = staticmethod(lambda: None)  # type: ignore[assignment]

    def next_in(self) -> None:
        return None

    def start_due(self) -> list[Job]:
        return []

    def stop(self) -> None:
        pass


def test_a_server_that_stops_lets_a_request_under_way_end_or_says_that_it_does_not(path: Path) -> None:
    reached, goes_on = threading.Semaphore(0), threading.Event()

    def slow(request: Mapping[str, Any]) -> Answer:
        yield DiskTask(lambda: (reached.release(), goes_on.wait(0.3 if request["a"] else PATIENCE)))
        return {"got": dict(request)}

    async def run() -> list[dict[str, Any]]:
        source: JobSource = NoJobs()
        server = Server(Handler("lab.example"), jobs=source, drain_seconds=1.0)
        await server.start()
        control = ControlSocket(path, slow, server.start_job)
        await control.start()
        asked = [asyncio.create_task(asyncio.to_thread(ask, path, {"a": number})) for number in range(2)]
        for _ in asked:
            await asyncio.to_thread(reached.acquire)
        control.stop()
        await server.stop()
        await control.wait_closed()
        goes_on.set()
        return await asyncio.gather(*asked)

    late, done = asyncio.run(asyncio.wait_for(run(), 3 * PATIENCE))
    assert done == {"got": {"a": 1}}
    assert "stops" in late["error"]


def test_a_socket_that_a_crash_has_left_is_replaced_and_told_from_one_that_is_open(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ask(path, {})
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with pytest.raises(ConnectionRefusedError):
        ask(path, {})
    assert answered(path, lambda: ask(path, {})) == [{"got": {}}]


def test_a_host_that_does_not_answer_is_told(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(path))
        deaf.listen()
        with pytest.raises(TimeoutError, match="has not answered"):
            ask(path, {}, 0.1)


def test_a_path_that_is_too_long_for_a_socket_works_too(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100) / ("y" * 100)
    folder.mkdir(parents=True)
    assert answered(folder / "control", lambda: ask(folder / "control", {"a": 1})) == [{"got": {"a": 1}}]


def test_a_socket_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        answered(tmp_path / "none" / "control")


def test_a_socket_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        answered(tmp_path / "none" / "control")
    assert caught.value.filename == str(tmp_path / "none" / "control")
