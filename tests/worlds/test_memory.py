"""The memory world: hosts found by name, one thread, no time, and the same conversation every time."""

import threading
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from smtplab.client.outcomes import ConnectionLost
from smtplab.mta.policy import Policy
from smtplab.mta.relay import NEXT_HOP_TIMEOUTS, Relay
from smtplab.transcript import Transcript
from smtplab.worlds.blocking import MailClient
from smtplab.worlds.memory import Network
from smtplab.worlds.virtual import Host
from support.hosts import ForgettingStore, mail_host
from support.raw_client import RawClient

CONTENT = b"Subject: x\r\n\r\n.x\r\n"


@pytest.fixture
def network() -> Network:
    """A network with a mail host of two names, one that is down, and one without a server."""
    found = Network()
    found.add(Host("mx.lab.example", "192.0.2.25", mail_host(store=ForgettingStore()), Policy()), "lab.example")
    found.add(Host("down.example", "192.0.2.26", mail_host(), Policy(), up=False))
    found.add(Host("desk.example", "192.0.2.27", None, Policy()))
    return found


def _host(network: Network) -> Host:
    return network.hosts[0]


@pytest.mark.parametrize("name", ["mx.lab.example", "lab.example", "LAB.Example", "lab.example.", "192.0.2.25"])
def test_host_is_reached_by_any_of_its_names_and_its_address(network: Network, name: str) -> None:
    assert RawClient(network.dial(name)).reply().startswith("220 lab.example ")


def test_hosts_come_once_and_in_the_order_in_which_they_were_added(network: Network) -> None:
    assert [host.name for host in network.hosts] == ["mx.lab.example", "down.example", "desk.example"]


@pytest.mark.parametrize(
    ("name", "port", "word"),
    [
        ("nowhere.example", 25, "no host"),
        ("down.example", 25, "is down"),
        ("desk.example", 25, "server"),
        ("lab.example", 2525, "2525"),
    ],
)
def test_a_host_that_cannot_be_reached_is_a_lost_connection(network: Network, name: str, port: int, word: str) -> None:
    with pytest.raises(ConnectionLost, match=word):
        network.dial(name, port)


def test_host_that_comes_up_again_is_reached(network: Network) -> None:
    network.find("down.example").up = True
    assert RawClient(network.dial("down.example")).reply().startswith("220")


def test_reply_that_does_not_come_is_a_time_out_at_once(network: Network) -> None:
    client = RawClient(network.dial("lab.example"))
    client.reply()
    client.send(b"NOOP\r")
    with pytest.raises(TimeoutError):
        client.reply()


def test_to_send_nothing_is_not_the_end(network: Network) -> None:
    client = RawClient(network.dial("lab.example"))
    client.send(b"")
    assert client.reply().startswith("220")
    assert client.say("NOOP").startswith("250")


def test_closed_session_takes_no_more_octets_and_gives_none(network: Network) -> None:
    client = RawClient(network.dial("lab.example"))
    client.reply()
    assert client.say("QUIT").startswith("221")
    assert client.reply() == ""
    with pytest.raises(BrokenPipeError):
        client.send(b"NOOP\r\n")


def test_leaving_amid_the_message_leaves_nothing_in_the_mailbox(network: Network) -> None:
    store = _host(network).handler.store
    client = RawClient(network.dial("lab.example"))
    client.open_data()
    client.send(b"Subject: x\r\n")
    assert store.open_drafts == 1
    client.close()
    client.close()
    assert store.open_drafts == 0
    assert store.messages("alice") == []
    with pytest.raises(BrokenPipeError):
        client.send(b".\r\n")


def test_sessions_do_not_mix(network: Network) -> None:
    clients = [RawClient(network.dial("lab.example")) for _ in range(20)]
    for client in clients:
        client.open_data()
    for number, client in enumerate(clients):
        client.send(b"Subject: %d\r\n" % number)
    assert {client.say(".")[:3] for client in clients} == {"250"}
    stored = _host(network).handler.store.messages("alice")
    assert [message.rpartition(b" ")[2] for message in stored] == [b"%d\r\n" % number for number in range(20)]


def test_conversation_and_mailbox_are_the_same_every_time() -> None:
    def once() -> tuple[str, list[bytes]]:
        handler = mail_host()
        handler.clock = lambda: datetime(2026, 11, 2, tzinfo=UTC)
        network, transcript = Network(), Transcript()
        network.add(Host("lab.example", "192.0.2.25", handler, Policy()))
        seconds = iter(range(1000))
        stream = network.dial("lab.example", peer="192.0.2.7")
        with MailClient(stream, "c.example", transcript=transcript, clock=lambda: float(next(seconds))) as client:
            client.deliver("", ["alice@lab.example", "nobody@lab.example"], CONTENT)
            client.command("VRFY alice")
        return transcript.to_json(), handler.store.messages("alice")

    threads = threading.active_count()
    first = once()
    assert [once() for _ in range(3)] == [first] * 3
    assert threading.active_count() == threads
    assert b"from c.example ([192.0.2.7]) by lab.example" in first[1][0]


def test_copied_network_has_hosts_of_its_own_and_no_sessions_but_those_copied_before(network: Network) -> None:
    _host(network).handler = mail_host()
    stream, other = network.dial("lab.example"), network.dial("lab.example")
    alone = deepcopy(network)
    assert _host(alone) is not _host(network)
    assert (len(_host(network).sessions), len(_host(alone).sessions)) == (2, 0)
    memo: dict[int, object] = {}
    copied = deepcopy(stream, memo)
    assert _host(deepcopy(network, memo)).sessions == (copied.session,)
    copied.send(b"QUIT\r\n")
    assert not stream.session.closed
    assert not other.session.closed


def test_copied_stream_is_connected_to_a_copy_of_its_host(network: Network) -> None:
    _host(network).handler = mail_host()
    network.hosts[1].handler = None
    stream = network.dial("lab.example")
    copied = deepcopy(stream)
    copied.receive()
    copied.send(b"QUIT\r\n")
    assert (stream.session.closed, copied.session.closed) == (False, True)
    assert stream.receive().startswith(b"220 ")


def test_stream_goes_back_to_a_copy_of_its_session(network: Network) -> None:
    stream = network.dial("lab.example")
    handler = _host(network).handler
    earlier = deepcopy(stream.session, {id(handler): handler})
    stream.receive()
    stream.send(b"QUIT\r\n")
    stream.close()
    stream.go_back(earlier)
    assert stream.receive().startswith(b"220 ")
    stream.send(b"NOOP\r\n")
    assert stream.receive().startswith(b"250 ")


class Mute:
    """A host's session that never says a word."""

    task = None
    halted = closed = half_closed = deaf = False
    awaits = None
    wait_number = 0

    def start(self, others: int) -> None:
        """Say nothing."""

    def receive(self, data: bytes) -> None:
        """Take it."""

    def data_to_send(self) -> bytes:
        return b""


class MuteHost(Host):
    """A host that takes connections and is silent."""

    __slots__ = ()

    def session(self, peer: str) -> Any:
        return Mute()


def test_host_that_waits_for_a_silent_one_gives_up_at_once_and_its_client_is_told() -> None:
    network = Network()
    near = mail_host(relay=Relay({"mute.example": ("mute.example", 25)}))
    network.add(Host("lab.example", "192.0.2.25", near, Policy(idle_seconds=1.0)))
    network.add(MuteHost("mute.example", "192.0.2.26", None, Policy()))
    idle, client = RawClient(network.dial("lab.example")), RawClient(network.dial("lab.example"))
    client.open_data("x@mute.example")
    assert network.time == 0.0
    assert client.say(".").startswith("451")
    assert network.time == NEXT_HOP_TIMEOUTS.greeting
    assert client.say("NOOP").startswith("250")  # nobody at a keyboard exceeds an idle limit
    assert idle.reply().startswith("220")
    assert idle.say("NOOP").startswith("250")
    assert network.scheduler.next_time is None


def test_what_was_interrupted_goes_on_when_the_stream_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network()
    near = mail_host(relay=Relay({"far.example": ("far.example", 25)}))
    far = mail_host(domain="far.example")
    network.add(Host("lab.example", "192.0.2.25", near, Policy()))
    network.add(Host("far.example", "192.0.2.26", far, Policy()))
    client = RawClient(network.dial("lab.example"))
    client.open_data("alice@far.example")
    step, left = network.scheduler.step, iter([True, True, True])

    def interrupted() -> bool:
        if next(left, False):
            return step()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(network.scheduler, "step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            client.send(b".\r\n")
    assert client.stream.session.task is not None
    assert client.reply().startswith("250")
    assert len(far.store.messages("alice")) == 1


# Time that passes


def _timed() -> Network:
    network = Network(timed=True)
    network.add(Host("mx.lab.example", "192.0.2.25", mail_host(), Policy(idle_seconds=300.0)))
    return network


def test_in_a_timed_network_events_run_only_while_time_passes() -> None:
    for network, ran in ((_timed(), []), (Network(), [1])):
        happened: list[int] = []
        if not network.hosts:
            network.add(Host("mx.lab.example", "192.0.2.25", mail_host(), Policy()))
        network.scheduler.after(0, lambda happened=happened: happened.append(1))  # type: ignore[misc]
        network.dial("mx.lab.example").send(b"NOOP\r\n")
        assert happened == ran
        network.pass_time(0)
        assert happened == [1]


def test_time_stops_when_the_condition_holds() -> None:
    network = _timed()
    happened: list[int] = []
    for delay in (10, 20, 30):
        network.scheduler.after(delay, lambda delay=delay: happened.append(delay))  # type: ignore[misc]
    network.pass_time(100, lambda: 20 in happened)
    assert (happened, network.scheduler.now) == ([10, 20], 20)
    network.pass_time(5)
    assert (happened, network.scheduler.now) == ([10, 20], 25)
    network.pass_time(100)
    assert (happened, network.scheduler.now) == ([10, 20, 30], 125)


def test_a_client_that_is_silent_for_too_long_gets_421_at_its_time() -> None:
    network = _timed()
    early, late = network.dial("mx.lab.example"), network.dial("mx.lab.example")
    network.pass_time(200_000_000)
    late.receive()
    late.send(b"NOOP\r\n")
    network.pass_time(100_000_000)
    assert b"\r\n421 " in early.receive()
    assert early.session.closed
    assert not late.session.closed
    network.pass_time(200_000_000)
    assert late.session.closed
