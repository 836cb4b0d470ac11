"""Mail hosts for tests, in either world, and stores that can be held up or broken."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Protocol, TypeVar

from smtplab.client.outcomes import ConnectionLost
from smtplab.client.session import DeliverySession
from smtplab.mta.directory import Directory, Mailbox
from smtplab.mta.handler import Handler
from smtplab.mta.host import MailHost
from smtplab.mta.policy import Policy
from smtplab.mta.relay import Relay
from smtplab.mta.store import MemoryDraft, MemoryStore
from smtplab.mta.task import DiskTask, Task, advance
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.blocking import Stream
from smtplab.worlds.memory import Network
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import dial
from smtplab.worlds.virtual import Host
from support.raw_client import PATIENCE, RawClient

Address = tuple[str, int]
Result = TypeVar("Result")


class World(Protocol):
    """Where hosts are started and reached, by an address that `start` gives."""

    def start(self, handler: Handler, policy: Policy | None = None) -> Address:
        """Run a mail server to the end of the test."""

    def connect(self, address: Address) -> RawClient:
        """Open a connection; nothing has been read from it."""

    def nobody(self) -> Address:
        """Return an address where nobody answers."""


class MemoryWorld:
    """Hosts on a `Network`."""

    def __init__(self) -> None:
        self.network = Network()

    def start(self, handler: Handler, policy: Policy | None = None) -> Address:
        address = f"192.0.2.{10 + len(self.network.hosts)}"
        self.network.add(Host(handler.hostname, address, handler, policy or Policy()))
        return handler.hostname, 25

    def connect(self, address: Address) -> RawClient:
        return RawClient(self.network.dial(*address))

    def nobody(self) -> Address:
        self.network.add(Host("down.example", "192.0.2.2", None, Policy(), up=False))
        return "down.example", 25


class TcpWorld:
    """Hosts on ports of loopback, stopped with the stack."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def start(self, handler: Handler, policy: Policy | None = None) -> Address:
        return self._stack.enter_context(BackgroundServer(Server(handler, policy=policy))).address

    def connect(self, address: Address) -> RawClient:
        client = RawClient(dial(*address, seconds=PATIENCE))
        self._stack.callback(client.close)
        return client

    def nobody(self) -> Address:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            host, port = gone.getsockname()
        return host, port


@contextmanager
def world_of(name: str) -> Iterator[World]:
    """Open the world ``memory`` or ``tcp``; what was started in it ends with the ``with``."""
    with ExitStack() as stack:
        yield MemoryWorld() if name == "memory" else TcpWorld(stack)


def mail_host(
    mailboxes: Iterable[str | Mailbox] = ("alice", "bob"),
    *,
    domain: str = "lab.example",
    relay: Relay | None = None,
    store: Any = None,
    **entries: Any,
) -> MailHost:
    """Return the mail host of one domain, its mail in memory; `entries` are those of `Directory`."""
    return MailHost(Directory([domain], mailboxes, **entries), store or MemoryStore(), relay=relay)


class SlowStore(MemoryStore):
    """A store whose commits wait for `release`; `entered` tells that one does, and `commits` counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.commits = 0
        self.entered, self.release = threading.Event(), threading.Event()

    def commit_all(self, drafts: Sequence[MemoryDraft]) -> None:
        self.commits += 1
        self.entered.set()
        assert self.release.wait(PATIENCE)
        super().commit_all(drafts)


class ForgettingStore(MemoryStore):
    """A store that counts the drafts that were begun and have not ended; `ended` tells that one was given up."""

    def __init__(self) -> None:
        super().__init__()
        self.open_drafts = 0
        self.ended = threading.Event()

    def begin(self, mailboxes: Sequence[str]) -> MemoryDraft:
        self.open_drafts += 1
        return _CountedDraft(self, tuple(mailboxes))


class _CountedDraft(MemoryDraft):
    def __init__(self, store: ForgettingStore, mailboxes: tuple[str, ...]) -> None:
        super().__init__(mailboxes)
        self._counts: ForgettingStore | None = store

    def abort(self) -> None:
        self._end()
        super().abort()

    def _end(self) -> None:
        if self._counts is not None:
            self._counts.open_drafts -= 1
            self._counts.ended.set()
            self._counts = None


def carry_out(job: Generator[Task, object, Result], world: World) -> Result:
    """Do the tasks of a job, one after the other, and return its result."""
    streams: dict[DeliverySession, Stream] = {}
    outcome: object = None
    while True:
        try:
            task = advance(job, outcome)
        except StopIteration as done:
            result: Result = done.value
            return result
        outcome = None
        if isinstance(task, DiskTask):
            outcome = task.outcome()
            continue
        try:
            if task.opens:
                streams[task.session] = world.connect((task.host, task.port)).stream
        except ConnectionLost as error:
            task.session.connection_failed(error)
        while task.session.busy:
            with suppress(BrokenPipeError):  # it has closed; what it said before can still be read
                streams[task.session].send(task.session.data_to_send(), PATIENCE)
            task.session.receive(streams[task.session].receive(PATIENCE))


def in_memory(handler: Handler, policy: Policy | None = None, peer: str = "192.0.2.7") -> RawClient:
    """Connect to a handler in memory; its session is ``client.stream.session``."""
    network = Network()
    network.add(Host(handler.hostname, "192.0.2.25", handler, policy or Policy()))
    return RawClient(network.dial(handler.hostname, peer=peer))
