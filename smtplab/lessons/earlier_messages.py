"""The messages that the hosts have from earlier runs of an open cell."""

from __future__ import annotations

from ..protocol.states import MESSAGE
from .cells import LessonCell
from .progress import LessonProgress


def messages_before(cell: LessonCell, progress: LessonProgress) -> int:
    """Return how many messages the hosts have from earlier runs of an open cell, each of them right.

    Args:
        cell: the open cell.
        progress: how far the student has come.
    """
    assert cell.goal is not None
    count = 0
    for session, since in [begun for (cell_id, _), begun in progress.begun.items() if cell_id == cell.id]:
        exchanges = session.transcript.exchanges()
        for at, each in enumerate(exchanges):
            taken = each.verb == MESSAGE and each.accepted and since <= each.last < progress.marks.length(session)
            count += taken and not cell.goal.message.fault_of_last(exchanges[: at + 1])
    return count
