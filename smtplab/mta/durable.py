"""Write files so that they survive a crash of the program or the machine; Maildirs and the spool stand on it.

A file is written under a name that nobody reads, synced, and then given its name in another folder, which is synced as
well. The order matters, and no step may be skipped: a name there means that the file is complete, and a synced folder
means that the name is durable.

It needs POSIX: a folder that can be synced, and file names relative to an open folder.
"""

from __future__ import annotations

import errno
import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

from . import sentences
from .store import Blocking, InsufficientStorageError, LocalError, StorageError

# A draft keeps this many octets in memory before it writes them. So most mail needs no disk until it is committed, and
# a big message costs no more memory than a small one.
SPILL_OCTETS = 64 * 1024

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# The folders are on two file systems, the file system has no hard links, or the file has too many.
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})

# False on Windows, where none of this works.
_POSIX = os.name == "posix"


def require_posix() -> None:
    """Raise `OSError` if this system has no folders that can be synced."""
    if not _POSIX:
        raise OSError(errno.ENOTSUP, sentences.NEEDS_POSIX)


class OpenFolder:
    """A folder that stays open, made if missing; it is closed when nobody uses it any more.

    That saves walking its path for every file, and ensures that the folder that is synced is the one that was written
    to. Several threads may use it.

    Raises:
        OSError: if the folder is missing and cannot be made, or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        make_folder(path)
        self.path = path
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        weakref.finalize(self, os.close, self._fd)
        self._turn = threading.Condition()
        self._begun = self._ended = 0  # how many syncs have begun and ended
        self._failure: tuple[int, OSError] | None = None  # the last sync that failed: its number and its error

    @property
    def is_gone(self) -> bool:
        """True if the folder has been removed, so that a file put there would be lost."""
        return not os.fstat(self._fd).st_nlink

    def lock(self, operation: int) -> None:
        """Lock the folder as `fcntl.flock` does, until it is closed."""
        import fcntl

        fcntl.flock(self._fd, operation)

    def create(self, name: str) -> int:
        """Make a file and return its descriptor; `OSError` if it exists."""
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self._fd)

    def open(self, name: str) -> int:
        """Open a file to read it, and return its descriptor."""
        return os.open(name, os.O_RDONLY, dir_fd=self._fd)

    def remove(self, name: str) -> None:
        """Remove a file."""
        os.unlink(name, dir_fd=self._fd)

    def move(self, name: str, target: OpenFolder, new_name: str) -> None:
        """Give a file a name in another folder, where it replaces a file of that name."""
        os.rename(name, new_name, src_dir_fd=self._fd, dst_dir_fd=target._fd)

    def link(self, name: str, target: OpenFolder, new_name: str) -> bool:
        """Give a file one more name, in another folder; return False if the file system cannot.

        A hard link never replaces another file, as `move` might.
        """
        try:
            os.link(name, new_name, src_dir_fd=self._fd, dst_dir_fd=target._fd)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            return False
        return True

    def sync(self) -> None:
        """Make the names in the folder durable.

        Threads that call it at the same time share a sync, which may take longer than all the rest of a message: while
        one is under way the others wait, and the next one is for all of them.
        """
        with self._turn:
            mine = self._begun + 1  # one that has begun already may have missed what this thread has done
            while self._ended < mine and self._begun > self._ended:
                self._turn.wait()
            if self._ended < mine:
                self._begun = mine
                self._sync_for_all(mine)
            elif self._failure is not None and self._failure[0] >= mine:
                raise self._failure[1]

    def _sync_for_all(self, number: int) -> None:
        """Sync, with the lock released meanwhile."""
        self._turn.release()
        failure = None
        try:
            os.fsync(self._fd)
        except OSError as error:
            failure = error
        finally:
            self._turn.acquire()
            self._ended = number
            self._turn.notify_all()
        if failure is not None:
            self._failure = number, failure
            raise failure


class FileDraft:
    """A message on its way into a file; see `store.Draft`. Its store drives the steps: write out, sync, place.

    Args:
        name: the file's name while it is under way.
        require_room: raises `StorageError` if the disk has no room for so many octets.
    """

    def __init__(self, name: str, require_room: Callable[[int], None]) -> None:
        self.name = name
        self._require_room = require_room
        self._chunks: list[bytes] = []
        self._waiting = 0  # octets in _chunks
        self._octets = 0
        self._home: OpenFolder | None = None  # which holds the file
        self._file = -1
        self._is_synced = False
        self._failure: StorageError | None = None

    # What kinds of drafts differ in

    def home(self) -> OpenFolder:
        """Return the folder for the file while it is under way."""
        raise NotImplementedError

    def place(self) -> None:
        """Give the synced file the name under which it counts."""
        raise NotImplementedError

    def withdraw(self) -> None:
        """Take back what `place` has done."""
        raise NotImplementedError

    # For those who write the message

    def write(self, chunk: bytes) -> Blocking | None:
        """Add octets; once there are many, return the function that writes them to the disk."""
        if self._failure is None:
            self._chunks.append(chunk)
            self._waiting += len(chunk)
        return self._spill if self._waiting >= SPILL_OCTETS else None

    def abort(self) -> None:
        """Drop the message and remove its file."""
        if self._failure is None:
            self.fail(_ended())

    # The steps

    def attempt(self, step: Callable[[Self], None]) -> None:
        """Take one step, or raise `StorageError` if it or an earlier one fails."""
        if self._failure is not None:
            raise self._failure
        try:
            step(self)
        except OSError as error:
            raise explain(error) from error

    def write_out(self) -> None:
        """Write the octets in memory to the file; a draft that was prepared has none."""
        if self._is_synced:
            return
        self._require_room(self._waiting)
        if self._home is None:
            home = self.home()
            self._file = home.create(self.name)
            self._home = home  # not before the file is ours to remove
        write_all(self._file, b"".join(self._chunks))
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

    def fail(self, failure: StorageError) -> None:
        """Record why the message is not stored, and remove every trace of it."""
        self._failure = failure
        self._chunks.clear()
        self._waiting = 0
        self.withdraw()
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
            self._file = -1
        self.leave_home()

    def end(self) -> None:
        """Mark the draft as ended, because its message is stored."""
        self._failure = _ended()

    def leave_home(self) -> None:
        """Remove the file's name while it was under way."""
        if self._home is not None:
            with suppress(OSError):  # a file left there is never read
                self._home.remove(self.name)
            self._home = None

    def _spill(self) -> None:
        try:
            self.attempt(FileDraft.write_out)
        except StorageError as error:
            self.fail(error)


FileDraftT = TypeVar("FileDraftT", bound=FileDraft)


def take_steps(drafts: Sequence[FileDraftT], *steps: Callable[[FileDraftT], None]) -> None:
    """Take each step with every draft before the next step."""
    for step in steps:
        for draft in drafts:
            draft.attempt(step)


@contextmanager
def all_or_none(drafts: Sequence[FileDraft], root: Path) -> Iterator[None]:
    """Remove every trace of all the drafts, which go into the folder `root`, if one of them fails."""
    try:
        yield
    except StorageError as error:
        error.folder = str(root)
        for draft in drafts:
            draft.fail(error)
        raise


def sync_folders(folders: Sequence[OpenFolder]) -> None:
    """Sync each folder once; raise `StorageError` if that fails."""
    try:
        for folder in dict.fromkeys(folders):
            folder.sync()
    except OSError as error:
        raise explain(error) from error


def explain(error: OSError, sentence: str = sentences.NOT_STORED) -> StorageError:
    """Return the `StorageError` for a system's error.

    Args:
        error: the system's error.
        sentence: says what failed; ``{reason}`` in it is what the system says.
    """
    kind = InsufficientStorageError if error.errno in _NO_ROOM else LocalError
    return kind(sentence.format(reason=error.strerror or error))


def require_free(path: Path, octets: int, free_octets: int) -> None:
    """Raise `InsufficientStorageError` if `octets` more would leave less of the disk free than `free_octets`."""
    if not free_octets:
        return
    disk = os.statvfs(path)
    free = disk.f_bavail * disk.f_frsize
    if free - octets < free_octets:
        reason = sentences.DISK_TOO_FULL.format(free=free, kept_free=free_octets)
        raise InsufficientStorageError(sentences.NOT_STORED.format(reason=reason))


def require_writable(*folders: Path) -> None:
    """Raise `OSError` if a path is not a folder, or one into which this process may not write; missing ones may be."""
    for path in folders:
        if path.exists() and not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        if path.exists() and not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def make_folder(path: Path) -> None:
    """Make `path` and its missing parents durably: each new folder is synced into its parent."""
    if path.is_dir():
        return
    make_folder(path.parent)
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


def write_all(file: int, data: bytes) -> None:
    """Write all octets to an open file."""
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def read_all(file: int) -> bytes:
    """Return all octets of an open file, and close it."""
    pieces = []
    try:
        while piece := os.read(file, SPILL_OCTETS):
            pieces.append(piece)
    finally:
        os.close(file)
    return b"".join(pieces)


def copy_file(source: int, target: int) -> None:
    """Copy one open file into the other, sync it, and close both."""
    try:
        while chunk := os.read(source, SPILL_OCTETS):
            write_all(target, chunk)
        os.fsync(target)
    finally:
        os.close(source)
        os.close(target)


def _ended() -> LocalError:
    return LocalError(sentences.NOT_STORED.format(reason=sentences.DRAFT_ENDED))
