"""The same scenario, seed and version make the same run, and one more draw in one place moves nothing elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from smtplab.base.duration import DAY, HOUR
from smtplab.base.seed import Seed
from smtplab.simulation.plans import DrawnOutages, HostPlan, PlannedMessage, PlannedOutage, Traffic
from smtplab.simulation.result import simulate
from smtplab.simulation.scenario import Scenario
from smtplab.simulation.scenario_file import supplied
from smtplab.simulation.simulation import Simulation
from smtplab.simulation.traffic import messages_of
from support.python import printed_by

# The university runs with a part of its mail, which is enough for a hash to differ.
HASHES = """
from dataclasses import replace
from smtplab.simulation.result import simulate
from smtplab.simulation.scenario_file import find_scenario, read_scenario, supplied
for name in supplied():
    scenario = read_scenario(find_scenario(name))
    if scenario.traffic is not None:
        scenario = replace(scenario, traffic=replace(scenario.traffic, messages=100))
    result = simulate(scenario, 7)
    print(name, result.hash, *(each.name for each in result.reached), *result.counts.items())
"""


def hosts(count: int, **more: object) -> tuple[HostPlan, ...]:
    numbers = range(1, count + 1)
    return tuple(HostPlan(f"mail.d{n}.example", (f"d{n}.example",), mailboxes=("ann", "ben")) for n in numbers)


def busy(**changes: object) -> Scenario:
    scenario = Scenario("busy", hosts(5), drawn_outages=DrawnOutages(3), traffic=Traffic(40, DAY, 2, 10))
    return replace(scenario, **changes)  # type: ignore[arg-type]


def test_two_processes_with_other_hashes_of_texts_make_the_same_runs() -> None:
    one, other = (printed_by(HASHES, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert one == other
    assert [line.split()[0] for line in one.splitlines()] == list(supplied())


def test_another_seed_makes_another_run() -> None:
    assert len({simulate(busy(), seed).hash for seed in range(5)}) == 5


def test_recording_less_changes_nothing() -> None:
    full, lean = simulate(busy(), 3), simulate(busy(), 3, keeps=False)
    assert full.hash == lean.hash
    assert full.counts == lean.counts
    assert (len(full.recording.events) > 100, lean.recording.events) == (True, [])


def test_watching_changes_nothing() -> None:
    assert simulate(busy(), 3).hash == simulate(busy(), 3, check=True, records=True).hash


def test_one_more_message_moves_no_drawn_one() -> None:
    one, other = busy(), busy(messages=(PlannedMessage("ann@d1.example", ("ben@d2.example",), at=HOUR),))
    drawn = [message for message in messages_of(other, Seed(1)) if message.id.startswith("t")]
    assert drawn == list(messages_of(one, Seed(1)))


def test_more_traffic_draws_the_same_people_for_the_first_messages() -> None:
    def people(count: int) -> list[tuple[str, tuple[str, ...]]]:
        scenario = busy(traffic=Traffic(count, DAY, 2))
        return [(each.plan.sender, each.plan.recipients) for each in messages_of(scenario, Seed(1))]

    assert people(80)[:40] == people(40)


def test_one_more_outage_moves_no_drawn_one() -> None:
    def downs(scenario: Scenario) -> list[tuple[int, str]]:
        events = simulate(scenario, 1).recording.events
        return [(event.time, event.host) for event in events if event.event == "down"]

    before, after = downs(busy()), downs(busy(outages=(PlannedOutage("mail.d5.example", 1, 1),)))
    assert set(before) < set(after)


def test_a_busy_pair_of_hosts_moves_nothing_between_two_others() -> None:
    """All four hosts are busy at the same instants, so that the seed decides who comes first."""

    def letters(pair: int, count: int) -> tuple[PlannedMessage, ...]:
        return tuple(
            PlannedMessage(f"ann@d{pair}.example", (f"ben@d{pair + 1}.example",), octets=number)
            for number in range(count)
        )

    def between_first_two(more: int) -> list[tuple[object, ...]]:
        scenario = Scenario("pairs", hosts(4), messages=letters(1, 6) + letters(3, more))
        events = simulate(scenario, 5).recording.events
        return [
            (e.time, e.host, e.event, e.message) for e in events if e.host in ("mail.d1.example", "mail.d2.example")
        ]

    alone = between_first_two(0)
    assert [between_first_two(count) for count in (1, 5)] == [alone, alone]
    order = [message for _, host, event, message in alone if (host, event) == ("mail.d1.example", "accepted")]
    assert order != sorted(order), "the seed has drawn no order at all"


def test_the_collector_and_the_log_are_as_before_a_run() -> None:
    import gc
    import logging

    before = gc.get_threshold(), logging.getLogger("smtplab.mta.settling").level
    Simulation(busy()).run()
    assert (gc.get_threshold(), logging.getLogger("smtplab.mta.settling").level) == before


@pytest.mark.parametrize("seed", [1, "1", Seed(1)])
def test_a_seed_is_a_number_or_a_text(seed: int | str | Seed) -> None:
    assert simulate("lecture-two-hops", seed).hash == simulate("lecture-two-hops").hash
