"""Write and read the notes of a transcript that telnet prints about a connection."""

from __future__ import annotations

import re

from ..transcript import Side, Transcript

# The note at the end: which side closed the connection.
CLOSED_BY_SERVER = "Connection closed by foreign host."
CLOSED_BY_US = "Connection closed."

_CONNECTED = re.compile(r"Connected to ([^ ]+?)(?: \(|\.?$)")


def notes_of(host: str, address: str = "") -> tuple[str, str]:
    """Return the two lines that telnet prints before the greeting.

    Args:
        host: the host as it was typed.
        address: its IP address; empty if it is not known.
    """
    named = f"{host} ({address})" if address else host
    return f"Trying {address or host} . . .", f"Connected to {named}."


def connected_to(transcript: Transcript) -> str | None:
    """Return the host in the ``Connected to`` note of a transcript; None without such a note."""
    found = (_CONNECTED.match(row.text) for row in transcript if row.side is Side.NOTE)
    return next((match[1] for match in found if match), None)
