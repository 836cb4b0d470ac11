"""What a submission may use, how strongly it is closed off, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Budget:
    """What one submission may use. What it did before it reached a limit counts.

    Args:
        cpu_seconds: time of processors, of all its processes together.
        wall_seconds: time on the clock.
        memory_octets: how much it may allocate in one process, beyond what the process began with, and how much all
            its processes may hold together.
        file_octets: the size of one file. All its files together may have four times that.
        processes: how many processes and threads there may be at a time, the first one included.
        open_files: how many files and sockets a process may have open.
        output_octets: how much is read of what the submission writes to its pipe.
    """

    cpu_seconds: float = 10.0
    wall_seconds: float = 20.0
    memory_octets: int = 1024 * MEBIBYTE
    file_octets: int = 16 * MEBIBYTE
    processes: int = 32
    open_files: int = 128
    output_octets: int = 16 * MEBIBYTE


class Level(StrEnum):
    """What closes a submission off, the strongest first."""

    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    USER = "user"
    NONE = "none"


class How(StrEnum):
    """How a submission ended."""

    FINISHED = "finished"
    EXITED = "exited"
    KILLED = "killed"
    CPU_LIMIT = "cpu limit"
    WALL_LIMIT = "wall limit"
    OUTPUT_CUT = "output cut"


FORK_LIMIT = "fork limit"
MEMORY_LIMIT = "memory limit"
FILE_LIMIT = "file limit"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a submission ended, and what it wrote before.

    Args:
        data: what it wrote to its pipe. The submission's own process wrote it, so nothing in it can be trusted.
        how: `FINISHED` if the function returned. A submission that takes pains can pretend to that; it gains nothing.
        signal: the number of the signal that ended it, or 0.
        exit_code: what it gave to `exit`, or 0.
        cpu_seconds: the time of processors that it used, its own processes included.
        wall_seconds: the time on the clock.
        signs: what the border saw: `FORK_LIMIT`, `MEMORY_LIMIT`, `FILE_LIMIT`.
    """

    data: bytes
    how: How
    signal: int = 0
    exit_code: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    signs: tuple[str, ...] = ()
