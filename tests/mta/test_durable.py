"""Files survive a crash: each step is taken in its order, a sync may be shared, and a failure leaves nothing behind."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from smtplab.mta import durable
from smtplab.mta.durable import FileDraft, OpenFolder, all_or_none, require_writable, take_steps
from smtplab.mta.store import InsufficientStorageError, LocalError
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


@pytest.mark.parametrize(
    ("code", "is_raised"), [(errno.EXDEV, False), (errno.EPERM, False), (errno.EMLINK, False), (errno.EIO, True)]
)
def test_a_file_system_without_links_is_told_from_one_that_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_raised: bool
) -> None:
    def link(*arguments: object, **named: object) -> None:
        raise OSError(code, "no")

    folder = OpenFolder(tmp_path)
    monkeypatch.setattr(os, "link", link)
    if is_raised:
        with pytest.raises(OSError, match="no"):
            folder.link("a", folder, "b")
    else:
        assert folder.link("a", folder, "b") is False


# Drafts


class Letter(FileDraft):
    """A draft in one folder, from where it goes to another."""

    def __init__(self, root: Path, name: str = "a", room: int = 1 << 40) -> None:
        super().__init__(name, lambda octets: durable.require_free(root, octets, 0) if octets < room else self.full())
        self.tmp, self.new = OpenFolder(root / "tmp"), OpenFolder(root / "new")

    def full(self) -> None:
        raise InsufficientStorageError("full")

    def home(self) -> OpenFolder:
        return self.tmp

    def place(self) -> None:
        self.tmp.move(self.name, self.new, self.name)
        self._home = None

    def withdraw(self) -> None:
        (self.new.path / self.name).unlink(missing_ok=True)


STEPS = (Letter.write_out, Letter.sync, Letter.place)


def names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_draft_is_placed_once_it_is_whole_and_a_big_one_is_written_in_pieces(tmp_path: Path) -> None:
    letter = Letter(tmp_path)
    assert letter.write(b"one ") is None
    assert names(tmp_path) == []
    spill = letter.write(b"x" * durable.SPILL_OCTETS)
    assert spill is not None
    spill()
    assert names(tmp_path) == ["tmp/a"]
    letter.write(b" end")
    take_steps([letter], Letter.write_out, Letter.sync)
    take_steps([letter], *STEPS)  # what was prepared is not written twice
    letter.end()
    letter.abort()
    assert names(tmp_path) == ["new/a"]
    assert (tmp_path / "new" / "a").read_bytes() == b"one " + b"x" * durable.SPILL_OCTETS + b" end"
    with pytest.raises(LocalError, match="ended"):
        take_steps([letter], *STEPS)


def test_a_draft_that_is_aborted_leaves_nothing_and_takes_nothing_more(tmp_path: Path) -> None:
    letter = Letter(tmp_path)
    spill = letter.write(b"x" * durable.SPILL_OCTETS)
    assert spill is not None
    spill()
    letter.abort()
    assert letter.write(b"x" * durable.SPILL_OCTETS) is None
    assert names(tmp_path) == []


def test_a_piece_for_which_there_is_no_room_ends_the_draft_and_the_commit_says_so(tmp_path: Path) -> None:
    letter = Letter(tmp_path, room=10)
    spill = letter.write(b"x" * durable.SPILL_OCTETS)
    assert spill is not None
    spill()
    assert names(tmp_path) == []
    with pytest.raises(InsufficientStorageError):
        take_steps([letter], *STEPS)


@pytest.mark.parametrize("broken", ["write", "fsync", "rename", "close"])
@pytest.mark.parametrize("unlink", ["works", "fails"])
def test_if_one_of_two_drafts_fails_both_are_gone_and_every_file_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, unlink: str
) -> None:
    class BrokenOs:
        left = 2

        def __getattr__(self, name: str) -> Any:
            real = getattr(os, name)
            if name == broken or (name == "unlink" and unlink == "fails"):
                self.left -= 1
                if self.left <= 0 or name == "unlink":

                    def fail(*arguments: Any, **named: Any) -> None:
                        if name == "close":
                            real(*arguments)
                        raise OSError(errno.ENOSPC, "full")

                    return fail
            return real

    letters = [Letter(tmp_path, name) for name in ("a", "b")]
    for letter in letters:
        letter.write(b"x")
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", BrokenOs())
        with pytest.raises(InsufficientStorageError), all_or_none(letters, tmp_path):
            take_steps(letters, *STEPS)
    assert [name for name in names(tmp_path) if name.startswith("new")] == []
    assert names(tmp_path) == [] or unlink == "fails"
    assert [letter._file for letter in letters] == [-1, -1]


def test_a_kind_of_draft_says_where_it_lies_and_how_it_is_placed() -> None:
    draft = FileDraft("a", lambda octets: None)
    for step in (draft.home, draft.place, draft.withdraw):
        with pytest.raises(NotImplementedError):
            step()


# Folders and files


def test_new_folders_are_made_with_their_parents_for_the_owner_alone(tmp_path: Path) -> None:
    durable.make_folder(tmp_path / "a" / "b" / "c")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "a", tmp_path / "a" / "b" / "c")] == [0o700] * 2
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotADirectoryError):
        durable.make_folder(tmp_path / "file")


def test_a_folder_that_another_process_makes_meanwhile_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = os.mkdir

    def quicker(path: Path, mode: int) -> None:
        mkdir(path, mode)
        mkdir(path, mode)

    monkeypatch.setattr(os, "mkdir", quicker)
    durable.make_folder(tmp_path / "a")
    assert (tmp_path / "a").is_dir()


def test_a_disk_has_room_until_what_must_stay_free_is_reached(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    durable.require_free(tmp_path, 1 << 62, 0)
    durable.require_free(tmp_path, 0, 1)
    with pytest.raises(InsufficientStorageError, match="free"):
        durable.require_free(tmp_path, disk.f_bavail * disk.f_frsize, 1 << 40)


def test_a_file_is_copied_whole_and_both_are_closed(tmp_path: Path) -> None:
    folder = OpenFolder(tmp_path)
    content = bytes(range(256)) * 1000
    (tmp_path / "a").write_bytes(content)
    source, target = folder.open("a"), folder.create("b")
    durable.copy_file(source, target)
    assert (tmp_path / "b").read_bytes() == content
    for file in (source, target):
        with pytest.raises(OSError, match="Bad file"):
            os.close(file)


def test_a_folder_that_cannot_be_synced_is_a_storage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: object) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(OpenFolder, "sync", fail)
    with pytest.raises(LocalError, match="broken"):
        durable.sync_folders([OpenFolder(tmp_path)])


def test_a_system_without_folders_that_can_be_synced_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "_POSIX", False)
    with pytest.raises(OSError, match="POSIX"):
        durable.require_posix()


def test_a_folder_that_cannot_be_written_is_named_and_one_that_is_missing_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_writable(tmp_path, tmp_path / "missing")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError) as caught:
        require_writable(tmp_path, tmp_path / "file")
    assert caught.value.filename == str(tmp_path / "file")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError):
        require_writable(tmp_path)


def test_a_folder_is_locked_for_as_long_as_it_is_open(tmp_path: Path) -> None:
    first, second = OpenFolder(tmp_path), OpenFolder(tmp_path)
    first.lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
    with pytest.raises(BlockingIOError):
        second.lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
    del first
    second.lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
