"""What a system tells of processes is read, whatever they call themselves."""

from __future__ import annotations

import os
import signal

import pytest

from smtplab.border.process_table import HeldMemory, ProcessTable, SeenProcess, read_smaps, read_stat

REST = "S 7 8 9 0 -1 0 0 0 0 0 150 50 30 20 20 0 3 0 4242 1000000 25 0"


@pytest.mark.parametrize("name", ["python", "a b", ") R 1 1 (", "x) S 1 2", "", "é", "\N{SNOWMAN})"])
def test_a_process_is_read_whatever_its_name(name: str) -> None:
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    assert read_stat(f"123 ({name}) {REST}\n") == SeenProcess(123, 7, False, 3, 4242, 200 / tick, 50 / tick, 25 * page)


@pytest.mark.parametrize(("state", "is_dead"), [("R", False), ("D", False), ("T", False), ("Z", True), ("X", True)])
def test_a_process_that_has_ended_is_dead(state: str, is_dead: bool) -> None:
    assert read_stat(f"123 (x) {state}{REST[1:]}").is_dead is is_dead


def test_descendants_are_children_and_theirs() -> None:
    table = ProcessTable()
    child = os.fork()
    if not child:
        grandchild = os.fork()
        signal.pause()
        os._exit(grandchild)
    try:
        while len(found := table.descendants()) < 2:
            pass
        assert [each.parent for each in found] == [os.getpid(), child]
        assert found[0].process == child
    finally:
        for each in table.descendants():
            os.kill(each.process, signal.SIGKILL)
        os.waitpid(child, 0)


SMAPS = """\
55d0c0a00000-7ffd1d5f5000 ---p 00000000 00:00 0                          [rollup]
Rss:               11464 kB
Pss:                1000 kB
Pss_Anon:            600 kB
Pss_File:            300 kB
Pss_Shmem:           100 kB
Private_Clean:        50 kB
Private_Dirty:       450 kB
"""


@pytest.mark.parametrize(
    ("text", "held"), [(SMAPS, HeldMemory(450 * 1024, 250 * 1024)), ("", HeldMemory(0, 0)), ("x\n", HeldMemory(0, 0))]
)
def test_memory_is_what_can_not_be_read_again_from_a_file(text: str, held: HeldMemory) -> None:
    assert read_smaps(text) == held


def test_a_process_holds_what_it_has_written() -> None:
    table = ProcessTable()
    before = table.held(os.getpid()).own
    kept = bytearray(b"x" * (8 << 20))
    assert table.held(os.getpid()).own - before > len(kept) * 0.9


@pytest.mark.parametrize("fails", ["open", "readlink"])
def test_a_system_that_shows_no_processes_has_none_to_watch(monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    def raises(*more: object, **named: object) -> int:
        raise FileNotFoundError("/proc")

    elsewhere = ProcessTable()
    with monkeypatch.context() as patch:
        patch.setattr(os, fails, raises)
        table = ProcessTable()
        assert not table.shows_processes
        assert table.descendants() == []
        assert ProcessTable.here_or(elsewhere) is elsewhere
    assert ProcessTable.here_or(elsewhere) is not elsewhere


def test_a_process_that_ends_between_two_looks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    table = ProcessTable()

    def raises(*more: object) -> bytes:
        raise ProcessLookupError

    assert table.held(0) == HeldMemory(0, 0)
    monkeypatch.setattr(os, "read", raises)
    assert table.descendants() == []
