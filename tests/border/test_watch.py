"""What all processes of a submission use is added up."""

from __future__ import annotations

import pytest

from smtplab.border import watch
from smtplab.border.process_table import HeldMemory, ProcessTable, SeenProcess
from smtplab.border.watch import Meter


class Table(ProcessTable):
    """Shows what a test says."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self.processes: list[SeenProcess] = []
        self.each_holds = HeldMemory(0, 0)

    def descendants(self) -> list[SeenProcess]:
        """Return what a test says."""
        return self.processes

    def held(self, process: int) -> HeldMemory:
        """Return what a test says, the same for each process."""
        return self.each_holds


def seen(process: int, cpu: float = 0.0, waited: float = 0.0, resident: int = 0, *, threads: int = 1) -> SeenProcess:
    return SeenProcess(process, 1, False, threads, 1, cpu, waited, resident)


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def meter(table: Table, monkeypatch: pytest.MonkeyPatch) -> Meter:
    monkeypatch.setattr(watch, "ended_seconds", lambda: 0.0)
    return Meter(table, memory_octets=100, inherited=50, threads=5)


def look(meter: Meter, *processes: SeenProcess, just_ended: int = 0) -> None:
    assert isinstance(meter.table, Table)
    meter.table.processes = list(processes)
    meter.look(just_ended)


def test_time_that_nobody_waited_for_stays_counted(meter: Meter) -> None:
    look(meter, seen(2, 1.0), seen(3, 2.0))
    look(meter, seen(2, 1.5), seen(4, 1.0))
    assert meter.cpu_seconds == 4.5
    look(meter)
    assert meter.cpu_seconds == 4.5


def test_time_of_processes_too_short_to_be_seen_counts_once_somebody_has_waited(meter: Meter) -> None:
    look(meter, seen(2, 1.0, 3.0))
    assert meter.cpu_seconds == 4.0


@pytest.mark.parametrize(
    ("resident", "each", "is_full"),
    [
        (51, HeldMemory(51, 0), True),
        (51, HeldMemory(50, 0), False),
        (50, HeldMemory(51, 0), False),  # nothing else is asked where even all of it would fit
        (90, HeldMemory(0, 75), False),  # as much as the first one inherited
        (90, HeldMemory(0, 76), True),
        (90, HeldMemory(40, 35), False),
        (90, HeldMemory(40, 36), True),
        (900, HeldMemory(51, 20), True),  # little is left to each of what it shares with many
    ],
)
def test_memory_is_full_if_all_own_more_than_they_may_beside_what_is_inherited(
    meter: Meter, table: Table, resident: int, each: HeldMemory, is_full: bool
) -> None:
    look(meter, seen(2, resident=resident), seen(3, resident=resident))
    table.each_holds = each
    meter.look_at_memory()
    assert meter.is_full is is_full


def test_a_process_that_has_ended_holds_nothing(meter: Meter, table: Table) -> None:
    look(meter, seen(2, resident=200)._replace(is_dead=True))
    table.each_holds = HeldMemory(200, 0)
    meter.look_at_memory()
    assert not meter.is_full


def test_threads_crowd_as_processes_do(meter: Meter) -> None:
    look(meter, seen(2, threads=3), seen(3))
    assert not meter.is_crowded
    look(meter, seen(2, threads=4), seen(3))
    assert meter.is_crowded


@pytest.mark.parametrize(("left", "is_crowded"), [(4, True), (3, False)])
def test_who_ends_right_after_starting_the_last_process_is_counted_with_it(
    meter: Meter, left: int, is_crowded: bool
) -> None:
    alive = [seen(number) for number in range(left)]
    look(meter, *alive)
    assert not meter.is_crowded
    look(meter, *alive, just_ended=1)
    assert meter.is_crowded is is_crowded
