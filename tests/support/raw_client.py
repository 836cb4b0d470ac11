"""A client without a mind of its own: it sends what it is told and reads replies, in either world.

It stands on a `client.Stream`, a socket or the memory world's, and not on the library's client: what it sends may be
as wrong as a test wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from smtplab.worlds.blocking import Stream
from smtplab.worlds.tcp_client import dial

# Nothing here takes as long; a test that hangs fails after this many seconds.
PATIENCE = 20.0

_REPLY = re.compile(rb"(?:\d{3}-[^\n]*\r\n)*\d{3}(?: [^\n]*)?\r\n")
_TRACE = re.compile(rb"\AReturn-Path: <[^\r\n]*>\r\nReceived: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")


class RawClient:
    """Sends octets, reads replies.

    Args:
        stream: the open connection.
    """

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._data = b""

    def send(self, data: bytes) -> None:
        """Send octets as they are."""
        self.stream.send(data, PATIENCE)

    def reply(self) -> str:
        """Return the next reply as text, its lines parted by ``\\n``; empty text if the server has closed."""
        while (found := _REPLY.match(self._data)) is None:
            data = self.stream.receive(PATIENCE)
            if not data:
                assert self._data == b"", "the server closed in the middle of a reply"
                return ""
            self._data += data
        self._data = self._data[found.end() :]
        return found[0].decode().replace("\r\n", "\n").rstrip("\n")

    def say(self, *lines: str) -> str:
        """Send lines one after the other, each when the one before is answered; return the last reply."""
        reply = ""
        for line in lines:
            self.send(line.encode() + b"\r\n")
            reply = self.reply()
        return reply

    def replies(self) -> list[str]:
        """Return all replies until the server closes."""
        return list(iter(self.reply, ""))

    def open_data(self, recipient: str = "alice@lab.example") -> str:
        """Greet, and say all that stands before the message; return the reply to DATA."""
        self.reply()
        return self.say("EHLO client.example", "MAIL FROM:<someone@client.example>", f"RCPT TO:<{recipient}>", "DATA")

    def close(self) -> None:
        """Hang up."""
        self.stream.close()


@contextmanager
def connected(address: tuple[str, int]) -> Iterator[RawClient]:
    """Connect over TCP for the length of a ``with``."""
    client = RawClient(dial(*address, seconds=PATIENCE))
    try:
        yield client
    finally:
        client.close()


def behind_the_trace(stored: bytes) -> bytes:
    """Return a stored message without the Return-Path and the Received field that the host put before it."""
    found = _TRACE.match(stored)
    assert found is not None, f"the message has no trace fields: {stored[:200]!r}"
    return stored[found.end() :]
