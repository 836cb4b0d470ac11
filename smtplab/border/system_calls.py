"""Call functions of Linux that Python has no names for, through ``ctypes``.

The numbers of system calls here are the same on all processors; an older call is taken from the C library by its name.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from itertools import pairwise

# unshare
NEW_MOUNTS = 0x00020000
NEW_HOST_NAME = 0x04000000
NEW_IPC = 0x08000000
NEW_USERS = 0x10000000
NEW_PIDS = 0x20000000
NEW_NETWORK = 0x40000000

# mount
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXECUTION = 1, 2, 4, 8
REMOUNT, BIND, RECURSIVE, PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000

# prctl
DEATH_SIGNAL, DUMPABLE, SECCOMP, BOUNDING_DROP, SECURE_BITS = 1, 4, 22, 24, 28
SUBREAPER, NO_NEW_PRIVILEGES, AMBIENT = 36, 38, 47
_AMBIENT_CLEAR_ALL = 4
_NO_ROOT_LOCKED = 0x2F

_CLOSE_RANGE, _MOUNT_SETATTR = 436, 442
_ARENA_MAX = -8  # mallopt
_CAPABILITY_VERSION = 0x20080522

is_linux = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None

Argument = int | bytes | None | ctypes.Array[ctypes.c_char]


def call(name: str, *arguments: Argument) -> int:
    """Call a function of the C library that takes integers and pointers, and return its result.

    Raises:
        OSError: if the result is negative, with what the system says about it.
    """
    function = getattr(_libc, name, None)
    if function is None:
        raise OSError(errno.ENOSYS, f"{name} is not there")
    function.restype = ctypes.c_long
    result = int(function(*(ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)))
    # A function that returns an int leaves the upper half of the register open.
    if ctypes.c_int(result).value < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def system_call(number: int, *arguments: Argument) -> int:
    """Make a system call that the C library may have no function for."""
    return call("syscall", number, *arguments)


def prctl(option: int, *arguments: Argument) -> int:
    """Change or read an attribute of this process."""
    return call("prctl", option, *arguments, *([0] * (4 - len(arguments))))


def unshare(flags: int) -> None:
    """Move this process, or for process ids its children, into new namespaces."""
    call("unshare", flags)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount a file system, or with `BIND` a folder or file a second time."""
    call("mount", os.fsencode(source), os.fsencode(target), kind.encode(), flags, options.encode())


def swap_root(new: str) -> None:
    """Make a mount point the root of this mount namespace, and take what was the root out of it."""
    os.chdir(new)
    call("pivot_root", b".", b".")
    call("umount2", b".", _DETACH)
    os.chdir("/")


def set_mount(target: str, *, on: int = 0, off: int = 0, deep: bool = False) -> None:
    """Set and clear flags of a mount, such as `READ_ONLY`; with `deep`, of all mounts in it as well (Linux 5.12)."""
    wanted = on.to_bytes(8, sys.byteorder) + off.to_bytes(8, sys.byteorder) + bytes(16)
    system_call(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE if deep else 0, wanted, len(wanted))


def drop_capabilities() -> None:
    """Give up all rights of root for good. If this process is root, no program that it starts brings them back."""
    prctl(AMBIENT, _AMBIENT_CLEAR_ALL)
    if os.geteuid() == 0:
        for number in range(64):
            try:
                prctl(BOUNDING_DROP, number)
            except OSError as error:
                if error.errno != errno.EINVAL:  # there is none with this number
                    raise
                break
        prctl(SECURE_BITS, _NO_ROOT_LOCKED)
    head = _CAPABILITY_VERSION.to_bytes(4, sys.byteorder) + bytes(4)
    call("capset", head, bytes(24))


def close_others(*kept: int) -> None:
    """Close all files of this process but 0, 1, 2 and those named."""
    edges = [2, *sorted(kept), 0xFFFFFFFF + 1]
    for below, above in pairwise(edges):
        if below + 1 <= above - 1:
            _close_range(below + 1, above - 1)


def _close_range(first: int, last: int) -> None:
    if is_linux:
        try:
            system_call(_CLOSE_RANGE, first, last, 0)
            return
        except OSError:
            pass
    for name in os.listdir("/dev/fd"):
        if first <= int(name) <= last:
            os.closerange(int(name), int(name) + 1)


def few_arenas() -> None:
    """Keep the allocator from reserving 64 MiB of addresses for each thread, which would count as memory."""
    if hasattr(_libc, "mallopt"):
        call("mallopt", _ARENA_MAX, 2)
