"""What a run came to: tables, charts, files, and the line that repeats it.

::

    result = smtplab.simulate("three-days-down", seed=1)
    result.deliveries()              # a DataFrame
    result.queue_chart()             # a figure, with the same in words
    result.save("folder")

A scenario may be made in Python, too; times are in microseconds.

>>> from smtplab import HostPlan, PlannedMessage, PlannedOutage, Scenario, simulate
>>> near = HostPlan("mail.near.example", ("near.example",), mailboxes=("ann",))
>>> far = HostPlan("mail.far.example", ("far.example",), mailboxes=("ben",))
>>> outage = PlannedOutage("mail.far.example", begins=0, lasts=3_600_000_000)
>>> message = PlannedMessage("ann@near.example", ("ben@far.example",))
>>> run = simulate(Scenario("an hour down", (near, far), outages=(outage,), messages=(message,)))
>>> run.counts["delayed"], run.counts["delivered"]
(2, 1)

A run is known by its scenario, its seed, the version of smtplab, and the hash of its trace.
"""

from __future__ import annotations

import csv
import hashlib
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from ..base.duration import MICROSECONDS, format_duration
from ..base.printed import Printed, listed, plural
from ..base.seed import Seed
from ..base.version import version
from ..capture import CapturedSession, write_capture
from ..show.dataframes import show_text_at_the_left
from ..show.figure import Figure
from . import charts, sentences
from .conversations import capture_addresses
from .milestones import Milestone
from .recording import Recording
from .scenario import Scenario
from .scenario_file import find_scenario, read_scenario, supplied
from .scenario_text import scenario_text
from .simulation import OnProgress, Simulation

if TYPE_CHECKING:
    from pandas import DataFrame

# How many digits of the hash are shown; so many tell any two runs apart.
_DIGITS = 16

# The columns of microseconds.
_TIMES = frozenset({"time", "delay"})
_EVENTS = ("time", "host", "event", "message", "about", "detail")
_DELIVERIES = ("time", "host", "mailbox", "message", "hops", "delay", "kind")
_LENGTHS = ("time", "host", "entries")


@dataclass(frozen=True, eq=False, repr=False)
class RunResult(Printed):
    """What a run came to.

    Args:
        scenario: what was run.
        name: how the scenario is known: its name, or the SHA-256 of its file.
        seed: the seed, as text.
        version: the version of smtplab.
        hash: the SHA-256 of the trace.
        ended: when the run ended, in microseconds.
        simulation: the run, with its hosts and mailboxes.
    """

    scenario: Scenario
    name: str
    seed: str
    version: str
    hash: str
    ended: int
    simulation: Simulation

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each event has happened; recipients count one by one.

        ``delivered`` counts the copies of messages in mailboxes, ``report delivered`` those of reports, and ``failed``
        the recipients of an attempt who will not get the message.
        """
        return dict(self.recording.counts)

    @property
    def reached(self) -> tuple[Milestone, ...]:
        """The special states that the run has come to."""
        return tuple(each for each in Milestone if each in self.recording.reached)

    @property
    def recording(self) -> Recording:
        """The record of the run."""
        return self.simulation.recording

    @property
    def copies(self) -> int:
        """How many copies of messages have come to mailboxes, reports not counted."""
        return self.counts.get("delivered", 0)

    @property
    def report_copies(self) -> int:
        """How many reports have come to mailboxes."""
        return self.counts.get("report delivered", 0)

    @property
    def median_delay(self) -> int | None:
        """The median time, in microseconds, that copies took to their mailboxes; None if none came or none is kept."""
        delays = [each.delay for each in self.recording.deliveries if each.delay is not None]
        return int(median(delays)) if delays else None

    @property
    def _reports_delivered(self) -> str:
        return f", {self.report_copies} of them delivered" if self.counts.get("report") else ""

    def command(self, scenario: str) -> str:
        """Return the command that repeats the run, and fails if it comes to something else.

        Args:
            scenario: its name, or the path of its file.
        """
        return shlex.join(["smtplab", "simulate", scenario, "--seed", self.seed, "--expect", self.hash[:_DIGITS]])

    @property
    def line(self) -> str:
        """The line that identifies this run; with the scenario's file it repeats the run."""
        return f"{self.name}, seed {self.seed}, smtplab {self.version}, trace {self.hash[:_DIGITS]}"

    def events(self) -> DataFrame:
        """Return what has happened, in its order: `time` since the beginning, `host`, `event`, `message`, ..."""
        return _frame(self._event_rows(), _EVENTS)

    def deliveries(self) -> DataFrame:
        """Return what came to mailboxes: `time`, `host`, `mailbox`, `message`, `hops`, `delay`, and `kind`.

        The kind is ``message`` or ``report``; a report has no delay.
        """
        return _frame(self._delivery_rows(), _DELIVERIES)

    def queue_lengths(self) -> DataFrame:
        """Return the entries in each queue, at each `time` at which they changed."""
        return _frame(self.recording.lengths, _LENGTHS)

    def delays(self) -> DataFrame:
        """Return how many messages took how long: index `took`, column `messages`."""
        counts = charts.delay_counts(self.recording.deliveries)
        return _frame(counts.items(), ("took", "messages")).set_index("took")

    @property
    def conversations(self) -> tuple[CapturedSession, ...]:
        """What was said in each session, in the order in which they began.

        Raises:
            ValueError: if the run has not written that down.
        """
        if (kept := self.simulation.conversations) is None:
            raise ValueError(sentences.NOT_WRITTEN_DOWN)
        return tuple(kept.sessions)

    def write_capture(self, path: Path | str) -> None:
        """Write all sessions to a pcap file, to look at them in Wireshark.

        Args:
            path: the file.

        Raises:
            ValueError: as for `conversations`.
            OSError: if the file cannot be written.
        """
        write_capture(path, self.conversations, addresses=capture_addresses(self.simulation.addresses))

    def queue_chart(self) -> Figure:
        """Draw how many messages waited in the queues over time, and which hosts were down."""
        return charts.queue_chart(self.recording, self.ended)

    def delay_chart(self) -> Figure:
        """Draw how many messages took how long."""
        return charts.delay_chart(self.recording.deliveries)

    def save(self, folder: Path | str) -> None:
        """Write the run into a folder: the scenario, tables as CSV, facts as JSON, charts as SVG.

        ``smtplab simulate --help`` names the files, their columns and their units.

        Args:
            folder: made if missing; files of the same names are replaced.

        Raises:
            OSError: if something cannot be written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scenario.toml").write_text(scenario_text(self.scenario), encoding="utf-8")
        (folder / "run.json").write_text(json.dumps(self._facts(), indent=2) + "\n", encoding="utf-8")
        _write(folder / "events.csv", _EVENTS, self._event_rows())
        _write(folder / "deliveries.csv", _DELIVERIES, self._delivery_rows())
        _write(folder / "queue.csv", _LENGTHS, self.recording.lengths)
        self.queue_chart().save(folder / "queue.svg")
        self.delay_chart().save(folder / "delays.svg")

    def _facts(self) -> dict[str, Any]:
        return {
            "scenario": self.name,
            "seed": self.seed,
            "version": self.version,
            "trace": self.hash,
            "ended_us": self.ended,
            "counts": self.counts,
            "reached": [each.name.lower() for each in self.reached],
        }

    def _event_rows(self) -> Sequence[Sequence[object]]:
        return self.recording.events

    def _delivery_rows(self) -> Sequence[Sequence[object]]:
        return [(*each, "report" if each.is_report else "message") for each in self.recording.deliveries]

    @property
    def _not_taken(self) -> str:
        """How many recipients the first host has refused, in words; nothing if it has taken all."""
        refused = self.counts.get("not taken", 0)
        return f", {plural(refused, 'recipient')} refused by the sender's own host" if refused else ""

    def __str__(self) -> str:
        counts = self.counts
        facts = {
            "run": self.line,
            "time": f"{format_duration(self.ended)} of virtual time",
            "mail": f"{plural(counts.get('sent', 0), 'message')} sent, "
            f"{plural(self.copies, 'copy', 'copies')} delivered{self._not_taken}; "
            f"{plural(counts.get('report', 0), 'report')} written{self._reports_delivered}",
            "queues": f"{plural(counts.get('attempt', 0), 'attempt')}, {plural(counts.get('delayed', 0), 'delay')}, "
            f"{plural(counts.get('failed', 0), 'failure')}, {self.recording.queued} still waiting",
        }
        if self.reached:
            facts["seen"] = "\n".join(each.value for each in self.reached)
        return listed(facts)

    __repr__ = __str__


def simulate(
    scenario: Scenario | Path | str,
    seed: Seed | str | int = 1,
    *,
    keeps: bool = True,
    check: bool = False,
    records: bool = False,
    progress: OnProgress | None = None,
) -> RunResult:
    """Run a scenario on a virtual clock, and return what it came to.

    For several seeds, call it for each: ``[simulate("university", seed) for seed in range(1, 6)]``. On the command line
    ``smtplab simulate university --seeds 5`` makes such runs side by side, and a table of them.

    Args:
        scenario: a scenario, the name of one that comes with smtplab, or the path of a file.
        seed: draws all that is left to chance.
        keeps: False keeps no events, for long runs of which only counts matter.
        check: True tests after each event that no mail is lost or doubled without a reason; see `invariants`.
        records: True writes down every session, for `RunResult.conversations` and `RunResult.write_capture`.
        progress: called every few thousand events with the time of the run, in microseconds.

    Raises:
        ScenarioError: if there is no such scenario, or its file is wrong.
        InvariantError: if a test fails.
    """
    from .invariants import Invariants

    name = ""
    if not isinstance(scenario, Scenario):
        path, given = find_scenario(scenario), scenario
        scenario = read_scenario(path)
        name = str(given) if given in supplied() else f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    text = scenario_text(scenario)
    simulation = Simulation(scenario, seed, keeps=keeps, records=records)
    if check:
        invariants = Invariants(simulation)
        simulation.run(progress, invariants.check)
        invariants.count_again()
    else:
        simulation.run(progress)
    if simulation.conversations is not None:
        simulation.conversations.flush()
    return RunResult(
        scenario,
        name or f"sha256 {hashlib.sha256(text.encode()).hexdigest()}",
        simulation.seed.text,
        version(),
        simulation.recording.hash,
        simulation.now,
        simulation,
    )


def _frame(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> DataFrame:
    """Return rows as a DataFrame whose times are durations."""
    import pandas

    frame = pandas.DataFrame(list(rows), columns=list(columns))
    for name in _TIMES.intersection(columns):
        frame[name] = pandas.to_timedelta(pandas.to_numeric(frame[name]), unit="us")
    show_text_at_the_left()
    return frame


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows as CSV; times and delays are in seconds."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        times = [number for number, name in enumerate(columns) if name in _TIMES]
        for row in rows:
            cells = list(row)
            for number in times:
                value = cells[number]
                cells[number] = "" if value is None else f"{int(str(value)) / MICROSECONDS:.6f}"
            writer.writerow(cells)
