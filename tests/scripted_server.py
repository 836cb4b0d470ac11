"""A server that follows a script, right or wrong, for one client after the other."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from raw_client import PATIENCE

GREETING = b"220 odd.example\r\n"


class Peer:
    """The script's end of the connection.

    Attributes:
        heard: all lines so far, without their CRLF.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._file = sock.makefile("rb")
        self.heard: list[bytes] = []

    def say(self, *replies: bytes) -> None:
        """Send octets, each argument in a packet of its own as far as TCP lets us."""
        for reply in replies:
            self._socket.sendall(reply)

    def hear(self) -> bytes:
        """Return the next line without its CRLF; empty octets if the client has closed."""
        line = self._file.readline().removesuffix(b"\r\n")
        self.heard.append(line)
        return line

    def hear_message(self) -> None:
        """Read to the lone dot, or until the client closes."""
        while self.hear() not in (b".", b""):
            pass

    def answer(self, *replies: bytes) -> None:
        """Answer one line, or one message behind a 354, after the other."""
        for reply in replies:
            self.hear()
            self.say(reply)
            if reply.startswith(b"354"):
                break

    def wait(self) -> None:
        """Say nothing until the client closes."""
        while self._file.readline():
            pass

    def reset(self) -> None:
        """Break the connection off."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self._socket.close()


@contextmanager
def scripted_server(script: Callable[[Peer], None]) -> Iterator[tuple[str, int]]:
    """Run the script for each client that connects; yield host and port. What the client breaks off is no fault."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):  # the listener is closed at the end
            while True:
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(PATIENCE)
                peer = Peer(sock)
                with suppress(ConnectionError):
                    script(peer)
                peer.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the script does not end"
