"""A submission has its budget and no more, and what it did before it reached a limit is kept."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from smtplab.border import FILE_LIMIT, FORK_LIMIT, MEMORY_LIMIT, Border, Budget, Ended, How, Level
from smtplab.border.values import MEBIBYTE
from smtplab.border.watch import Meter

Function = Callable[[BinaryIO], None]
SHORT = Budget(cpu_seconds=0.1, wall_seconds=5)


def finished(ended: Ended) -> bytes:
    """Return what a submission wrote that came to its end."""
    assert ended.how is How.FINISHED, ended
    return ended.data


@pytest.fixture(params=[True, False], ids=["processes shown", "no processes shown"])
def shown(request: pytest.FixtureRequest, namespaces: Border, monkeypatch: pytest.MonkeyPatch) -> Border:
    """The strongest border, also where a container forbids a /proc of one's own."""
    if not request.param:
        monkeypatch.setattr("smtplab.border.new_root._mount_processes", lambda folder: None)
    return namespaces


def test_what_is_written_to_the_pipe_comes_back(border: Border) -> None:
    ended = border.run(lambda pipe: print(pipe.write(b"one"), pipe.write(b"two")), Budget())
    assert finished(ended) == b"onetwo"
    assert (ended.signal, ended.exit_code, ended.signs) == (0, 0, ())
    assert 0 < ended.cpu_seconds < 5
    assert 0 < ended.wall_seconds < 20


def test_much_that_is_written_comes_back_whole(namespaces: Border) -> None:
    whole = bytes(range(256)) * 4096 * 4
    assert finished(namespaces.run(lambda pipe: pipe.write(whole) and None, Budget(output_octets=len(whole)))) == whole


def test_of_more_output_than_allowed_the_beginning_is_kept(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        while True:
            pipe.write(b"x" * 1000)

    ended = border.run(function, Budget(output_octets=12_345))
    assert ended.how is How.OUTPUT_CUT
    assert ended.data == b"x" * 12_345
    assert ended.wall_seconds < 5


def test_an_endless_loop_ends_with_its_time_of_processors(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        pipe.write(b"begun")
        while True:
            pass

    ended = border.run(function, SHORT)
    assert ended.how is How.CPU_LIMIT
    assert ended.data == b"begun"
    assert 0.1 <= ended.cpu_seconds < 1


def test_whoever_ignores_all_signals_ends_too(namespaces: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass

    assert namespaces.run(function, SHORT).how is How.CPU_LIMIT


def test_the_time_of_all_processes_counts_together(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        for _ in range(4):
            if not os.fork():
                while True:
                    pass
        signal.pause()

    ended = border.run(function, Budget(cpu_seconds=0.3, wall_seconds=8))
    assert ended.how is How.CPU_LIMIT
    assert 0.3 <= ended.cpu_seconds < 3


def test_the_time_of_processes_that_nobody_waits_for_counts(shown: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            child = os.fork()
            if not child:
                until = time.process_time() + 0.06
                while time.process_time() < until:
                    pass
                os._exit(0)
            time.sleep(0.03)

    ended = shown.run(function, Budget(cpu_seconds=0.2, wall_seconds=8))
    assert ended.how is How.CPU_LIMIT


def test_sleep_ends_with_the_time_on_the_clock(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        pipe.write(b"begun")
        time.sleep(60)

    ended = border.run(function, Budget(wall_seconds=0.2))
    assert ended.how is How.WALL_LIMIT
    assert ended.data == b"begun"
    assert 0.2 <= ended.wall_seconds < 10


def test_a_process_that_stops_itself_ends_with_the_time_on_the_clock(border: Border) -> None:
    ended = border.run(lambda pipe: os.kill(os.getpid(), signal.SIGSTOP), Budget(wall_seconds=0.2))
    assert ended.how is How.WALL_LIMIT


def test_processes_without_end_stay_within_their_number(shown: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        count = 0
        try:
            while count < 1000:
                if not os.fork():
                    signal.pause()
                count += 1
        except OSError:
            pass
        pipe.write(str(count).encode())

    ended = shown.run(function, Budget(processes=12))
    assert finished(ended) == b"11"
    assert ended.signs == (FORK_LIMIT,)


def test_processes_that_are_started_in_the_last_moment_are_named(
    namespaces: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Meter.look

    def slow_look(meter: Meter, *more: int, **named: int) -> None:
        look(meter, *more, **named)
        time.sleep(0.2)  # the submission ends between a look and the wait for its process

    def function(pipe: BinaryIO) -> None:
        time.sleep(0.1)
        for _ in range(5):
            if not os.fork():
                signal.pause()

    monkeypatch.setattr(Meter, "look", slow_look)
    assert finished(namespaces.run(function, Budget(processes=12))) == b""
    assert namespaces.run(function, Budget(processes=12)).signs == ()
    assert namespaces.run(function, Budget(processes=6)).signs == (FORK_LIMIT,)


def test_processes_that_double_are_contained_and_named(shown: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        while True:
            with suppress(OSError):
                os.fork()

    began = time.monotonic()
    ended = shown.run(function, Budget(cpu_seconds=0.2, wall_seconds=4, processes=12))
    assert ended.how in (How.CPU_LIMIT, How.WALL_LIMIT)
    assert FORK_LIMIT in ended.signs
    assert time.monotonic() - began < 8


def test_threads_count_as_processes(namespaces: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        count = 0
        try:
            for _ in range(100):
                threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
                count += 1
        except RuntimeError:
            pipe.write(str(count).encode())

    assert int(finished(namespaces.run(function, Budget(processes=12)))) in (10, 11)


def test_one_submission_does_not_use_up_the_processes_of_another(namespaces: Border) -> None:
    def greedy(pipe: BinaryIO) -> None:
        for _ in range(10):
            if not os.fork():
                signal.pause()
        pipe.write(b"all")
        signal.pause()

    def modest(pipe: BinaryIO) -> None:
        child = os.fork()
        if not child:
            os._exit(0)
        pipe.write(str(os.waitpid(child, 0)[1]).encode())

    budget = Budget(processes=12, wall_seconds=0.6)
    other = os.fork()
    if not other:
        try:
            namespaces.run(greedy, budget)
        finally:
            os._exit(0)
    time.sleep(0.2)
    assert finished(namespaces.run(modest, budget)) == b"0"
    os.waitpid(other, 0)


def test_more_memory_than_allowed_is_refused(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        try:
            bytearray(4 << 30)
        except MemoryError:
            pipe.write(b"refused")

    assert finished(border.run(function, Budget())) == b"refused"


def test_memory_that_grows_without_end_is_named(shown: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        kept = []
        try:
            while True:
                kept.append(b"x" * MEBIBYTE)
        except MemoryError:
            kept.clear()
        pipe.write(b"refused")

    ended = shown.run(function, Budget(memory_octets=64 * MEBIBYTE))
    # Addresses that the grading process has in reserve do not count at first. What fills them is seen by the guard.
    assert ended.how in (How.FINISHED, How.KILLED)
    assert ended.data == (b"refused" if ended.how is How.FINISHED else b"")
    assert ended.signs == (MEMORY_LIMIT,)


def test_memory_of_many_processes_counts_together(shown: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        for _ in range(6):
            if not os.fork():
                kept = b"x" * (80 * MEBIBYTE)
                time.sleep(20 + len(kept) % 2)
        time.sleep(20)

    ended = shown.run(function, Budget(memory_octets=300 * MEBIBYTE, wall_seconds=15))
    assert ended.how is How.KILLED
    assert ended.signs == (MEMORY_LIMIT,)


def test_memory_counts_beside_what_a_large_process_that_grades_has_itself(namespaces: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        for _ in range(4):
            if not os.fork():
                kept = b"x" * (40 * MEBIBYTE)
                time.sleep(20 + len(kept) % 2)
        time.sleep(0.5)

    own = b"x" * (400 * MEBIBYTE)
    assert namespaces.run(function, Budget(memory_octets=240 * MEBIBYTE, wall_seconds=5)).signs == ()
    ended = namespaces.run(function, Budget(memory_octets=120 * MEBIBYTE, wall_seconds=5))
    assert (ended.how, ended.signs, len(own)) == (How.KILLED, (MEMORY_LIMIT,), 400 * MEBIBYTE)


def test_memory_that_processes_share_counts_once(shown: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        kept = b"x" * (80 * MEBIBYTE)
        for _ in range(6):
            if not os.fork():
                time.sleep(20 + len(kept) % 2)
        time.sleep(0.3)

    ended = shown.run(function, Budget(memory_octets=300 * MEBIBYTE, wall_seconds=15))
    assert ended.how is How.FINISHED
    assert ended.signs == ()


def test_a_file_that_is_too_large_is_refused_and_named(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        try:
            with open("large", "wb") as file:
                file.write(b"x" * 2 * MEBIBYTE)
        except OSError:
            pipe.write(b"refused")

    ended = border.run(function, Budget(file_octets=MEBIBYTE))
    assert finished(ended) == b"refused"
    assert ended.signs == (FILE_LIMIT,)


def test_all_files_together_have_an_end(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        for number in range(100):
            try:
                with open(f"{os.environ['TMPDIR']}/{number}", "wb") as file:
                    file.write(b"x" * (MEBIBYTE - 1))
            except OSError:
                pipe.write(str(number).encode())
                return
        time.sleep(10)

    ended = border.run(function, Budget(file_octets=MEBIBYTE))
    assert ended.signs == (FILE_LIMIT,)
    if border.level is Level.NAMESPACES:
        assert finished(ended) == b"4"
    else:
        assert ended.how is How.KILLED


def test_files_have_a_number_too(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    def function(pipe: BinaryIO) -> None:
        for number in range(150):
            try:
                os.close(os.open(str(number), os.O_CREAT))
            except OSError:
                return
        time.sleep(10)

    monkeypatch.setattr("smtplab.border.new_root.FILES", 100)
    in_namespaces = border.level is Level.NAMESPACES
    assert border.run(function, Budget()).how is (How.FINISHED if in_namespaces else How.KILLED)


def test_open_files_have_an_end(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        opened = []
        try:
            for _ in range(1000):
                opened.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pipe.write(str(len(opened)).encode())

    assert int(finished(border.run(function, Budget(open_files=40)))) < 40


def test_no_core_file_is_left(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        pipe.write(str(resource.getrlimit(resource.RLIMIT_CORE)).encode())

    assert finished(border.run(function, Budget())) == b"(0, 0)"


def exit_with(how: Callable[[], object]) -> Function:
    return lambda pipe: (pipe.write(b"before"), how(), None)[-1]


@pytest.mark.parametrize(
    ("leave", "how", "number", "code"),
    [
        (lambda: os._exit(3), How.EXITED, 0, 3),
        (lambda: os._exit(0), How.EXITED, 0, 0),
        (lambda: sys.exit(), How.EXITED, 0, 0),
        (lambda: sys.exit(4), How.EXITED, 0, 4),
        (lambda: sys.exit("because"), How.EXITED, 0, 1),
        (lambda: 1 / 0, How.EXITED, 0, 1),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), How.KILLED, signal.SIGKILL, 0),
        (lambda: os.kill(0, signal.SIGKILL), How.KILLED, signal.SIGKILL, 0),
        (lambda: os.abort(), How.KILLED, signal.SIGABRT, 0),
        (lambda: signal.raise_signal(signal.SIGTERM), How.KILLED, signal.SIGTERM, 0),
        (lambda: signal.raise_signal(signal.SIGINT), How.EXITED, 0, 1),
    ],
)
def test_how_a_submission_leaves_is_told(
    border: Border, leave: Callable[[], object], how: How, number: int, code: int
) -> None:
    ended = border.run(exit_with(leave), Budget())
    assert (ended.how, ended.signal, ended.exit_code, ended.data) == (how, number, code, b"before")


def test_whoever_closes_the_pipe_or_all_files_is_only_silent(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        pipe.write(b"before")
        os.closerange(0, 100)

    assert finished(border.run(function, Budget())) == b"before"


def test_whoever_limits_the_guard_harms_only_itself(namespaces: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        pipe.write(b"before")
        for act in (
            lambda: os.kill(os.getppid(), signal.SIGKILL),
            lambda: os.kill(-1, signal.SIGSTOP),
            lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0)),
            lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
        ):
            with suppress(OSError):
                act()
        time.sleep(30)

    ended = namespaces.run(function, Budget(wall_seconds=0.5))
    assert ended.how in (How.WALL_LIMIT, How.KILLED)
    assert ended.data == b"before"


def test_programs_servers_and_terminals_work(namespaces: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        pipe.write(subprocess.run(["sh", "-c", "echo $HOME; pwd; ls"], capture_output=True, check=True).stdout)
        with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
            client.connect(server.getsockname())
            client.sendall(b"over loopback\n")
            pipe.write(server.accept()[0].recv(100))
        with multiprocessing.Lock():
            pipe.write(b"locked\n")
        ours, theirs = os.openpty()
        os.write(theirs, b"in a terminal\n")
        pipe.write(os.read(ours, 100))

    assert finished(namespaces.run(function, Budget())) == (
        b"/tmp/home\n/tmp/home\nover loopback\nlocked\nin a terminal\r\n"
    )


def test_a_mode_can_be_set_or_at_least_asked_for(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        Path("a").touch()
        shutil.copy("a", "b")
        os.chown("b", os.getuid(), os.getgid())
        pipe.write(b"copied")

    assert finished(border.run(function, Budget())) == b"copied"


def test_what_was_not_imported_before_can_be(border: Border) -> None:
    def function(pipe: BinaryIO) -> None:
        importlib.import_module("smtplab.simulation")
        script = "import sqlite3, ssl, multiprocessing.synchronize, getpass; print(getpass.getuser())"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        pipe.write((done.stdout + done.stderr).encode())

    assert finished(border.run(function, Budget())) == b"student\n"
