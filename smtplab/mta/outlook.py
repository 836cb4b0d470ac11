"""Say in plain sentences what a queue will do next with a message, when, and why."""

from __future__ import annotations

from collections.abc import Sequence

from ..base.duration import SECOND, format_duration
from ..protocol.grammar import Path
from . import sentences
from .attempt import RecipientResult, addresses, alike
from .queue import Queue
from .queue_entry import QueueEntry, hop_name


def outlook(queue: Queue, entry_id: str, now: int) -> str:
    """Return in plain sentences what happens next with an entry, when, and why.

    Args:
        queue: the queue.
        entry_id: the id of the entry.
        now: the present time, in microseconds.

    Raises:
        QueueError: if there is no such entry.
    """
    entry = queue.get(entry_id)
    answers = [_last_answer(entry, results) for results in alike(entry.last)]
    parts = (_next_step(queue, entry, now), *answers, _warning(queue, entry, now), _end(queue, entry, now))
    return " ".join(filter(None, parts))


def _next_step(queue: Queue, entry: QueueEntry, now: int) -> str:
    number, hop = entry.attempts + 1, hop_name(entry.next_hop)
    if (attempt := queue.attempt_of(entry.id)) is not None:
        time = format_duration(now - attempt.started)
        return sentences.ATTEMPT_RUNS.format(number=number, hop=hop, time=time)
    if entry.due - now >= SECOND:
        return sentences.ATTEMPT_DUE_IN.format(number=number, hop=hop, time=format_duration(entry.due - now))
    template = sentences.ATTEMPT_DUE if queue.has_session_for(entry.next_hop) else sentences.WAITS_FOR_SESSION
    return template.format(number=number, hop=hop)


def _last_answer(entry: QueueEntry, results: Sequence[RecipientResult]) -> str:
    """Say why the last attempt failed for recipients who share the reason."""
    first, who = results[0], addresses(results)
    text = sentences.LAST_ANSWER.format(number=entry.attempts, addresses=who, reason=first.words.rstrip("."))
    text = text.replace("?.", "?")  # the reason may be a question
    return f"{text} {sentences.MAY_HAVE_IT.format(host=first.host)}" if first.possible_duplicate else text


def _warning(queue: Queue, entry: QueueEntry, now: int) -> str:
    """Say which attempt warns the sender if it fails, or that the sender was warned; empty if no warning comes."""
    if entry.warned:
        return sentences.WARNED.format(sender=entry.sender.address)
    if (found := queue.warning_attempt(entry.id, now)) is None:
        return ""
    number, due = found
    template = sentences.WARNS_NEXT if number == entry.attempts + 1 else sentences.WARNS_IN
    return template.format(number=number, time=format_duration(due - now), sender=entry.sender.address)


def _end(queue: Queue, entry: QueueEntry, now: int) -> str:
    """Say when and how the host gives up."""
    end = entry.arrived + queue.schedule.expires_after
    template = sentences.GIVES_UP_IN if end - max(entry.due, now) >= SECOND else sentences.GIVES_UP_NEXT
    fields = {"number": entry.attempts + 1, "time": format_duration(max(end - now, 0))}
    return template.format(**fields, bounce=_bounce(entry.sender))


def _bounce(sender: Path) -> str:
    return sentences.DROPS_BOUNCE if sender.is_null else sentences.SENDS_BOUNCE.format(sender=sender.address)
