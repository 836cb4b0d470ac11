"""Outages and full disks of a run: they last as long as planned, also where several meet."""

from __future__ import annotations

import pytest

from smtplab.base.duration import HOUR
from smtplab.simulation.plans import FullDisk, HostPlan, PlannedMessage, PlannedOutage
from smtplab.simulation.result import simulate
from smtplab.simulation.scenario import Scenario

HOSTS = (
    HostPlan("a.example", ("a.example",), mailboxes=("ann",)),
    HostPlan("b.example", ("b.example",), mailboxes=("ben",)),
)
MESSAGE = PlannedMessage("ann@a.example", ("ben@b.example",), at=4 * HOUR)


def times(scenario: Scenario, *events: str) -> list[tuple[str, int]]:
    """Return when these events happened, in hours."""
    return [(each.event, each.time // HOUR) for each in simulate(scenario).recording.events if each.event in events]


@pytest.mark.parametrize(
    "other", [(1, 1), (1, 2), (0, 1), (2, 1)], ids=["inside", "same end", "same begin", "at the end"]
)
def test_a_host_is_down_until_the_last_of_its_outages_has_ended(other: tuple[int, int]) -> None:
    begins, lasts = other
    outages = (PlannedOutage("b.example", 0, 3 * HOUR), PlannedOutage("b.example", begins * HOUR, lasts * HOUR))
    for planned in (outages, outages[::-1]):
        scenario = Scenario("x", HOSTS, outages=planned, messages=(MESSAGE,))
        assert times(scenario, "down", "up") == [("down", 0), ("up", 3)]


def test_a_host_that_is_down_twice_comes_up_twice() -> None:
    outages = (PlannedOutage("b.example", 0, HOUR), PlannedOutage("b.example", 2 * HOUR, HOUR))
    scenario = Scenario("x", HOSTS, outages=outages, messages=(MESSAGE,))
    assert times(scenario, "down", "up") == [("down", 0), ("up", 1), ("down", 2), ("up", 3)]


def test_a_disk_is_full_until_the_last_of_its_incidents_has_ended_and_the_other_disk_is_not() -> None:
    disks = (
        FullDisk("b.example", 0, 6 * HOUR, spool=False),
        FullDisk("b.example", HOUR, HOUR, spool=False),
        FullDisk("b.example", 0, HOUR, spool=True),
    )
    scenario = Scenario("x", HOSTS, full_disks=disks, messages=(MESSAGE,))
    assert times(scenario, "free") == [("free", 1), ("free", 6)]
    [(_, delivered)] = times(scenario, "delivered")
    assert delivered >= 6


def test_a_full_disk_holds_mailboxes_and_queue_unless_one_is_named() -> None:
    def relayed(spool: bool | None) -> int:
        message = PlannedMessage("ann@a.example", ("ben@b.example",), at=HOUR)
        scenario = Scenario(
            "x", HOSTS, full_disks=(FullDisk("a.example", 0, 6 * HOUR, spool=spool),), messages=(message,)
        )
        [(_, delivered)] = times(scenario, "delivered")
        return delivered

    assert [relayed(None) >= 6, relayed(True) >= 6, relayed(False)] == [True, True, 1]
