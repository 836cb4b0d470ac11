"""The messages of a run as their senders hand them over."""

from __future__ import annotations

import pytest

from smtplab.protocol.body import StuffedMessage
from smtplab.simulation.scenario import PlannedMessage
from smtplab.simulation.traffic import BEGIN, SentMessage


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
