"""The benchmarks in ``tests/bench`` run, with hardly any messages and cells: their figures mean nothing here."""

import subprocess
import sys
from pathlib import Path


def test_every_contestant_gets_a_figure(root: Path) -> None:
    command = [sys.executable, root / "tests" / "bench" / "run.py", "--rounds", "1", "--scale", "0.01"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    heading, _, *rows = (line.strip("| ").split(" | ") for line in done.stdout.splitlines())
    assert heading == ["case", "contestant", "median", "times the base", "from to"]
    contestants = {row[1] for row in rows}
    clients = {
        "smtplib",
        "smtplab deliver",
        "smtplab deliver_all",
        "smtplib, each connected",
        "smtplab, each connected",
    }
    assert {"aiosmtpd", "smtplab", "import smtplab", *clients} <= contestants
    assert all(float(row[3]) > 0 for row in rows)


def test_both_kernels_get_their_figures(root: Path) -> None:
    command = [sys.executable, root / "tests" / "bench" / "kernels.py", "--rounds", "1", "--scale", "0.01"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    heading, _, *rows = (line.strip("| ").split(" | ") for line in done.stdout.splitlines())
    assert heading == ["case", "kernel", "median", "beyond ipykernel", "from to"]
    assert {(row[0], row[1]) for row in rows} >= {
        (case, kernel) for case in ("kernel: start", "kernel: a cell") for kernel in ("ipykernel", "smtplab")
    }


def test_every_kind_of_step_gets_its_figures(root: Path) -> None:
    command = [sys.executable, root / "tests" / "bench" / "steps.py", "--steps", "150"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    heading, _, *rows = (line.strip("| ").split(" | ") for line in done.stdout.splitlines())
    assert heading == ["case", "early", "late", "late / early"]
    assert {row[0] for row in rows} >= {"NOOP: memory", "one undo, all taken back one by one", "fork"}
    assert all(float(row[3]) > 0 for row in rows)


def test_hops_of_a_simulation_get_their_figures_and_one_beyond_its_limit_is_a_failure(root: Path) -> None:
    command = [sys.executable, root / "tests" / "bench" / "hops.py", "--scale", "0.0001"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert not done.stderr
    heading, _, *rows = (line.strip("| ").split(" | ") for line in done.stdout.splitlines())
    assert heading == ["case", "figure", "ratio", "limit"]
    assert [row[0].split()[0] for row in rows] == ["hop:"] * 3 + ["flat:"] * 4 + ["5,000"] * 2 + ["left"]
    assert all(float(row[2]) > 0 for row in rows)
    assert done.returncode == any(float(row[2]) > float(row[3]) for row in rows)


def test_a_fork_and_each_border_get_their_figures(root: Path) -> None:
    command = [sys.executable, root / "tests" / "bench" / "border.py", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    heading, _, *rows = (line.strip("| ").split(" | ") for line in done.stdout.splitlines())
    assert heading == ["case", "median", "times a fork", "least"]
    assert [row[0] for row in rows] == ["fork", "namespaces", "landlock", "none"]
    assert all(float(row[2]) > 0 for row in rows)
