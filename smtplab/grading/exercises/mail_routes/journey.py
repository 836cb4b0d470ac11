"""The journey of a message in exercise 06: the header section that it leaves, and what is wrong on the way.

A message passes seven hosts, one of them twice. One keeps it for a long time. One has a wrong clock. Below the genuine
Received fields stands one that somebody has made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise, permutations

from ....mta.trace import received
from ....protocol.grammar import Path
from ...variants import PEOPLE, WORDS, Draw
from ..hosts import NOON

# The places of the hosts on the way, from the sender to the mailbox. The gate comes twice: it gives the message to a
# filter, and gets it back.
POST, OUT, RELAY, GATE, FILTER, AGAIN, STORE = range(7)
# The host that keeps the message, and the one whose clock is wrong: never neighbours, so each is seen by itself.
_PAIRS = ((POST, RELAY), (POST, FILTER), (OUT, FILTER), (RELAY, FILTER), (RELAY, OUT), (FILTER, OUT), (FILTER, RELAY))
_OFFSETS = (-300, -240, 0, 60, 120, 330)  # of time zones, in minutes


@dataclass(frozen=True, slots=True)
class ReceivedField:
    """One Received field.

    Args:
        client: the name of the host that gave the message.
        peer: its IP address.
        host: the host that took it, and wrote the field.
        queue_id: its name for the message.
        stamp: the time by its clock.
    """

    client: str
    peer: str
    host: str
    queue_id: str
    stamp: datetime


@dataclass(frozen=True, slots=True)
class Journey:
    """The header section of one message.

    Args:
        fields: the Received fields as they stand in it, the latest first.
        sender, recipient: the addresses in it.
    """

    fields: tuple[ReceivedField, ...]
    sender: str
    recipient: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the fields name behind `by`, each once, from the top."""
        return tuple(dict.fromkeys(hop.host for hop in self.fields))

    @property
    def names(self) -> tuple[str, ...]:
        """All names of machines in the header section, each once."""
        return tuple(dict.fromkeys((*self.hosts, *(hop.client for hop in self.fields))))

    def header(self) -> str:
        """Return the header section as text."""
        recipient = Path.parse(f"<{self.recipient}>")
        fields = [
            received(
                helo=hop.client,
                peer=hop.peer,
                host=hop.host,
                protocol="ESMTP",
                queue_id=hop.queue_id,
                date=hop.stamp,
                recipients=[recipient] if number == 0 else [],
            ).decode()
            for number, hop in enumerate(self.fields)
        ]
        fields += [f"From: {self.sender}", f"To: {self.recipient}", "Subject: Where have you been?"]
        return "\n".join(each.replace("\r\n", "\n").rstrip("\n") for each in fields)


def draw_journey(lots: Draw) -> Journey:
    """Draw a student's journey."""
    words = lots.picks("journey domains", WORDS, 8)
    begin, middle, end, elsewhere = (f"{words[each]}-{words[each + 1]}.example" for each in range(0, 8, 2))
    gate = f"gate.{end}"
    hosts = (f"post.{begin}", f"out.{begin}", f"relay.{middle}", gate, f"filter.{end}", gate, f"store.{end}")
    slow, clock = lots.pick("journey faults", _PAIRS)
    minutes = 40 + lots.number("journey minutes", 80)
    times = _times(lots, slow, minutes, clock)
    zones = lots.pick("journey zones", [each for each in permutations(_OFFSETS, 3) if _misleading(each, times, slow)])
    times = [time.astimezone(zone) for time, zone in zip(times, _zones_of_hosts(zones), strict=True)]
    hops = _hops(lots, hosts, times, f"laptop-{10 + lots.number('journey laptop', 90)}.{begin}")
    forged = ReceivedField(
        f"pc-{10 + lots.number('journey pc', 90)}.{elsewhere}",
        f"198.51.100.{20 + lots.number('journey pc address', 200)}",
        f"mail.{elsewhere}",
        _queue_id(lots, "forged"),
        NOON - timedelta(minutes=300 + lots.number("journey forged", 120)),
    )
    sender, recipient = lots.picks("journey people", PEOPLE, 2)
    return Journey((*reversed(hops), forged), f"{sender}@{begin}", f"{recipient}@{end}")


def _times(lots: Draw, slow: int, minutes: int, clock: int) -> list[datetime]:
    """Return when each host says that it got the message."""
    time, times = NOON + timedelta(seconds=lots.number("journey begin", 3000)), []
    for place in range(7):
        times.append(time)
        time += timedelta(seconds=2 + lots.number(f"journey hop {place}", 20))
        time += timedelta(minutes=minutes if place == slow else 0)
    wrong = timedelta(minutes=140 + lots.number("journey clock", 100))
    times[clock] += wrong if lots.number("journey direction", 2) else -wrong
    return times


def _zones_of_hosts(offsets: Sequence[int]) -> list[timezone]:
    """Return the time zone of each host, given those of the three domains in minutes."""
    begin, middle, end = (timezone(timedelta(minutes=offset)) for offset in offsets)
    return [begin, begin, middle, end, end, end, end]


def _misleading(offsets: Sequence[int], times: list[datetime], slow: int) -> bool:
    """Return True if somebody who leaves out the time zones takes another host for the slow one, in every variant."""
    zones = _zones_of_hosts(offsets)
    bare = [time.astimezone(zone).replace(tzinfo=None) for time, zone in zip(times, zones, strict=True)]
    steps = [after - before for before, after in pairwise(bare)]
    return steps.index(max(steps)) != slow


def _hops(lots: Draw, hosts: tuple[str, ...], times: list[datetime], laptop: str) -> list[ReceivedField]:
    """Return the genuine Received fields, the first hop first."""
    numbers = lots.picks("journey addresses", range(20, 240), 7)
    names = dict.fromkeys((laptop, *hosts))
    peers = {name: f"203.0.113.{number}" for name, number in zip(names, numbers, strict=True)}
    return [
        ReceivedField(client, peers[client], host, _queue_id(lots, str(place)), time)
        for place, (client, host, time) in enumerate(zip((laptop, *hosts[:-1]), hosts, times, strict=True))
    ]


def _queue_id(lots: Draw, name: str) -> str:
    return f"{lots.number(f'journey id {name}', 16**6):06X}"
