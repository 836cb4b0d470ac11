"""The events of a queue, as values for its observers: logs, counters, pictures, tests of invariants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from .attempt import RecipientResult
from .queue_entry import Attempt, QueueEntry, Settlement


class Origin(Enum):
    """Where the mail in a queue comes from."""

    RECEIVED = "received"  # a client has handed it over
    WRITTEN = "written"  # written on this host, so that no client handed it over
    REPORT = "report"  # a delivery report of this host
    EXPANDED = "expanded"  # copies for other hosts, of queued mail for an alias, list or forward of this host
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
    """Recipients have failed, and no report is written, because the reverse-path is null (RFC 5321 6.1)."""

    entry: QueueEntry
    results: tuple[RecipientResult, ...]


@dataclass(frozen=True, slots=True)
class EntryDropped:
    """An entry was removed on request; its recipients get nothing, and no report is written."""

    entry: QueueEntry


QueueEvent = Queued | AttemptStarted | AttemptSettled | Reported | ReportSuppressed | EntryDropped
Observer = Callable[[QueueEvent], None]
