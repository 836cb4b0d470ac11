"""What a hop of a message costs in a simulation, beside a delivery in the memory world; the answer is a Markdown table.

    python tests/bench/hops.py                  # takes some minutes
    python tests/bench/hops.py --scale 0.1
    python tests/bench/hops.py --only ratio     # or: flat, university, memory

A hop is a session in which one host takes one message: from its sender, or from the queue of another host. So its cost
has all that comes with it: routes, queue, retries, trace. A delivery in the memory world is the same mail, each message
in a session of its own from the greeting to QUIT, to a host that puts it into a mailbox and whose clock shows when the
message was sent; a greeting and a Received field are worded anew for each. Both are warm and no message comes twice.
They are measured in turn, a few milliseconds each, and in the processor's time, so a busy machine changes the ratio
little. The figure is the median of all turns; a short run gives too few, so it is repeated with other seeds. Whether
the cost stays the same is seen beside deliveries to one host.
Memory is that of Python's own allocations, at the end of a run that kept nothing.

The exit status is 1 if a figure exceeds its limit. With another scale than 1 the limits mean little.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, count, islice

from smtplab.base.duration import DAY
from smtplab.base.seed import Seed
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.store import MemoryStore
from smtplab.simulation.plans import DrawnOutages, HostPlan, Traffic
from smtplab.simulation.scenario import Scenario
from smtplab.simulation.simulation import Simulation
from smtplab.simulation.traffic import BEGIN, messages_of
from smtplab.worlds.blocking import MailClient
from smtplab.worlds.memory import Network
from smtplab.worlds.virtual import Host

# Messages and domains.
_CASES = ((1_000, 10), (10_000, 100), (10_000, 1_000))
_FLAT_IN_MESSAGES = ((1_000, 10), (10_000, 10), (100_000, 10))
_FLAT_IN_DOMAINS = ((10_000, 10), (10_000, 100), (10_000, 1_000))
_TURN = 100  # deliveries in a turn
_OFTEN = 3_000  # a run of so many messages is compared in each turn, one of ten times as many in each tenth
_FEWEST = 30  # a median has at least so many turns, and in proportion fewer with a smaller scale
_LEAST = 50

# The limits of the figures.
_RATIO, _FLAT, _SECONDS, _MEMORY = 1.5, 1.2, 5.0, 1.2


@dataclass
class Table:
    """Prints rows, and counts the figures beyond their limits."""

    broken: int = 0

    def row(self, case: str, figure: str, value: float, limit: float) -> None:
        """Print a figure, and what the limit is for."""
        value = round(value, 2)
        self.broken += value > limit
        print(f"| {case} | {figure} | {value:.2f} | {limit:g} |", flush=True)


def scenario(messages: int, domains: int, *, outages: int = 0, on_hosts: bool = False) -> Scenario:
    """Return equal hosts that send each other mail for five days."""
    hosts = tuple(
        HostPlan(f"mail.d{number}.example", (f"d{number}.example",), mailboxes=("ann", "ben", "cat"))
        for number in range(domains)
    )
    drawn = DrawnOutages(outages) if outages else None
    return Scenario(
        "bench", hosts, latency=20_000, drawn_outages=drawn, traffic=Traffic(messages, 5 * DAY, on_hosts=on_hosts)
    )


class Deliveries:
    """The mail of a scenario without its queues: each message goes to its recipient's host in the memory world."""

    def __init__(self, played: Scenario) -> None:
        self._network = Network()
        self._now = BEGIN
        for number, plan in enumerate(played.hosts):
            handler = MailHost(plan.directory(), MemoryStore(), hostname=plan.name, clock=lambda: self._now)
            self._network.add(
                Host(plan.name, f"198.18.{number // 250}.{number % 250}", handler, Policy()), *plan.domains
            )
        self._mail = self._messages(played)

    @staticmethod
    def _messages(played: Scenario) -> Iterator[tuple[datetime, str, str, bytes]]:
        for message in chain.from_iterable(messages_of(played, Seed(seed)) for seed in count(1)):
            plan = message.plan
            yield BEGIN + timedelta(microseconds=plan.at), plan.sender, plan.recipients[0], message.content(BEGIN)

    def cost(self) -> float:
        """Return the microseconds of one delivery."""
        mail = list(islice(self._mail, _TURN))
        begin = time.process_time()
        for self._now, sender, recipient, content in mail:
            client = MailClient(self._network.dial(recipient.partition("@")[2]), "laptop.example")
            client.deliver(sender, [recipient], content)
            client.quit()
        return (time.process_time() - begin) / _TURN * 1e6


@dataclass(frozen=True)
class Hop:
    """What a hop of a run costs: in microseconds, beside deliveries of its own mail, and beside those of one host."""

    microseconds: float
    ratio: float
    yardstick: float


def hop(messages: int, domains: int, fewest: int) -> Hop:
    """Run a scenario, and compare its hops with deliveries; repeat it with other seeds until there are enough turns."""
    played = scenario(messages, domains)
    own, one_host = Deliveries(played), Deliveries(scenario(_TURN, 1))
    own.cost(), one_host.cost()  # warm up
    turns: list[Hop] = []
    seeds = count(1)
    while len(turns) < fewest:
        turns += _turns_of(Simulation(played, next(seeds), keeps=False), max(messages // _OFTEN, 1), own, one_host)
    return Hop(*(statistics.median(getattr(each, name) for each in turns) for name in Hop.__dataclass_fields__))


def _turns_of(simulation: Simulation, every: int, own: Deliveries, one_host: Deliveries) -> list[Hop]:
    """Run a simulation, and compare its hops with deliveries: turn by turn, in a long run now and then."""
    turns: list[Hop] = []
    counts, begin, done, number = simulation.recording.counts, time.process_time(), 0, 0

    def turn(now: int) -> None:
        nonlocal begin, done, number
        spent, hops = time.process_time() - begin, counts["accepted"] - done
        number += 1
        if hops and not number % every:
            cost = spent / hops * 1e6
            turns.append(Hop(cost, cost / own.cost(), cost / one_host.cost()))
        done, begin = counts["accepted"], time.process_time()

    gc.collect()
    simulation.run(turn)
    if not turns:  # a short run
        every = 1
        turn(0)
    return turns[1:] or turns  # the first one warms up the hops, as the deliveries were


def memory_left(messages: int) -> int:
    """Return the octets that a run has allocated at its end, when no mail is queued any more."""
    simulation = Simulation(scenario(messages, 10), keeps=False)
    tracemalloc.start()
    try:
        simulation.run()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def _seconds(run: Callable[[], object]) -> float:
    gc.collect()
    begin = time.process_time()
    run()
    return time.process_time() - begin


class Bench:
    """The groups of figures.

    Args:
        scale: multiplies the number of messages.
        table: takes the figures.
    """

    def __init__(self, scale: float, table: Table) -> None:
        self._scale = scale
        self._fewest = max(1, int(_FEWEST * min(scale, 1)))
        self._table = table

    def ratio(self) -> None:
        """Compare a hop with a delivery."""
        for messages, domains in _CASES:
            cost = hop(self._scaled(messages), domains, self._fewest)
            case = f"hop: {messages:,} messages, {domains:,} domains, beside a delivery"
            self._table.row(case, f"{cost.microseconds:,.0f} us", cost.ratio, _RATIO)

    def flat(self) -> None:
        """Compare hops of many messages with those of few, and those among many domains with those among few."""
        for cases in (_FLAT_IN_MESSAGES, _FLAT_IN_DOMAINS):
            costs = [hop(self._scaled(messages), domains, self._fewest) for messages, domains in cases]
            for (messages, domains), cost in list(zip(cases, costs, strict=True))[1:]:
                case = f"flat: {messages:,} messages, {domains:,} domains, beside {cases[0][0]:,} and {cases[0][1]:,}"
                self._table.row(case, f"{cost.microseconds:,.0f} us", cost.yardstick / costs[0].yardstick, _FLAT)

    def university(self) -> None:
        """Run a scenario of 200 domains."""
        for on_hosts in (True, False):
            simulation = Simulation(scenario(self._scaled(5_000), 200, outages=40, on_hosts=on_hosts))
            seconds = _seconds(simulation.run)
            how = "written on their hosts" if on_hosts else "each handed over in a session"
            case = f"5,000 messages, {how}, 200 domains, five days, 40 outages"
            self._table.row(case, f"{seconds:.1f} s", seconds, _SECONDS)

    def memory(self) -> None:
        """Compare what is left after many messages with what is left after few."""
        memory_left(self._scaled(2_000))  # fills the caches of replies
        few, many = memory_left(self._scaled(10_000)), memory_left(self._scaled(100_000))
        case = "left after 100,000 messages, beside 10,000"
        self._table.row(case, f"{many / 1024:,.0f} KiB", many / max(few, 1), _MEMORY)

    def _scaled(self, count: int) -> int:
        return max(_LEAST, int(count * self._scale))


def main() -> int:
    """Measure, and print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the number of messages")
    parser.add_argument("--only", choices=["ratio", "flat", "university", "memory"], help="one group of figures")
    options = parser.parse_args()
    table = Table()
    bench = Bench(options.scale, table)
    groups = {"ratio": bench.ratio, "flat": bench.flat, "university": bench.university, "memory": bench.memory}
    print("| case | figure | ratio | limit |\n| --- | ---: | ---: | ---: |")
    for name, group in groups.items():
        if options.only in (None, name):
            group()
    return 1 if table.broken else 0


if __name__ == "__main__":
    sys.exit(main())
