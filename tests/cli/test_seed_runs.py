"""The runs of several seeds, here and in other processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from smtplab.cli import seed_runs
from smtplab.cli.seed_runs import SeedRow, SeedRun, make_run, rows

# A command whose first run counts as a long one, so that processes make the others.
COMMAND = """
from smtplab.cli import main, seed_runs
seed_runs._LONG = 0.0
seed_runs.os.cpu_count = lambda: 2
main(["simulate", "retry-storm", "--seeds", "500"])
"""


@pytest.fixture
def long_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first run count as a long one, on a machine with two processors."""
    monkeypatch.setattr(seed_runs, "_LONG", 0.0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def runs(count: int, folder: Path | None = None) -> list[SeedRun]:
    seeds = map(str, range(1, count + 1))
    return [SeedRun("greylisting", seed, folder and folder / seed, check=True) for seed in seeds]


def all_rows(wanted: Sequence[SeedRun]) -> tuple[list[SeedRow], int]:
    """Return the rows, and how many of the runs were made in this process."""
    made = []

    def make(run: SeedRun) -> SeedRow:
        made.append(run)
        return make_run(run)

    return list(rows(wanted, make)), len(made)


def test_short_runs_are_made_here() -> None:
    found, here = all_rows(runs(3))
    assert [row.seed for row in found] == ["1", "2", "3"]
    assert here == 3


@pytest.mark.usefixtures("long_runs")
def test_processes_make_the_same_runs_in_the_same_order(tmp_path: Path) -> None:
    found, here = all_rows(runs(4, tmp_path))
    assert here == 1
    assert found == [make_run(run) for run in runs(4)]
    assert sorted(path.name for path in tmp_path.glob("*/run.json")) == ["run.json"] * 4


@pytest.mark.usefixtures("long_runs")
def test_no_process_is_started_for_one_more_run() -> None:
    assert all_rows(runs(2))[1] == 2


@pytest.mark.usefixtures("long_runs")
def test_the_processes_end_with_whoever_reads_the_rows() -> None:
    made = rows(runs(50), make_run)
    assert [next(made).seed, next(made).seed] == ["1", "2"]
    assert multiprocessing.active_children()
    made.close()
    assert not multiprocessing.active_children()


def test_ctrl_c_keeps_the_rows_so_far_and_leaves_no_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        seeds = [running.stdout.readline().split()[0] for _ in range(4)]
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does, to every process
        rest = running.stdout.read()  # to its end, which comes once no process holds it
        assert (running.wait(60), running.stderr.read().strip()) == (130, "")
    assert seeds == ["seed", "1", "2", "3"]
    assert "to see one again" not in rest
