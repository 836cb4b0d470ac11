"""Set the limits of a process and of all that it starts, as far as a system counts them for each process.

What all processes of a submission use together is counted in `watch`.
"""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

from .system_calls import few_arenas, is_linux
from .values import Budget

if sys.platform != "win32":
    import resource

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def set_limits(budget: Budget, others: int, inherited_octets: int) -> None:
    """Limit this process to a budget. It cannot raise the limits again unless it is root.

    Args:
        budget: what it may use.
        others: how many processes and threads count towards its user's without being its own.
        inherited_octets: how many octets of addresses it has already, of the process it was forked from.
    """
    few_arenas()
    cpu = max(1, math.ceil(budget.cpu_seconds))
    # SIGXCPU comes first, which can be ignored, and SIGKILL a second later.
    _limit(resource.RLIMIT_CPU, cpu, cpu + 1)
    _limit(resource.RLIMIT_AS, inherited_octets + budget.memory_octets)
    _limit(resource.RLIMIT_FSIZE, budget.file_octets)
    _limit(resource.RLIMIT_NOFILE, budget.open_files)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_MEMLOCK, 0)
    if is_linux:  # elsewhere nothing tells how many processes count already
        _limit(resource.RLIMIT_NPROC, budget.processes + others)
        _limit(resource.RLIMIT_MSGQUEUE, 0)


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, or the nearest that this system allows."""
    most = resource.getrlimit(kind)[1]
    wanted = soft if hard is None else hard
    bound = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    try:
        resource.setrlimit(kind, (min(soft, bound), bound))
    except (ValueError, OSError):
        if is_linux:
            raise  # macOS refuses some limits


def octets_of_addresses() -> int:
    """Return how many octets of addresses this process has; 0 if no ``/proc`` tells it."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * _PAGE
    except OSError:
        return 0


def threads_of_user(uid: int) -> int:
    """Return how many processes and threads a user has, which is what the limit on them counts."""
    count = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if entry.stat().st_uid == uid:
                count += len(os.listdir(entry / "task"))
        except OSError:
            continue  # it has ended
    return count
