"""How quick the SMTP kernel is beside a bare ipykernel, interleaved in one run; the answer is a Markdown table.

    python tests/bench/kernels.py --rounds 5

Beside bare ipykernel it may need 0.3 s more until it is ready, 20 ms for a cell, and it may not grow with its cells but
by what the transcript and the mailboxes keep. Memory is measured on Linux alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import cycle, islice
from pathlib import Path

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel
from run import PATIENCE, Case

BARE, OURS = "ipykernel", "smtplab"
NAMES = {BARE: "python3", OURS: "smtp"}
# What is executed again and again: something that is displayed, and the lecture's session, a line or two a cell.
CELLS = {
    BARE: ("display('S: 250 OK')",),
    OURS: (
        "telnet mail.adelphia.net 25",
        "HELO mail.adelphia.net",
        "MAIL FROM:<forouzanb@adelphia.net>",
        "RCPT TO:<forouzanb@adelphia.net>",
        "DATA",
        "Subject: Hi\n\nThis is a test message",
        ".\n%expect 250",
        "%undo 4",
        "QUIT",
    ),
}


class Kernel:
    """A kernel that runs."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self._manager, self._client = manager, client

    def execute(self, cell: str) -> float:
        """Execute a cell; return the milliseconds until its reply is here and the kernel is idle again."""
        begin = time.perf_counter()
        asked = self._client.execute(cell)
        while self._client.get_shell_msg(timeout=PATIENCE)["parent_header"].get("msg_id") != asked:
            pass
        while True:
            message = self._client.get_iopub_msg(timeout=PATIENCE)
            if message["msg_type"] == "error":
                raise SystemExit(f"{cell!r} failed: {message['content']['evalue']}")
            if message["parent_header"].get("msg_id") == asked and message["content"].get("execution_state") == "idle":
                return (time.perf_counter() - begin) * 1000

    @property
    def resident_kib(self) -> float:
        """How much memory it has, in KiB."""
        pages = int(Path(f"/proc/{self._manager.provisioner.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024


@contextmanager
def running(name: str) -> Iterator[Kernel]:
    """Run a kernel, with nobody's history and settings; on a busy machine a start can die, so it is tried twice."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"IPYTHONDIR": folder}
        try:
            manager, client = start_new_kernel(PATIENCE, NAMES[name], env=environment)
        except RuntimeError:
            manager, client = start_new_kernel(PATIENCE, NAMES[name], env=environment)
        try:
            yield Kernel(manager, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def start(name: str, count: int) -> float:
    """Return the milliseconds from the start of a kernel until it answers; the least of `count`."""
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        with running(name):
            times.append(time.perf_counter() - begin)
    return min(times) * 1000


def round_trip(kernel: Kernel, name: str, count: int) -> float:
    """Return the median of the milliseconds that a cell takes."""
    return statistics.median(kernel.execute(cell) for cell in islice(cycle(CELLS[name]), count))


def growth(kernel: Kernel, name: str, count: int) -> float:
    """Return by how many KiB the kernel grows while it executes so many cells."""
    before = kernel.resident_kib
    round_trip(kernel, name, count)
    return kernel.resident_kib - before


def cases(stack: ExitStack) -> Iterator[Case]:
    """Return what can be measured here."""

    @cache
    def kernel(name: str) -> Kernel:
        return stack.enter_context(running(name))

    yield Case(
        "kernel: a cell", "ms", 200, {n: lambda count, n=n: round_trip(kernel(n), n, count) for n in NAMES}, least=9
    )
    if Path("/proc/self/statm").exists():
        yield Case(
            "kernel: 1,000 cells", "KiB", 1000, {n: lambda count, n=n: growth(kernel(n), n, count) for n in NAMES}
        )
    yield Case("kernel: start", "ms", 1, {n: lambda count, n=n: start(n, count) for n in NAMES})


def main() -> None:
    """Measure, and print the table, with the differences to the bare kernel."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the number of cells")
    options = parser.parse_args()
    with ExitStack() as stack:
        measured = list(cases(stack))
        for case in measured[:-1]:  # the first time warms up and does not count, and these have started kernels
            case.measure(0, options.scale)
            case.figures.clear()
        for turn in range(options.rounds):
            for case in measured:
                case.measure(turn, options.scale)
            print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
    print("| case | kernel | median | beyond ipykernel | from to |\n| --- | --- | ---: | ---: | --- |")
    for case in measured:
        for name, figures in case.figures.items():
            beyond = [figure - base for figure, base in zip(figures, case.figures[BARE], strict=True)]
            print(
                f"| {case.title} | {name} | {statistics.median(figures):,.1f} {case.unit} "
                f"| {statistics.median(beyond):+,.1f} | {min(beyond):+,.1f} to {max(beyond):+,.1f} |"
            )


if __name__ == "__main__":
    main()
