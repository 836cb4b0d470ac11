from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from smtplab.base.duration import DAY
from smtplab.mta.bounce import ReportedMessage, read_report, write_report
from smtplab.mta.directory import Directory
from smtplab.mta.queue import QueueError
from smtplab.mta.queue_entry import QueueEntry
from smtplab.mta.queue_events import AttemptSettled, EntryDropped, Origin, Queued, Reported
from smtplab.mta.spool import SpoolDraft
from smtplab.mta.store import LocalError, MemoryDraft
from smtplab.mta.task import DiskTask
from smtplab.mta.zone import Zone
from smtplab.protocol.grammar import NULL_PATH, Path
from support.hosts import carry_out, in_memory, mail_host
from support.relaying import BEGIN, CONTENT, Relaying, failing

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALICE, NOBODY = Path("alice", "far.example"), Path("nobody", "far.example")
SOMEONE = Path("someone", "near.example")


def test_a_message_is_in_the_spool_until_its_last_recipient_is_done_with(relaying: Relaying) -> None:
    relaying.accept(ALICE, Path("x", "other.example"))
    relaying.run(until=lambda: len(relaying.manager.queue) == 1)
    assert relaying.spool.octets == len(CONTENT)
    assert [entry.next_hop for entry in relaying.spool.load()] == ["other.example"]
    relaying.run()
    assert (relaying.spool.octets, tuple(relaying.spool.load())) == (0, ())


def test_a_restart_goes_on_with_what_the_spool_has() -> None:
    before = Relaying({})
    before.accept(ALICE)
    before.run(until=lambda: before.now > DAY)
    (entry,) = before.spool.load()
    assert entry.attempts > 5
    host = mail_host(domain="far.example")
    after = Relaying({"far.example": host}, spool=before.spool)
    after.now = before.now
    after.manager.restore()
    after.run()
    assert len(host.store.messages("alice")) == 1
    assert BEGIN + timedelta(microseconds=after.now) == EPOCH + timedelta(microseconds=entry.due)
    (restored,) = [event for event in after.events if isinstance(event, Queued)]
    assert (restored.origin, restored.entries) == (Origin.RESTORED, (entry,))


def test_failed_recipients_stay_in_the_queue_while_no_report_can_be_written(
    relaying: Relaying, caplog: pytest.LogCaptureFixture
) -> None:
    relaying.accept(ALICE, NOBODY)
    relaying.spool.capacity_octets = relaying.spool.octets
    with caplog.at_level(logging.WARNING):
        relaying.run(until=lambda: len(relaying.attempts) == 2)
    assert "could not be written" in caplog.text
    (entry,) = relaying.manager.queue
    assert (entry.recipients, relaying.reports) == ((NOBODY,), [])
    assert relaying.ended == {"relayed": 1}  # watchers know who has the message already, and so does the spool
    assert list(relaying.spool.load()) == [entry]
    relaying.spool.capacity_octets = None
    relaying.run()
    (report,) = relaying.reports
    assert [each.address for each in report.recipients] == ["nobody@far.example"]
    assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]


def test_failed_recipients_stay_in_the_queue_after_it_has_expired_too() -> None:
    relaying = Relaying({})
    relaying.accept(ALICE)
    relaying.run(until=lambda: relaying.now > 4 * DAY)
    relaying.spool.capacity_octets = 0
    relaying.run(until=lambda: relaying.now > 6 * DAY)
    assert [entry.recipients for entry in relaying.manager.queue] == [(ALICE,)]
    relaying.spool.capacity_octets = None
    relaying.run()
    assert [report.is_bounce for report in relaying.reports] == [False, True]


@pytest.mark.parametrize("broken", ["update", "remove"])
def test_a_spool_that_cannot_be_changed_does_not_stop_the_queue(
    broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    host = mail_host(domain="far.example")
    relaying = Relaying({})
    relaying.accept(ALICE)
    monkeypatch.setattr(relaying.spool, broken, failing)
    relaying.run(until=lambda: bool(relaying.attempts))
    relaying.hosts["far.example"] = host
    with caplog.at_level(logging.WARNING):
        relaying.run()
    assert len(host.store.messages("alice")) == 1
    assert "the disk is broken" in caplog.text or broken == "update"


def test_the_sender_of_a_message_that_is_lost_is_told(relaying: Relaying, monkeypatch: pytest.MonkeyPatch) -> None:
    relaying.accept(ALICE)
    lost = next(iter(relaying.spool.load())).queue_id
    read = relaying.spool.content
    monkeypatch.setattr(relaying.spool, "content", lambda queue_id: failing() if queue_id == lost else read(queue_id))
    relaying.run()
    assert [report.is_bounce for report in relaying.reports] == [False, True]
    assert "the disk is broken" in relaying.reports[1].explanation.replace("\n    ", " ")


def test_a_report_that_breaks_goes_without_the_message(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def write(message: ReportedMessage, *rest: Any) -> bytes:
        if message.content:
            raise LookupError("no such charset")
        return write_report(message, *rest)

    monkeypatch.setattr("smtplab.mta.queue_manager.write_report", write)
    relaying.accept(NOBODY)
    relaying.run()
    (report,) = relaying.reports
    assert [each.address for each in report.recipients] == ["nobody@far.example"]
    assert "no such charset" in caplog.text


def test_mail_is_accepted_dropped_and_delivered_although_every_observer_breaks(
    relaying: Relaying, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*arguments: object) -> None:
        raise OSError("nobody reads this")

    woken: list[bool] = []
    relaying.manager.wake = lambda: woken.append(True)
    relaying.manager.observe = relaying.host.observe_stored = broken
    client = in_memory(relaying.host)
    client.reply()
    lines = ("EHLO client.example", "MAIL FROM:<a@near.example>", "RCPT TO:<alice@far.example>", "DATA", "x\r\n.")
    assert client.say(*lines).startswith("250 ")
    assert woken == [True]
    relaying.accept(NOBODY)
    dropped = list(relaying.manager.queue)[-1]
    carry_out(relaying.manager.drop(dropped.id), relaying.world())
    relaying.run()
    assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]
    assert len(relaying.manager.queue) == 0
    assert caplog.text.count("OSError: nobody reads this") >= 5


def test_a_report_is_queued_although_an_observer_breaks(relaying: Relaying) -> None:
    observe = relaying.manager.observe

    def broken(event: Any) -> None:
        observe(event)
        if isinstance(event, Reported):
            raise OSError("nobody reads this")

    relaying.manager.observe = broken
    relaying.accept(NOBODY)
    relaying.run()
    assert len(relaying.reports) == 1


def test_an_entry_can_be_dropped_and_nobody_is_told(relaying: Relaying) -> None:
    relaying.hosts.clear()
    relaying.accept(ALICE)
    relaying.run(until=lambda: bool(relaying.attempts))
    (entry,) = relaying.manager.queue
    carry_out(relaying.manager.drop(entry.id), relaying.world())
    assert (len(relaying.manager.queue), tuple(relaying.spool.load()), relaying.reports) == (0, (), [])
    assert relaying.events[-1] == EntryDropped(entry)
    with pytest.raises(QueueError):
        carry_out(relaying.manager.drop(entry.id), relaying.world())


def test_an_entry_that_the_disk_does_not_let_go_stays_in_the_queue(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch
) -> None:
    relaying.accept(ALICE)
    (entry,) = relaying.manager.queue
    woken: list[bool] = []
    relaying.manager.wake = lambda: woken.append(True)
    with monkeypatch.context() as patch:
        patch.setattr(relaying.spool, "remove", failing)
        with pytest.raises(LocalError, match="the disk is broken"):
            carry_out(relaying.manager.drop(entry.id), relaying.world())
    assert (tuple(relaying.manager.queue), woken) == ((entry,), [True])
    assert not any(isinstance(event, EntryDropped) for event in relaying.events)
    relaying.run()
    assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]


def test_while_the_disk_lets_an_entry_go_no_attempt_of_it_starts(relaying: Relaying) -> None:
    relaying.accept(ALICE)
    (entry,) = relaying.manager.queue
    drop = relaying.manager.drop(entry.id)
    task = next(drop)
    assert relaying.manager.start_due() == []
    with pytest.raises(QueueError):
        next(relaying.manager.drop(entry.id))
    with pytest.raises(QueueError):
        relaying.manager.retry(entry.id)
    assert isinstance(task, DiskTask)
    with pytest.raises(StopIteration):
        drop.send(task.outcome())
    assert len(relaying.manager.queue) == 0


def test_a_drop_that_is_abandoned_leaves_the_entry_in_the_queue(relaying: Relaying) -> None:
    relaying.accept(ALICE)
    (entry,) = relaying.manager.queue
    drop = relaying.manager.drop(entry.id)
    next(drop)
    drop.close()
    assert [attempt.entry for attempt in relaying.manager.queue.due(relaying.manager.now)] == [entry]


def test_an_entry_whose_report_fails_is_written_before_anybody_can_touch_it(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch
) -> None:
    active: list[bool] = []
    update = relaying.spool.update

    def watched(entry: QueueEntry) -> None:
        active.append(relaying.manager.queue.attempt_of(entry.id) is not None)
        update(entry)

    relaying.accept(NOBODY)
    monkeypatch.setattr(relaying.spool, "update", watched)
    relaying.spool.capacity_octets = 0
    relaying.run(until=lambda: any(isinstance(event, AttemptSettled) for event in relaying.events))
    assert active == [True]
    (entry,) = relaying.manager.queue
    assert tuple(relaying.spool.load()) == (entry,)


def test_an_entry_can_be_tried_at_once(relaying: Relaying) -> None:
    host = relaying.hosts.pop("far.example")
    relaying.accept(ALICE)
    relaying.run(until=lambda: bool(relaying.attempts))
    relaying.hosts["far.example"] = host
    woken: list[bool] = []
    relaying.manager.wake = lambda: woken.append(True)
    (entry,) = relaying.manager.queue
    relaying.manager.retry(entry.id)
    assert relaying.manager.next_in() == 0
    relaying.run()
    assert (relaying.now, woken) == (0, [True])


def test_a_bounce_that_fails_is_dropped(relaying: Relaying) -> None:
    relaying.accept(Path("x", "nowhere.example"), sender=NULL_PATH)
    relaying.run()
    assert (relaying.dropped, relaying.reports) == (1, [])


def test_nothing_to_add_wakes_nobody(relaying: Relaying) -> None:
    relaying.manager.wake = failing
    relaying.manager.restore()
    assert relaying.events == []


def test_a_report_is_written_out_in_pieces(relaying: Relaying, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[bytes] = []

    def write(draft: SpoolDraft, chunk: bytes) -> Callable[[], None]:
        MemoryDraft.write(draft, chunk)
        return lambda: steps.append(chunk)

    monkeypatch.setattr(SpoolDraft, "write", write)
    relaying.accept(NOBODY)
    relaying.run()
    assert (len(relaying.reports), len(steps)) == (1, 1)


def test_a_stopped_queue_starts_nothing(relaying: Relaying) -> None:
    relaying.accept(ALICE)
    relaying.manager.stop()
    assert (relaying.manager.next_in(), relaying.manager.start_due()) == (None, ())
    assert relaying.manager.another("far.example") is None
    assert len(tuple(relaying.spool.load())) == 1


class TestHost:
    """`MailHost` with a queue."""

    def say(self, relaying: Relaying, *recipients: str) -> list[str]:
        client = in_memory(relaying.host)
        client.reply()
        lines = ["EHLO client.example", "MAIL FROM:<someone@near.example>"]
        lines += [f"RCPT TO:<{recipient}>" for recipient in recipients]
        lines += ["DATA", "Subject: x\r\n\r\nx\r\n."]
        return [str(client.say(line)) for line in lines]

    def test_a_message_for_elsewhere_is_in_the_spool_before_250(self, relaying: Relaying) -> None:
        committed: list[str] = []
        commit = relaying.spool.commit

        def watch(draft: SpoolDraft) -> None:
            commit(draft)
            committed.append(draft.entries[0].next_hop)

        relaying.spool.commit = watch  # type: ignore[method-assign]
        assert "250" in self.say(relaying, "alice@far.example", "someone@near.example")[-1]
        assert committed == ["far.example"]
        assert len(relaying.store.messages("someone")) == 1
        relaying.run()
        (content,) = relaying.hosts["far.example"].store.messages("alice")  # type: ignore[attr-defined]
        assert content.count(b"Received:") == 2

    def test_a_full_spool_is_452_and_nobody_has_a_copy(self, relaying: Relaying) -> None:
        relaying.spool.capacity_octets = 10
        assert "452" in self.say(relaying, "alice@far.example", "someone@near.example")[-1]
        assert (len(relaying.manager.queue), relaying.store.messages("someone")) == (0, [])

    def test_a_broken_store_takes_the_message_out_of_the_spool(self, relaying: Relaying) -> None:
        relaying.store.read_only = True
        assert "451" in self.say(relaying, "alice@far.example", "someone@near.example")[-1]
        assert (len(relaying.manager.queue), tuple(relaying.spool.load())) == (0, ())

    def test_a_domain_that_takes_no_mail_is_refused_at_once(self, relaying: Relaying) -> None:
        assert "556" in self.say(relaying, "x@nomail.example")[2]
        assert "550" in self.say(relaying, "x@nowhere.example")[2]

    def test_one_member_without_a_route_does_not_keep_the_others_from_their_mail(self, relaying: Relaying) -> None:
        members = ["someone", "x@nomail.example"]
        relaying.host.directory = Directory("near.example", ["someone"], aliases={"both": members})
        assert "250" in self.say(relaying, "both@near.example")[-1]
        relaying.run()
        copy, report = relaying.store.messages("someone")
        assert b"Subject: x" in copy
        assert [str(each.status) for each in read_report(report).recipients] == ["5.1.10"]

    def test_a_zone_may_change(self, relaying: Relaying) -> None:
        relaying.manager.zone = Zone(hosts={"new.example": ["192.0.2.99"]})
        assert "250" in self.say(relaying, "x@new.example")[2]


def test_the_host_that_is_tried_first_has_a_name(relaying: Relaying) -> None:
    assert relaying.manager.first_exchanger("far.example") == "far.example"
    assert relaying.manager.first_exchanger("nowhere.example") == ""


def test_a_bounce_does_not_say_that_the_host_tries_again(relaying: Relaying) -> None:
    relaying.accept(NOBODY)
    relaying.run()
    (bounce,) = relaying.reports
    assert bounce.is_bounce
    assert "It tries until" not in bounce.explanation
