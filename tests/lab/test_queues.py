"""A lab whose hosts queue: SMTP is used twice, time passes when it is let pass, and hosts are down for days."""

from __future__ import annotations

import pytest

from smtplab import ConnectionLost, Lab, RetrySchedule, Zone, diagrams
from smtplab.base.duration import MINUTE, parse_duration
from smtplab.lab.internet import LabSession
from smtplab.lab.session import Irrevocable
from smtplab.mta.policy import Policy
from smtplab.mta.queue_events import AttemptStarted
from smtplab.protocol.states import State

HOST, FAR = "mail.lab.example", "mail.adelphia.net"
BOX = "forouzanb@adelphia.net"
TO_FAR = f"MAIL FROM:<alice@lab.example>\nRCPT TO:<{BOX}>\nDATA\nSubject: hello\n\nHi.\n."


@pytest.fixture
def lab() -> Lab:
    return Lab(queues=True)


@pytest.fixture
def ready(lab: Lab) -> LabSession:
    session = lab.telnet(HOST)
    session.send("HELO laptop.example")
    return session


@pytest.fixture
def sent(ready: LabSession) -> LabSession:
    """A message for another host was accepted."""
    ready.send(TO_FAR)
    return ready


def waiting(lab: Lab) -> list[str]:
    return [row.entry.id for row in lab.queue(HOST)]


def test_a_report_that_comes_to_a_list_stays_a_report(lab: Lab, ready: LabSession) -> None:
    ready.send("MAIL FROM:<>\nRCPT TO:<staff@lab.example>\nDATA\nSubject: failed\n\nx\n.")
    lab.run()
    for address in ("bob@lab.example", "dora@campus.example"):
        assert lab.mailbox(address)[-1].startswith(b"Return-Path: <>\r\n")


# Time


def test_a_message_waits_until_time_passes(lab: Lab, sent: LabSession) -> None:
    assert sent.reply is not None
    assert sent.reply.code == 250
    assert waiting(lab) == ["A000001-1"]
    assert (lab.mailbox(BOX), lab.conversations, lab.time) == ([], (), 0.0)
    lab.run()
    assert waiting(lab) == []
    (message,) = lab.mailbox(BOX)
    assert message.count(b"Received: ") == 2
    (conversation,) = lab.conversations
    assert (conversation.client, conversation.server, conversation.queue_id) == (HOST, FAR, "A000001")
    assert str(conversation.transcript).rstrip().rpartition("S: ")[2].startswith("221")


def test_the_clock_of_the_lab_is_that_of_its_hosts(lab: Lab, ready: LabSession) -> None:
    lab.run(days=1, hours=2, minutes=3, seconds=4)
    assert lab.time == 86400 + 2 * 3600 + 3 * 60 + 4
    assert f"{lab.clock:%Y-%m-%d %H:%M:%S}" == "2004-08-07 12:28:04"
    lab.telnet(HOST).send(f"HELO a.example\n{TO_FAR.replace(BOX, 'bob@lab.example')}")
    assert b"Sat, 7 Aug 2004 12:28:04 -0400" in lab.mailbox("bob@lab.example")[0]


@pytest.mark.parametrize("days", [1e12, float("inf"), float("nan"), -1])
def test_a_time_that_no_calendar_has_is_refused(lab: Lab, days: float) -> None:
    with pytest.raises(ValueError, match=r"at most|forward"):
        lab.run(days=days)
    lab.run(days=36_500)


def test_running_an_idle_lab_takes_no_time(lab: Lab) -> None:
    log = lab.run()
    assert (lab.time, len(log)) == (0.0, 0)
    assert "did nothing" in str(log)


@pytest.mark.parametrize(
    "time", [{"minutes": 0}, {"seconds": 0.0}, {"days": 0, "hours": 0, "minutes": 0, "seconds": 0}]
)
def test_running_for_no_time_waits_for_nothing(lab: Lab, sent: LabSession, time: dict[str, float]) -> None:
    lab.down(FAR, hours=1)
    lab.run(**time)
    assert (lab.time, len(lab.queue(HOST)), lab.host(FAR).up) == (0.0, 1, False)


def test_running_without_a_time_is_running_until_nothing_waits(lab: Lab, sent: LabSession) -> None:
    lab.run(minutes=None)
    assert lab.time > 0
    assert len(lab.mailbox(BOX)) == 1


def test_two_labs_with_the_same_seed_do_the_same() -> None:
    def story(seed: int) -> str:
        lab = Lab(queues=True, seed=seed)
        lab.down(FAR, days=1)
        lab.telnet(HOST).send(f"HELO a.example\n{TO_FAR}")
        lab.run()
        return str(lab.log)

    assert story(1) == story(1) != story(2)


def test_a_session_that_is_silent_for_too_long_gets_421(lab: Lab, ready: LabSession) -> None:
    lab.run(minutes=4)
    ready.send("NOOP")
    lab.run(minutes=4, seconds=59)
    assert not ready.closed
    lab.run(seconds=1)
    reply = ready.poll()
    assert reply is not None
    assert reply.code == 421
    assert ready.closed


def test_a_host_may_wait_for_ever(lab: Lab) -> None:
    lab.host(HOST).policy = Policy(idle_seconds=float("inf"))
    session = lab.telnet(HOST)
    lab.run(days=30)
    assert not session.closed


def test_sessions_time_out_in_the_order_of_their_last_words(lab: Lab, ready: LabSession) -> None:
    lab.run(minutes=2)
    second = lab.telnet(HOST)
    lab.run(minutes=4)
    assert (ready.poll() is not None, second.poll() is None) == (True, True)


# Hosts go down and come back


def test_a_host_that_is_down_comes_up_by_itself(lab: Lab, sent: LabSession) -> None:
    lab.down(FAR, days=3)
    lab.run(hours=71)
    assert (lab.mailbox(BOX), lab.host(FAR).up) == ([], False)
    lab.run(hours=1)
    assert lab.host(FAR).up
    lab.run()
    assert len(lab.mailbox(BOX)) == 1
    assert 3 * 86400 <= lab.time < 3 * 86400 + 4 * 3600
    (warning,) = lab.mailbox("alice@lab.example")
    assert b"Subject: Your mail is delayed" in warning


def test_a_host_stays_down_until_it_is_brought_up(lab: Lab, sent: LabSession) -> None:
    lab.down(FAR, hours=1)
    lab.down(FAR)
    lab.run(days=2)
    assert not lab.host(FAR).up
    lab.up(FAR)
    lab.run()
    assert len(lab.mailbox(BOX)) == 1


def test_a_host_that_is_down_for_no_time_is_up_again_at_once(lab: Lab, ready: LabSession) -> None:
    lab.down(HOST, minutes=0)
    reply = ready.poll()
    assert reply is not None
    assert reply.code == 421
    assert lab.telnet(HOST).send("NOOP").code == 250
    (outage,) = lab.outages
    assert outage.began == outage.ended == lab.clock


def test_a_host_brought_up_by_hand_does_not_come_up_again(lab: Lab) -> None:
    lab.down(FAR, hours=2)
    lab.up(FAR)
    lab.down(FAR)
    lab.run(hours=3)
    assert not lab.host(FAR).up


def test_a_host_goes_on_with_its_queue_when_it_is_up_again(lab: Lab, sent: LabSession) -> None:
    lab.down(HOST, hours=5)
    reply = sent.poll()
    assert reply is not None
    assert reply.code == 421
    lab.run(hours=4)
    assert waiting(lab) == ["A000001-1"]
    lab.run()
    assert len(lab.mailbox(BOX)) == 1


def test_who_is_away_for_too_long_causes_a_bounce(lab: Lab, sent: LabSession) -> None:
    lab.down(FAR)
    lab.run()
    assert 5 * 86400 <= lab.time < 6 * 86400
    warning, bounce = lab.mailbox("alice@lab.example")
    assert b"Subject: Undelivered mail" in bounce
    assert b"Subject: Your mail is delayed" in warning


def test_an_unknown_recipient_at_the_next_host_causes_a_bounce_at_once(lab: Lab, ready: LabSession) -> None:
    ready.send(TO_FAR.replace("forouzanb", "nobody"))
    assert ready.reply is not None
    assert ready.reply.code == 250
    lab.run()
    (bounce,) = lab.mailbox("alice@lab.example")
    assert b"Final-Recipient: rfc822; nobody@adelphia.net" in bounce
    assert lab.time < 10


def test_no_host_bounces_a_bounce(lab: Lab, ready: LabSession) -> None:
    ready.send(TO_FAR.replace("forouzanb", "nobody").replace("alice@lab.example", ""))
    log = lab.run()
    assert "no report is sent, because the reverse-path is null" in str(log)
    why = str(lab.why("A000001"))
    assert "failed for nobody@adelphia.net" in why
    assert "no report is sent, because the reverse-path is null" in why
    assert "A000002" not in why


# Links, zone and schedule


def test_a_link_takes_its_time(lab: Lab, sent: LabSession) -> None:
    lab.link(HOST, FAR, latency=10.0)
    lab.run(seconds=25)
    assert lab.conversations[0].transcript.last_exchange is None
    lab.run()
    assert lab.time > 60


@pytest.mark.parametrize("other", [HOST, HOST.upper(), "192.0.2.25"])
def test_a_link_joins_two_hosts(lab: Lab, other: str) -> None:
    with pytest.raises(ValueError, match="two hosts"):
        lab.link(HOST, other, latency=1.0)


def test_another_zone_changes_the_route(lab: Lab, sent: LabSession) -> None:
    hosts = {name: lab.zone.addresses(name) for name in lab.host_names}
    lab.zone = Zone(mx={"adelphia.net": [(10, FAR), (20, "mail.campus.example")]}, hosts=hosts)
    lab.down(FAR)
    lab.run(minutes=1)
    assert waiting(lab) == []
    assert [row.entry.next_hop for row in lab.queue("mail.campus.example")] == ["adelphia.net"]


def test_the_schedule_says_when_the_next_attempt_comes() -> None:
    lab = Lab(queues=True, schedule=RetrySchedule.of(["1 min"], jitter=0, expires_after="3 min"))
    lab.down(FAR)
    lab.telnet(HOST).send(f"HELO a.example\n{TO_FAR}")
    lab.run()
    starts = [each.time for each in lab.log if isinstance(each.event, AttemptStarted) and each.id == "A000001-1"]
    assert [round((time - starts[0]).total_seconds()) for time in starts] == [0, 60, 120, 180]


# What there is to see


def test_a_queue_shows_what_waits_and_what_comes_next(lab: Lab, sent: LabSession) -> None:
    lab.down(FAR)
    lab.run(minutes=1)
    view = lab.queue(HOST)
    (row,) = view
    assert row.cells == (
        "A000001-1", "1 min", "alice@lab.example", BOX, "adelphia.net", "1", row.due,
        f"{FAR} does not answer; the host is down",
    )  # fmt: skip
    assert 29 * MINUTE <= parse_duration(row.due) <= 33 * MINUTE
    assert "1 entry waits" in str(view)
    assert "Attempt 2 to reach adelphia.net is due in" in str(view)
    html = view._repr_html_()
    assert '<th scope="col"' in html
    assert "is down" in html
    assert "Attempt 2" in html
    assert len(lab.queue(FAR)) == 0
    assert "empty" in str(lab.queue(FAR))
    assert "<table" not in lab.queue(FAR)._repr_html_()


def test_an_attempt_that_is_under_way_is_shown_as_such(lab: Lab, sent: LabSession) -> None:
    lab.link(HOST, FAR, latency=10.0)
    lab.run(seconds=5)
    (row,) = lab.queue(HOST)
    assert row.due == "under way"
    assert "attempt 1 to reach adelphia.net" in str(lab.log)  # it has not ended
    lab.run()
    assert "attempt 1 to reach adelphia.net" not in str(lab.log)


def test_a_long_log_is_shown_without_its_middle(lab: Lab, sent: LabSession) -> None:
    lab.down(FAR, days=4)
    log = lab.run()
    assert len(log) > 50
    assert len(str(log).splitlines()) == 8 + 1 + 4 + 1  # and the summary
    assert " more" in str(log)
    assert " more" in log._repr_html_()
    assert log[0].words == "attempt 1 to reach adelphia.net"


def test_in_plain_python_what_the_lab_answers_reads_as_its_text(lab: Lab, sent: LabSession) -> None:
    for answer in (lab.run(minutes=1), lab.queue(HOST), lab.why("A000001"), sent.why(), lab.zone):
        assert repr(answer) == str(answer)


def test_why_says_what_the_queue_does_next(lab: Lab, sent: LabSession) -> None:
    assert "Attempt 1 to reach adelphia.net is due now" in sent.why().lines["queue"]
    assert "queue" not in lab.telnet(HOST).why().lines
    lab.down(FAR)
    lab.run(minutes=1)
    assert "Attempt 2 to reach adelphia.net is due in" in sent.why().lines["queue"]
    lab.up(FAR)
    lab.run()
    assert "queue" not in sent.why().lines


def test_why_tells_the_story_of_a_message_at_every_host(lab: Lab, ready: LabSession) -> None:
    ready.send(TO_FAR.replace("forouzanb", "nobody"))
    assert "due now" in str(lab.why("A000001"))
    lab.run()
    told = str(lab.why("a000001-1", HOST))
    assert "failed for nobody@adelphia.net" in told
    assert "bounce A000002 to alice@lab.example" in told
    assert "delivered: alice@lab.example" in str(lab.why("A000002"))
    assert "<div>" in lab.why("A000002")._repr_html_()
    with pytest.raises(LookupError, match="A000001, A000002"):
        lab.why("A000001", FAR)


# Undo and fork


def test_undo_takes_a_message_from_the_queue(lab: Lab, sent: LabSession) -> None:
    assert not sent.irrevocable
    sent.undo()
    assert (waiting(lab), len(lab.log)) == ([], 0)
    assert sent.lab.host(HOST).queue is not None
    sent.send(TO_FAR)
    assert waiting(lab) == ["A000001-1"]
    lab.run()
    assert len(lab.mailbox(BOX)) == 1


def test_undo_of_the_last_line_alone_takes_the_message_from_the_queue(lab: Lab, ready: LabSession) -> None:
    *lines, dot = TO_FAR.split("\n")
    for line in lines:
        ready.send(line)
    ready.send(dot)
    ready.undo()
    assert (waiting(lab), len(lab.log)) == ([], 0)
    assert ready.send(dot).code == 250  # type: ignore[union-attr]
    assert waiting(lab) == ["A000001-1"]


def test_undo_leaves_the_queued_mail_of_other_sessions(lab: Lab, sent: LabSession) -> None:
    other = lab.telnet(HOST)
    other.send(f"HELO a.example\n{TO_FAR}")
    sent.undo()
    assert waiting(lab) == ["A000002-1"]
    assert {each.id for each in lab.log} == {"A000002-1"}


def test_a_step_before_time_passed_cannot_be_undone(lab: Lab, sent: LabSession) -> None:
    lab.run(seconds=1)
    assert "passed" in sent.irrevocable
    assert not sent.can_undo()
    with pytest.raises(Irrevocable, match="passed"):
        sent.undo()
    sent.send("NOOP")
    sent.undo()
    sent.send("NOOP")
    with pytest.raises(Irrevocable):
        sent.undo(2)


def test_a_step_is_undone_if_no_time_has_passed_because_nothing_was_left_to_do(lab: Lab, ready: LabSession) -> None:
    ready.send("MAIL FROM:<alice@lab.example>")
    lab.run()
    assert ready.undo().state is State.READY


def test_the_future_can_be_tried_in_a_fork(lab: Lab, sent: LabSession) -> None:
    fork = sent.fork()
    fork.lab.down(FAR)
    fork.lab.run()
    assert len(fork.lab.mailbox("alice@lab.example")) == 2
    assert (lab.time, lab.host(FAR).up, waiting(lab), len(lab.log)) == (0.0, True, ["A000001-1"], 1)
    lab.run()
    assert len(lab.mailbox(BOX)) == 1
    assert len(fork.lab.mailbox(BOX)) == 0


def test_a_host_that_is_down_for_a_time_comes_up_in_the_fork_alone(lab: Lab, sent: LabSession) -> None:
    lab.down(FAR, hours=1)
    fork = sent.fork()
    fork.lab.run(hours=2)
    assert fork.lab.host(FAR).up
    assert not lab.host(FAR).up


def test_a_fork_undoes_in_its_own_queue(lab: Lab, sent: LabSession) -> None:
    fork = sent.fork()
    fork.undo()
    assert (waiting(fork.lab), waiting(lab)) == ([], ["A000001-1"])


def test_a_copy_of_a_lab_with_a_host_down_brings_its_own_host_up(lab: Lab, sent: LabSession) -> None:
    lab.down(FAR, hours=1)
    fork = sent.fork()
    fork.lab.run(hours=2)
    assert (fork.lab.host(FAR).up, lab.host(FAR).up) == (True, False)


# Labs without queues


def test_in_a_lab_without_queues_hosts_can_be_down_and_no_time_passes() -> None:
    lab = Lab()
    lab.down(FAR)
    with pytest.raises(ConnectionLost):
        lab.telnet(FAR)
    lab.up(FAR)
    lab.telnet(FAR).close()
    assert (lab.time, lab.has_queues) == (0.0, False)
    assert f"{lab.clock:%Y-%m-%d}" == "2004-08-06"
    for act in (lab.run, lambda: lab.queue(HOST), lambda: lab.down(FAR, hours=0), lambda: lab.zone, lambda: lab.log):
        with pytest.raises(ValueError, match="queues=True"):
            act()
    assert lab.host(FAR).up


# Pictures: both uses of SMTP, retries and bounces


def later(session: LabSession) -> list[tuple[str, bool]]:
    """The calls that queues have made because of a session: who was called, and True if nobody answered."""
    return [(call.conversation.server, call.is_unanswered) for call in session.conversation.calls if call.is_later]


def test_a_conversation_has_the_later_calls_of_the_queue(lab: Lab, sent: LabSession) -> None:
    other = lab.telnet(HOST)
    other.send(f"HELO a.example\n{TO_FAR}")
    lab.down(FAR, minutes=40)
    sent.send("QUIT")
    lab.run()
    assert later(sent) == [(FAR, True), (FAR, True), (FAR, False)]
    assert later(other) == later(sent)
    assert {call.row for call in sent.conversation.calls} == {len(sent.transcript)}


def test_a_call_has_its_place_in_time(lab: Lab, sent: LabSession) -> None:
    lab.run(seconds=10)
    rows = len(sent.transcript)
    sent.send("QUIT")
    (call,) = sent.conversation.calls
    assert call.row == rows < len(sent.transcript)


def test_a_ladder_shows_retries_once_and_the_bounce(lab: Lab, ready: LabSession) -> None:
    ready.send(TO_FAR.replace("forouzanb", "nobody").replace("alice@lab", "dora@campus"))
    lab.down(FAR, days=1)
    lab.run()
    words = str(diagrams.ladder(ready))
    assert "2. After 0 s, from the queue: mail.lab.example calls mail.adelphia.net, 5 times." in words
    assert "C: Subject: Your mail is delayed" in words
    assert "5. After 1 d" in words
    assert "S: 550 5.1.1" in words
    assert "from the queue: mail.lab.example calls mail.campus.example." in words
    assert "C: Subject: Undelivered mail returned to sender" in words
    assert "waits" not in words
    assert "After 0 s," in diagrams.ladder(ready).svg


def test_a_topology_shows_routes_queues_and_both_uses_of_smtp(lab: Lab, sent: LabSession) -> None:
    words = str(diagrams.topology(sent))
    assert (
        "It queues mail for adelphia.net to mail.adelphia.net and for campus.example to mail.campus.example." in words
    )
    assert "In its queue: 1 entry." in words
    lab.down(FAR, days=1)
    lab.run()
    words = str(diagrams.topology(sent))
    assert "(10 attempts)" in words
    assert "3. mail.lab.example to mail.adelphia.net, from <alice@lab.example>" in words
    assert "It is in the mailbox forouzanb on mail.adelphia.net." in words
    assert "In its queue" not in words


def test_a_bounce_is_not_the_message(lab: Lab, ready: LabSession) -> None:
    ready.send(TO_FAR.replace("forouzanb", "nobody").replace("alice@lab", "dora@campus"))
    lab.run()
    words = str(diagrams.topology(ready))
    assert "from <> for <dora@campus.example> (250). Taken" in words
    assert "It is in no mailbox." in words


def test_a_message_is_followed_through_a_second_queue(lab: Lab, sent: LabSession) -> None:
    hosts = {name: lab.zone.addresses(name) for name in lab.host_names}
    lab.zone = Zone(mx={"adelphia.net": [(10, FAR), (20, "mail.campus.example")]}, hosts=hosts)
    lab.down(FAR, hours=1)
    lab.run()
    assert later(sent)[1] == ("mail.campus.example", False)
    assert later(sent)[-1] == (FAR, False)
    (message,) = lab.mailbox(BOX)
    assert message.count(b"Received: ") == 3


def test_each_of_two_messages_in_a_session_has_its_own_route(lab: Lab, sent: LabSession) -> None:
    sent.send(TO_FAR.replace(BOX, "bob@lab.example"))
    sent.send(TO_FAR.replace(BOX, "dora@campus.example"))
    lab.run()
    assert "2. mail.lab.example to mail.adelphia.net" in str(diagrams.topology(sent, message=0))
    assert "2. " not in str(diagrams.topology(sent, message=1)).partition("route")[2]
    assert "2. mail.lab.example to mail.campus.example" in str(diagrams.topology(sent, message=2))


def test_undo_takes_the_later_calls_from_the_conversation(lab: Lab, sent: LabSession) -> None:
    sent.undo()
    sent.send(TO_FAR.replace(BOX, "bob@lab.example"))
    other = lab.telnet(HOST)
    other.send(f"HELO a.example\n{TO_FAR}")
    lab.run()
    assert later(sent) == []


# Faults


def test_a_lost_250_makes_a_duplicate(lab: Lab, sent: LabSession) -> None:
    lab.fault("lose the 250 after the dot once", FAR)
    lab.run(minutes=6)
    assert len(lab.mailbox(BOX)) == 1
    assert "same" in str(lab.log)
    assert "twice" in str(lab.queue(HOST))
    lab.run()
    first, second = lab.mailbox(BOX)
    assert first.partition(b"Received: from laptop")[2] == second.partition(b"Received: from laptop")[2]


def test_a_fault_may_be_at_every_host_and_can_be_removed(lab: Lab, ready: LabSession) -> None:
    lab.fault("reply 451 to RCPT")
    for name in lab.host_names:
        session = lab.telnet(name)
        session.send("HELO a.example\nMAIL FROM:<>\nRCPT TO:<postmaster>")
        assert session.reply is not None
        assert session.reply.code == 451
    lab.mend(FAR)
    lab.mend("mail.campus.example")
    ready.send(TO_FAR)
    lab.run()
    assert len(lab.mailbox(BOX)) == 1
    lab.mend()
    assert not any(host.faults for host in lab.hosts)


def test_a_fault_that_was_removed_and_added_again_begins_anew(lab: Lab) -> None:
    for _ in range(2):
        lab.fault("reply 451 to RCPT once", HOST)
        session = lab.telnet(HOST)
        session.send("HELO a.example\nMAIL FROM:<>\nRCPT TO:<bob@lab.example>")
        assert session.reply is not None
        assert session.reply.code == 451
        lab.mend(HOST)


def test_a_fault_that_is_not_understood_is_refused(lab: Lab) -> None:
    with pytest.raises(ValueError, match="fault"):
        lab.fault("make it slow")


def test_a_delay_by_a_fault_takes_time_and_is_not_undone(lab: Lab) -> None:
    lab.fault("delay replies by 30 s", HOST)
    session = lab.telnet(HOST)
    before = lab.time
    session.send("NOOP")
    assert lab.time == before + 30
    with pytest.raises(Irrevocable):
        session.undo()


def test_the_faults_of_a_host_stay_after_undo(lab: Lab) -> None:
    lab.fault("reply 451 to RCPT once", HOST)
    session = lab.telnet(HOST)
    session.send("HELO a.example\nMAIL FROM:<>")
    codes = []
    for _ in range(2):
        session.send("RCPT TO:<bob@lab.example>")
        codes.append(None if session.reply is None else session.reply.code)
        session.undo()
    assert codes == [451, 250]
