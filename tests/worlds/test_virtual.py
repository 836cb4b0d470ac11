"""The virtual world: one scheduler, links with latency, both drivers on it, every deadline at its moment."""

import gc
import sys
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from math import inf
from types import FrameType
from typing import Any
from weakref import ref

import pytest

from smtplab.base.seed import Seed
from smtplab.client.outcomes import ConnectionLost, OutcomeUnknown, ServiceRefused, Timeouts
from smtplab.client.session import DeliverySession
from smtplab.mta.directory import Directory
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.personality import Personality
from smtplab.mta.policy import Policy
from smtplab.mta.relay import Relay
from smtplab.mta.store import MemoryStore
from smtplab.mta.task import DiskTask, HostTask
from smtplab.protocol.states import State
from smtplab.transcript import Side, Transcript
from smtplab.worlds.connections import CallingEnd, ServingEnd, connect
from smtplab.worlds.scheduler import TieBreaks
from smtplab.worlds.virtual import Host, Link, World
from support.hosts import mail_host

ALICE = "alice@lab.example"
CONTENT = b"Subject: x\r\n"
HOST = "mail.lab.example"
PLAIN = Personality.load("plain")
NO_PIPELINING = Policy(offer={"SIZE": "1000"})


class _Thing:
    def do(self) -> None:
        """Nothing."""


@pytest.mark.parametrize("latency", [-0.001, float("inf"), float("nan")])
def test_a_latency_is_a_number_of_seconds(latency: float) -> None:
    with pytest.raises(ValueError, match="latency"):
        Link(latency)


def test_a_bandwidth_is_not_negative() -> None:
    with pytest.raises(ValueError, match="bandwidth"):
        Link(0.0, -1)


# Conversations


class Recorded:
    """A record of a connection."""

    def __init__(self) -> None:
        self.transcript = Transcript()
        self.failure = ""
        self.inner: list[Recorded] = []

    def feed(self, side: Side, data: bytes, seconds: float, names: Iterable[str] = ()) -> None:
        self.transcript.feed(side, data, seconds, names)

    def fail(self, error: ConnectionLost) -> None:
        self.failure = str(error)

    def interrupt(self, inner: Any) -> None:
        self.inner.append(inner)

    @property
    def times(self) -> list[tuple[str, str, float]]:
        """Return side, first word and time in milliseconds of each row."""
        return [
            (row.side.value, row.data.split()[0].decode()[:8], round(row.time * 1000, 3)) for row in self.transcript
        ]


class Calls:
    """A recorder."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, str, float, Recorded]] = []

    def call(self, client: str, server: str, queue_id: str, seconds: float) -> Recorded:
        record = Recorded()
        self.records.append((client, server, queue_id, seconds, record))
        return record


class Client:
    """A client in a world, which runs one operation after the other."""

    def __init__(self, world: World, host: str = HOST, *, timeouts: Timeouts | None = None, **where: Any) -> None:
        self.world = world
        self.record = Recorded()
        self.session = DeliverySession("laptop.example", timeouts=timeouts, server=host)
        self.session.open()
        self.end: CallingEnd = connect(world, self.session, host, record=self.record, **where)

    def opened(self) -> "Client":
        """Wait until the session is open."""
        self.outcome()
        return self

    def outcome(self) -> Any:
        self.world.run(lambda: not self.session.busy)
        return self.session.outcome()

    def do(self, operation: str, *arguments: Any) -> Any:
        getattr(self.session, operation)(*arguments)
        self.end.run()
        return self.outcome()


def world_of(*hosts: Host, latency: float = 0.03, **settings: Any) -> World:
    world = World(link=Link(latency), **settings)
    for host in hosts:
        world.add(host)
    return world


def lab_host(policy: Policy | None = None, **settings: Any) -> Host:
    return Host(HOST, "192.0.2.25", mail_host(**settings), policy or Policy())


def deliver_and_quit(world: World) -> Client:
    client = Client(world).opened()
    assert client.do("deliver", "", [ALICE, "bob@lab.example"], CONTENT).complete
    client.do("quit")
    return client


def test_n_round_trips_over_30_ms_cost_n_times_60_ms() -> None:
    world = world_of(lab_host(NO_PIPELINING))
    client = deliver_and_quit(world)
    assert client.record.times == [
        ("S", "220", 120.0),  # TCP's handshake comes before it
        ("C", "EHLO", 120.0),
        ("S", "250-lab.", 180.0),
        ("S", "250", 180.0),
        ("C", "MAIL", 180.0),
        ("S", "250", 240.0),
        ("C", "RCPT", 240.0),
        ("S", "250", 300.0),
        ("C", "RCPT", 300.0),
        ("S", "250", 360.0),
        ("C", "DATA", 360.0),
        ("S", "354", 420.0),
        ("C", "Subject:", 420.0),
        ("C", ".", 420.0),
        ("S", "250", 480.0),
        ("C", "QUIT", 480.0),
        ("S", "221", 540.0),
    ]
    assert world.time == 9 * 0.060


def test_pipelined_commands_share_a_round_trip() -> None:
    world = world_of(lab_host())
    client = deliver_and_quit(world)
    assert world.time == 6 * 0.060
    answered = [time for side, _, time in client.record.times if side == "S"]
    assert answered[-6:] == [240.0] * 4 + [300.0, 360.0]


def test_the_names_of_the_replies_travel_beside_the_octets() -> None:
    client = Client(world_of(lab_host())).opened()
    client.do("deliver", "", [ALICE, "nobody@lab.example"], CONTENT)
    named = [exchange.reply.name for exchange in client.record.transcript.exchanges() if exchange.reply is not None]
    assert named == [
        "SERVICE_READY",
        "HELO_OK",
        "SENDER_OK",
        "RECIPIENT_OK",
        "NO_SUCH_MAILBOX",
        "START_MAIL",
        "MESSAGE_ACCEPTED",
    ]


def test_the_messages_of_a_batch_take_a_round_trip_each_and_are_prepared_while_the_server_works() -> None:
    host = lab_host()
    world = world_of(host)
    client = Client(world).opened()
    taken: list[int] = []

    def mail() -> Iterator[tuple[str, list[str], bytes]]:
        for number in range(4):
            taken.append(number)
            yield "", [ALICE], CONTENT

    batch = client.session.batch(mail())
    client.session.deliver_next(batch)
    client.end.run()
    world.run(lambda: host.handler.store.messages("alice") != [])
    assert client.session.busy
    assert taken == [0, 1, 2]
    assert client.outcome().complete
    began = world.time
    while (delivery := client.do("deliver_next", batch)) is not None:
        assert delivery.complete
    assert world.time == pytest.approx(began + 3 * 0.060, abs=1e-9)


def test_the_names_of_a_world_are_those_of_its_hosts_and_their_aliases_in_small_letters() -> None:
    world = World()
    world.add(Host("Mail.B.example", "192.0.2.2", None, Policy()), "b.EXAMPLE")
    assert world.names == ("mail.b.example", "b.example")


def test_a_link_is_laid_between_two_machines_by_any_of_their_names_and_the_others_keep_theirs() -> None:
    world = World(link=Link(0.5))
    world.add(lab_host(), "lab.example")
    world.lay(Link(0.001), "laptop.example", "LAB.example")
    for client, seconds in (("laptop.example", 0.006), ("desk.example", 3.0)):
        began = world.time
        Client(world, client=client).opened()
        assert world.time == pytest.approx(began + seconds, abs=1e-9)
        Client(world, "192.0.2.25", client=client).opened()
        assert world.time == pytest.approx(began + 2 * seconds, abs=1e-9)


def test_octets_leave_one_behind_the_other_at_the_speed_of_the_link() -> None:
    world = World(link=Link(0.03, octets_per_second=1000))
    world.add(lab_host())
    client = Client(world).opened()
    begun = world.scheduler.now
    reply = client.do("command", "NOOP " + "x" * 93)
    assert world.scheduler.now - begun == 60_000 + 100_000 + 1000 * len(reply.serialize(enhanced=True))
    assert [client.end._wire._time_for(b"x" * octets) for octets in (500, 250)] == [530_000, 780_000]


def test_a_clock_of_the_world_goes_with_it() -> None:
    world = world_of(lab_host())
    begin = datetime(2004, 8, 6, 12, tzinfo=UTC)
    clock = world.clock(begin)
    assert clock() == begin
    world.advance(1_500_000)
    assert clock() == begin + timedelta(seconds=1.5)


def test_the_address_of_the_client_is_in_the_trace() -> None:
    host = lab_host()
    client = Client(world_of(host), address="203.0.113.7").opened()
    client.do("deliver", "", [ALICE], CONTENT)
    assert b"from laptop.example ([203.0.113.7])" in host.handler.store.messages("alice")[0]


def test_a_session_ends_on_both_sides_and_leaves_nothing_to_happen() -> None:
    host = lab_host()
    world = world_of(host)
    client = Client(world).opened()
    assert len(host.sessions) == 1
    client.do("quit")
    assert host.sessions == ()
    assert not world.run()
    assert world.time == pytest.approx(0.24, abs=1e-9)  # the close came with the 221; no deadline was left


def test_a_closed_connection_is_forgotten_without_garbage_collection() -> None:
    host = lab_host()
    world = world_of(host)
    client = Client(world).opened()
    [end] = map(ref, host._ends.values())
    client.do("quit")
    world.run()
    assert end() is None


def test_a_connection_of_a_relay_is_forgotten_though_its_client_stays() -> None:
    near = Host(HOST, "192.0.2.25", mail_host(relay=Relay({"far.example": ("far.example", 25)})), Policy())
    client = Client(world_of(near, far_host())).opened()
    client.do("deliver", "", ["alice@far.example"], CONTENT)
    [end] = near._ends.values()
    assert end._calls is None


def test_a_client_that_hangs_up_amid_a_message_leaves_nothing() -> None:
    host = lab_host(NO_PIPELINING)
    world = world_of(host)
    client = Client(world).opened()
    client.session.deliver("", [ALICE], CONTENT)
    client.end.run()
    world.run(lambda: host.sessions[0].state is State.DATA)
    client.session.close()
    client.end.pump()
    left = world.time
    world.run()
    assert host.sessions == ()
    assert world.time == pytest.approx(left + 0.030, abs=1e-9)  # when the host hears it, and not at its idle limit
    assert host.handler.store.messages("alice") == []


def test_the_world_runs_until_a_condition_holds_or_nothing_is_left() -> None:
    world = world_of()
    assert world.run(lambda: True)
    assert not world.run(lambda: False)
    world.scheduler.after(1, _Thing().do)
    assert world.run(lambda: True)
    assert world.scheduler.now == 0
    assert not world.run()
    assert world.scheduler.now == 1


# Who does not answer


@pytest.mark.parametrize(
    ("name", "port", "word"),
    [
        ("down.example", 25, "is down"),
        ("desk.example", 25, "server"),
        (HOST, 26, "port 26"),
        ("nowhere.example", 25, "no host"),
    ],
)
def test_a_call_that_nobody_takes_fails_after_a_round_trip(name: str, port: int, word: str) -> None:
    world = world_of(lab_host(), Host("down.example", "192.0.2.26", mail_host(), Policy(), up=False))
    world.add(Host("desk.example", "192.0.2.27", None, Policy()))
    client = Client(world, name, port=port)
    with pytest.raises(ConnectionLost, match=word):
        client.outcome()
    assert world.time == 0.06
    assert word in client.record.failure
    assert len(client.record.transcript) == 0
    assert not world.run()


def test_commands_that_wait_for_their_replies_to_be_sent_are_all_answered() -> None:
    host = lab_host()
    client = Client(world_of(host)).opened()
    [server] = host.ends
    assert isinstance(server, ServingEnd)
    server.session.receive(b"NOOP\r\n" * 10_000)  # far more replies than a session keeps before it sends some
    server.pump()
    assert not server.session.halted
    pieces = [data for data, *_ in client.end._wire._arriving]
    assert (b"".join(pieces).count(b"250 "), len(pieces) > 2) == (10_000, True)


class Scripted:
    """A server that sends pieces, one for each piece that arrives, and then nothing."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._said = b""
        self.heard: list[bytes] = []
        self.task = self.names = None
        self.halted = self.closed = self.was_reset = self.half_closed = self.deaf = False
        self.wait_number = 0
        self.awaits: float | None = None

    def start(self, others: int) -> None:
        self._speak()

    def receive(self, data: bytes) -> None:
        self.heard.append(data)
        self._speak()

    def data_to_send(self) -> bytes:
        said, self._said = self._said, b""
        return said

    def _speak(self) -> None:
        if self._pieces:
            self._said = self._pieces.pop(0)
        self.closed = self._said == b"bye"


class ScriptedHost(Host):
    """A host with scripted servers; the script stands where a host has its handler."""

    __slots__ = ()

    def session(self, peer: str) -> Any:
        return Scripted(list(self.handler))  # type: ignore[call-overload]


def scripted(*pieces: bytes) -> World:
    return world_of(ScriptedHost(HOST, "192.0.2.25", pieces, Policy()))  # type: ignore[arg-type]


GREETING, EHLO, OK, GO_ON = b"220 x\r\n", b"250 x\r\n", b"250 ok\r\n", b"354 go\r\n"
PATIENCE = Timeouts(greeting=1.0, command=2.5, data=4.0, end_of_message=8.000001)


@pytest.mark.parametrize(
    ("pieces", "seconds"),
    [
        ([], 0.06 + 1.0),
        ([GREETING], 0.12 + 2.5),
        ([GREETING, EHLO], 0.18 + 2.5),
        ([GREETING, EHLO, OK], 0.24 + 2.5),
        ([GREETING, EHLO, OK, OK], 0.30 + 4.0),
        ([GREETING, EHLO, OK, OK, GO_ON], 0.36 + 8.000001),
    ],
    ids=["greeting", "EHLO", "MAIL", "RCPT", "DATA", "message"],
)
def test_a_client_gives_up_a_silent_host_at_the_very_moment_its_time_is_over(
    pieces: list[bytes], seconds: float
) -> None:
    world = scripted(*pieces)
    client = Client(world, timeouts=PATIENCE)
    expected = OutcomeUnknown if GO_ON in pieces else ConnectionLost
    if len(pieces) >= 2:
        client.opened().session.deliver("", [ALICE], CONTENT)
        client.end.run()
    with pytest.raises(expected, match="answer"):
        client.outcome()
    assert world.scheduler.now == round(seconds * 1_000_000)
    assert client.session.closed


def test_a_quit_without_an_answer_is_waited_for_in_its_own_time() -> None:
    world = scripted(GREETING, EHLO)
    client = Client(world, timeouts=PATIENCE).opened()
    with pytest.raises(ConnectionLost):
        client.do("quit")
    assert world.scheduler.now == 180_000 + 2_500_000


def test_the_pieces_of_a_reply_do_not_prolong_its_time() -> None:
    world = scripted(b"22", b"0 x\r\n")
    client = Client(world, timeouts=PATIENCE)
    world.run(lambda: world.time > 0.5)
    with pytest.raises(ConnectionLost):
        client.outcome()
    assert world.scheduler.now == 1_060_000


def test_a_deadline_that_was_kept_does_not_happen() -> None:
    world = scripted(GREETING, EHLO, OK)
    client = Client(world, timeouts=PATIENCE).opened()
    assert not world.run(lambda: world.time > 100)
    assert world.scheduler.now == 180_000
    assert client.do("command", "NOOP").code == 250


def test_the_deadline_for_a_reply_is_not_that_of_the_one_before() -> None:
    world = scripted(GREETING, EHLO)
    Client(world, timeouts=PATIENCE).opened()
    later = Client(world, timeouts=Timeouts.all(float("inf")))
    later.opened()
    later.session.command("NOOP")
    later.end.run()
    assert not world.run()
    assert later.session.busy


def test_a_wait_that_is_shorter_than_the_one_before_ends_in_its_own_time() -> None:
    world = scripted(GREETING, b"250-x\r\n250 PIPELINING\r\n", OK + OK)  # to MAIL and RCPT, and nothing to DATA
    client = Client(world, timeouts=Timeouts(command=4.0, data=1.0)).opened()
    with pytest.raises(ConnectionLost):
        client.do("deliver", "", [ALICE], CONTENT)
    assert world.scheduler.now == 240_000 + 1_000_000


def test_a_server_that_closes_in_silence_is_heard() -> None:
    client = Client(scripted(GREETING, b"bye"))
    with pytest.raises(ConnectionLost):
        client.outcome()
    assert client.world.time == 0.18


def wait(world: World, seconds: float) -> None:
    """Let time pass."""
    world.scheduler.after(round(seconds * 1_000_000), _Thing().do)
    until = world.scheduler.now + round(seconds * 1_000_000)
    world.run(lambda: world.scheduler.now >= until)


def test_a_command_that_never_ends_does_not_put_off_the_idle_limit() -> None:
    host = lab_host(Policy(idle_seconds=300.0))
    world = world_of(host)
    client = Client(world).opened()
    for _ in range(299):
        wait(world, 1.0)
        client.end._wire.send(b"N")
    world.run(lambda: host.sessions == ())
    assert world.scheduler.now == round((0.150 + 300.0) * 1_000_000)


@pytest.mark.parametrize("pieces", [[], [b"NOOP\r\n"] * 3], ids=["nothing", "lines"])
def test_the_idle_limit_counts_from_the_last_command_of_the_client(pieces: list[bytes]) -> None:
    host = lab_host(Policy(idle_seconds=300.0))
    world = world_of(host)
    client = Client(world).opened()
    last = 0.150  # when its EHLO arrived
    for piece in pieces:
        wait(world, 299.9)
        client.end._wire.send(piece)
        last = world.time + 0.030
    world.run(lambda: host.sessions == ())
    assert world.scheduler.now == round((last + 300.0) * 1_000_000)
    world.run()
    assert client.record.times[-1][:2] == ("S", "421")


def test_a_host_that_never_hears_a_word_counts_from_its_greeting() -> None:
    host = lab_host(Policy(idle_seconds=2.0))
    world = world_of(host)
    client = Client(world)
    client.end._wire.send = lambda *data: None  # type: ignore[method-assign]
    world.run(lambda: host.sessions != ())
    world.run(lambda: host.sessions == ())
    assert world.scheduler.now == 90_000 + 2_000_000


def test_a_wait_that_begins_moves_the_deadline_and_needs_no_event() -> None:
    world = world_of(lab_host())
    client = Client(world).opened()
    client.do("command", "NOOP")
    before = world.scheduler._added
    for _ in range(10):
        client.do("command", "NOOP")
    events = world.scheduler._added - before
    assert events == 10 * 3  # the command, the reply, and the deadline of the client, which has none between commands


def test_operations_that_end_at_once_follow_each_other_and_none_runs_inside_another() -> None:
    world = world_of(lab_host())
    client = Client(world).opened()
    client.do("quit")
    depths: list[int] = []

    def again() -> None:
        depths.append(len(list(_frames())))
        if len(depths) < 2 * sys.getrecursionlimit():
            client.session.leave()  # the session has ended, so this has, too
            client.end.run(again)

    client.session.leave()
    client.end.run(again)
    assert len(depths) == 2 * sys.getrecursionlimit()
    assert len(set(depths)) == 1


def _frames() -> Iterator[FrameType]:
    frame = sys._getframe()
    while frame is not None:
        yield frame
        frame = frame.f_back  # type: ignore[assignment]


def test_whatever_has_closed_is_sent_nothing_more() -> None:
    world = world_of(lab_host())
    client = Client(world).opened()
    server = client.end._wire._peer
    assert server is not None
    server.close(b"")
    before = world.scheduler._added
    client.end._wire.send(b"NOOP\r\n")
    assert (world.scheduler._added, len(server._arriving)) == (before, 0)


def test_a_host_that_has_closed_takes_nothing_that_was_on_its_way() -> None:
    host = lab_host()
    world = world_of(host)
    client = Client(world).opened()
    client.end._wire.send(b"NOOP\r\n")
    host.stop()
    world.run()
    assert [word for side, word, _ in client.record.times if side == "S"][-2:] == ["250", "421"]


# Tasks


class Worker(Handler):
    """A handler that does some tasks before it takes a message."""

    def __init__(self, *tasks: Any) -> None:
        super().__init__(HOST)
        self.tasks = tasks
        self.outcomes: list[Any] = []

    def deliver(self, session: Any, envelope: Any) -> Iterator[Any]:  # type: ignore[override]
        for task in self.tasks:
            try:
                self.outcomes.append((yield task))
            except Exception as error:
                self.outcomes.append(repr(error))
        return self.accepted(session, envelope)  # type: ignore[return-value]


def working(*tasks: Any, others: tuple[Host, ...] = (), **settings: Any) -> tuple[Worker, World]:
    worker = Worker(*tasks)
    return worker, world_of(Host(HOST, "192.0.2.25", worker, Policy()), *others, **settings)


def sent(world: World, **settings: Any) -> Client:
    """Send a message to the host."""
    client = Client(world, **settings).opened()
    assert client.do("deliver", "", [ALICE], CONTENT).complete
    return client


def test_work_for_a_disk_takes_no_time_and_its_outcome_goes_to_the_session() -> None:
    plain = working()[1]
    sent(plain)
    worker, world = working(DiskTask(lambda: 7), DiskTask(lambda: [].pop()), DiskTask(lambda: None))
    sent(world)
    assert worker.outcomes == [7, "IndexError('pop from empty list')", None]
    assert world.time == plain.time


def far_host(name: str = "far.example") -> Host:
    return Host(name, "192.0.2.26", mail_host(domain="far.example"), Policy())


def call(host: str = "far.example", port: int = 25, queue_id: str = "Q1") -> HostTask:
    session = DeliverySession(HOST, server=host)
    session.open()
    return HostTask(host, port, session, queue_id, opens=True)


def test_a_call_of_a_host_takes_the_time_of_its_round_trips_and_is_recorded() -> None:
    plain = working()[1]
    sent(plain)
    calls, task = Calls(), call()
    worker, world = working(task, others=(far_host(),), recorder=calls)
    client = sent(world)
    assert world.time == pytest.approx(plain.time + 0.180, abs=1e-9)
    assert worker.outcomes == [None]
    assert not task.session.busy
    [(caller, called, queue_id, seconds, record)] = calls.records
    assert (caller, called, queue_id) == (HOST, "far.example", "Q1")
    assert seconds == pytest.approx(plain.time - 0.030, abs=1e-9)
    assert record.times[:2] == [("S", "220", 120.0), ("C", "EHLO", 120.0)]
    assert client.record.inner == [record]
    world.run()  # nobody uses the connection any more, and in the end its idle limit closes it
    assert record.times[-1][:2] == ("S", "421")
    assert worker.outcomes == [None]


def test_a_host_calls_from_its_own_address() -> None:
    near = Host(HOST, "192.0.2.77", mail_host(relay=Relay({"far.example": ("far.example", 25)})), Policy())
    far = far_host()
    Client(world_of(near, far)).opened().do("deliver", "", ["alice@far.example"], CONTENT)
    assert b"from lab.example ([192.0.2.77])" in far.handler.store.messages("alice")[0]


def test_the_connection_of_a_call_stays_for_the_next_task_and_closes_with_its_session() -> None:
    far, task = far_host(), call()
    again = HostTask(task.host, task.port, task.session, "Q1")

    class Twice(Worker):
        def deliver(self, session: Any, envelope: Any) -> Iterator[Any]:  # type: ignore[override]
            yield task
            self.outcomes.append(len(far.sessions))
            task.session.quit()
            yield again
            self.outcomes.append(str(task.session.outcome()))
            return self.accepted(session, envelope)  # type: ignore[return-value]

    worker = Twice()
    world = world_of(Host(HOST, "192.0.2.25", worker, Policy()), far)
    client = sent(world)
    assert worker.outcomes[0] == 1
    assert worker.outcomes[1].startswith("221 ")
    assert world.time == pytest.approx(0.300 + 0.180 + 0.060, abs=1e-9)
    client.do("quit")
    world.run()
    assert far.sessions == ()


@pytest.mark.parametrize(
    ("task", "word"),
    [(call("nowhere.example"), "no host"), (call(port=26), "port 26"), (call("down.example"), "is down")],
    ids=["name", "port", "down"],
)
def test_a_call_that_fails_is_told_to_its_session_and_recorded(task: HostTask, word: str) -> None:
    down = far_host("down.example")
    down.up = False
    calls = Calls()
    _, world = working(task, others=(far_host(), down), recorder=calls)
    sent(world)
    assert world.time == pytest.approx(0.300 + 0.060, abs=1e-9)
    assert task.session.closed
    assert word in calls.records[0][-1].failure
    with pytest.raises(ConnectionLost, match=word):
        task.session.outcome()


def test_a_session_with_nothing_to_do_is_a_task_without_a_wait() -> None:
    task = call()

    class Idle(Worker):
        def deliver(self, session: Any, envelope: Any) -> Iterator[Any]:  # type: ignore[override]
            yield task
            for _ in range(2000):  # nothing nests, so there may be as many as you like
                yield HostTask(task.host, task.port, task.session, "Q1")
            return self.accepted(session, envelope)  # type: ignore[return-value]

    world = world_of(Host(HOST, "192.0.2.25", Idle(), Policy()), far_host())
    sent(world)
    assert world.time == pytest.approx(0.300 + 0.180, abs=1e-9)


def test_a_host_that_is_stopped_says_421_to_whoever_is_there_and_takes_no_more() -> None:
    host = lab_host()
    world = world_of(host)
    client = Client(world).opened()
    host.stop()
    world.run()
    assert client.record.times[-1] == ("S", "421", 210.0)
    assert host.sessions == ()
    assert client.do("command", "NOOP").code == 421  # it came before the question
    with pytest.raises(ConnectionLost, match="is down"):
        Client(world).outcome()


def test_a_host_that_is_stopped_amid_the_handshake_greets_with_421_alone(caplog: pytest.LogCaptureFixture) -> None:
    host = lab_host()
    world = world_of(host)
    client = Client(world)
    world.run(lambda: host.sessions != ())
    host.stop()
    with pytest.raises(ConnectionLost, match="421"):
        client.outcome()
    world.run()
    assert client.record.transcript.lines(Side.SERVER) == (b"421 lab.example is shutting down; try again later\r\n",)
    assert host.sessions == ()
    assert caplog.records == []


def test_a_client_that_leaves_while_its_host_relays_changes_nothing_about_the_message() -> None:
    far = far_host()
    near = Host(HOST, "192.0.2.25", mail_host(relay=Relay({"far.example": ("far.example", 25)})), Policy())
    world = world_of(near, far)
    client = Client(world).opened()
    client.session.deliver("", ["alice@far.example"], CONTENT)
    client.end.run()
    world.run(lambda: far.sessions != ())
    rows = len(client.record.transcript)
    client.session.close()
    client.end.pump()
    world.run()
    assert len(far.handler.store.messages("alice")) == 1
    assert len(client.record.transcript) == rows
    assert near.sessions == far.sessions == ()


def test_records_are_kept_only_where_there_is_somebody_to_keep_them() -> None:
    calls = Calls()
    worker, world = working(call(), others=(far_host(),), recorder=calls)
    session = DeliverySession("laptop.example")
    session.open()
    end = connect(world, session, HOST)
    world.run(lambda: not session.busy)
    session.deliver("", [ALICE], CONTENT)
    end.run()
    world.run(lambda: not session.busy)
    assert worker.outcomes == [None]
    assert len(calls.records) == 1
    worker, world = working(call("nowhere.example"))
    sent(world)
    assert worker.outcomes == [None]


# Hosts


def test_hosts_come_once_and_in_the_order_in_which_they_were_added() -> None:
    world = world_of(*(hosts := (lab_host(), far_host())))
    world.add(hosts[0], "alias.example")
    assert world.hosts == hosts


@pytest.mark.parametrize("name", ["Mail.Lab.Example", "mail.lab.example.", "192.0.2.25", "ALIAS.example"])
def test_a_host_is_found_by_any_of_its_names_and_its_address(name: str) -> None:
    world = world_of(far_host())
    host = world.add(lab_host(), "alias.example")
    assert world.find(name) is host
    assert world.find_server(name) is host


@pytest.mark.parametrize("own", ["bücher.example", "bu\u0308cher.example", "xn--bcher-kva.example"])
@pytest.mark.parametrize("name", ["BÜCHER.example", "bu\u0308cher.example.", "XN--BCHER-KVA.example"])
def test_a_host_is_found_by_every_form_of_its_name(own: str, name: str) -> None:
    world = world_of(far_host())
    host = world.add(lab_host(), own)
    assert world.find(name) is host
    with pytest.raises(ConnectionLost):
        world.find(f"x{name}")


def test_a_host_that_is_not_there_is_not_found() -> None:
    with pytest.raises(ConnectionLost, match=r"far\.example"):
        world_of(far_host()).find("nowhere.example")


def test_an_empty_world_refuses_a_name_that_is_not_text_as_well() -> None:
    with pytest.raises(TypeError, match="text"):
        World().find(3)  # type: ignore[arg-type]


def test_a_name_is_text_and_a_port_a_number() -> None:
    world = world_of(lab_host())
    with pytest.raises(TypeError, match="text"):
        world.find(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="number"):
        world.find_server(HOST, "25")  # type: ignore[arg-type]


def test_a_copied_world_goes_its_own_way() -> None:
    world = world_of(lab_host())
    Client(world).opened()
    wait(world, 1.0)
    copied = deepcopy(world)
    [host], [twin] = world.hosts, copied.hosts
    assert (len(host.sessions), len(twin.sessions)) == (1, 1)  # the idle limit holds the connection
    client = Client(copied).opened()
    client.do("deliver", "", [ALICE], CONTENT)
    assert (len(host.sessions), len(twin.sessions)) == (1, 2)
    assert (len(host.handler.store.messages("alice")), len(twin.handler.store.messages("alice"))) == (0, 1)
    assert world.time < copied.time


def test_a_copied_host_has_faults_of_its_own() -> None:
    world = world_of(lab_host())
    world.fault(HOST, 'greet with 554 "no"')
    copied = deepcopy(world)
    with pytest.raises(ServiceRefused, match="554 no"):
        Client(copied).outcome()
    copied.fault(HOST, "refuse every 1st connection")
    with pytest.raises(ServiceRefused, match="554 no"):
        Client(world).outcome()


def test_a_copied_world_has_all_sessions_in_their_order() -> None:
    host = lab_host()
    world = world_of(host)
    clients = [Client(world).opened() for _ in range(3)]
    [twin] = deepcopy(world).hosts
    assert len(host.sessions) == len(twin.sessions) == len(clients)
    assert list(twin._ends) == list(host._ends)


def test_a_host_copied_alone_has_no_sessions() -> None:
    world = world_of(lab_host())
    Client(world).opened()
    [host] = world.hosts
    assert len(host.sessions) == 1
    assert deepcopy(host).sessions == ()
    assert deepcopy(host).address == "192.0.2.25"


def test_a_host_takes_as_many_sessions_as_its_policy_allows() -> None:
    host = lab_host(Policy(max_sessions=1))
    world = world_of(host)
    first, second = Client(world), Client(world)
    assert first.outcome() is None
    with pytest.raises(ConnectionLost, match="421"):
        second.outcome()
    assert len(host.sessions) == 1


def test_the_session_of_a_dropped_client_stays_open_whatever_the_garbage_collector_does() -> None:
    host = lab_host(Policy(max_sessions=1, idle_seconds=inf))
    world = world_of(host)
    Client(world).opened()
    gc.collect()
    assert len(host.sessions) == 1
    with pytest.raises(ConnectionLost, match="421"):
        Client(world).outcome()


def race(seed: int | None) -> list[str]:
    """Let ten clients race for the same host; return the order in which their messages arrive."""
    host = lab_host(NO_PIPELINING)
    world = world_of(host, seed=None if seed is None else Seed(seed))
    clients = [Client(world) for _ in range(10)]
    for number, client in enumerate(clients):
        client.opened().session.deliver("", [ALICE], b"Subject: %d\r\n" % number)
        client.end.run()
    world.run(lambda: not any(client.session.busy for client in clients))
    return [content.decode().split()[-1] for content in host.handler.store.messages("alice")]


def test_who_comes_first_is_drawn_from_the_seed_and_without_one_it_is_who_began_first() -> None:
    assert race(None) == [str(number) for number in range(10)]
    assert race(7) == race(7)
    assert len({tuple(race(seed)) for seed in range(5)}) > 2


def test_octets_of_one_side_never_overtake_each_other() -> None:
    for seed in range(20):
        world = scripted()
        client = Client(world)
        client.end._ties = TieBreaks(Seed(seed))
        world.run(lambda client=client: client.end._wire._peer is not None)
        for piece in (b"2", b"2", b"0", b" x", b"\r", b"\n"):
            client.end._wire._peer.send(piece)  # type: ignore[union-attr]
        wait(world, 0.5)
        assert client.record.transcript.lines(Side.SERVER) == (b"220 x\r\n",)


def test_replies_that_fill_the_buffer_are_all_sent() -> None:
    host = Host(HOST, "192.0.2.25", Handler(HOST), Policy())
    world = world_of(host)
    client = Client(world).opened()
    rows = len(client.record.transcript)
    client.end._wire.send(b"HELP MAIL\r\n" * 2000)
    wait(world, 1.0)
    assert len(client.record.transcript) == rows + 2 * 2000  # the lines of the replies


# Mail that goes round, and far


def forwards(number: int, following: int, **settings: Any) -> Host:
    """Return a host that forwards to the one that follows."""
    domain = f"d{following}.example"
    handler = MailHost(
        Directory([f"d{number}.example"], forwards={"x": f"x@{domain}"}),
        MemoryStore(),
        relay=Relay({domain: (f"h{following}", 25)}),
        personality=PLAIN,
        **settings,
    )
    return Host(f"h{number}", "192.0.2.25", handler, Policy())


def test_a_loop_of_mail_between_live_hosts_ends_with_554_after_100_hops() -> None:
    world = world_of(forwards(1, 2), forwards(2, 1), latency=0.0, recorder=(calls := Calls()))
    client = Client(world, "h1").opened()
    delivery = client.do("deliver", "a@laptop.example", ["x@d1.example"], CONTENT)
    assert delivery.reply.code == 554
    assert len(calls.records) == 100


def test_a_message_passes_a_thousand_hosts_under_the_default_recursion_limit() -> None:
    hosts = [forwards(number, number + 1, hop_limit=1001) for number in range(999)]
    handler = MailHost(Directory(["d999.example"], ["x"]), MemoryStore(), personality=PLAIN, hop_limit=1001)
    last = Host("h999", "192.0.2.26", handler, Policy())
    world = world_of(*hosts, last, latency=0.0)
    client = Client(world, "h0").opened()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    try:
        delivery = client.do("deliver", "a@laptop.example", ["x@d0.example"], CONTENT)
    finally:
        sys.setrecursionlimit(limit)
    assert delivery.reply.code == 250
    [message] = handler.store.messages("x")
    assert message.count(b"Received: ") == 1000


def test_a_host_gives_up_a_silent_next_hop_and_tells_its_client() -> None:
    near = Host(
        HOST, "192.0.2.25", mail_host(relay=Relay({"far.example": ("far.example", 25)})), Policy(idle_seconds=1.0)
    )
    far = ScriptedHost("far.example", "192.0.2.26", [GREETING, EHLO], Policy())  # type: ignore[arg-type]
    world = world_of(near, far)
    client = Client(world).opened()
    delivery = client.do("deliver", "", ["x@far.example"], CONTENT)
    assert delivery.reply.code == 451
    assert world.time > 30  # and the idle limit of one second has not counted meanwhile
