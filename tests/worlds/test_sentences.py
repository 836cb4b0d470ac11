"""Every error sentence of the worlds, triggered and held to its exact text."""

import asyncio
import contextlib
import errno
import json
import socket
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from smtplab.mta.policy import Policy
from smtplab.mta.task import DiskTask
from smtplab.worlds import control, sentences
from smtplab.worlds.addresses import no_connection
from smtplab.worlds.background import BackgroundServer
from smtplab.worlds.control import ControlSocket, ask
from smtplab.worlds.memory import Network
from smtplab.worlds.memory_socket import MemorySocket
from smtplab.worlds.peer_script import HangUp, Step
from smtplab.worlds.scheduler import Scheduler
from smtplab.worlds.tcp import Server
from smtplab.worlds.tcp_client import dial
from smtplab.worlds.virtual import Host, Link
from support.hosts import mail_host
from support.templates import names_of


@pytest.fixture
def network() -> Network:
    """A network with a mail host of two names, one that is down, and one without a server."""
    network = Network()
    network.add(Host("mx.lab.example", "192.0.2.25", mail_host(), Policy()), "lab.example")
    network.add(Host("down.example", "192.0.2.26", mail_host(), Policy(), up=False))
    network.add(Host("desk.example", "192.0.2.27", None, Policy()))
    return network


def _speak_after_quit(network: Network) -> None:
    stream = network.dial("lab.example")
    stream.send(b"QUIT\r\n")
    stream.send(b"NOOP\r\n")


def _listen_twice(network: Network) -> None:
    stream = network.dial("lab.example")
    stream.receive()
    stream.receive()


def _refuse(network: Network) -> None:
    network.fault("lab.example", "refuse connections")
    network.dial("lab.example")


def _reset(network: Network) -> None:
    network.fault("lab.example", "reset at once")
    network.dial("lab.example").receive()


IN_MEMORY: dict[str, tuple[Callable[[Network], object], str]] = {
    "UNKNOWN_HOST": (
        lambda network: network.dial("nowhere.example"),
        "there is no host 'nowhere.example' here, only mx.lab.example, lab.example, down.example, desk.example",
    ),
    "HOST_DOWN": (lambda network: network.dial("down.example"), "down.example does not answer; the host is down"),
    "NO_MAIL_SERVER": (
        lambda network: network.dial("desk.example"),
        "nobody listens on desk.example port 25; the host has no mail server",
    ),
    "OTHER_PORT": (
        lambda network: network.dial("lab.example", 2525),
        "nobody listens on lab.example port 2525; mail servers listen on port 25",
    ),
    "DELAY": (
        lambda network: Scheduler().after(-1, print),
        "a delay is 0 or more microseconds, not -1; an event cannot happen in the past",
    ),
    "NAME_IS_TEXT": (
        lambda network: network.dial(None),  # type: ignore[arg-type]
        "a host name is text, such as 'mx.lab.example', not None",
    ),
    "PORT_IS_NUMBER": (
        lambda network: network.dial("lab.example", "25"),  # type: ignore[arg-type]
        "a port is a number, such as 25, not '25'",
    ),
    "LATENCY": (
        lambda network: Link(-1.0),
        "latency: -1.0 is not a number of seconds; use 0 or more, such as 0.03",
    ),
    "BANDWIDTH": (
        lambda network: Link(0.0, -1),
        "a bandwidth is 0 (no limit) or more octets a second, not -1",
    ),
    "CLOSED_BY_SERVER": (_speak_after_quit, "the server has closed the connection"),
    "SILENT": (_listen_twice, "the server says nothing"),
    "CONNECTION_REFUSED": (_refuse, "mx.lab.example refuses the connection"),
    "CONNECTION_RESET": (_reset, "connection reset by peer"),
}


def _reason_for(host: str) -> str:
    """Return what the system says of a host that does not exist."""
    try:
        socket.getaddrinfo(host, 25)
    except (OSError, UnicodeError) as error:
        return str(getattr(error, "strerror", None) or error)
    raise AssertionError(f"{host} exists")


def _failed_to_connect(error: OSError) -> None:
    raise no_connection("mx.example", 2525, error, 30.0)


def _failed_to_listen(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def bind(host: str, port: int) -> list[socket.socket]:
        raise error

    monkeypatch.setattr("smtplab.worlds.tcp.bind", bind)
    BackgroundServer(Server(mail_host(), "mx.example", 25)).start()


def _ask_and_hear_nothing(_: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as host:
        host.bind(f"{folder}/control")
        host.listen()
        hangs_up = threading.Thread(target=lambda: host.accept()[0].recv(100))
        hangs_up.start()
        try:
            ask(Path(folder, "control"), {})
        finally:
            hangs_up.join()


def _ask_and_wait(_: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as host:
        host.bind(f"{folder}/control")
        host.listen()
        ask(Path(folder, "control"), {}, 0.1)


def _control_says(
    octets: bytes, answer: Callable[[object], object] = lambda request: 1 // 0, start: Callable[[Any], object] = next
) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what sends octets to a control socket and raises the error in its answer."""

    async def answered(path: Path) -> bytes:
        host = ControlSocket(path, answer, start)  # type: ignore[arg-type]
        await host.start()
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(octets)
        line = await reader.read()
        writer.close()
        host.stop()
        return line

    def say(patch: pytest.MonkeyPatch) -> None:
        for name in ("_CLIENT_SECONDS", "_ANSWER_SECONDS"):
            patch.setattr(control, name, 0.1)
        with tempfile.TemporaryDirectory() as folder:
            raise RuntimeError(json.loads(asyncio.run(answered(Path(folder, "control"))))["error"])

    return say


def _waits(request: object) -> Iterator[object]:
    yield DiskTask(print)


def _run_broken(job: Iterator[object]) -> None:
    assert next(job, None) is None


def _stop(job: Generator[object, object, object]) -> None:
    next(job)
    job.close()


def _start_twice(_: pytest.MonkeyPatch) -> None:
    with BackgroundServer(Server(mail_host())) as server:
        server.start()


OVER_TCP: dict[str, tuple[Callable[[pytest.MonkeyPatch], object], str]] = {
    "NO_PORT": (lambda _: dial("127.0.0.1", 0), "there is no port 0; ports go from 1 to 65535"),
    "REMOTE": (
        lambda _: dial("192.0.2.1", 25),
        "192.0.2.1 is another machine (192.0.2.1), and mail leaves this one only if you allow it (allow_remote)",
    ),
    "NO_HOST": (lambda _: dial("x" * 64, 25), f"there is no host {'x' * 64!r}: {_reason_for('x' * 64)}"),
    "NO_ANSWER": (lambda _: _failed_to_connect(TimeoutError()), "mx.example port 2525 did not answer within 30 s"),
    "NOBODY_LISTENS": (
        lambda _: _failed_to_connect(ConnectionRefusedError()),
        "nobody listens on mx.example port 2525; is the server running?",
    ),
    "CANNOT_CONNECT": (
        lambda _: _failed_to_connect(OSError(errno.EIO, "broken")),
        "cannot connect to mx.example port 2525: broken",
    ),
    "NO_PORT_TO_LISTEN": (
        lambda _: Server(mail_host(), port=65536),
        "there is no port 65536; ports go from 0 to 65535, and 0 takes a free one",
    ),
    "NOT_A_HOST": (
        lambda patch: _failed_to_listen(patch, UnicodeError()),
        "[Errno 22] mx.example cannot be the name of a host",
    ),
    "PORT_TAKEN": (
        lambda patch: _failed_to_listen(patch, OSError(errno.EADDRINUSE, "x")),
        f"[Errno {errno.EADDRINUSE}] port 25 on mx.example is taken; stop the program that holds it, "
        "or choose another (0 finds a free one)",
    ),
    "PORT_RESERVED": (
        lambda patch: _failed_to_listen(patch, OSError(errno.EACCES, "x")),
        f"[Errno {errno.EACCES}] port 25 is reserved for the system; choose one above 1023 (0 finds a free one)",
    ),
    "NOT_OUR_ADDRESS": (
        lambda patch: _failed_to_listen(patch, OSError(errno.EADDRNOTAVAIL, "x")),
        f"[Errno {errno.EADDRNOTAVAIL}] mx.example is not an address of this machine; use 127.0.0.1",
    ),
    "CANNOT_LISTEN": (
        lambda patch: _failed_to_listen(patch, OSError(errno.EIO, "broken")),
        f"[Errno {errno.EIO}] cannot listen on mx.example port 25: broken",
    ),
    "HOST_ENDED": (_ask_and_hear_nothing, f"[Errno {errno.ECONNABORTED}] the host has ended before it has answered"),
    "HOST_SILENT": (
        _ask_and_wait,
        f"[Errno {errno.ETIMEDOUT}] the host has not answered within 0.1 s; "
        "look at its queue again before you repeat the command",
    ),
    "HOST_STOPS": (
        _control_says(b"{}\n", _waits, _stop),
        "the host stops, and may not have done this; look at its queue again",
    ),
    "NOT_A_REQUEST": (
        _control_says(b"x\n"),
        "a request is one line with a JSON object, of at most 65536 octets",
    ),
    "REQUEST_LATE": (_control_says(b""), "no request has come within 0.1 s"),
    "REQUEST_BROKE": (
        _control_says(b"{}\n", start=_run_broken),
        "the request broke by a mistake in this host's program; see its log",
    ),
    "ANSWER_LATE": (
        _control_says(b"{}\n", _waits, [].append),
        "the host was not ready within 0.1 s, and may still do this; look at its queue again",
    ),
    "STARTED_BEFORE": (_start_twice, "this server has been started before, and serves only once; make a new one"),
}

IN_A_MEMORY_SOCKET: dict[str, tuple[Callable[[MemorySocket], object], str]] = {
    "BOTH_WAIT": (
        lambda sock: sock.recv(1),
        "the server waits for you, and you wait for the server, so this would hang for ever; "
        "look at what you sent last, and set a timeout with settimeout(seconds)",
    ),
    "END_READ_AGAIN": (
        lambda sock: (sock.sendall(b"end"), [sock.recv(1) for _ in range(200)]),
        "recv has returned b'' many times, because the server has closed; end your loop when it does",
    ),
    "TIMED_OUT_AGAIN": (
        lambda sock: _time_out_for_ever(sock),
        "recv has timed out many times, because the server has nothing to say; end your loop when it does",
    ),
    "TIMED_OUT": (lambda sock: (sock.settimeout(5), sock.recv(1)), "timed out: nothing has come within 5 s"),
    "SOCKET_CLOSED": (lambda sock: (sock.close(), sock.recv(1)), "the socket is closed; make a new connection"),
    "NEGATIVE_TIMEOUT": (lambda sock: sock.settimeout(-1), "a timeout is 0 or more seconds, not -1"),
}


def _time_out_for_ever(sock: MemorySocket) -> None:
    sock.settimeout(1)
    while True:
        with contextlib.suppress(TimeoutError):
            sock.recv(1)


class _SilentPeer:
    """Says nothing, and hangs up when the client sends ``end``."""

    def connected(self) -> list[Step]:
        return []

    def receive(self, octets: bytes) -> list[Step]:
        return [HangUp()] if octets == b"end" else []

    def silence(self) -> list[Step]:
        return []


# Each is triggered in test_client_process.py.
OF_A_PROGRAM = {
    "NOT_CONNECTED": "it did not connect within 4 s, and was stopped",
    "IDLE": "it said nothing more for 4 s, and was stopped",
    "STILL_RUNS": "it still ran 4 s after the connection had closed, and was stopped",
    "TOO_LONG": "it had not ended after 4 s, and was stopped",
    "ENDED_BY_SIGNAL": "ended by the signal SIGSEGV",
    "CRASH_PLACE": "KeyError: 'code' (client.py, line 7)",
}


_FIELDS = {"seconds": 4, "name": "SIGSEGV", "error": "KeyError: 'code'", "file": "client.py", "number": "7"}


@pytest.mark.parametrize("name", OF_A_PROGRAM)
def test_sentence_about_a_program_is_the_one_in_the_table(name: str) -> None:
    assert getattr(sentences, name).format(**_FIELDS) == OF_A_PROGRAM[name]


@pytest.mark.parametrize("name", IN_A_MEMORY_SOCKET)
def test_sentence_of_a_memory_socket_is_the_one_in_the_table(name: str) -> None:
    act, sentence = IN_A_MEMORY_SOCKET[name]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        act(MemorySocket(_SilentPeer()))
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", IN_MEMORY)
def test_sentence_in_memory_is_the_one_in_the_table(network: Network, name: str) -> None:
    act, sentence = IN_MEMORY[name]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        act(network)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", OVER_TCP)
def test_sentence_over_tcp_is_the_one_in_the_table(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    act, sentence = OVER_TCP[name]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        act(monkeypatch)
    assert str(caught.value) == sentence


def test_every_sentence_has_a_row() -> None:
    assert set(names_of(sentences)) == (
        IN_MEMORY.keys() | IN_A_MEMORY_SOCKET.keys() | OF_A_PROGRAM.keys() | OVER_TCP.keys()
    )
