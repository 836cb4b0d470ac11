"""What a step of a session in the lab costs late in the session beside early; the answer is a Markdown table.

    python tests/bench/steps.py --steps 3500

A step keeps a snapshot for undo, so each figure should be about 1 however many steps there are. Early and late are
measured in one run and in the processor's time, so a busy machine changes the ratio little. Memory is that of Python's
own allocations.
"""

from __future__ import annotations

import argparse
import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

from smtplab import Lab, Session

_EARLY = 35
_OPENING = ("EHLO laptop.example", "MAIL FROM:<x@laptop.example>", "RCPT TO:<bob@lab.example>", "DATA")


@dataclass(frozen=True)
class Cost:
    """One comparison: the figure early and the figure late in the session."""

    case: str
    unit: str
    early: float
    late: float

    def __str__(self) -> str:
        ratio = self.late / self.early if self.early else 0.0
        return f"| {self.case} | {self.early:.1f} {self.unit} | {self.late:.1f} {self.unit} | {ratio:.2f} |"


def session(*lines: str) -> Session:
    """Open a session in a new lab and say `lines`, a step each."""
    opened = Lab().telnet("mail.lab.example")
    for line in lines:
        opened.send(line)
    return opened


def seconds_of(act: Callable[[], object], count: int) -> float:
    """Return the processor's time for one call of `act`, in microseconds."""
    gc.collect()
    gc.disable()
    began = time.process_time()
    for _ in range(count):
        act()
    spent = time.process_time() - began
    gc.enable()
    return spent / count * 1e6


def kibibytes_of(act: Callable[[], object], count: int) -> float:
    """Return what one call of `act` keeps in memory."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(count):
        act()
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return kept / count / 1024


def sending(case: str, line: str, opening: tuple[str, ...], steps: int) -> list[Cost]:
    """Compare the steps that send `line` after `opening`."""
    held = session(*opening)
    measures = [(f"{case}: time", "us", seconds_of), (f"{case}: memory", "KiB", kibibytes_of)]
    early = [measure(lambda: held.send(line), _EARLY) for _, _, measure in measures]
    for _ in range(steps - 4 * _EARLY):
        held.send(line)
    late = [measure(lambda: held.send(line), _EARLY) for _, _, measure in measures]
    return [Cost(name, unit, *pair) for (name, unit, _), *pair in zip(measures, early, late, strict=True)]


def undoing(steps: int) -> Cost:
    """Compare the first undos of a long session with those of a short one."""
    figures = []
    for count in (20, steps):
        held = session(*["NOOP"] * count)
        figures.append(seconds_of(held.undo, count))
    return Cost("one undo, all taken back one by one", "us", *figures)


def forking(steps: int) -> Cost:
    """Compare forks early and late."""
    held = session(*["NOOP"] * 20)
    early = seconds_of(held.fork, 10)
    for _ in range(steps):
        held.send("NOOP")
    return Cost("fork", "us", early, seconds_of(held.fork, 10))


def showing(steps: int) -> Cost:
    """Compare a NOOP that is sent and shown as a notebook shows it."""
    held = session()

    def act() -> None:
        reply = held.send("NOOP")
        assert reply is not None
        reply._repr_html_()

    act()
    early = seconds_of(act, _EARLY)
    for _ in range(steps):
        held.send("NOOP")
    return Cost("NOOP, shown as HTML", "us", early, seconds_of(act, _EARLY))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=3500, help="how many steps the long session has")
    steps = max(4 * _EARLY, parser.parse_args().steps)
    session(*["NOOP"] * 200)  # what is loaded and remembered at the first use is no part of a step
    print("| case | early | late | late / early |")
    print("|---|---|---|---|")
    costs = [
        *sending("line of a header section", "X-Line: of a header section", _OPENING, steps),
        *sending("line of a body", "a line of the body", (*_OPENING, ""), steps),
        *sending("NOOP", "NOOP", (), steps),
        showing(steps),
        undoing(steps),
        forking(steps),
    ]
    for cost in costs:
        print(cost)


if __name__ == "__main__":
    main()
