"""Build a file system in memory that has Python and an empty folder, and make it the root of a new mount namespace."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress

from . import system_calls as system

HOME = "/tmp/home"
"""The empty folder in which a submission runs."""
FILES = 4096
"""How many files and folders a submission may have."""

# Where the new root is built. It must be there, and nothing that is needed may lie in it.
_SITES = ("/sys", "/mnt", "/media", "/srv", "/boot", "/proc")
_SAFE = system.READ_ONLY | system.NO_SUID | system.NO_DEVICES
DEVICES = ("null", "zero", "full", "random", "urandom")
"""The devices that a submission has, in ``/dev``."""
# How mountinfo writes the flags that a mount may have, and has to keep.
_OPTIONS = {"ro": 1, "nosuid": 2, "nodev": 4, "noexec": 8, "noatime": 1024, "nodiratime": 2048, "relatime": 1 << 21}
_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2", "ptmx": "pts/ptmx", "shm": "/tmp"}
_ETC = {
    "passwd": "student:x:{uid}:{gid}:student:{home}:/bin/sh\n",
    "group": "student:x:{gid}:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
}


def enter(readable: Sequence[str], uid: int, gid: int, octets: int) -> None:
    """Make a new root of this process's mount namespace, which must be its own already.

    Args:
        readable: existing absolute paths to show, read-only, at the same places; none lies in another one.
        uid: the user that the submission runs as.
        gid: the group of that user.
        octets: how much all files in ``/tmp``, the only place that can be written to, may have together.

    Raises:
        OSError: if this machine does not allow it.
    """
    system.mount("none", "/", flags=system.RECURSIVE | system.PRIVATE)
    root = _site(readable)
    system.mount("tmpfs", root, "tmpfs", system.NO_SUID | system.NO_DEVICES, "size=1m,mode=755")
    for name in ("tmp", "dev", "proc", "etc"):
        os.mkdir(f"{root}/{name}")
    scratch = f"{root}/tmp"
    system.mount("tmpfs", scratch, "tmpfs", _SAFE & ~system.READ_ONLY, f"size={octets},nr_inodes={FILES},mode=1777")
    folders: set[str] = set()
    for path in readable:
        _show(path, f"{root}{path}", folders)
    _write_etc(f"{root}/etc", uid, gid)
    _make_read_only(root, but=scratch)
    _make_devices(f"{root}/dev")
    _mount_processes(f"{root}/proc")
    home = f"{root}{HOME}"
    os.makedirs(home, 0o700, exist_ok=True)  # something to read may lie in it
    os.chown(home, uid, gid)
    system.swap_root(root)


def _site(readable: Sequence[str]) -> str:
    for site in _SITES:
        if os.path.isdir(site) and not any(f"{path}/".startswith(f"{site}/") for path in readable):
            return site
    raise OSError(errno.ENOENT, "there is no folder in which the new root could be built")


def _show(path: str, target: str, folders: set[str]) -> None:
    """Show a file or folder at `target`, with what is mounted in it; a link stays a link.

    Args:
        folders: those of the new root that are there; the ones that are made here are added.
    """
    above = target.rpartition("/")[0]
    if above not in folders:
        os.makedirs(above, exist_ok=True)
        folders.add(above)
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        with suppress(FileExistsError):
            os.symlink(os.readlink(path), target)
        return
    if stat.S_ISDIR(mode):
        with suppress(FileExistsError):
            os.mkdir(target)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o444))
    system.mount(path, target, flags=system.BIND | system.RECURSIVE)


def _write_etc(folder: str, uid: int, gid: int) -> None:
    for name, text in _ETC.items():
        with open(f"{folder}/{name}", "w", encoding="ascii") as file:
            file.write(text.format(uid=uid, gid=gid, home=HOME))


def _make_read_only(folder: str, but: str = "") -> None:
    """Make a mount and all mounts in it read-only, without programs of other users and without devices."""
    try:
        system.set_mount(folder, on=_SAFE, deep=True)
        if but:
            system.set_mount(but, off=system.READ_ONLY)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        for target, flags in _mounts_in(folder):  # before Linux 5.12
            if target != but:
                system.mount("none", target, flags=system.REMOUNT | system.BIND | flags | _SAFE)


def _mounts_in(folder: str) -> list[tuple[str, int]]:
    """Return the mount at a folder and those in it, with the flags that each has; none that it hides."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        rows = [line.split() for line in file]
    places = [(row[0], row[1], _name(row[4]), sum(_OPTIONS.get(each, 0) for each in row[5].split(","))) for row in rows]
    inside = {[number for number, _, name, _ in places if name == folder][-1]}
    for number, parent, _, _ in places:  # a mount stands after the one that it is in
        if parent in inside:
            inside.add(number)
    return [(name, flags) for number, _, name, flags in places if number in inside]


def _name(written: str) -> str:
    """Return the path of a mount; mountinfo writes a blank as ``\\040``."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), written)


def _make_devices(folder: str) -> None:
    system.mount("tmpfs", folder, "tmpfs", system.NO_SUID | system.NO_EXECUTION, "size=64k,mode=755")
    for name in DEVICES:
        os.close(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY))
        system.mount(f"/dev/{name}", f"{folder}/{name}", flags=system.BIND)
    for name, goal in _LINKS.items():
        os.symlink(goal, f"{folder}/{name}")
    os.mkdir(f"{folder}/pts")
    # IPython runs "!command" in a terminal.
    system.mount(
        "devpts",
        f"{folder}/pts",
        "devpts",
        system.NO_SUID | system.NO_EXECUTION,
        "newinstance,ptmxmode=0666,mode=600,max=16",
    )
    flags = system.REMOUNT | system.BIND | system.READ_ONLY | system.NO_SUID | system.NO_EXECUTION
    system.mount("none", folder, flags=flags)


def _mount_processes(folder: str) -> None:
    """Show the processes of the new namespace. A container may forbid it; Python runs without."""
    try:
        system.mount("proc", folder, "proc", system.NO_SUID | system.NO_DEVICES | system.NO_EXECUTION)
    except OSError as error:
        if error.errno != errno.EPERM:
            raise
