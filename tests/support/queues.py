"""What the tests of a queue do again and again."""

from __future__ import annotations

from smtplab.mta.attempt import AttemptResult
from smtplab.mta.queue import Queue
from smtplab.mta.queue_entry import Attempt, Settlement


def end_attempt(queue: Queue, attempt: Attempt, result: AttemptResult, now: int) -> Settlement:
    """Decide about an attempt and end it; return what it came to."""
    settlement = queue.decide(attempt, result, now)
    queue.settle(attempt, settlement)
    return settlement
