"""Store mail on disk in Maildirs, so that a committed message survives a crash of the program or the machine.

A Maildir is a folder with three subfolders. A message is written into ``tmp`` and gets its name in ``new``, by the
steps of `durable`. Mail programs move messages they have seen to ``cur``; this module only reads that.

A file has the octets of the message, with its CRLF line ends. Other servers write LF, and mail programs read both; the
octets that came can be compared, counted and handed on as they are.

The module is one thing, a message's way through these steps: `Maildir` is the open folder, `MaildirStore` commits, and
`MaildirDraft` is the message under way, whose steps the store drives.
"""

from __future__ import annotations

import itertools
import os
import re
import string
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ..base.failure import Failure
from . import sentences
from .durable import (
    FileDraft,
    OpenFolder,
    all_or_none,
    copy_file,
    make_folder,
    require_free,
    require_posix,
    require_writable,
    sync_folders,
    take_steps,
)
from .store import distinct

# Maildirs kept open for the next message, with two descriptors each. A server may have thousands of mailboxes.
_OPEN_FOLDERS = 32

# The Maildir convention: a file in tmp that is older may be removed, because its writer has died.
_STALE_SECONDS = 36 * 3600

_PLAIN = frozenset((string.ascii_letters + string.digits + "-_+=@.").encode())
_SIZE = re.compile(r",S=([0-9]+)")
_NUMBER = re.compile(r"[0-9]+")


def folder_name(mailbox: str) -> str:
    """Return a safe and unique folder name for `mailbox`.

    ASCII letters, digits and ``-_+=@.`` stay, except a dot at the beginning; every other octet of the name in UTF-8
    becomes ``%XX``. So no name can leave the store's folder: the mail of ``../etc`` is in ``%2E.%2Fetc``.

    Raises:
        ValueError: if the name is empty.
    """
    if not mailbox:
        raise ValueError(sentences.NAMELESS_MAILBOX)
    octets = mailbox.encode("utf-8", "surrogateescape")
    name = "".join(chr(octet) if octet in _PLAIN else f"%{octet:02X}" for octet in octets)
    return "%2E" + name[1:] if name.startswith(".") else name


class MaildirInUse(Failure):
    """Another host keeps mail in the same folder."""


class Maildir:
    """One mailbox: a folder with ``tmp``, ``new`` and ``cur``, which are made if missing.

    Raises:
        OSError: if a folder is missing and cannot be made, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("tmp", "new", "cur"):
            make_folder(path / name)
        self.tmp = OpenFolder(path / "tmp")
        self.new = OpenFolder(path / "new")

    @property
    def is_gone(self) -> bool:
        """True if ``tmp`` or ``new`` has been removed, so that a message put there would be lost."""
        return self.tmp.is_gone or self.new.is_gone

    def take(self, source: OpenFolder, draft: str, name: str) -> None:
        """Link the file `draft` of the folder `source` into ``new`` as `name`.

        A hard link never replaces another message, as renaming might. If the file system has no hard links, the file
        is copied.
        """
        if not source.link(draft, self.new, name):
            self._copy(source, draft, name)

    def _copy(self, source: OpenFolder, draft: str, name: str) -> None:
        copy = f"{draft},copy"
        target = self.tmp.create(copy)
        try:
            copy_file(source.open(draft), target)
            self.tmp.move(copy, self.new, name)
        except OSError:
            with suppress(OSError):
                self.tmp.remove(copy)
            raise


class MaildirStore:
    """Keep a Maildir for each mailbox in a folder; `smtplab.mta.store.Store` has the interface.

    Several threads may commit at the same time, and other programs may read and deliver.

    Args:
        root: the folder, made if missing.
        clock: returns the time that begins a file's name.
        hostname: the host part of a file's name; this machine's if empty.
        unique: returns text that no other call returns in the same microsecond, here or in another process.
        free_octets: the octets of the disk that must stay free; a message that would use them is refused.

    Raises:
        OSError: if the folder cannot be made, or the system is not a POSIX one.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        hostname: str = "",
        unique: Callable[[], str] | None = None,
        free_octets: int = 0,
    ) -> None:
        require_posix()
        self.root = Path(root)
        self.free_octets = free_octets
        self._clock = clock
        # The Maildir convention: these two have a meaning in the path or in the name.
        self._hostname = (hostname or os.uname().nodename).replace("/", r"\057").replace(":", r"\072")
        self._unique = unique or _unique_names()
        self._folders: dict[str, Maildir] = {}
        self._held: OpenFolder | None = None  # locked for as long as it is open
        self._opening = threading.Lock()
        make_folder(self.root)
        self._remove_stale()

    def begin(self, mailboxes: Sequence[str]) -> MaildirDraft:
        """Start a message for `mailboxes`. No file is made yet."""
        return MaildirDraft(self, distinct(mailboxes), self._file_name())

    def prepare(self, drafts: Sequence[MaildirDraft]) -> None:
        """Write and sync the file of every draft in ``tmp``; `commit_all` then only names it in ``new``.

        Raises:
            StorageError: if any of it fails; the files are removed.
        """
        with all_or_none(drafts, self.root):
            take_steps(drafts, MaildirDraft.write_out, MaildirDraft.sync)

    def commit_all(self, drafts: Sequence[MaildirDraft]) -> None:
        """Sync the file of every draft, then name all in ``new``, then sync each folder once.

        Raises:
            StorageError: if any of it fails; what had been named in ``new`` until then is withdrawn.
        """
        with all_or_none(drafts, self.root):
            take_steps(drafts, MaildirDraft.write_out, MaildirDraft.sync, MaildirDraft.place)
            sync_folders([folder.new for draft in drafts for folder in draft.placed_in])
        for draft in drafts:
            draft.end()

    def messages(self, mailbox: str) -> list[bytes]:
        """Return the messages in `mailbox`, new and seen, in the order in which they were begun."""
        contents = []
        for file in sorted(self._files(mailbox), key=_by_numbers):
            with suppress(FileNotFoundError):  # taken away by a mail program while we read
                contents.append(file.read_bytes())
        return contents

    def octets_in(self, mailbox: str) -> int:
        """Return the octets of all messages in `mailbox`; a size in the file's name spares a look at the file."""
        octets = 0
        for file in self._files(mailbox):
            size = _SIZE.search(file.name)
            with suppress(FileNotFoundError):
                octets += int(size[1]) if size else file.stat().st_size
        return octets

    def _files(self, mailbox: str) -> list[Path]:
        path = self.root / folder_name(mailbox)
        return [file for name in ("new", "cur") if (path / name).is_dir() for file in (path / name).iterdir()]

    def folder(self, mailbox: str) -> Maildir:
        """Return the open Maildir of `mailbox`, made if missing."""
        folder = self._folders.get(mailbox)
        if folder is None or folder.is_gone:
            with self._opening:
                folder = Maildir(self.root / folder_name(mailbox))
                self._folders.pop(mailbox, None)
                while len(self._folders) >= _OPEN_FOLDERS:
                    del self._folders[next(iter(self._folders))]  # the one opened first; its drafts hold it still
                self._folders[mailbox] = folder
        return folder

    def others(self, mailboxes: Iterable[str]) -> list[str]:
        """Return the names of the folders that hold mail and belong to none of these mailboxes."""
        known = set(map(folder_name, mailboxes))
        found = (path.parent for path in self.root.glob("*/new") if path.is_dir())
        return sorted(path.name for path in found if path.name not in known)

    def require_room(self, octets: int = 0) -> None:
        """Raise `InsufficientStorageError` if `octets` more would leave less of the disk free than `free_octets`."""
        require_free(self.root, octets, self.free_octets)

    def require_writable(self, mailboxes: Iterable[str]) -> None:
        """Raise `OSError`, with its file name, if a folder is there and mail cannot be put into it.

        Args:
            mailboxes: the names of the mailboxes to look at.
        """
        require_writable(self.root)
        for mailbox in mailboxes:
            path = self.root / folder_name(mailbox)
            require_writable(path, path / "tmp", path / "new")

    def hold(self) -> None:
        """Keep other hosts of this machine from the same folder, or raise `MaildirInUse` if one has it.

        It is held until the process ends, however it ends.
        Their users may have the same names, and would get each other's mail. Other programs may read and deliver.
        """
        import fcntl

        held = OpenFolder(self.root)
        try:
            held.lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MaildirInUse(sentences.MAILDIR_IN_USE.format(path=self.root)) from None
        self._held = held

    def close(self) -> None:
        """Close the open folders. The store may still be used; it then opens them again."""
        self._folders.clear()

    def _remove_stale(self) -> None:
        """Remove files that a crash left in ``tmp``."""
        oldest = time.time() - _STALE_SECONDS
        for file in self.root.glob("*/tmp/*"):
            with suppress(OSError):
                if file.stat().st_mtime < oldest:
                    file.unlink()

    def _file_name(self) -> str:
        """Return a file name in the Maildir convention: time, unique text, host."""
        now = self._clock()
        return f"{int(now.timestamp())}.M{now.microsecond:06}{self._unique()}.{self._hostname}"


class MaildirDraft(FileDraft):
    """A message on its way into a `MaildirStore`; see `smtplab.mta.store.Draft`. The store drives its steps."""

    def __init__(self, store: MaildirStore, mailboxes: tuple[str, ...], name: str) -> None:
        super().__init__(name, store.require_room)
        self.placed_in: list[Maildir] = []
        self._store = store
        self._mailboxes = mailboxes

    def home(self) -> OpenFolder:
        """Return ``tmp`` of the first mailbox."""
        return self._store.folder(self._mailboxes[0]).tmp

    def place(self) -> None:
        """Link the file into every mailbox, and remove it from ``tmp``."""
        assert self._home is not None
        for mailbox in self._mailboxes:
            folder = self._store.folder(mailbox)
            folder.take(self._home, self.name, self._final_name)
            self.placed_in.append(folder)
        self.leave_home()

    def withdraw(self) -> None:
        """Remove the message from every mailbox."""
        for folder in self.placed_in:
            with suppress(OSError):
                folder.new.remove(self._final_name)
        self.placed_in.clear()

    def end(self) -> None:
        """Mark the draft as ended, because its message is in the mailboxes."""
        super().end()
        self.placed_in.clear()

    @property
    def _final_name(self) -> str:
        # Maildir++ appends ``,S=`` and the size, which spares its readers a look at the file.
        return f"{self.name},S={self._octets}"


def _by_numbers(file: Path) -> tuple[list[int], str]:
    """Return a sort key for files of messages: the numbers in the name, which are time, process and count."""
    return [int(number) for number in _NUMBER.findall(file.name)], file.name


def _unique_names() -> Callable[[], str]:
    """Return a function that makes unique texts: process, count, and a random number in case a process id repeats."""
    count, random = itertools.count(1), os.urandom(8).hex()
    return lambda: f"P{os.getpid()}Q{next(count)}R{random}"
