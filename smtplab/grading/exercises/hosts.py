"""Mail hosts for exercises: in memory, with plain wording, and the same on every run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ...mta.directory import Directory
from ...mta.host import MailHost
from ...mta.personality import Personality
from ...mta.policy import Policy
from ...mta.relay import Relay
from ...mta.store import MemoryStore
from ...worlds.virtual import Host

NOON = datetime(2004, 8, 6, 12, 0, tzinfo=UTC)  # the day of the lecture's session
_ADDRESS = "192.0.2.25"  # RFC 5737 sets it aside for examples


def mail_host(name: str, addresses: Iterable[str]) -> Host:
    """Return a host that takes mail for some addresses.

    Args:
        name: the host's name; ``mail.acorn.example`` takes mail for acorn.example.
        addresses: those with a mailbox there, all in that domain.
    """
    mailboxes = [address.partition("@")[0] for address in addresses]
    return host_of(name, Directory([name.partition(".")[2]], mailboxes))


def host_of(
    name: str,
    directory: Directory,
    *,
    store: MemoryStore | None = None,
    relay: Relay | None = None,
    policy: Policy | None = None,
    address: str = _ADDRESS,
) -> Host:
    """Return the host for a directory.

    Args:
        name: the host's name.
        directory: its users, lists and forwards.
        store: its mailboxes; empty ones by default.
        relay: its routes to other hosts; without one it takes no mail for other domains.
        policy: its limits and extensions.
        address: its IP address; give each host its own if addresses are dialled.
    """
    handler = MailHost(
        directory,
        store or MemoryStore(),
        hostname=name,
        personality=Personality.load("plain"),
        relay=relay,
        clock=lambda: NOON,  # no time passes
    )
    return Host(name, address, handler, policy or Policy())
