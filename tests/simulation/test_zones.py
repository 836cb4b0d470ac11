"""The addresses of the hosts of a run, and the zones that they see."""

from __future__ import annotations

from smtplab.base.seed import Seed
from smtplab.mta.zone import MailRoute
from smtplab.simulation.plans import HostPlan
from smtplab.simulation.scenario import Scenario
from smtplab.simulation.zones import Zones, addresses_of, first_choices

GIVEN = HostPlan("given.example", ("lab.example",), address="198.18.0.1")
FREE = HostPlan("free.example", ("lab.example",))
OTHER = HostPlan("other.example", mx={"lab.example": ("10 free.example",)})
SCENARIO = Scenario("x", (GIVEN, FREE, OTHER))


def hosts_for(plan: HostPlan, domain: str) -> list[str]:
    """Return the hosts that one host tries for a domain."""
    route = Zones(SCENARIO, addresses_of(SCENARIO)).of(plan).route(domain, Seed(1))
    assert isinstance(route, MailRoute)
    return [each.name for each in route.exchangers]


def test_a_host_keeps_its_address_and_each_of_the_others_gets_one_that_is_free() -> None:
    addresses = addresses_of(SCENARIO)
    assert addresses["given.example"] == "198.18.0.1"
    assert len(set(addresses.values())) == 3
    assert all(address.startswith("198.18.0.") for address in addresses.values())


def test_a_domain_without_records_has_the_hosts_that_deliver_its_mail_in_their_order() -> None:
    assert hosts_for(FREE, "lab.example") == ["given.example", "free.example"]


def test_a_host_sees_records_of_its_own_in_place_of_those_of_the_zone() -> None:
    assert hosts_for(OTHER, "LAB.example.") == ["free.example"]


def test_the_first_choices_of_a_domain_are_known_where_it_has_others_too() -> None:
    assert first_choices(SCENARIO) == {"lab.example": frozenset({"given.example"})}
    equal = Scenario("x", (GIVEN, FREE), mx={"lab.example": ("5 given.example", "5 free.example")})
    assert first_choices(equal) == {}
