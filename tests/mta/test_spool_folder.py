"""The spool on disk: what is acknowledged survives, what is damaged is kept aside, and a full disk does no harm."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import pytest

from smtplab.mta import durable, entry_files, message_files, spool_folder
from smtplab.mta.attempt import answered
from smtplab.mta.queue_entry import QueueEntry
from smtplab.mta.spool_folder import FolderSpool, SpoolInUse
from smtplab.mta.store import InsufficientStorageError, LocalError
from smtplab.protocol.grammar import Path
from smtplab.protocol.replies import Reply
from support.file_calls import MORTAL_OS, WatchedOs
from support.raw_client import PATIENCE

CONTENT = b"Subject: x\r\n\r\n\r\n\n\nbody\r\n"
ALICE, BOB = Path("alice", "far.example"), Path("bob", "other.example")


def entries_for(queue_id: str = "A1", *paths: Path, arrived: int = 0) -> tuple[QueueEntry, ...]:
    return tuple(
        QueueEntry(f"{queue_id}-{number}", queue_id, Path("s", "near.example"), (path,), path.domain, arrived, arrived)
        for number, path in enumerate(paths or (ALICE,), 1)
    )


def keep(spool: FolderSpool, entries: tuple[QueueEntry, ...], content: bytes = CONTENT) -> tuple[QueueEntry, ...]:
    draft = spool.begin(entries)
    if (step := draft.write(content)) is not None:
        step()
    spool.commit(draft)
    return entries


def restarted(spool: FolderSpool) -> FolderSpool:
    spool.close()
    return FolderSpool(spool.root)


def files(spool: FolderSpool) -> list[str]:
    return sorted(str(path.relative_to(spool.root)) for path in spool.root.rglob("*") if path.is_file())


def failed(entry: QueueEntry) -> QueueEntry:
    last = answered(entry.recipients, "far.example", Reply(451, "4.3.0 later")).recipients
    return replace(entry, due=entry.due + 60, attempts=entry.attempts + 1, last=last)


@pytest.fixture
def spool(tmp_path: FilePath) -> Iterator[FolderSpool]:
    spool = FolderSpool(tmp_path / "spool")
    yield spool
    spool.close()


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, spool: FolderSpool) -> WatchedOs:
    watched = WatchedOs()
    monkeypatch.setattr(durable, "os", watched)
    monkeypatch.setattr(spool_folder, "os", watched)
    monkeypatch.setattr(entry_files, "os", watched)
    monkeypatch.setattr(message_files, "os", watched)
    return watched


def test_what_is_committed_is_there_after_a_restart(spool: FolderSpool) -> None:
    second = keep(spool, entries_for("A2", ALICE, BOB, arrived=2), b"x" * 200_000)
    first = keep(spool, entries_for("B1", arrived=1))
    after = restarted(spool)
    assert tuple(after.load()) == first + second
    assert (after.content("B1"), after.content("A2")) == (CONTENT, b"x" * 200_000)
    after.close()


def test_file_is_synced_before_it_has_its_name_and_the_folder_before_commit_returns(
    spool: FolderSpool, watched: WatchedOs
) -> None:
    keep(spool, entries_for())
    assert watched.calls == ["open", "write", "fsync", "close", "rename", "fsync"]


def test_what_is_left_of_an_entry_is_synced_as_a_message_is(spool: FolderSpool, watched: WatchedOs) -> None:
    (entry,) = keep(spool, entries_for())
    watched.calls.clear()
    spool.update(failed(entry))
    assert watched.calls == ["open", "write", "fsync", "close", "rename", "fsync"]


def test_restart_goes_on_with_what_attempts_have_left(spool: FolderSpool) -> None:
    one, two = keep(spool, entries_for("A1", ALICE, BOB))
    spool.update(failed(one))
    spool.update(failed(failed(one)))
    spool.remove(two)
    after = restarted(spool)
    assert tuple(after.load()) == (failed(failed(one)),)
    after.remove(one)
    assert files(after) == ["lock"]
    after.close()


def test_message_goes_with_its_last_entry(spool: FolderSpool) -> None:
    one, two = keep(spool, entries_for("A1", ALICE, BOB))
    spool.update(failed(two))
    spool.remove(one)
    assert spool.content("A1") == CONTENT
    spool.remove(two)
    spool.remove(two)
    assert files(spool) == ["lock"]
    with pytest.raises(LocalError, match="no message"):
        spool.content("A1")
    with pytest.raises(LocalError, match="no message"):
        spool.update(one)


def test_message_goes_with_its_last_entry_although_the_first_could_not_be_noted(
    spool: FolderSpool, watched: WatchedOs
) -> None:
    one, two = keep(spool, entries_for("A1", ALICE, BOB))
    watched.fails["fsync"] = (None, errno.ENOSPC)
    with pytest.raises(InsufficientStorageError):
        spool.remove(one)
    del watched.fails["fsync"]
    spool.remove(two)
    assert files(spool) == ["lock"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "rename"])
@pytest.mark.parametrize(("code", "kind"), [(errno.ENOSPC, InsufficientStorageError), (errno.EIO, LocalError)])
def test_message_that_cannot_be_written_leaves_nothing_and_the_next_one_can(
    spool: FolderSpool, watched: WatchedOs, call: str, code: int, kind: type[Exception]
) -> None:
    kept = keep(spool, entries_for("A1"))
    before = files(spool)
    watched.fails[call] = (None, code)
    with pytest.raises(kind):
        keep(spool, entries_for("A2"))
    with pytest.raises(kind):
        spool.update(failed(kept[0]))
    del watched.fails[call]
    assert files(spool) in (before, [f"entries/{kept[0].id}", *before])  # the last step alone may have been in vain
    both = kept + keep(spool, entries_for("A2"))
    after = restarted(spool)
    assert {entry.id for entry in after.load()} == {entry.id for entry in both}
    after.close()


def test_message_whose_name_cannot_be_made_durable_is_taken_back(
    spool: FolderSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: object) -> None:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patch:
        patch.setattr(durable.OpenFolder, "sync", fail)
        with pytest.raises(LocalError, match="broken"):
            keep(spool, entries_for())
    assert files(spool) == ["lock"]
    keep(spool, entries_for())


def test_message_that_is_withdrawn_leaves_nothing_and_writes_nothing(
    spool: FolderSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(spool, entries_for("A1", ALICE, BOB))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda *arguments: 1 / 0)  # as on a full disk
        spool.withdraw("A1")
        spool.withdraw("A1")
    assert files(spool) == ["lock"]


def test_draft_that_is_aborted_leaves_nothing(spool: FolderSpool) -> None:
    draft = spool.begin(entries_for())
    step = draft.write(b"x" * 100_000)
    assert step is not None
    step()
    draft.abort()
    assert files(spool) == ["lock"]
    with pytest.raises(LocalError):
        spool.commit(draft)


def test_no_second_message_has_the_same_id(spool: FolderSpool) -> None:
    keep(spool, entries_for())
    with pytest.raises(LocalError, match="already"):
        keep(spool, entries_for(), b"other")
    assert spool.content("A1") == CONTENT


def test_ids_of_all_messages_are_known_before_they_are_loaded(spool: FolderSpool) -> None:
    for name in ("A1", "B2"):
        keep(spool, entries_for(name))
    (spool.root / "messages" / "letter").write_text("x")
    assert sorted(spool.queue_ids()) == ["A1", "B2"]


def test_a_spool_that_may_not_be_written_is_refused(tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError):
        FolderSpool(tmp_path / "spool")
    monkeypatch.undo()
    FolderSpool(tmp_path / "spool").close()  # the one that was refused has unlocked it


def test_one_process_at_a_time_has_the_spool(spool: FolderSpool) -> None:
    with pytest.raises(SpoolInUse, match="process"):
        FolderSpool(spool.root)
    spool.close()
    FolderSpool(spool.root).close()


def cut(path: FilePath) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def overwrite_head(path: FilePath) -> None:
    path.write_bytes(path.read_bytes().replace(b"smtplab", b"SMTPLAB", 1))


def without_empty_line(path: FilePath) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


def of_another(path: FilePath) -> None:
    path.write_bytes(path.read_bytes().replace(b'"queue_id": "A1"', b'"queue_id": "A9"'))


def in_latin_1(path: FilePath) -> None:
    path.write_bytes(b"\xe4" + path.read_bytes()[1:])


def with_another_name(path: FilePath) -> None:
    path.rename(path.with_name("letter"))


@pytest.mark.parametrize("damage", [cut, overwrite_head, without_empty_line, of_another, in_latin_1, with_another_name])
def test_damaged_message_is_moved_aside_and_said(
    spool: FolderSpool, damage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):  # the second one of the same name does not replace the first
        good = keep(spool, entries_for("B1"))
        keep(spool, entries_for("A1"))
        (path,) = (spool.root / "messages").glob("A1,*")
        damage(path)
        spool.close()
        spool = FolderSpool(spool.root)
        with caplog.at_level(logging.WARNING):
            assert tuple(spool.load()) == good
        assert "damaged" in caplog.text
        spool.remove(good[0])
    assert len(list((spool.root / "broken").iterdir())) == 2
    spool.close()


@pytest.mark.parametrize("damage", [cut, overwrite_head, of_another, in_latin_1])
def test_damaged_rest_of_an_entry_is_moved_aside_and_all_its_recipients_are_tried(
    spool: FolderSpool, damage: Any, caplog: pytest.LogCaptureFixture
) -> None:
    (entry,) = keep(spool, entries_for("A1"))
    spool.update(failed(entry))
    damage(spool.root / "entries" / "A1-1")
    after = restarted(spool)
    with caplog.at_level(logging.WARNING):
        assert tuple(after.load()) == (entry,)
    assert "damaged" in caplog.text
    assert files(after)[0] == "broken/A1-1"
    after.close()


def test_start_clears_what_a_crash_has_left(spool: FolderSpool) -> None:
    (spool.root / "tmp" / "A7").write_text("half a mess")
    (spool.root / "entries" / "A8-1").write_text("done\n")
    one, two = keep(spool, entries_for("A1", ALICE, BOB))
    for entry in (one, two):
        (spool.root / "entries" / entry.id).write_text("done\n")
    after = restarted(spool)
    assert tuple(after.load()) == ()
    assert files(after) == ["lock"]
    after.close()


def test_an_entry_whose_message_is_gone_is_named_with_its_people(
    spool: FolderSpool, caplog: pytest.LogCaptureFixture
) -> None:
    (entry,) = keep(spool, entries_for("A1"))
    spool.update(failed(entry))
    (path,) = (spool.root / "messages").iterdir()
    path.unlink()
    after = restarted(spool)
    assert tuple(after.load()) == ()
    assert "the message A1 from <s@near.example> for <alice@far.example> is gone" in caplog.text
    assert files(after) == ["broken/A1-1", "lock"]
    after.close()


def test_folders_where_files_belong_are_moved_aside(spool: FolderSpool, caplog: pytest.LogCaptureFixture) -> None:
    (entry,) = keep(spool, entries_for("A1"))
    for name in ("tmp/A7", "messages/A8,S=4096", "entries/A9-1", "entries/A1-1"):
        (spool.root / name / "inside").mkdir(parents=True)
    after = restarted(spool)
    assert tuple(after.load()) == (entry,)
    assert caplog.text.count("moved to") == 4
    assert sorted(path.name for path in (spool.root / "broken").iterdir()) == ["A1-1", "A7", "A8,S=4096", "A9-1"]
    after.close()


def test_spool_that_cannot_be_read_is_a_local_error(spool: FolderSpool, watched: WatchedOs) -> None:
    keep(spool, entries_for())
    watched.fails["open"] = (None, errno.EIO)
    with pytest.raises(LocalError, match="read"):
        spool.content("A1")
    with pytest.raises(LocalError, match="read"):
        spool.load()


def test_disk_below_its_floor_has_no_room(spool: FolderSpool) -> None:
    spool.free_octets = 1 << 62
    with pytest.raises(InsufficientStorageError, match="free"):
        keep(spool, entries_for())
    assert files(spool) == ["lock"]


# Several threads


def at_once(*steps: Callable[[], object]) -> list[BaseException]:
    """Take steps in threads that begin at the same time; return what they raised."""
    gate, raised = threading.Barrier(len(steps)), list[BaseException]()

    def run(step: Callable[[], object]) -> None:
        gate.wait(PATIENCE)
        try:
            step()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return raised


class SlowOs(WatchedOs):
    """Lets a call of one name wait until it is let go, so that another thread comes between."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.reached, self.goes_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        real = super().__getattr__(name)
        if name != self.name:
            return real

        def slow(*args: Any, **kwargs: Any) -> Any:
            if not self.reached.is_set():
                self.reached.set()
                assert self.goes_on.wait(PATIENCE)
            return real(*args, **kwargs)

        return slow


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_two_writes_of_one_entry_come_one_after_the_other(
    spool: FolderSpool, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    one, two = keep(spool, entries_for("A1", ALICE, BOB))
    slow = SlowOs(call)
    for module in (durable, entry_files):
        monkeypatch.setattr(module, "os", slow)
    first = threading.Thread(target=spool.update, args=(failed(one),))
    first.start()
    assert slow.reached.wait(PATIENCE)
    second = threading.Thread(target=spool.remove, args=(one,))
    second.start()
    spool.update(failed(two))  # an entry of the same message waits for nobody
    second.join(0.1)
    assert second.is_alive()
    slow.goes_on.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    after = restarted(spool)
    assert tuple(after.load()) == (failed(two),)
    after.close()


def test_an_entry_that_was_removed_is_not_brought_back_by_a_late_update(spool: FolderSpool) -> None:
    one, two = keep(spool, entries_for("A1", ALICE, BOB))
    spool.remove(one)
    with pytest.raises(LocalError, match="A1-1"):
        spool.update(failed(one))
    after = restarted(spool)
    assert tuple(after.load()) == (two,)
    after.close()


def test_whatever_threads_do_at_once_each_entry_is_whole_and_no_message_is_lost(spool: FolderSpool) -> None:
    paths = [Path("x", f"d{number}.example") for number in range(8)]
    for number in range(15):
        entries = keep(spool, entries_for(f"A{number}", *paths))
        raised = at_once(
            *(lambda each=each: spool.update(failed(each)) for each in entries),  # type: ignore[misc]
            *(lambda each=each: spool.remove(each) for each in entries[1:]),  # type: ignore[misc]
        )
        assert all(isinstance(error, LocalError) and "no message" in str(error) for error in raised)
        assert spool.content(f"A{number}") == CONTENT
    after = restarted(spool)
    wanted = {failed(entries_for(f"A{number}", *paths)[0]) for number in range(15)}
    assert set(after.load()) == wanted
    after.close()


def test_threads_that_remove_the_last_entries_of_a_message_raise_nothing_and_leave_nothing(spool: FolderSpool) -> None:
    paths = [Path("x", f"d{number}.example") for number in range(6)]
    for number in range(30):
        entries = keep(spool, entries_for(f"A{number}", *paths))
        assert at_once(*(lambda each=each: spool.remove(each) for each in entries)) == []  # type: ignore[misc]
        assert files(spool) == ["lock"]


# An entry that still waits


@pytest.mark.parametrize("call", ["open", "write", "fsync", "rename"])
def test_entry_that_waits_is_as_before_if_it_cannot_be_removed(
    spool: FolderSpool, watched: WatchedOs, call: str
) -> None:
    one, two = keep(spool, entries_for("A1", ALICE, BOB))
    watched.fails[call] = (None, errno.EIO)
    with pytest.raises(LocalError, match="written"):
        spool.remove(one, done=False)
    watched.fails.clear()
    spool.remove(two)
    assert spool.content("A1") == CONTENT
    spool.update(failed(one))
    after = restarted(spool)
    assert tuple(after.load()) == (failed(one),)
    after.close()


@pytest.mark.parametrize("done", [True, False])
def test_last_entry_whose_message_cannot_be_removed_is_kept_if_it_waits(
    spool: FolderSpool, watched: WatchedOs, done: bool
) -> None:
    (one,) = keep(spool, entries_for("A1"))
    watched.fails["unlink"] = (None, errno.EACCES)
    with pytest.raises(LocalError, match="written"):
        spool.remove(one, done=done)
    watched.fails.clear()
    if done:
        with pytest.raises(LocalError, match="no message"):
            spool.content("A1")
        spool.remove(one)
    else:
        assert spool.content("A1") == CONTENT
        spool.remove(one, done=False)
        assert files(spool) == ["lock"]


@pytest.mark.parametrize("left", [b"", b"{}", b"x" * 1000])
def test_message_that_was_damaged_since_the_start_is_not_handed_on(spool: FolderSpool, left: bytes) -> None:
    keep(spool, entries_for())
    (path,) = (spool.root / "messages").iterdir()
    path.write_bytes(left)
    with pytest.raises(LocalError, match="read"):
        spool.content("A1")
    path.write_bytes(b"x" * int(path.name.rpartition("=")[2]))
    with pytest.raises(LocalError, match="read"):
        spool.content("A1")
    path.unlink()
    with pytest.raises(LocalError, match="no message"):
        spool.content("A1")


# Sudden death

# Keeps messages, changes and removes entries, and names what it has done; dies without a word before the call number N.
VICTIM = MORTAL_OS + textwrap.dedent(
    """
    import sys
    from dataclasses import replace
    from smtplab.mta import durable, entry_files, spool_folder
    from smtplab.mta.queue_entry import QueueEntry
    from smtplab.protocol.grammar import Path

    spool = spool_folder.FolderSpool(sys.argv[1])
    durable.os = spool_folder.os = entry_files.os = MortalOs(int(sys.argv[2]))
    for number in range(1000):
        paths = (Path("a", "one.example"), Path("b", "two.example"))
        entries = [
            QueueEntry(f"A{number}-{n}", f"A{number}", Path("s", "x.example"), (path,), path.domain, number, number)
            for n, path in enumerate(paths)
        ]
        draft = spool.begin(entries)
        draft.write(b"x" * 70_000)()
        draft.write(b":end")
        spool.commit(draft)
        print("kept", entries[0].id, "kept", entries[1].id, flush=True)
        spool.update(replace(entries[0], attempts=1))
        print("tried", entries[0].id, flush=True)
        print("removing", entries[1].id, flush=True)
        spool.remove(entries[1])
        print("removed", entries[1].id, flush=True)
        if number % 2:
            print("removing", entries[0].id, flush=True)
            spool.remove(entries[0])
            print("removed", entries[0].id, flush=True)
    """
)


@pytest.mark.parametrize("steps", [*range(1, 16), 18, 21, 24, 37])
def test_killed_at_any_step_each_committed_entry_is_there_until_it_is_removed(tmp_path: FilePath, steps: int) -> None:
    died = subprocess.run(
        [sys.executable, "-c", VICTIM, str(tmp_path), str(steps)], capture_output=True, check=False, text=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    words = died.stdout.split()
    said: dict[str, set[str]] = {"kept": set(), "tried": set(), "removing": set(), "removed": set()}
    for verb, name in zip(words[::2], words[1::2], strict=True):
        said[verb].add(name)
    spool = FolderSpool(tmp_path)
    entries = {entry.id: entry for entry in spool.load()}
    assert said["kept"] - said["removing"] <= entries.keys()
    assert not said["removed"] & entries.keys()
    assert all(entry.attempts for name, entry in entries.items() if name in said["tried"])
    assert all(spool.content(entry.queue_id) == b"x" * 70_000 + b":end" for entry in entries.values())
    assert not list((tmp_path / "broken").iterdir())
    spool.close()


# Changes and removes the entries of one message in several threads at once, and dies in the middle of it.
CROWD = MORTAL_OS + textwrap.dedent(
    """
    import sys
    from dataclasses import replace
    from smtplab.mta import durable, entry_files, spool_folder
    from smtplab.mta.queue_entry import QueueEntry
    from smtplab.mta.store import StorageError
    from smtplab.protocol.grammar import Path

    def say(*words):
        os.write(1, (" ".join(words) + "\\n").encode())

    spool = spool_folder.FolderSpool(sys.argv[1])
    entries = [
        QueueEntry(f"A1-{n}", "A1", Path("s", "x.example"), (Path("a", f"d{n}.example"),), f"d{n}.example", 0, 0)
        for n in range(4)
    ]
    draft = spool.begin(entries)
    draft.write(b"x:end")
    spool.commit(draft)
    durable.os = spool_folder.os = entry_files.os = MortalOs(int(sys.argv[2]))

    def change(entry):
        for number in range(1, 50):
            spool.update(replace(entry, attempts=number))
            say("tried", entry.id, str(number))

    def remove(entry):
        say("removing", entry.id, "0")
        spool.remove(entry)
        say("removed", entry.id, "0")

    steps = [(change, entries[0]), (change, entries[1]), (remove, entries[2]), (remove, entries[3])]
    threads = [threading.Thread(target=step, args=(entry,)) for step, entry in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    """
)


@pytest.mark.parametrize("steps", [*range(1, 25, 3), 40, 77])
def test_killed_while_threads_change_a_message_each_entry_is_as_it_was_said_last(
    tmp_path: FilePath, steps: int
) -> None:
    died = subprocess.run(
        [sys.executable, "-c", CROWD, str(tmp_path), str(steps)], capture_output=True, check=False, text=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    tried: dict[str, int] = {}
    said: dict[str, set[str]] = {"removing": set(), "removed": set()}
    for verb, name, number in (line.split() for line in died.stdout.splitlines()):
        if verb == "tried":
            tried[name] = int(number)
        else:
            said[verb].add(name)
    spool = FolderSpool(tmp_path)
    entries = {entry.id: entry for entry in spool.load()}
    assert {f"A1-{number}" for number in range(4)} - said["removing"] <= entries.keys()
    assert not said["removed"] & entries.keys()
    assert all(entries[name].attempts in (number, number + 1) for name, number in tried.items())
    assert spool.content("A1") == b"x:end"
    assert not list((tmp_path / "broken").iterdir())
    spool.close()
