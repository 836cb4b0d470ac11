"""What all processes of a submission use is added up, whatever they call themselves."""

from __future__ import annotations

import os
import signal
from unittest import mock

import pytest

from smtplab.border import watch
from smtplab.border.watch import Meter, SeenProcess, descendants, read_stat

REST = "S 7 8 9 0 -1 0 0 0 0 0 150 50 30 20 20 0 3 0 4242 1000000 25 0"


@pytest.mark.parametrize("name", ["python", "a b", ") R 1 1 (", "x) S 1 2", "", "é", "\N{SNOWMAN})"])
def test_a_process_is_read_whatever_its_name(name: str) -> None:
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    assert read_stat(f"123 ({name}) {REST}\n") == SeenProcess(123, 7, False, 3, 4242, 200 / tick, 50 / tick, 25 * page)


@pytest.mark.parametrize(("state", "is_dead"), [("R", False), ("D", False), ("T", False), ("Z", True), ("X", True)])
def test_a_process_that_has_ended_is_dead(state: str, is_dead: bool) -> None:
    assert read_stat(f"123 (x) {state}{REST[1:]}").is_dead is is_dead


def test_descendants_are_children_and_theirs() -> None:
    child = os.fork()
    if not child:
        grandchild = os.fork()
        signal.pause()
        os._exit(grandchild)
    try:
        while len(found := descendants(os.getpid())) < 2:
            pass
        assert [each.parent for each in found] == [os.getpid(), child]
        assert found[0].process == child
    finally:
        for each in descendants(os.getpid()):
            os.kill(each.process, signal.SIGKILL)
        os.waitpid(child, 0)


def seen(process: int, cpu: float = 0.0, waited: float = 0.0, resident: int = 0, *, threads: int = 1) -> SeenProcess:
    return SeenProcess(process, 1, False, threads, 1, cpu, waited, resident)


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    monkeypatch.setattr(watch, "ended_seconds", lambda: 0.0)
    return Meter(1, memory_octets=100, threads=5)


def look(monkeypatch: pytest.MonkeyPatch, meter: Meter, *processes: SeenProcess, shared_out: int = 0) -> None:
    monkeypatch.setattr(watch, "descendants", lambda ancestor: list(processes))
    monkeypatch.setattr(watch, "_shared_out", lambda process: shared_out)
    meter.look()


def test_time_that_nobody_waited_for_stays_counted(meter: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    look(monkeypatch, meter, seen(2, 1.0), seen(3, 2.0))
    look(monkeypatch, meter, seen(2, 1.5), seen(4, 1.0))
    assert meter.cpu_seconds == 4.5
    look(monkeypatch, meter)
    assert meter.cpu_seconds == 4.5


def test_time_of_processes_too_short_to_be_seen_counts_once_somebody_has_waited(
    meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(monkeypatch, meter, seen(2, 1.0, 3.0))
    assert meter.cpu_seconds == 4.0


def test_memory_is_full_only_if_what_is_shared_counts_once(meter: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    look(monkeypatch, meter, seen(2, resident=90), seen(3, resident=90), shared_out=45)
    assert not meter.is_full
    look(monkeypatch, meter, seen(2, resident=90), seen(3, resident=90), shared_out=60)
    assert meter.is_full


def test_threads_crowd_as_processes_do(meter: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    look(monkeypatch, meter, seen(2, threads=3), seen(3))
    assert not meter.is_crowded
    look(monkeypatch, meter, seen(2, threads=4), seen(3))
    assert meter.is_crowded


def test_a_system_that_shows_no_processes_has_none_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: str) -> list[str]:
        raise FileNotFoundError(path)

    monkeypatch.setattr(os, "listdir", fails)
    assert descendants(os.getpid()) == []


@pytest.mark.parametrize(("left", "is_crowded"), [(3, True), (2, False)])
def test_who_ends_right_after_starting_the_last_process_is_counted_with_it(left: int, is_crowded: bool) -> None:
    alive = [SeenProcess(number, 1, False, 1, 0, 0.0, 0.0, 0) for number in range(left)]
    meter = Meter(1, 1 << 30, 4)
    with mock.patch("smtplab.border.watch.descendants", return_value=alive):
        meter.look()
        assert not meter.is_crowded
        meter.look(just_ended=1)
    assert meter.is_crowded is is_crowded
