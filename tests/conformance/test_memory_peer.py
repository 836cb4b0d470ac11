"""A server in memory says in its own way that it has closed: by an attribute, by a method, or by an error."""

import pytest

from smtplab.conformance.servers.memory_peer import MemoryPeer


class Server:
    greeting = b"220 a\r\n"

    def __init__(self) -> None:
        self.ended = False

    def feed(self, octets: bytes) -> bytes:
        self.ended = octets == b"QUIT\r\n"
        return b"221 a\r\n" if self.ended else b"250 a\r\n"


class ByMethod(Server):
    def closed(self) -> bool:
        return self.ended


class ByProperty(Server):
    @property
    def closed(self) -> bool:
        return self.ended


class ByError(Server):
    def closed(self) -> bool:
        return 1 / (1 - self.ended) > 1


@pytest.mark.parametrize("server", [ByMethod, ByProperty, ByError])
def test_a_server_has_closed_once_it_says_so(server: type) -> None:
    peer = MemoryPeer(server)
    connection = peer.connect()
    connection.send(b"NOOP\r\n")
    assert not connection.closed
    connection.send(b"QUIT\r\n")
    assert connection.closed
    assert peer.tells_of_closing
    assert connection.receive(0.0) == b"220 a\r\n250 a\r\n221 a\r\n"
    assert connection.receive(0.0) == b""


def test_an_error_in_its_word_about_the_end_is_told_as_a_crash() -> None:
    connection = MemoryPeer(ByError).connect()
    connection.send(b"QUIT\r\n")
    assert connection.closed
    assert "ZeroDivisionError" in connection.crash


def test_a_server_without_a_word_about_the_end_never_closes() -> None:
    peer = MemoryPeer(Server)
    connection = peer.connect()
    connection.send(b"QUIT\r\n")
    assert not connection.closed
    assert not peer.tells_of_closing
