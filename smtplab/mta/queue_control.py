"""Answer requests about the queue of a host: list, show, retry, drop. Requests and answers are tables of JSON.

A running host answers on a socket. Of a stopped host the spool is opened, and the same class answers.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import partial
from typing import Any

from ..base.failure import Failure
from . import sentences
from .entry_record import write_entry
from .outlook import outlook
from .queue_entry import QueueEntry
from .queue_manager import QueueManager
from .store import StorageError
from .task import Task, on_disk

# How much of a message is shown: its header section, if that is not longer.
_HEADER_OCTETS = 16 * 1024

ControlAnswer = dict[str, Any]


class QueueControl:
    """Answers requests about a queue.

    Args:
        manager: the queue.
        runs: True if the host runs, so that its queue is in memory and attempts are made.
    """

    def __init__(self, manager: QueueManager, *, runs: bool) -> None:
        self._manager = manager
        self._runs = runs

    def answer(self, request: Mapping[str, Any]) -> Generator[Task, object, ControlAnswer]:
        """Do what a request says, and return the answer: a table with ``error`` if that fails.

        Args:
            request: ``do``, which is list, show, retry or drop; and ``id`` of an entry, or of a message for all its
                entries.
        """
        steps = {"list": self._list, "show": self._show, "retry": self._retry, "drop": self._drop}
        try:
            do = steps[request["do"]]
            answer = yield from do(str(request.get("id", "")))
        except KeyError:
            return {"error": sentences.NO_SUCH_REQUEST}
        except (Failure, StorageError) as error:
            return {"error": str(error)}
        return {"now": self._manager.now, "runs": self._runs, **answer}

    def _list(self, _: str) -> Generator[Task, object, ControlAnswer]:
        yield from ()
        return self._table(tuple(self._manager.queue))

    def _show(self, wanted: str) -> Generator[Task, object, ControlAnswer]:
        entries = self._find(wanted)
        content = yield from on_disk(partial(self._manager.spool.content, entries[0].queue_id))
        header = content[:_HEADER_OCTETS].partition(b"\r\n\r\n")[0].decode("utf-8", "backslashreplace")
        now = self._manager.now
        told = [outlook(self._manager.queue, entry.id, now) for entry in entries]
        return {**self._table(entries), "outlook": told, "header": header.split("\r\n"), "octets": len(content)}

    def _retry(self, wanted: str) -> Generator[Task, object, ControlAnswer]:
        entries = [self._manager.retry(entry.id) for entry in self._find(wanted)]
        if not self._runs:
            for entry in entries:
                yield from on_disk(partial(self._manager.spool.update, entry))
        return self._table(tuple(entries))

    def _drop(self, wanted: str) -> Generator[Task, object, ControlAnswer]:
        entries = self._find(wanted)
        for entry in entries:
            yield from self._manager.drop(entry.id)
        return self._table(entries)

    def _find(self, wanted: str) -> tuple[QueueEntry, ...]:
        """Return the entry with an id, or all entries of a message."""
        name = wanted.upper()
        if name in self._manager.queue:
            return (self._manager.queue.get(name),)
        entries = tuple(entry for entry in self._manager.queue if entry.queue_id == name)
        return entries or (self._manager.queue.get(wanted),)

    def _table(self, entries: tuple[QueueEntry, ...]) -> ControlAnswer:
        active = {attempt.entry.id for attempt in self._manager.queue.active}
        records = [write_entry(entry) for entry in entries]
        return {"entries": records, "active": [entry.id for entry in entries if entry.id in active]}
