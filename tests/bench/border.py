"""What it costs to run nothing behind the border, beside a bare fork; the answer is a Markdown table.

    python tests/bench/border.py --rounds 50 --load IPython

Both are measured in turn in one run, so a busy machine changes the ratio little. A process that grades has loaded more
than this one does by itself; `--load` names modules to load first.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable
from importlib import import_module

from smtplab.border import Border, Budget, Level


def fork() -> None:
    """Start a process that does nothing, and wait for it."""
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def run_behind(level: Level) -> Callable[[], object]:
    """Return what runs an empty function behind a border."""
    border, budget = Border(level, keeps_user=level is Level.LANDLOCK), Budget()
    return lambda: border.run(lambda pipe: None, budget)


def milliseconds(act: Callable[[], object]) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--load", nargs="*", default=[])
    chosen = parser.parse_args()
    for name in chosen.load:
        import_module(name)
    gc.collect()
    gc.freeze()
    acts = {"fork": fork} | {level.value: run_behind(level) for level in (Level.NAMESPACES, Level.LANDLOCK, Level.NONE)}
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(chosen.rounds):
        for name, act in acts.items():
            taken[name].append(milliseconds(act))
    base = statistics.median(taken["fork"])
    print("| case | median | times a fork | least |\n|---|---|---|---|")
    for name, each in taken.items():
        median = statistics.median(each)
        print(f"| {name} | {median:.1f} ms | {median / base:.1f} | {min(each):.1f} ms |")


if __name__ == "__main__":
    main()
