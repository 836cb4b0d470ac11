"""What a hop of a message costs in a simulation, beside a delivery in the memory world; the answer is a Markdown table.

    python tests/bench/hops.py                  # takes some minutes
    python tests/bench/hops.py --scale 0.01

A hop is a session in which one host takes one message: from its sender, or from the queue of another host. So its cost
has all that comes with it: routes, queue, retries, trace. A delivery in the memory world is a connection, EHLO, one
message and QUIT. Both are measured in turn and in the processor's time, so a busy machine changes the ratio little.
Memory is that of Python's own allocations, at the end of a run that kept nothing, beside one with a tenth of the mail.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

from smtplab.base.duration import DAY
from smtplab.mta.directory import Directory
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.store import MemoryStore
from smtplab.simulation.scenario import DrawnOutages, HostPlan, Scenario, Traffic
from smtplab.simulation.simulation import Simulation
from smtplab.worlds.blocking import MailClient
from smtplab.worlds.memory import Network
from smtplab.worlds.virtual import Host

_CONTENT = b"Subject: x\r\n\r\n" + b"Virtual mail weighs nothing, and arrives all the same.\r\n" * 9
# Messages and domains.
_CASES = ((1_000, 10), (1_000, 1_000), (10_000, 100), (100_000, 1_000))
_DELIVERIES = 1_000
_LEAST = 50


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


def memory_delivery(count: int) -> float:
    """Return the microseconds of a delivery in the memory world, each in a connection of its own."""
    network = Network()
    host = MailHost(Directory(["lab.example"], ["alice"]), MemoryStore())
    network.add(Host("lab.example", "192.0.2.25", host, Policy()))

    def deliver() -> None:
        for _ in range(count):
            client = MailClient(network.dial("lab.example"), "laptop.example")
            client.deliver("ann@d1.example", ["alice@lab.example"], _CONTENT)
            client.quit()

    return _seconds(deliver) / count * 1e6


def hop(messages: int, domains: int) -> float:
    """Return the microseconds of a hop in a simulation."""
    simulation = Simulation(scenario(messages, domains), keeps=False)
    seconds = _seconds(simulation.run)
    return seconds / simulation.recording.counts["accepted"] * 1e6


def memory_left(messages: int) -> int:
    """Return the octets that a run has allocated at its end, when no mail is queued any more."""
    simulation = Simulation(scenario(messages, 10), keeps=False)
    tracemalloc.start()
    try:
        simulation.run()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def _seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="multiplies the number of messages")
    options = parser.parse_args()

    def scaled(count: int) -> int:
        return max(_LEAST, int(count * options.scale))

    memory_delivery(_LEAST)  # warms up
    print("| case | figure | times a delivery in memory |\n| --- | ---: | ---: |")
    for messages, domains in _CASES:
        base = memory_delivery(scaled(_DELIVERIES))
        cost = hop(scaled(messages), domains)
        print(f"| hop: {messages:,} messages, {domains:,} domains | {cost:,.0f} us | {cost / base:.2f} |", flush=True)
    for on_hosts in (True, False):
        simulation = Simulation(scenario(scaled(5_000), 200, outages=40, on_hosts=on_hosts))
        seconds = _seconds(simulation.run)
        how = "written on their hosts" if on_hosts else "each handed over in a session"
        print(f"| 5,000 messages, {how}, 200 domains, five days, 40 outages | {seconds:.1f} s | |", flush=True)
    few, many = memory_left(scaled(200)), memory_left(scaled(2_000))
    print(f"| left after 2,000 messages, beside 200 | {many / 1024:,.0f} KiB | {many / max(few, 1):.2f} |")


if __name__ == "__main__":
    main()
