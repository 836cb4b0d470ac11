"""A host says when it starts what its configuration allows and its author hardly wants."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtplab.base.resources import data_path
from smtplab.mta.host_file import read_host_file
from smtplab.mta.remarks import remarks

ZONE = """
[zone.mx]
"near.example" = "10 mail.near.example"
[zone.hosts]
"mail.near.example" = { address = "127.0.0.1", port = 2525 }
"mail.far.example" = { address = "127.0.0.1", port = 2526 }
"""
USERS = "directory.domains = ['near.example']\n"


def of(folder: Path, text: str) -> list[str]:
    """Return the remarks about a configuration."""
    (folder / "host.toml").write_text(text)
    return remarks(read_host_file(folder / "host.toml"))


@pytest.mark.parametrize("name", ["near.toml", "far.toml"])
def test_the_examples_need_no_remark(name: str) -> None:
    assert remarks(read_host_file(data_path("hosts", name))) == []


@pytest.mark.parametrize(
    ("hostname", "listen", "said"),
    [
        ("mail.near.example", "127.0.0.1:2525", False),
        ("Mail.Near.Example", "localhost:2525", False),
        ("mail.near.example", "127.0.0.1:2527", True),
        ("mail.near.example", "127.0.0.1:0", False),  # any free port
        ("other.near.example", "127.0.0.1:2525", False),  # the zone has no such host, and the place is right
    ],
)
def test_another_port_than_that_of_the_zone_is_named(tmp_path: Path, hostname: str, listen: str, said: bool) -> None:
    found = of(tmp_path, f"hostname = '{hostname}'\nlisten = '{listen}'\n{USERS}{ZONE}")
    assert [("127.0.0.1:2525 in the zone, and listens at 127.0.0.1:2527" in each) for each in found] == [True] * said


def test_a_port_of_ipv6_is_written_behind_brackets(tmp_path: Path) -> None:
    zone = "[zone.hosts]\n'near.example' = { address = '::1', port = 2525 }\n"
    (found,) = of(tmp_path, f"listen = '[::1]:2526'\n{USERS}{zone}")
    assert "[::1]:2525 in the zone, and listens at [::1]:2526" in found


def test_an_own_domain_that_the_zone_lacks_is_named_unless_there_is_no_zone(tmp_path: Path) -> None:
    users = "hostname = 'mail.near.example'\ndirectory.domains = ['near.example', 'also.example']\n"
    (found,) = of(tmp_path, users + ZONE)
    assert found.startswith("also.example is not in the zone")
    assert of(tmp_path, users) == []


@pytest.mark.parametrize(
    ("host", "said"),
    [("{ address = '127.0.0.2' }", True), ("'127.0.0.2'", True), ("{ address = '127.0.0.2', port = 2527 }", False)],
)
def test_a_host_of_this_machine_without_a_port_is_named(tmp_path: Path, host: str, said: bool) -> None:
    text = f"hostname = 'mail.near.example'\n{USERS}{ZONE}'third.example' = {host}\n"
    found = of(tmp_path, text)
    assert [each.startswith("mail for third.example goes to 127.0.0.2, port 25;") for each in found] == [True] * said


def test_a_host_elsewhere_may_be_at_the_usual_port(tmp_path: Path) -> None:
    text = f"allow_remote = true\nhostname = 'mail.near.example'\n{USERS}{ZONE}'third.example' = '192.0.2.1'\n"
    assert of(tmp_path, text) == []


@pytest.mark.parametrize(("listed", "said"), [("['alice']", True), ("{ members = ['alice'], owner = 'alice' }", False)])
def test_a_list_without_an_owner_is_named(tmp_path: Path, listed: str, said: bool) -> None:
    found = of(tmp_path, f"{USERS}directory.mailboxes = ['alice']\ndirectory.lists.staff = {listed}\n")
    assert [each.startswith("bounces of the list staff go to Postmaster") for each in found] == [True] * said
