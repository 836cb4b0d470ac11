"""What happens to the mail of a queue, as values for those who watch it: counters, pictures, tests of invariants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from .attempt import RecipientResult
from .queue_entry import Attempt, QueueEntry, Settlement


class Origin(Enum):
    """Where the mail in a queue comes from."""

    RECEIVED = "received"  # a client has handed it over
    WRITTEN = "written"  # somebody has written it on this host, where no client hands it over
    REPORT = "report"  # this host has written it
    EXPANDED = "expanded"  # mail of the queue for a name of this host that leads elsewhere
    RESTORED = "restored"  # the spool has kept it while the host was down


@dataclass(frozen=True, slots=True)
class Queued:
    """Entries have come into the queue."""

    entries: tuple[QueueEntry, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """An attempt has begun."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class AttemptSettled:
    """An attempt has ended."""

    attempt: Attempt
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Reported:
    """A report about some recipients of an entry has been written; `queue_id` is that of the report."""

    entry: QueueEntry
    queue_id: str
    results: tuple[RecipientResult, ...]


@dataclass(frozen=True, slots=True)
class ReportSuppressed:
    """Recipients have failed and nobody is told, because the reverse-path is null (RFC 5321 6.1)."""

    entry: QueueEntry
    results: tuple[RecipientResult, ...]


@dataclass(frozen=True, slots=True)
class EntryDropped:
    """An entry was removed on request; its recipients get nothing, and nobody is told."""

    entry: QueueEntry


QueueEvent = Queued | AttemptStarted | AttemptSettled | Reported | ReportSuppressed | EntryDropped
Observer = Callable[[QueueEvent], None]
