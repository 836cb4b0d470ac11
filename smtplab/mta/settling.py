"""Write down how an attempt ended: the report, and what is left of its entry, in tasks that may wait for a disk.

The order keeps every recipient: a report is in the spool before its entry leaves it. If a crash comes between the two,
the report is written once more. `queue_manager` decides what is written.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from . import sentences
from .queue_entry import QueueEntry
from .spool import Spool
from .store import StorageError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OwnMail:
    """A message that a host puts into its own queue.

    Args:
        entries: its entries, at least one.
        content: the message.
    """

    entries: tuple[QueueEntry, ...]
    content: bytes


def keep(spool: Spool[Any], mail: OwnMail) -> None:
    """Put a message of this host into its spool; raise `StorageError` if that fails."""
    draft = spool.begin(mail.entries)
    step = draft.write(mail.content)
    if step is not None:
        step()
    spool.commit(draft)


def write_down(spool: Spool[Any], entry: QueueEntry, left: QueueEntry | None, report: OwnMail | None) -> bool:
    """Write a report and what is left of its entry, in this order.

    Args:
        spool: where the entry is.
        entry: the entry as it was before the attempt.
        left: what is left of it; None to remove it. If that fails, it is logged, and a restart tries the entry again.
        report: a report about some of its recipients; None for none.

    Returns:
        False if the report could not be written; the entry is then as before.
    """
    try:
        if report is not None:
            keep(spool, report)
    except StorageError as error:
        _log.warning(sentences.REPORT_NOT_KEPT.format(id=entry.id, reason=_reason(error)))
        return False
    try:
        if left is None:
            spool.remove(entry)
        else:
            spool.update(left)
    except StorageError as error:
        _log.warning(sentences.ENTRY_NOT_KEPT.format(id=entry.id, reason=_reason(error)))
    return True


def _reason(error: StorageError) -> str:
    """Return why the spool could not be written, and where it is."""
    return f"{error}; look at the folder {error.folder}" if error.folder else str(error)
