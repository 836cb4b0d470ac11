"""Scenarios as files: what is read, what is written, and what is wrong in which line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from smtplab.base.duration import DAY, HOUR, MINUTE, SECOND
from smtplab.mta.accounts import MailingList
from smtplab.mta.retry_schedule import HopLimits, RetrySchedule
from smtplab.simulation.plans import DrawnOutages, FullDisk, HostPlan, LinkPlan, PlannedMessage, PlannedOutage, Traffic
from smtplab.simulation.result import simulate
from smtplab.simulation.scenario import Scenario, ScenarioError
from smtplab.simulation.scenario_file import find_scenario, parse_scenario, read_scenario, supplied
from smtplab.simulation.scenario_text import scenario_text
from support.scenarios import scenarios

EVERYTHING = """
description = "Everything"
duration = "2 d"
latency = "20 ms"
octets_per_second = 1000

[hosts."mail.a.example"]
domains = ["a.example", "a2.example"]
address = "192.0.2.1"
mailboxes = ["ann", "ben"]
queue.delays = ["5 min", "1 h"]
queue.expires_after = "1 d"
queue.warns_after = ""
queue.jitter = 0
queue.sessions = 3
queue.total_sessions = 7
queue.hops = { "B1.example" = 1 }
greylisting = "5 min"
reply_delay = "2 s"
faults = "lose the 250 after the dot once"
hop_limit = 30
personality = "lecture"
mailbox_octets = 1
spool_octets = 2
max_recipients = 5
[hosts."mail.a.example".aliases]
sales = ["ann", "ben"]
[hosts."mail.a.example".forwards]
dora = "dora@b.example"
[hosts."mail.a.example".lists]
short = ["ann"]
[hosts."mail.a.example".lists.staff]
members = ["ann", "x@b1.example"]
owner = "ben"
[hosts."mail.a.example".mx]
"c.example" = "10 mail.b1.example"

[[families]]
name = "mail.b{n}.example"
count = 2
domains = "b{n}.example"
mailboxes = "cat"

[mx]
"a.example" = ["10 mail.a.example", "20 mail.b1.example"]

[[links]]
between = ["mail.a.example", "mail.b1.example"]
latency = "1 s"

[[outages]]
host = "mail.b1.example"
from = "1 h"
for = "2 h"

[[full_disks]]
host = "mail.b2.example"
for = "1 min"
spool = true

[drawn_outages]
count = 2
at_most = "2 h"

[traffic]
messages = 10
over = "1 d"
most_recipients = 2
unknown = 5
octets = 50
on_hosts = true
to = "a.example"

[[messages]]
to = "ann@a.example"
through = "mail.b1.example"
at = "1 s"
octets = 7
"""


def test_a_file_can_say_everything() -> None:
    near = HostPlan(
        "mail.a.example",
        ("a.example", "a2.example"),
        "192.0.2.1",
        ("ann", "ben"),
        {"sales": ("ann", "ben")},
        {"short": MailingList(("ann",)), "staff": MailingList(("ann", "x@b1.example"), "ben")},
        {"dora": "dora@b.example"},
        {"c.example": ("10 mail.b1.example",)},
        RetrySchedule((5 * MINUTE, HOUR), 0, DAY, None),
        HopLimits(3, 7, {"b1.example": 1}),
        5 * MINUTE,
        2 * SECOND,
        ("lose the 250 after the dot once",),
        30,
        "lecture",
        1,
        2,
        5,
    )
    others = tuple(HostPlan(f"mail.b{n}.example", (f"b{n}.example",), mailboxes=("cat",)) for n in (1, 2))
    wanted = Scenario(
        "all",
        (near, *others),
        "Everything",
        {"a.example": ("10 mail.a.example", "20 mail.b1.example")},
        20_000,
        1000,
        (LinkPlan(("mail.a.example", "mail.b1.example"), SECOND),),
        (PlannedOutage("mail.b1.example", HOUR, 2 * HOUR),),
        (FullDisk("mail.b2.example", 0, MINUTE, True),),
        DrawnOutages(2, at_most=2 * HOUR),
        (PlannedMessage("", ("ann@a.example",), SECOND, "mail.b1.example", 7),),
        Traffic(10, DAY, 2, 5, 50, True, ("a.example",)),
        2 * DAY,
    )
    scenario = parse_scenario(EVERYTHING, "all")
    assert scenario == wanted
    assert scenario.hosts[0].all_faults[-1] == "delay replies by 2 s"
    assert parse_scenario(scenario_text(scenario), "all") == scenario


@pytest.mark.parametrize("name", supplied())
def test_each_supplied_scenario_is_written_and_read_again(name: str) -> None:
    scenario = read_scenario(find_scenario(name))
    assert scenario.description
    assert parse_scenario(scenario_text(scenario), name) == scenario


@given(scenarios())
def test_any_scenario_is_written_and_read_again(scenario: Scenario) -> None:
    assert parse_scenario(scenario_text(scenario), "random") == scenario


def test_odd_texts_are_written_and_read_again() -> None:
    scenario = Scenario("x", (HostPlan("a.example"),), 'quotes " and \\ and \t and \x1b and é and \U000e0001')
    assert parse_scenario(scenario_text(scenario), "x") == scenario


BASE = '[hosts."a.example"]\ndomains = "a.example"\nmailboxes = "ann"\n'
# What is wrong, the line in which it stands, and a word of the sentence.
WRONG = [
    ("color = 1\n" + BASE, 1, "color"),
    (BASE + "color = 1\n", 4, "color"),
    ('[hosts."mail a"]\n', 1, "'mail a'"),
    (BASE + 'greylisting = "soon"\n', 4, "soon"),
    (BASE + 'retry = "1 h"\n', 4, "it may have domains"),
    (BASE + "queue.sessions = true\n", 4, "sessions"),
    (BASE + "queue.sessions = 0\n", 4, "at least one session"),
    (BASE + "queue = 3\n", 4, "queue"),
    (BASE + 'queue.delays = ["soon"]\n', 4, "soon"),
    (BASE + "queue.delays = [5]\n", 4, "unit"),
    (BASE + 'queue.retry = ["1 h"]\n', 4, "it may have delays"),
    (BASE + 'queue.delays = "0 s"\n', 4, "delay"),
    (BASE + 'queue.warns_after = "6 d"\n', 4, "expires_after"),
    (BASE + 'queue.hops = { "b.example" = 1 }\n', 4, "b.example"),
    (BASE + 'queue.hops = { "a.example" = "1" }\n', 4, "a.example"),
    (BASE + '[hosts."a.example".queue]\njitter = 200\n', 5, "percent"),
    (BASE + 'faults = "sing"\n', 4, "sing"),
    (BASE + 'aliases = { x = ["nobody"] }\n', 4, "nobody"),
    (BASE + '[hosts."a.example".lists]\nx = { members = ["ann"], owner = "x" }\n', 5, "x -> x"),
    (BASE + 'address = "x"\n', 4, "IP address"),
    (BASE + 'personality = "rude"\n', 4, "rude"),
    (BASE + 'mx = { "b.example" = "ten" }\n', 4, "ten"),
    (BASE + '[mx]\n"b.example" = "70000 a.example"\n', 5, "70000"),
    (BASE + '[mx]\n"b.example" = []\n', 5, "no MX record"),
    (BASE + '[mx]\n"b c" = "10 a.example"\n', 5, "'b c'"),
    (BASE + "max_recipients = 0\n", 4, "max_recipients"),
    (BASE + "spool_octets = -1\n", 4, "spool_octets"),
    (BASE + '[[messages]]\nfrom = "ann@a.example"\nto = ["ann@a.example", "bob"]\n', 6, "'bob'"),
    (BASE + '[[messages]]\nfrom = "ann@a.example"\nto = ""\n', 6, "''"),
    (BASE + '[[messages]]\nfrom = "ann@a.example"\nto = "<>"\n', 6, "'<>'"),
    (BASE + '[[messages]]\nthrough = "a.example"\nfrom = "ann"\nto = "ann@a.example"\n', 6, "'ann'"),
    (BASE + '[[messages]]\nthrough = "a.example"\nto = "ann@a.example"\noctets = -1\n', 7, "octets"),
    (BASE + '[[outages]]\nhost = "a.example"\nfrom = "9 d"\nfor = "1 h"\n', 6, "'from' is 9 d"),
    (BASE + '[[full_disks]]\nhost = "a.example"\nfrom = "9 d"\nfor = "1 h"\n', 6, "'from' is 9 d"),
    (BASE + '[traffic]\nmessages = 1\nover = "9 d"\n', 6, "'over' is 9 d"),
    ("octets_per_second = -1\n" + BASE, 1, "octets_per_second"),
    (BASE + '[[outages]]\nhost = "b.example"\nfor = "1 h"\n', 4, "b.example"),
    (BASE + '[[outages]]\nfor = "1 h"\n[[outages]]\nhost = "a.example"\nfrom = "soon"\nfor = "1 h"\n', 8, "soon"),
    (BASE + '[[outages]]\nhost = "a.example"\n', 4, "how long"),
    (BASE + '[[full_disks]]\nhost = "a.example"\nfrom = "1 h"\n', 4, "how long"),
    (BASE + '[[outages]]\nhost = "a.example"\nfor = "1 h"\n[[outages]]\nhost = "a.example"\n', 7, "how long"),
    (BASE + '[[links]]\nbetween = ["a.example"]\n', 5, "two hosts"),
    (BASE + '[[links]]\nbetween = ["a.example", "a.example"]\n', 5, "two hosts"),
    (BASE + "links = 3\n", 4, "links"),
    ("links = 3\n" + BASE, 1, "[[links]]"),
    (BASE + '[[messages]]\nfrom = "x@b.example"\nto = "ann@a.example"\n', 4, "x@b.example"),
    (BASE + '[[messages]]\nfrom = "ann@a.example"\n', 4, "recipient"),
    (BASE + '[[families]]\nname = "b.example"\ncount = 2\n', 6, "{n}"),
    (BASE + '[drawn_outages]\ncount = 1\nat_least = "2 d"\n', 4, "at_least"),
    (BASE + "[traffic]\nmessages = -1\n", 4, "messages"),
    (BASE + "[traffic]\noctets = -1\n", 4, "octets"),
    (BASE + "[traffic]\nto = 'x.example'\n", 5, "x.example"),
    (BASE + "[traffic]\nunknown = 101\n", 5, "hundred"),
    (BASE + '[mx]\n"a.example" = "mail.a.example"\n', 5, "preference"),
    (BASE + '[mx]\n"a.example" = "70000 mail.a.example"\n', 5, "65535"),
    (BASE + '[mx]\n"a.example" = []\n', 5, "RFC 7505"),
    (BASE + 'mx."b.example" = "ten mail.b.example"\n', 4, "preference"),
    (BASE + 'address = "192.0.2"\n', 4, "192.0.2"),
    (BASE + 'personality = "rude"\n', 4, "rude"),
    (BASE + "max_recipients = 0\n", 4, "max_recipients"),
    ("octets_per_second = -1\n" + BASE, 1, "octets_per_second"),
    (BASE + '[[messages]]\nfrom = "ann@a.example"\nto = ["ann@a.example", "bob"]\n', 6, "domain"),
    (BASE + '[[messages]]\nthrough = "a.example"\nfrom = "a b@a.example"\nto = "ann@a.example"\n', 6, "space"),
    ('duration = "0 s"\n' + BASE, 1, "duration"),
]


@pytest.mark.parametrize(("text", "line", "word"), WRONG)
def test_an_error_has_its_line(text: str, line: int, word: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    assert f"line {line}: " in str(caught.value)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "/nonexistent.toml", "nix"])
def test_a_scenario_that_is_not_there_is_told_in_a_sentence(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"scenario|read"):
        simulate(name)


def test_a_folder_is_not_a_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="directory"):
        simulate(tmp_path)


def test_a_mailbox_whose_name_needs_quotes_takes_part_in_traffic() -> None:
    text = BASE.replace('"ann"', '"ann b"') + "[traffic]\nmessages = 3\n"
    result = simulate(parse_scenario(text, "x"), check=True)
    assert result.counts["delivered"] == 3


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text(BASE, encoding="utf-8")
    assert read_scenario(find_scenario(str(path))).name == "mine"
