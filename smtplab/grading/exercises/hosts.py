"""Mail hosts for exercises: in memory, worded plainly, and the same on every run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ...mta.directory import Directory
from ...mta.host import MailHost
from ...mta.personality import Personality
from ...mta.session import Policy
from ...mta.store import MemoryStore
from ...worlds.memory import Host

_NOON = datetime(2004, 8, 6, 12, 0, tzinfo=UTC)  # the day of the lecture's session; no time passes
_ADDRESS = "192.0.2.25"  # RFC 5737 sets it aside for examples


def mail_host(name: str, addresses: Iterable[str]) -> Host:
    """Return a host that takes mail for some addresses.

    Args:
        name: the host's name, ``mail.acorn.example`` for the mail of acorn.example.
        addresses: those that have a mailbox there, all of them in that domain.
    """
    mailboxes = [address.partition("@")[0] for address in addresses]
    handler = MailHost(
        Directory([name.partition(".")[2]], mailboxes),
        MemoryStore(),
        hostname=name,
        personality=Personality.load("plain"),
        clock=lambda: _NOON,
        ids=(f"A{number:06d}" for number in range(1, 1_000_000)),
    )
    return Host(name, _ADDRESS, handler, Policy())
