"""Threads that sync a folder at the same time share a sync, and none returns before one that began after its file."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from smtplab.mta import durable
from smtplab.mta.durable import OpenFolder
from support.raw_client import PATIENCE


class GatedOs:
    """Stands in for `os`: each sync waits until it is let go, and may fail."""

    def __init__(self) -> None:
        self.entered, self.gate = threading.Semaphore(0), threading.Semaphore(0)
        self.syncs = 0
        self.failing: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, fd: int) -> None:
        self.syncs += 1
        number = self.syncs
        self.entered.release()
        assert self.gate.acquire(timeout=PATIENCE)
        if number in self.failing:
            raise OSError(errno.EIO, "broken")


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> GatedOs:
    gated = GatedOs()
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(durable, "os", gated)
    return gated


class Syncing:
    """A thread that syncs a folder, and how that ended."""

    def __init__(self, folder: OpenFolder) -> None:
        self._folder = folder
        self.ended: str | None = None
        self._thread = threading.Thread(target=self._sync)
        self._thread.start()

    def _sync(self) -> None:
        try:
            self._folder.sync()
            self.ended = "synced"
        except OSError as error:
            self.ended = error.strerror

    def result(self) -> str | None:
        self._thread.join(PATIENCE)
        return self.ended


def crowd(folder: OpenFolder, gated: GatedOs, count: int) -> tuple[Syncing, list[Syncing]]:
    """Begin a sync, and while it is under way begin so many others."""
    first = Syncing(folder)
    assert gated.entered.acquire(timeout=PATIENCE)
    others = [Syncing(folder) for _ in range(count)]
    deadline = threading.Event()
    while len(folder._turn._waiters) < count:  # type: ignore[attr-defined]
        deadline.wait(0.001)
    return first, others


def test_those_who_come_during_a_sync_share_the_next_one(gated: GatedOs, tmp_path: Path) -> None:
    first, others = crowd(OpenFolder(tmp_path / "folder"), gated, 8)
    gated.gate.release()
    assert first.result() == "synced"
    assert gated.entered.acquire(timeout=PATIENCE)
    assert [each.ended for each in others] == [None] * 8  # the first sync may have missed their files
    gated.gate.release()
    assert [each.result() for each in others] == ["synced"] * 8
    assert gated.syncs == 2


def test_a_sync_that_fails_fails_for_all_who_share_it_and_for_nobody_else(gated: GatedOs, tmp_path: Path) -> None:
    gated.failing = {2}
    folder = OpenFolder(tmp_path / "folder")
    first, others = crowd(folder, gated, 5)
    gated.gate.release(2)
    assert first.result() == "synced"
    assert [each.result() for each in others] == ["broken"] * 5
    gated.gate.release()
    assert Syncing(folder).result() == "synced"
    assert gated.syncs == 3


def test_syncs_one_after_the_other_are_all_made(gated: GatedOs, tmp_path: Path) -> None:
    folder = OpenFolder(tmp_path / "folder")
    gated.gate.release(3)
    for _ in range(3):
        folder.sync()
    assert gated.syncs == 3


def test_a_file_that_is_moved_replaces_and_one_that_is_linked_does_not(tmp_path: Path) -> None:
    one, two = OpenFolder(tmp_path / "one"), OpenFolder(tmp_path / "two")
    for name in ("a", "b"):
        file = one.create(name)
        durable.write_all(file, name.encode())
        os.close(file)
    assert one.link("a", two, "x")
    with pytest.raises(FileExistsError):
        one.link("b", two, "x")
    one.move("b", two, "x")
    assert durable.read_all(two.open("x")) == b"b"
    assert not one.is_gone
    one.remove("a")
    (tmp_path / "one").rmdir()
    assert one.is_gone
