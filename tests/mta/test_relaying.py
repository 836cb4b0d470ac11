"""A queue manager carries mail to hosts that fail, run without sockets and with a time that is only a number."""

from __future__ import annotations

import pytest

from smtplab.base.duration import DAY, HOUR
from smtplab.base.seed import Seed
from smtplab.mta.attempt import Action
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.protocol import replies
from smtplab.protocol.grammar import NULL_PATH, Path
from smtplab.protocol.replies import Reply
from support.hosts import mail_host
from support.python import printed_by
from support.relaying import SENDER, Relaying


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
    (report,) = relaying.reports
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
    (warning,) = relaying.reports
    assert not warning.is_bounce
    assert 24 <= len(relaying.attempts) <= 30  # every three hours or a little more
    assert relaying.attempts[-1] - 3 * DAY < 4 * HOUR


def test_a_host_that_stays_down_costs_a_warning_and_a_bounce_after_five_days() -> None:
    relaying = Relaying({})
    relaying.accept(ALICE, BOB)
    relaying.run()
    warning, bounce = relaying.reports
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
    statuses = {str(each.status) for report in relaying.reports for each in report.recipients}
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
    reported = [each for report in relaying.reports for each in report.recipients]
    assert len(relaying.manager.queue) == 0
    assert 0 < len([each for each in reported if each.action is Action.FAILED]) < relaying.ended["failed"]


def test_two_processes_with_different_hash_seeds_have_the_same_history() -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from mta.test_relaying import *\n"
        "relaying = Relaying({}, 7)\n"
        "for number in range(20):\n"
        "    relaying.accept(*(Path('a', f'{host}.example') for host in ('far', 'other', 'no', 'x', 'y')))\n"
        "relaying.run()\n"
        "print(relaying.attempts, relaying.store.messages('someone'))\n"
    )
    assert printed_by(script, PYTHONHASHSEED="1") == printed_by(script, PYTHONHASHSEED="2")
