"""Random scenarios for tests: a few hosts, and each family of faults either there or not at all."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from smtplab.base.duration import DAY, HOUR, MINUTE, SECOND
from smtplab.mta.accounts import MailingList
from smtplab.mta.retry_schedule import HopLimits, RetrySchedule
from smtplab.simulation.plans import FullDisk, HostPlan, LinkPlan, PlannedMessage, PlannedOutage, Traffic
from smtplab.simulation.scenario import Scenario

NAMES = ("ann", "ben")
FAULTS = (
    "lose the 250 after the dot once",
    "cut before the 250 after the dot with probability 30 %",
    "cut after 200 octets of DATA twice",
    "reply 451 to the second RCPT",
    "reply 452 to every second RCPT",
    "reply 554 to the first MAIL once",
    "refuse every second connection",
    "delay replies by 30 s",
    "421 above 2 sessions",
    "reply 421 to DATA with probability 20 %",
    "1-octet writes",
    "a wrong code in the reply to MAIL once",
    "an endless continuation to the second RCPT once",
    "hang at the first DATA once",
    "lose the 250 to MAIL once",
    "repeat the reply to EHLO once",
    "read 50 octets a second",
    "swallow the first RCPT once",
    'hide "PIPELINING"',
)
# The families of what may go wrong; a scenario has each of them fully or not at all.
FAMILIES = ("outages", "full disks", "faults", "greylisting", "groups", "wrong zones", "slow links", "small limits")


def name_of(number: int) -> str:
    return f"mail.d{number}.example"


@st.composite
def scenarios(draw: st.DrawFn, most_hosts: int = 4) -> Scenario:
    """Return a scenario of a few hosts, a few messages, and some families of faults."""
    count = draw(st.integers(1, most_hosts))
    there = {family for family in FAMILIES if draw(st.booleans())}
    numbers = st.integers(1, count)
    hosts = tuple(draw(host_plans(number, count, there)) for number in range(1, count + 1))
    addresses = [f"{name}@d{number}.example" for number in range(1, count + 1) for name in (*NAMES, "all", "nobody")]
    windows = st.tuples(numbers.map(name_of), times(2 * DAY), times(DAY))
    return Scenario(
        "random",
        hosts,
        latency=draw(times(SECOND)) if "slow links" in there else 0,
        links=tuple(draw(st.lists(links(numbers), max_size=2))) if "slow links" in there and count > 1 else (),
        outages=tuple(PlannedOutage(*each) for each in draw(st.lists(windows, max_size=3)))
        if "outages" in there
        else (),
        full_disks=tuple(
            FullDisk(*each, spool) for each, spool in draw(st.lists(st.tuples(windows, st.booleans()), max_size=3))
        )
        if "full disks" in there
        else (),
        messages=tuple(draw(st.lists(messages(numbers, addresses), min_size=1, max_size=5))),
        traffic=draw(
            st.none() | st.builds(Traffic, st.integers(0, 6), st.just(DAY), st.just(3), on_hosts=st.booleans())
        ),
        duration=4 * DAY,
    )


def times(below: int) -> st.SearchStrategy[int]:
    return st.integers(0, below // MINUTE).map(lambda minutes: minutes * MINUTE) | st.integers(0, below)


def messages(numbers: Any, addresses: list[str]) -> st.SearchStrategy[PlannedMessage]:
    return st.builds(
        PlannedMessage,
        st.sampled_from([*addresses, "", "gone@nowhere.example"]),
        st.lists(st.sampled_from([*addresses, "x@nowhere.example"]), min_size=1, max_size=4, unique=True).map(tuple),
        times(DAY),
        numbers.map(name_of),
        st.integers(0, 2000),
    )


def links(numbers: Any) -> st.SearchStrategy[LinkPlan]:
    ends = st.tuples(numbers.map(name_of), numbers.map(name_of))
    return st.builds(
        LinkPlan, ends.filter(lambda pair: len(set(pair)) == 2), times(10 * SECOND), st.sampled_from([0, 100, 10_000])
    )


@st.composite
def host_plans(draw: st.DrawFn, number: int, count: int, there: set[str]) -> HostPlan:
    settings: dict[str, Any] = {}
    others = [f"{name}@d{other}.example" for other in range(1, count + 1) if other != number for name in NAMES]
    if "groups" in there:
        members = ["ann", "ben", *others, *(["nobody@d1.example"] if number > 1 else [])]
        chosen = st.lists(st.sampled_from(members), min_size=1, max_size=4, unique=True)
        settings["lists"] = {"all": MailingList(tuple(draw(chosen)), draw(st.sampled_from(["ann", "postmaster"])))}
        settings["aliases"] = {"both": ("ann", "ben")}
        if others:
            settings["forwards"] = {"moved": draw(st.sampled_from(others))}
    if "wrong zones" in there and count > 1:
        other = number % count + 1
        settings["mx"] = {"nowhere.example": (f"10 {name_of(other)}",)}
        settings["hop_limit"] = 8
    if "faults" in there:
        settings["faults"] = tuple(draw(st.lists(st.sampled_from(FAULTS), max_size=2, unique=True)))
    if "greylisting" in there:
        settings["greylisting"] = draw(times(2 * HOUR))
    if "small limits" in there:
        settings["hop_limits"], settings["max_recipients"] = HopLimits(draw(st.integers(1, 2))), draw(st.integers(1, 2))
        settings["spool_octets"] = draw(st.sampled_from([None, 1500]))
        settings["mailbox_octets"] = draw(st.sampled_from([None, 3000]))
    expires = draw(st.sampled_from([0, HOUR, DAY]))
    warns = 2 * HOUR if expires > 2 * HOUR else None
    schedule = RetrySchedule((10 * MINUTE, HOUR), draw(st.integers(0, 50)), expires, warns)
    return HostPlan(name_of(number), (f"d{number}.example",), mailboxes=NAMES, schedule=schedule, **settings)
