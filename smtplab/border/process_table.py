"""Read from ``/proc`` which processes there are and what each uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple, Self

_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_ENOUGH = 4096  # octets, more than a stat or a smaps_rollup has
_NOWHERE = -1


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


class HeldMemory(NamedTuple):
    """What a process holds in memory, in octets.

    Args:
        own: what it shares with no other process.
        shared: its part of what it shares; what two share counts half for each.
    """

    own: int
    shared: int


def read_smaps(text: str) -> HeldMemory:
    """Return what a process holds from its ``/proc/PID/smaps_rollup``.

    Files that it has mapped, such as Python's own, can be read again and do not count.
    """
    rows = (line.split() for line in text.splitlines())
    octets = {row[0]: int(row[1]) * 1024 for row in rows if row[-1] == "kB"}
    own = octets.get("Private_Dirty:", 0)
    return HeldMemory(own, max(0, octets.get("Pss:", 0) - octets.get("Pss_File:", 0) - own))


class ProcessTable:
    """A ``/proc`` that stays open, so that it can be read after the root has changed.

    Its numbers of processes are those of the namespace that it was mounted for.
    """

    def __init__(self) -> None:
        """Open the ``/proc`` that is here now. Where there is none, as on macOS, no process is seen."""
        try:
            self._folder = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            os.readlink("self", dir_fd=self._folder)
        except OSError:
            self._folder = _NOWHERE

    @classmethod
    def here_or(cls, other: Self) -> Self:
        """Return the table of the ``/proc`` that is here now, or another one if none is mounted."""
        here = cls()
        return here if here.shows_processes else other

    @property
    def shows_processes(self) -> bool:
        """True if there is a ``/proc``."""
        return self._folder != _NOWHERE

    @property
    def me(self) -> int:
        """The number that this process has there."""
        return int(os.readlink("self", dir_fd=self._folder))

    def descendants(self) -> list[SeenProcess]:
        """Return the processes that this one has started, and what these have started, as far as they are its own."""
        if not self.shows_processes:
            return []
        children: dict[int, list[SeenProcess]] = {}
        for each in self._all():
            children.setdefault(each.parent, []).append(each)
        found = list(children.get(self.me, ()))
        for each in found:
            found += children.get(each.process, ())
        return found

    def _all(self) -> Iterator[SeenProcess]:
        for name in os.listdir(self._folder):
            if name.isdigit() and (text := self._text(f"{name}/stat")):
                yield read_stat(text)

    def held(self, process: int) -> HeldMemory:
        """Return what a process holds in memory; nothing if that cannot be told."""
        return read_smaps(self._text(f"{process}/smaps_rollup"))

    def _text(self, name: str) -> str:
        """Return what a file says; nothing if its process has ended."""
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._folder)
        except OSError:
            return ""
        try:
            return os.read(descriptor, _ENOUGH).decode(errors="replace")
        except OSError:
            return ""
        finally:
            os.close(descriptor)
