"""The transport under the server: each protocol hears what asyncio's own transport would tell it."""

import asyncio
import errno
import logging
import select
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from smtplab.worlds import transport
from smtplab.worlds.transport import EpollPoller, Listener, Poller, SocketTransport, bind, new_poller

LARGE = bytes(range(256)) * 16 * 1024  # four megabytes, more than the system takes at once
Loop = asyncio.AbstractEventLoop
Main = Callable[["Bench"], Awaitable[None]]


class Recorder(asyncio.BufferedProtocol):
    """A protocol that notes what it is told."""

    def __init__(self, *, keep_open: bool = False) -> None:
        self.told: list[str] = []
        self.heard = b""
        self.keep_open = keep_open
        self.breaks = False
        self._buffer = bytearray(64 * 1024)
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.told.append("made")

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self.breaks:
            raise ValueError("this protocol breaks")
        self.heard += self._buffer[:nbytes]

    def eof_received(self) -> bool:
        self.told.append("eof")
        return self.keep_open

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append("lost" if exc is None else f"lost: {type(exc).__name__}")
        self.lost.set()


class Bench:
    """A protocol on its transport, and the other end of its socket."""

    def __init__(self, poller: Poller, protocol: Recorder) -> None:
        sock, self.other = socket.socketpair()
        self.other.setblocking(False)
        self.protocol = protocol
        self.transport = SocketTransport(poller, asyncio.get_running_loop(), sock, protocol, ("192.0.2.1", 1))

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.other, data)

    async def receive(self, octets: int) -> bytes:
        data = b""
        while len(data) < octets and (piece := await asyncio.get_running_loop().sock_recv(self.other, 1 << 20)):
            data += piece
        return data

    async def lost(self) -> None:
        await asyncio.wait_for(self.protocol.lost.wait(), 10)


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.001)


@pytest.fixture(params=["asyncio", "uvloop"])
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner]:
    factory: Callable[[], Loop] = asyncio.SelectorEventLoop
    if request.param == "uvloop":
        factory = pytest.importorskip("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        yield runner


@pytest.fixture(params=[EpollPoller, Poller])
def bench(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Callable[..., None]:
    """Return what runs a test's coroutine on a bench."""
    if request.param is EpollPoller and not hasattr(select, "epoll"):
        pytest.skip("this system has no epoll")

    @asynccontextmanager
    async def benched(protocol: Recorder) -> AsyncIterator[Bench]:
        poller = request.param(asyncio.get_running_loop(), lambda: None)
        bench = Bench(poller, protocol)
        try:
            yield bench
        finally:
            bench.other.close()
            bench.transport.abort()
            assert not getattr(poller, "_readers", {})  # nobody listens to a connection that has ended
            poller.close()

    async def on_a_bench(main: Main, keep_open: bool) -> None:
        async with benched(Recorder(keep_open=keep_open)) as bench, asyncio.timeout(20):
            await main(bench)

    return lambda main, keep_open=False: runner.run(on_a_bench(main, keep_open))


Run = Callable[..., None]


def test_octets_go_both_ways(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        assert bench.transport.get_extra_info("peername") == ("192.0.2.1", 1)
        bench.transport.write(b"220 here\r\n")
        assert await bench.receive(10) == b"220 here\r\n"
        await bench.send(b"QUIT\r\n")
        await until(lambda: bench.protocol.heard == b"QUIT\r\n")
        bench.transport.close()
        assert bench.protocol.told == ["made", "lost"]
        assert await bench.receive(1) == b""

    bench(main)


def test_what_the_system_does_not_take_at_once_is_sent_later_and_in_order(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.transport.write(LARGE)
        bench.transport.write(b"the end")
        bench.transport.close()
        bench.transport.write(b"too late")
        assert bench.protocol.told == ["made", "pause"]
        assert await bench.receive(len(LARGE) + 100) == LARGE + b"the end"
        await bench.lost()
        assert [told for told in bench.protocol.told if told != "resume"] == ["made", "pause", "lost"]

    bench(main)


def test_protocol_is_told_to_go_on_once_the_peer_has_read(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        for _ in range(2):
            bench.transport.write(LARGE)
            assert await bench.receive(len(LARGE)) == LARGE
            await until(lambda: bench.protocol.told[-1] == "resume")
        assert bench.protocol.told == ["made", *["pause", "resume"] * 2]

    bench(main)


def test_abort_forgets_what_waits_to_be_sent(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.transport.write(LARGE)
        bench.transport.abort()
        bench.transport.abort()
        assert bench.protocol.told == ["made", "pause", "lost"]
        assert len(await bench.receive(len(LARGE))) < len(LARGE)

    bench(main)


def test_peer_that_is_still_speaking_reads_all_before_the_end(bench: Run) -> None:
    """To close over octets that nobody has read would reset the connection, and lose what is on its way."""

    async def main(bench: Bench) -> None:
        bench.transport.write(LARGE)
        await bench.send(b"NOOP\r\n" * 1000)
        bench.transport.close_lingering(10)
        assert await bench.receive(len(LARGE) + 1) == LARGE
        assert bench.protocol.heard == b""
        await bench.send(b"NOOP\r\n")
        bench.other.shutdown(socket.SHUT_WR)
        await bench.lost()
        assert [told for told in bench.protocol.told if told != "resume"] == ["made", "pause", "lost"]

    bench(main)


def test_peer_that_does_not_cease_to_speak_is_left_in_the_end(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        await bench.send(b"NOOP\r\n")
        bench.transport.close_lingering(0.02)
        assert bench.protocol.told == ["made"]
        assert await bench.receive(1) == b""
        await bench.send(b"NOOP\r\n")
        await bench.lost()
        assert bench.protocol.told == ["made", "lost"]

    bench(main)


def test_peer_that_says_nothing_more_is_not_waited_for(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.transport.write(b"421 bye\r\n")
        bench.transport.close_lingering(10)
        assert bench.protocol.told == ["made", "lost"]
        assert await bench.receive(100) == b"421 bye\r\n"

    bench(main)


def test_peer_that_has_gone_is_not_waited_for(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.transport.pause_reading()
        bench.other.close()
        bench.transport.close_lingering(10)
        assert bench.protocol.told == ["made", "lost"]

    bench(main)


def test_peer_that_cannot_be_told_that_nothing_more_comes_is_left(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        def gone(how: int) -> None:
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

        bench.transport._sock = SimpleNamespace(shutdown=gone, close=bench.transport._sock.close)  # type: ignore[assignment]
        bench.transport.close_lingering(10)
        assert bench.protocol.told == ["made", "lost: OSError"]

    bench(main)


def test_peer_that_breaks_the_connection_off_is_not_waited_for(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        await bench.send(b"NOOP\r\n")
        bench.transport.close_lingering(10)
        bench.transport._drain_until_eof()  # nothing has come yet
        assert bench.protocol.told == ["made"]

        def reset(buffer: bytearray) -> int:
            raise ConnectionResetError

        bench.transport._recv_into = reset
        await bench.send(b"NOOP\r\n")
        await bench.lost()
        assert bench.protocol.told == ["made", "lost"]

    bench(main)


def test_nothing_is_read_while_it_is_paused(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.transport.pause_reading()
        bench.transport.pause_reading()
        await bench.send(b"NOOP\r\n")
        await asyncio.sleep(0.02)
        assert bench.protocol.heard == b""
        bench.transport.resume_reading()
        bench.transport.resume_reading()
        await until(lambda: bench.protocol.heard == b"NOOP\r\n")

    bench(main)


def test_end_of_the_peer_closes(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.other.shutdown(socket.SHUT_WR)
        await bench.lost()
        assert bench.protocol.told == ["made", "eof", "lost"]
        assert bench.transport.is_closing()
        bench.transport.resume_reading()

    bench(main)


def test_end_of_the_peer_is_told_once_to_a_protocol_that_stays(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.other.shutdown(socket.SHUT_WR)
        await until(lambda: "eof" in bench.protocol.told)
        bench.transport.resume_reading()
        await asyncio.sleep(0.02)
        bench.transport.write(b"250 still here\r\n")
        assert await bench.receive(16) == b"250 still here\r\n"
        bench.transport.close()
        assert bench.protocol.told == ["made", "eof", "lost"]

    bench(main, keep_open=True)


def test_peer_that_is_gone_is_told_once_with_the_reason(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.other.close()
        bench.transport.write(b"250 nobody reads this\r\n")
        bench.transport.write(b"250 nor this\r\n")
        assert bench.protocol.told == ["made", "lost: BrokenPipeError"]

    bench(main)


def test_peer_that_goes_while_much_waits_for_it_is_told(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.transport.write(LARGE)
        bench.other.close()
        await bench.lost()
        assert bench.protocol.told[:2] == ["made", "pause"]
        assert bench.protocol.told[2].startswith("lost: ")
        assert len(bench.protocol.told) == 3

    bench(main)


def test_descriptor_that_is_used_anew_once_the_connection_is_lost_is_left_alone(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        loop, fd, anew = asyncio.get_running_loop(), bench.transport._sock.fileno(), list(socket.socketpair())
        written = asyncio.Event()

        def lost(exc: Exception | None) -> None:
            while anew[-1].fileno() != fd:
                anew.append(anew[0].dup())
            loop.add_writer(fd, written.set)

        bench.protocol.connection_lost = lost  # type: ignore[method-assign]
        bench.transport.write(LARGE)
        bench.other.close()
        await asyncio.wait_for(written.wait(), 5)
        loop.remove_writer(fd)
        for sock in anew:
            sock.close()

    bench(main)


def test_protocol_that_breaks_loses_its_connection(bench: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def main(bench: Bench) -> None:
        bench.protocol.breaks = True
        await bench.send(b"NOOP\r\n")
        await bench.lost()
        assert bench.protocol.told == ["made", "lost: ValueError"]

    bench(main)
    assert "a session broke" in caplog.text


def test_read_that_finds_nothing_or_fails(bench: Run) -> None:
    async def main(bench: Bench) -> None:
        bench.transport._read_ready()
        assert bench.protocol.told == ["made"]
        bench.transport._sock.shutdown(socket.SHUT_RDWR)

        def reset(buffer: bytearray) -> int:
            raise ConnectionResetError

        bench.transport._recv_into = reset
        await bench.lost()
        assert bench.protocol.told == ["made", "lost: ConnectionResetError"]

    bench(main)


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="this system has no epoll")
def test_socket_closed_by_one_read_before_it_is_not_read(runner: asyncio.Runner) -> None:
    async def main() -> None:
        rounds = []
        poller = EpollPoller(asyncio.get_running_loop(), lambda: rounds.append(len(read)))
        pairs = [socket.socketpair() for _ in range(2)]
        read: list[int] = []

        def take(own: int) -> None:
            read.append(own)
            for here, _ in pairs:
                poller.remove(here.fileno())

        for number, (here, there) in enumerate(pairs):
            poller.add(here.fileno(), lambda number=number: take(number))
            there.send(b"x")
        await until(lambda: bool(rounds))
        await asyncio.sleep(0.01)
        poller.close()
        for pair in pairs:
            for each in pair:
                each.close()
        assert len(read) == 1
        assert rounds == [1]

    runner.run(main())


def test_replies_of_a_round_are_sent_though_one_reader_breaks(
    runner: asyncio.Runner, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(lambda loop, context: None)
        for poller in (new_poller(loop, ended.set), Poller(loop, ended.set)):
            ended.clear()
            here, there = socket.socketpair()

            def breaks(poller: Poller = poller, here: socket.socket = here) -> None:
                poller.remove(here.fileno())
                raise ValueError

            poller.add(here.fileno(), breaks)
            there.send(b"x")
            await asyncio.wait_for(ended.wait(), 10)
            poller.close()
            here.close()
            there.close()

    runner.run(main())


class _Listening:
    """Accepts connections as a test says, over and over from the first outcome to the last."""

    def __init__(self, outcomes: list[OSError | None]) -> None:
        self.outcomes = outcomes
        self.asked = 0
        self._sock = socket.create_server(("127.0.0.1", 0))
        self._sock.setblocking(False)
        self.address = self._sock.getsockname()
        self.fileno, self.shutdown, self.close = self._sock.fileno, self._sock.shutdown, self._sock.close

    def accept(self) -> tuple[socket.socket, object]:
        self.asked += 1
        if self.outcomes and (error := self.outcomes.pop(0)) is not None:
            raise error
        return self._sock.accept()


def _accepting(
    runner: asyncio.Runner,
    outcomes: list[OSError | None],
    enough: Callable[[_Listening, int], bool],
    errors: list[str] | None = None,
) -> int:
    """Dial once, and return how many sockets were admitted when it is enough; `errors` takes what the loop is told."""
    told = [] if errors is None else errors

    async def main() -> int:
        admitted: list[socket.socket] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda loop, context: told.append(context["exception"].strerror))
        poller = new_poller(loop, lambda: None)
        listening = _Listening(outcomes)
        listener = Listener(loop, poller, [listening], lambda sock, address: admitted.append(sock))  # type: ignore[list-item]
        with socket.create_connection(listening.address):
            await until(lambda: enough(listening, len(admitted)))
        listener.close()
        assert not getattr(poller, "_readers", {})
        poller.close()
        for sock in admitted:
            sock.close()
        return len(admitted)

    return runner.run(main())


def test_client_is_taken_once_there_is_room_again(
    runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(transport, "_SHORTAGE_SECONDS", 0.01)
    shortage = OSError(errno.EMFILE, "Too many open files")
    assert _accepting(runner, [shortage, shortage], lambda _, admitted: admitted == 1) == 1
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "no client can be taken for 0.01 s: Too many open files"
    ] * 2


def test_listener_may_be_closed_while_there_is_no_room(runner: asyncio.Runner) -> None:
    shortage = OSError(errno.ENFILE, "Too many open files in system")
    assert _accepting(runner, [shortage], lambda listening, _: listening.asked == 1) == 0


def test_client_that_has_gone_before_it_is_taken_stops_nothing(runner: asyncio.Runner) -> None:
    errors: list[str] = []
    gone: list[OSError | None] = [ConnectionAbortedError(), OSError(errno.EPROTO, "Protocol error")]
    assert _accepting(runner, gone, lambda _, admitted: admitted == 1, errors) == 1
    assert errors == ["Protocol error"]  # the other is daily life, and nobody hears of it


async def _two_addresses(*args: object, **kwargs: object) -> list[tuple[object, ...]]:
    """Resolve as `getaddrinfo` may, which can say the same twice."""
    kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    return [(*kind, ("127.0.0.1", 0)), (*kind, ("127.0.0.1", 0)), (*kind, ("127.0.0.2", 0))]


def test_name_with_several_addresses_listens_on_all_of_them_at_one_port() -> None:
    async def main() -> None:
        asyncio.get_running_loop().getaddrinfo = _two_addresses  # type: ignore[method-assign, assignment]
        sockets = await bind("two.example", 0)
        names = [sock.getsockname() for sock in sockets]
        for sock in sockets:
            sock.close()
        assert [host for host, _ in names] == ["127.0.0.1", "127.0.0.2"]
        assert names[0][1] == names[1][1] > 0

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:  # uvloop's methods cannot be replaced
        runner.run(main())


def test_address_that_is_taken_leaves_no_socket_open(runner: asyncio.Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        runner.run(bind(*taken.getsockname()))


def test_second_address_that_is_taken_leaves_the_first_free(monkeypatch: pytest.MonkeyPatch) -> None:
    sockets: list[socket.socket] = []
    create = socket.create_server

    def create_once(*args: Any, **kwargs: Any) -> socket.socket:
        if sockets:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        sockets.append(create(*args, **kwargs))
        return sockets[0]

    async def main() -> None:
        asyncio.get_running_loop().getaddrinfo = _two_addresses  # type: ignore[method-assign, assignment]
        await bind("two.example", 0)

    monkeypatch.setattr(socket, "create_server", create_once)
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner, pytest.raises(OSError, match="in use"):
        runner.run(main())
    assert sockets[0].fileno() == -1


def test_connections_send_each_reply_at_once(runner: asyncio.Runner) -> None:
    (listening,) = runner.run(bind("127.0.0.1", 0))
    with listening, socket.create_connection(listening.getsockname()):
        listening.setblocking(True)
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
