"""The strongest border that a machine allows is found by trying, and every weaker one is behind it."""

from __future__ import annotations

import errno
import os
import select
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from border.conftest import border_of
from smtplab.base.failure import Failure
from smtplab.border import (
    Border,
    Budget,
    How,
    Level,
    NotCrossed,
    call_filter,
    guard_process,
    landlock,
    new_root,
    strongest,
)
from smtplab.border import system_calls as system
from smtplab.border.border import _candidates
from smtplab.border.identity import own_uid
from smtplab.border.supervision import Supervision


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    strongest.cache_clear()
    yield
    strongest.cache_clear()


def refused(*arguments: object, **options: object) -> int:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_where_namespaces_are_allowed_they_are_taken(namespaces: Border) -> None:
    found = strongest()
    assert found.level is Level.NAMESPACES
    assert strongest() is found


def test_without_namespaces_landlock_alone_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    border_of(Level.LANDLOCK, keeps_user=True)
    monkeypatch.setattr(system, "unshare", refused)
    found = strongest()
    assert found.level is Level.LANDLOCK
    assert "Operation not permitted" in found.sentence


def test_without_both_root_takes_another_user_and_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "unshare", refused)
    monkeypatch.setattr(landlock, "version", lambda: 0)
    found = strongest()
    python_is_open = not Border(Level.USER)._try()
    assert found.level is (Level.USER if os.geteuid() == 0 and python_is_open else Level.NONE)
    assert "Operation not permitted" in found.sentence


def test_a_machine_that_forks_for_nobody_has_no_border_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", refused)
    with pytest.raises(Failure):
        strongest()


@pytest.mark.parametrize(
    ("platform", "user", "version", "levels"),
    [
        ("linux", 0, 7, "namespaces namespaces landlock landlock user none"),
        ("linux", 1000, 7, "namespaces namespaces landlock none"),
        ("linux", 0, 0, "namespaces namespaces user none"),
        ("linux", 1000, 0, "namespaces namespaces none"),
        ("darwin", 501, 0, "none"),
        ("darwin", 0, 0, "none"),
    ],
)
def test_what_is_tried_depends_on_the_machine(
    monkeypatch: pytest.MonkeyPatch, platform: str, user: int, version: int, levels: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(landlock, "version", lambda: version)
    assert [border.level for border in _candidates()] == levels.split()


def test_windows_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(Failure, match="Windows"):
        strongest()


@pytest.mark.parametrize("step", ["enter", "_raise_loopback"])
def test_if_one_step_fails_nothing_of_the_submission_is_run(
    namespaces: Border, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    monkeypatch.setattr(new_root if step == "enter" else guard_process, step, refused)
    with pytest.raises(NotCrossed, match="Operation not permitted"):
        namespaces.run(lambda pipe: (tmp_path / "run").touch(), Budget())
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("step", ["become", "leave_users", "set_limits", "_add_rules", "clean_environment"])
def test_if_the_submission_cannot_give_up_something_it_is_not_run(
    namespaces: Border, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    if step == "become" and os.geteuid():
        pytest.skip("only root is kept out of everything here by another user id")
    monkeypatch.setattr(f"smtplab.border.crossing.{step}", refused)
    with pytest.raises(NotCrossed, match="Operation not permitted"):
        namespaces.run(lambda pipe: pipe.write(b"run") and None, Budget())


def test_a_file_that_is_named_can_be_read_and_not_written(border: Border, tmp_path: Path) -> None:
    (tmp_path / "given").write_text("given", encoding="ascii")

    def function(pipe: BinaryIO) -> None:
        pipe.write((tmp_path / "given").read_bytes())
        try:
            (tmp_path / "given").write_text("mine", encoding="ascii")
        except OSError:
            pipe.write(b", kept")

    ended = border.run(function, Budget(), readable=[tmp_path / "given"])
    assert ended.data == (b"given" if border.level is Level.NONE else b"given, kept")


def test_a_descriptor_that_is_named_stays_open_and_no_other(border: Border) -> None:
    ours, theirs = socket.socketpair()
    other = os.dup(theirs.fileno())

    def function(pipe: BinaryIO) -> None:
        os.write(theirs.fileno(), b"from behind the border")
        try:
            os.write(other, b"and more")
        except OSError:
            pipe.write(b"closed")

    ended = border.run(function, Budget(), kept=[theirs.fileno()])
    os.close(other)
    theirs.close()
    with ours:
        assert ours.recv(100) == b"from behind the border"
        assert ours.recv(100) == b""  # the guard holds it no longer, either
    assert (ended.how, ended.data) == (How.FINISHED, b"closed")


def test_without_mount_setattr_mounts_are_made_read_only_one_by_one(
    namespaces: Border, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path = tmp_path / "with a \\ blank"
    tmp_path.mkdir()
    tmp_path.chmod(0o777)

    def function(pipe: BinaryIO) -> None:
        Path("/tmp/own").touch()
        os.close(os.open("/dev/null", os.O_WRONLY))
        for folder in ("/", "/usr", "/usr/bin", "/dev", str(tmp_path), str(Path(guard_process.__file__).parent)):
            try:
                Path(f"{folder}/mine").touch()
                pipe.write(folder.encode())
            except OSError as error:
                pipe.write(b"" if error.errno == errno.EROFS else str(error).encode())

    monkeypatch.setattr(system, "_MOUNT_SETATTR", 9999)
    monkeypatch.setattr(landlock, "version", lambda: 0)
    ended = namespaces.run(function, Budget(), readable=[tmp_path])
    assert (ended.how, ended.data) == (How.FINISHED, b"")


def test_read_only_holds_without_landlock_as_well(
    namespaces: Border, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)

    def function(pipe: BinaryIO) -> None:
        for folder in ("/", "/usr/bin", "/dev", str(tmp_path)):
            try:
                Path(f"{folder}/mine").touch()
            except OSError as error:
                pipe.write(f"{error.errno} ".encode())

    monkeypatch.setattr(landlock, "version", lambda: 0)
    ended = namespaces.run(function, Budget(), readable=[tmp_path])
    assert ended.data == f"{errno.EROFS} ".encode() * 4


def test_without_pidfd_the_end_is_seen_as_well(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pidfd_open", refused)
    assert border.run(lambda pipe: None, Budget()).how is How.FINISHED


def test_without_proc_of_its_own_a_submission_runs(namespaces: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    if not call_filter.is_known_here():
        pytest.skip("this machine gives no border of namespaces without /proc: its calls are not known")
    monkeypatch.setattr(new_root, "_mount_processes", lambda folder: None)
    ended = namespaces.run(lambda pipe: pipe.write(repr(os.listdir("/proc")).encode()) and None, Budget())
    assert ended.data == b"[]"


def test_a_guard_that_says_nothing_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(errand: guard_process.Errand) -> None:
        select.select([], [], [], 60)

    monkeypatch.setattr("smtplab.border.supervision._GRACE", 0.2)
    monkeypatch.setattr(guard_process, "_do", silent)
    ended = Border(Level.NONE).run(lambda pipe: None, Budget(wall_seconds=0.1))
    assert (ended.how, ended.data) == (How.WALL_LIMIT, b"")


def test_a_guard_that_is_killed_ends_the_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_process, "_do", lambda errand: os.kill(os.getpid(), 9))
    ended = Border(Level.NONE).run(lambda pipe: None, Budget())
    assert (ended.how, ended.signal) == (How.KILLED, 9)


def test_a_pipe_that_another_process_holds_open_delays_the_end_by_moments_alone(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    def release(supervision: Supervision) -> None:
        if supervision.submissions_pipe >= 0:
            held.append(os.dup(supervision.submissions_pipe))
        freed(supervision)

    freed = Supervision.release
    monkeypatch.setattr("smtplab.border.supervision._REST", 0.05)
    monkeypatch.setattr(Supervision, "release", release)
    began = time.monotonic()
    ended = border.run(lambda pipe: pipe.write(b"all") and None, Budget(wall_seconds=60))
    os.close(held[0])
    assert (ended.how, ended.data) == (How.FINISHED, b"all")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("ids", "first", "last"),
    [
        (range(1 << 32), 1_900_000_000, 1_900_000_000 + (1 << 22)),
        (range(65_536), 61_184, 65_280),
        (range(100_000), 61_184, 65_280),
        (range(1000), 998, 999),
    ],
)
def test_each_process_has_a_user_id_of_its_own_that_nobody_else_has(
    monkeypatch: pytest.MonkeyPatch, ids: range, first: int, last: int
) -> None:
    monkeypatch.setattr("smtplab.border.identity._mapped_ids", lambda: ids)
    uids = [own_uid(process) for process in range(1000, 1100)]
    assert all(first <= uid < last for uid in uids)
    assert len(set(uids)) in (1, 100)


def test_where_root_is_the_only_user_nobody_becomes_root_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtplab.border.identity._mapped_ids", lambda: range(1))
    with pytest.raises(OSError, match="no user but root"):
        own_uid(1000)
