"""What became of queued mail: outcomes, attempts and delays, as values, a table and a chart."""

from __future__ import annotations

import pytest

from smtplab import Lab, diagrams, tables
from smtplab.lab.deliveries import DELIVERED, DROPPED, FAILED, WAITS, deliveries
from smtplab.mta.queue_events import EntryDropped
from support.drawing import delayed

HOST = "mail.lab.example"


@pytest.fixture(scope="module")
def lab() -> Lab:
    return delayed()


def test_each_entry_has_its_outcome(lab: Lab) -> None:
    found = deliveries(lab.log)
    assert [mail.outcome for mail in found] == [DELIVERED, FAILED, DELIVERED, WAITS]
    assert [mail.recipients for mail in found[:2]] == [("forouzanb@adelphia.net",), ("nobody@adelphia.net",)]
    assert all(mail.host == HOST for mail in found)
    assert found[3].seconds is None
    assert found[0].seconds is not None
    assert 24 * 3600 <= found[0].seconds < 28 * 3600
    assert len(found[0].attempts) == 11


def test_reports_are_left_out_unless_they_are_wanted(lab: Lab) -> None:
    assert {mail.sender for mail in deliveries(lab.log)} == {"alice@lab.example"}
    assert {mail.sender for mail in deliveries(lab.log, reports=True)} == {"alice@lab.example", "<>"}


def test_who_refuses_in_part_makes_the_entry_fail() -> None:
    lab = Lab(queues=True)
    session = lab.telnet(HOST)
    session.send("HELO a.example\nMAIL FROM:<alice@lab.example>\nRCPT TO:<dora@campus.example>")
    session.send("RCPT TO:<nobody@campus.example>\nRCPT TO:<frank@campus.example>\nDATA\n.")
    lab.host("mail.campus.example").mailboxes["frank"].busy = True
    lab.run(minutes=1)
    assert [mail.outcome for mail in deliveries(lab.log)] == [FAILED]
    lab.host("mail.campus.example").mailboxes["frank"].busy = False
    lab.run()
    (mail,) = deliveries(lab.log)
    assert (mail.outcome, len(mail.attempts)) == (FAILED, 2)


def test_what_was_dropped_is_said_to_be() -> None:
    lab = Lab(queues=True)
    lab.telnet(HOST).send("HELO a.example\nMAIL FROM:<>\nRCPT TO:<dora@campus.example>\nDATA\n.")
    manager = lab.host(HOST).queue
    assert manager is not None
    manager.observe(EntryDropped(manager.queue.drop("A000001-1")))
    assert [mail.outcome for mail in deliveries(lab.log)] == [DROPPED]
    assert "dropped on request" in str(lab.log)


def test_the_table_has_a_row_for_each_entry(lab: Lab) -> None:
    table = tables.deliveries(lab)
    assert list(table["outcome"]) == ["delivered", "failed", "delivered", "waits"]
    assert table.loc[(HOST, "A000001-1"), "attempts"] == 11
    assert table["hours"].iloc[3] == 2.0
    assert tables.deliveries(Lab(queues=True)).empty


def test_the_chart_says_the_same_in_words(lab: Lab) -> None:
    words = str(diagrams.delay_chart(lab))
    assert "mail.adelphia.net was down from 6 Aug 10:25:00 until 7 Aug 10:25:00." in words
    assert "and still is." in words
    assert "A000001-1 to forouzanb@adelphia.net: delivered after 1 d" in words
    assert "A000002-1 to nobody@adelphia.net: failed after 1 d" in words
    assert "dora@campus.example: waits, 3 attempts." in words
