"""The attempts of a session with a next hop: one after the other, also when one breaks; and local mail."""

from __future__ import annotations

from typing import Any

import pytest

from smtplab.base.duration import MINUTE
from smtplab.mta.directory import Directory, Mailbox
from smtplab.mta.queue_entry import LOCAL, QueueEntry
from smtplab.mta.queue_events import AttemptSettled, Queued, ReportSuppressed
from smtplab.protocol.grammar import NULL_PATH, Path
from support.relaying import CONTENT, SENDER, Relaying, failing

ALICE = Path("alice", "far.example")
SOMEONE = Path("someone", "near.example")


def test_messages_for_one_host_share_a_session(relaying: Relaying) -> None:
    greeted: list[str] = []
    host = relaying.hosts["far.example"]
    greet = host.connect

    def connect(session: Any) -> Any:
        greeted.append(session.peer)
        return greet(session)

    host.connect = connect  # type: ignore[method-assign]
    for _ in range(25):  # more than the limit of sessions, so the last five wait for one
        relaying.accept(ALICE)
    relaying.run()
    assert (len(host.store.messages("alice")), len(greeted)) == (25, 20)  # type: ignore[attr-defined]


def test_a_message_that_cannot_be_read_is_tried_later(relaying: Relaying, monkeypatch: pytest.MonkeyPatch) -> None:
    relaying.accept(ALICE)
    with monkeypatch.context() as patch:
        patch.setattr(relaying.spool, "content", failing)
        relaying.run(until=lambda: len(relaying.manager.queue.active) == 0 and bool(relaying.attempts))
    (entry,) = relaying.manager.queue
    assert "the disk is broken" in entry.last[0].words
    relaying.run()
    assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]


def test_an_attempt_that_breaks_is_tried_later_and_logged(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    relaying.accept(ALICE)
    with monkeypatch.context() as patch:
        patch.setattr(relaying.manager, "transmit", lambda *arguments: 1 / 0)
        relaying.run(until=lambda: bool(relaying.attempts))
    assert "ZeroDivisionError" in caplog.text
    relaying.run()
    assert relaying.attempts[1] >= 30 * MINUTE
    assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]


def test_an_attempt_that_breaks_after_its_end_is_not_ended_twice(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    relaying.accept(ALICE)
    monkeypatch.setattr(relaying.manager, "another", lambda next_hop: 1 / 0)
    relaying.run()
    assert "ZeroDivisionError" in caplog.text
    assert relaying.ended == {"relayed": 1}


def test_an_attempt_whose_end_breaks_too_keeps_no_session(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    relaying.accept(ALICE)
    with monkeypatch.context() as patch:
        patch.setattr(relaying.manager, "transmit", lambda *arguments: 1 / 0)
        patch.setattr(relaying.manager, "settle", lambda *arguments: 1 / 0)
        relaying.run(until=lambda: bool(relaying.attempts))
    assert relaying.manager.queue.active == ()
    relaying.run()
    assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]


def test_an_attempt_that_has_ended_is_not_ended_again_although_what_follows_breaks_too(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    relaying.accept(ALICE)
    with monkeypatch.context() as patch:
        patch.setattr(relaying.manager, "transmit", lambda *arguments: 1 / 0)
        patch.setattr(relaying.manager, "_tell", lambda *arguments: 1 / 0)
        relaying.run(until=lambda: bool(relaying.attempts))
    assert "broke, too" in caplog.text
    (entry,) = relaying.manager.queue
    assert (entry.attempts, relaying.manager.queue.active) == (1, ())


def test_an_observer_that_breaks_ends_no_attempt_twice(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    observe = relaying.manager.observe

    def broken(event: Any) -> None:
        observe(event)
        if isinstance(event, AttemptSettled):
            raise OSError("nobody reads this")

    relaying.accept(ALICE)
    with monkeypatch.context() as patch:
        patch.setattr(relaying.manager, "transmit", lambda *arguments: 1 / 0)
        relaying.manager.observe = broken
        relaying.run(until=lambda: bool(relaying.attempts))
    assert "nobody reads this" in caplog.text
    relaying.manager.observe = observe
    relaying.run()
    assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]


def test_a_message_that_cannot_be_read_does_not_stop_those_behind_it(
    relaying: Relaying, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(22):
        relaying.accept(ALICE)
    read, calls = relaying.spool.content, iter(range(100))
    monkeypatch.setattr(relaying.spool, "content", lambda queue_id: failing() if next(calls) == 1 else read(queue_id))
    relaying.run(until=lambda: len(relaying.manager.queue) == 1 and not relaying.manager.queue.active)
    assert len(relaying.hosts["far.example"].store.messages("alice")) == 21  # type: ignore[attr-defined]


class TestLocalMail:
    def deliver(self, relaying: Relaying, name: str, sender: Path = NULL_PATH) -> QueueEntry:
        relaying.accept(Path(name, "near.example"), sender=sender)
        (entry,) = relaying.manager.queue
        relaying.run(until=lambda: any(isinstance(event, AttemptSettled) for event in relaying.events))
        return entry

    def test_it_is_stored(self, relaying: Relaying) -> None:
        assert self.deliver(relaying, "someone").next_hop == LOCAL
        assert relaying.store.messages("someone") == [b"Return-Path: <>\r\n" + CONTENT]

    def test_an_unknown_name_fails(self, relaying: Relaying) -> None:
        self.deliver(relaying, "nobody", SENDER)
        relaying.run()
        (report,) = relaying.reports
        assert [str(each.status) for each in report.recipients] == ["5.1.1"]

    def test_a_busy_mailbox_delays(self, relaying: Relaying) -> None:
        relaying.host.directory = Directory("near.example", [Mailbox("busy", busy=True)])
        self.deliver(relaying, "busy")
        (entry,) = relaying.manager.queue
        assert str(entry.last[0].status) == "4.2.0"

    def test_a_broken_disk_delays(self, relaying: Relaying) -> None:
        relaying.store.read_only = True
        self.deliver(relaying, "someone")
        (entry,) = relaying.manager.queue
        assert "read-only" in entry.last[0].words

    def test_the_members_of_a_list_get_copies_from_its_owner(self, relaying: Relaying) -> None:
        relaying.host.directory = Directory(
            "near.example", ["someone", "owner"], lists={"list": ["someone", "alice@far.example"]}
        )
        self.deliver(relaying, "list", SENDER)
        (expanded,) = [event.entries for event in relaying.events if isinstance(event, Queued)][1:]
        assert [(str(each.sender), each.next_hop) for each in expanded] == [
            ("<postmaster@near.example>", "far.example")
        ]
        relaying.run()
        assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]
        assert relaying.store.messages("someone")[0].startswith(b"Return-Path: <postmaster@near.example>")

    def test_a_report_stays_one_for_the_members_of_a_list(self, relaying: Relaying) -> None:
        lists = {"list": ["someone", "nobody@far.example"]}
        relaying.host.directory = Directory("near.example", ["someone"], lists=lists)
        self.deliver(relaying, "list", NULL_PATH)
        relaying.run()
        (stored,) = relaying.store.messages("someone")
        assert stored.startswith(b"Return-Path: <>")
        assert relaying.ended == {"failed": 1}
        assert any(isinstance(event, ReportSuppressed) for event in relaying.events)

    def test_mail_for_a_domain_that_has_become_the_hosts_own_is_delivered_here(self, relaying: Relaying) -> None:
        del relaying.hosts["far.example"]
        relaying.accept(ALICE)
        relaying.run(until=lambda: len(relaying.manager.queue.active) == 0 and bool(relaying.attempts))
        relaying.host.directory = Directory(["near.example", "far.example"], ["someone", "alice"])
        relaying.run()
        assert len(relaying.store.messages("alice")) == 1
        assert not relaying.reports

    def test_mail_for_a_domain_that_is_no_longer_the_hosts_own_is_sent_on(self, relaying: Relaying) -> None:
        entry = QueueEntry("Q1-1", "Q1", SENDER, (SOMEONE, ALICE), LOCAL, relaying.manager.now, relaying.manager.now)
        draft = relaying.spool.begin((entry,))
        draft.write(CONTENT)
        relaying.spool.commit(draft)
        relaying.manager.add((entry,))
        relaying.run()
        assert len(relaying.store.messages("someone")) == 1
        assert len(relaying.hosts["far.example"].store.messages("alice")) == 1  # type: ignore[attr-defined]

    def test_a_spool_that_fails_delays_those_alone_who_are_sent_on(self, relaying: Relaying) -> None:
        relaying.host.directory = Directory("near.example", ["someone"], aliases={"away": ["alice@far.example"]})
        relaying.accept(SOMEONE, Path("away", "near.example"))
        relaying.spool.capacity_octets = relaying.spool.octets
        relaying.run(until=lambda: any(isinstance(event, AttemptSettled) for event in relaying.events))
        (entry,) = relaying.manager.queue
        assert [str(path) for path in entry.recipients] == ["<away@near.example>"]
        relaying.spool.capacity_octets = None
        relaying.run()
        assert len(relaying.store.messages("someone")) == 1

    def test_a_host_without_mailboxes_tries_it_later(self, relaying: Relaying) -> None:
        relaying.manager.entries("X", {SENDER: [SOMEONE]})
        relaying.accept(SOMEONE)
        relaying.manager.local = None
        relaying.run(until=lambda: any(isinstance(event, AttemptSettled) for event in relaying.events))
        (entry,) = relaying.manager.queue
        assert "no mailboxes" in entry.last[0].words
