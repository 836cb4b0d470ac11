"""Which addresses a host has, and where mail may go: a name is resolved once, and all its addresses are checked."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from smtplab.client.outcomes import ConnectionLost
from smtplab.worlds.addresses import Endpoints, RemoteAddressRefused, check_reach, no_connection, resolve, resolve_async
from smtplab.worlds.tcp_client import Client

Find = Callable[..., Endpoints]


def _soon(host: str, port: int, *, allow_remote: bool = False) -> Endpoints:
    return asyncio.run(resolve_async(host, port, allow_remote=allow_remote))


def _now(host: str, port: int, *, allow_remote: bool = False) -> Endpoints:
    return resolve(host, port, allow_remote=allow_remote)


@pytest.fixture(params=[_now, _soon], ids=["blocking", "on the loop"])
def find(request: pytest.FixtureRequest) -> Find:
    """Find the endpoints of a host, in either manner."""
    found: Find = request.param
    return found


def _resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let the resolver give these addresses; return the names that it is asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_way_to_an_address_is_its_family_and_the_address(find: Find) -> None:
    assert find("127.0.0.1", 25) == [(socket.AF_INET, ("127.0.0.1", 25))]
    assert [(family, address[:2]) for family, address in find("::1", 25)] == [(socket.AF_INET6, ("::1", 25))]


def test_name_is_resolved(find: Find) -> None:
    assert {address[0] for _, address in find("localhost", 25)} <= {"127.0.0.1", "::1"}


def test_every_address_of_a_host_is_a_way_in_the_order_of_the_resolver(find: Find, monkeypatch) -> None:
    _resolving_to(monkeypatch, "127.0.0.9", "127.0.0.1")
    assert [address for _, address in find("two.example", 25)] == [("127.0.0.9", 25), ("127.0.0.1", 25)]


def test_name_is_resolved_once_so_that_the_address_checked_is_the_one_called(find: Find, monkeypatch) -> None:
    asked = _resolving_to(monkeypatch, "127.0.0.1")
    find("rebound.example", 25)
    assert asked == ["rebound.example"]


def test_address_is_read_without_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise AssertionError("a thread was started")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert _soon("127.0.0.1", 25)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "0.0.0.0", "10.0.0.1"])
def test_another_machine_is_refused_unless_it_is_allowed(find: Find, address: str) -> None:
    with pytest.raises(RemoteAddressRefused, match="allow_remote") as error:
        find(address, 25)
    assert error.value.permanent
    assert find(address, 25, allow_remote=True)[0][1][0] == address


@pytest.mark.parametrize("addresses", [("127.0.0.1", "192.0.2.1"), ("192.0.2.1", "127.0.0.1")])
def test_host_with_one_remote_address_among_others_is_refused(find: Find, monkeypatch, addresses) -> None:
    _resolving_to(monkeypatch, *addresses)
    with pytest.raises(RemoteAddressRefused, match=r"192\.0\.2\.1"):
        find("two.example", 25)


def test_reach_is_checked_without_an_answer() -> None:
    assert check_reach("127.0.0.1", 25) is None
    assert check_reach("192.0.2.1", 25, allow_remote=True) is None
    with pytest.raises(RemoteAddressRefused):
        check_reach("192.0.2.1", 25)


@pytest.mark.parametrize("name", ["nowhere.invalid", "a" * 70 + ".example", "a..b", "\udcff", ""])
def test_what_is_no_host_is_told_in_one_line(find: Find, name: str) -> None:
    with pytest.raises(ConnectionLost, match="no host") as error:
        find(name, 25)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("port", [-1, 0, 65536, 65536 + 25, 10**100])
def test_what_is_no_port_is_refused_before_the_host_is_looked_up(find: Find, port: int, monkeypatch) -> None:
    asked = _resolving_to(monkeypatch, "127.0.0.1")
    with pytest.raises(ConnectionLost, match="port"):
        find("nowhere.invalid", port)
    assert asked == []


@pytest.mark.parametrize("port", [1, 65535])
def test_ports_go_from_1_to_65535(find: Find, port: int) -> None:
    assert find("127.0.0.1", port)[0][1][1] == port


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (TimeoutError(), "within 7 s"),
        (ConnectionRefusedError(111, "Connection refused"), "listens"),
        (OSError(113, "No route to host"), "No route to host"),
        (OSError("strange"), "strange"),
    ],
)
def test_why_there_is_no_connection_is_told(error: OSError, word: str) -> None:
    found: Any = no_connection("lab.example", 25, error, 7.0)
    assert type(found) is ConnectionLost
    assert word in str(found)
    assert "lab.example port 25" in str(found)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [(None, 25, "name"), (b"localhost", 25, "name"), ("127.0.0.1", "25", "port")],
)
def test_host_and_port_of_another_type_are_named(host: object, port: object, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        resolve(host, port, allow_remote=False)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=words):
        asyncio.run(resolve_async(host, port, allow_remote=False))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=words):
        Client(host, port)  # type: ignore[arg-type]


def test_a_client_checks_its_arguments_before_it_connects() -> None:
    with pytest.raises(TypeError, match="timeouts"):
        Client("nowhere.invalid", 25, timeouts=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="helo"):
        Client("nowhere.invalid", 25, helo=None)  # type: ignore[arg-type]
