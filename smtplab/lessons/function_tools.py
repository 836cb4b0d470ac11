"""What the tries of a function may use: servers for a client that a student writes, and clients for a server."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from ..lab.internet import Lab
from ..transcript import Side
from ..worlds.memory_socket import MemorySocket
from ..worlds.peer_script import BETWEEN_PIECES, HangUp, Say, Step

_HOST = "mail.lab.example"

# A whole session, as a client says it that waits for no reply (RFC 5321 D.1).
SESSION = (
    b"HELO laptop.example\r\nMAIL FROM:<alice@lab.example>\r\nRCPT TO:<you@own.example>\r\nDATA\r\n"
    b"Subject: Test\r\n\r\nQUIT\r\n..dot\r\n.\r\nQUIT\r\n"
)

# A message whose lines have dots at their beginning.
TEXT = b"Subject: Test\r\n\r\n.profile\r\n.\r\nbread\r\n"


class NotOctets(Exception):
    """What a student has written has returned something else than octets.

    Args:
        value: what it returned.
    """

    def __init__(self, value: object) -> None:
        kind = type(value).__name__
        article = "an" if kind[0] in "aeiou" else "a"
        super().__init__("None" if value is None else f"{article} {kind}")


# For a server


def feed_in_pieces(server: Any, octets: bytes, size: int = 1) -> bytes:
    """Feed octets to a server in pieces, and return all that it answers.

    Args:
        server: an object with ``feed``.
        octets: what the client says.
        size: octets of each piece.
    """
    return b"".join(_octets(server.feed(octets[at : at + size])) for at in range(0, len(octets), size))


def codes(octets: bytes) -> list[int]:
    """Return the codes of the replies in some octets; a reply of several lines counts once.

    Raises:
        NotOctets: if these are no octets.
    """
    lines = _octets(octets).split(b"\r\n")[:-1]
    return [int(line[:3]) for line in lines if line[:3].isdigit() and line[3:4] != b"-"]


def _octets(value: object) -> bytes:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise NotOctets(value)
    return bytes(value)


def made(**attributes: Any) -> Any:
    """Return an object with some attributes, in place of a server that is not written yet."""
    return SimpleNamespace(**attributes)


# For a client


class _Speaker:
    """A peer that says its pieces when it is called, and then nothing; or it closes."""

    def __init__(self, pieces: Iterable[bytes], closes: bool) -> None:
        self._steps: list[Step] = [Say(piece, BETWEEN_PIECES) for piece in pieces]
        self._steps += [HangUp()] if closes else []

    def connected(self) -> list[Step]:
        return self._steps

    def receive(self, octets: bytes) -> list[Step]:
        return []

    def silence(self) -> list[Step]:
        return []


def says(*pieces: bytes, closes: bool = False) -> MemorySocket:
    """Return a socket whose other end says some pieces, one after the other.

    Args:
        pieces: the octets of each.
        closes: True if it closes then; else it stays silent.
    """
    return MemorySocket(_Speaker(pieces, closes))


def octet_by_octet(octets: bytes, *, closes: bool = False) -> MemorySocket:
    """Return a socket whose other end says some octets one by one."""
    return says(*(bytes([octet]) for octet in octets), closes=closes)


def host(fault: str = "") -> MemorySocket:
    """Return a socket to a host of a new lab, with a fault; its ``lab`` is the lab.

    Args:
        fault: what goes wrong, in the language of `Lab.fault`; empty for nothing.
    """
    lab = Lab()
    if fault:
        lab.fault(fault, _HOST)
    sock = lab.socket(_HOST)
    sock.lab = lab  # type: ignore[attr-defined]
    return sock


def mail_in(sock: Any, name: str = "bob") -> list[bytes]:
    """Return the texts of the messages in a mailbox behind a socket of `host`, without the fields of the hosts."""
    messages = sock.lab.mailbox(f"{name}@lab.example")
    return [message.partition(b"-0400\r\n")[2] for message in messages]


TOOLS: dict[str, Any] = {
    each.__name__: each for each in (feed_in_pieces, codes, made, says, octet_by_octet, host, mail_in)
} | {"SESSION": SESSION, "TEXT": TEXT, "SERVER": Side.SERVER}
