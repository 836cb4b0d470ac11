"""How fast a class is graded by smtplab, by nbgrader with smtplab's engine, and by nbgrader alone; a Markdown table.

    python tests/bench/grading.py --students 20 --rounds 3
    python tests/bench/grading.py --students 300 --hostile 15 --only-smtplab

All grade the same right answers to exercise 01. nbgrader alone has its default configuration, so it runs each notebook
in a kernel, test cells included. The rounds take turns, a ratio is taken within a round, and the median counts. The
exit status is 1 if a limit is not kept: `smtplab grade` 20 times as fast as nbgrader alone, nbgrader with the engine 4
times, and 64 MiB of private memory in each process that stays. With hostile submissions among them, a class must be
graded in two minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from exercises import bank_01  # noqa: E402
from smtplab.grading.exercises import design_of  # noqa: E402
from support.bank import SOURCE  # noqa: E402
from support.handed_in import NAME, answered  # noqa: E402

MEBIBYTES, SECONDS = 64.0, 120.0
GRADE, ENGINE, ALONE = "smtplab grade", "nbgrader autograde, smtplab's engine", "nbgrader autograde, alone"
# How many times as fast as nbgrader alone.
TIMES = {GRADE: 20.0, ENGINE: 4.0}
_NAME = "a process of the engine that stays"
_COMMANDS = ROOT / "tests" / "support" / "nbgrader_commands.py"
_DEAF = "import time\nwhile True:\n    try:\n        time.sleep(0.1)\n    except BaseException:\n        pass"
# What hostile submissions do in one of their cells; the first five run to a limit.
_HARM = (
    *(_DEAF, "while True:\n    pass", _DEAF, "while True:\n    pass", "import time\ntime.sleep(999)"),
    "import os, time\nfor _ in range(200):\n    if not os.fork():\n        time.sleep(999)",
    "x = bytes(4 << 30)",
    "print('x' * 200_000_000)",
    "import os\nos._exit(0)",
    "import os\nos.kill(os.getpid(), 9)",
    "open('x', 'wb').write(bytes(10**9))",
    "import smtplab\nsmtplab.check = print",
    "import os\nif not os.fork():\n    os.setsid()\n    while True:\n        pass",
    "import os\nos.system('kill -9 -1')",
    "1 / 0",
)


def make_course(folder: Path, students: int, hostile: int) -> None:
    """Make a course folder in which a class has handed in exercise 01."""
    shutil.copytree(SOURCE / NAME, folder / "source" / NAME)
    for number in range(students):
        student = f"s{number:03}"
        answers = dict(next(bank_01.right(design_of(NAME).task(student, "smtplab"))).cells)
        if hostile and number % max(1, students // hostile) == 0 and number // max(1, students // hostile) < hostile:
            answers["banner"] += "\n" + _HARM[number // max(1, students // hostile) % len(_HARM)]
        place = folder / "submitted" / student / NAME
        place.mkdir(parents=True)
        (place / f"{NAME}.ipynb").write_bytes(answered(student, answers))


def seconds(course: Path, *command: str) -> float:
    """Return how long a command takes in a course folder."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), environment.get("PATH", "")])
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command], cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    taken = time.perf_counter() - began
    if done.returncode or "exit code 1" in done.stdout:
        raise SystemExit(f"{command} failed:\n{done.stdout}\n{done.stderr}")
    return taken


def by_smtplab(course: Path) -> float:
    """Return how long ``smtplab grade`` takes."""
    shutil.rmtree(course / "graded", ignore_errors=True)
    return seconds(course, "-m", "smtplab", "grade", "submitted")


def by_nbgrader(course: Path) -> float:
    """Return how long ``nbgrader autograde`` takes; the gradebook is made before."""
    for name in ("autograded", "gradebook.db", "release"):
        path = course / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    seconds(course, str(_COMMANDS), f"generate_assignment {NAME}")
    return seconds(course, str(_COMMANDS), f"autograde {NAME}")


def _engine() -> Iterator[tuple[str, str]]:
    """Yield the number of each process of the engine, with that of its parent."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"fork_processes" in (process / "cmdline").read_bytes():
                yield process.name, (process / "stat").read_text().rpartition(")")[2].split()[1]


@contextmanager
def watched(found: dict[str, float]) -> Iterator[None]:
    """Note the most private memory that a process of the engine has meanwhile, in MiB; Linux alone."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.1):
            parents = dict(_engine())
            for process, parent in parents.items():
                if parents.get(parent, "") not in parents:  # deeper ones are those of single submissions
                    with suppress(OSError):
                        lines = (Path("/proc") / process / "smaps_rollup").read_text().splitlines()
                        private = sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
                        found[_NAME] = max(found.get(_NAME, 0.0), private)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def main() -> int:
    """Measure and print; return 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--hostile", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-smtplab", action="store_true")
    chosen = parser.parse_args()
    cases = {GRADE: by_smtplab}
    if not chosen.only_smtplab:
        cases |= {ENGINE: by_nbgrader, ALONE: by_nbgrader}
    taken: dict[str, list[float]] = {name: [] for name in cases}
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        courses = {name: Path(folder) / str(number) / "course" for number, name in enumerate(cases)}
        for name, course in courses.items():
            make_course(course, chosen.students, chosen.hostile)
            if name == ENGINE:
                shutil.copy(SOURCE.parent / "nbgrader_config.py", course)
        for _ in range(chosen.rounds):
            for name, measure in cases.items():
                taken[name].append(measure(courses[name]))
        with watched(memory):  # in a round of its own, because looking takes time
            by_smtplab(courses[GRADE])
    return report(taken, memory, chosen.students, hostile=bool(chosen.hostile))


def report(taken: dict[str, list[float]], memory: dict[str, float], students: int, *, hostile: bool) -> int:
    """Print the table, and return 1 if a limit is not kept."""
    alone, is_slow = taken.get(ALONE), False
    print("| case | seconds | submissions a minute | times nbgrader alone | at least |\n|---|---|---|---|---|")
    for name, each in taken.items():
        middle = statistics.median(each)
        ratio = statistics.median(one / ours for one, ours in zip(alone, each, strict=True)) if alone else 0.0
        is_slow |= alone is not None and ratio < TIMES.get(name, 0.0)
        told = f"{ratio:.1f} | {TIMES.get(name, 1.0):.0f}" if alone else "- | -"
        print(f"| {name} | {middle:.2f} | {60 * students / middle:.0f} | {told} |")
    for name, private in sorted(memory.items()):
        print(f"\nprivate memory of {name}: {private:.0f} MiB at most")
    is_long = hostile and statistics.median(taken[GRADE]) > SECONDS
    return int(is_slow or is_long or max(memory.values(), default=0.0) > MEBIBYTES)


if __name__ == "__main__":
    sys.exit(main())
