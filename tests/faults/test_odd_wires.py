"""Odd servers said in the language of faults, and what a client by hand sees of each on the wire.

Each is talked to on the virtual clock, and those that need no time on sockets, too.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import groupby
from typing import Protocol

import pytest

from faults.bank_odd_servers import CALL, ODD_WIRES, OddWire, Step
from smtplab.client.outcomes import ConnectionLost
from smtplab.faults.fault import Fault
from smtplab.faults.plan import FaultPlan
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.faulty_server import FaultySessionFactory
from smtplab.worlds.memory import MemoryStream, Network
from smtplab.worlds.tcp import Server
from smtplab.worlds.virtual import Host
from support.hosts import mail_host

HOST = "mail.lab.example"
# No reply of the table is longer; an endless one is read so far.
MOST_OCTETS = 20_000


def heard(octets: bytes, end: str) -> str:
    """Return what came as the table has it."""
    lines = [line[:4].rstrip().decode("latin-1") for line in octets.split(b"\r\n") if line]
    return " ".join([*(line for line, _ in groupby(lines)), *filter(None, [end])])


def matches(octets: bytes, end: str, expected: str | bytes, seconds: float = 0) -> bool:
    if isinstance(expected, bytes):
        return expected in octets
    passed = f"+{seconds:g} " if round(seconds) else ""
    return passed + heard(octets, end) == expected


class Client(Protocol):
    """A client by hand."""

    def call(self) -> None: ...
    def send(self, octets: bytes) -> None: ...
    def hear(self, expected: str | bytes) -> tuple[bytes, str, float]: ...
    def wait(self, seconds: float) -> None: ...


class VirtualClient:
    """A client of a host in memory, whose clock moves only when it or the host waits."""

    def __init__(self, faults: Iterable[str], handler: MailHost) -> None:
        self._network = Network(timed=True)
        self._network.add(Host(HOST, "192.0.2.25", handler, Policy(), faults=FaultPlan.of(faults)))
        self._streams: list[MemoryStream] = []  # earlier ones stay open
        self._began = 0.0
        self._refused = False

    def call(self) -> None:
        self._began, self._refused = self._network.time, False
        try:
            self._streams.append(self._network.dial(HOST))
        except ConnectionLost:
            self._refused = True

    def send(self, octets: bytes) -> None:
        self._began = self._network.time
        self._streams[-1].send(octets)

    def wait(self, seconds: float) -> None:
        self._network.pass_time(int(seconds * 1_000_000))
        self._began = self._network.time

    def hear(self, expected: str | bytes) -> tuple[bytes, str, float]:
        if self._refused:
            return b"", "RST", 0
        octets, end = b"", ""
        stream = self._streams[-1]
        while not end and len(octets) < MOST_OCTETS:
            session = stream.session
            waits = session.pause if session.stalled and session.pause is not None else 0
            try:
                piece = stream.receive(waits)
                octets += piece
                end = "FIN" if not piece and (session.closed or session.half_closed) else ""
            except ConnectionResetError:
                octets, end = octets + session.data_to_send(), "RST"
            except TimeoutError:
                if not (session.stalled and session.pause is not None):
                    break
        return octets, end, self._network.time - self._began


class SocketClient:
    """A client of a server on a socket; it waits until it has heard what it expects, or for a while."""

    def __init__(self, server: BackgroundServer, stack: ExitStack) -> None:
        self._address, self._stack = server.address, stack
        self._socket = stack.enter_context(socket.socket())
        self._end = ""

    def call(self) -> None:
        self._end = ""
        try:
            self._socket = self._stack.enter_context(socket.create_connection(self._address, 5))
        except ConnectionResetError:  # the reset may come before the system has told of the connection
            self._end = "RST"

    def send(self, octets: bytes) -> None:
        self._socket.sendall(octets)
        time.sleep(0.02)  # so that the next piece is one of its own

    def wait(self, seconds: float) -> None:
        raise NotImplementedError

    def hear(self, expected: str | bytes) -> tuple[bytes, str, float]:
        octets, end = b"", self._end
        deadline = time.monotonic() + (3 if expected else 0.1)
        self._socket.settimeout(0.1)
        while not end and time.monotonic() < deadline and len(octets) < MOST_OCTETS:
            if expected and matches(octets, end, expected):
                break
            try:
                piece = self._socket.recv(65536)
                octets, end = octets + piece, "" if piece else "FIN"
            except TimeoutError:
                pass
            except ConnectionResetError:
                end = "RST"
        return octets, end, 0


def converse(client: Client, talk: Iterable[Step]) -> None:
    """Have a conversation, and compare what is heard."""
    for number, (does, expected) in enumerate(talk):
        if does is CALL:
            client.call()
        elif isinstance(does, float):
            client.wait(does)
        else:
            whole = does.encode() + b"\r\n" if isinstance(does, str) else does
            for piece in (whole,) if isinstance(whole, bytes) else whole:
                client.send(piece)
        octets, end, seconds = client.hear(expected)
        assert matches(octets, end, expected, seconds), (number, does, octets, heard(octets, end), seconds)


def check_kept(odd: OddWire, handler: MailHost) -> None:
    messages = handler.store.messages("alice")  # type: ignore[union-attr]
    assert odd.kept in (-1, len(messages))
    assert odd.holds in (messages[-1] if messages else b"")


@pytest.mark.parametrize("odd", ODD_WIRES.values(), ids=ODD_WIRES)
def test_an_odd_server_does_on_the_virtual_clock_what_its_lines_say(odd: OddWire) -> None:
    handler = mail_host()
    converse(VirtualClient(odd.faults, handler), odd.talk)
    check_kept(odd, handler)


def needs_time(odd: OddWire) -> bool:
    return any(isinstance(does, float) or str(expected).startswith("+") for does, expected in odd.talk)


@pytest.mark.parametrize("name", [name for name, odd in ODD_WIRES.items() if not needs_time(odd)])
def test_an_odd_server_does_the_same_on_a_socket(name: str) -> None:
    odd, handler = ODD_WIRES[name], mail_host()
    server = Server(handler, sessions=FaultySessionFactory(FaultPlan.of(odd.faults)))
    with BackgroundServer(server) as running, ExitStack() as stack:
        converse(SocketClient(running, stack), odd.talk)
    check_kept(odd, handler)


def test_there_are_about_a_hundred_of_them() -> None:
    assert len(ODD_WIRES) >= 100


@pytest.mark.parametrize("odd", ODD_WIRES.values(), ids=ODD_WIRES)
def test_what_it_does_takes_one_to_three_lines(odd: OddWire) -> None:
    assert 1 <= len(odd.faults) <= 3
    for line in odd.faults:
        assert Fault.parse(str(Fault.parse(line))) == Fault.parse(line)
