"""The runs of ``simulate --seeds``: one after the other, or some at a time in processes of their own.

A process takes some tenths of a second to start, as long as a short run. So the first run is made here, and only if it
took longer do processes make the others, one for each processor. Rows come in the order of the seeds in any case.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.duration import MICROSECONDS, format_duration

if TYPE_CHECKING:
    from ..simulation.result import RunResult

# How many seconds the first run takes at least if processes are started for the others.
_LONG = 1.0

# The columns of the table as CSV.
HEADS = ("seed", "delivered", "failures", "in_queue", "median_delay", "trace")


@dataclass(frozen=True, slots=True)
class SeedRun:
    """A run that is to be made.

    Args:
        scenario: its name or file.
        seed: its seed.
        folder: where its files go; None for nowhere.
        check: True to test after each event that no mail is lost.
    """

    scenario: str
    seed: str
    folder: Path | None
    check: bool


@dataclass(frozen=True, slots=True)
class SeedRow:
    """What a run came to, as the table shows it.

    Args:
        seed: the seed of the run.
        delivered: copies in mailboxes.
        failures: recipients that were given up.
        queued: recipients that still wait at the end.
        delay: the median delay of a copy, in words; ``-`` if none arrived.
        hash: the hash of the trace, in full.
    """

    seed: str
    delivered: int
    failures: int
    queued: int
    median_delay: int | None  # in microseconds
    hash: str

    @property
    def delay(self) -> str:
        """The median delay for people."""
        return "-" if self.median_delay is None else format_duration(self.median_delay)

    @property
    def cells(self) -> tuple[object, ...]:
        """The row of a CSV file, under `HEADS`; the delay is in seconds."""
        delay = "" if self.median_delay is None else f"{self.median_delay / MICROSECONDS:.6f}"
        return self.seed, self.delivered, self.failures, self.queued, delay, self.hash

    @classmethod
    def of(cls, result: RunResult) -> SeedRow:
        """Return the row of a run."""
        return cls(
            result.seed,
            result.copies,
            result.counts.get("failed", 0),
            result.recording.queued,
            result.median_delay,
            result.hash,
        )


def rows(runs: Sequence[SeedRun], make: Callable[[SeedRun], SeedRow]) -> Generator[SeedRow, None, None]:
    """Make the runs, and yield a row for each as soon as those before it are there.

    If the caller stops, or Ctrl-C comes, the processes end; what has been yielded and written stays.

    Args:
        runs: the runs.
        make: makes one here, such as with a line of progress.

    Raises:
        InvariantError: if a test of a run fails.
    """
    first, *others = runs
    began = time.monotonic()
    yield make(first)
    processes = min(os.cpu_count() or 1, len(others))
    if processes < 2 or time.monotonic() - began < _LONG:
        yield from map(make, others)
        return
    from multiprocessing import get_context  # late: a run alone needs no other process

    # Spawned, and not forked: a forked one has the threads' locks and the signal handlers of this process.
    with get_context("spawn").Pool(processes, initializer=_leave_interrupts_alone) as pool:
        yield from pool.imap(make_run, others)


def make_run(run: SeedRun, progress: Callable[[int], None] | None = None) -> SeedRow:
    """Make a run and write its files; the arguments of `progress` are those of `simulation.result.simulate`."""
    from ..simulation.result import simulate

    result = simulate(run.scenario, run.seed, check=run.check, progress=progress)
    if run.folder is not None:
        result.save(run.folder)
    return SeedRow.of(result)


def _leave_interrupts_alone() -> None:
    """Ignore Ctrl-C, which reaches every process of the terminal: the first one ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
