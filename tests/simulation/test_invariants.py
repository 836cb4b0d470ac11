"""What holds after every event of every scenario, also of random ones, and what must happen at least sometimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from smtplab.base.duration import HOUR
from smtplab.mta.declarations import Resolution
from smtplab.mta.host import MailHost
from smtplab.mta.queue import Queue
from smtplab.mta.queue_manager import QueueManager
from smtplab.mta.session import ServerSession
from smtplab.mta.task import run_on_disk
from smtplab.simulation import simulation as running
from smtplab.simulation.hosts import WatchedStore
from smtplab.simulation.invariants import Account, InvariantError, Invariants
from smtplab.simulation.milestones import Milestone
from smtplab.simulation.paired_replies import PairedReplies
from smtplab.simulation.result import RunResult, simulate
from smtplab.simulation.scenario import Scenario
from smtplab.simulation.scenario_file import parse_scenario, supplied
from smtplab.simulation.scenario_text import scenario_text
from smtplab.simulation.simulation import Simulation
from smtplab.transcript import Side
from support.scenarios import scenarios

SMALL = [name for name in supplied() if name != "university"]
SEEDS = range(1, 4)


def checked(scenario: Scenario, seed: int = 1) -> Simulation:
    """Run a scenario and test it after each event; a failure shows the file that repeats it."""
    simulation = Simulation(scenario, seed)
    invariants = Invariants(simulation)
    try:
        simulation.run(check=invariants.check)
        invariants.count_again()
    except InvariantError as error:
        raise AssertionError(f"{error}\nseed {seed}, and this scenario:\n\n{scenario_text(scenario)}") from error
    return simulation


@cache
def result_of(name: str, seed: int) -> RunResult:
    return simulate(name, seed, check=True)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SMALL)
def test_the_invariants_hold_after_every_event_of_every_scenario(name: str, seed: int) -> None:
    assert result_of(name, seed).simulation.idle


@settings(max_examples=40)
@given(scenarios(), st.integers(1, 3))
def test_they_hold_in_random_scenarios(scenario: Scenario, seed: int) -> None:
    note(scenario_text(scenario))
    checked(scenario, seed)


@pytest.mark.parametrize("milestone", Milestone)
def test_each_interesting_state_is_reached_in_some_scenario(milestone: Milestone) -> None:
    reached = {each for name in SMALL for seed in SEEDS for each in result_of(name, seed).reached}
    assert milestone in reached


# The tests can fail: each mistake below breaks one rule.


def small(**more: Any) -> Scenario:
    text = """
        duration = "2 d"
        [hosts."mail.a.example"]
        domains = "a.example"
        mailboxes = "ann"
        queue.expires_after = "4 h"
        [hosts."mail.b.example"]
        domains = "b.example"
        mailboxes = "ben"
        [[messages]]
        from = "ann@a.example"
        to = ["ben@b.example", "nobody@b.example"]
        """
    return parse_scenario(text + more.get("text", ""), "small")


def loses_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue forgets what it was told to keep."""
    monkeypatch.setattr(Queue, "_wait", lambda self, entry: self._entries.pop(entry.id, None))


def forgets_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told of a failure."""

    def nothing(self: Any, entry: Any, told: Any) -> Any:
        yield from ()
        return None

    monkeypatch.setattr(QueueManager, "_report", nothing)


def believes_a_refusal_is_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """550 counts as delivered."""
    from smtplab.mta import attempt

    monkeypatch.setitem(attempt._MEANINGS, 5, attempt._MEANINGS[2])


def adds_no_hop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host writes no Received field."""
    monkeypatch.setattr(running.WatchedMailHost, "_received", lambda *_: b"")


def stores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host says 250, and the mailbox is empty."""
    monkeypatch.setattr(WatchedStore, "_keep", lambda *_: None)


def stores_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """One delivery leaves two copies."""
    keep = WatchedStore._keep
    monkeypatch.setattr(WatchedStore, "_keep", lambda self, messages: keep(self, [*messages, *messages]))


def forgets_a_recipient(monkeypatch: pytest.MonkeyPatch) -> None:
    """RCPT gets 250, and the recipient is not written down."""
    monkeypatch.setattr(MailHost, "_address", lambda *_: None)


def answers_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each 250 comes with one more."""
    data_to_send = ServerSession.data_to_send

    def doubled(self: ServerSession) -> bytes:
        data = data_to_send(self)
        return data + b"250 more\r\n" if data.startswith(b"250 ") else data

    monkeypatch.setattr(ServerSession, "data_to_send", doubled)


MISTAKES: list[tuple[Callable[[pytest.MonkeyPatch], None], str]] = [
    (loses_entries, "recipients of"),
    (forgets_reports, "no report"),
    (believes_a_refusal_is_a_success, "no host has accepted"),
    (adds_no_hop, "hops"),
    (stores_nothing, "do not add up"),
    (stores_twice, "do not add up"),
    (forgets_a_recipient, "do not add up"),
    (answers_twice, "to no command"),
]


@pytest.mark.parametrize(("mistake", "words"), MISTAKES)
def test_a_mistake_of_the_program_is_found(
    mistake: Callable[[pytest.MonkeyPatch], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(small())
    mistake(monkeypatch)
    with pytest.raises(AssertionError, match=words) as caught:
        checked(small())
    _, _, text = str(caught.value).partition("this scenario:")
    assert parse_scenario(text, "small") == small()


# Two lists whose owners are each other's: a report about the one comes to the other.
CROSSED = """
    duration = "2 d"
    [hosts."mail.a.example"]
    domains = "a.example"
    mailboxes = "ann"
    lists.staff = { members = ["x@b.example"], owner = "crew@b.example" }
    [hosts."mail.b.example"]
    domains = "b.example"
    lists.crew = { members = ["y@a.example"], owner = "staff@a.example" }
    [[messages]]
    from = "ann@a.example"
    to = "staff@a.example"
    """


def test_a_report_that_comes_to_a_list_ends_there() -> None:
    simulation = checked(parse_scenario(CROSSED, "crossed"))
    events = [event.event for event in simulation.recording.events]
    assert (events.count("report"), Milestone.SUPPRESSED_BOUNCE in simulation.recording.reached) == (1, True)
    assert simulation.idle


def test_a_report_that_causes_reports_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def sender_of(self: Resolution, member: Any, sender: Any) -> Any:
        """A list takes every message for its own, also a report."""
        return self.owner_of(member) or sender

    monkeypatch.setattr(Resolution, "sender_of", sender_of)
    with pytest.raises(AssertionError, match="is a report itself"):
        checked(parse_scenario(CROSSED, "crossed"))


def test_what_is_dropped_from_a_queue_by_hand_is_accounted_for() -> None:
    simulation = Simulation(small(text='[[outages]]\nhost = "mail.b.example"\nfor = "1 d"\n'))
    invariants = Invariants(simulation)
    queue = simulation.hosts["mail.a.example"].queue
    simulation.world.scheduler.after(HOUR, lambda: run_on_disk(queue.drop("A000001-1")))
    simulation.run(check=invariants.check)
    invariants.count_again()
    (account,) = invariants.accounts.values()
    assert (account.accepted, account.dropped) == (2, 2)
    assert simulation.idle


def test_a_clock_that_goes_back_is_found() -> None:
    simulation = Simulation(small())
    invariants = Invariants(simulation)
    simulation.world.scheduler.now = 5
    invariants.check()
    simulation.world.scheduler.now = 4
    with pytest.raises(InvariantError, match="back"):
        invariants.check()


def test_an_account_is_balanced_if_everybody_is_somewhere() -> None:
    assert Account(accepted=2, added=1, copies=1, delivered=1, queued=2, handed=1, bounced=1, dropped=1).is_balanced
    assert not Account(accepted=1).is_balanced
    assert not Account(accepted=1, delivered=2).is_balanced


def heard(*said: tuple[Side, bytes]) -> list[str]:
    broken: list[str] = []
    paired = PairedReplies("a and b", broken)
    for side, data in said:
        paired.feed(side, data, 0.0)
    return broken


C, S = Side.CLIENT, Side.SERVER
OPENED = [(S, b"220 b\r\n"), (C, b"EHLO a\r\n"), (S, b"250-b\r\n250 SIZE\r\n")]
MESSAGE = [
    (C, b"MAIL FROM:<a@a>\r\nRCPT TO:<b@b>\r\nDATA\r\n"),
    (S, b"250 ok\r\n250 ok\r\n354 go\r\n"),
    (C, b"Subject: x\r\nMAIL\r\n"),
    (C, b".\r\n"),
    (S, b"250 taken\r\n"),
]


def test_replies_pair_with_commands_in_any_pieces() -> None:
    assert heard(*OPENED, *MESSAGE, *MESSAGE, (C, b"QUIT\r\n"), (S, b"221 bye\r\n")) == []
    assert heard(*((side, bytes([octet])) for side, data in [*OPENED, *MESSAGE] for octet in data)) == []
    assert heard(*OPENED, (S, b"421 too late\r\n")) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("delay replies by 1 s", ""),
        ("reply 451 to RCPT once", "to no command"),
        ("lose the 250 after the dot once", "to no command"),
        ("send every reply twice", ""),
        ('answer "xyz" to RCPT', ""),
        ("reply 250 to DATA", ""),
    ],
)
def test_replies_are_paired_at_hosts_whose_faults_leave_the_pairs(
    fault: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = small()
    far = replace(scenario.hosts[1], faults=(fault,))
    scenario = replace(scenario, hosts=(scenario.hosts[0], far))
    checked(scenario)
    if words:
        answers_twice(monkeypatch)
        with pytest.raises(AssertionError, match=f"mail.b.example {words}"):
            checked(replace(scenario, messages=(replace(scenario.messages[0], through="mail.b.example"),)))


def test_a_reply_to_no_command_is_found() -> None:
    assert len(heard(*OPENED, (S, b"250 more\r\n"))) == 1


def test_a_second_transaction_in_the_first_is_found() -> None:
    mail = [(C, b"MAIL FROM:<a@a>\r\n"), (S, b"250 ok\r\n")]
    assert heard(*OPENED, *mail, (C, b"RSET\r\n"), (S, b"250 ok\r\n"), *mail) == []
    assert len(heard(*OPENED, *mail, *mail)) == 1
