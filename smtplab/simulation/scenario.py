"""What a simulation is about: the plans of `plans` put together, and what contradicts in them.

A scenario has no state, and draws nothing: `simulation` runs it with a seed. `scenario_file` reads and writes it as
TOML. All times are in microseconds since the beginning of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address

from ..base.domains import host_key
from ..base.duration import DAY, SECOND, format_exactly
from ..base.failure import Failure
from ..faults.fault import Fault
from ..mta.host_names import own_name, zone_name
from ..mta.personality import Personality
from ..mta.zone import Zone
from ..mta.zone_file import read_exchange
from ..protocol.grammar import Path
from ..protocol.replies import ProtocolError
from . import sentences
from .plans import DrawnOutages, FullDisk, HostPlan, LinkPlan, MxTexts, PlannedMessage, PlannedOutage, Traffic

# How long a run may last.
DURATION = 6 * DAY


class ScenarioError(Failure):
    """A scenario contradicts itself, or its file cannot be read. The message is a sentence for its author.

    Attributes:
        place: the keys of the file that lead to what is wrong, the outermost first.
    """

    def __init__(self, sentence: str, *place: str) -> None:
        super().__init__(sentence)
        self.place = place


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a simulation is about.

    Args:
        name: how it is called.
        hosts: the mail hosts.
        description: what can be seen in it.
        mx: MX records, each as ``"10 mx.lab.example"``. A domain without has the hosts that deliver its mail.
        latency, octets_per_second: of links that are not planned, as in `LinkPlan`.
        links, outages, full_disks, messages: see their classes.
        drawn_outages, traffic: the same, drawn from the seed; None for no more.
        duration: when the run ends. It ends earlier once no mail is left and nothing is planned.

    Raises:
        ScenarioError: if a name is used that nothing has, or a number is out of range.
    """

    name: str
    hosts: tuple[HostPlan, ...]
    description: str = ""
    mx: MxTexts = field(default_factory=dict)
    latency: int = 0
    octets_per_second: int = 0
    links: tuple[LinkPlan, ...] = ()
    outages: tuple[PlannedOutage, ...] = ()
    full_disks: tuple[FullDisk, ...] = ()
    drawn_outages: DrawnOutages | None = None
    messages: tuple[PlannedMessage, ...] = ()
    traffic: Traffic | None = None
    duration: int = DURATION

    def __post_init__(self) -> None:
        if not self.hosts:
            raise ScenarioError(sentences.NO_HOSTS)
        names: set[str] = set()
        for host in self.hosts:
            if host_key(host.name) in names:
                raise ScenarioError(sentences.HOST_TWICE.format(name=host.name), "hosts", host.name)
            names.add(host_key(host.name))
        self._check_hosts()
        self._check_names(names)
        self._check_next_hops(names)
        self._check_numbers()
        self._check_times()

    def host_of(self, domain: str) -> HostPlan | None:
        """Return the first host that delivers the mail of a domain."""
        key = host_key(domain)
        return next((host for host in self.hosts if key in map(host_key, host.domains)), None)

    def sending_host(self, message: PlannedMessage) -> str:
        """Return the name of the host that takes a message from its sender; empty if none is named."""
        if message.through:
            return message.through
        host = self.host_of(message.sender.rpartition("@")[2]) if message.sender else None
        return host.name if host else ""

    def _check_hosts(self) -> None:
        addresses: dict[str, str] = {}
        for host in self.hosts:
            place = "hosts", host.name
            for key, check in _HOST_CHECKS.items():
                _in_place(partial(check, host), *place, *([key] if key else ()))
            if host.address:
                address = str(ip_address(host.address))
                if (other := addresses.setdefault(address, host.name)) != host.name:
                    text = sentences.ADDRESS_TWICE.format(one=other, other=host.name, address=address)
                    raise ScenarioError(text, *place, "address")
            for domain, texts in host.mx.items():
                _in_place(partial(_check_mx, domain, texts), *place, "mx", domain)
            for name, least in (("hop_limit", 1), ("max_recipients", 1), ("mailbox_octets", 0), ("spool_octets", 0)):
                _at_least(least, getattr(host, name), *place, name)
        for domain, texts in self.mx.items():
            _in_place(partial(_check_mx, domain, texts), "mx", domain)

    def _check_next_hops(self, names: set[str]) -> None:
        """Raise if a host has limits for a next hop where no mail can go."""
        served = {host_key(domain) for host in self.hosts for domain in (*host.domains, *host.mx)}
        for host in self.hosts:
            for name in host.hop_limits.hops:
                if name not in names | served | set(map(host_key, self.mx)):
                    text = sentences.UNKNOWN_HOP.format(name=name)
                    raise ScenarioError(text, "hosts", host.name, "queue", "hops", name)

    def _check_names(self, names: set[str]) -> None:
        used = [
            *((name, "links", number) for number, link in enumerate(self.links, 1) for name in link.between),
            *((outage.host, "outages", number) for number, outage in enumerate(self.outages, 1)),
            *((disk.host, "full_disks", number) for number, disk in enumerate(self.full_disks, 1)),
            *((each.through, "messages", number) for number, each in enumerate(self.messages, 1) if each.through),
        ]
        for name, table, number in used:
            if host_key(name) not in names:
                known = ", ".join(host.name for host in self.hosts[:8])
                raise ScenarioError(sentences.UNKNOWN_HOST.format(name=name, known=known), table, str(number))
        for number, message in enumerate(self.messages, 1):
            if not self.sending_host(message):
                raise ScenarioError(sentences.NO_SENDING_HOST.format(sender=message.sender), "messages", str(number))
            if not message.recipients:
                raise ScenarioError(sentences.NO_RECIPIENTS, "messages", str(number))
            if message.sender:
                _check_address(message.sender, "messages", str(number), "from")
            for recipient in message.recipients:
                _check_address(recipient, "messages", str(number), "to")
        if self.traffic is not None and not any(host.domains and host.mailboxes for host in self.hosts):
            raise ScenarioError(sentences.NOBODY_WRITES, "traffic")

    def _check_numbers(self) -> None:
        if self.duration <= 0:
            raise ScenarioError(sentences.NO_DURATION, "duration")
        drawn, traffic = self.drawn_outages, self.traffic
        if drawn is not None and (drawn.count < 0 or not 0 < drawn.at_least <= drawn.at_most):
            raise ScenarioError(sentences.BAD_LENGTHS, "drawn_outages")
        if traffic is not None and (
            traffic.messages < 0 or traffic.most_recipients < 1 or traffic.over < SECOND or traffic.octets < 0
        ):
            raise ScenarioError(sentences.BAD_TRAFFIC, "traffic")
        for domain in () if traffic is None else traffic.to:
            if domain not in {host.domains[0] for host in self.hosts if host.domains and host.mailboxes}:
                raise ScenarioError(sentences.UNKNOWN_HOP.format(name=domain), "traffic", "to")
        if traffic is not None and not 0 <= traffic.unknown <= 100:
            raise ScenarioError(sentences.BAD_SHARE.format(number=traffic.unknown), "traffic", "unknown")
        _at_least(0, self.octets_per_second, "octets_per_second")
        for number, link in enumerate(self.links, 1):
            _at_least(0, link.octets_per_second, "links", str(number), "octets_per_second")
        for number, message in enumerate(self.messages, 1):
            _at_least(0, message.octets, "messages", str(number), "octets")

    def _check_times(self) -> None:
        """Raise if something is to happen after the run has ended."""
        used = [
            *((each.begins, "outages", str(number), "from") for number, each in enumerate(self.outages, 1)),
            *((each.begins, "full_disks", str(number), "from") for number, each in enumerate(self.full_disks, 1)),
            *((each.at, "messages", str(number), "at") for number, each in enumerate(self.messages, 1)),
            *(((self.traffic.over, "traffic", "over"),) if self.traffic is not None else ()),
        ]
        for time, *place in used:
            if time > self.duration:
                ends = format_exactly(self.duration)
                text = sentences.AFTER_THE_END.format(key=place[-1], time=format_exactly(time), ends=ends)
                raise ScenarioError(text, *place)


def _in_place(check: Callable[[], object], *place: str) -> None:
    """Call a check; its error becomes one of the scenario, with its place in the file."""
    try:
        check()
    except (Failure, ValueError, ProtocolError) as error:
        raise ScenarioError(str(error), *place, *getattr(error, "place", ())) from None


def _check_address(text: str, *place: str) -> None:
    try:
        Path.parse("" if text == "<>" else text)  # the null path is nobody's address
    except ProtocolError as error:
        raise ScenarioError(sentences.NOT_AN_ADDRESS.format(text=text, reason=error), *place) from None


def _check_mx(domain: str, texts: Iterable[str]) -> None:
    Zone(mx={zone_name(domain): [read_exchange(domain, text) for text in texts]})


def _check_ip_address(host: HostPlan) -> None:
    if host.address:
        Zone(hosts={host.name: [host.address]})


def _check_faults(host: HostPlan) -> None:
    for text in host.all_faults:
        Fault.parse(text)


# What is checked of each host, by the key of its table where the slip is; empty for the table itself.
_HOST_CHECKS: Mapping[str, Callable[[HostPlan], object]] = {
    "": lambda host: (own_name(host.name), host.directory()),
    "address": _check_ip_address,
    "personality": lambda host: Personality.load(host.personality),
    "faults": _check_faults,
}


def _at_least(least: int, number: int | None, *place: str) -> None:
    if number is not None and number < least:
        text = sentences.NUMBER_TOO_LOW.format(key=place[-1], least=least, number=number)
        raise ScenarioError(text, *place)
