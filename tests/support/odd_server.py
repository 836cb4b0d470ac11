"""A server that does what it is told, right or wrong: a script of steps, played to every client that connects.

A script is made of the functions below, in the order in which things happen::

    with OddServer(*before("DATA"), say("250 What?"), silence) as server:
        smtplib.SMTP(*server.address)

At the end of its script the server closes the connection.
"""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

# No test waits longer than this for its client, so that none hangs.
_PATIENCE_SECONDS = 30.0


class Peer:
    """One connection, from the server's end."""

    def __init__(self, connection: socket.socket, heard: list[bytes]) -> None:
        self.socket = connection
        self._reader = connection.makefile("rb")
        self._heard = heard

    def read_line(self) -> bytes:
        """Return the client's next line and note it; raise `ConnectionError` if there is none."""
        line = self._reader.readline()
        if not line:
            raise ConnectionError
        self._heard.append(line)
        return line

    def close(self) -> None:
        """Close both."""
        self._reader.close()
        self.socket.close()


Step = Callable[[Peer], object]


def say(*lines: str) -> Step:
    """Send lines, each with its CRLF."""
    return raw("".join(f"{line}\r\n" for line in lines).encode())


def raw(data: bytes) -> Step:
    """Send octets as they are."""
    return lambda peer: peer.socket.sendall(data)


def in_pieces(data: bytes) -> Step:
    """Send octet by octet, each in a packet of its own as far as the system allows."""

    def step(peer: Peer) -> None:
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in data:
            peer.socket.sendall(bytes([octet]))

    return step


def for_ever(data: bytes) -> Step:
    """Send the same again and again, until the client has gone."""

    def step(peer: Peer) -> None:
        while True:
            peer.socket.sendall(data)

    return step


def line(peer: Peer) -> None:
    """Wait for a line of the client."""
    peer.read_line()


def message(peer: Peer) -> None:
    """Wait for the lone dot."""
    while peer.read_line() != b".\r\n":
        pass


def silence(peer: Peer) -> None:
    """Say nothing until the client has gone, whatever it says."""
    while True:
        peer.read_line()


def reset(peer: Peer) -> None:
    """Break the connection off with RST, as a host does that has crashed."""
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


# A delivery as it should be: what the server waits for, and what it answers.
_DELIVERY: dict[str, tuple[tuple[Step, ...], str]] = {
    "greeting": ((), "220 odd.example ready"),
    "EHLO": ((line,), "250 odd.example"),
    "MAIL": ((line,), "250 sender ok"),
    "RCPT": ((line,), "250 recipient ok"),
    "DATA": ((line,), "354 go on"),
    "message": ((message,), "250 taken"),
    "QUIT": ((line,), "221 bye"),
}
STAGES = tuple(_DELIVERY)


def before(stage: str) -> tuple[Step, ...]:
    """Return the steps of a good server until it would answer at `stage`, one of `STAGES`."""
    return _play(STAGES[: STAGES.index(stage)]) + _DELIVERY[stage][0]


def between(first: str, last: str) -> tuple[Step, ...]:
    """Return the steps from behind the answer at `first` until the one at `last` is due."""
    return before(last)[len(before(first)) + 1 :]


def after(stage: str) -> tuple[Step, ...]:
    """Return the steps from behind the answer at `stage` to the end."""
    return _play(STAGES[STAGES.index(stage) + 1 :])


def _play(stages: tuple[str, ...]) -> tuple[Step, ...]:
    return tuple(step for stage in stages for step in (*_DELIVERY[stage][0], say(_DELIVERY[stage][1])))


class OddServer:
    """Plays the steps to every client, on a free port of the loopback interface.

    Attributes:
        heard: the lines that clients sent, with their line ends.
        visits: how many clients have connected.
    """

    def __init__(self, *steps: Step) -> None:
        self._steps = steps
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._peers: list[Peer] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self.heard: list[bytes] = []
        self.visits = 0

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self._listener.getsockname()
        return host, port

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self._peers:
            with suppress(OSError):
                peer.socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PATIENCE_SECONDS)

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(_PATIENCE_SECONDS)
                self.visits += 1
                self._peers.append(peer := Peer(connection, self.heard))
                self._threads.append(threading.Thread(target=self._play, args=(peer,), daemon=True))
                self._threads[-1].start()

    def _play(self, peer: Peer) -> None:
        with suppress(OSError, ValueError):  # the client has gone, or a step has closed the connection
            for step in self._steps:
                step(peer)
        peer.close()
