"""The memory world: hosts found by name, one thread, no time, and the same conversation every time."""

import threading
from copy import deepcopy
from datetime import UTC, datetime

import pytest

from smtplab.client.outcomes import ConnectionLost
from smtplab.mta.session import Policy
from smtplab.transcript import Transcript
from smtplab.worlds.blocking import MailClient
from smtplab.worlds.memory import Host, Network
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
    ("name", "port", "sentence"),
    [
        ("nowhere.example", 25, "there is no host 'nowhere.example' here, only mx.lab.example, lab.example, "),
        ("down.example", 25, "down.example does not answer; the host is down"),
        ("desk.example", 25, "nobody listens on desk.example port 25; the host has no mail server"),
        ("lab.example", 2525, "nobody listens on lab.example port 2525; mail servers listen on port 25"),
    ],
)
def test_who_cannot_be_reached_is_told_in_a_plain_sentence(
    network: Network, name: str, port: int, sentence: str
) -> None:
    with pytest.raises(ConnectionLost) as error:
        network.dial(name, port)
    assert str(error.value).startswith(sentence)


def test_host_that_comes_up_again_is_reached(network: Network) -> None:
    network.find("down.example").up = True
    assert RawClient(network.dial("down.example")).reply().startswith("220")


def test_reply_that_does_not_come_is_a_time_out_at_once(network: Network) -> None:
    client = RawClient(network.dial("lab.example"))
    client.reply()
    client.send(b"NOOP\r")
    with pytest.raises(TimeoutError):
        client.reply()


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
