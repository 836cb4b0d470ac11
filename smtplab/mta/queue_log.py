"""What happens to the mail of a queue, in lines for a person who watches a host at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.duration import format_due
from . import sentences
from .attempt import Action, RecipientResult
from .handler import Envelope
from .queue_entry import Attempt, QueueEntry, Settlement, hop_name
from .queue_events import (
    AttemptSettled,
    AttemptStarted,
    EntryDropped,
    Origin,
    Queued,
    QueueEvent,
    Reported,
    ReportSuppressed,
)
from .transaction import Transaction

_QUEUED = {
    Origin.RECEIVED: sentences.LOG_QUEUED,
    Origin.WRITTEN: sentences.LOG_QUEUED,
    Origin.REPORT: sentences.LOG_REPORT_QUEUED,
    Origin.EXPANDED: sentences.LOG_QUEUED,
    Origin.RESTORED: sentences.LOG_RESTORED,
}
_ENDED = {
    Action.DELIVERED: sentences.LOG_DELIVERED,
    Action.RELAYED: sentences.LOG_RELAYED,
    Action.EXPANDED: sentences.LOG_EXPANDED,
    Action.DELAYED: sentences.LOG_DELAYED,
    Action.FAILED: sentences.LOG_FAILED,
}


def log_lines(event: QueueEvent, now: int) -> list[str]:
    """Return an event as lines, each of which begins with the id of an entry.

    Args:
        event: what has happened.
        now: the present time in microseconds.
    """
    match event:
        case Queued(entries, origin):
            return [_line(entry, _QUEUED[origin], **_envelope(entry)) for entry in entries]
        case AttemptStarted(attempt):
            text = sentences.LOG_ATTEMPT
            return [_line(attempt.entry, text, number=attempt.number, hop=hop_name(attempt.entry.next_hop))]
        case AttemptSettled(attempt, settlement):
            return list(_settled(attempt, settlement, now))
        case Reported(entry, queue_id, _):
            return [_line(entry, sentences.LOG_REPORTED, sender=entry.sender.address, report=queue_id)]
        case ReportSuppressed(entry, _):
            return [_line(entry, sentences.LOG_SUPPRESSED)]
        case EntryDropped(entry):
            return [_line(entry, sentences.LOG_DROPPED)]


def stored_line(envelope: Envelope, transaction: Transaction) -> str:
    """Return the line about a message that a client has handed over; empty if no mailbox of this host has it."""
    names = dict.fromkeys(name for copies in transaction.copies.values() for name in copies.mailboxes)
    if not names:
        return ""
    recipients = ", ".join(rcpt.path.address for rcpt in envelope.recipients)
    fields = {"sender": envelope.reverse_path, "recipients": recipients, "mailboxes": ", ".join(names)}
    return f"{transaction.queue_id} {sentences.LOG_STORED.format(**fields)}"


def _settled(attempt: Attempt, settlement: Settlement, now: int) -> Iterator[str]:
    entry = attempt.entry
    for result in (*settlement.done, *settlement.failed, *settlement.delayed):
        yield _ended(entry, result)
    if settlement.entry is not None:
        when = format_due(settlement.entry.due - now)
        yield _line(entry, sentences.LOG_NEXT, number=attempt.number + 1, when=when)


def _ended(entry: QueueEntry, result: RecipientResult) -> str:
    return _line(entry, _ENDED[result.action], address=result.path.address, words=result.words)


def _envelope(entry: QueueEntry) -> dict[str, str]:
    recipients = ", ".join(path.address for path in entry.recipients)
    return {"sender": str(entry.sender), "recipients": recipients, "hop": hop_name(entry.next_hop)}


def _line(entry: QueueEntry, template: str, **fields: object) -> str:
    return f"{entry.id} {template.format(**fields)}"
