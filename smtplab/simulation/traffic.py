"""The mail of a run: what the scenario plans, and what its traffic draws from the seed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from ..base.seed import Seed
from ..mta.trace import format_date
from ..protocol.grammar import Path
from .plans import HostPlan, PlannedMessage, Traffic
from .scenario import Scenario

# The time of the hosts' clocks when a run begins.
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)

_LINE = b"Virtual mail weighs nothing, and arrives all the same, after some time.\r\n"
_NOBODY = "nobody"
_ORDERS = 2**32
# The bits that one hash gives, and those that are left over so that all numbers are drawn equally often.
_HASH, _SPARE = 248, 24
_HASHES = 2**_HASH


# The Message-IDs of what people send. A report has the name that its host gives it in its queue, such as A000001.
_SENT = re.compile(r"t?[0-9]+@scenario\.example")


def is_sent(message: str) -> bool:
    """Return True if a Message-ID is that of a message of a scenario, and not that of a report."""
    return _SENT.fullmatch(message) is not None


class SentMessage(NamedTuple):
    """A message as its sender hands it over.

    Args:
        plan: who sends it to whom, and when.
        id: its Message-ID, without brackets.
        host: the name of the host that takes it.
        on_host: True if it is written there, and no session brings it.
    """

    plan: PlannedMessage
    id: str
    host: str
    on_host: bool = False

    def content(self, date: datetime) -> bytes:
        """Return the message.

        Args:
            date: the time when the run began.
        """
        plan = self.plan
        header = (
            f"From: {plan.sender or 'postmaster@localhost.example'}\r\n"
            f"To: {', '.join(plan.recipients[:5])}\r\n"
            f"Subject: Message {self.id.partition('@')[0]}\r\n"
            f"Date: {format_date(date + timedelta(microseconds=plan.at))}\r\n"
            f"Message-ID: <{self.id}>\r\n\r\n"
        )
        return header.encode() + _body(plan.octets)


def _body(octets: int) -> bytes:
    """Return a body of so many octets; at least the CRLF at its end."""
    text = (_LINE * (octets // len(_LINE) + 1))[: max(octets - 2, 0)]
    if text.endswith(b"\r"):  # no half of a line end: a message with a bare CR is refused (RFC 5321 2.3.8)
        text = text[:-1] + b"."
    return text + b"\r\n"


def messages_of(scenario: Scenario, seed: Seed) -> Iterator[SentMessage]:
    """Yield the messages of a scenario in the order of their times.

    Args:
        scenario: plans them.
        seed: draws the traffic, and the order of planned messages of the same time. Another message of the scenario
            changes none of it.
    """
    planned = [
        SentMessage(plan, f"{number}@scenario.example", scenario.sending_host(plan))
        for number, plan in enumerate(scenario.messages, 1)
    ]
    order = seed.fork("planned")
    planned.sort(key=lambda message: (message.plan.at, order.number(message.id, _ORDERS)))
    drawn = () if scenario.traffic is None else _drawn(scenario, scenario.traffic, seed.fork("traffic"))
    return _merged(iter(planned), iter(drawn))


def _merged(planned: Iterator[SentMessage], drawn: Iterator[SentMessage]) -> Iterator[SentMessage]:
    one, other = next(planned, None), next(drawn, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one.plan.at <= other.plan.at):
            assert one is not None
            yield one
            one = next(planned, None)
        else:
            yield other
            other = next(drawn, None)


class _Draws:
    """Draw several numbers for one message, from as few hashes as they need."""

    def __init__(self, seed: Seed, message: int) -> None:
        self._seed = seed
        self._message = message
        self._hashes = self._bits = self._left = 0

    def below(self, count: int) -> int:
        """Return a number from 0 to ``count - 1``."""
        if self._left < count << _SPARE:
            self._left = _HASHES
            self._bits = self._seed.number(f"{self._message} {self._hashes}", _HASHES)
            self._hashes += 1
        self._left //= count
        self._bits, drawn = divmod(self._bits, count)
        return drawn


def _drawn(scenario: Scenario, traffic: Traffic, seed: Seed) -> Iterator[SentMessage]:
    """Yield messages at drawn times, evenly over the traffic's time: each in its own share of it."""
    hosts = [host for host in scenario.hosts if host.domains and host.mailboxes]
    targets = [host for host in hosts if not traffic.to or host.domains[0] in traffic.to]
    share = max(traffic.over // max(traffic.messages, 1), 1)
    for number in range(traffic.messages):
        draws = _Draws(seed, number)
        host = hosts[draws.below(len(hosts))]
        plan = PlannedMessage(
            _address(host.mailboxes[draws.below(len(host.mailboxes))], host.domains[0]),
            tuple(dict.fromkeys(_recipients(targets, traffic, draws))),
            number * traffic.over // traffic.messages + draws.below(share),
            octets=draws.below(traffic.octets + 1),
        )
        yield SentMessage(plan, f"t{number + 1}@scenario.example", host.name, traffic.on_hosts)


def _recipients(hosts: Sequence[HostPlan], traffic: Traffic, draws: _Draws) -> Iterator[str]:
    for _ in range(1 + draws.below(traffic.most_recipients)):
        host = hosts[draws.below(len(hosts))]
        known = draws.below(100) >= traffic.unknown
        yield _address(host.mailboxes[draws.below(len(host.mailboxes))] if known else _NOBODY, host.domains[0])


@lru_cache(maxsize=4096)
def _address(mailbox: str, domain: str) -> str:
    """Return the address of a mailbox, quoted if it needs that."""
    return Path(mailbox, domain).address
