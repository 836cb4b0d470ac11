"""The interface of a spool, and the spool in memory.

A spool keeps the messages that a host has accepted for other hosts, each with its entries of the queue, until all of
its recipients are done with. Once `commit` has returned, the host may answer 250 (RFC 5321 4.2.5, 4.5.4.1).

A spool only keeps. `queue_manager` decides what is tried when, and calls a spool in tasks that may wait for a disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Protocol, TypeVar

from . import sentences
from .queue_entry import QueueEntry
from .store import Draft, InsufficientStorageError, LocalError, MemoryDraft

DraftT = TypeVar("DraftT", bound=Draft)


class Spool(Protocol[DraftT]):
    """Keep accepted messages and their entries. Errors of the disk are `StorageError`, as those of a `Store`."""

    def begin(self, entries: Sequence[QueueEntry]) -> DraftT:
        """Start a message.

        Args:
            entries: its entries, at least one; all have the same queue id, which no other message has.
        """

    def commit(self, draft: DraftT) -> None:
        """Make a message and its entries durable, or raise `StorageError` and keep nothing of it."""

    def content(self, queue_id: str) -> bytes:
        """Return the octets of a message; raise `StorageError` if they cannot be read."""

    def update(self, entry: QueueEntry) -> None:
        """Replace an entry by what is left of it after an attempt; raise `StorageError` if that fails."""

    def remove(self, entry: QueueEntry, *, done: bool = True) -> None:
        """Remove an entry, and the message with its last entry. An entry that is not there is no error.

        Args:
            entry: the entry.
            done: what becomes of the entry if the disk fails. True if all its recipients are done with: then only a
                restart tries it again, and they may get the message twice. False if it still waits: then it is as
                before.

        Raises:
            StorageError: if the disk fails.
        """

    def withdraw(self, queue_id: str) -> None:
        """Remove a message with all its entries, of which none was tried; raise `StorageError` if that fails."""

    def load(self) -> Iterable[QueueEntry]:
        """Return the entries that are kept, in the order in which they were accepted, for a host that starts.

        Raises:
            StorageError: if the spool cannot be read.
        """


# Held while a `MemorySpool` changes. All spools share it, as `store` explains.
_changing = Lock()


class MemorySpool:
    """A spool for the worlds without a disk. Several threads may use it.

    Args:
        capacity_octets: the most octets that all messages may have together; None for no limit. It may be changed.
    """

    def __init__(self, capacity_octets: int | None = None) -> None:
        self.capacity_octets = capacity_octets
        self._messages: dict[str, bytes] = {}
        self._entries: dict[str, dict[str, QueueEntry]] = {}  # by queue id, then by id
        self._octets = 0

    @property
    def octets(self) -> int:
        """The octets of all messages."""
        return self._octets

    def begin(self, entries: Sequence[QueueEntry]) -> SpoolDraft:
        """Start a message."""
        return SpoolDraft(tuple(entries))

    def commit(self, draft: SpoolDraft) -> None:
        """Keep a message and its entries."""
        queue_id, content = draft.entries[0].queue_id, draft.content
        with _changing:
            self._require_room(draft, len(content))
            self._messages[queue_id] = content
            self._entries[queue_id] = {entry.id: entry for entry in draft.entries}
            self._octets += len(content)
        draft.abort()

    def content(self, queue_id: str) -> bytes:
        """Return the octets of a message."""
        try:
            return self._messages[queue_id]
        except KeyError:
            raise LocalError(sentences.NOT_IN_SPOOL.format(id=queue_id)) from None

    def update(self, entry: QueueEntry) -> None:
        """Replace an entry; raise `LocalError` if it is not there."""
        with _changing:
            entries = self._entries.get(entry.queue_id, {})
            if entry.id not in entries:
                raise LocalError(sentences.NOT_IN_SPOOL.format(id=entry.id))
            entries[entry.id] = entry

    def remove(self, entry: QueueEntry, *, done: bool = True) -> None:
        """Remove an entry, and the message with its last entry."""
        with _changing:
            entries = self._entries.get(entry.queue_id, {})
            entries.pop(entry.id, None)
            if not entries:
                self._remove(entry.queue_id)

    def withdraw(self, queue_id: str) -> None:
        """Remove a message with all its entries."""
        with _changing:
            self._remove(queue_id)

    def load(self) -> Iterable[QueueEntry]:
        """Return the entries in the order in which they were accepted."""
        with _changing:
            return tuple(entry for entries in self._entries.values() for entry in entries.values())

    def _remove(self, queue_id: str) -> None:
        if self._entries.pop(queue_id, None) is not None:
            self._octets -= len(self._messages.pop(queue_id))

    def _require_room(self, draft: SpoolDraft, octets: int) -> None:
        octets += self._octets
        if self.capacity_octets is not None and octets > self.capacity_octets:
            draft.abort()
            reason = sentences.OVER_CAPACITY.format(octets=octets, capacity=self.capacity_octets)
            raise InsufficientStorageError(sentences.NOT_STORED.format(reason=reason))


class SpoolDraft(MemoryDraft):
    """A message on its way into a `MemorySpool`, with its entries; see `store.Draft`."""

    def __init__(self, entries: tuple[QueueEntry, ...]) -> None:
        super().__init__(())
        self.entries = entries
