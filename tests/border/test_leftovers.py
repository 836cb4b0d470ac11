"""Nothing of a submission is left, however it or the process that grades ends."""

from __future__ import annotations

import ctypes
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from border.bank_escapes import MARK, mark, marked
from border.conftest import border_of
from smtplab.border import Border, Budget, How, Level
from smtplab.border.clearing import remove_folder
from smtplab.border.process_table import read_stat


def gone_soon(still_there: Callable[[], object]) -> bool:
    """Return True if something is gone within some seconds."""
    until = time.monotonic() + 10
    while still_there() and time.monotonic() < until:
        time.sleep(0.01)
    return not still_there()


def folders() -> set[str]:
    return {name for name in os.listdir(tempfile.gettempdir()) if name.startswith("smtplab-")}


@pytest.fixture(params=[Level.NAMESPACES, Level.NONE], ids=str)
def either(request: pytest.FixtureRequest) -> Border:
    """A border with processes of its own, and one without; where Landlock leaves /proc open, neither can be marked."""
    return border_of(request.param)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Compare what this process and this machine have before and after."""

    def state() -> tuple[object, ...]:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
        environment, where, files = dict(os.environ), os.getcwd(), sorted(os.listdir("/proc/self/fd"))
        environment.pop("PYTEST_CURRENT_TEST", None)
        return environment, where, files, mounts, signal.pthread_sigmask(signal.SIG_BLOCK, ())

    before = state()
    yield
    assert state() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def daemon() -> None:
    """Leave the session and the parent, as a daemon does, and stay."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    mark()
    for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    time.sleep(60)


def test_a_daemon_does_not_outlive_its_submission(either: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        daemon()
        while not marked():
            time.sleep(0.01)
        pipe.write(b"left")

    ended = either.run(function, Budget())
    assert (ended.how, ended.data) == (How.FINISHED, b"left")
    assert not marked()


def test_a_daemon_behind_landlock_does_not_outlive_its_submission() -> None:
    def function(pipe: BinaryIO) -> None:
        daemon()
        time.sleep(0.1)
        pipe.write(b"left")

    border = border_of(Level.LANDLOCK, keeps_user=True)
    before = set(os.listdir("/proc"))
    assert border.run(function, Budget()).data == b"left"
    names = [Path(f"/proc/{each}/cmdline") for each in set(os.listdir("/proc")) - before if each.isdigit()]
    own = Path("/proc/self/cmdline").read_bytes()
    assert gone_soon(lambda: [name for name in names if name.exists() and name.read_bytes() == own])


def test_many_daemons_do_not_outlive_their_submission(either: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        for _ in range(12):
            daemon()
        while True:
            time.sleep(1)

    assert either.run(function, Budget(wall_seconds=0.5)).how is How.WALL_LIMIT
    assert not marked()


def test_what_is_written_to_tmp_is_not_seen_outside(namespaces: Border) -> None:
    name = f"/tmp/{MARK}"
    ended = namespaces.run(lambda pipe: pipe.write(str(Path(name).write_text("mine")).encode()) and None, Budget())
    assert ended.data == b"4"
    assert not Path(name).exists()


def test_two_submissions_do_not_see_each_others_files(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        pipe.write(repr(os.listdir(".")).encode())
        Path("mine").write_text("mine", encoding="ascii")

    assert [border.run(function, Budget()).data for _ in range(2)] == [b"[]", b"[]"]


def test_no_folder_is_left(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        Path("a/b/c").mkdir(parents=True)
        Path("a/link").symlink_to(os.path.expanduser("~"))
        with suppress(OSError):
            Path("a/b").chmod(0)

    before = folders()
    assert border.run(function, Budget()).how is How.FINISHED
    assert folders() <= before


def test_a_folder_of_any_depth_is_removed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("mine", encoding="ascii")
    top = tmp_path / "top"
    top.mkdir()
    (top / "link").symlink_to(tmp_path)
    (top / "closed" / "file").mkdir(parents=True)
    (top / "closed").chmod(0)
    here = os.getcwd()
    os.chdir(top)
    for _ in range(1050):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(here)
    remove_folder(str(top))
    assert not top.exists()
    assert kept.read_text(encoding="ascii") == "mine"


def endless(pipe: BinaryIO) -> None:
    mark()
    pipe.write(b"begun")
    time.sleep(60)


def grading(border: Border, function: Callable[[BinaryIO], None]) -> int:
    """Start a process that grades; it has begun when this returns."""
    hears, says = os.pipe()
    grader = os.fork()
    if not grader:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a test before may have left its own
        try:
            with suppress(KeyboardInterrupt):
                border.run(lambda pipe: function(pipe), Budget(wall_seconds=60))
                os._exit(1)
            os._exit(42)
        finally:
            os._exit(2)
    os.close(says)
    os.close(hears)
    assert gone_soon(lambda: not marked())
    return grader


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=str)
def test_a_submission_ends_when_the_process_that_grades_is_killed(either: Border, number: int) -> None:
    before = folders()
    grader = grading(either, endless)
    os.kill(grader, number)
    assert os.waitstatus_to_exitcode(os.waitpid(grader, 0)[1]) == -number
    assert gone_soon(marked)
    assert gone_soon(lambda: folders() - before)


def test_a_submission_that_wants_to_stay_ends_with_the_process_that_grades(namespaces: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        for _ in range(3):
            daemon()
        endless(pipe)

    grader = grading(namespaces, function)
    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    assert gone_soon(marked)


def test_even_a_guard_that_is_stopped_ends_with_the_process_that_grades(namespaces: Border) -> None:
    grader = grading(namespaces, endless)
    (submission,) = marked()
    with open(f"/proc/{submission}/stat", encoding="ascii") as file:
        guard = read_stat(file.read()).parent
    os.kill(guard, signal.SIGSTOP)
    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    assert gone_soon(marked)


def test_interrupted_the_process_that_grades_leaves_nothing(either: Border) -> None:
    before = folders()
    grader = grading(either, endless)
    os.kill(grader, signal.SIGINT)
    assert os.waitstatus_to_exitcode(os.waitpid(grader, 0)[1]) == 42
    assert not marked()
    assert folders() <= before


def test_an_interrupt_of_a_terminal_reaches_the_process_that_grades_alone(either: Border) -> None:
    grader = grading(either, endless)
    submission = int(*marked())
    # A terminal interrupts a group of its own session.
    assert os.getsid(submission) != os.getsid(grader)
    assert os.getpgid(submission) == submission
    os.kill(grader, signal.SIGKILL)
    os.waitpid(grader, 0)
    assert gone_soon(marked)


def test_a_handler_of_the_process_that_grades_is_not_called_in_a_submission(border: Border) -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        ended = border.run(lambda pipe: signal.raise_signal(signal.SIGUSR1), Budget())
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert (ended.how, ended.signal) == (How.KILLED, signal.SIGUSR1)
