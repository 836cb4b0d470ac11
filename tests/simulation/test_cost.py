"""What a hop costs, counted and not timed: events of the clock, lookups, and what is kept when it is over."""

from __future__ import annotations

import gc
from collections import Counter

import pytest

from smtplab.base.duration import DAY, HOUR
from smtplab.simulation.plans import HostPlan, Traffic
from smtplab.simulation.scenario import Scenario
from smtplab.simulation.simulation import Simulation


def run_of(messages: int, domains: int = 5) -> Simulation:
    """Return a run that kept nothing, of messages that each come in a session of their own."""
    hosts = tuple(HostPlan(f"d{n}.example", (f"d{n}.example",), mailboxes=("ann", "ben")) for n in range(domains))
    simulation = Simulation(Scenario("x", hosts, latency=20_000, traffic=Traffic(messages, DAY)), keeps=False)
    simulation.run()
    return simulation


def events_of(simulation: Simulation) -> float:
    """Return how many events each hop has added to the clock."""
    return simulation.world.scheduler._added / simulation.recording.counts["accepted"]


@pytest.mark.parametrize(("messages", "domains"), [(50, 2), (50, 40), (800, 5)])
def test_a_hop_needs_as_many_events_however_much_mail_and_however_many_hosts_there_are(
    messages: int, domains: int
) -> None:
    # The handshake 2; greeting, EHLO, envelope, message and QUIT with their replies 9; the begin of the attempt, or of
    # the sender's session, 1; and 3 timers, two of the client and one of the server.
    assert 14 <= events_of(run_of(messages, domains)) <= 15.5


def test_the_clock_holds_little_more_than_what_is_under_way() -> None:
    scheduler = run_of(400).world.scheduler
    assert len(scheduler._heap) < 100


def objects_kept(messages: int) -> Counter[str]:
    """Return how many objects of each class of the package a run leaves, by the names of the classes."""
    gc.collect()
    before = _objects()
    simulation = run_of(messages)
    gc.collect()
    kept = _objects()
    kept.subtract(before)
    assert not simulation.recording.queued
    return +kept


def _objects() -> Counter[str]:
    classes = map(type, gc.get_objects())
    return Counter(each.__qualname__ for each in classes if str(each.__module__).startswith("smtplab"))


def test_a_run_that_keeps_nothing_leaves_as_many_objects_after_many_messages_as_after_few() -> None:
    run_of(600)  # fills the caches of replies and commands
    few, many = objects_kept(100), objects_kept(600)
    grown = {name: count for name, count in (many - few).items() if count > 20}
    assert grown == {}


@pytest.mark.parametrize("on_hosts", [True, False])
def test_a_connection_that_fails_leaves_nothing_to_the_garbage_collector(on_hosts: bool) -> None:
    hosts = tuple(HostPlan(f"d{n}.example", (f"d{n}.example",), mailboxes=("ann",)) for n in range(2))
    simulation = Simulation(Scenario("x", hosts, traffic=Traffic(20, HOUR, on_hosts=on_hosts), duration=2 * HOUR))
    simulation.hosts["d1.example"].host.up = False
    gc.collect()
    gc.disable()
    try:
        simulation.run()
        found = gc.collect()
    finally:
        gc.enable()
    assert simulation.recording.counts["delayed"] > 10
    assert found < 10


def test_a_queue_is_all_that_a_host_that_is_down_makes_grow() -> None:
    hosts = tuple(HostPlan(f"d{n}.example", (f"d{n}.example",), mailboxes=("ann",)) for n in range(2))
    simulation = Simulation(
        Scenario("x", hosts, traffic=Traffic(100, HOUR, on_hosts=True), duration=2 * HOUR), keeps=False
    )
    simulation.hosts["d1.example"].host.up = False
    simulation.run()
    queue = simulation.hosts["d0.example"].queue.queue
    assert len(queue) == simulation.recording.queued > 10
    assert queue.added == len(queue) + simulation.recording.counts["handed on"]
    assert len(queue._waiting) + sum(map(len, queue._ready.values())) <= 2 * len(queue)
    assert len(simulation.world.scheduler._heap) < 100
