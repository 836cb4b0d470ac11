"""The process between the one that grades and the submission: it starts the submission, watches it and ends it.

In a namespace of process ids it is the first process, so when it ends, all that the submission started ends with it. It
runs nothing of the submission, and no submission can trace it. It ends as soon as the process that grades does.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import BinaryIO, NoReturn, cast

from . import new_root
from . import system_calls as system
from .clearing import has_large_file, holds_more, remove_folder
from .crossing import Passage, cross
from .identity import map_self, own_uid
from .limits import octets_of_addresses
from .process_table import ProcessTable
from .values import FILE_LIMIT, FORK_LIMIT, MEMORY_LIMIT, Budget, How, Level
from .watch import Meter, ended_seconds

if sys.platform != "win32":
    import fcntl
    import resource

Function = Callable[[BinaryIO], None]

_DONE = 87  # with this the process of a submission ends after its function has returned
_GLANCE, _SLOWER_GLANCE = 0.02, 0.1  # seconds between two looks: in a namespace, among all processes of a machine
_SCRATCH_FILES = 4  # how many files of the largest size a submission may have
_MUCH = 0.75  # who came so near to its memory was stopped by the limit, or would have been
_INTERFACE_FLAGS, _SET_INTERFACE_FLAGS, _UP = 0x8913, 0x8914, 1


@dataclass(frozen=True, slots=True)
class Errand:
    """What a guard has to do.

    Args:
        function: what the submission's process calls.
        passage: how it crosses the border.
        budget: what it may use.
        pipe: the writing end of its pipe.
        line: the guard's end of the line to the process that grades.
        parent: the id of the process that grades.
        changes_user: True if the submission becomes another user, which only root can do.
        kept: the descriptors that the submission has besides.
    """

    function: Function
    passage: Passage
    budget: Budget
    pipe: int
    line: socket.socket
    parent: int
    changes_user: bool
    kept: tuple[int, ...] = ()

    @property
    def has_namespaces(self) -> bool:
        """True if the submission gets namespaces of its own."""
        return self.passage.level is Level.NAMESPACES


def begin(errand: Errand) -> NoReturn:
    """Do an errand in a process that was made for it, and end that process."""
    try:
        gc.disable()
        os.setsid()
        # All other signals are held back here; the process that grades held them back before it forked.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        system.close_others(errand.pipe, errand.line.fileno(), *errand.kept)
        uid = own_uid(os.getpid()) if errand.changes_user else None
        errand = replace(errand, passage=replace(errand.passage, uid=uid, inherited_octets=octets_of_addresses()))
        if errand.has_namespaces:
            _enter_namespaces(errand.parent)
        if system.is_linux:
            system.prctl(system.DUMPABLE, 0)
            system.prctl(system.SUBREAPER, 1)
        _tell(errand.line, _do(errand))
    except BaseException as error:
        _tell(errand.line, {"failed": _reason(error)})
    finally:
        os._exit(0)


def _reason(error: BaseException) -> str:
    said = str(error) if not isinstance(error, OSError) else error.strerror or str(error)
    return said if isinstance(error, OSError) else f"{type(error).__name__}: {said}"


def _tell(line: socket.socket, what: dict[str, object]) -> None:
    with suppress(OSError):  # nobody may wait for it any more
        line.sendall(json.dumps(what).encode())


def _enter_namespaces(parent: int) -> None:
    """Go on as the first process of new namespaces, while this one waits for it.

    Both are killed at once if the process that grades ends. Without namespaces, a guard that is killed would leave the
    submission behind; there it ends the submission first, when it sees that its line is closed.
    """
    system.prctl(system.DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # it has ended before
    uid, gid = os.geteuid(), os.getegid()
    private = system.NEW_MOUNTS | system.NEW_PIDS | system.NEW_NETWORK | system.NEW_IPC | system.NEW_HOST_NAME
    system.unshare(private | (system.NEW_USERS if uid else 0))
    if uid:
        map_self(uid, gid)
    guard = os.fork()
    if guard:
        system.close_others()
        os.waitpid(guard, 0)
        os._exit(0)
    # The parent is outside and has no number here. If it has ended already, the line to the grading process shows it.
    system.prctl(system.DEATH_SIGNAL, signal.SIGKILL)


def _do(errand: Errand) -> dict[str, object]:
    """Prepare a place, run the submission in it, and return how it ended, or why it could not begin."""
    passage = errand.passage
    processes = ProcessTable()
    uid, gid = (os.geteuid(), os.getegid()) if passage.uid is None else (passage.uid, passage.uid)
    if errand.has_namespaces:
        _raise_loopback()
        socket.sethostname("student")
        new_root.enter(passage.readable, uid, gid, _SCRATCH_FILES * errand.budget.file_octets)
        # A container may forbid a /proc of one's own. That of outside shows the same processes, among all others.
        return _run(errand, ProcessTable.here_or(processes))
    try:
        os.mkdir(passage.home, 0o700)
        os.chown(passage.home, uid, gid)
        return _run(errand, processes)
    finally:
        remove_folder(passage.home)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, _INTERFACE_FLAGS, struct.pack("16sh22x", b"lo", 0))
        flags = struct.unpack_from("16sh", asked)[1] | _UP
        fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, struct.pack("16sh22x", b"lo", flags))


def _run(errand: Errand, processes: ProcessTable) -> dict[str, object]:
    hears, says = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if not child:
        _submit(errand, says)
    os.close(says)
    for descriptor in (errand.pipe, *errand.kept):
        os.close(descriptor)
    ended = _Attendance(errand, child, began, processes).attend()
    # Nobody has written here if the submission has begun. To wait for that would only delay it.
    with open(hears, "rb") as failure:
        reason = failure.read().decode()
    return {"failed": reason} if reason else ended


def _submit(errand: Errand, says: int) -> NoReturn:
    """Cross the border and run the submission's function, in the process for it."""
    status = 1
    try:
        os.setpgid(0, 0)
        try:
            cross(errand.passage, errand.budget, errand.pipe, says, *errand.kept)
        except BaseException as error:
            os.write(says, _reason(error).encode())
            raise
        os.close(says)
        with os.fdopen(errand.pipe, "wb", buffering=0, closefd=False) as pipe:
            errand.function(cast(BinaryIO, pipe))
            status = _DONE
    except SystemExit as leaving:
        status = leaving.code & 0xFF if isinstance(leaving.code, int) else int(leaving.code is not None)
    finally:
        os._exit(status)


def _kill_all_of(uid: int) -> None:
    """Kill all processes of a user at once, in a process that has no other id left, so that it reaches no other's."""
    helper = os.fork()
    if not helper:
        try:
            os.setgroups([])
            os.setresuid(uid, uid, uid)
            if os.getresuid() == (uid, uid, uid) and uid > 0:
                os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(helper, 0)


def _largest(whose: int) -> int:
    """Return how much memory a process has held at most, in octets: this one, or one that it has waited for."""
    return resource.getrusage(whose).ru_maxrss * (1024 if system.is_linux else 1)


class _Attendance:
    """One submission while it runs."""

    def __init__(self, errand: Errand, child: int, began: float, processes: ProcessTable) -> None:
        self.errand = errand
        self.child = child
        self.began = began
        self.status: int | None = None
        self.is_filled = False
        self.inherited = _largest(resource.RUSAGE_SELF)
        self.processes = processes
        self.meter = Meter(processes, errand.budget.memory_octets, self.inherited, errand.budget.processes)
        self.poll = select.poll()
        self.poll.register(errand.line, select.POLLIN)
        sees_only_its_own = errand.has_namespaces and processes.shows_processes and processes.me == os.getpid()
        self.glance = _GLANCE if sees_only_its_own else _SLOWER_GLANCE
        try:
            self.poll.register(os.pidfd_open(child), select.POLLIN)
        except (AttributeError, OSError):
            self.glance = _GLANCE  # nothing wakes this process when the submission ends

    def attend(self) -> dict[str, object]:
        """Wait for the end or bring it about, leave nothing behind, and return how it was."""
        how = self._wait()
        wall_seconds = time.monotonic() - self.began
        self._kill_everything()
        cpu_seconds = max(self.meter.cpu_seconds, ended_seconds())
        number = os.waitstatus_to_exitcode(self.status) if self.status is not None else -signal.SIGKILL
        if how is None:
            how = self._how(number, cpu_seconds)
        return {
            "how": how,
            "signal": max(0, -number),
            "exit_code": max(0, number) if number != _DONE else 0,
            "cpu_seconds": cpu_seconds,
            "wall_seconds": wall_seconds,
            "signs": self._signs(),
        }

    def _wait(self) -> How | None:
        """Wait until the submission has ended, which returns None, or has to be ended."""
        budget, deadline = self.errand.budget, self.began + self.errand.budget.wall_seconds
        while True:
            left = max(0.0, deadline - time.monotonic())
            ready = {descriptor for descriptor, _ in self.poll.poll(min(left, self.glance) * 1000)}
            self.meter.look()
            self._reap()
            if self.status is not None:
                self.meter.look(just_ended=1)  # it may have started others since the last look
                return None
            if self.errand.line.fileno() in ready:
                return How.OUTPUT_CUT
            if self.meter.cpu_seconds >= budget.cpu_seconds:
                return How.CPU_LIMIT
            self.meter.look_at_memory()
            if self.meter.is_full or self._has_too_many_files():
                return How.KILLED
            if time.monotonic() >= deadline:
                return How.WALL_LIMIT

    def _reap(self, options: int = os.WNOHANG) -> bool:
        """Take note of each process that has ended; return False if there are no more."""
        try:
            while True:
                process, status = os.waitpid(-1, options)
                if not process:
                    return True
                if process == self.child:
                    self.status = status
        except ChildProcessError:
            return False

    def _how(self, number: int, cpu_seconds: float) -> How:
        is_over = cpu_seconds >= self.errand.budget.cpu_seconds
        if number == -signal.SIGXCPU or (number == -signal.SIGKILL and is_over):
            return How.CPU_LIMIT
        if number == _DONE:
            return How.FINISHED
        return How.KILLED if number < 0 else How.EXITED

    def _kill_everything(self) -> None:
        """Kill all processes of the submission and wait until they are gone."""
        if self.errand.has_namespaces and os.getpid() == 1:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)  # all of this namespace, at once
            self._reap(0)
            return
        until = time.monotonic() + 5
        while time.monotonic() < until:
            self._kill_some()
            if not self._reap():
                return
            time.sleep(0.001)

    def _kill_some(self) -> None:
        uid = self.errand.passage.uid
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child, signal.SIGKILL)
        if uid:
            _kill_all_of(uid)
            return
        for each in self.processes.descendants():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each.process, signal.SIGKILL)

    def _signs(self) -> list[str]:
        found = {
            FORK_LIMIT: self.meter.is_crowded,
            MEMORY_LIMIT: self.meter.is_full or self._was_nearly_full(),
            FILE_LIMIT: self._has_full_file(),
        }
        return [sign for sign, is_there in found.items() if is_there]

    def _was_nearly_full(self) -> bool:
        grown = _largest(resource.RUSAGE_CHILDREN) - self.inherited
        return grown >= _MUCH * self.errand.budget.memory_octets

    def _has_too_many_files(self) -> bool:
        """Return True if all files together are too large; in a namespace, their file system has a size of its own."""
        if not self.errand.has_namespaces:
            most = _SCRATCH_FILES * self.errand.budget.file_octets
            self.is_filled |= holds_more(self.errand.passage.home, most, new_root.FILES)
        return self.is_filled

    def _has_full_file(self) -> bool:
        folder = "/tmp" if self.errand.has_namespaces else self.errand.passage.home
        if self.is_filled or (self.errand.has_namespaces and os.statvfs(folder).f_bavail == 0):
            return True
        return has_large_file(folder, self.errand.budget.file_octets)
