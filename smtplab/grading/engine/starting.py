"""Start the processes of graders before anything else, so that they load while the program that grades does, too.

So this imports little, and a grader is made only when somebody uses it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from .warm_process import WarmProcess, launch

if TYPE_CHECKING:
    from .grader import Grader


class StartedGraders:
    """Graders whose processes are on this machine, and have been started; they end behind ``with``.

    Args:
        exercises: the names of those that are graded, so far as they are known; others are loaded when they come.
        count: how many submissions to grade at a time; as many as there are processors by default.

    Raises:
        EngineError: on Windows, where no process can be forked.
    """

    def __init__(self, exercises: Sequence[str], count: int | None = None) -> None:
        modules = [f"{__package__}.{name}" for name in ("worker", "judge")]
        self._pairs = [[WarmProcess(module, exercises) for module in modules] for _ in range(count or _processors())]
        launch([process for pair in self._pairs for process in pair])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        for process in (process for pair in self._pairs for process in pair):
            process.close()

    @property
    def size(self) -> int:
        """How many submissions to grade at a time."""
        return len(self._pairs)

    def only(self) -> Grader:
        """Return the first grader."""
        from .grader import Grader

        return Grader(*self._pairs[0])

    @contextmanager
    def graders(self, count: int) -> Iterator[Sequence[Grader]]:
        """Give some of the graders; their processes go on behind ``with``, for another exercise."""
        from .grader import Grader

        yield [Grader(*pair) for pair in self._pairs[:count]]


def _processors() -> int:
    """Return how many processors this process may use; some systems know only how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
