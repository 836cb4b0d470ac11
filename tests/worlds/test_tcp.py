"""The server over TCP: what only sockets, time and threads can do to it. Under asyncio's own loop and under uvloop."""

import asyncio
import contextlib
import gc
import os
import select
import signal
import socket
import struct
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from smtplab.client.operations import FAREWELL_SECONDS
from smtplab.client.outcomes import ConnectionLost, Timeouts
from smtplab.mta.directory import Mailbox
from smtplab.mta.handler import Handler
from smtplab.mta.maildir import Maildir, MaildirStore
from smtplab.mta.policy import Policy
from smtplab.mta.relay import Relay
from smtplab.mta.task import on_disk
from smtplab.protocol.replies import Reply
from smtplab.worlds import background, tcp
from smtplab.worlds.background import BackgroundServer, serve
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import Client, dial
from support.hosts import ForgettingStore, SlowStore, mail_host
from support.odd_server import OddServer, Step, message, say, silence
from support.odd_server import line as hear
from support.raw_client import PATIENCE, RawClient, behind_the_trace, connected

pytestmark = pytest.mark.usefixtures("server_loop")

CONTENT = b"Subject: x\r\n\r\nx\r\n"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a client does here is worth a warning in the server's log."""
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelname != "DEBUG"] == []


@contextlib.contextmanager
def serving(handler: Handler | None = None, **policy: float) -> Iterator[BackgroundServer]:
    """Run a server for the length of a ``with``."""
    server = BackgroundServer(Server(handler or mail_host(), policy=replace(Policy(), **policy)))
    with server:
        yield server


def _shut(client: RawClient) -> None:
    """Close the client's half of the connection."""
    _socket(client).shutdown(socket.SHUT_WR)


def _reset(client: RawClient) -> None:
    """Break the connection off with a TCP reset."""
    _socket(client).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _later(step: Callable[[bytes], None], octets: bytes) -> None:
    """Take a step in a thread of its own, because it may wait for the other side."""
    threading.Thread(target=step, args=[octets], daemon=True).start()


def _socket(client: RawClient) -> socket.socket:
    sock: socket.socket = client.stream._socket
    return sock


def _choke(client: RawClient, seconds: float = 0.5) -> None:
    """Ask and ask without reading a reply, until the server has heard nothing for some time."""
    sock = _socket(client)
    sock.setblocking(False)
    sent = 0
    while select.select([], [sock], [], seconds)[1]:
        sent += sock.send(b"HELP\r\n" * 10_000)
        assert sent < 100_000_000, "the server buffers replies without end"


# A session


def test_server_greets_answers_and_says_goodbye() -> None:
    with serving() as server, connected(server.address) as client:
        assert client.reply().startswith("220 lab.example ")
        assert client.say("HELO client.example").startswith("250 lab.example")
        assert client.say("QUIT").startswith("221 lab.example")
        assert client.reply() == ""


def test_several_sessions_are_held_at_once_and_do_not_mix() -> None:
    handler = mail_host()
    with serving(handler) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(server.address)) for _ in range(20)]
        assert [client.open_data()[:3] for client in clients] == ["354"] * 20
        for number, client in enumerate(clients):
            client.send(b"Subject: %d\r\n" % number)
        for number, client in enumerate(reversed(clients)):
            client.send(b"\r\nline %d\r\n" % number)
        assert [client.say(".")[:3] for client in clients] == ["250"] * 20
    expected = [b"Subject: %d\r\n\r\nline %d\r\n" % (number, 19 - number) for number in range(20)]
    assert [behind_the_trace(stored) for stored in handler.store.messages("alice")] == expected


def test_peer_address_stands_in_the_received_field() -> None:
    handler = mail_host()
    with serving(handler) as server, Client(*server.address, helo="client.example") as client:
        client.deliver("a@client.example", ["alice@lab.example"], CONTENT)
    assert (
        b"Received: from client.example ([127.0.0.1]) by lab.example with ESMTP" in handler.store.messages("alice")[0]
    )


# Limits and time


def test_silent_client_is_told_421_and_let_go() -> None:
    with serving(idle_seconds=0.2) as server, connected(server.address) as client:
        assert client.reply().startswith("220")
        assert client.reply() == "421 lab.example waited 0.2 seconds for a whole line; closing the connection"
        assert client.reply() == ""


@pytest.mark.parametrize("octets", [b"N", b" ", b"MAIL FROM:<", b"\r"])
def test_client_that_never_ends_a_command_is_sent_away_at_the_deadline(octets: bytes) -> None:
    with serving(idle_seconds=0.5) as server, connected(server.address) as client:
        assert client.reply().startswith("220")
        client.send(b"NOOP\r\n")
        assert client.reply().startswith("250")
        begin = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < begin + 1.2:
                client.send(octets)
                time.sleep(0.1)
        assert client.reply().startswith("421")


def test_client_that_goes_on_speaking_is_not_idle() -> None:
    with serving(idle_seconds=1.5) as server, connected(server.address) as client:
        client.reply()
        end = time.monotonic() + 3
        while time.monotonic() < end:
            assert client.say("NOOP").startswith("250")
            time.sleep(0.05)


def test_client_that_waits_for_a_slow_delivery_is_not_idle() -> None:
    store = SlowStore()
    with (
        serving(mail_host(store=store), idle_seconds=0.2) as server,
        connected(server.address) as client,
        connected(server.address) as silent,
    ):
        client.open_data()
        client.send(CONTENT + b".\r\n")
        assert store.entered.wait(PATIENCE)
        assert [reply[:3] for reply in silent.replies()] == ["220", "421"]  # so the time is up
        store.release.set()
        assert client.reply().startswith("250")
        assert client.say("NOOP").startswith("250")
    assert store.commits == 1


def test_session_beyond_the_limit_is_greeted_with_421_until_one_ends() -> None:
    with serving(max_sessions=2) as server, connected(server.address) as first, connected(server.address) as second:
        assert (first.reply()[:3], second.reply()[:3]) == ("220", "220")
        with connected(server.address) as third:
            assert third.reply() == "421 lab.example already has 2 connections; try again later"
            assert third.reply() == ""
        first.say("QUIT")
        assert first.reply() == ""
        with connected(server.address) as fourth:
            assert fourth.reply().startswith("220")


def test_too_many_errors_end_the_session_with_421() -> None:
    with serving(max_errors=3) as server, connected(server.address) as client:
        client.send(b"VERFY\r\n" * 10)
        assert [reply[:3] for reply in client.replies()] == ["220", "500", "500", "500", "421"]


@pytest.mark.parametrize("pause", [0, 0.3])
def test_client_that_is_sent_away_amid_a_long_group_gets_all_replies(pause: float) -> None:
    """Also if it takes little at a time, and reads only when it has sent everything."""
    group = b"RSET\r\n" * 300 + b"VERFY\r\n" + b"NOOP\r\n" * 200_000
    with serving(max_errors=0) as server, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(PATIENCE)
        client.connect(server.address)
        _later(client.sendall, group)
        time.sleep(pause)
        with client.makefile("rb") as replies:
            assert [reply[:3] for reply in replies] == [b"220", *[b"250"] * 300, b"421"]


def test_client_that_never_reads_is_not_heard_and_holds_nobody_up() -> None:
    handler = mail_host()
    with serving(handler) as server, connected(server.address) as client:
        _choke(client)
        with Client(*server.address) as other:
            assert other.deliver("", ["alice@lab.example"], CONTENT).complete
        begin = time.monotonic()
        server.stop()
        assert time.monotonic() - begin < 10
    assert len(handler.store.messages("alice")) == 1


def test_many_commands_at_once_are_answered_in_portions_to_the_last() -> None:
    """Also to a client that begins to read late, and has closed its half by then."""
    with serving() as server, connected(server.address) as client:
        client.reply()
        client.say("HELO client.example")
        client.send(b"HELP\r\n" * 40_000 + b"MAIL FROM:<>\r\nRCPT TO:<alice@lab.example>\r\nDATA\r\nx\r\n.\r\n")
        _shut(client)
        time.sleep(0.2)
        assert [reply[:3] for reply in client.replies()] == ["211"] * 40_000 + ["250", "250", "354", "250"]
    assert len(server.handler.store.messages("alice")) == 1


def test_client_that_never_reads_is_cut_off_when_it_is_idle() -> None:
    with serving(idle_seconds=1.5, max_sessions=1) as server, connected(server.address) as client:
        with pytest.raises(ConnectionError):
            _choke(client, PATIENCE)
        with connected(server.address) as other:
            assert other.reply().startswith("220")


def test_server_that_has_stopped_asks_the_loop_for_nothing_more() -> None:
    async def main() -> None:
        server = Server(mail_host(), policy=replace(Policy(), idle_seconds=0.05))
        await server.start()
        await server.stop()
        gone = weakref.ref(server)
        del server
        gc.collect()
        assert gone() is None

    asyncio.run(main())


def test_next_hops_that_are_silent_do_not_hold_up_what_stays_here() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes the calls, and nobody says a word
        relay = Relay({"far.example": silent.getsockname()}, Timeouts.all(1.0))
        threads = threading.active_count()
        with serving(mail_host(relay=relay)) as server, contextlib.ExitStack() as stack:
            stuck = [stack.enter_context(connected(server.address)) for _ in range(20)]
            for client in stuck:
                client.open_data("x@far.example")
                client.send(CONTENT + b".\r\n")
            with Client(*server.address, timeouts=Timeouts.all(PATIENCE)) as client:
                assert client.deliver("", ["alice@lab.example"], CONTENT).complete
            assert threading.active_count() <= threads + 17  # the server's, and those for the disk; none for a relay
            assert {client.reply()[:3] for client in stuck} == {"451"}


def _hop(*last: Step) -> OddServer:
    """Return a next hop that takes one message; `last` is what it does when QUIT has come."""
    answers = [say("220 hop"), hear, say("250 hop"), hear, say("250 ok"), hear, say("250 ok"), hear, say("354 go")]
    return OddServer(*answers, message, say("250 kept"), hear, *last)


@pytest.mark.parametrize(
    "last", [(silence,), (), (say("250 what?"), silence), (say("221 bye"),)], ids=["silent", "gone", "odd", "polite"]
)
def test_a_client_does_not_wait_until_the_next_hop_has_answered_quit(last: tuple[Step, ...]) -> None:
    with _hop(*last) as hop:
        host = mail_host(relay=Relay({"far.example": hop.address}))
        with serving(host) as server, Client(*server.address, timeouts=Timeouts.all(PATIENCE)) as client:
            began = time.monotonic()
            assert client.deliver("", ["x@far.example"], CONTENT).complete
            assert time.monotonic() - began < FAREWELL_SECONDS / 2
            assert client.deliver("", ["alice@lab.example"], CONTENT).complete
            while b"QUIT\r\n" not in hop.heard:
                time.sleep(0.01)
    assert hop.heard.count(b"QUIT\r\n") == 1


def test_a_server_that_stops_does_not_wait_for_the_answer_to_quit() -> None:
    with _hop(silence) as hop:
        with serving(mail_host(relay=Relay({"far.example": hop.address}))) as server:
            with Client(*server.address, timeouts=Timeouts.all(PATIENCE)) as client:
                assert client.deliver("", ["x@far.example"], CONTENT).complete
            began = time.monotonic()
        assert time.monotonic() - began < FAREWELL_SECONDS / 2


# The end of a connection


class StuckDisk(MaildirStore):
    """A disk that does nothing before `release`; `entered` tells that something waits for it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.entered, self.release = threading.Event(), threading.Event()

    def folder(self, mailbox: str) -> Maildir:
        self._wait()
        return super().folder(mailbox)

    def octets_in(self, mailbox: str) -> int:
        self._wait()
        return super().octets_in(mailbox)

    def _wait(self) -> None:
        self.entered.set()
        assert self.release.wait(PATIENCE)


@pytest.mark.parametrize("mailbox", ["alice", "carol"], ids=["amid a long message", "counting what is in a mailbox"])
def test_disk_that_is_slow_holds_up_nobody_else(tmp_path: Path, mailbox: str) -> None:
    disk, content = StuckDisk(tmp_path), CONTENT + 10_000 * (b"x" * 78 + b"\r\n")
    host = mail_host(["alice", Mailbox("carol", quota_octets=len(content))], store=disk)
    with serving(host) as server, connected(server.address) as waiting, connected(server.address) as other:
        group = f"EHLO me.example\r\nMAIL FROM:<>\r\nRCPT TO:<{mailbox}@lab.example>\r\nDATA\r\n".encode()
        waiting.send(group)
        _later(waiting.send, content + b".\r\nQUIT\r\n")
        assert disk.entered.wait(PATIENCE)
        assert other.reply().startswith("220")
        assert other.say("EHLO you.example", "NOOP").startswith("250")
        disk.release.set()
        assert [reply[:3] for reply in waiting.replies()] == ["220", "250", "250", "250", "354", "250", "221"]
    assert [behind_the_trace(message) for message in disk.messages(mailbox)] == [content]


@pytest.mark.parametrize("leave", [_shut, _reset], ids=["half-close", "reset"])
def test_leaving_while_a_long_message_waits_for_the_disk_leaves_no_file(tmp_path: Path, leave) -> None:
    disk = StuckDisk(tmp_path)
    with serving(mail_host(store=disk)) as server, connected(server.address) as client:
        client.open_data()
        client.send(CONTENT + 100 * 1024 * b"x")
        assert disk.entered.wait(PATIENCE)
        leave(client)
        with connected(server.address) as other:
            other.reply()  # by now the server knows
        disk.release.set()
        server.stop()
    assert disk.messages("alice") == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_client_that_closes_its_half_gets_all_replies() -> None:
    handler = mail_host()
    session = (
        "HELO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<alice@lab.example>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nNOOP\r\n"
    )
    with serving(handler) as server, connected(server.address) as client:
        client.send(session.encode())
        _shut(client)
        assert [reply[:3] for reply in client.replies()] == ["220", "250", "250", "250", "354", "250", "250"]
    assert len(handler.store.messages("alice")) == 1


@pytest.mark.parametrize("rest", [b"", b"QUIT\r\n"], ids=["at once", "with a command behind it"])
def test_client_that_closes_its_half_amid_a_slow_delivery_gets_the_reply(rest: bytes) -> None:
    store = SlowStore()
    with serving(mail_host(store=store)) as server, connected(server.address) as client:
        client.open_data()
        client.send(CONTENT + b".\r\n" + rest)
        assert store.entered.wait(PATIENCE)
        _shut(client)
        store.release.set()
        assert [reply[:3] for reply in client.replies()] == ["250"] + ["221"] * bool(rest)
    assert len(store.messages("alice")) == 1


@pytest.mark.parametrize("leave", [_shut, _reset, RawClient.close], ids=["half-close", "reset", "close"])
@pytest.mark.parametrize(
    "begun", [b"", b"Subject: x\r\n\r\nhalf a li", b"Subject: x\r\n\r\n" + 300 * 1024 * b"x", b"x\r\n."]
)
def test_leaving_amid_the_message_leaves_nothing_in_the_mailbox(leave, begun: bytes) -> None:
    store = ForgettingStore()
    with serving(mail_host(store=store)) as server, connected(server.address) as client:
        client.open_data()
        client.send(begun)
        assert store.open_drafts == 1
        leave(client)
        assert store.ended.wait(PATIENCE)
    assert store.open_drafts == 0
    assert store.messages("alice") == []


def test_reset_amid_the_message_leaves_no_file_in_the_maildir(tmp_path: Path) -> None:
    with serve(maildir=tmp_path) as server, connected(server.address) as client:
        client.open_data()
        client.send(b"Subject: x\r\n\r\n" + 300 * 1024 * b"x")
        while not list((tmp_path / "alice" / "tmp").glob("*")):
            pass  # it spills to the disk before the message is whole
        _reset(client)
        server.stop()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_reset_amid_the_delivery_does_not_undo_it() -> None:
    store = SlowStore()
    with serving(mail_host(store=store)) as server, connected(server.address) as client:
        client.open_data()
        client.send(CONTENT + b".\r\n")
        assert store.entered.wait(PATIENCE)
        _reset(client)
        with connected(server.address) as other:
            other.reply()  # by now the server knows of the reset
        store.release.set()
    assert len(store.messages("alice")) == 1


# Shutdown


def test_shutdown_tells_every_open_session_421() -> None:
    with serving() as server, contextlib.ExitStack() as stack:
        idle, amid, greeted = (stack.enter_context(connected(server.address)) for _ in range(3))
        amid.open_data()
        amid.send(b"Subject: x\r\n")
        greeted.reply()
        greeted.say("EHLO client.example")
        server.stop()
        assert [reply[:3] for reply in idle.replies()] == ["220", "421"]
        assert amid.replies() == ["421 4.3.2 lab.example is shutting down; try again later"]
        assert greeted.replies() == ["421 4.3.2 lab.example is shutting down; try again later"]
    assert server.handler.store.messages("alice") == []


def test_shutdown_lets_messages_in_delivery_have_their_reply() -> None:
    store = SlowStore()
    server = BackgroundServer(Server(mail_host(store=store))).start()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(server.address)) for _ in range(30)]
        idle = stack.enter_context(connected(server.address))
        for client in clients:
            client.open_data()
            client.send(CONTENT + b".\r\nNOOP\r\n")
        assert store.entered.wait(PATIENCE)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert [reply[:3] for reply in idle.replies()] == ["220", "421"]
        store.release.set()
        answers = [[reply[:3] for reply in client.replies()] for client in clients]
        stopping.join(PATIENCE)
    assert answers == [["250", "421"]] * 30
    assert len(store.messages("alice")) == store.commits == 30


def test_shutdown_waits_only_so_long_for_a_delivery_and_tells_that_it_is_not_known() -> None:
    store = SlowStore()
    server = BackgroundServer(Server(mail_host(store=store), drain_seconds=0.2)).start()
    with connected(server.address) as client:
        client.open_data()
        client.send(CONTENT + b".\r\n")
        assert store.entered.wait(PATIENCE)
        begin = time.monotonic()
        server.stop()
        assert time.monotonic() - begin < 5
        assert [reply[:9] for reply in client.replies()] == ["451 4.3.0", "421 4.3.2"]
    store.release.set()


class _Line(asyncio.Transport):
    """A transport that keeps what is written, until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.open = self.reading = True

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.open = False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close_lingering(self, seconds: float) -> None:
        self.close()

    abort = close


def test_client_that_comes_during_the_shutdown_is_greeted_with_421() -> None:
    async def main() -> _Line:
        server, line = Server(mail_host()), _Line()
        await server.start()
        await server.stop()
        tcp.ServerProtocol(server).connection_made(line)
        return line

    line = asyncio.run(main())
    assert line.written.startswith(b"421 lab.example is shutting down")
    assert not line.open


def test_client_that_reads_its_replies_slowly_is_not_idle() -> None:
    async def main() -> tcp.ServerProtocol:
        server = Server(mail_host(), policy=replace(Policy(), idle_seconds=1000.0))
        await server.start()
        protocol = tcp.ServerProtocol(server)
        protocol.connection_made(_Line())
        for _ in range(8):
            protocol.pause_writing()
            for _ in range(5):
                protocol.sweep()
            protocol.resume_writing()  # the client has read what waited
        server._protocols.clear()
        await server.stop()
        return protocol

    assert not asyncio.run(main()).session.closed


def _hear(server: Server, protocol: tcp.ServerProtocol, data: bytes) -> None:
    """Let a protocol read octets, which its client has sent."""
    server.inbox[: len(data)] = data
    protocol.buffer_updated(len(data))
    server.flush_all()


def test_client_that_has_waited_for_its_reply_has_all_its_idle_time_before_it() -> None:
    async def main() -> tcp.ServerProtocol:
        store, line = SlowStore(), _Line()
        server = Server(mail_host(store=store), policy=replace(Policy(), idle_seconds=1000.0))
        await server.start()
        protocol = tcp.ServerProtocol(server)
        protocol.connection_made(line)
        for said in (b"EHLO c.example\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<alice@lab.example>\r\n", b"DATA\r\n"):
            _hear(server, protocol, said)
        _hear(server, protocol, CONTENT + b".\r\n")
        for _ in range(20):
            protocol.sweep()
        before = len(line.written)
        store.release.set()
        async with asyncio.timeout(PATIENCE):
            while len(line.written) == before:
                await asyncio.sleep(0.001)
        protocol.sweep()
        server._protocols.clear()
        await server.stop()
        return protocol

    assert not asyncio.run(main()).session.closed


def test_client_that_begins_to_read_late_gets_the_rest_of_its_replies() -> None:
    class Choking(_Line):
        """A line that is full after each group of replies, until it has been read."""

        protocol: tcp.ServerProtocol

        def write(self, data: bytes) -> None:
            super().write(data)
            self.protocol.pause_writing()

    async def main() -> int:
        server, line = Server(mail_host()), Choking()
        await server.start()
        line.protocol = protocol = tcp.ServerProtocol(server)
        protocol.connection_made(line)
        protocol.resume_writing()
        assert line.reading
        _hear(server, protocol, b"NOOP\r\n")
        assert not line.reading
        protocol.resume_writing()
        assert line.reading
        _hear(server, protocol, b"HELP\r\n" * 40_000)
        for _ in range(2000):
            protocol.resume_writing()
        server._protocols.clear()
        await server.stop()
        return line.written.count(b"\r\n211 ")

    assert asyncio.run(main()) == 40_000


def test_session_that_breaks_ends_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> list[_Line]:
        server, lines = Server(mail_host()), [_Line(), _Line()]
        await server.start()
        for line in lines:
            protocol = tcp.ServerProtocol(server)
            protocol.connection_made(line)
            if line is lines[0]:
                protocol.session = None  # whatever it does now breaks
            server.flush_soon(protocol)
        server._protocols.clear()
        lines[1].written = b""
        protocol.session.receive(b"NOOP\r\n")
        server.flush_all()
        await server.stop()
        return lines

    broken, other = asyncio.run(main())
    assert (broken.open, other.open) == (False, True)
    assert other.written.startswith(b"250 ")
    assert [record.getMessage() for record in caplog.records] == ["a session broke; its connection was closed"]
    caplog.clear()


def test_work_that_would_end_the_program_is_a_local_error_and_others_are_served(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def leave() -> Reply:
        raise SystemExit("on purpose")

    handler = mail_host()
    handler.deliver = lambda session, envelope: on_disk(leave)  # type: ignore[method-assign]
    with serving(handler) as server:
        with Client(*server.address, timeouts=Timeouts.all(PATIENCE)) as client:
            assert client.deliver("a@client.example", ["alice@lab.example"], CONTENT).reply.code == 451
        with connected(server.address) as client:
            assert client.reply().startswith("220")
    assert ["a delivery failed" in record.getMessage() for record in caplog.records] == [True]
    caplog.clear()


def test_nobody_listens_after_the_shutdown() -> None:
    with serving() as server:
        address = server.address
    with pytest.raises(ConnectionLost, match=f"nobody listens on 127.0.0.1 port {address[1]}; is the server running"):
        dial(*address)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_shutdown_ends_all_though_a_child_has_inherited_the_sockets() -> None:
    child = 0
    try:
        with serving() as server, connected(server.address) as client:
            client.reply()
            if not (child := os.fork()):
                time.sleep(PATIENCE)
                os._exit(0)
            server.stop()
            assert [reply[:3] for reply in client.replies()] == ["421"]
        with pytest.raises(ConnectionLost, match="nobody listens"):
            dial(*server.address)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


# Where it listens


def test_server_listens_on_an_ephemeral_port_of_loopback() -> None:
    with serve() as one, serve() as two:
        assert one.address[0] == two.address[0] == "127.0.0.1"
        assert 0 < one.address[1] != two.address[1] > 0


def test_server_listens_where_it_is_told_to_also_by_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("this Python has no IPv6")
    try:
        server = serve(host="::1").start()
    except OSError as error:
        pytest.skip(f"no IPv6 on this machine's loopback: {error}")
    try:
        with Client(*server.address) as client:
            client.deliver("", ["alice@lab.example"], CONTENT)
    finally:
        server.stop()
    assert b"([IPv6:::1])" in server.handler.store.messages("alice")[0]


@pytest.mark.parametrize("attempt", range(2))
def test_taken_port_is_told_in_a_plain_sentence(attempt: int) -> None:
    threads = set(threading.enumerate())
    with serve() as server:
        port = server.address[1]
        with pytest.raises(
            OSError, match=rf"port {port} on 127.0.0.1 is taken; stop the program that holds it, or choose"
        ) as error:
            serve(port=port).start()
        assert "\n" not in str(error.value)
    assert set(threading.enumerate()) <= threads  # one of a test before may have ended meanwhile


def test_address_of_another_machine_is_told_in_a_plain_sentence() -> None:
    with pytest.raises(OSError, match=r"192\.0\.2\.1 is not an address of this machine; use 127\.0\.0\.1"):
        serve(host="192.0.2.1").start()


def test_name_of_no_host_is_told_in_a_plain_sentence() -> None:
    with pytest.raises(OSError, match=r"cannot listen on nowhere\.invalid port 0: "):
        serve(host="nowhere.invalid").start()


@pytest.mark.parametrize("port", [-1, 65536, 70000])
def test_port_that_does_not_exist_is_told_in_a_plain_sentence(port: int) -> None:
    with pytest.raises(ValueError, match=f"^there is no port {port}; ports go from 0 to 65535, and 0 "):
        serve(port=port)


# Beside other event loops


def test_server_runs_in_the_foreground_of_an_event_loop() -> None:
    async def main() -> list[str]:
        server = Server(mail_host())
        await server.start()
        reader, writer = await asyncio.open_connection(*server.address)
        greeting = await reader.readline()
        await server.stop()
        await server.stop()
        rest = await reader.read()
        writer.close()
        return (greeting + rest).decode().splitlines()

    with asyncio.Runner(loop_factory=background.new_event_loop) as runner:
        assert [line[:3] for line in runner.run(main())] == ["220", "421"]
