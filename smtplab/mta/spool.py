"""The interface of a spool, and the spool in memory.

A spool keeps the messages that a host has accepted for other hosts, each with its entries of the queue, until all of
its recipients are done with. Once `commit` has returned, the host may answer 250 (RFC 5321 4.2.5, 4.5.4.1).

A spool only keeps. `queue_manager` decides what is tried when, and calls a spool in tasks that may wait for a disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    def prepare(self, draft: DraftT) -> None:
        """Make the content of a draft durable, as far as that is possible before `commit`.

        Raises:
            StorageError: if that fails; the draft has ended then.
        """

    def commit(self, draft: DraftT) -> None:
        """Make a message and its entries durable, or raise `StorageError` and keep nothing of it."""

    def content(self, queue_id: str) -> bytes:
        """Return the octets of a message; raise `StorageError` if they cannot be read."""

    def update(self, entry: QueueEntry) -> None:
        """Replace an entry by what is left of it after an attempt; raise `StorageError` if that fails."""

    def remove(self, entry: QueueEntry) -> None:
        """Remove an entry, and the message with its last entry; raise `StorageError` if that fails.

        An entry that cannot be removed is tried again after a restart, so its recipients may get the message twice.
        """

    def withdraw(self, queue_id: str) -> None:
        """Remove a message with all its entries, of which none was tried; raise `StorageError` if that fails."""

    def load(self) -> Iterable[QueueEntry]:
        """Return the entries that are kept, in the order in which they were accepted, for a host that starts.

        Raises:
            StorageError: if the spool cannot be read.
        """


class MemorySpool:
    """A spool for the worlds without a disk.

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

    def prepare(self, draft: SpoolDraft) -> None:
        """Check that there is room."""
        self._require_room(draft, len(draft.content))

    def commit(self, draft: SpoolDraft) -> None:
        """Keep a message and its entries."""
        queue_id, content = draft.entries[0].queue_id, draft.content
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
        """Replace an entry."""
        self._entries[entry.queue_id][entry.id] = entry

    def remove(self, entry: QueueEntry) -> None:
        """Remove an entry, and the message with its last entry."""
        entries = self._entries.get(entry.queue_id, {})
        entries.pop(entry.id, None)
        if not entries and entry.queue_id in self._messages:
            del self._entries[entry.queue_id]
            self._octets -= len(self._messages.pop(entry.queue_id))

    def withdraw(self, queue_id: str) -> None:
        """Remove a message with all its entries."""
        if self._entries.pop(queue_id, None) is not None:
            self._octets -= len(self._messages.pop(queue_id))

    def load(self) -> Iterable[QueueEntry]:
        """Return the entries in the order in which they were accepted."""
        return tuple(entry for entries in self._entries.values() for entry in entries.values())

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
