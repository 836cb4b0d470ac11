"""The command ``simulate``: run a scenario of mail hosts on a virtual clock."""

from __future__ import annotations

import csv
import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..base.duration import format_duration
from . import sentences
from .frame import ExitCode, fail, reason_of, sentence
from .output import echo
from .progress_line import ProgressLine
from .seed_runs import HEADS, SeedRow, SeedRun, make_run, rows

if TYPE_CHECKING:
    from ..simulation.result import RunResult

# The table of --seeds.
_HEADS = ("seed", "delivered", "failures", "in queue", "median delay", "trace")
_ROW = "{:<12} {:>9} {:>9} {:>9} {:>14}  {}"
_DIGITS = 16
# Its file in the folder of --out.
_TABLE = "seeds.csv"


@click.command()
@click.argument("scenario", required=False)
@click.option("--seed", default="1", metavar="SEED", help="Draws all that is left to chance; 1 by default.")
@click.option("--seeds", type=click.IntRange(1), metavar="N", help="Run N times, with SEED and the numbers after it.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write tables and charts into a folder.")
@click.option(
    "--pcap",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all sessions to a file, as a capture for Wireshark.",
)
@click.option("--list", "is_list", is_flag=True, help="List the scenarios that come with smtplab.")
@click.option("--expect", metavar="HASH", help="Fail if the trace has another hash than that of an earlier run.")
@click.option(
    "--check", is_flag=True, help="Test after each event that no mail is lost, or doubled without a cause; slower."
)
def simulate(
    scenario: str | None,
    seed: str,
    seeds: int | None,
    out: Path | None,
    pcap: Path | None,
    is_list: bool,
    expect: str | None,
    check: bool,
) -> int:
    """Run a scenario of mail hosts on a virtual clock.

    SCENARIO is the name of a scenario of --list, or a TOML file. Five virtual days take seconds. The line
    "again" is a command that repeats the run at any time with the same version, and fails if it comes to something
    else. With --seeds each run has a row of a table.

    The folder of --out gets these files; times and delays are in seconds of the virtual clock, since the run began:

    \b
    run.json        scenario, seed, version, hash of the trace, and how often each
                    event happened; delivered counts copies of messages, report
                    delivered those of reports, failed the recipients given up
    events.csv      time, host, event, message, about (a recipient, or a hop),
                    detail (such as the reply)
    deliveries.csv  time, host, mailbox, message, hops (hosts that took it), delay
                    (since it was sent), kind (message or report)
    queue.csv       time, host, entries (in its queue from then on)
    scenario.toml   the scenario; queue.svg and delays.svg: charts

    With --seeds each run has a folder with these, and seeds.csv has the table: seed, delivered, failures, in_queue,
    median_delay, trace.
    """
    from ..simulation.invariants import InvariantError
    from ..simulation.scenario import ScenarioError
    from ..simulation.scenario_file import find_scenario, read_scenario, supplied

    try:
        if is_list:
            for name in supplied():
                echo(f"{name:18} {read_scenario(find_scenario(name)).description}")
            return ExitCode.DONE
        if scenario is None:
            fail(sentences.NO_SCENARIO.format(names=", ".join(supplied())), ExitCode.USAGE)
        planned = read_scenario(find_scenario(scenario))
    except ScenarioError as error:
        fail(sentence(error), ExitCode.USAGE)
    if seeds is not None and pcap is not None:
        fail(sentences.PCAP_OF_ONE_RUN, ExitCode.USAGE)
    progress = _RunProgress(planned.duration)
    try:
        if seeds is None:
            _show_run(scenario, seed, out, pcap, expect, check=check, progress=progress)
        else:
            _show_table(scenario, _seeds(seed, seeds), out, expect, check=check, progress=progress)
    except InvariantError as error:
        fail(sentence(error), ExitCode.REFUSED)
    return ExitCode.DONE


def _show_run(
    scenario: str,
    seed: str,
    out: Path | None,
    pcap: Path | None,
    expect: str | None,
    *,
    check: bool,
    progress: _RunProgress,
) -> None:
    """Make one run, and say what came of it."""
    from ..simulation.result import simulate

    if out is not None:
        _make(out)  # before the run, which may take long
    with progress:
        result = simulate(scenario, seed, check=check, records=pcap is not None, progress=progress.show)
    echo(f"{result}\n  {'again':<11}{result.command(scenario)}")
    if out is not None:
        result.save(out)
        echo(f"  {'files':<11}{out}")
    if pcap is not None:
        _write_capture(result, pcap)
    _compare(result.hash, expect)


def _show_table(
    scenario: str, seeds: list[str], out: Path | None, expect: str | None, *, check: bool, progress: _RunProgress
) -> None:
    """Make a run with each seed, and a row for each in a table."""
    if out is not None:
        _make(out)

    def make(run: SeedRun) -> SeedRow:
        with progress:
            return make_run(run, progress.show)

    echo(_ROW.format(*_HEADS))
    table = _SeedTable(out)
    runs = [SeedRun(scenario, each, None if out is None else out / f"seed-{each}", check) for each in seeds]
    with closing(rows(runs, make)) as made:
        for row in made:
            echo(_ROW.format(row.seed, row.delivered, row.failures, row.queued, row.delay, row.hash[:_DIGITS]))
            table.add(row)
            _compare(row.hash, expect)
    echo(f"\nto see one again: smtplab simulate {shlex.quote(scenario)} --seed SEED --expect TRACE")
    if out is not None:
        echo(f"written to {out / 'seed-SEED'} and {out / _TABLE}")


class _SeedTable:
    """Write the rows of the seeds as CSV, each as soon as it is there.

    Args:
        folder: where the file is; None for no file.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / _TABLE
        self._write("w", HEADS)

    def add(self, row: SeedRow) -> None:
        """Write the row of a run."""
        self._write("a", row.cells)

    def _write(self, mode: str, cells: Sequence[object]) -> None:
        if self._path is not None:
            with self._path.open(mode, encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(cells)


def _compare(found: str, expect: str | None) -> None:
    """End the command if a run has another trace than expected."""
    if expect is not None and not found.startswith(expect.lower()):
        fail(sentences.OTHER_TRACE.format(found=found, expected=expect), ExitCode.REFUSED)


def _write_capture(result: RunResult, file: Path) -> None:
    """Write the sessions of a run to a file, or end the command."""
    try:
        result.write_capture(file)
    except OSError as error:
        fail(sentences.NOT_SAVED.format(file=file, reason=error.strerror or error))
    echo(f"  {'capture':<11}{file}")


def _make(folder: Path) -> None:
    """Make the folder for the files of a run, or end the command."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(sentences.OUT_UNUSABLE.format(folder=folder, reason=reason_of(error)))


def _seeds(seed: str, seeds: int) -> list[str]:
    if not seed.isdecimal():
        fail(sentences.SEEDS_NEED_NUMBER.format(seed=seed), ExitCode.USAGE)
    return [str(int(seed) + turn) for turn in range(seeds)]


class _RunProgress(ProgressLine):
    """The progress of a run, on its own clock.

    Args:
        duration: how long the scenario lasts, in microseconds. A run may end earlier.
        clock: returns seconds.
    """

    def __init__(self, duration: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self._duration = duration

    def show(self, now: int) -> None:
        """Show the time of the run, in microseconds."""
        self.show_line(lambda seconds: _progress_line(now, self._duration, seconds))


def _progress_line(now: int, duration: int, seconds: float) -> str:
    from ..base.duration import MICROSECONDS

    share = now / duration
    left = round(seconds * (1 - share) / share) * MICROSECONDS if share else 0
    return f"{share:4.0%}  {format_duration(now)} of {format_duration(duration)}, at most {format_duration(left)} left"
