"""Say in plain sentences what a queue will do next with a message, when, and why."""

from __future__ import annotations

from ..base.duration import SECOND, format_duration
from ..protocol.grammar import Path
from . import sentences
from .attempt import RecipientResult
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
    return " ".join((_next_step(queue, entry, now), *map(_last_answer, entry.last), _end(queue, entry, now)))


def warning_outlook(queue: Queue, entry_id: str, now: int) -> str:
    """Return when the sender of an entry is warned of the delay, or that it was; empty if there is no warning to come.

    The arguments are those of `outlook`.
    """
    entry, after = queue.get(entry_id), queue.schedule.warns_after
    if entry.warned:
        return sentences.WARNED.format(sender=entry.sender.address)
    if after is None or entry.sender.is_null:
        return ""
    left = entry.arrived + after - now
    template = sentences.WARNS_IN if left >= SECOND else sentences.WARNS_NEXT
    return template.format(time=format_duration(max(left, 0)), sender=entry.sender.address)


def _next_step(queue: Queue, entry: QueueEntry, now: int) -> str:
    number, hop = entry.attempts + 1, hop_name(entry.next_hop)
    if (attempt := queue.attempt_of(entry.id)) is not None:
        time = format_duration(now - attempt.started)
        return sentences.ATTEMPT_RUNS.format(number=number, hop=hop, time=time)
    if entry.due - now >= SECOND:
        return sentences.ATTEMPT_DUE_IN.format(number=number, hop=hop, time=format_duration(entry.due - now))
    template = sentences.ATTEMPT_DUE if queue.has_session_for(entry.next_hop) else sentences.WAITS_FOR_SESSION
    return template.format(number=number, hop=hop)


def _last_answer(result: RecipientResult) -> str:
    text = sentences.LAST_ANSWER.format(address=result.path.address, reason=result.words.rstrip("."))
    text = text.replace("?.", "?")  # the reason may be a question
    return f"{text} {sentences.MAY_HAVE_IT.format(host=result.host)}" if result.possible_duplicate else text


def _end(queue: Queue, entry: QueueEntry, now: int) -> str:
    """Say when and how the host gives up."""
    left = entry.arrived + queue.schedule.expires_after - now
    template = sentences.GIVES_UP_IN if left >= SECOND else sentences.GIVES_UP_NEXT
    return template.format(time=format_duration(max(left, 0)), bounce=_bounce(entry.sender))


def _bounce(sender: Path) -> str:
    return sentences.DROPS_BOUNCE if sender.is_null else sentences.SENDS_BOUNCE.format(sender=sender.address)
