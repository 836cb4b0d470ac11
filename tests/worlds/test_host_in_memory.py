"""A host of the memory world takes sessions, as many as its policy allows, until it is stopped."""

import pytest

from smtplab.client.outcomes import ConnectionLost
from smtplab.mta.handler import Handler
from smtplab.mta.session import Policy
from smtplab.worlds.memory import Host, Network

PEER = "192.0.2.1"


@pytest.fixture
def host() -> Host:
    return Host("mx.lab.example", "192.0.2.25", Handler("mx.lab.example"), Policy(max_sessions=2))


def test_the_session_beyond_the_limit_is_sent_away_with_421(host: Host) -> None:
    first, second, third = (host.answer(PEER) for _ in range(3))
    assert first.receive().startswith(b"220 ")
    assert second.receive().startswith(b"220 ")
    assert third.receive() == b"421 mx.lab.example already has 2 connections; try again later\r\n"
    assert third.receive() == b""
    assert set(host.sessions) == {first.session, second.session}


@pytest.mark.parametrize("leave", ["QUIT", "close", "forget"])
def test_a_client_that_has_gone_makes_room(host: Host, leave: str) -> None:
    streams = [host.answer(PEER), host.answer(PEER)]
    if leave == "QUIT":
        streams[0].send(b"QUIT\r\n")
    elif leave == "close":
        streams[0].close()
    else:
        del streams[0]
    assert len(host.sessions) == 1
    assert host.answer(PEER).receive().startswith(b"220 ")


def test_stop_says_421_to_every_open_session_and_then_closes(host: Host) -> None:
    streams = [host.answer(PEER), host.answer(PEER)]
    for stream in streams:
        stream.receive()
    host.stop()
    for stream in streams:
        assert stream.receive() == b"421 mx.lab.example is shutting down; try again later\r\n"
        assert stream.receive() == b""
        with pytest.raises(BrokenPipeError):
            stream.send(b"NOOP\r\n")
    assert host.sessions == ()


def test_a_stopped_host_does_not_answer(host: Host) -> None:
    host.stop()
    with pytest.raises(ConnectionLost, match=r"mx\.lab\.example does not answer; the host is down"):
        host.answer(PEER)


def test_a_host_without_a_mail_server_does_not_answer() -> None:
    network = Network()
    network.add(Host("www.lab.example", "192.0.2.80", None, Policy()))
    with pytest.raises(ConnectionLost, match="the host has no mail server"):
        network.dial("www.lab.example")


def test_a_host_listens_on_port_25_alone(host: Host) -> None:
    network = Network()
    network.add(host)
    with pytest.raises(ConnectionLost, match=r"nobody listens on 192\.0\.2\.25 port 2525; mail servers listen on"):
        network.dial("192.0.2.25", 2525)
    assert network.dial("192.0.2.25", 25).receive().startswith(b"220 ")
