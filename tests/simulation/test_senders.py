"""People hand their mail to hosts, in a session or on the host itself, and try again until it is taken."""

from __future__ import annotations

import pytest

from smtplab.base.duration import HOUR, MINUTE
from smtplab.simulation.plans import HostPlan, PlannedMessage, PlannedOutage, Traffic
from smtplab.simulation.result import RunResult, simulate
from smtplab.simulation.scenario import Scenario

HOST = HostPlan("a.example", ("a.example",), mailboxes=("ann", "ben"))
MESSAGE = PlannedMessage("ann@a.example", ("ben@a.example",), at=MINUTE)


def times(result: RunResult, event: str) -> list[int]:
    """Return when an event happened, in minutes."""
    return [each.time // MINUTE for each in result.recording.events if each.event == event]


@pytest.mark.parametrize(("minutes", "taken"), [(0, 1), (1, 1), (2, 16), (16, 16), (17, 31), (60, 61)])
def test_a_sender_whose_host_is_down_tries_again_each_quarter_of_an_hour(minutes: int, taken: int) -> None:
    outages = (PlannedOutage("a.example", 0, minutes * MINUTE),) if minutes else ()
    result = simulate(Scenario("x", (HOST,), outages=outages, messages=(MESSAGE,)))
    assert (times(result, "sent"), times(result, "accepted")) == ([1], [taken])


def test_a_recipient_who_is_refused_for_good_is_not_tried_again_and_the_others_have_the_mail() -> None:
    message = PlannedMessage("ann@a.example", ("ben@a.example", "eve@a.example"))
    result = simulate(Scenario("x", (HOST,), messages=(message,)))
    assert [each.about for each in result.recording.events if each.event == "not taken"] == ["eve@a.example"]
    assert (result.counts["accepted"], result.counts["delivered"]) == (1, 1)


def test_a_recipient_who_is_refused_for_now_is_tried_again_alone() -> None:
    host = HostPlan(
        "a.example", ("a.example",), mailboxes=("ann", "ben"), faults=("reply 450 to the second RCPT once",)
    )
    message = PlannedMessage("ann@a.example", ("ben@a.example", "ann@a.example"))
    result = simulate(Scenario("x", (host,), messages=(message,)))
    assert [each.about for each in result.recording.events if each.event == "accepted"] == list(message.recipients)
    assert times(result, "accepted") == [0, 15]


def test_the_mail_of_those_who_write_on_a_host_waits_there_while_it_is_down() -> None:
    traffic = Traffic(1, HOUR, on_hosts=True)
    result = simulate(Scenario("x", (HOST,), outages=(PlannedOutage("a.example", 0, 2 * HOUR),), traffic=traffic))
    [sent], [queued] = times(result, "sent"), times(result, "queued")
    assert queued >= 120
    assert (queued - sent) % 15 == 0
    assert "accepted" not in result.counts
