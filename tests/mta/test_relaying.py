"""The decisions fit together: zone, queue, transmission and bounce carry mail to hosts that fail.

This is the loop that a world has, without sockets, and with a time that is only a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from smtplab.base.duration import DAY, HOUR
from smtplab.base.seed import Seed
from smtplab.mta.attempt import Action, AttemptResult
from smtplab.mta.bounce import ReportedMessage, read_report, write_report
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.queue import Queue
from smtplab.mta.queue_entry import Attempt, Settlement, entries_of
from smtplab.mta.relay import RelayedMessage
from smtplab.mta.retry_schedule import RetrySchedule
from smtplab.mta.transmission import transmit, without_route
from smtplab.mta.zone import NoRoute, Zone
from smtplab.protocol import replies
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.protocol.replies import Reply
from support.hosts import MemoryWorld, carry_out, mail_host
from support.python import printed_by

BEGIN = datetime(2026, 11, 30, tzinfo=UTC)
SENDER = Path("someone", "near.example")
CONTENT = b"Subject: x\r\n\r\nx\r\n"
ZONE = Zone(
    mx={"far.example": [(10, "far.example"), (20, "backup.example")], "nomail.example": [(0, ".")]},
    hosts={"far.example": ["192.0.2.10"], "backup.example": ["192.0.2.11"], "other.example": ["192.0.2.12"]},
)


class Relaying:
    """A relay named near.example, and its clock.

    Args:
        hosts: the hosts that answer, by their names; they may be put in and taken out.
        seed: as for `Queue`.
    """

    def __init__(self, hosts: dict[str, Handler], seed: int = 1) -> None:
        self.hosts, self.now = hosts, 0
        self.seed = Seed(seed)
        self.queue = Queue(RetrySchedule(), self.seed.fork("queue"))
        self.sent = 0
        self.reports: list[bytes] = []
        self.dropped = 0
        self.attempts: list[int] = []
        self.ended: Counter[str] = Counter()

    def accept(self, *recipients: Path, sender: Path = SENDER) -> None:
        self.sent += 1
        for entry in entries_of(f"A{self.sent:06}", {sender: recipients}, self.now, lambda domain: domain):
            self.queue.add(entry)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass until a condition holds, or nothing is left in the queue."""
        while not until() and (due := self.queue.next_due()) is not None:
            self.now = max(self.now, due)
            for attempt in self.queue.due(self.now):
                self._make(attempt)

    def _make(self, attempt: Attempt) -> None:
        entry = attempt.entry
        self.attempts.append(self.now)
        route = ZONE.route(entry.next_hop, self.seed.fork("route", entry.id, attempt.number), ["near.example"])
        if isinstance(route, NoRoute):
            self._settle(attempt, without_route(entry.recipients, route, "near.example"))
            return
        world = MemoryWorld()
        for handler in self.hosts.values():
            world.start(handler)
        current = attempt

        def next_message(result: AttemptResult) -> RelayedMessage | None:
            nonlocal current
            self._settle(current, result)
            following = self.queue.another(entry.next_hop, self.now)
            if following is None:
                return None
            current = following
            return self._message(current)

        by_name = tuple(replace(each, address=each.name) for each in route.exchangers)  # as the world in memory has it
        route = replace(route, exchangers=by_name)
        carry_out(transmit(self._message(attempt), route, next_message), world)

    def _message(self, attempt: Attempt) -> RelayedMessage:
        entry = attempt.entry
        return RelayedMessage(entry.sender, entry.recipients, CONTENT, "near.example", entry.queue_id)

    def _settle(self, attempt: Attempt, result: AttemptResult) -> None:
        settlement: Settlement = self.queue.settle(attempt, result, self.now)
        self.ended.update(each.action.value for each in (*settlement.done, *settlement.failed))
        told = settlement.failed or (settlement.delayed if settlement.warns else ())
        if not told:
            return
        if attempt.entry.sender.is_null:
            self.dropped += 1
            return
        message = ReportedMessage(attempt.entry.sender, CONTENT, "near.example", BEGIN)
        date = BEGIN + timedelta(microseconds=self.now)
        self.reports.append(write_report(message, told, f"R{len(self.reports)}", date))


def far(**changes: object) -> MailHost:
    return mail_host(domain="far.example", **changes)  # type: ignore[arg-type]


ALICE, BOB, NOBODY = (Path(name, "far.example") for name in ("alice", "bob", "nobody"))


def test_mail_reaches_its_host_in_one_attempt() -> None:
    host = far()
    relaying = Relaying({"far.example": host})
    relaying.accept(ALICE, BOB)
    relaying.run()
    assert len(host.store.messages("alice")) == len(host.store.messages("bob")) == 1
    assert (relaying.attempts, relaying.reports) == ([0], [])


def test_the_unknown_recipient_is_bounced_and_the_others_get_their_mail() -> None:
    host = far()
    relaying = Relaying({"far.example": host})
    relaying.accept(ALICE, NOBODY)
    relaying.run()
    (report,) = map(read_report, relaying.reports)
    assert [(each.address, str(each.status)) for each in report.recipients] == [("nobody@far.example", "5.1.1")]
    assert len(host.store.messages("alice")) == 1


def test_a_host_that_is_down_for_three_days_gets_its_mail_after_one_warning() -> None:
    host = far()
    relaying = Relaying({})
    relaying.accept(ALICE)
    relaying.run(until=lambda: relaying.now > 3 * DAY)
    relaying.hosts["far.example"] = host
    relaying.run()
    assert len(host.store.messages("alice")) == 1
    (warning,) = map(read_report, relaying.reports)
    assert not warning.is_bounce
    assert 24 <= len(relaying.attempts) <= 30  # every three hours or a little more
    assert relaying.attempts[-1] - 3 * DAY < 4 * HOUR


def test_a_host_that_stays_down_costs_a_warning_and_a_bounce_after_five_days() -> None:
    relaying = Relaying({})
    relaying.accept(ALICE, BOB)
    relaying.run()
    warning, bounce = map(read_report, relaying.reports)
    assert (warning.is_bounce, bounce.is_bounce) == (False, True)
    assert {each.action for each in bounce.recipients} == {Action.FAILED}
    assert relaying.now == 5 * DAY
    assert relaying.ended == {"failed": 2}


def test_the_second_mx_takes_the_mail_while_the_first_is_down() -> None:
    backup = MailHost(far().directory, far().store, hostname="backup.example")
    relaying = Relaying({"backup.example": backup})
    relaying.accept(ALICE)
    relaying.run()
    assert len(backup.store.messages("alice")) == 1
    assert relaying.attempts == [0]


def test_mail_without_a_route_is_bounced_at_once() -> None:
    relaying = Relaying({})
    relaying.accept(Path("a", "nomail.example"), Path("b", "nowhere.example"))
    relaying.run()
    statuses = {str(each.status) for report in relaying.reports for each in read_report(report).recipients}
    assert statuses == {"5.1.10", "5.1.2"}
    assert relaying.now == 0


def test_a_bounce_that_fails_is_dropped() -> None:
    relaying = Relaying({"far.example": far()})
    relaying.accept(NOBODY, sender=NULL_PATH)
    relaying.run()
    assert (relaying.reports, relaying.dropped) == ([], 1)


@pytest.mark.parametrize("seed", range(3))
def test_no_recipient_is_lost_or_doubled(seed: int) -> None:
    class Moody(Handler):
        """A host that draws each reply."""

        drawn = 0

        def rcpt(self, *arguments: object) -> Reply:
            Moody.drawn += 1
            return Seed(seed).choice(Moody.drawn, [replies.RECIPIENT_OK, replies.MAILBOX_BUSY, replies.NO_SUCH_MAILBOX])

    relaying = Relaying({"far.example": Moody("far.example"), "other.example": Moody("other.example")}, seed)
    for number in range(30):
        paths = [Path(f"user{number}{letter}", f"{host}.example") for letter in "ab" for host in ("far", "other", "no")]
        relaying.accept(*paths, sender=SENDER if number % 3 else NULL_PATH)
    relaying.run()
    assert sum(relaying.ended.values()) == 30 * 6
    assert min(relaying.ended["relayed"], relaying.ended["failed"]) > 30
    reported = [each for report in relaying.reports for each in read_report(report).recipients]
    assert len(relaying.queue) == 0
    assert 0 < len([each for each in reported if each.action is Action.FAILED]) < relaying.ended["failed"]


def test_two_processes_with_different_hash_seeds_have_the_same_history() -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from mta.test_relaying import *\n"
        "relaying = Relaying({}, 7)\n"
        "for number in range(20):\n"
        "    relaying.accept(*(Path('a', f'{host}.example') for host in ('far', 'other', 'no', 'x', 'y')))\n"
        "relaying.run()\n"
        "print(relaying.attempts, relaying.reports)\n"
    )
    assert printed_by(script, PYTHONHASHSEED="1") == printed_by(script, PYTHONHASHSEED="2")
