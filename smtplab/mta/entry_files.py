"""The files of the entries in a spool on disk: what attempts have left of each, or that it is done with.

A file is replaced as a whole, by renaming. `spool_folder` decides what is written, and has the messages.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from . import sentences
from .durable import OpenFolder, explain, read_all, write_all
from .maildir import folder_name


class EntryFiles:
    """The files of entries in a folder. Several threads may use them at the same time.

    Args:
        tmp: the folder for what is being written.
        folder: the folder of the files.
    """

    def __init__(self, tmp: OpenFolder, folder: OpenFolder) -> None:
        self.folder = folder
        self._tmp = tmp
        self._changed = threading.Condition()
        self._busy: set[str] = set()

    @contextmanager
    def turn(self, entry_id: str) -> Iterator[None]:
        """Wait until no other thread works with an entry, and keep the others waiting meanwhile.

        Entries of the same message do not wait for each other, because a list may have hundreds of them.
        """
        with self._changed:
            self._changed.wait_for(lambda: entry_id not in self._busy)
            self._busy.add(entry_id)
        try:
            yield
        finally:
            with self._changed:
                self._busy.discard(entry_id)
                self._changed.notify_all()

    def write(self, entry_id: str, record: bytes) -> None:
        """Write the file of an entry durably, in its `turn`; raise `StorageError` if that fails.

        If the last step fails, to sync the folder, a restart may find the new file or the old one.
        """
        name = folder_name(entry_id)
        draft = f"entry-{name}"
        try:
            self._write_draft(draft, record)
            self._tmp.move(draft, self.folder, name)
            self.folder.sync()
        except OSError as error:
            with suppress(OSError):
                self._tmp.remove(draft)
            raise explain(error, sentences.SPOOL_NOT_WRITTEN) from error

    def read(self, entry_id: str) -> bytes | None:
        """Return the file of an entry; None if it has none. Raise `ValueError` if a folder has its name."""
        try:
            return self.read_file(folder_name(entry_id))
        except FileNotFoundError:
            return None

    def read_file(self, name: str) -> bytes:
        """Return the file of a name; raise `ValueError` if it is a folder, and `OSError` if it cannot be read."""
        try:
            return read_all(self.folder.open(name))
        except IsADirectoryError:
            raise ValueError(sentences.NOT_OF_SPOOL) from None

    def remove(self, entry_id: str) -> None:
        """Remove the file of an entry, if it has one and that can be done; the next start removes what is left."""
        with suppress(OSError):
            self.folder.remove(folder_name(entry_id))

    def unknown(self, known: set[str]) -> list[str]:
        """Return the names of the files of all entries except those with the ids in `known`."""
        names = {folder_name(entry_id) for entry_id in known}
        return [name for name in os.listdir(self.folder.path) if name not in names]

    def _write_draft(self, name: str, record: bytes) -> None:
        file = self._tmp.create(name)
        try:
            write_all(file, record)
            os.fsync(file)
        finally:
            os.close(file)
