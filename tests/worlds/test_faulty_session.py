"""Scripted faults in the virtual world: what a client of ours reports, and that the same seed does the same again."""

from copy import deepcopy
from typing import Any

import pytest

from smtplab.base.duration import HOUR, MINUTE
from smtplab.base.seed import Seed
from smtplab.client.outcomes import ClientError, ConnectionLost, Delivery, OutcomeUnknown, ServiceRefused
from smtplab.client.session import DeliverySession
from smtplab.mta.policy import Policy
from smtplab.mta.session import ServerSession
from smtplab.transcript import Side, Transcript
from smtplab.worlds.connections import connect
from smtplab.worlds.fault_plan import FaultPlan
from smtplab.worlds.faulty_session import FaultySession, session_for
from smtplab.worlds.memory import Network
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
    network.fault(HOST, "reset at EHLO")
    stream = network.dial(HOST)
    stream.receive()
    stream.send(b"EHLO me\r\n")
    with pytest.raises(ConnectionResetError):
        stream.receive()
