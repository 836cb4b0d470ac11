"""Landlock: rules of Linux, for a process and its children, about which files they may open and whom they may reach.

A process can set them without any right, and cannot take them back. A newer Linux knows more rules; `version` says
which, and what it does not know is left out.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from .system_calls import is_linux, system_call

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _DEVICE = 1, 2, 4, 8, 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FOR_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE
# How many rights on files a version has: of 1 the first thirteen.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP = 3  # bind and connect, from version 4 on
_SCOPES = 3  # abstract Unix sockets and signals, from version 6 on


def version() -> int:
    """Return which version of Landlock this machine has; 0 if none."""
    if not is_linux:
        return 0
    try:
        return system_call(_CREATE, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def has_network_rules() -> bool:
    """Return True if this machine's Landlock can forbid TCP."""
    return version() >= 4


def restrict(readable: Iterable[str], writable: Iterable[str], *, without_tcp: bool) -> None:
    """Let this process open only some files from now on, and reach no process outside by signals or abstract sockets.

    Args:
        readable: files and folders that may be read and executed; what is not there is left out.
        writable: files and folders in which everything is allowed.
        without_tcp: if True, TCP is forbidden too, where this Linux can do that.

    Raises:
        OSError: if there is no Landlock.
    """
    known = version()
    rights = (1 << _RIGHTS.get(known, 16)) - 1
    size = 8 if known < 4 else 16 if known < 6 else 24
    asked = struct.pack("=QQQ", rights, _TCP if without_tcp else 0, _SCOPES)[:size]
    rules = system_call(_CREATE, asked, len(asked), 0)
    try:
        for paths, allowed in ((readable, _READ), (writable, rights)):
            for path in paths:
                _allow(rules, path, allowed & rights)
        system_call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= _FOR_A_FILE
        system_call(_ADD, rules, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)
