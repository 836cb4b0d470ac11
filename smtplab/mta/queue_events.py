"""The events of a queue, as values for its observers: logs, counters, pictures, tests of invariants."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from .attempt import RecipientResult
from .queue_entry import Attempt, QueueEntry, Settlement


class Origin(Enum):
    """Where the mail in a queue comes from."""

    RECEIVED = "received"  # a client has handed it over
    WRITTEN = "written"  # written on this host, so that no client handed it over
    REPORT = "report"  # a delivery report of this host
    EXPANDED = "expanded"  # copies for other hosts, of queued mail for an alias, list or forward of this host
    RESTORED = "restored"  # the spool has kept it while the host was down


class Queued(NamedTuple):
    """Entries have come into the queue."""

    entries: tuple[QueueEntry, ...]
    origin: Origin


class AttemptStarted(NamedTuple):
    """An attempt has begun."""

    attempt: Attempt


class AttemptSettled(NamedTuple):
    """An attempt has ended."""

    attempt: Attempt
    settlement: Settlement


class Reported(NamedTuple):
    """A report about some recipients of an entry has been written; `queue_id` is that of the report."""

    entry: QueueEntry
    queue_id: str
    results: tuple[RecipientResult, ...]


class ReportSuppressed(NamedTuple):
    """Recipients have failed, and no report is written, because the reverse-path is null (RFC 5321 6.1)."""

    entry: QueueEntry
    results: tuple[RecipientResult, ...]


class EntryDropped(NamedTuple):
    """An entry was removed on request; its recipients get nothing, and no report is written."""

    entry: QueueEntry


QueueEvent = Queued | AttemptStarted | AttemptSettled | Reported | ReportSuppressed | EntryDropped
Observer = Callable[[QueueEvent], None]
