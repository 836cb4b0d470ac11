"""The files of entries: whole or not there, one thread at a time for each entry, and none of a message that is gone."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from smtplab.mta.durable import OpenFolder
from smtplab.mta.entry_files import EntryFiles
from smtplab.mta.store import InsufficientStorageError
from support.raw_client import PATIENCE


@pytest.fixture
def files(tmp_path: Path) -> EntryFiles:
    return EntryFiles(OpenFolder(tmp_path / "tmp"), OpenFolder(tmp_path / "entries"))


def test_a_file_is_replaced_as_a_whole(files: EntryFiles, tmp_path: Path) -> None:
    assert files.read("A1-1") is None
    for record in (b"first and longer\n", b"second\n"):
        files.write("A1-1", record)
        assert files.read("A1-1") == record
    files.remove("A1-1")
    files.remove("A1-1")
    assert files.read("A1-1") is None
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_a_write_that_fails_leaves_the_file_as_it_was(
    files: EntryFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    files.write("A1-1", b"before\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(InsufficientStorageError, match="written: full"):
            files.write("A1-1", b"after\n")
    assert files.read("A1-1") == b"before\n"
    assert not list((tmp_path / "tmp").iterdir())


def test_an_id_that_is_not_a_name_of_a_file_stays_in_its_folder(files: EntryFiles, tmp_path: Path) -> None:
    files.write("../../x", b"x\n")
    assert files.read("../../x") == b"x\n"
    assert len(list((tmp_path / "entries").iterdir())) == 1


def test_one_thread_at_a_time_works_with_an_entry_and_others_with_others(files: EntryFiles) -> None:
    inside, order = threading.Event(), list[str]()

    def second() -> None:
        with files.turn("A1-1"):
            order.append("second")
        inside.set()

    with files.turn("A1-1"):
        thread = threading.Thread(target=second)
        thread.start()
        with files.turn("A1-2"):
            assert not inside.wait(0.1)
        order.append("first")
    assert inside.wait(PATIENCE)
    thread.join(PATIENCE)
    assert order == ["first", "second"]


def test_a_turn_ends_when_its_work_breaks(files: EntryFiles) -> None:
    with pytest.raises(RuntimeError), files.turn("A1-1"):
        raise RuntimeError
    with files.turn("A1-1"):
        files.write("A1-1", b"x\n")


def test_files_of_unknown_entries_are_named(files: EntryFiles) -> None:
    for name in ("A1-1", "A2-1", "A3-1"):
        files.write(name, b"x\n")
    assert sorted(files.unknown({"A2-1", "A9-1"})) == ["A1-1", "A3-1"]


def test_a_folder_in_place_of_a_file_is_told(files: EntryFiles, tmp_path: Path) -> None:
    (tmp_path / "entries" / "A1-1").mkdir()
    with pytest.raises(ValueError, match="spool"):
        files.read("A1-1")
