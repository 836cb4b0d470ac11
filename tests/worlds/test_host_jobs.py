"""Hosts with queues on a virtual clock: SMTP is used twice, and one of the two hosts is away for days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from smtplab.base.duration import DAY, HOUR, MINUTE
from smtplab.base.seed import Seed
from smtplab.client.session import DeliverySession
from smtplab.mta.bounce import read_report
from smtplab.mta.directory import Directory
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.queue_ids import QueueIds
from smtplab.mta.queue_manager import QueueManager, QueueSettings
from smtplab.mta.spool import MemorySpool
from smtplab.mta.store import MemoryStore
from smtplab.mta.task import DiskTask, Job
from smtplab.mta.zone import Zone
from smtplab.protocol.grammar import Path
from smtplab.worlds.connections import connect
from smtplab.worlds.host_jobs import HostJobs
from smtplab.worlds.virtual import Host, Link, World

ZONE = Zone(
    mx={"far.example": [(10, "mx.far.example")]},
    hosts={"near.example": ["192.0.2.1"], "mx.far.example": ["192.0.2.2"]},
)


class TwoHosts:
    def __init__(self, link: Link | None = None) -> None:
        self.world = World(link=link)
        self.begin = datetime(2026, 11, 30, tzinfo=UTC)
        self.near, self.near_jobs = self.start("near.example", "192.0.2.1", "near.example")
        self.far, self.far_jobs = self.start("mx.far.example", "192.0.2.2", "far.example")

    def start(self, name: str, address: str, domain: str) -> tuple[Host, HostJobs]:
        clock, ids = self.world.clock(self.begin), QueueIds()
        manager = QueueManager(name, ZONE, MemorySpool(), QueueSettings(seed=Seed(1).fork(name)), clock=clock, ids=ids)
        directory = Directory(domain, ["alice"])
        handler = MailHost(directory, MemoryStore(), queue=manager)
        host = self.world.add(Host(name, address, handler, Policy()))
        return host, HostJobs(self.world, host, manager)

    def send(self, recipient: str) -> None:
        session = DeliverySession("laptop.example")
        session.open()
        call = connect(self.world, session, "near.example")
        self.world.run(lambda: not session.busy)
        session.deliver(Path("alice", "near.example"), [Path.parse(f"<{recipient}>")], b"Subject: x\r\n\r\nx\r\n")
        call.run()
        self.world.run(lambda: not session.busy)
        session.leave()
        call.run()

    def mail_of(self, host: Host) -> list[bytes]:
        assert isinstance(host.handler, MailHost)
        return list(host.handler.store.messages("alice"))

    def now(self) -> int:
        return self.world.scheduler.now


def test_mail_is_carried_to_the_second_host() -> None:
    hosts = TwoHosts()
    hosts.send("alice@far.example")
    hosts.world.run()
    (content,) = hosts.mail_of(hosts.far)
    assert content.count(b"Received:") == 2
    assert hosts.now() < DAY  # the last event is a deadline that was not needed


def test_the_second_host_is_away_for_three_days() -> None:
    hosts = TwoHosts(Link(0.030))
    hosts.far.up = False
    hosts.send("alice@far.example")
    hosts.world.run(lambda: hosts.now() >= 3 * DAY)
    assert hosts.mail_of(hosts.far) == []
    hosts.far.up = True
    hosts.world.run(lambda: bool(hosts.mail_of(hosts.far)))
    assert 3 * DAY <= hosts.now() < 3 * DAY + 4 * HOUR
    (warning,) = map(read_report, hosts.mail_of(hosts.near))
    assert not warning.is_bounce


def test_an_unknown_recipient_is_reported_to_the_sender() -> None:
    hosts = TwoHosts()
    hosts.send("nobody@far.example")
    hosts.world.run()
    (bounce,) = map(read_report, hosts.mail_of(hosts.near))
    assert bounce.recipients[0].address == "nobody@far.example"


def test_a_host_that_is_down_starts_nothing_until_it_is_up_again() -> None:
    hosts = TwoHosts()
    hosts.far.up = False
    hosts.send("alice@far.example")
    hosts.world.advance(20 * MINUTE)
    hosts.near.up, hosts.far.up = False, True
    hosts.world.advance(5 * DAY)
    assert hosts.mail_of(hosts.far) == []
    hosts.near.up = True
    hosts.near_jobs.look()
    hosts.world.advance(MINUTE)
    assert hosts.now() == 5 * DAY + 21 * MINUTE
    assert len(hosts.mail_of(hosts.far)) == 1


def test_a_start_is_brought_forward() -> None:
    hosts = TwoHosts()
    hosts.far.up = False
    hosts.send("alice@far.example")
    hosts.world.advance(20 * MINUTE)  # the next attempt is due after half an hour
    hosts.far.up = True
    manager = hosts.near.handler.queue  # type: ignore[union-attr]
    (entry,) = manager.queue
    manager.retry(entry.id)
    hosts.world.advance(0)
    hosts.world.advance(0)
    assert len(hosts.mail_of(hosts.far)) == 1


def test_octets_take_the_time_that_the_bandwidth_gives_them() -> None:
    slow, fast = TwoHosts(Link(0.0, 1_000)), TwoHosts()
    for hosts in (slow, fast):
        hosts.send("alice@far.example")
        while not hosts.mail_of(hosts.far):
            hosts.world.scheduler.step()
    assert fast.now() == 0
    assert 1_000_000 < slow.now() < 3_000_000  # some 700 octets for the first session, and as many for the second


def test_a_job_runs_until_its_session_has_ended() -> None:
    hosts = TwoHosts(Link(0.030))
    hosts.send("alice@far.example")
    hosts.world.run(lambda: bool(hosts.mail_of(hosts.far)))
    assert hosts.near_jobs.running == 1
    hosts.world.run()
    assert hosts.near_jobs.running == 0


def test_a_job_that_breaks_ends_alone_and_its_host_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    hosts = TwoHosts()
    ended: list[str] = []

    def broken() -> Job:
        yield DiskTask(lambda: None)
        raise RuntimeError("a slip")

    def broken_on_disk() -> Job:
        yield DiskTask(lambda: 1 // 0)
        return None

    def good() -> Job:
        ended.append((yield DiskTask(lambda: "good")))  # type: ignore[arg-type]
        return None

    class Source:
        wake: Callable[[], None] = staticmethod(lambda: None)  # type: ignore[assignment]

        def __init__(self) -> None:
            self.jobs = [broken, broken_on_disk, good]

        def next_in(self) -> int | None:
            return 5 if self.jobs else None

        def start_due(self) -> list[Job]:
            return [self.jobs.pop(0)()]

        def stop(self) -> None:
            pass

    jobs = HostJobs(hosts.world, hosts.near, Source())
    hosts.world.run()
    assert ended == ["good"]
    assert jobs.running == 0
    assert caplog.text.count("a job of the host broke") == 2
