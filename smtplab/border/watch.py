"""Watch what all processes of a submission use together: time of processors, memory, their number.

Limits of a system count for each process alone, so thirty processes would have thirty times the budget.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

if sys.platform != "win32":
    import resource

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class SeenProcess(NamedTuple):
    """A process as it is seen at one moment: its memory in octets, its time and that of those it waited for."""

    process: int
    parent: int
    is_dead: bool
    threads: int
    begun: int
    cpu_seconds: float
    waited_seconds: float
    resident: int


def read_stat(text: str) -> SeenProcess:
    """Return a process from its ``/proc/PID/stat``. Its name comes from the submission and may hold anything."""
    number, rest = text.split(" ", 1)
    fields = rest.rpartition(") ")[2].split()
    return SeenProcess(
        process=int(number),
        parent=int(fields[1]),
        is_dead=fields[0] in "ZX",
        threads=int(fields[17]),
        begun=int(fields[19]),
        cpu_seconds=(int(fields[11]) + int(fields[12])) / _TICK,
        waited_seconds=(int(fields[13]) + int(fields[14])) / _TICK,
        resident=int(fields[21]) * _PAGE,
    )


def _all_seen() -> Iterator[SeenProcess]:
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return
    for name in names:
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                yield read_stat(file.read())
        except OSError:
            continue  # it has ended


def descendants(ancestor: int) -> list[SeenProcess]:
    """Return the processes that a process has started, and what these have started, as far as they are its own."""
    children: dict[int, list[SeenProcess]] = {}
    for each in _all_seen():
        children.setdefault(each.parent, []).append(each)
    found = list(children.get(ancestor, ()))
    for each in found:
        found += children.get(each.process, ())
    return found


def _shared_out(process: int) -> int:
    """Return the memory of a process in octets, of what it shares its part; 0 if that cannot be told.

    Files that it has mapped, such as Python's own, can be read again and do not count.
    """
    try:
        with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as file:
            found = {line.split()[0]: int(line.split()[1]) for line in file if line.startswith("Pss")}
    except OSError:
        return 0
    return (found.get("Pss:", 0) - found.get("Pss_File:", 0)) * 1024


def ended_seconds() -> float:
    """Return the time of processors of all processes that this one has started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@dataclass(slots=True)
class Meter:
    """Adds up what a submission uses, from one look to the next.

    A process that begins and ends between two looks is not seen; its time is counted when it is waited for.

    Args:
        ancestor: the process that watches; all that it started is watched.
        memory_octets: how much memory all processes may hold together, with what the first one began with.
        threads: how many processes and threads there may be.
    """

    ancestor: int
    memory_octets: int
    threads: int
    cpu_seconds: float = 0.0
    is_full: bool = False
    is_crowded: bool = False
    _looked: float = 0.0
    _before: dict[tuple[int, int], float] = field(default_factory=dict)

    def look(self, just_ended: int = 0) -> None:
        """Look once, and note if there is too much memory or if there are as many processes as there may be.

        Args:
            just_ended: how many processes somebody has waited for that were there until now.
        """
        seen = descendants(self.ancestor)
        now = {(each.process, each.begun): each.cpu_seconds for each in seen}
        self._looked += sum(spent - self._before.get(key, 0.0) for key, spent in now.items())
        self._before = now
        waited = ended_seconds() + sum(each.cpu_seconds + each.waited_seconds for each in seen)
        # Time is missing in the one if a process was too short to be seen, in the other if nobody waited for it.
        self.cpu_seconds = max(self.cpu_seconds, self._looked, waited)
        alive = [each for each in seen if not each.is_dead]
        # A process counts until somebody has waited for it.
        self.is_crowded |= just_ended + sum(max(1, each.threads) for each in seen) >= self.threads
        if sum(each.resident for each in alive) > self.memory_octets:
            # A fork shares its memory with its parent, and each counts all of it as resident.
            self.is_full |= sum(_shared_out(each.process) for each in alive) > self.memory_octets
