"""A host of the memory world takes sessions, as many as its policy allows, until it is stopped."""

from collections.abc import Callable
from functools import partial

import pytest

from smtplab.client.outcomes import ConnectionLost
from smtplab.mta.handler import Handler
from smtplab.mta.policy import Policy
from smtplab.worlds.memory import MemoryStream, Network
from smtplab.worlds.virtual import Host

NAME = "mx.lab.example"
Dial = Callable[[], MemoryStream]


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def host(network: Network) -> Host:
    return network.add(Host(NAME, "192.0.2.25", Handler(NAME), Policy(max_sessions=2)))


@pytest.fixture
def dial(network: Network, host: Host) -> Dial:
    """Open a connection to the host."""
    return partial(network.dial, NAME)


def test_the_session_beyond_the_limit_is_sent_away_with_421(host: Host, dial: Dial) -> None:
    first, second, third = (dial() for _ in range(3))
    assert first.receive().startswith(b"220 ")
    assert second.receive().startswith(b"220 ")
    assert third.receive() == b"421 mx.lab.example already has 2 connections; try again later\r\n"
    assert third.receive() == b""
    assert set(host.sessions) == {first.session, second.session}


@pytest.mark.parametrize("leave", ["QUIT", "close", "forget"])
def test_a_client_that_has_gone_makes_room(host: Host, dial: Dial, leave: str) -> None:
    streams = [dial(), dial()]
    if leave == "QUIT":
        streams[0].send(b"QUIT\r\n")
    elif leave == "close":
        streams[0].close()
    else:
        del streams[0]
    assert len(host.sessions) == 1
    assert dial().receive().startswith(b"220 ")


def test_stop_says_421_to_every_open_session_and_then_closes(host: Host, dial: Dial) -> None:
    streams = [dial(), dial()]
    for stream in streams:
        stream.receive()
    host.stop()
    for stream in streams:
        assert stream.receive() == b"421 mx.lab.example is shutting down; try again later\r\n"
        assert stream.receive() == b""
        with pytest.raises(BrokenPipeError):
            stream.send(b"NOOP\r\n")
    assert host.sessions == ()


def test_a_stopped_host_does_not_answer(host: Host, dial: Dial) -> None:
    host.stop()
    with pytest.raises(ConnectionLost, match=r"mx\.lab\.example does not answer; the host is down"):
        dial()


def test_a_host_without_a_mail_server_does_not_answer(network: Network) -> None:
    network.add(Host("www.lab.example", "192.0.2.80", None, Policy()))
    with pytest.raises(ConnectionLost, match="the host has no mail server"):
        network.dial("www.lab.example")


def test_a_host_listens_on_port_25_alone(network: Network, host: Host) -> None:
    with pytest.raises(ConnectionLost, match="port 2525"):
        network.dial("192.0.2.25", 2525)
    assert network.dial("192.0.2.25", 25).receive().startswith(b"220 ")
