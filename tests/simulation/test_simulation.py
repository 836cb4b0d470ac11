"""What each scenario shows, what a run comes to as tables, charts and files, and how its hosts behave."""

from __future__ import annotations

import csv
import doctest
import json
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from smtplab.base.duration import DAY, HOUR, MINUTE
from smtplab.simulation import result as result_module
from smtplab.simulation.charts import delay_counts
from smtplab.simulation.milestones import Milestone
from smtplab.simulation.plans import DrawnOutages, FullDisk, HostPlan, PlannedMessage, PlannedOutage, Traffic
from smtplab.simulation.recording import FinalDelivery
from smtplab.simulation.result import RunResult, simulate
from smtplab.simulation.scenario import Scenario, ScenarioError
from smtplab.simulation.scenario_file import read_scenario
from support.drawing import Box, box_of_text, root_of, texts
from support.python import printed_by


@cache
def result_of(name: str) -> RunResult:
    return simulate(name, 1)


def delivered(result: RunResult) -> list[tuple[str, str, int]]:
    """Return who got which message, after how many hops."""
    return [(each.mailbox, each.message, each.hops) for each in result.recording.deliveries]


def test_smtp_is_used_twice() -> None:
    result = result_of("lecture-two-hops")
    assert ("bob", "1@scenario.example", 2) in delivered(result)
    assert result.counts["report"] == 1


def test_mail_waits_for_a_host_that_is_down_and_its_sender_is_warned() -> None:
    result = result_of("three-days-down")
    first = next(each for each in result.recording.deliveries if each.message == "1@scenario.example")
    assert 3 * DAY - 10 * MINUTE <= (first.delay or 0) <= 3 * DAY + 4 * HOUR
    assert Milestone.EXPIRY in result.reached
    assert result.counts["report"] == 4  # three warnings, and a bounce for the host that never comes back


def test_a_host_that_greylists_only_delays_mail() -> None:
    delays = [each.delay or 0 for each in result_of("greylisting").recording.deliveries]
    assert [delay >= 5 * MINUTE for delay in delays] == [True, False, True]


GREYLISTING = {"greylisting": 5 * MINUTE}


@pytest.mark.parametrize(
    ("settings", "greylisted"),
    [
        (GREYLISTING, True),
        (GREYLISTING | {"faults": ("delay replies by 1 s",)}, True),
        ({"faults": ("greylist for 5 min",)}, True),
        ({"faults": ("reply 450 to RCPT on the first attempt",)}, True),
        ({"faults": ("reply 550 to RCPT on the first attempt",)}, False),
        ({"faults": ("reply 451 to DATA in the first 5 min of a triplet",)}, False),
        ({"faults": ("delay the reply to RCPT by 1 s on the first attempt",)}, False),
        ({"faults": ("reply 451 to the first RCPT",)}, False),
    ],
)
def test_a_run_notes_who_was_greylisted(settings: dict[str, Any], greylisted: bool) -> None:
    scenario = Scenario(
        "wary",
        hosts=(
            HostPlan("one.example", ("one.example",)),
            HostPlan("two.example", ("two.example",), mailboxes=("bob",), **settings),
        ),
        messages=(PlannedMessage("postmaster@one.example", ("bob@two.example",)),),
        duration=DAY,
    )
    result = simulate(scenario)
    noted = [(each.host, each.about) for each in result.recording.events if each.event == "greylisted"]
    assert set(noted) == ({("two.example", "bob@two.example")} if greylisted else set())
    assert (Milestone.GREYLISTED in result.reached) is greylisted


def test_a_loop_ends_and_a_bounce_of_a_bounce_is_not_sent() -> None:
    result = result_of("mail-loop")
    assert {Milestone.LOOP_STOPPED, Milestone.SUPPRESSED_BOUNCE} <= set(result.reached)
    assert [mailbox for mailbox, _, _ in delivered(result)] == ["alice"]


def test_failures_of_a_list_go_to_its_owner() -> None:
    result = result_of("list-explosion")
    reports = [who for who, message, _ in delivered(result) if message.endswith("lists.campus.example")]
    assert reports == ["olga", "olga"]
    assert result.counts["delivered"] > 15


def test_a_lost_reply_makes_a_second_copy() -> None:
    result = result_of("lost-250")
    assert [message for _, message, _ in delivered(result)] == ["1@scenario.example"] * 2
    assert Milestone.SENT_AGAIN in result.reached


def test_a_second_mx_takes_mail_while_the_first_is_down() -> None:
    result = result_of("retry-storm")
    assert {Milestone.SECOND_MX, Milestone.ROOM_AGAIN} <= set(result.reached)
    assert result.simulation.idle


def test_a_storm_fills_the_queues_until_the_hub_is_back() -> None:
    result = result_of("retry-storm")
    entries: dict[str, int] = {}
    most = 0
    for _, host, count in result.recording.lengths:
        entries[host] = count
        most = max(most, sum(entries.values()))
    assert most > 400
    assert result.median_delay is not None
    assert result.median_delay > 2 * HOUR


def test_traffic_may_go_to_some_domains_alone() -> None:
    hosts = tuple(HostPlan(f"{name}.example", (f"{name}.example",), mailboxes=("ann",)) for name in "abc")
    result = simulate(Scenario("to one", hosts, traffic=Traffic(20, HOUR, to=("b.example",))))
    assert {each.host for each in result.recording.deliveries} == {"b.example"}
    assert result.copies == 20
    with pytest.raises(ScenarioError, match=r"d\.example"):
        Scenario("to nobody", hosts, traffic=Traffic(20, HOUR, to=("d.example",)))


def test_the_run_ends_with_the_scenario_even_if_mail_still_waits() -> None:
    hosts = (HostPlan("a.example", ("a.example",), mailboxes=("ann",)), HostPlan("b.example", ("b.example",)))
    full = Scenario("short", hosts, messages=(PlannedMessage("ann@a.example", ("x@b.example",)),), duration=HOUR)
    assert simulate(full).ended < HOUR
    away = Scenario("away", hosts, messages=full.messages, outages=(PlannedOutage("b.example", 0, DAY),), duration=HOUR)
    assert not (result := simulate(away)).simulation.idle
    assert "1 still waiting" not in str(simulate(full))
    assert "refused" not in str(simulate(full))
    assert result.ended <= HOUR


def test_a_sender_tries_again_if_the_first_host_is_down() -> None:
    host = HostPlan("a.example", ("a.example",), mailboxes=("ann",))
    message = PlannedMessage("ann@a.example", ("ann@a.example", "nobody@a.example"))
    scenario = Scenario("x", (host,), messages=(message,), outages=(PlannedOutage("a.example", 0, HOUR),))
    result = simulate(scenario)
    assert [each.mailbox for each in result.recording.deliveries] == ["ann"]
    assert result.counts["not taken"] == 1
    assert "1 recipient refused" in str(result)
    assert result.ended >= HOUR


def test_mail_is_in_the_mailboxes_after_a_run() -> None:
    (content,) = result_of("lecture-two-hops").simulation.hosts["mail.lab.example"].mail.store.messages("bob")[:1]
    assert content.startswith(b"Return-Path: <alice@campus.example>\r\nReceived: ")


def test_without_keeping_anything_a_run_holds_what_is_queued_alone() -> None:
    result = simulate("retry-storm", 1, keeps=False)
    assert (result.hash, result.counts) == (result_of("retry-storm").hash, result_of("retry-storm").counts)
    assert result.recording.events == result.recording.deliveries == result.recording.lengths == []
    for host in result.simulation.hosts.values():
        assert host.spool.octets == 0
        assert host.mail.store.messages("ann") == []


# Tables, charts and files


def test_tables_have_the_rows_of_the_run() -> None:
    result = result_of("three-days-down")
    events, deliveries, lengths, delays = (
        result.events(), result.deliveries(), result.queue_lengths(), result.delays()
    )  # fmt: skip
    assert len(events) == len(result.recording.events)
    assert list(deliveries.columns) == ["time", "host", "mailbox", "message", "hops", "delay", "kind"]
    assert str(deliveries["time"].dtype).startswith("timedelta64")
    assert lengths["entries"].iloc[-1] == 0
    assert delays["messages"].sum() == deliveries["delay"].notna().sum()


def test_pandas_is_loaded_by_the_first_table_and_not_before() -> None:
    script = (
        "import sys, smtplab\n"
        "result = smtplab.simulate('lost-250')\n"
        "result.queue_chart(), result.delay_chart(), str(result)\n"
        "print('pandas' in sys.modules)\n"
        "result.events()\n"
        "print('pandas' in sys.modules)\n"
    )
    assert printed_by(script) == "False\nTrue\n"


@pytest.mark.parametrize("name", ["lecture-two-hops", "three-days-down", "retry-storm"])
def test_charts_hold_their_words_and_no_text_runs_into_another(name: str) -> None:
    result = result_of(name)
    for figure in (result.queue_chart(), result.delay_chart()):
        assert root_of(figure)[1].text == figure.text
        boxes = [box_of_text(element) for element in texts(figure)]
        paper = Box(0, 0, figure.width, figure.height)
        assert all(map(paper.holds, boxes))
        assert not any(one.meets(other) for one, other in combinations(boxes, 2))


def test_the_chart_of_queues_says_who_was_down_and_how_much_waited() -> None:
    words = result_of("three-days-down").queue_chart().text
    assert "mail.lab.example was down from 0 s to 3 d." in words
    assert "at most 4 entries" in words
    assert [line.split(":")[0] for line in words.splitlines()[1:5]] == [
        "  after 0 s", "  after 12 h", "  after 1 d", "  after 1 d 12 h",
    ]  # fmt: skip
    labels = [each.text for each in texts(result_of("three-days-down").queue_chart())]
    assert [each for each in labels if str(each).endswith(" d")] == ["1 d", "2 d", "3 d", "4 d", "5 d", "6 d"]


@pytest.mark.parametrize("name", ["lost-250", "list-explosion", "three-days-down", "mail-loop"])
def test_a_second_copy_is_seen_also_without_the_tests_of_invariants(name: str) -> None:
    seen = Milestone.DUPLICATE in result_of(name).reached
    assert seen == (Milestone.DUPLICATE in simulate(name, 1, check=True).reached) == (name == "lost-250")


def test_copies_of_reports_are_counted_apart() -> None:
    result = result_of("three-days-down")
    assert (result.copies, result.report_copies, result.counts["delivered"]) == (2, 4, 2)
    assert list(result.deliveries()["kind"]).count("report") == 4
    assert list(result.events()["event"]).count("delivered") == 2
    assert "2 copies delivered; 4 reports written, 4 of them delivered" in str(result)
    assert result.median_delay is not None
    lean = simulate("three-days-down", keeps=False)
    assert (lean.copies, lean.report_copies) == (2, 4)
    assert result_of("lost-250").copies == 2
    assert "0 reports written\n" in str(result_of("lost-250"))


def test_many_outages_share_a_row() -> None:
    hosts = tuple(HostPlan(f"d{n}.example", (f"d{n}.example",), mailboxes=("ann",)) for n in range(20))
    scenario = Scenario("x", hosts, drawn_outages=DrawnOutages(40), traffic=Traffic(5, 5 * DAY))
    words = simulate(scenario).queue_chart().text
    assert "more hosts were down for a time." in words
    assert [each.text for each in texts(simulate(scenario).queue_chart()) if "down" in str(each.text)] == ["hosts down"]


def test_delays_are_counted_by_their_length() -> None:
    deliveries = [FinalDelivery(0, "h", "m", "", 1, delay) for delay in (None, 0, 999_999, 1_000_000, 4 * DAY)]
    counts = delay_counts(deliveries)
    assert (counts["under 1 s"], counts["1 s to 1 min"], counts["3 d or more"]) == (2, 1, 1)
    assert sum(counts.values()) == 4


def test_a_saved_run_is_complete_and_its_file_repeats_it(tmp_path: Path) -> None:
    result = result_of("greylisting")
    result.save(tmp_path / "out")
    facts = json.loads((tmp_path / "out" / "run.json").read_text())
    assert facts["trace"] == result.hash == simulate(tmp_path / "out" / "scenario.toml", facts["seed"]).hash
    with (tmp_path / "out" / "deliveries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["mailbox"] for row in rows] == ["carol"] * 3
    assert float(rows[0]["delay"]) == pytest.approx((result.recording.deliveries[0].delay or 0) / 1e6)
    assert (tmp_path / "out" / "queue.svg").read_text().startswith("<svg")


def test_the_line_of_a_run_names_the_scenario_or_the_hash_of_its_file(tmp_path: Path) -> None:
    line = result_of("lost-250").line
    assert line.startswith("lost-250, seed 1, smtplab ")
    assert result_of("lost-250").hash[:16] in line
    path = tmp_path / "mine.toml"
    path.write_text('[hosts."a.example"]\n', encoding="utf-8")
    assert simulate(path).line.startswith("sha256 ")
    assert simulate(read_scenario(path)).line.startswith("sha256 ")


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(ScenarioError, match="three-days-down"):
        simulate("four-days-down")


def test_people_who_write_on_their_host_need_no_session_and_try_again_while_it_is_down() -> None:
    hosts = tuple(HostPlan(f"d{n}.example", (f"d{n}.example",), mailboxes=("ann",)) for n in (1, 2))
    traffic = Traffic(20, 10 * MINUTE, on_hosts=True)
    quiet = simulate(Scenario("x", hosts, traffic=traffic), check=True)
    assert quiet.counts["delivered"] == 20
    assert {event.detail for event in quiet.recording.events if event.event == "queued"} == {"written"}
    busy = Scenario(
        "x",
        hosts,
        traffic=traffic,
        outages=(PlannedOutage("d1.example", 0, HOUR),),
        full_disks=(FullDisk("d2.example", 0, HOUR, spool=True),),
    )
    late = simulate(busy, check=True)
    assert late.counts["delivered"] == 20
    assert min(each.time for each in late.recording.deliveries) >= HOUR


def test_the_example_of_a_scenario_in_python_is_true() -> None:
    done = doctest.testmod(result_module)
    assert (done.failed, done.attempted) == (0, 7)
