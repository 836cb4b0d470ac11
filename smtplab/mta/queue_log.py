"""What happens to the mail of a queue, in lines for a person who watches a host at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.duration import format_due
from ..protocol.grammar import Path
from ..protocol.replies import Reply
from . import sentences
from .attempt import Action, RecipientResult, addresses, alike
from .directory import Resolution
from .handler import ClientIdentity, Envelope
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
from .store import StorageError
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

# So many addresses are named to which a name leads.
_MOST_TARGETS = 10


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
        case Reported(entry, queue_id, results):
            kind = _kind_of({result.action for result in results})
            return [_line(entry, sentences.LOG_REPORTED, sender=entry.sender.address, kind=kind, report=queue_id)]
        case ReportSuppressed(entry, _):
            return [_line(entry, sentences.LOG_SUPPRESSED)]
        case EntryDropped(entry):
            return [_line(entry, sentences.LOG_DROPPED)]


def _kind_of(actions: set[Action]) -> str:
    """Return how people call a report: a bounce is final, and a warning is not."""
    if Action.DELAYED in actions:
        return "bounce and warning" if Action.FAILED in actions else "warning"
    return "bounce"


def stored_lines(envelope: Envelope, transaction: Transaction) -> list[str]:
    """Return the lines about a message that a client has handed over: where names led, and who here has it."""
    lines = [f"{transaction.queue_id} {_led(path, resolution)}" for path, resolution in transaction.led.items()]
    names = dict.fromkeys(name for copies in transaction.copies.values() for name in copies.mailboxes)
    if not names:
        return lines
    recipients = ", ".join(rcpt.path.address for rcpt in envelope.recipients)
    fields = {"sender": envelope.reverse_path, "recipients": recipients, "mailboxes": ", ".join(names)}
    return [*lines, f"{transaction.queue_id} {sentences.LOG_STORED.format(**fields)}"]


def _led(path: Path, resolution: Resolution) -> str:
    targets = [*resolution.mailboxes, *(each.address for each in resolution.remote)]
    more = f" and {len(targets) - _MOST_TARGETS} more" if len(targets) > _MOST_TARGETS else ""
    return sentences.LOG_LEADS_TO.format(address=path.address, targets=", ".join(targets[:_MOST_TARGETS]) + more)


def refused_line(session: ClientIdentity, what: str, reply: Reply) -> str:
    """Return the line about a refusal: to whom, what, and why."""
    return sentences.LOG_REFUSED.format(client=session.peer, what=what, reply=reply)


def left_line(session: ClientIdentity, envelope: Envelope) -> str:
    """Return the line about a client that named recipients, and left before the end of a message."""
    recipients = ", ".join(rcpt.path.address for rcpt in envelope.recipients)
    return sentences.LOG_LEFT.format(client=session.peer, recipients=recipients)


def unwritable_line(error: StorageError) -> str:
    """Return the line about a folder in which a message could not be stored; its client is not told the folder."""
    return sentences.LOG_UNWRITABLE.format(reason=error, folder=error.folder)


def _settled(attempt: Attempt, settlement: Settlement, now: int) -> Iterator[str]:
    entry = attempt.entry
    for results in alike((*settlement.done, *settlement.failed, *settlement.delayed)):
        yield _ended(entry, results)
    if settlement.entry is not None:
        when = format_due(settlement.entry.due - now)
        yield _line(entry, sentences.LOG_NEXT, number=attempt.number + 1, when=when)


def _ended(entry: QueueEntry, results: tuple[RecipientResult, ...]) -> str:
    """Return the line about recipients for whom an attempt ended alike."""
    first = results[0]
    words = first.words
    if first.possible_duplicate:
        words += f"; {sentences.MAY_HAVE_IT_TOO.format(host=first.host)}"
    return _line(entry, _ENDED[first.action], addresses=addresses(results), words=words)


def _envelope(entry: QueueEntry) -> dict[str, str]:
    recipients = ", ".join(path.address for path in entry.recipients)
    return {"sender": str(entry.sender), "recipients": recipients, "hop": hop_name(entry.next_hop)}


def _line(entry: QueueEntry, template: str, **fields: object) -> str:
    return f"{entry.id} {template.format(**fields)}"
