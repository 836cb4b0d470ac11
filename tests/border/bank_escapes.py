"""What a submission may try to reach: each attempt returns what it reached, or fails.

Each is tried without a border first, so that it is seen to be an attempt at all. The bank needs no package but Python's
own, because it also runs for another user, whom the tests' packages may not be open to.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import socket
import stat
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True)
class Outside:
    """What there is outside of the border.

    Args:
        process: the id of the process that grades.
        port: a port of this machine's loopback that somebody listens at.
        abstract: the name of an abstract Unix socket that somebody listens at.
        path_socket: the path of another one.
        secret: a file in somebody's folder.
        descriptor: that file, open.
        shared: a file in ``/dev/shm``.
        segment: a key of System V memory.
        solution: the solution of an exercise, in the checkout.
        bank: answers to an exercise, in the checkout.
        packages: where Python's packages are.
        package: where smtplab is.
        root_program: a program that runs as root whoever starts it, and says as whom it runs.
    """

    process: int
    port: int
    abstract: str
    path_socket: str
    secret: str
    descriptor: int
    shared: str
    segment: int
    solution: str
    bank: str
    packages: str
    package: str
    root_program: str


Attempt = Callable[[Outside], object]


@dataclass
class Bank:
    """The attempts by name, with those that only make sense behind a border."""

    attempts: dict[str, Attempt] = field(default_factory=dict)
    only_inside: set[str] = field(default_factory=set)

    def add(self, attempt: Attempt) -> Attempt:
        """Add one that can be tried without a border, too."""
        self.attempts[attempt.__name__] = attempt
        return attempt

    def add_inside(self, attempt: Attempt) -> Attempt:
        """Add one that would do harm without a border, or prove nothing."""
        self.only_inside.add(attempt.__name__)
        return self.add(attempt)


BANK = Bank()
_libc = ctypes.CDLL(None, use_errno=True)


def _done(result: int) -> str:
    """Return that a call of the C library has worked."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return f"got {result}"


def _read(path: str) -> object:
    with open(path, "rb") as file:
        return file.read(100)


def _write_in(folder: str) -> str:
    path = f"{folder}/left-by-a-submission"
    with open(path, "w", encoding="ascii") as file:
        file.write("mine")
    os.unlink(path)
    return path


# Files


@BANK.add
def passwords(outside: Outside) -> object:
    return _read("/etc/shadow")


@BANK.add
def solution(outside: Outside) -> object:
    return _read(outside.solution)


@BANK.add
def bank_of_answers(outside: Outside) -> object:
    return _read(outside.bank)


@BANK.add
def file_of_others(outside: Outside) -> object:
    return _read(outside.secret)


@BANK.add
def file_of_others_by_a_link(outside: Outside) -> object:
    os.symlink(outside.secret, "link")
    return _read("link")


@BANK.add
def file_of_others_by_a_hard_link(outside: Outside) -> object:
    os.link(outside.secret, f"{outside.secret}.mine")
    os.unlink(f"{outside.secret}.mine")
    return "linked"


@BANK.add
def file_of_others_from_above(outside: Outside) -> object:
    return _read("../" * 20 + outside.secret)


@BANK.add
def file_of_others_through_the_guard(outside: Outside) -> object:
    return _read(f"/proc/{os.getppid()}/root{outside.secret}")


@BANK.add
def folder_of_others(outside: Outside) -> object:
    return os.listdir(os.path.dirname(outside.secret))


@BANK.add
def memory_in_a_file(outside: Outside) -> object:
    return _read(outside.shared)


@BANK.add
def open_file(outside: Outside) -> object:
    return os.pread(outside.descriptor, 100, 0)


@BANK.add_inside
def files_that_the_guard_has_open(outside: Outside) -> object:
    with os.scandir("/dev/fd" if os.access("/dev/fd", os.R_OK) else "/proc/self/fd") as entries:
        opened = {int(entry.name) for entry in entries}
    links = {number: os.readlink(f"/proc/self/fd/{number}") for number in opened if _is_open(number)}
    return [link for link in links.values() if link.startswith(("socket:", "anon_inode:"))] or len(links) > 4


def _is_open(number: int) -> bool:
    try:
        return bool(os.fstat(number))
    except OSError:
        return False


@BANK.add
def packages(outside: Outside) -> object:
    return _write_in(outside.packages)


@BANK.add
def smtplab(outside: Outside) -> object:
    return _write_in(outside.package)


@BANK.add
def mode_of_smtplab(outside: Outside) -> object:
    before = os.stat(outside.package).st_mode
    os.chmod(outside.package, before ^ 0o001)
    try:
        return before != os.stat(outside.package).st_mode
    finally:
        os.chmod(outside.package, before)


@BANK.add
def programs(outside: Outside) -> object:
    return _write_in("/usr/bin")


@BANK.add_inside
def root_folder(outside: Outside) -> object:
    return _write_in("/")


@BANK.add
def disk(outside: Outside) -> object:
    path = "disk"
    os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(*map(int, _first_disk().split(":"))))
    return os.open(path, os.O_RDONLY)


def _first_disk() -> str:
    for name in sorted(os.listdir("/sys/block")):
        with open(f"/sys/block/{name}/dev", encoding="ascii") as file:
            return file.read()
    raise OSError("no disk is seen")


@BANK.add
def devices(outside: Outside) -> object:
    return set(os.listdir("/dev")) & {"mem", "kmsg", "vda", "sda", "nvme0n1", "loop0", "tty", "tty0", "console"}


@BANK.add
def system(outside: Outside) -> object:
    return os.listdir("/sys")


@BANK.add
def other_places(outside: Outside) -> object:
    return [path for path in ("/home", "/var", "/srv", "/run", "/opt", "/mnt") if os.path.exists(path)]


# Processes


@BANK.add
def process_that_grades(outside: Outside) -> object:
    os.kill(outside.process, 0)
    return "seen"


@BANK.add
def its_memory(outside: Outside) -> object:
    with open(f"/proc/{outside.process}/mem", "rb"):
        return "open"


@BANK.add
def its_environment(outside: Outside) -> object:
    return _read(f"/proc/{outside.process}/environ")


@BANK.add
def trace_of_it(outside: Outside) -> object:
    return _done(_libc.ptrace(0x4206, outside.process, None, None)) + "seized"


@BANK.add_inside
def memory_of_the_guard(outside: Outside) -> object:
    with open(f"/proc/{os.getppid()}/mem", "rb"):
        return "open"


@BANK.add_inside
def files_of_the_guard(outside: Outside) -> object:
    return os.listdir(f"/proc/{os.getppid()}/fd")


@BANK.add_inside
def trace_of_the_guard(outside: Outside) -> object:
    return _done(_libc.ptrace(0x4206, os.getppid(), None, None)) + "seized"


@BANK.add
def many_processes(outside: Outside) -> object:
    seen = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return seen if len(seen) > 3 else None


# Network and memory


@BANK.add
def port(outside: Outside) -> object:
    with socket.create_connection(("127.0.0.1", outside.port), timeout=2):
        return "connected"


def _connected(address: str) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        return "connected"


@BANK.add
def abstract_socket(outside: Outside) -> object:
    return _connected(f"\0{outside.abstract}")


@BANK.add
def path_socket(outside: Outside) -> object:
    return _connected(outside.path_socket)


@BANK.add
def interfaces(outside: Outside) -> object:
    return [name for _, name in socket.if_nameindex() if name != "lo"]


@BANK.add_inside
def machine_below(outside: Outside) -> object:
    return socket.socket(getattr(socket, "AF_VSOCK", 40), socket.SOCK_STREAM)


@BANK.add
def shared_memory(outside: Outside) -> object:
    return _done(_libc.shmget(outside.segment, 1, 0))


@BANK.add
def memory_that_nobody_counts(outside: Outside) -> object:
    return os.memfd_create("mine")


@BANK.add
def keys(outside: Outside) -> object:
    number = {"x86_64": 248, "aarch64": 217}[platform.machine()]
    return _done(_libc.syscall(number, b"user", b"mine", b"kept", 4, -2))


# Rights


@BANK.add
def root(outside: Outside) -> object:
    os.setresuid(0, 0, 0)
    return f"user {os.getuid()}"


@BANK.add
def program_of_root(outside: Outside) -> object:
    said = subprocess.run([outside.root_program, "-u"], capture_output=True, check=True).stdout
    return said if said.strip() == b"0" else None


@BANK.add
def new_users(outside: Outside) -> object:
    return _done(_libc.unshare(0x10000000)) + "a namespace of users"


@BANK.add
def new_users_in_a_child(outside: Outside) -> object:
    number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
    child = _libc.syscall(number, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return _done(child)


@BANK.add
def new_mounts(outside: Outside) -> object:
    return _done(_libc.unshare(0x00020000)) + "a namespace of mounts"


@BANK.add_inside
def mount(outside: Outside) -> object:
    return _done(_libc.mount(b"none", b"/tmp", b"tmpfs", 0, b""))


@BANK.add_inside
def writable_root(outside: Outside) -> object:
    return _done(_libc.mount(b"none", b"/", None, 0x20 | 0x1000, None))


@BANK.add_inside
def unmounted(outside: Outside) -> object:
    return _done(_libc.umount2(b"/proc", 2))


@BANK.add
def other_root(outside: Outside) -> object:
    os.chroot(".")
    return "changed"


@BANK.add_inside
def setting_of_the_system(outside: Outside) -> object:
    with open("/proc/sys/kernel/core_pattern", "w", encoding="ascii") as file:
        return file.write("|/tmp/mine")


@BANK.add_inside
def more_processes(outside: Outside) -> object:
    import resource

    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    resource.setrlimit(resource.RLIMIT_NPROC, (most + 1, most + 1))
    return "raised"


@BANK.add
def environment(outside: Outside) -> object:
    return os.environ.get("SMTPLAB_TEST_SECRET")


def outcome(name: str, outside: Outside) -> str:
    """Try an attempt, and return what it reached as text; empty if nothing."""
    try:
        reached = BANK.attempts[name](outside)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return ""
    return repr(reached) if reached else ""


MARK = f"left-{os.getpid()}"[:15]


def mark() -> None:
    """Give this process a name by which it is found from outside."""
    _libc.prctl(15, MARK.encode(), 0, 0, 0)


def marked() -> list[str]:
    """Return the processes with that name, of this machine or of this namespace."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{name}/comm", encoding="utf-8", errors="replace") as file:
            if file.read().strip() == MARK:
                found.append(name)
    return found


def crowd(pipe: BinaryIO) -> None:
    """Start processes that stay until no more are allowed, and say how many."""
    count = 0
    with suppress(OSError):
        for _ in range(200):
            if not os.fork():
                os.setsid()
                mark()
                signal.pause()
            count += 1
    pipe.write(str(count).encode())
