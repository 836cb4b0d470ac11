"""Watch what all processes of a submission use together: time of processors, memory, their number.

Limits of a system count for each process alone, so thirty processes would have thirty times the budget.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from .process_table import ProcessTable, SeenProcess

if sys.platform != "win32":
    import resource


def ended_seconds() -> float:
    """Return the time of processors of all processes that this one has started and waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@dataclass(slots=True)
class Meter:
    """Adds up what a submission uses, from one look to the next.

    A process that begins and ends between two looks is not seen; its time is counted when it is waited for.

    Args:
        table: where the processes are read; all that this one has started are watched.
        memory_octets: how much memory all processes may hold together, beyond what they share with this one.
        inherited: how much memory the first one began with, in octets, all of it shared with this one.
        threads: how many processes and threads there may be.
    """

    table: ProcessTable
    memory_octets: int
    inherited: int
    threads: int
    cpu_seconds: float = 0.0
    is_full: bool = False
    is_crowded: bool = False
    _looked: float = 0.0
    _seen: list[SeenProcess] = field(default_factory=list)
    _before: dict[tuple[int, int], float] = field(default_factory=dict)

    def look(self, just_ended: int = 0) -> None:
        """Look once at time and number, and note if there are as many processes as there may be.

        Args:
            just_ended: how many processes somebody has waited for that were there until now.
        """
        self._seen = self.table.descendants()
        now = {(each.process, each.begun): each.cpu_seconds for each in self._seen}
        self._looked += sum(spent - self._before.get(key, 0.0) for key, spent in now.items())
        self._before = now
        waited = ended_seconds() + sum(each.cpu_seconds + each.waited_seconds for each in self._seen)
        # Time is missing in the one if a process was too short to be seen, in the other if nobody waited for it.
        self.cpu_seconds = max(self.cpu_seconds, self._looked, waited)
        # A process counts until somebody has waited for it.
        self.is_crowded |= just_ended + sum(max(1, each.threads) for each in self._seen) >= self.threads

    def look_at_memory(self) -> None:
        """Note if the processes of the last look hold too much memory, which takes longer than to look at the rest.

        A fork shares its memory with its parent, and each counts all of it as resident. So what several share counts
        once, and of that as much is free as the first one inherited, however many share it.
        """
        alive = [each for each in self._seen if not each.is_dead]
        if sum(each.resident for each in alive) <= self.memory_octets:
            return
        held = [self.table.held(each.process) for each in alive]
        shared = sum(each.shared for each in held)
        self.is_full |= sum(each.own for each in held) + max(0, shared - self.inherited) > self.memory_octets
