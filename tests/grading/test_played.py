"""Hosts with queues are played on a clock of their own, the same way each time."""

from __future__ import annotations

from smtplab.base.duration import DAY, HOUR, MINUTE
from smtplab.grading.exercises.played import PlayedHost, PlayedWorld
from smtplab.mta.directory import Directory
from smtplab.mta.queue_manager import QueueSettings
from smtplab.mta.retry_schedule import RetrySchedule
from smtplab.mta.zone import Zone

ZONE = Zone(
    mx={"far.example": [(10, "mx.far.example")]}, hosts={"near.example": ["192.0.2.1"], "mx.far.example": ["192.0.2.2"]}
)
TEXT = b"Subject: x\r\n\r\nx\r\n"


def two_hosts(settings: QueueSettings | None = None) -> tuple[PlayedWorld, PlayedHost, PlayedHost]:
    world = PlayedWorld()
    near = world.add("near.example", "192.0.2.1", Directory(["near.example"], ["ann"]), ZONE, settings)
    far = world.add("mx.far.example", "192.0.2.2", Directory(["far.example"], ["bob"]), ZONE)
    return world, near, far


def test_a_message_is_in_the_mailbox_of_the_second_host() -> None:
    world, near, far = two_hosts()
    assert world.send("near.example", "ann@near.example", "bob@far.example", TEXT).code == 250
    world.advance(MINUTE)
    assert [mail.count(b"Received:") for mail in far.mail("bob")] == [2]
    assert near.mail("ann") == ()
    assert world.now == MINUTE


def test_the_reply_to_a_recipient_that_is_refused_is_returned() -> None:
    world, *_ = two_hosts()
    assert world.send("near.example", "ann@near.example", "bob@nowhere.example", TEXT).code == 550
    assert world.send("near.example", "ann@near.example", "nobody@near.example", TEXT).code == 550


def test_a_host_that_goes_up_goes_on_with_its_queue() -> None:
    world, near, far = two_hosts()
    far.host.up = False
    world.send("near.example", "ann@near.example", "bob@far.example", TEXT)
    world.advance(MINUTE)
    near.host.up, far.host.up = False, True
    world.advance(DAY)
    assert far.mail("bob") == ()
    near.go_up()
    world.advance(MINUTE)
    assert len(far.mail("bob")) == 1


def test_a_host_follows_the_schedule_that_it_is_given() -> None:
    schedule = RetrySchedule.of(["2 h"], jitter=0)
    world, _, far = two_hosts(QueueSettings(schedule))
    far.host.up = False
    world.send("near.example", "ann@near.example", "bob@far.example", TEXT)
    world.advance(HOUR)
    far.host.up = True
    world.advance(HOUR - MINUTE)
    assert far.mail("bob") == ()
    world.advance(2 * MINUTE)
    assert len(far.mail("bob")) == 1


def test_two_plays_leave_the_same_octets() -> None:
    found = []
    for _ in range(2):
        world, _, far = two_hosts()
        world.send("near.example", "ann@near.example", "bob@far.example", TEXT)
        world.advance(MINUTE)
        found.append(far.mail("bob"))
    assert found[0] == found[1]
