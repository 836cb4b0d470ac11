"""What telnet prints of a connection, as notes of a transcript: written here, and read back here."""

from __future__ import annotations

import re

from ..transcript import Side, Transcript

# How the connection ended: the other side has closed it, or this one has.
CLOSED_BY_SERVER = "Connection closed by foreign host."
CLOSED_BY_US = "Connection closed."

_CONNECTED = re.compile(r"Connected to ([^ ]+?)(?: \(|\.?$)")


def notes_of(host: str, address: str = "") -> tuple[str, str]:
    """Return what telnet prints before the greeting.

    Args:
        host: the host as it was typed.
        address: its IP address, if it is known.
    """
    named = f"{host} ({address})" if address else host
    return f"Trying {address or host} . . .", f"Connected to {named}."


def connected_to(transcript: Transcript) -> str | None:
    """Return the host that the notes of a transcript name; None if they name none."""
    found = (_CONNECTED.match(row.text) for row in transcript if row.side is Side.NOTE)
    return next((match[1] for match in found if match), None)
