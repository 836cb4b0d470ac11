"""Answer requests about the queue of a host: list, show, retry, drop. Requests and answers are tables of JSON.

A running host answers on a socket. Of a stopped host the spool is opened, and the same class answers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Any

from ..base.failure import Failure
from . import sentences
from .entry_record import write_entry
from .outlook import outlook
from .queue import QueueError
from .queue_entry import QueueEntry
from .queue_manager import QueueManager
from .store import StorageError
from .task import Task, on_disk

# How much of a message is shown: its header section, if that is not longer.
_HEADER_OCTETS = 16 * 1024

# A request or an answer.
ControlTable = dict[str, Any]


class QueueControl:
    """Answers requests about a queue.

    Args:
        manager: the queue.
        runs: True if the host runs, so that its queue is in memory and attempts are made.
    """

    def __init__(self, manager: QueueManager, *, runs: bool) -> None:
        self._manager = manager
        self._runs = runs

    def answer(self, request: Mapping[str, Any]) -> Generator[Task, object, ControlTable]:
        """Do what a request says, and return the answer: a table with ``error`` if that fails.

        Args:
            request: ``do``, which is list, show, retry or drop; and ``id`` of an entry, or of a message for all its
                entries. If retry or drop fails for some of them, the others are done, and ``failed`` has a sentence
                for each that was not.
        """
        steps = {"list": self._list, "show": self._show, "retry": self._retry, "drop": self._drop}
        do = request.get("do")
        if not isinstance(do, str) or do not in steps:
            return {"error": sentences.NO_SUCH_REQUEST}
        try:
            answer = yield from steps[do](str(request.get("id", "")))
        except (Failure, StorageError) as error:
            return {"error": str(error)}
        return {"now": self._manager.now, "runs": self._runs, **answer}

    def _list(self, _: str) -> Generator[Task, object, ControlTable]:
        yield from ()
        return self._table(tuple(self._manager.queue))

    def _show(self, wanted: str) -> Generator[Task, object, ControlTable]:
        entries = self._find(wanted)
        content = yield from on_disk(partial(self._manager.spool.content, entries[0].queue_id))
        header = content[:_HEADER_OCTETS].partition(b"\r\n\r\n")[0].decode("utf-8", "backslashreplace")
        now = self._manager.now
        told = [outlook(self._manager.queue, entry.id, now) for entry in entries]
        return {**self._table(entries), "outlook": told, "header": header.split("\r\n"), "octets": len(content)}

    def _retry(self, wanted: str) -> Generator[Task, object, ControlTable]:
        return self._each(wanted, self._retry_one, sentences.NOT_RETRIED)

    def _drop(self, wanted: str) -> Generator[Task, object, ControlTable]:
        return self._each(wanted, self._manager.drop, sentences.NOT_DROPPED)

    def _retry_one(self, entry_id: str) -> Generator[Task, object, QueueEntry]:
        """Make an entry due now. A host that does not run reads that from the spool when it starts."""
        entry = self._manager.retry(entry_id)
        if not self._runs:
            yield from on_disk(partial(self._manager.spool.update, entry))
        return entry

    def _each(
        self, wanted: str, step: Callable[[str], Generator[Task, object, QueueEntry]], not_done: str
    ) -> Generator[Task, object, ControlTable]:
        """Take a step with each entry; one that fails does not keep the others from it."""
        done, failed = [], []
        for entry in self._find(wanted):
            try:
                done.append((yield from step(entry.id)))
            except QueueError as error:
                failed.append(str(error))
            except StorageError as error:
                failed.append(not_done.format(id=entry.id, reason=error))
        return {**self._table(tuple(done)), "failed": failed}

    def _find(self, wanted: str) -> tuple[QueueEntry, ...]:
        """Return the entry with an id, or all entries of a message."""
        name = wanted.upper()
        if name in self._manager.queue:
            return (self._manager.queue.get(name),)
        entries = tuple(entry for entry in self._manager.queue if entry.queue_id == name)
        return entries or (self._manager.queue.get(wanted),)

    def _table(self, entries: tuple[QueueEntry, ...]) -> ControlTable:
        active = {attempt.entry.id for attempt in self._manager.queue.active}
        records = [write_entry(entry) for entry in entries]
        return {"entries": records, "active": [entry.id for entry in entries if entry.id in active]}
