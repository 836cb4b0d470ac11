"""The interface of a mail store, its errors, and the store in memory.

A store keeps the promise of RFC 5321 4.2.5 and 6.1: once a draft is committed, the message is in every named mailbox
and the server may answer 250. Until then, and after a failure, no mailbox shows any of it.

A store keeps octets unchanged. It adds no header field, and handles names of mailboxes, not addresses.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import ClassVar, Protocol, TypeVar

from ..base.log import Log
from ..protocol import replies
from ..protocol.replies import Reply
from . import sentences


class StorageError(Exception):
    """A message could not be stored. ``str(error)`` is a sentence; ``error.reply`` is the reply to the client.

    Attributes:
        folder: where it could not be stored, which a client is not told; empty if it is not about a folder.
    """

    reply: ClassVar[Reply]
    folder: str = ""


class InsufficientStorageError(StorageError):
    """There is no space for the message: 452."""

    reply = replies.INSUFFICIENT_STORAGE


class LocalError(StorageError):
    """The storage failed in another way: 451."""

    reply = replies.LOCAL_ERROR


# A call that may block and returns nothing.
Blocking = Callable[[], None]


class Draft(Protocol):
    """A message on its way into its mailboxes, used by one thread at a time; `Store.commit_all` or `abort` ends it."""

    def write(self, chunk: bytes) -> Blocking | None:
        """Add octets to what is held in memory, which never blocks.

        Returns:
            A function to call before the next chunk, so that not too much is held in memory, or None. It may block on
            a disk. It never raises, because a server cannot answer in the middle of the data; `Store.commit_all` does.
        """

    def abort(self) -> None:
        """Drop the message and leave nothing behind. After `Store.commit_all` or a first `abort` it does nothing."""


DraftT = TypeVar("DraftT", bound=Draft)


class Store(Protocol[DraftT]):
    """Keep delivered mail in mailboxes."""

    def begin(self, mailboxes: Sequence[str]) -> DraftT:
        """Start a message for one or more `mailboxes`."""

    def prepare(self, drafts: Sequence[DraftT]) -> None:
        """Make the content of all the drafts durable, as far as that is possible before `commit_all` shows them.

        A host calls it before it relays the message to others, so that a full disk is noticed while nobody has it.

        Raises:
            StorageError: if any of it fails; all the drafts have ended then.
        """

    def commit_all(self, drafts: Sequence[DraftT]) -> None:
        """Commit all the drafts, prepared or not, or none of them and raise `StorageError`."""

    def messages(self, mailbox: str) -> list[bytes]:
        """Return the messages in `mailbox`, in the order in which they were begun."""

    def octets_in(self, mailbox: str) -> int:
        """Return the octets of all messages in `mailbox`, for its quota."""


def distinct(mailboxes: Sequence[str]) -> tuple[str, ...]:
    """Return `mailboxes` without repetitions, so that each gets one copy; raise `ValueError` if there is none.

    One name alone is one mailbox.
    """
    mailboxes = (mailboxes,) if isinstance(mailboxes, str) else mailboxes
    if not mailboxes:
        raise ValueError(sentences.NO_MAILBOX)
    return tuple(dict.fromkeys(mailboxes))


# Held while a `MemoryStore` changes. All stores share it, because a store with a lock of its own could not be copied.
_changing = Lock()


class MemoryStore:
    """Mailboxes in memory, for the worlds without a disk.

    Args:
        capacity_octets: the most octets that all mailboxes together may hold, else `InsufficientStorageError`; None for
            no limit.
        read_only: True to behave like a disk that can no longer be written, with `LocalError`.

    Both may be changed at any time. Several threads may commit at the same time.

    Attributes:
        kept: the number of messages stored so far, including those taken back.
    """

    def __init__(self, *, capacity_octets: int | None = None, read_only: bool = False) -> None:
        self.capacity_octets = capacity_octets
        self.read_only = read_only
        self.kept = 0
        self._messages: defaultdict[str, dict[int, bytes]] = defaultdict(dict)  # by the value of `kept` before
        self._octets: defaultdict[str, int] = defaultdict(int)

    def begin(self, mailboxes: Sequence[str]) -> "MemoryDraft":
        """Start a message for `mailboxes`."""
        return MemoryDraft(distinct(mailboxes))

    def prepare(self, drafts: Sequence["MemoryDraft"]) -> None:
        """Check that there is room for every draft; raise `StorageError` and end them if there is none."""
        try:
            with _changing:
                self._require_room(sum(len(draft.content) * len(draft.mailboxes) for draft in drafts))
        except StorageError:
            for draft in drafts:
                draft.abort()
            raise

    def commit_all(self, drafts: Sequence["MemoryDraft"]) -> None:
        """Put every draft into its mailboxes, or raise `StorageError`."""
        try:
            with _changing:
                self._keep([(draft.mailboxes, draft.content) for draft in drafts])
        finally:
            for draft in drafts:
                draft.abort()

    def _keep(self, messages: Sequence[tuple[Sequence[str], bytes]]) -> None:
        self._require_room(sum(len(content) * len(mailboxes) for mailboxes, content in messages))
        for mailboxes, content in messages:
            for mailbox in mailboxes:
                self._messages[mailbox][self.kept] = content
                self._octets[mailbox] += len(content)
            self.kept += 1

    def _require_room(self, octets: int) -> None:
        if self.read_only:
            raise LocalError(sentences.NOT_STORED.format(reason=sentences.READ_ONLY))
        if self.capacity_octets is None:
            return
        used = sum(self._octets.values()) + octets
        if used > self.capacity_octets:
            reason = sentences.OVER_CAPACITY.format(octets=used, capacity=self.capacity_octets)
            raise InsufficientStorageError(sentences.NOT_STORED.format(reason=reason))

    def take_back(self, first: int, end: int) -> None:
        """Remove the messages that were stored while `kept` went from `first` to `end`, as if they had never come."""
        with _changing:
            for number in range(first, end):
                for mailbox, messages in self._messages.items():
                    self._octets[mailbox] -= len(messages.pop(number, b""))

    def messages(self, mailbox: str) -> list[bytes]:
        """Return the messages in `mailbox`, oldest first."""
        return list(self._messages.get(mailbox, {}).values())

    def octets_in(self, mailbox: str) -> int:
        """Return the octets of all messages in `mailbox`."""
        return self._octets.get(mailbox, 0)


class MemoryDraft:
    """A message on its way into a `MemoryStore`; see `Draft`."""

    def __init__(self, mailboxes: tuple[str, ...]) -> None:
        self.mailboxes = mailboxes
        self._chunks: Log[bytes] | None = Log()

    @property
    def content(self) -> bytes:
        """The octets written so far. After the end of the draft it raises `LocalError`."""
        if self._chunks is None:
            raise LocalError(sentences.NOT_STORED.format(reason=sentences.DRAFT_ENDED))
        return b"".join(self._chunks)

    def write(self, chunk: bytes) -> None:
        """Add octets."""
        if self._chunks is not None:
            self._chunks.append(chunk)

    def abort(self) -> None:
        """Forget the message."""
        self._chunks = None
