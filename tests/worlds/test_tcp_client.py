"""The client over TCP: whom it calls, and how it waits."""

import socket
import time

import pytest

from smtplab.client.outcomes import ConnectionLost, Timeouts
from smtplab.worlds import tcp_client
from smtplab.worlds.addresses import RemoteAddressRefused
from smtplab.worlds.background import BackgroundServer, serve
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import Client, dial
from support.hosts import mail_host
from support.raw_client import PATIENCE, behind_the_trace


@pytest.mark.parametrize(
    ("missing", "instead"), [("_AT_ONCE", 0), ("_PATIENCE_OPTION", b"")], ids=["no MSG_DONTWAIT", "other SO_RCVTIMEO"]
)
def test_client_delivers_also_where_reading_cannot_wait_by_itself(
    monkeypatch: pytest.MonkeyPatch, missing: str, instead: object
) -> None:
    monkeypatch.setattr(tcp_client, missing, instead)
    content = b"Subject: x\r\n\r\n" + 100_000 * (b"x" * 78 + b"\r\n")  # more than the buffers of a socket hold
    handler = mail_host()
    with (
        BackgroundServer(Server(handler)) as server,
        Client(*server.address, timeouts=Timeouts.all(PATIENCE)) as client,
    ):
        assert client.deliver("a@client.example", ["alice@lab.example"], content).complete
    assert [behind_the_trace(message) for message in handler.store.messages("alice")] == [content]


@pytest.mark.parametrize("seconds", [0.05, 1.2], ids=["shorter than a read waits", "longer"])
def test_silence_is_waited_for_as_long_as_was_said(seconds: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stream = dial(*silent.getsockname())
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            stream.receive(seconds)
        assert time.monotonic() - began >= seconds * 0.9
        stream.close()


def test_client_refuses_another_machine_unless_it_is_allowed() -> None:
    with pytest.raises(RemoteAddressRefused, match=r"192\.0\.2\.1 is another machine .* \(allow_remote\)"):
        Client("192.0.2.1", 25)


def _resolving_to(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Let the resolver give one answer after the other; each is one or more addresses, apart by blanks."""
    rest = iter(answers)

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(rest).split()]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_name_is_resolved_once_so_that_the_address_checked_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as server:
        _resolving_to(monkeypatch, "127.0.0.1", "127.0.0.2")
        stream = dial("rebound.example", server.address[1])
        assert stream._socket.getpeername()[0] == "127.0.0.1"
        stream.close()


def test_next_address_of_a_host_is_tried_if_nobody_listens_at_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as server:
        _resolving_to(monkeypatch, "127.0.0.9 127.0.0.1", "127.0.0.9")
        dial("two.example", server.address[1]).close()
    with pytest.raises(ConnectionLost, match=r"nobody listens on two\.example port"):
        dial("two.example", server.address[1])
