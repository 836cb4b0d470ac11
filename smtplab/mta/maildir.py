"""Store mail on disk in Maildirs, so that a committed message survives a crash of the program or the machine.

A Maildir is a folder with three subfolders. A message is written into ``tmp``, synced, and then given its name in
``new``, which is synced as well. The order matters, and no step may be skipped: a name in ``new`` means that the file
is complete, and a synced folder means that the name is durable. Mail programs move messages they have seen to
``cur``; this module only reads that.

It needs POSIX: a folder that can be synced, and file names relative to an open folder.

The module is one thing, a message's way through these steps: `Maildir` is the open folder, `MaildirStore` commits, and
`MaildirDraft` is the message under way, whose steps the store drives.
"""

import errno
import itertools
import os
import re
import string
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from . import sentences
from .store import Blocking, InsufficientStorageError, LocalError, StorageError, distinct

# A draft keeps this many octets in memory before it writes them. So most mail needs no disk until it is committed, and
# a big message costs no more memory than a small one.
_SPILL_OCTETS = 64 * 1024

# Maildirs kept open for the next message, with two descriptors each. A server may have thousands of mailboxes.
_OPEN_FOLDERS = 32

# The Maildir convention: a file in tmp that is older may be removed, because its writer has died.
_STALE_SECONDS = 36 * 3600

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# The folders are on two file systems, the file system has no hard links, or the file has too many.
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})

# False on Windows, where none of this works.
_POSIX = os.name == "posix"

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


class Maildir:
    """One mailbox: an open folder with ``tmp``, ``new`` and ``cur``, which are made if missing.

    An open folder saves walking its path for every message, and ensures that the folder that is synced is the one that
    was written to. It is closed when the last draft that uses it is gone.

    Raises:
        OSError: if a folder is missing and cannot be made, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("tmp", "new", "cur"):
            _make_folder(path / name)
        self.tmp = os.open(path / "tmp", os.O_RDONLY | os.O_DIRECTORY)
        weakref.finalize(self, os.close, self.tmp)
        self.new = os.open(path / "new", os.O_RDONLY | os.O_DIRECTORY)
        weakref.finalize(self, os.close, self.new)

    @property
    def is_gone(self) -> bool:
        """True if ``tmp`` or ``new`` has been removed, so that a message put there would be lost."""
        return not (os.fstat(self.tmp).st_nlink and os.fstat(self.new).st_nlink)

    def create(self, name: str) -> int:
        """Make the file `name` in ``tmp`` and return its descriptor; `OSError` if it exists."""
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self.tmp)

    def discard(self, name: str) -> None:
        """Remove the file `name` from ``tmp``."""
        os.unlink(name, dir_fd=self.tmp)

    def withdraw(self, name: str) -> None:
        """Remove the file `name` from ``new``."""
        os.unlink(name, dir_fd=self.new)

    def take(self, source: "Maildir", draft: str, name: str) -> None:
        """Link the file `draft` in the ``tmp`` of `source` into ``new`` as `name`.

        A hard link never replaces another message, as renaming might. If the file system has no hard links, the file
        is copied.
        """
        try:
            os.link(draft, name, src_dir_fd=source.tmp, dst_dir_fd=self.new)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            self._copy(source, draft, name)

    def _copy(self, source: "Maildir", draft: str, name: str) -> None:
        copy = f"{draft},copy"
        target = self.create(copy)
        try:
            _copy_file(os.open(draft, os.O_RDONLY, dir_fd=source.tmp), target)
            os.rename(copy, name, src_dir_fd=self.tmp, dst_dir_fd=self.new)
        except OSError:
            with suppress(OSError):
                self.discard(copy)
            raise

    def sync(self) -> None:
        """Make the names in ``new`` durable."""
        os.fsync(self.new)


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
        if not _POSIX:
            raise OSError(errno.ENOTSUP, sentences.NEEDS_POSIX)
        self.root = Path(root)
        self.free_octets = free_octets
        self._clock = clock
        # The Maildir convention: these two have a meaning in the path or in the name.
        self._hostname = (hostname or os.uname().nodename).replace("/", r"\057").replace(":", r"\072")
        self._unique = unique or _unique_names()
        self._folders: dict[str, Maildir] = {}
        self._opening = threading.Lock()
        _make_folder(self.root)
        self._remove_stale()

    def begin(self, mailboxes: Sequence[str]) -> "MaildirDraft":
        """Start a message for `mailboxes`. No file is made yet."""
        return MaildirDraft(self, distinct(mailboxes), self._file_name())

    def prepare(self, drafts: Sequence["MaildirDraft"]) -> None:
        """Write and sync the file of every draft in ``tmp``; `commit_all` then only names it in ``new``.

        Raises:
            StorageError: if any of it fails; the files are removed.
        """
        with _all_or_none(drafts):
            _take_steps(drafts, MaildirDraft.write_out, MaildirDraft.sync)

    def commit_all(self, drafts: Sequence["MaildirDraft"]) -> None:
        """Sync the file of every draft, then name all in ``new``, then sync each folder once.

        Raises:
            StorageError: if any of it fails; what had been named in ``new`` until then is withdrawn.
        """
        with _all_or_none(drafts):
            _take_steps(drafts, MaildirDraft.write_out, MaildirDraft.sync, MaildirDraft.place)
            self._sync_folders(drafts)
        for draft in drafts:
            draft.end()

    def _sync_folders(self, drafts: Sequence["MaildirDraft"]) -> None:
        try:
            for folder in dict.fromkeys(folder for draft in drafts for folder in draft.placed_in):
                folder.sync()
        except OSError as error:
            raise _explain(error) from error

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

    def require_room(self, octets: int = 0) -> None:
        """Raise `InsufficientStorageError` if `octets` more would leave less of the disk free than `free_octets`."""
        if not self.free_octets:
            return
        disk = os.statvfs(self.root)
        free = disk.f_bavail * disk.f_frsize
        if free - octets < self.free_octets:
            reason = sentences.DISK_TOO_FULL.format(free=free, kept_free=self.free_octets)
            raise InsufficientStorageError(sentences.NOT_STORED.format(reason=reason))

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


class MaildirDraft:
    """A message on its way into a `MaildirStore`; see `smtplab.mta.store.Draft`. The store drives its steps."""

    def __init__(self, store: MaildirStore, mailboxes: tuple[str, ...], name: str) -> None:
        self.placed_in: list[Maildir] = []
        self._store = store
        self._mailboxes = mailboxes
        self._name = name
        self._chunks: list[bytes] = []
        self._waiting = 0  # octets in _chunks
        self._octets = 0
        self._home: Maildir | None = None  # whose tmp holds the file
        self._file = -1
        self._is_synced = False
        self._failure: StorageError | None = None

    def write(self, chunk: bytes) -> Blocking | None:
        """Add octets; once there are many, return the function that writes them to the disk."""
        if self._failure is None:
            self._chunks.append(chunk)
            self._waiting += len(chunk)
        return self._spill if self._waiting >= _SPILL_OCTETS else None

    def _spill(self) -> None:
        try:
            self.attempt(MaildirDraft.write_out)
        except StorageError as error:
            self.fail(error)

    def abort(self) -> None:
        """Drop the message and remove its file."""
        if self._failure is None:
            self.fail(_ended())

    def attempt(self, step: Callable[["MaildirDraft"], None]) -> None:
        """Take one step towards the mailboxes, or raise `StorageError` if it or an earlier one fails."""
        if self._failure is not None:
            raise self._failure
        try:
            step(self)
        except OSError as error:
            raise _explain(error) from error

    def write_out(self) -> None:
        """Write the octets in memory to the file in ``tmp``; a draft that was prepared has none."""
        if self._is_synced:
            return
        self._store.require_room(self._waiting)
        if self._home is None:
            home = self._store.folder(self._mailboxes[0])
            self._file = home.create(self._name)
            self._home = home  # not before the file is ours to remove
        _write_all(self._file, b"".join(self._chunks))
        self._octets += self._waiting
        self._waiting = 0
        self._chunks.clear()

    def sync(self) -> None:
        """Make the content durable, and close the file; a draft that was prepared is durable."""
        if self._is_synced:
            return
        os.fsync(self._file)
        file, self._file = self._file, -1
        os.close(file)
        self._is_synced = True

    def place(self) -> None:
        """Link the file into every mailbox, and remove it from ``tmp``."""
        assert self._home is not None
        for mailbox in self._mailboxes:
            folder = self._store.folder(mailbox)
            folder.take(self._home, self._name, self._final_name)
            self.placed_in.append(folder)
        self._clear_tmp()

    def fail(self, failure: StorageError) -> None:
        """Record why the message is not stored, and remove every trace of it."""
        self._failure = failure
        self._chunks.clear()
        self._waiting = 0
        for folder in self.placed_in:
            with suppress(OSError):
                folder.withdraw(self._final_name)
        self.placed_in.clear()
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
            self._file = -1
        self._clear_tmp()

    def end(self) -> None:
        """Mark the draft as ended, because its message is in the mailboxes."""
        self._failure = _ended()
        self.placed_in.clear()

    @property
    def _final_name(self) -> str:
        # Maildir++ appends ``,S=`` and the size, which spares its readers a look at the file.
        return f"{self._name},S={self._octets}"

    def _clear_tmp(self) -> None:
        if self._home is not None:
            with suppress(OSError):  # a file left in tmp is never read
                self._home.discard(self._name)
            self._home = None


def _take_steps(drafts: Sequence[MaildirDraft], *steps: Callable[[MaildirDraft], None]) -> None:
    """Take each step with every draft before the next step."""
    for step in steps:
        for draft in drafts:
            draft.attempt(step)


@contextmanager
def _all_or_none(drafts: Sequence[MaildirDraft]) -> Iterator[None]:
    """Remove every trace of all the drafts if one of them fails."""
    try:
        yield
    except StorageError as error:
        for draft in drafts:
            draft.fail(error)
        raise


def _ended() -> LocalError:
    return LocalError(sentences.NOT_STORED.format(reason=sentences.DRAFT_ENDED))


def _explain(error: OSError) -> StorageError:
    """Return the `StorageError` for a system's error."""
    kind = InsufficientStorageError if error.errno in _NO_ROOM else LocalError
    return kind(sentences.NOT_STORED.format(reason=error.strerror or error))


def _by_numbers(file: Path) -> tuple[list[int], str]:
    """Return a sort key for files of messages: the numbers in the name, which are time, process and count."""
    return [int(number) for number in _NUMBER.findall(file.name)], file.name


def _unique_names() -> Callable[[], str]:
    """Return a function that makes unique texts: process, count, and a random number in case a process id repeats."""
    count, random = itertools.count(1), os.urandom(8).hex()
    return lambda: f"P{os.getpid()}Q{next(count)}R{random}"


def _make_folder(path: Path) -> None:
    """Make `path` and its missing parents durably: each new folder is synced into its parent."""
    if path.is_dir():
        return
    _make_folder(path.parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not path.is_dir():  # otherwise another process was quicker
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None
    parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _copy_file(source: int, target: int) -> None:
    """Copy one open file into the other, sync it, and close both."""
    try:
        while chunk := os.read(source, _SPILL_OCTETS):
            _write_all(target, chunk)
        os.fsync(target)
    finally:
        os.close(source)
        os.close(target)
