"""A watched server behaves as every server, and shows its watcher each octet and each silence."""

from __future__ import annotations

import socket
import time

import pytest

from smtplab.mta.policy import Policy
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.tcp import Server
from smtplab.worlds.watched_server import WatchedSessionFactory
from support.hosts import mail_host
from support.raw_client import PATIENCE


class Watcher:
    """Notes what it is shown."""

    def __init__(self) -> None:
        self.seen: list[bytes | str] = []

    def heard(self, octets: bytes) -> None:
        self.seen.append(b"C: " + octets)

    def said(self, octets: bytes) -> None:
        self.seen.append(b"S: " + octets[:3])

    def silent(self) -> None:
        self.seen.append("silent")

    def gone(self) -> None:
        self.seen.append("gone")


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


def _until(watcher: Watcher, seen: list[bytes | str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while watcher.seen != seen and time.monotonic() < deadline:
        time.sleep(0.01)
    assert watcher.seen == seen


def test_octets_silences_and_the_end_are_shown(watcher: Watcher) -> None:
    factory = WatchedSessionFactory(lambda: watcher, seconds=0.1)
    with (
        BackgroundServer(Server(mail_host(), policy=Policy(), sessions=factory)) as server,
        socket.create_connection(server.address, PATIENCE) as client,
    ):
        _until(watcher, [b"S: 220", "silent"])
        client.sendall(b"NOO")
        _until(watcher, [b"S: 220", "silent", b"C: NOO", "silent"])
        client.sendall(b"P\r\n")
        seen = [b"S: 220", "silent", b"C: NOO", "silent", b"C: P\r\n", b"S: 250", "silent"]
        _until(watcher, seen)
        client.sendall(b"QUIT\r\n")
        _until(watcher, [*seen, b"C: QUIT\r\n", b"S: 221", "gone"])


def test_a_client_that_leaves_is_shown_as_gone(watcher: Watcher) -> None:
    factory = WatchedSessionFactory(lambda: watcher, seconds=60)
    with BackgroundServer(Server(mail_host(), sessions=factory)) as server:
        socket.create_connection(server.address, PATIENCE).close()
        _until(watcher, [b"S: 220", "gone"])
