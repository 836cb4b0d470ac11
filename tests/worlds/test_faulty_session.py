"""Scripted faults in the virtual world: what a client of ours reports, and that the same seed does the same again."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from smtplab.base.duration import HOUR, MINUTE
from smtplab.base.seed import Seed
from smtplab.client.outcomes import ClientError, ConnectionLost, Delivery, OutcomeUnknown, ServiceRefused
from smtplab.client.session import DeliverySession
from smtplab.mta.policy import Policy
from smtplab.mta.session import ServerSession
from smtplab.protocol.replies import IDLE_TIMEOUT as IDLE
from smtplab.protocol.replies import Reply
from smtplab.transcript import Side, Transcript
from smtplab.worlds.connections import connect
from smtplab.worlds.fault_plan import FaultPlan
from smtplab.worlds.faulty_session import FaultySession, session_for
from smtplab.worlds.memory import MemoryStream, Network
from smtplab.worlds.virtual import Host, Link, World
from support.hosts import mail_host
from support.odd_faults import ODD_SERVERS

HOST = "mail.lab.example"
CONTENT = b"Subject: x\r\n\r\n" + b"Good morning.\r\n" * 150
PEOPLE = ("alice@lab.example", "bob@lab.example")


class Record:
    """A record of a connection."""

    def __init__(self) -> None:
        self.transcript = Transcript()

    def feed(self, side: Side, data: bytes, seconds: float, names: Any = ()) -> None:
        self.transcript.feed(side, data, seconds, names)

    def fail(self, error: ConnectionLost) -> None: ...

    def interrupt(self, inner: Any) -> None: ...


def world_with(*faults: str, seed: int = 0) -> World:
    world = World(link=Link(0.03))
    plan = FaultPlan.of(faults, Seed(seed)) if faults else None
    world.add(Host(HOST, "192.0.2.25", mail_host(), Policy(), faults=plan))
    return world


def deliver(world: World, recipients: tuple[str, ...] = PEOPLE) -> tuple[Delivery | ClientError, Transcript]:
    """Deliver a message, and return how it ended."""
    session, record = DeliverySession("me.example", server=HOST), Record()
    session.open()
    end = connect(world, session, HOST, record=record)
    try:
        world.run(lambda: not session.busy)
        session.outcome()
        session.deliver("me@far.example", recipients, CONTENT)
        end.run()
        world.run(lambda: not session.busy)
        outcome = session.outcome()
        session.quit()
        end.run()
        world.run(lambda: not session.busy)
    except ClientError as error:
        return error, record.transcript
    return outcome, record.transcript


def octets(transcript: Transcript) -> list[tuple[Side, bytes, float]]:
    return [(row.side, row.data, row.time) for row in transcript]


def kept(world: World) -> int:
    return len(world.find(HOST).handler.store.messages("alice"))  # type: ignore[union-attr]


@pytest.mark.parametrize("faults", ODD_SERVERS.values(), ids=ODD_SERVERS)
def test_each_odd_server_ends_in_an_outcome_and_the_same_again(faults: tuple[str, ...]) -> None:
    first, second = world_with(*faults, seed=7), world_with(*faults, seed=7)
    (outcome, transcript), (again, other) = deliver(first), deliver(second)
    assert (str(outcome), type(outcome)) == (str(again), type(again))
    strip = [(side, time) for side, _, time in octets(transcript)]
    assert strip == [(side, time) for side, _, time in octets(other)]
    assert isinstance(outcome, Delivery | ClientError)


def test_a_host_without_faults_has_a_plain_session() -> None:
    assert type(session_for(None, mail_host(), Policy(), "")) is ServerSession
    assert type(session_for(FaultPlan(), mail_host(), Policy(), "")) is ServerSession
    assert type(world_with().find(HOST).session("")) is ServerSession


def test_it_has_the_whole_interface_of_a_session() -> None:
    session = session_for(FaultPlan.of(["a wrong code"]), mail_host(), Policy(), "")
    assert isinstance(session, FaultySession)
    assert all(hasattr(session, name) for name in dir(ServerSession) if not name.startswith("_"))


@pytest.mark.parametrize(
    ("fault", "kind", "word", "copies"),
    [
        ("cut after 1,000 octets of DATA", (ConnectionLost, OutcomeUnknown), "", 0),
        ("lose the 250 after the dot", OutcomeUnknown, "", 1),
        ("cut before the 250 to the dot", OutcomeUnknown, "", 1),
        ("cut at the dot", OutcomeUnknown, "", 0),
        ("421 above 0 sessions", (ServiceRefused, ConnectionLost), "421", 0),
        ("reset at MAIL", ConnectionLost, "reset", 0),
        ("refuse connections", ConnectionLost, "refuses", 0),
        ("hang at MAIL", ConnectionLost, "300 s", 0),
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

    def __init__(self, *faults: str, policy: Policy | None = None, client: str = "192.0.2.1") -> None:
        self.now = 0
        self.plan = FaultPlan.of(faults, Seed(1))
        self.plan.begin(lambda: self.now, 21 * HOUR)
        session = session_for(self.plan, mail_host(), policy or Policy(), client)
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
    driven = Driven("lose the reply to HELP")
    handler = driven.session._inner._handler
    handler.turn = lambda session: Reply(250, "Turned")
    assert driven.say(b"EHLO me", b"TURN")[:3] in (b"250", b"502")
    driven.session.receive(b"220 me\r\n")
    driven.hear()


def test_an_abandoned_task_gets_451() -> None:
    driven = Driven("a wrong code in the reply to QUIT")
    driven.say(*TO)
    driven.session.receive(b"x\r\n.\r\n")
    if driven.session.task is not None:
        driven.session.abandon_task()
        assert driven.hear()[:3] == b"451"


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
