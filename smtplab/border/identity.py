"""Give up who one is: another user id for good, a namespace of users without any right in it, a clean environment."""

from __future__ import annotations

import errno
import os
import tempfile
from functools import cache

from ..base.environment import kept_environment
from . import call_filter
from . import system_calls as system

# Where user ids begin that no system gives to anybody, and how many there are: one for each process id. A container
# may have only the first 65,536 ids; of these, a range that is meant for services of the moment.
_RANGES = ((1_900_000_000, 1 << 22), (61_184, 4096))
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def own_uid(process: int) -> int:
    """Return a user id that belongs to one process alone, so that what two submissions use is counted apart.

    Args:
        process: the id of the process.

    Raises:
        OSError: if there is no other user here, as in a container that has root alone.
    """
    ids = _mapped_ids()
    for first, count in _RANGES:
        if first in ids and first + count - 1 in ids:
            return first + process % count
    if len(ids) < 3:
        raise OSError(errno.EPERM, "this container has no user but root")
    return ids[-2]


@cache
def _mapped_ids() -> range:
    """Return the user ids that can be taken here, of the last range if there are several.

    They are the same for all processes that a process forks.
    """
    with open("/proc/self/uid_map", encoding="ascii") as file:
        first, _, count = (int(each) for each in file.readlines()[-1].split())
    return range(first, first + count)


def become(uid: int) -> None:
    """Become another user for good, in no group but one of the same number."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def map_self(uid: int, gid: int) -> None:
    """Say in a new namespace of users that this process is who it was."""
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def leave_users() -> None:
    """Move into a namespace of users that allows no other one inside, and keep no right in it.

    The limit on processes counts from one there, since Linux 5.14. A container may show no /proc, which this needs;
    then the filter of system calls alone forbids other namespaces.
    """
    if not os.path.exists("/proc/self/uid_map") and call_filter.is_known_here():
        return
    uid, gid = os.getuid(), os.getgid()
    system.unshare(system.NEW_USERS)
    map_self(uid, gid)
    _write("/proc/sys/user/max_user_namespaces", "0")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def clean_environment(home: str) -> None:
    """Leave of the environment what a program needs, with `home` as the place for files."""
    kept = kept_environment()
    os.environ.clear()
    os.environ.update(kept | {"HOME": home, "TMPDIR": home, "USER": "student"} | dict.fromkeys(_ONE_THREAD, "1"))
    tempfile.tempdir = None
