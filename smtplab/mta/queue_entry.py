"""The values of a queue: entries that wait, attempts under way, and what an attempt came to. `queue` decides on them.

All times are in microseconds since any fixed moment. A spool writes entries to the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..protocol.grammar import Path
from . import sentences
from .attempt import RecipientResult

# The next hop of mail for the host itself. No domain has such a name.
LOCAL = "(local)"


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A message for the recipients of one next hop. All times are in microseconds.

    Args:
        id: the name of the entry, such as ``A000001-1``; no other has it.
        queue_id: this host's name for the message.
        sender: the reverse-path, which gets the bounces.
        recipients: who has not got the message yet, each once.
        next_hop: whose sessions it takes: a domain as `host_key` has it, or any other name of a group.
        arrived: when the message was accepted.
        due: when the next attempt is due.
        attempts: how many attempts have ended.
        warned: True once the sender has been warned of the delay.
        last: the results of the last attempt for these recipients; empty before the first.

    Raises:
        ValueError: if there is no recipient, or one stands there twice.
    """

    id: str
    queue_id: str
    sender: Path
    recipients: tuple[Path, ...]
    next_hop: str
    arrived: int
    due: int
    attempts: int = 0
    warned: bool = False
    last: tuple[RecipientResult, ...] = ()

    def __post_init__(self) -> None:
        if not self.recipients or len(set(self.recipients)) < len(self.recipients):
            raise ValueError(sentences.ENTRY_RECIPIENTS.format(id=self.id))


class Attempt(NamedTuple):
    """An attempt that is to be made now, or is under way.

    Args:
        entry: what to deliver.
        started: when it was started, in microseconds.
    """

    entry: QueueEntry
    started: int

    @property
    def number(self) -> int:
        """Which attempt of the entry it is; the first is 1."""
        return self.entry.attempts + 1


class Settlement(NamedTuple):
    """What an attempt came to. Each recipient of the attempt stands in one of the three tuples.

    Args:
        entry: what stays in the queue; None if no recipient is left.
        done: who has the message now.
        failed: who will not get it. The sender gets a bounce for them, unless its path is null.
        delayed: who is tried again.
        warns: True if a warning of the delay is due now, for the recipients in `delayed`.
        expired: True if recipients failed because the time of the message had run out.
    """

    entry: QueueEntry | None
    done: tuple[RecipientResult, ...] = ()
    failed: tuple[RecipientResult, ...] = ()
    delayed: tuple[RecipientResult, ...] = ()
    warns: bool = False
    expired: bool = False


def entries_of(
    queue_id: str, copies: Mapping[Path, Iterable[Path]], now: int, next_hop: Callable[[str], str]
) -> tuple[QueueEntry, ...]:
    """Return the entries of a message that has arrived: one for each reverse-path and next hop.

    Args:
        queue_id: this host's name for the message.
        copies: for each reverse-path the recipients of its copy. A list has its owner as reverse-path (RFC 5321 3.9.2).
        now: the time of arrival, in microseconds.
        next_hop: returns the next hop of a domain.
    """
    groups: dict[tuple[Path, str], dict[Path, None]] = {}
    for sender, recipients in copies.items():
        for path in recipients:
            groups.setdefault((sender, next_hop(path.domain)), {})[path] = None
    return tuple(
        QueueEntry(f"{queue_id}-{number}", queue_id, sender, tuple(paths), hop, now, now)
        for number, ((sender, hop), paths) in enumerate(groups.items(), 1)
    )


def hop_name(next_hop: str) -> str:
    """Return the name of a next hop for people."""
    return "this host" if next_hop == LOCAL else next_hop
