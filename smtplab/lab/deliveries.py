"""What became of the mail that clients handed to hosts with queues, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ..mta.queue_events import AttemptSettled, AttemptStarted, EntryDropped, Origin, Queued
from .queue_log import LogEntry

# The outcomes of a `QueuedMail`.
DELIVERED, FAILED, DROPPED, WAITS = "delivered", "failed", "dropped", "waits"


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """An entry of a queue, from when it was queued on.

    Args:
        host: the host with the queue.
        id: the id of the entry.
        sender: the reverse-path.
        recipients: for whom it was queued.
        queued: when.
        attempts: when an attempt to deliver it began.
        ended: when it left the queue; None while it waits.
        outcome: `DELIVERED` if everybody has it, `FAILED` if somebody does not get it, `DROPPED`, or `WAITS`.
    """

    host: str
    id: str
    sender: str
    recipients: tuple[str, ...]
    queued: datetime
    attempts: tuple[datetime, ...] = ()
    ended: datetime | None = None
    outcome: str = WAITS

    @property
    def seconds(self) -> float | None:
        """How many seconds it was in the queue; None while it waits."""
        return None if self.ended is None else (self.ended - self.queued).total_seconds()


def deliveries(log: Iterable[LogEntry], *, reports: bool = False) -> tuple[QueuedMail, ...]:
    """Return what became of each entry of the queues, in the order in which they were queued.

    Args:
        log: the log of a lab.
        reports: True includes bounces and warnings, which the hosts have written themselves.
    """
    found: dict[tuple[str, str], QueuedMail] = {}
    for each in log:
        key = each.host, each.id
        if isinstance(each.event, Queued):
            if reports or each.event.origin is not Origin.REPORT:
                found[key] = next(_queued(each, each.event))
        elif key in found:
            found[key] = _after(found[key], each)
    return tuple(found.values())


def _queued(noted: LogEntry, event: Queued) -> Iterator[QueuedMail]:
    for entry in event.entries:
        if entry.id == noted.id:
            recipients = tuple(path.address for path in entry.recipients)
            sender = "<>" if entry.sender.is_null else entry.sender.address
            yield QueuedMail(noted.host, noted.id, sender, recipients, noted.time)


def _after(mail: QueuedMail, noted: LogEntry) -> QueuedMail:
    """Return what is known of an entry after one more line of the log."""
    event = noted.event
    if isinstance(event, AttemptStarted):
        return replace(mail, attempts=(*mail.attempts, noted.time))
    if isinstance(event, EntryDropped):
        return replace(mail, ended=noted.time, outcome=DROPPED)
    if isinstance(event, AttemptSettled):
        outcome = FAILED if event.settlement.failed or mail.outcome == FAILED else mail.outcome
        if event.settlement.entry is None:
            return replace(mail, ended=noted.time, outcome=outcome if outcome == FAILED else DELIVERED)
        return replace(mail, outcome=outcome)
    return mail
