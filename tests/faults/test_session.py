"""Scripted faults in the virtual world: what a client of ours reports, and that the same seed does the same again."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from smtplab.base.duration import HOUR, MINUTE, SECOND
from smtplab.base.seed import Seed
from smtplab.client.outcomes import ClientError, ConnectionLost, Delivery, OutcomeUnknown, ServiceRefused
from smtplab.client.session import DeliverySession
from smtplab.faults.admission import session_for
from smtplab.faults.judge import FaultJudge
from smtplab.faults.plan import FaultPlan
from smtplab.faults.session import FaultySession
from smtplab.mta.directory import Directory
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.session import ServerSession
from smtplab.mta.store import MemoryStore
from smtplab.mta.task import Job, on_disk
from smtplab.protocol.extensions import LONGEST_LINE
from smtplab.protocol.replies import IDLE_TIMEOUT as IDLE
from smtplab.protocol.replies import OK
from smtplab.transcript import Side
from smtplab.worlds.connections import connect
from smtplab.worlds.memory import MemoryStream, Network
from smtplab.worlds.virtual import Host, Link, World
from support.hosts import mail_host
from support.odd_faults import ODD_SERVERS, Odd
from support.python import printed_by

Octets = list[tuple[Side, bytes, float]]
"""What was said on a connection: by whom, what, and after how many seconds."""

HOST = "mail.lab.example"
START = datetime(2026, 11, 30, 8, tzinfo=UTC)
CONTENT = b"Subject: x\r\n\r\n" + b"Good morning.\r\n" * 150
PEOPLE = ("alice@lab.example", "bob@lab.example")


@contextmanager
def traced_memory() -> Iterator[Callable[[], int]]:
    """Trace memory; what it gives returns the most octets that were taken at a time."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Record:
    """A record of a connection."""

    def __init__(self) -> None:
        self.octets: Octets = []

    def feed(self, side: Side, data: bytes, seconds: float, names: Any = ()) -> None:
        self.octets.append((side, data, seconds))

    def fail(self, error: ConnectionLost) -> None: ...

    def interrupt(self, inner: Any) -> None: ...


def still_host() -> MailHost:
    """Return a host whose clock stands still, so that it says the same in every run."""
    return MailHost(Directory(["lab.example"], ("alice", "bob")), MemoryStore(), clock=lambda: START)


def world_with(*faults: str, seed: int = 0, octets_per_second: int = 0) -> World:
    world = World(link=Link(0.03, octets_per_second))
    plan = FaultPlan.of(faults, Seed(seed)) if faults else None
    world.add(Host(HOST, "192.0.2.25", still_host(), Policy(), faults=plan))
    return world


class Caller:
    """A client that has called the host; its `outcome` is the error, if there was one."""

    def __init__(self, world: World) -> None:
        self.record = Record()
        self.outcome: ClientError | None = None
        self._world = world
        self._session = DeliverySession("me.example", server=HOST)
        self._session.open()
        self._end = connect(world, self._session, HOST, record=self.record)
        self._run()

    def deliver(self, recipients: tuple[str, ...] = PEOPLE) -> Delivery | ClientError:
        """Deliver a message, and return how that ended."""
        if self.outcome is not None:
            return self.outcome
        self._session.deliver("me@far.example", recipients, CONTENT)
        self._end.run()
        return self._run()

    def quit(self) -> None:
        """End the session, if it has not ended."""
        if self.outcome is None:
            self._session.quit()
            self._end.run()
            self._run()

    def _run(self) -> Any:
        self._world.run(lambda: not self._session.busy)
        try:
            return self._session.outcome()
        except ClientError as error:
            self.outcome = error
            return error


def deliver(world: World, recipients: tuple[str, ...] = PEOPLE) -> tuple[Delivery | ClientError, Octets]:
    """Deliver a message in a session of its own, and return how it ended."""
    caller = Caller(world)
    outcome = caller.deliver(recipients)
    caller.quit()
    return outcome, caller.record.octets


def kept(world: World) -> int:
    return len(world.find(HOST).handler.store.messages("alice"))  # type: ignore[union-attr]


def reported(outcome: Delivery | ClientError) -> str:
    """Return what a client reports, as `Odd.reports` has it."""
    if isinstance(outcome, ClientError):
        return f"{type(outcome).__name__}: {outcome}"
    codes = " ".join(str(reply.code) for _, reply in outcome.recipient_replies)
    end = "-" if outcome.reply is None else outcome.reply.code
    unanswered = f"; unanswered {len(outcome.unanswered)}" if outcome.unanswered else ""
    return f"MAIL {outcome.sender_reply.code}; RCPT {codes}; end {end}{unanswered}"


@pytest.mark.parametrize("odd", ODD_SERVERS.values(), ids=ODD_SERVERS)
def test_a_client_reports_what_an_odd_server_did(odd: Odd) -> None:
    expected = (odd.reports,) if isinstance(odd.reports, str) else odd.reports
    world = world_with(*odd.faults, seed=7)
    others = [Caller(world) for _ in range(odd.others)]
    assert all(other.outcome is None for other in others)
    reports = []
    caller = None
    for number in range(len(expected)):
        if odd.hours or caller is None:
            world.advance(number * odd.hours * HOUR + MINUTE - world.scheduler.now)
            caller = Caller(world)
        reports.append(reported(caller.deliver()))
        if odd.hours or number == len(expected) - 1:
            caller.quit()
    for report, wanted in zip(reports, expected, strict=True):
        kind, colon, words = wanted.partition(": ")
        assert report == wanted or (colon and report.startswith(kind) and words in report), reports
    assert kept(world) == (odd.kept if odd.kept >= 0 else sum("end 250" in report for report in reports))


@pytest.mark.parametrize("odd", ODD_SERVERS.values(), ids=ODD_SERVERS)
def test_the_same_seed_gives_the_same_octets_at_the_same_times(odd: Odd) -> None:
    first, second = (deliver(world_with(*odd.faults, seed=7))[1] for _ in range(2))
    assert first == second


def test_two_processes_with_different_hash_seeds_see_the_same_octets() -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from faults.test_session import *\n"
        "for odd in ODD_SERVERS.values():\n"
        "    print(deliver(world_with(*odd.faults, 'cut at MAIL with probability 0.5', seed=7))[1][-40:])\n"
    )
    assert printed_by(script, PYTHONHASHSEED="1") == printed_by(script, PYTHONHASHSEED="2") != ""


@pytest.mark.parametrize("fault", ["cut after {} s", "reset after {} s"])
def test_who_is_cut_off_before_the_message_has_left_knows_that_nobody_has_it(fault: str) -> None:
    cut_off = [deliver(world_with(fault.format(age), octets_per_second=200))[0] for age in (8, 60)]
    assert type(cut_off[0]) is ConnectionLost
    assert reported(cut_off[1]).endswith("end 250")


@pytest.mark.parametrize("fault", ["cut after the 354", "reset after the 354"])
def test_no_message_goes_out_on_a_connection_that_ended_with_the_354(fault: str) -> None:
    outcome, octets = deliver(world_with(fault))
    assert type(outcome) is ConnectionLost
    assert b"".join(data for side, data, _ in octets if side is Side.CLIENT).endswith(b"DATA\r\n")


def test_a_host_without_faults_has_a_plain_session() -> None:
    assert type(session_for(None, mail_host(), Policy(), "")) is ServerSession
    assert type(session_for(FaultPlan(), mail_host(), Policy(), "")) is ServerSession
    assert type(world_with().find(HOST).session("")) is ServerSession


def test_it_has_the_whole_interface_of_a_session() -> None:
    session = session_for(FaultPlan.of(["a wrong code"]), mail_host(), Policy(), "")
    assert isinstance(session, FaultySession)
    for_a_layer = {"is_turned", "refusal", "refuse_connection"}  # for what is around a session, such as faults
    names = {name for name in dir(ServerSession) if not name.startswith("_")}
    assert {name for name in names if not hasattr(session, name)} == for_a_layer


@pytest.mark.parametrize(
    ("fault", "kind", "word", "copies"),
    [
        ("cut after 1,000 octets of DATA", (ConnectionLost, OutcomeUnknown), "", 0),
        ("lose the 250 after the dot", OutcomeUnknown, "", 1),
        ("cut before the 250 to the dot", OutcomeUnknown, "", 1),
        ("cut at the dot", OutcomeUnknown, "", 0),
        ("421 above 0 sessions", (ServiceRefused, ConnectionLost), "421", 0),
        ("reset at MAIL", ConnectionLost, "reset", 0),
        ("reset after the reply to MAIL", ConnectionLost, "reset", 0),
        ("cut after the reply to MAIL", ConnectionLost, "closed", 0),
        ("refuse connections", ConnectionLost, "refuses", 0),
        ("hang at MAIL", ConnectionLost, "300 s", 0),
        ("half-close at MAIL", ConnectionLost, "closed", 0),
        ("half-close after RCPT", ConnectionLost, "closed", 0),
        ("an endless continuation to MAIL", ConnectionLost, "", 0),
        ("a wrong code", ConnectionLost, "999", 0),
    ],
)
def test_a_client_reports_what_happened(fault: str, kind: Any, word: str, copies: int) -> None:
    world = world_with(fault)
    outcome, _ = deliver(world)
    assert isinstance(outcome, kind), outcome
    assert word in str(outcome)
    assert kept(world) == copies


@pytest.mark.parametrize(
    ("fault", "codes", "copies"),
    [
        ("reply 451 to the second RCPT", [250, 451], 1),
        ("452 above 1 recipient", [250, 452], 1),
        ('reply 550 "No" to RCPT containing "bob"', [250, 550], 1),
        ('reply 550 "No" to RCPT not containing "ALICE"', [250, 550], 1),
        ("reply 550 to RCPT on the second connection", [250, 250], 1),
        ("one-octet writes", [250, 250], 1),
        ("delay replies by 30 s", [250, 250], 1),
        ("read 100 octets a second", [250, 250], 1),
    ],
)
def test_a_delivery_has_the_replies_of_the_script(fault: str, codes: list[int], copies: int) -> None:
    world = world_with(fault)
    outcome, _ = deliver(world)
    assert isinstance(outcome, Delivery)
    assert [reply.code for _, reply in outcome.recipient_replies] == codes
    assert kept(world) == copies


@pytest.mark.parametrize(("fault", "code"), [("reply 552 to the dot", 552), ("552 above 1,000 octets of DATA", 552)])
def test_a_message_that_is_refused_is_not_kept(fault: str, code: int) -> None:
    world = world_with(fault)
    outcome, _ = deliver(world)
    assert isinstance(outcome, Delivery)
    assert outcome.reply is not None
    assert (outcome.reply.code, kept(world)) == (code, 0)


def test_greylisting_refuses_a_triplet_for_its_time() -> None:
    world = world_with("greylist for 5 min")
    first, _ = deliver(world)
    second, _ = deliver(world)
    world.scheduler.after(5 * MINUTE, lambda: None)
    world.run()
    third, _ = deliver(world)
    assert [outcome.complete for outcome in (first, second, third) if isinstance(outcome, Delivery)] == [
        False, False, True,
    ]  # fmt: skip


def test_a_host_is_down_between_two_times() -> None:
    world = world_with("down from 2 h to 5 h")
    outcomes = []
    for _ in range(3):
        outcomes.append(isinstance(deliver(world)[0], Delivery))
        world.scheduler.after(3 * HOUR, lambda: None)
        world.run()
    assert outcomes == [True, False, True]


def test_a_delay_takes_its_time() -> None:
    quick, _ = deliver(world := world_with())
    before = world.time
    slow, _ = deliver(later := world_with("delay replies by 30 s"))
    assert isinstance(quick, Delivery)
    assert isinstance(slow, Delivery)
    assert later.time - before == pytest.approx(7 * 30, abs=31)


def test_a_fault_comes_once_and_then_no_more() -> None:
    world = world_with("lose the 250 after the dot once")
    assert isinstance(deliver(world)[0], OutcomeUnknown)
    assert isinstance(deliver(world)[0], Delivery)
    assert kept(world) == 2


def test_another_fault_does_not_move_the_draws_of_the_first() -> None:
    fault = "cut at MAIL with probability 0.5"

    def fates(*faults: str) -> list[bool]:
        world = world_with(*faults, seed=3)
        return [isinstance(deliver(world)[0], Delivery) for _ in range(12)]

    alone = fates(fault)
    assert len(set(alone)) == 2
    assert fates("delay replies by 1 s to 9 s with probability 0.5", fault) == alone


def test_a_copy_of_a_plan_goes_on_by_itself() -> None:
    plan = FaultPlan.of(["refuse every second connection"])
    assert plan.connect("") is not None
    copied = deepcopy(plan)
    assert plan.connect("") is None
    assert copied.connect("") is None


def test_a_client_held_by_hand_waits_for_a_late_reply() -> None:
    network = Network()
    network.add(Host(HOST, "192.0.2.25", mail_host(), Policy()))
    network.fault(HOST, "delay replies by 30 s")
    stream = network.dial(HOST)
    with pytest.raises(TimeoutError):
        stream.receive(10)
    assert stream.receive(60).startswith(b"220")
    assert network.time == 30


def test_a_client_held_by_hand_sees_a_reset() -> None:
    network = Network()
    network.add(Host(HOST, "192.0.2.25", mail_host(), Policy()))
    network.fault(HOST, "swallow HELO")
    network.fault(HOST, "reset at EHLO")
    stream = network.dial(HOST)
    stream.receive()
    stream.send(b"EHLO me\r\n")
    with pytest.raises(ConnectionResetError):
        stream.receive()


# The session alone


class Driven:
    """A session that is driven by hand, on a clock of its own."""

    def __init__(self, *faults: str, policy: Policy | None = None, handler: Handler | None = None) -> None:
        self.now = 0
        self.plan = FaultPlan.of(faults, Seed(1))
        self.plan.begin(lambda: self.now, 21 * HOUR)
        session = session_for(self.plan, handler or mail_host(), policy or Policy(), "192.0.2.1")
        assert session is not None
        self.session: Any = session
        self.session.start()

    def hear(self) -> bytes:
        """Return what the session says until it waits for more than its own pauses."""
        heard = b""
        while True:
            while self.session.task is not None:
                self.session.finish(self.session.task.outcome())
            heard += self.session.data_to_send()
            if self.session.halted:
                self.session.go_on()
            elif self.session.stalled and self.session.pause is not None:
                self.session.timed_out()
            else:
                return heard

    def say(self, *lines: bytes) -> bytes:
        """Return the reply to the last of some lines."""
        heard = self.hear()
        for line in lines:
            self.session.receive(line + b"\r\n")
            heard = self.hear()
        return heard


MAIL = (b"EHLO me", b"MAIL FROM:<a@b.example>")
TO = (*MAIL, b"RCPT TO:<alice@lab.example>", b"DATA")


@pytest.mark.parametrize(
    ("fault", "lines", "code"),
    [
        ('421 for client "192.0.2.1"', (), b"421"),
        ('421 for client "192.0.2.2"', (), b"220"),
        ("421 from 20:00 to 22:00", (), b"421"),
        ("421 from 22:00 to 6:00", (), b"220"),
        ("421 from 20:00 to 6:00", (), b"421"),
        ("421 on the first 2 connections", (), b"421"),
        ("421 on every second connection", (), b"220"),
        ("421 on the second connection", (), b"220"),
        ("421 until 2 h", (), b"421"),
        ("421 above 0 sessions of a client", (), b"421"),
        ("451 at the first 2 attempts of a triplet", (*MAIL, b"RCPT TO:<alice@lab.example>"), b"451"),
        ("reply 501 to every command", (b"",), b"501"),
        ("reply 501 to every second command", (b"NOOP", b"NOOP"), b"501"),
        ("lose the 354 to DATA", (*TO, b"x", b"."), b"250"),
        ("reply 554 to the dot", (*TO, b"x", b"."), b"554"),
        ("reply 354 to DATA", (*MAIL, b"DATA", b"x", b"."), b"554"),
    ],
)
def test_a_condition_decides(fault: str, lines: tuple[bytes, ...], code: bytes) -> None:
    assert Driven(fault).say(*lines)[:3] == code


def test_a_message_that_the_host_expects_not_may_be_refused_by_a_fault() -> None:
    driven = Driven("reply 354 to DATA", "reply 452 to the dot")
    assert driven.say(*MAIL, b"DATA", b"x", b".")[:3] == b"452"


def test_a_message_that_the_kernel_refuses_gets_the_reply_of_the_fault() -> None:
    driven = Driven("reply 452 to the dot", policy=Policy(strict=True))
    assert driven.say(*TO, b"a\nb", b".")[:3] == b"452"


def test_an_overlong_line_gets_500() -> None:
    driven = Driven("a wrong code in the reply to QUIT")
    driven.say()
    driven.session.receive(b"x" * 70_000)
    assert driven.say(b"y")[:3] == b"500"


def test_the_end_of_the_client_ends_the_session() -> None:
    for fault in ("a wrong code", "hang at EHLO", "an endless continuation to EHLO"):
        driven = Driven(fault)
        driven.hear()
        driven.session.receive(b"EHLO me\r\n")
        driven.session.data_to_send()
        driven.session.receive(b"")
        driven.session.data_to_send()
        assert driven.session.closed, fault


def test_a_host_that_shuts_down_says_421_unless_it_hangs() -> None:
    for fault, said in (("delay the reply to EHLO by 30 s", b"421"), ("hang at EHLO", b"")):
        driven = Driven(fault)
        driven.hear()
        driven.session.receive(b"EHLO me\r\n") if said == b"" else None
        driven.hear()
        driven.session.timed_out()
        driven.session.hang_up(IDLE)
        assert driven.hear()[:3] == said
        assert driven.session.closed
        driven.session.timed_out()


def test_after_turn_the_host_is_the_client() -> None:
    host = mail_host()
    host.turn = lambda session: OK  # type: ignore[method-assign]
    driven = Driven("lose the reply to HELP", handler=host)
    assert driven.say(b"EHLO me", b"TURN")[:3] == b"250"
    driven.session.receive(b"220 me ready\r\n")
    assert driven.hear() == b"HELO lab.example\r\n"


def driven_to_the_end_of_a_message(*faults: str) -> Driven:
    """Return a session whose message has ended and whose task has not."""
    driven = Driven(*faults)
    driven.say(*TO)
    driven.session.receive(b"x\r\n.\r\n")
    assert driven.session.task is not None
    return driven


def test_an_abandoned_task_gets_451() -> None:
    driven = driven_to_the_end_of_a_message("a wrong code in the reply to QUIT")
    driven.session.abandon_task()
    assert driven.hear()[:3] == b"451"


def test_a_message_under_way_gets_its_reply_before_the_421_of_a_host_that_shuts_down() -> None:
    driven = driven_to_the_end_of_a_message("a wrong code in the reply to QUIT")
    driven.session.hang_up(IDLE)
    assert driven.session.data_to_send() == b""
    assert [line[:3] for line in driven.hear().splitlines()] == [b"250", b"421"]
    assert driven.session.closed


def test_what_it_shows_is_the_state_of_the_host() -> None:
    driven = Driven("lose the reply to HELP")
    driven.say(*MAIL)
    session = driven.session
    assert (session.helo, session.esmtp, session.peer, session.utf8) == ("me", True, "192.0.2.1", False)
    assert session.envelope is not None
    session.abandon()
    assert session.closed
    session.receive(b"x")
    assert session.awaits is None


def test_a_session_ends_at_an_age_while_its_client_is_silent() -> None:
    driven = Driven("cut after 2 s")
    driven.hear()
    assert driven.session.awaits == 2
    driven.now = 2_000_000
    driven.session.timed_out()
    driven.hear()
    assert driven.session.closed


def test_an_idle_client_gets_421_unless_the_last_reply_was_lost() -> None:
    for fault, said in (("a wrong code in the reply to QUIT", b"421"), ("lose the reply to NOOP", b"")):
        driven = Driven(fault)
        driven.say(b"NOOP")
        driven.session.timed_out()
        assert driven.hear()[:3] == said
        assert driven.session.closed


@pytest.mark.parametrize("ends", [lambda stream: stream.close(), lambda stream: None], ids=["closed", "dropped"])
def test_the_sessions_of_a_client_are_counted_while_somebody_holds_them(ends: Callable[[MemoryStream], None]) -> None:
    network = Network()
    network.add(Host(HOST, "192.0.2.25", mail_host(), Policy()))
    first, _other = network.dial(HOST), network.dial(HOST, peer="192.0.2.9")
    network.fault(HOST, "421 above 1 session of a client")
    assert network.dial(HOST).receive().startswith(b"421")
    ends(first)
    del first
    assert network.dial(HOST).receive().startswith(b"220")


def test_a_command_that_takes_its_time_is_answered_after_it_through_the_faults() -> None:
    class Slow(Handler):
        def rcpt(self, *arguments: Any) -> Job:
            return on_disk(lambda: OK)

    driven = Driven('reply 251 "elsewhere" to RCPT', handler=Slow("lab.example"))
    driven.say(*MAIL)
    driven.session.receive(b"RCPT TO:<alice@lab.example>\r\n")
    assert driven.session.data_to_send() == b""
    assert driven.hear() == b"251 elsewhere\r\n"


def test_of_two_ages_the_lower_one_ends_the_session() -> None:
    driven = Driven("hang after 2 h", "cut after 2 s", "reset after 5 s")
    driven.hear()
    driven.now = 2_000_000
    driven.session.timed_out()
    driven.hear()
    assert (driven.session.closed, driven.session.was_reset) == (True, False)


def test_a_session_that_was_too_old_amid_a_pause_ends_after_it() -> None:
    driven = Driven("delay the reply to NOOP by 3 s", "cut after 2 s")
    driven.hear()
    driven.session.receive(b"NOOP\r\n")
    driven.session.data_to_send()
    driven.now = 3_000_000
    driven.session.timed_out()
    assert driven.session.data_to_send()[:3] == b"250"
    assert driven.session.awaits == 0


@pytest.mark.parametrize("pause", ["", "lose the 354 to DATA"])
def test_octets_are_counted_anew_in_each_message(pause: str) -> None:
    driven = Driven("552 above 100 octets of DATA", *filter(None, [pause]))
    again = TO[1:]
    codes = [driven.say(*lines, b"x" * 60, b".")[:3] for lines in (TO, again, again)]
    assert codes == [b"250"] * 3
    assert driven.say(*again, b"x" * 100, b".")[:3] == b"552"


def test_a_fault_amid_the_message_that_does_not_happen_is_not_looked_at_again() -> None:
    driven = Driven("cut after 10 octets of DATA with probability 0")
    heard = driven.say(*TO, b"x" * 60, b"x" * 60, b".")
    assert heard[:3] == b"250"
    assert not driven.session.closed


# Memory


def test_an_endless_reply_takes_no_more_memory_the_longer_it_lasts() -> None:
    driven = Driven("an endless continuation to EHLO")
    driven.hear()
    driven.session.receive(b"EHLO me\r\n")

    def read(chunks: int) -> int:
        octets = 0
        for _ in range(chunks):
            octets += len(driven.session.data_to_send())
            driven.session.timed_out()
        return octets

    read(10)
    with traced_memory() as peak:
        assert read(300) > 1_500_000
        assert peak() < 200_000


def test_a_client_takes_an_endless_reply_for_a_broken_server_before_it_has_filled_its_memory() -> None:
    fault = "an endless continuation to MAIL"
    deliver(world_with(fault))
    with traced_memory() as peak:
        outcome, _ = deliver(world_with(fault))
        assert isinstance(outcome, ConnectionLost)
        assert peak() < 3_000_000


def test_a_server_that_hangs_keeps_nothing_of_what_it_reads() -> None:
    driven = Driven("hang at MAIL")
    driven.say(*MAIL)
    with traced_memory() as peak:
        for _ in range(20):
            driven.session.receive(b"x" * 100_000)
        assert peak() < 300_000


@pytest.mark.parametrize(
    "fault", ["end the message with 'x'", "550 to the dot containing 'viagra'", "end of data at LF.LF"]
)
def test_a_message_above_the_limit_takes_little_memory_and_is_refused(fault: str) -> None:
    driven = Driven(fault, policy=Policy(offer={"SIZE": "1000"}))
    driven.say(*TO)
    with traced_memory() as peak:
        for _ in range(2_000):
            driven.session.receive(b".." + b"x" * 996 + b"\r\n")
        assert peak() < 100_000
    assert driven.say(b".")[:3] == b"552"
    assert driven.say(b"NOOP")[:3] == b"250"


def test_dots_that_the_host_does_not_count_leave_a_message_above_the_limit() -> None:
    driven = Driven("swallow the dot twice", policy=Policy(offer={"SIZE": "100"}))
    driven.say(*TO, b".", b"..", b".", *([b".."] * 100))
    assert driven.say(b".")[:3] == b"552"


def test_a_message_of_the_limit_is_kept_whole() -> None:
    driven = Driven("replace 'x' by 'y' in the message", policy=Policy(offer={"SIZE": "1000"}))
    assert driven.say(*TO, b"x" * 998, b".")[:3] == b"250"


def test_faults_that_add_up_may_find_nothing_to_change() -> None:
    driven = Driven("lose the reply to NOOP", "strip text from replies", "reply 502 to EHLO", 'advertise "X"')
    assert driven.say(b"NOOP") == b""
    assert driven.say(b"EHLO me") == b"502\r\n"


@pytest.mark.parametrize("turn", [1, -1])
def test_reading_slowly_takes_time_only_for_what_is_read(turn: int) -> None:
    plan = FaultPlan.of(("read 500 octets a second", "hang after 100 octets of DATA")[::turn])
    facts = plan.connect("192.0.2.1")
    assert facts is not None
    amid = FaultJudge(plan, facts).amid_message(1_000)
    assert (amid.room, amid.pause) == (100, SECOND // 5)


def test_only_a_dot_between_two_crlf_ends_a_message_that_the_host_does_not_expect() -> None:
    session = FaultySession(plan := FaultPlan.of("reply 354 to DATA"), plan.connect("c"), still_host(), Policy())  # type: ignore[arg-type]
    session.start()
    session.receive(b"HELO c\r\nMAIL FROM:<>\r\nDATA\r\n")
    session.data_to_send()
    session.receive(b"x\n.\r\n")
    assert session.data_to_send() == b""
    session.receive(b"\r\n.\r\n")
    assert session.data_to_send().startswith(b"554")


def test_greylisting_says_so_in_its_reply() -> None:
    outcome, _ = deliver(world_with("greylist for 5 min"))
    assert isinstance(outcome, Delivery)
    refusals = {str(reply) for _, reply in outcome.recipient_replies}
    assert refusals == {"451 4.7.1 Greylisted; try again later"}


# What comes in pieces, what is waited for, and what is counted beyond a session


def test_a_fault_of_time_that_does_not_happen_ends_no_session() -> None:
    driven = Driven("421 after 10 s of silence with probability 0")
    driven.hear()
    driven.now = 10_000_000
    driven.session.timed_out()
    assert driven.hear() == b""
    assert (driven.session.closed, driven.session.awaits) == (False, 300)


def test_the_time_of_a_fault_counts_from_the_begin_of_the_present_wait() -> None:
    driven = Driven("421 after 10 s of silence")
    driven.hear()
    driven.now = 4_000_000
    assert driven.session.awaits == 10  # as at its begin
    driven.say(b"NOOP")
    driven.now = 9_000_000
    assert driven.session.awaits == 10


def test_a_reply_that_nothing_asked_for_need_not_close() -> None:
    driven = Driven('450 "still there?" after 10 s of silence')
    driven.hear()
    driven.now = 10_000_000
    driven.session.timed_out()
    assert driven.hear() == b"450 still there?\r\n"
    assert not driven.session.closed


def test_a_reply_amid_a_message_may_come_before_a_reset() -> None:
    driven = Driven("reply 552 'too long' after 1 min of silence and reset")
    driven.hear()
    driven.now = 60_000_000
    driven.session.timed_out()
    assert driven.hear() == b"552 too long\r\n"
    assert (driven.session.closed, driven.session.was_reset) == (True, True)


@pytest.mark.parametrize(
    ("fault", "heard", "was_reset"),
    [
        ("reply 552 'too long' amid the message after 10 octets and cut", b"552 too long\r\n", False),
        ("reply 552 'too long' amid the message after 10 octets and then reset", b"552 too long\r\n", True),
        ("reply 421 'bye' amid the message after 10 octets and reset", b"421 bye\r\n", True),
        (r"send '552 too long\r\n' after 10 octets of the message and cut", b"552 too long\r\n", False),
    ],
)
def test_what_is_said_amid_the_message_may_end_the_connection(fault: str, heard: bytes, was_reset: bool) -> None:
    driven = Driven(fault)
    driven.say(*TO)
    assert driven.say(b"x" * 60) == heard
    assert (driven.session.closed, driven.session.was_reset) == (True, was_reset)


def test_a_command_may_be_too_long_for_a_fault() -> None:
    driven = Driven("reply 500 to commands longer than 100 octets")
    assert driven.say(b"NOOP " + b"x" * 93)[:3] == b"250"
    assert driven.say(b"NOOP " + b"x" * 94)[:3] == b"500"
    assert driven.say(*TO, b"x" * 200, b".")[:3] == b"250"


def test_after_a_reply_amid_the_message_a_host_may_hang() -> None:
    driven = Driven("reply 552 'too long' amid the message after 10 octets and hang")
    driven.say(*TO)
    assert driven.say(b"x" * 60) == b"552 too long\r\n"
    assert driven.say(b".", b"NOOP") == b""
    assert not driven.session.closed


def test_after_a_pause_amid_the_message_the_connection_may_end() -> None:
    driven = Driven("stop reading for 3 s after 10 octets of DATA and cut")
    driven.say(*TO)
    driven.session.receive(b"x" * 60 + b"\r\n.\r\n")
    assert driven.session.data_to_send() == b""
    assert (driven.session.pause, driven.session.closed) == (3.0, False)
    assert driven.hear() == b""
    assert driven.session.closed


def test_an_end_of_message_that_a_fault_brings_may_be_for_some_connections() -> None:
    for fault, code in (
        ("end of data at LF.LF on the second connection", b""),
        ("end of data at LF.LF on the first connection", b"250"),
    ):
        driven = Driven(fault)
        driven.say(*TO)
        driven.session.receive(b"x\n.\n")
        assert driven.hear()[:3] == code, fault


def test_a_change_of_the_message_may_be_for_some_messages() -> None:
    host = mail_host()
    driven = Driven("replace 'x' by 'y' in the message above 8 octets", handler=host)
    for content in (b"x", b"xxxxx"):
        driven.say(*TO, content, b".")
    assert [each[-7:] for each in host.store.messages("alice")] == [b"00\r\nx\r\n", b"yyyyy\r\n"]  # type: ignore[union-attr]


def test_an_empty_message_is_empty_for_a_fault_too() -> None:
    for fault, code in (("554 to the dot containing 'x'", b"250"), ("554 to the dot not containing 'x'", b"554")):
        assert Driven(fault).say(*TO, b".")[:3] == code


def test_a_message_that_the_host_does_not_expect_is_read_to_its_end() -> None:
    driven = Driven("354 to DATA", "554 to the dot containing 'x'")
    driven.say(*MAIL)
    driven.session.receive(b"DATA\r\nabc\r\n")
    assert driven.hear()[:3] == b"354"
    driven.session.receive(b"x\r\n.\r\n")
    assert driven.hear() == b"554 Transaction failed\r\n"


def test_what_is_counted_for_a_client_does_not_count_for_another() -> None:
    plan = FaultPlan.of("421 above 1 connection per minute per client")
    for client, code in (("192.0.2.1", b"220"), ("192.0.2.2", b"220"), ("192.0.2.1", b"421")):
        session = session_for(plan, mail_host(), Policy(), client)
        assert session is not None
        session.start()
        assert session.data_to_send()[:3] == code


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        ("refuse the first 2 connections", [True, True, False, False]),
        ("refuse the second connection", [False, True, False, False]),
        ("refuse every second connection", [False, True, False, True]),
        ("refuse connections twice", [True, True, False, False]),
    ],
)
def test_connections_are_refused_by_their_number(fault: str, refused: list[bool]) -> None:
    plan = FaultPlan.of(fault)
    assert [plan.connect("192.0.2.1") is None for _ in refused] == refused


def test_a_host_may_go_down_after_a_time() -> None:
    times = [0, MINUTE, HOUR, 2 * HOUR]
    plan = FaultPlan.of("down after 1 h")
    plan.begin(lambda: times[plan.connections - 1])
    assert [plan.connect("192.0.2.1") is None for _ in times] == [False, False, True, True]


def test_the_first_of_a_kind_are_counted_up_to_a_number() -> None:
    driven = Driven("451 to the first 2 MAIL", "451 to RCPT before RSET")
    assert [driven.say(line)[:3] for line in (*MAIL, MAIL[1], MAIL[1], TO[2], b"RSET", MAIL[1], TO[2])] == [
        b"250", b"451", b"451", b"250", b"451", b"250", b"250", b"250",
    ]  # fmt: skip


def test_all_but_the_first_of_a_kind_are_counted_in_each_transaction() -> None:
    driven = Driven("550 to every RCPT but the first")
    codes = [driven.say(line)[:3] for line in (*MAIL, TO[2], TO[2], b"RSET", MAIL[1], TO[2], TO[2])]
    assert codes == [b"250", b"250", b"250", b"550", b"250", b"250", b"250", b"550"]


def test_every_second_message_may_be_lost() -> None:
    store = MemoryStore()
    driven = Driven("lose every second message", handler=MailHost(Directory(["lab.example"], ("alice",)), store))
    for _ in range(4):
        assert driven.say(*TO, b"Subject: x", b".")[:3] == b"250"
    assert len(store.messages("alice")) == 2


@pytest.mark.parametrize(
    ("fault", "lines"), [("swallow RCPT and close", TO[:3]), ("ignore the dot, then close", (*TO, b"x", b"."))]
)
def test_the_connection_may_end_with_what_was_swallowed(fault: str, lines: tuple[bytes, ...]) -> None:
    driven = Driven(fault)
    assert driven.say(*lines) == b""
    assert driven.session.closed


def test_a_reply_may_be_cut_off() -> None:
    assert Driven("truncate the greeting to 5 octets").hear() == b"220 l"


def test_a_window_forgets_what_is_older() -> None:
    times = [0, 59_000_000, 60_000_000, 61_000_000, 500_000_000, 659_000_000]
    plan = FaultPlan.of(["421 above 2 connections per minute", "450 above 3 connections within 10 min"])
    codes: list[bytes] = []
    plan.begin(lambda: times[len(codes)])
    while len(codes) < len(times):
        session = session_for(plan, mail_host(), Policy(), "192.0.2.1")
        assert session is not None
        session.start()
        codes.append(session.data_to_send()[:3])
    assert codes == [b"220", b"220", b"220", b"421", b"450", b"450"]


@pytest.mark.parametrize(
    ("fault", "lines", "codes"),
    [
        ("500 to NOOP above 2 commands in all sessions", (b"NOOP",), [b"250", b"250", b"500"]),
        ("450 to MAIL above 2 errors in all", (b"X", b"EHLO me", MAIL[1]), [b"250", b"450", b"450"]),
        ("503 to NOOP once", (b"NOOP",), [b"503", b"250", b"250"]),
        ("503 to NOOP once per session", (b"NOOP",), [b"503", b"503", b"503"]),
    ],
)
def test_a_limit_may_be_that_of_the_host(fault: str, lines: tuple[bytes, ...], codes: list[bytes]) -> None:
    plan = FaultPlan.of(fault)
    said = []
    for _ in codes:
        driven = Driven()
        driven.session = session_for(plan, mail_host(), Policy(), "192.0.2.1")
        driven.session.start()
        said.append(driven.say(*lines)[:3])
    assert said == codes


def test_a_plan_that_was_cleared_begins_anew() -> None:
    plan = FaultPlan.of("421 above 1 connection per hour")
    for _ in range(2):
        codes = []
        for _ in range(2):
            session = session_for(plan, mail_host(), Policy(), "192.0.2.1")
            assert session is not None
            session.start()
            codes.append(session.data_to_send()[:3])
        assert codes == [b"220", b"421"]
        plan.clear()
        plan.add("421 above 1 connection per hour")


@pytest.mark.parametrize(
    ("faults", "before", "pieces", "code"),
    [
        (("delay the greeting by 2 s", "reply 554 to EHLO when pipelined"), (), (b"EHLO me\r\n",), b"554"),
        (("delay the greeting by 2 s", "reply 554 to EHLO when pipelined"), (), (b"EH", b"LO me\r\n"), b"554"),
        (
            ("one-octet writes every 1 s", "reply 554 to EHLO when pipelined"),
            (),
            (b"EHLO me\r\n",),
            b"554",
        ),
        (("delay the reply to MAIL by 2 s", "reply 503 to RCPT when pipelined"), MAIL, (b"RCPT TO:<a@b>\r\n",), b"503"),
        (
            ("delay the 354 by 2 s", "reply 554 to the dot when pipelined"),
            TO,
            (b"x\r\n.\r\n",),
            b"554",
        ),
    ],
)
def test_what_comes_while_a_reply_is_delayed_is_early(
    faults: tuple[str, ...], before: tuple[bytes, ...], pieces: tuple[bytes, ...], code: bytes
) -> None:
    driven = Driven(*faults)
    if before:
        driven.say(*before[:-1])
        driven.session.receive(before[-1] + b"\r\n")
    driven.session.data_to_send()
    for piece in pieces:
        assert (driven.session.stalled, driven.session.deaf) == (True, False)
        driven.session.receive(piece)
    assert driven.hear().splitlines()[-1][:3] == code


def test_what_comes_behind_a_delayed_reply_is_not_early() -> None:
    driven = Driven(
        "delay replies by 2 s", "reply 554 to any command when pipelined", "reply 554 to the dot if pipelined"
    )
    driven.session.receive(b"NOOP\r\n")
    assert driven.hear().splitlines()[-1][:3] == b"554"
    for line in TO:
        assert driven.say(line)[:3] in (b"250", b"354")
    assert driven.say(b"x", b".")[:3] == b"250"


def test_while_a_reply_is_delayed_no_more_is_read_than_a_line_may_have() -> None:
    driven = Driven("delay the greeting by 2 s")
    driven.session.receive(b"x" * LONGEST_LINE)
    assert not driven.session.deaf
    driven.session.receive(b"x")
    assert driven.session.deaf


def test_amid_a_message_a_pause_reads_nothing() -> None:
    driven = Driven("stop reading for 3 s after 1 octet of DATA")
    driven.say(*TO)
    driven.session.receive(b"x\r\n")
    driven.session.data_to_send()
    assert (driven.session.stalled, driven.session.deaf) == (True, True)


@pytest.mark.parametrize(
    "fault", ["hold the reply to MAIL and cut", "send the reply to MAIL after the next one and cut"]
)
def test_a_held_reply_is_lost_if_the_connection_ends(fault: str) -> None:
    driven = Driven(fault)
    assert driven.say(*MAIL) == b""
    assert driven.session.closed


def test_a_keyword_is_advertised_once() -> None:
    (size,) = [line for line in Driven().say(b"EHLO me").splitlines() if b"SIZE" in line]
    assert size != b"250 SIZE 1000"
    heard = Driven('advertise "size 1000"').say(b"EHLO me")
    assert [line[4:] for line in heard.splitlines() if b"SIZE" in line.upper()] == [b"size 1000"]


def test_a_command_that_begins_before_its_time_is_early() -> None:
    driven = Driven("delay the greeting by 2 s", "reply 554 to EHLO when pipelined")
    driven.session.data_to_send()
    driven.session.receive(b"EH")
    assert driven.hear()[:3] == b"220"
    assert driven.say(b"LO me")[:3] == b"554"
    assert driven.say(b"EHLO me")[:3] == b"250"
