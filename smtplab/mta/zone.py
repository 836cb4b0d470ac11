"""Zones: which hosts take the mail of a domain, in the order to try them (RFC 5321 5.1, RFC 7505).

A zone has what the DNS has about mail: MX records, addresses of hosts, and aliases (CNAME). It is a value, so a lookup
never fails and takes no time. `zone_file` reads one from TOML or from a standard zone file.

>>> zone = Zone(mx={"lab.example": ((10, "mail.lab.example"),)}, hosts={"mail.lab.example": ("192.0.2.1",)})
>>> zone.route("Lab.Example.", Seed(1)).exchangers
(Exchanger(name='mail.lab.example', address='192.0.2.1', port=25),)
>>> zone.route("nowhere.example", Seed(1)).reply.code
550
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..base.domains import host_key
from ..base.failure import Failure
from ..base.printed import Printed
from ..base.seed import Seed
from ..client.session import SMTP_PORT
from ..protocol.replies import Reply
from . import sentences

# How many aliases may follow one another. RFC 1034 3.6.2 wants chains to work and to end; resolvers stop at 8 to 16.
MAX_ALIASES = 8

# RFC 7505 3: a domain that takes no mail has one MX record, with this host.
NULL_MX = "."
_IPV6 = "ipv6:"  # RFC 5321 4.1.3, in lower case

# Why there is no route, as replies without their text. RFC 3463 has the codes: X.1.2 for a domain that does not exist
# or takes no mail, X.4.3 for a directory that does not answer, X.4.4 for a domain that cannot be routed, X.4.6 for a
# loop. RFC 7505 4 has 5.1.10 and 5.7.27.
_NO_DOMAIN = (550, "5.1.2")
_ALIAS_LOOP = (451, "4.4.3")
_UNROUTABLE = (550, "5.4.4")
_LOOP = (554, "5.4.6")
_NULL_MX = (556, "5.1.10")

# The MX records of a domain: preference and host, the lowest preference first to try.
Exchanges = tuple[tuple[int, str], ...]
# What a host is called and where it can be reached: names, and addresses with their ports.
_Own = frozenset[str | tuple[str, int]]


class ZoneError(Failure):
    """A zone contradicts itself, or its file cannot be read. The message is a sentence for its author.

    Attributes:
        place: the record that is wrong, as the argument of `Zone` and its key; empty if it is none.
    """

    def __init__(self, sentence: str, *place: str) -> None:
        super().__init__(sentence)
        self.place = place


@dataclass(frozen=True, slots=True)
class Exchanger:
    """A host that takes mail, at one of its addresses.

    Args:
        name: its domain name, or an address literal.
        address: its IP address as text.
        port: where it listens.
    """

    name: str
    address: str
    port: int = SMTP_PORT


class MailRoute(NamedTuple):
    """The hosts that take the mail of a domain.

    Args:
        domain: the domain, as `host_key` has it.
        exchangers: the hosts in the order to try them; at least one.
    """

    domain: str
    exchangers: tuple[Exchanger, ...]


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Why mail for a domain cannot be routed.

    Args:
        domain: the domain, as `host_key` has it.
        reply: the reply that a relay gives for it. 4yz if a later retry may succeed.
    """

    domain: str
    reply: Reply

    @property
    def reason(self) -> str:
        """The reason as a sentence."""
        return self.reply.text


class Zone(Printed):
    """The records of some domains. Case, A-labels and U-labels, and a dot at the end make no difference in a name.

    Args:
        mx: for each domain its MX records; ``((0, "."),)`` for a domain that takes no mail (RFC 7505 3).
        hosts: for each host its IP addresses, the preferred one first.
        aliases: for each alias the name it stands for (CNAME).
        ports: for each host where it listens, if not on `port`. DNS has no such record; a lab needs it.
        port: where all other hosts listen.

    Raises:
        ZoneError: if a host has no address, or one that is not valid; if an alias has other records; if a null MX is
            not alone; or if a preference or port is out of range.
    """

    def __init__(
        self,
        *,
        mx: Mapping[str, Iterable[tuple[int, str]]] | None = None,
        hosts: Mapping[str, Sequence[str]] | None = None,
        aliases: Mapping[str, str] | None = None,
        ports: Mapping[str, int] | None = None,
        port: int = SMTP_PORT,
    ) -> None:
        self._mx = {host_key(domain): _exchanges(domain, records) for domain, records in (mx or {}).items()}
        self._hosts = {host_key(name): _addresses(name, given) for name, given in (hosts or {}).items()}
        self._aliases = {host_key(name): host_key(target) for name, target in (aliases or {}).items()}
        self._ports = {host_key(name): _checked_port(name, number) for name, number in (ports or {}).items()}
        self._port = _checked_port("the zone", port)
        self._known: dict[str, tuple[Exchanger, ...]] = {}  # where hosts can be reached, once it was looked up
        self._owned: dict[tuple[str, ...], _Own] = {}  # the same for those that have relayed, with their names
        for alias in aliases or {}:
            if host_key(alias) in self._mx or host_key(alias) in self._hosts:
                raise ZoneError(sentences.ALIAS_HAS_RECORDS.format(name=alias), "aliases", alias)

    def with_mx(self, domain: str, *records: tuple[int, str]) -> Zone:
        """Return a zone that has other MX records for a domain, and is the same otherwise.

        Args:
            domain: the domain.
            records: preference and host of each record; none to remove them all.

        Raises:
            ZoneError: as above.
        """
        mx: dict[str, Iterable[tuple[int, str]]] = {**self._mx, host_key(domain): records}
        if not records:
            del mx[host_key(domain)]
        return Zone(mx=mx, hosts=self._hosts, aliases=self._aliases, ports=self._ports, port=self._port)

    def with_host(self, name: str, *addresses: str) -> Zone:
        """Return this zone with a host that takes the mail for its own name.

        Args:
            name: the host, whose records are replaced.
            addresses: its IP addresses as text.

        Raises:
            ZoneError: as the constructor does.
        """
        hosts: dict[str, Sequence[str]] = {**self._hosts, host_key(name): addresses}
        mx = {domain: records for domain, records in self._mx.items() if domain != host_key(name)}
        return Zone(mx=mx, hosts=hosts, aliases=self._aliases, ports=self._ports, port=self._port)

    def __str__(self) -> str:
        """Return the records, one a line, as a zone file has them: name, type and data."""
        records = [(name, "MX", f"{number} {host}") for name, mx in self._mx.items() for number, host in mx]
        records += [
            (name, "AAAA" if ":" in address else "A", address)
            for name, found in self._hosts.items()
            for address in found
        ]
        records += [(name, "CNAME", target) for name, target in self._aliases.items()]
        width = max((len(name) for name, _, _ in records), default=0)
        return "\n".join(f"{name:<{width}}  {kind:<5}  {data}" for name, kind, data in records)

    __repr__ = __str__

    @property
    def domains(self) -> tuple[str, ...]:
        """The names that have records, each once: domains with MX records, then hosts, then aliases."""
        return tuple({**self._mx, **self._hosts, **self._aliases})

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return the addresses of a host, also of one that is named by an alias; none if it has none."""
        final = self._follow(host_key(name))
        return () if final is None else self._hosts.get(final, ())

    def route(self, domain: str, seed: Seed, me: Iterable[str] = ()) -> MailRoute | NoRoute:
        """Return the hosts to try for mail to a domain, or why there are none (RFC 5321 5.1).

        MX records come in the order of their preference, those of equal preference in an order that the seed draws.
        A host with several addresses is tried at each. A domain without MX records that has an address is its own
        host. MX hosts without an address are skipped, and an MX that names an alias is followed.

        Args:
            domain: the domain of a recipient, or an address literal.
            seed: draws the order; fork it by message and attempt to spread the load.
            me: the names of the host that relays. It never relays to itself, nor to a host of its own preference or a
                higher one, because mail would go round in a circle. A host at an address of `me` is `me`, too.
        """
        name = host_key(domain)
        if name.startswith("["):
            return self._literal(name)
        final = self._follow(name)
        if final is None:
            return _no_route(name, _ALIAS_LOOP, sentences.ALIAS_LOOP)
        records = self._mx.get(final)
        if records is None:
            return self._implicit(name, final, self._own(me))
        if _is_null(records):
            return _no_route(name, _NULL_MX, sentences.NULL_MX)
        return self._explicit(name, records, seed, self._own(me))

    def _follow(self, name: str) -> str | None:
        """Return the name that an alias stands for in the end; None if the aliases do not end."""
        for _ in range(MAX_ALIASES + 1):
            if name not in self._aliases:
                return name
            name = self._aliases[name]
        return None

    def _literal(self, name: str) -> MailRoute | NoRoute:
        """Return the route to an address literal, which needs no records (RFC 5321 4.1.3)."""
        try:
            address = ipaddress.ip_address(name[1:-1].removeprefix(_IPV6))
        except ValueError:
            return _no_route(name, _NO_DOMAIN, sentences.BAD_LITERAL)
        return MailRoute(name, (Exchanger(name, str(address), self._port),))

    def _implicit(self, name: str, final: str, own: _Own) -> MailRoute | NoRoute:
        """Return the route to a domain without MX records: as if it had itself for MX host (RFC 5321 5.1)."""
        places = self._places(final)
        if not places:
            return _no_route(name, _NO_DOMAIN, sentences.NO_SUCH_DOMAIN)
        if _is_own(final, places, own):
            return _no_route(name, _LOOP, sentences.ROUTE_TO_MYSELF)
        return MailRoute(name, places)

    def _explicit(self, name: str, records: Exchanges, seed: Seed, own: _Own) -> MailRoute | NoRoute:
        """Return the route by MX records, without what stands at or behind this host."""
        if len(records) == 1:  # as most domains have it; nothing is to be sorted or left out
            [(_, host)] = records
            if (found := self._places(host)) and not _is_own(host, found, own):
                return MailRoute(name, found)
        places = {host: self._places(host) for _, host in records}
        mine = [preference for preference, host in records if _is_own(host, places[host], own)]
        nearer = [(preference, host) for preference, host in records if not mine or preference < min(mine)]
        if not nearer:
            return _no_route(name, _LOOP, sentences.ROUTE_TO_MYSELF)
        exchangers = tuple(dict.fromkeys(place for _, host in _ordered(nearer, seed) for place in places[host]))
        if not exchangers:
            hosts = ", ".join(host for _, host in nearer)
            return _no_route(name, _UNROUTABLE, sentences.MX_WITHOUT_ADDRESS, hosts=hosts)
        return MailRoute(name, exchangers)

    def _places(self, host: str) -> tuple[Exchanger, ...]:
        """Return where a host can be reached: each of its addresses, with its port."""
        if (known := self._known.get(host)) is not None:
            return known
        final = self._follow(host) or host
        port = self._ports.get(host, self._ports.get(final, self._port))
        places = tuple(Exchanger(host, address, port) for address in self._hosts.get(final, ()))
        if places:  # names without an address come from clients, and there is no end of them
            self._known[host] = places
        return places

    def _own(self, me: Iterable[str]) -> _Own:
        """Return the names of this host, and the places where it can be reached."""
        names = tuple(me)
        if (own := self._owned.get(names)) is None:
            keys = tuple(map(host_key, names))
            own = frozenset((*keys, *((each.address, each.port) for key in keys for each in self._places(key))))
            self._owned[names] = own
        return own


def _is_own(host: str, places: Iterable[Exchanger], own: _Own) -> bool:
    return host in own or any((place.address, place.port) in own for place in places)


def _ordered(records: Sequence[tuple[int, str]], seed: Seed) -> list[tuple[int, str]]:
    """Return MX records by preference, those of equal preference in a drawn order."""
    if len({preference for preference, _ in records}) == len(records):
        return list(records)
    # The records of a zone are sorted, so the order in which a file lists them makes no difference to the draw.
    drawn = {host: turn for turn, host in enumerate(seed.shuffled("mx", (host for _, host in records)))}
    return sorted(records, key=lambda record: (record[0], drawn[record[1]]))


def _is_null(records: Exchanges) -> bool:
    """Return True for a null MX, which stands alone."""
    return len(records) == 1 and records[0][1] == NULL_MX


def _no_route(domain: str, code: tuple[int, str], sentence: str, **fields: str) -> NoRoute:
    number, enhanced = code
    return NoRoute(domain, Reply(number, f"{enhanced} {sentence.format(domain=domain, **fields)}"))


def _exchanges(domain: str, records: Iterable[tuple[int, str]]) -> Exchanges:
    """Return the MX records of a domain, checked, the lowest preference first."""
    found = [(preference, NULL_MX if host == NULL_MX else host_key(host)) for preference, host in records]
    if not found:
        raise ZoneError(sentences.NO_EXCHANGER.format(domain=domain), "mx", domain)
    for preference, _ in found:
        if not 0 <= preference < 2**16:  # RFC 1035 3.3.9: 16 bits
            raise ZoneError(sentences.BAD_PREFERENCE.format(domain=domain, preference=preference), "mx", domain)
    if len(found) > 1 and any(host == NULL_MX for _, host in found):
        raise ZoneError(sentences.NULL_MX_NOT_ALONE.format(domain=domain), "mx", domain)
    return tuple(sorted(dict.fromkeys(found)))


def _addresses(name: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of a host, checked and in their usual form."""
    if not given:
        raise ZoneError(sentences.NO_ADDRESS.format(name=name), "hosts", name)
    try:
        return tuple(dict.fromkeys(str(ipaddress.ip_address(address)) for address in given))
    except ValueError:
        text = sentences.BAD_ADDRESS.format(name=name, addresses=", ".join(given))
        raise ZoneError(text, "hosts", name) from None


def _checked_port(name: str, port: int) -> int:
    if not 0 < port < 2**16:
        raise ZoneError(sentences.BAD_PORT.format(name=name, port=port), "hosts", name)
    return port
