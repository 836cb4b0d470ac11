"""The spool on disk: accepted messages survive a crash of the program or the machine; see `spool.Spool`.

A spool is a folder with these subfolders, written by the steps of `durable`:

- ``messages`` has a file for each message, with its entries; see `message_files`.
- ``entries`` has a file for each entry of a message that an attempt has changed: what is left of it, or ``done``;
  see `entry_files`.
- ``tmp`` has what is being written. Nobody reads it.
- ``broken`` has damaged files that a start has found. Nothing is removed from there.

What is left of an entry replaces its file as a whole, by renaming. A line appended to a file would save a sync, but a
crash may leave half a line, and a message that is tried for days would be read from an ever longer file.

The module is long because it is one thing: a spool, its drafts and the head of a file share one form on the disk.

A removal is not synced. After a crash of the machine, not of the program, a message may be delivered a second time.
That is the better fault: RFC 5321 6.1 wants no loss.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..base.failure import Failure
from . import sentences
from .durable import (
    FileDraft,
    OpenFolder,
    all_or_none,
    explain,
    make_folder,
    require_free,
    require_posix,
    require_writable,
    sync_folders,
    take_steps,
)
from .entry_files import EntryFiles
from .entry_record import read_entry, write_entry
from .maildir import folder_name
from .message_files import MessageFiles, file_name, head_of
from .queue_entry import QueueEntry
from .store import LocalError, StorageError

_log = logging.getLogger(__name__)

# The folders in a spool.
SUBFOLDERS = ("tmp", "messages", "entries", "broken")
_DONE = b"done\n"


class SpoolInUse(Failure):
    """Another process works with the spool."""


@dataclass(slots=True)
class _Kept:
    """A message in the spool."""

    file: str
    left: set[str]  # the ids of its entries
    changed: set[str] = field(default_factory=set)  # those that may have a file of their own


class FolderSpool:
    """A spool in a folder. Several threads may use it at the same time, but only one process.

    Args:
        root: the folder, made if missing.
        free_octets: the octets of the disk that must stay free; a message that would use them is refused.

    Raises:
        OSError: if the folder cannot be made or written, or the system is not a POSIX one.
        SpoolInUse: if another process has opened it and has not ended.
    """

    def __init__(self, root: Path | str, *, free_octets: int = 0) -> None:
        require_posix()
        self.root = Path(root)
        self.free_octets = free_octets
        make_folder(self.root)
        self._lock = _lock(self.root / "lock")
        try:
            self._open_folders()
        except BaseException:  # or no other attempt of this process could lock it
            self.close()
            raise
        self._message_files = MessageFiles(self._messages)
        self._entry_files = EntryFiles(self._tmp, self._entries)
        self._kept: dict[str, _Kept] = {}
        self._changing = threading.Lock()  # held while what is left of a message changes, and never while a disk works

    def _open_folders(self) -> None:
        self._tmp, self._messages, self._entries, self._broken = (OpenFolder(self.root / name) for name in SUBFOLDERS)
        require_writable(self.root, self._tmp.path, self._messages.path, self._entries.path)
        for name in os.listdir(self._tmp.path):  # what a crash has left
            if (self._tmp.path / name).is_dir():
                self._move_aside(self._tmp, name, sentences.NOT_OF_SPOOL)
            else:
                self._tmp.remove(name)

    def close(self) -> None:
        """Let another process open the spool."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def queue_ids(self) -> list[str]:
        """Return the queue ids of the messages in the folder, also of damaged ones."""
        return self._message_files.queue_ids()

    def begin(self, entries: Sequence[QueueEntry]) -> FolderDraft:
        """Start a message. No file is made yet."""
        draft = FolderDraft(self, entries)
        draft.write(head_of(entries))
        return draft

    def commit(self, draft: FolderDraft) -> None:
        """Sync the file of a draft, then give it its name, then sync the folder."""
        with all_or_none([draft], self.root):
            if draft.queue_id in self._kept:
                raise LocalError(sentences.TWICE_IN_SPOOL.format(id=draft.queue_id))
            take_steps([draft], FolderDraft.write_out, FolderDraft.sync, FolderDraft.place)
            sync_folders([self._messages])
        self._kept[draft.queue_id] = _Kept(draft.placed_as, {entry.id for entry in draft.entries})
        draft.end()

    def content(self, queue_id: str) -> bytes:
        """Return the octets of a message; one that was cut since the start is not handed on."""
        kept = self._kept.get(queue_id)
        if kept is None:
            raise LocalError(sentences.NOT_IN_SPOOL.format(id=queue_id))
        try:
            return self._message_files.content(kept.file)
        except FileNotFoundError:
            raise LocalError(sentences.NOT_IN_SPOOL.format(id=queue_id)) from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise LocalError(sentences.SPOOL_UNREADABLE.format(id=queue_id, reason=reason)) from error

    def update(self, entry: QueueEntry) -> None:
        """Replace an entry by what is left of it."""
        with self._entry_files.turn(entry.id):
            kept = self._kept.get(entry.queue_id)
            if kept is None or entry.id not in kept.left:
                raise LocalError(sentences.NOT_IN_SPOOL.format(id=entry.id))
            self._write(kept, entry.id, write_entry(entry).encode("ascii") + b"\n")

    def remove(self, entry: QueueEntry, *, done: bool = True) -> None:
        """Remove an entry, and the message with its last entry."""
        with self._entry_files.turn(entry.id):
            kept = self._kept.get(entry.queue_id)
            if kept is not None and entry.id in kept.left:
                self._remove(entry, kept, done=done)

    def withdraw(self, queue_id: str) -> None:
        """Remove a message with all its entries. This writes nothing, so it works on a full disk."""
        kept = self._kept.pop(queue_id, None)
        if kept is not None:
            self._remove_message(kept)

    def load(self) -> Iterable[QueueEntry]:
        """Return the entries that are kept, in the order in which they were accepted.

        What is damaged, or is not a file, is moved to ``broken``, with a warning in the log; so is what was left of an
        entry whose message is gone.
        """
        entries = []
        try:
            for file in self._message_files.names():
                entries += self._load(file)
            for name in self._entry_files.unknown({each for kept in self._kept.values() for each in kept.changed}):
                self._end_entry(name)
        except OSError as error:
            raise LocalError(sentences.SPOOL_NOT_READ.format(path=self.root, reason=error.strerror)) from error
        return sorted(entries, key=lambda entry: (entry.arrived, entry.queue_id))

    # What is tried, changed and removed

    @property
    def tmp(self) -> OpenFolder:
        """The folder for drafts."""
        return self._tmp

    @property
    def messages(self) -> OpenFolder:
        """The folder of the messages."""
        return self._messages

    def require_room(self, octets: int) -> None:
        """Raise `InsufficientStorageError` if `octets` more would leave less of the disk free than must stay free."""
        require_free(self.root, octets, self.free_octets)

    def _remove(self, entry: QueueEntry, kept: _Kept, *, done: bool) -> None:
        """Note that an entry is done with, or remove the message if it was the last one."""
        failure = None
        if len(kept.left) > 1:
            try:
                self._write(kept, entry.id, _DONE)
            except StorageError as error:
                if not done:
                    raise
                failure = error  # the message goes with the last of the others
        if self._take_out(entry, kept):
            try:
                self._remove_message(kept)
            except StorageError:
                if not done:
                    self._put_in(entry, kept)
                raise
        elif failure is not None:
            raise failure

    def _take_out(self, entry: QueueEntry, kept: _Kept) -> bool:
        """Forget an entry; return True if it was the last one of its message, which is forgotten as well."""
        with self._changing:
            kept.left.discard(entry.id)
            if not kept.left:
                del self._kept[entry.queue_id]
            return not kept.left

    def _put_in(self, entry: QueueEntry, kept: _Kept) -> None:
        """Take back an entry that was the last one of its message, because the message could not be removed."""
        with self._changing:
            kept.left.add(entry.id)
            self._kept[entry.queue_id] = kept

    def _write(self, kept: _Kept, entry_id: str, record: bytes) -> None:
        """Write the file of an entry."""
        with self._changing:
            kept.changed.add(entry_id)
        try:
            self._entry_files.write(entry_id, record)
        except StorageError as error:
            error.folder = str(self.root)
            raise

    def _remove_message(self, kept: _Kept) -> None:
        """Remove the file of a message first: without it, the files of its entries mean nothing."""
        try:
            with suppress(FileNotFoundError):
                self._messages.remove(kept.file)
        except OSError as error:
            failure = explain(error, sentences.SPOOL_NOT_WRITTEN)
            failure.folder = str(self.root)
            raise failure from error
        for entry_id in kept.changed:
            self._entry_files.remove(entry_id)

    # At the start

    def _load(self, file: str) -> list[QueueEntry]:
        """Return what is left of the entries of one message."""
        try:
            entries = self._message_files.entries(file)
        except ValueError as error:
            self._move_aside(self._messages, file, str(error))
            return []
        kept = _Kept(file, set())
        left = [each for entry in entries if (each := self._left_of(entry, kept)) is not None]
        kept.left = {entry.id for entry in left}
        if left:
            self._kept[entries[0].queue_id] = kept
        else:  # a crash came between the last entry and the message
            self._remove_message(kept)
        return left

    def _left_of(self, entry: QueueEntry, kept: _Kept) -> QueueEntry | None:
        """Return what attempts have left of an entry; None if nothing."""
        try:
            record = self._entry_files.read(entry.id)
            if record is None:
                return entry
            if record == _DONE:
                kept.changed.add(entry.id)
                return None
            left = read_entry(record.decode("ascii"))
            if (left.id, left.queue_id) != (entry.id, entry.queue_id):
                raise ValueError(sentences.OTHER_MESSAGE)
        except ValueError as error:
            self._move_aside(self._entries, folder_name(entry.id), str(error))
            return entry  # to try too many recipients is the better fault
        kept.changed.add(entry.id)
        return left

    def _end_entry(self, name: str) -> None:
        """Remove the file of an entry that is done with, and set any other one aside whose message is gone.

        A crash may have come between the end of a message and that of its entries; then nothing is missing.
        """
        try:
            record = self._entry_files.read_file(name)
            if record == _DONE:
                self._entries.remove(name)
                return
            left = read_entry(record.decode("ascii"))
            recipients = ", ".join(map(str, left.recipients))
            reason = sentences.MESSAGE_GONE.format(id=left.queue_id, sender=left.sender, recipients=recipients)
        except ValueError as error:
            reason = str(error)
        self._move_aside(self._entries, name, reason)

    def _move_aside(self, folder: OpenFolder, name: str, reason: str) -> None:
        target = next(each for each in _names(name) if not (self._broken.path / each).exists())
        folder.move(name, self._broken, target)
        self._broken.sync()
        _log.warning(sentences.MOVED_ASIDE.format(path=folder.path / name, target=self._broken.path, reason=reason))


class FolderDraft(FileDraft):
    """A message on its way into a `FolderSpool`, with its entries; see `store.Draft`."""

    def __init__(self, spool: FolderSpool, entries: Sequence[QueueEntry]) -> None:
        self.entries = tuple(entries)
        self.queue_id = self.entries[0].queue_id
        super().__init__(folder_name(self.queue_id), spool.require_room)
        self.placed_as = ""
        self._spool = spool

    def home(self) -> OpenFolder:
        """Return ``tmp`` of the spool."""
        return self._spool.tmp

    def place(self) -> None:
        """Move the file to the messages."""
        name = file_name(self.queue_id, self._octets)
        self._spool.tmp.move(self.name, self._spool.messages, name)
        self.placed_as = name
        self._home = None

    def withdraw(self) -> None:
        """Remove the file from the messages."""
        if self.placed_as:
            with suppress(OSError):
                self._spool.messages.remove(self.placed_as)
            self.placed_as = ""


def _lock(path: Path) -> int:
    """Open and lock a file for this process; the system unlocks it when the process ends, however it ends."""
    import fcntl

    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise SpoolInUse(sentences.SPOOL_IN_USE.format(path=path.parent)) from None
    return file


def _names(name: str) -> Iterator[str]:
    """Yield a name, and then the same with numbers."""
    yield name
    number = 0
    while True:
        number += 1
        yield f"{name}.{number}"
