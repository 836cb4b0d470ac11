"""The sessions of a run are written down whole, and a capture has their addresses where it can."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from smtplab.capture import read_capture
from smtplab.simulation.conversations import capture_addresses
from smtplab.simulation.result import simulate
from smtplab.simulation.scenario_file import find_scenario, read_scenario
from smtplab.transcript import Side


def test_every_session_is_written_down_with_its_ends_and_its_time() -> None:
    people, hosts = simulate("lost-250", records=True).conversations[:2]
    assert (people.client, people.server) == ("writer", "mail.campus.example")
    assert (hosts.client, hosts.server) == ("mail.campus.example", "mail.lab.example")
    assert people.began <= hosts.began
    assert people.transcript.lines(Side.CLIENT)[-1] == b"QUIT\r\n"
    assert hosts.transcript.lines(Side.CLIENT)[-1] == b".\r\n"  # and then the connection broke


def test_a_host_that_is_down_is_called_in_vain() -> None:
    unanswered = [each for each in simulate("three-days-down", records=True).conversations if len(each.transcript) == 1]
    assert len(unanswered) > 10
    assert all("down" in str(each.transcript) for each in unanswered)


def test_half_a_reply_is_written_down_too() -> None:
    scenario = read_scenario(find_scenario("lecture-two-hops"))
    near, far = scenario.hosts
    broken = replace(scenario, hosts=(near, replace(far, faults=("cut after 3 octets of the reply to MAIL",))))
    sessions = simulate(broken, records=True).conversations
    assert b"250" in [row.data for each in sessions for row in each.transcript]


@pytest.mark.parametrize(("address", "known"), [("198.18.0.9", True), ("2001:db8::9", False)])
def test_a_capture_has_the_addresses_of_the_hosts_if_all_are_of_one_family(
    address: str, known: bool, tmp_path: Path
) -> None:
    scenario = read_scenario(find_scenario("lecture-two-hops"))
    near, far = scenario.hosts
    result = simulate(replace(scenario, hosts=(near, replace(far, address=address))), records=True)
    assert bool(capture_addresses(result.simulation.addresses)) == known
    result.write_capture(tmp_path / "run.pcap")
    servers = {each.server for each in read_capture(tmp_path / "run.pcap")}
    assert (len(servers), address in servers) == (2, known)
