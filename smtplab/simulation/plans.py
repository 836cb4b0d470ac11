"""The parts of a scenario, as values: hosts, links, what fails when, and the mail that is sent.

They draw and check nothing: `scenario` puts them together and says what contradicts. All times are in microseconds
since the beginning of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..base.duration import DAY, HOUR, format_exactly
from ..mta.directory import Directory, MailingList
from ..mta.retry_schedule import HopLimits, RetrySchedule
from ..mta.trace import HOP_LIMIT

MxTexts = Mapping[str, tuple[str, ...]]

# Defaults: the time of traffic, and the size of a body.
TRAFFIC_OVER, BODY_OCTETS = HOUR, 400


@dataclass(frozen=True, slots=True)
class HostPlan:
    """A mail host.

    Args:
        name: its domain name.
        domains: the domains whose mail it delivers; none for a host that only relays.
        address: its IP address; empty for one that is assigned.
        mailboxes: the names of its mailboxes.
        aliases, lists, forwards: as `Directory` takes them.
        mx: MX records that this host alone sees in place of those of the zone, each as ``"10 mx.lab.example"``.
        schedule: when it tries again, warns and gives up.
        hop_limits: how many sessions with next hops it has at once.
        greylisting: how long it delays a sender, recipient and client that it has not met; 0 for not at all.
        reply_delay: how long it takes for each reply.
        faults: what it does wrong, each in one line.
        hop_limit: how many hosts a message may have passed.
        personality: how it words its replies.
        mailbox_octets, spool_octets: the room for mailboxes and queue; None for as much as is needed.
        max_recipients: how many recipients it takes in one transaction; the next one gets 452.
    """

    name: str
    domains: tuple[str, ...] = ()
    address: str = ""
    mailboxes: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lists: Mapping[str, MailingList] = field(default_factory=dict)
    forwards: Mapping[str, str] = field(default_factory=dict)
    mx: MxTexts = field(default_factory=dict)
    schedule: RetrySchedule = field(default_factory=RetrySchedule)
    hop_limits: HopLimits = field(default_factory=HopLimits)
    greylisting: int = 0
    reply_delay: int = 0
    faults: tuple[str, ...] = ()
    hop_limit: int = HOP_LIMIT
    personality: str = "plain"
    mailbox_octets: int | None = None
    spool_octets: int | None = None
    max_recipients: int = 100

    @property
    def all_faults(self) -> tuple[str, ...]:
        """What it does wrong, with greylisting and the delay of its replies."""
        wary = (f"greylist for {format_exactly(self.greylisting)}",) if self.greylisting else ()
        slow = (f"delay replies by {format_exactly(self.reply_delay)}",) if self.reply_delay else ()
        return (*wary, *self.faults, *slow)

    def directory(self) -> Directory:
        """Return its directory. A host that only relays delivers the mail of its own name, such as to Postmaster."""
        return Directory(
            self.domains or self.name,
            self.mailboxes,
            aliases=self.aliases,
            lists=self.lists,
            forwards=self.forwards,
        )


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """The link between two hosts.

    Args:
        between: their names.
        latency: how long octets take from one to the other.
        octets_per_second: the bandwidth of each connection and direction; 0 for no limit.
    """

    between: tuple[str, str]
    latency: int = 0
    octets_per_second: int = 0


@dataclass(frozen=True, slots=True)
class PlannedOutage:
    """A time in which a host is down: it refuses connections, and does nothing by itself.

    Args:
        host: its name.
        begins: when it goes down.
        lasts: for how long.
    """

    host: str
    begins: int
    lasts: int


@dataclass(frozen=True, slots=True)
class FullDisk:
    """A time in which a disk of a host is full: new mail gets 452, and what is there stays (RFC 5321 4.2.3).

    Args:
        host: its name.
        begins: when it is full.
        lasts: for how long.
        spool: True for the disk of its queue alone, False for that of its mailboxes alone, None if both are on one.
    """

    host: str
    begins: int
    lasts: int
    spool: bool | None = None

    @property
    def spools(self) -> tuple[bool, ...]:
        """The disks that it fills, as `spool` calls each."""
        return (False, True) if self.spool is None else (self.spool,)


@dataclass(frozen=True, slots=True)
class DrawnOutages:
    """Outages of hosts and times that are drawn from the seed.

    Args:
        count: how many.
        at_least, at_most: how long each lasts.
    """

    count: int
    at_least: int = HOUR
    at_most: int = DAY


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """A message that somebody sends.

    Args:
        sender: the reverse-path, without brackets; empty for the null path.
        recipients: the forward-paths, without brackets.
        at: when it is sent.
        through: the host that takes it; empty for the host of the sender's domain.
        octets: the size of its body.
    """

    sender: str
    recipients: tuple[str, ...]
    at: int = 0
    through: str = ""
    octets: int = BODY_OCTETS


@dataclass(frozen=True, slots=True)
class Traffic:
    """Messages between mailboxes that are drawn from the seed.

    Args:
        messages: how many.
        over: the time in which they are sent.
        most_recipients: how many recipients one may have.
        unknown: how many in a hundred recipients are unknown at their domain.
        octets: the greatest size of a body.
        on_hosts: True if people write on their hosts, whose queues take the mail without a session; False if each
            message comes in a session of its own.
        to: the domains that get mail, each the first one of a host; none for all.
    """

    messages: int
    over: int = TRAFFIC_OVER
    most_recipients: int = 1
    unknown: int = 0
    octets: int = 1000
    on_hosts: bool = False
    to: tuple[str, ...] = ()
