"""What the tries of a function may use: servers that speak in pieces, and loops that feed a server."""

from __future__ import annotations

from typing import Any


def feed_in_pieces(server: Any, octets: bytes, size: int = 1) -> bytes:
    """Feed octets to a server in pieces, and return all that it answers.

    Args:
        server: an object with ``feed``.
        octets: what the client says.
        size: octets of each piece.
    """
    return b"".join(server.feed(octets[at : at + size]) for at in range(0, len(octets), size))


def codes(octets: bytes) -> list[int]:
    """Return the codes of the replies in some octets; a reply of several lines counts once."""
    lines = octets.split(b"\r\n")[:-1]
    return [int(line[:3]) for line in lines if line[:3].isdigit() and line[3:4] != b"-"]


TOOLS: dict[str, Any] = {"feed_in_pieces": feed_in_pieces, "codes": codes}
