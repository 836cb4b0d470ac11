"""Scripted faults over TCP: what smtplib sees of them."""

import select
import smtplib
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from smtplab.faults.plan import FaultPlan
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.faulty_server import FaultySessionFactory, session_factory
from smtplab.worlds.tcp import Server
from support.hosts import mail_host

MESSAGE = b"Subject: x\r\n\r\n" + b"Good morning.\r\n" * 100


def serving(*faults: str) -> BackgroundServer:
    return BackgroundServer(Server(mail_host(), sessions=FaultySessionFactory(FaultPlan.of(faults))))


def wait_for(condition: Callable[[], Any]) -> Any:
    """Wait until something is true, and return it."""
    deadline = time.monotonic() + 5
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def send(server: BackgroundServer, seconds: float = 5) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(*server.address, timeout=seconds, local_hostname="me.example") as client:
        return client.sendmail("me@far.example", ["alice@lab.example", "bob@lab.example"], MESSAGE)


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        ("one-octet writes", {}),
        ("one-octet writes every 1 ms", {}),
        ("delay replies by 50 ms", {}),
        ("reply 451 to the second RCPT", {"bob@lab.example": (451, b"")}),
        ("read 10,000 octets a second", {}),
        ("advertise \"STARTTLS\"", {}),
    ],
)  # fmt: skip
def test_a_message_gets_through(fault: str, refused: dict[str, tuple[int, bytes]]) -> None:
    with serving(fault) as server:
        outcome = send(server)
    assert {who: code for who, (code, _) in outcome.items()} == {who: code for who, (code, _) in refused.items()}


CLOSED_OR_RESET = (smtplib.SMTPServerDisconnected, ConnectionError)


@pytest.mark.parametrize(
    ("fault", "error", "word"),
    [
        ("cut at MAIL", smtplib.SMTPServerDisconnected, "closed"),
        ("cut after 1,000 octets of DATA", CLOSED_OR_RESET, "(?i)closed|reset|broken pipe"),
        ("reset after half of the reply to the dot", smtplib.SMTPServerDisconnected, "reset"),
        ("reset at the greeting", (smtplib.SMTPServerDisconnected, ConnectionResetError), "reset"),
        ("refuse connections", (smtplib.SMTPServerDisconnected, ConnectionResetError), "reset"),
        ("hang at RCPT", smtplib.SMTPServerDisconnected, "timed out"),
        ("stop reading after 100 octets of DATA", smtplib.SMTPServerDisconnected, "timed out"),
        ("lose the 250 after the dot", smtplib.SMTPServerDisconnected, "timed out"),
        ("421 above 0 sessions", smtplib.SMTPConnectError, "421"),
        ("reply 552 to the dot", smtplib.SMTPDataError, "552"),
        ("a wrong code", smtplib.SMTPConnectError, "999"),
    ],
)
def test_a_message_does_not_get_through(fault: str, error: type[Exception], word: str) -> None:
    with serving(fault) as server, pytest.raises(error, match=word):
        send(server, 0.3)


def test_a_session_ends_at_an_age() -> None:
    with serving("cut after 100 ms") as server, socket.create_connection(server.address, 5) as client:
        began = time.monotonic()
        while client.recv(1000):
            pass
        assert time.monotonic() - began < 3


def test_an_endless_reply_ends_with_its_client() -> None:
    with serving("an endless continuation to EHLO") as server:
        for _ in range(2):
            with socket.create_connection(server.address, 5) as client:
                client.recv(1000)
                client.sendall(b"EHLO me\r\n")
                assert sum(len(client.recv(65536)) for _ in range(20)) > 20_000


def test_a_client_that_reads_nothing_of_an_endless_reply_costs_no_memory() -> None:
    with serving("an endless continuation to EHLO") as server, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(server.address)
        (protocol,) = wait_for(lambda: list(server._server._protocols))
        protocol.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        client.sendall(b"EHLO me\r\n")
        wait_for(lambda: protocol._write_paused)
        waiting = protocol.transport.get_write_buffer_size()
        time.sleep(0.2)  # twenty of its pauses
        assert protocol.transport.get_write_buffer_size() <= waiting < 200_000


@pytest.mark.skipif(not hasattr(select, "POLLRDHUP"), reason="this system does not show a close behind unread octets")
@pytest.mark.parametrize("before", [b"", b"NOOP\r\n"], ids=["nothing unread", "unread octets"])
def test_a_client_that_leaves_a_server_that_stops_reading_is_noticed(before: bytes) -> None:
    with serving("stop reading at EHLO") as server:
        with socket.create_connection(server.address, 5) as client:
            client.recv(1000)
            client.sendall(b"EHLO me\r\n")
            (protocol,) = wait_for(lambda: [each for each in server._server._protocols if each.session.stalled])
            client.sendall(before)
            time.sleep(0.7)  # longer than from one look to the next
            assert not protocol.transport.is_closing()
        wait_for(lambda: not server._server._protocols)


def test_the_sessions_of_a_client_are_counted_while_they_are_open() -> None:
    with serving("421 above 1 session of a client") as server:
        with socket.create_connection(server.address, 5) as first:
            assert first.recv(1000).startswith(b"220")
            with socket.create_connection(server.address, 5) as second:
                assert second.recv(1000).startswith(b"421")
        wait_for(lambda: not server._server._protocols)
        with socket.create_connection(server.address, 5) as third:
            assert third.recv(1000).startswith(b"220")


def test_who_watches_is_told_of_a_fault_once_in_each_session() -> None:
    seen: list[tuple[str, str]] = []
    factory = session_factory("one-octet writes", observe=lambda fault, client: seen.append((str(fault), client)))
    with BackgroundServer(Server(mail_host(), sessions=factory)) as server:
        for number in (1, 2):
            send(server)
            assert seen == [("1-octet writes", "127.0.0.1")] * number


def heard(client: socket.socket) -> bytes:
    octets = b""
    while piece := client.recv(1000):
        octets += piece
    return octets


@pytest.mark.parametrize("closes", [False, True], ids=["listens on", "closes its side"])
def test_a_client_that_talks_before_the_delayed_greeting_is_caught(closes: bool) -> None:
    faults = ("delay the greeting by 200 ms", "reply 554 to EHLO when pipelined and close")
    with serving(*faults) as server, socket.create_connection(server.address, 5) as client:
        client.sendall(b"EHLO me.example\r\n")
        if closes:
            client.shutdown(socket.SHUT_WR)
        assert [line[:3] for line in heard(client).splitlines()] == [b"220", b"554"]
    with serving(*faults) as server, socket.create_connection(server.address, 5) as client:
        greeting = client.recv(1000)
        client.sendall(b"EHLO me.example\r\n")
        assert (greeting[:3], client.recv(1000)[:3]) == (b"220", b"250")


def test_a_command_that_comes_before_a_delayed_reply_is_caught() -> None:
    faults = ("delay the reply to MAIL by 300 ms", "reply 503 to RCPT when pipelined and close")
    with serving(*faults) as server, socket.create_connection(server.address, 5) as client:
        client.sendall(b"HELO me.example\r\nMAIL FROM:<me@far.example>\r\n")
        time.sleep(0.1)
        client.sendall(b"RCPT TO:<alice@lab.example>\r\n")
        assert [line[:3] for line in heard(client).splitlines()] == [b"220", b"250", b"250", b"503"]


def test_a_client_that_says_much_before_a_delayed_greeting_is_answered_once_it_comes() -> None:
    with serving("delay the greeting by 200 ms") as server, socket.create_connection(server.address, 5) as client:
        client.sendall(b"NOOP\r\n" * 20_000 + b"QUIT\r\n")
        lines = heard(client).splitlines()
    assert (len(lines), lines[-1][:3]) == (20_002, b"221")


def test_a_server_that_half_closes_reads_on() -> None:
    with serving("half-close after EHLO") as server, socket.create_connection(server.address, 5) as client:
        client.recv(4096)
        client.sendall(b"EHLO me.example\r\n")
        heard = b""
        while piece := client.recv(4096):
            heard += piece
        assert heard.startswith(b"250-")
        for _ in range(20):  # a connection that is closed would answer with a reset, and these would fail
            client.sendall(b"NOOP\r\n" * 1000)
            time.sleep(0.005)
        assert client.recv(4096) == b""
