"""The zones that the hosts of a run see, and their addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from ..base.domains import host_key
from ..mta.zone import Zone
from ..mta.zone_file import read_exchange
from .plans import HostPlan
from .scenario import Scenario

# The network from which hosts without an address get one (RFC 2544).
_NETWORK = ipaddress.ip_network("198.18.0.0/15")


def addresses_of(scenario: Scenario) -> dict[str, str]:
    """Return the address of each host: its own, or the next one that is free."""
    given = {plan.address for plan in scenario.hosts}
    free = (text for text in map(str, _NETWORK.hosts()) if text not in given)
    return {plan.name: plan.address or next(free) for plan in scenario.hosts}


class Zones:
    """The zones that hosts see: one for all, and others for hosts with MX records of their own.

    Args:
        scenario: names the hosts and the MX records.
        addresses: of the hosts, by their names.

    Attributes:
        addresses: as above.
    """

    def __init__(self, scenario: Scenario, addresses: Mapping[str, str]) -> None:
        self.addresses = addresses
        self._mx = _exchanges(scenario)
        self._common = self._zone({})

    def of(self, plan: HostPlan) -> Zone:
        """Return the zone of a host."""
        return self._zone(dict(plan.mx)) if plan.mx else self._common

    def _zone(self, own: dict[str, tuple[str, ...]]) -> Zone:
        records = {**self._mx, **{host_key(domain): texts for domain, texts in own.items()}}
        return Zone(
            mx={domain: [read_exchange(domain, text) for text in texts] for domain, texts in records.items()},
            hosts={name: [address] for name, address in self.addresses.items()},
        )


def _exchanges(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the MX records of all domains: those of the scenario, and the hosts that deliver the mail of others."""
    derived: dict[str, list[str]] = {}
    for host in scenario.hosts:
        for domain in host.domains:
            derived.setdefault(host_key(domain), []).append(
                f"{10 * (len(derived.get(host_key(domain), ())) + 1)} {host.name}"
            )
    return {
        **{domain: tuple(texts) for domain, texts in derived.items()},
        **{host_key(domain): texts for domain, texts in scenario.mx.items()},
    }


def first_choices(scenario: Scenario) -> dict[str, frozenset[str]]:
    """Return the MX hosts of the first preference of each domain that has others, too."""
    found = {}
    for domain, texts in _exchanges(scenario).items():
        records = [read_exchange(domain, text) for text in texts]
        first = min(preference for preference, _ in records)
        hosts = frozenset(host_key(host) for preference, host in records if preference == first)
        if len(hosts) < len(records):
            found[domain] = hosts
    return found
