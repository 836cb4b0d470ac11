"""The messages of a run as their senders hand them over."""

from __future__ import annotations

import pytest

from smtplab.base.seed import Seed
from smtplab.protocol.body import StuffedMessage
from smtplab.simulation.plans import HostPlan, PlannedMessage
from smtplab.simulation.scenario import Scenario
from smtplab.simulation.traffic import BEGIN, SentMessage, messages_of


@pytest.mark.parametrize("octets", [*range(2, 300), 1000, 4000])
def test_a_body_has_the_octets_that_were_planned_and_whole_line_ends(octets: int) -> None:
    plan = PlannedMessage("ann@a.example", ("ben@b.example",), octets=octets)
    content = SentMessage(plan, "1@scenario.example", "mail.a.example").content(BEGIN)
    _, _, body = content.partition(b"\r\n\r\n")
    assert len(body) == octets
    assert StuffedMessage(content).octets.endswith(b"\r\n.\r\n")  # it raises for a bare CR


@pytest.mark.parametrize("octets", [0, 1])
def test_a_body_that_has_room_for_nothing_is_an_empty_line(octets: int) -> None:
    plan = PlannedMessage("ann@a.example", ("ben@b.example",), octets=octets)
    assert SentMessage(plan, "1@scenario.example", "mail.a.example").content(BEGIN).endswith(b"\r\n\r\n\r\n")


def test_the_seed_draws_the_order_of_messages_that_are_planned_for_the_same_time() -> None:
    def order(seed: int, count: int) -> list[str]:
        host = HostPlan("mail.a.example", ("a.example",), mailboxes=("ann",))
        last = PlannedMessage("ann@a.example", ("ann@a.example",), at=1)
        at_once = tuple(PlannedMessage("ann@a.example", ("ann@a.example",)) for _ in range(count))
        messages = messages_of(Scenario("x", (host,), messages=(last, *at_once)), Seed(seed))
        return [each.id.partition("@")[0] for each in messages]

    assert len({tuple(order(seed, 3)) for seed in range(60)}) == 6
    assert all(order(seed, 3)[-1] == "1" for seed in range(20))
    without_the_last = [name for name in order(1, 6) if name in ("2", "3", "4", "1")]
    assert without_the_last == order(1, 3)
