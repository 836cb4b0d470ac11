"""What a store of mail promises, why it may refuse, and the store that lies in memory.

The promise is that of RFC 5321 4.2.5 and 6.1: once a draft is committed, the message is in every mailbox named and the
server may answer 250. Until then, and after a failure, no mailbox shows anything of it.

A store keeps octets as they are given. It adds no header field and knows no address, only the names of mailboxes.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import ClassVar, Protocol, TypeVar

from ..base.log import Log
from ..protocol import replies
from ..protocol.replies import Reply


class StorageError(Exception):
    """A message could not be kept. ``str(error)`` is a sentence; ``error.reply`` is what the server answers."""

    reply: ClassVar[Reply]


class InsufficientStorageError(StorageError):
    """There is no room for it: 452."""

    reply = replies.INSUFFICIENT_STORAGE


class LocalError(StorageError):
    """The storage failed in another way: 451."""

    reply = replies.LOCAL_ERROR


# What may block and gives no answer.
Blocking = Callable[[], None]


class Draft(Protocol):
    """A message on its way into its mailboxes, used by one thread at a time and ended by `commit` or `abort`."""

    def write(self, chunk: bytes) -> Blocking | None:
        """Add octets to what is held in memory, which never blocks.

        Returns:
            What should be called before the next chunk, lest too much is held; it may block, as a disk may. It never
            raises: a server cannot answer amid the data, so `commit` tells what failed. None for nothing.
        """

    def commit(self) -> None:
        """Put the message into every mailbox, or raise `StorageError`, and then it is in none of them."""

    def abort(self) -> None:
        """Forget the message and leave nothing behind. After `commit`, or for the second time, it does nothing."""


DraftT = TypeVar("DraftT", bound=Draft)


class Store(Protocol[DraftT]):
    """Where delivered mail lies."""

    def begin(self, mailboxes: Sequence[str]) -> DraftT:
        """Start a message for `mailboxes`, at least one of them."""

    def commit_all(self, drafts: Sequence[DraftT]) -> None:
        """Commit all the drafts, or raise `StorageError`, and then no mailbox shows anything of any of them."""

    def messages(self, mailbox: str) -> list[bytes]:
        """Return the messages in `mailbox` in the order in which they were begun; none if nobody wrote to it yet."""

    def octets_in(self, mailbox: str) -> int:
        """Return how many octets the messages in `mailbox` have, for its quota."""


def distinct(mailboxes: Sequence[str]) -> tuple[str, ...]:
    """Return `mailboxes` without repetitions, or raise `ValueError` if there is none: a message goes once into each."""
    if not mailboxes:
        raise ValueError("a message needs at least one mailbox to go into")
    return tuple(dict.fromkeys(mailboxes))


# Held while what lies in a `MemoryStore` changes. It is one for all of them, for a lock in a store could not be copied.
_changing = Lock()


class MemoryStore:
    """Mailboxes in memory, for the worlds without a disk.

    Args:
        capacity_octets: how much all mailboxes together may hold, None for no limit; `InsufficientStorageError` beyond.
        read_only: behave as a disk that can no longer be written, which gives `LocalError`.

    Both may be changed at any time. Several threads may commit at the same time.

    Attributes:
        kept: how many messages have been kept so far, those taken back included.
    """

    def __init__(self, *, capacity_octets: int | None = None, read_only: bool = False) -> None:
        self.capacity_octets = capacity_octets
        self.read_only = read_only
        self.kept = 0
        self._messages: defaultdict[str, dict[int, bytes]] = defaultdict(dict)  # by the value of `kept` before
        self._octets: defaultdict[str, int] = defaultdict(int)

    def begin(self, mailboxes: Sequence[str]) -> "MemoryDraft":
        """Start a message for `mailboxes`."""
        return MemoryDraft(self, distinct(mailboxes))

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
            raise LocalError("the message could not be stored: the storage is read-only")
        used = sum(self._octets.values()) + octets
        if self.capacity_octets is not None and used > self.capacity_octets:
            raise InsufficientStorageError(
                f"the message could not be stored: {used} octets do not fit into {self.capacity_octets}"
            )

    def take_back(self, first: int, end: int) -> None:
        """Remove the messages that were kept while `kept` went from `first` to `end`, as if they had never come."""
        with _changing:
            for number in range(first, end):
                for mailbox, messages in self._messages.items():
                    self._octets[mailbox] -= len(messages.pop(number, b""))

    def messages(self, mailbox: str) -> list[bytes]:
        """Return the messages in `mailbox`, oldest first."""
        return list(self._messages.get(mailbox, {}).values())

    def octets_in(self, mailbox: str) -> int:
        """Return how many octets the messages in `mailbox` have."""
        return self._octets.get(mailbox, 0)


class MemoryDraft:
    """A message on its way into a `MemoryStore`; see `Draft`."""

    def __init__(self, store: MemoryStore, mailboxes: tuple[str, ...]) -> None:
        self.mailboxes = mailboxes
        self._store = store
        self._chunks: Log[bytes] | None = Log()

    @property
    def content(self) -> bytes:
        """What has been written; `LocalError` once the draft has ended."""
        if self._chunks is None:
            raise LocalError("the message could not be stored: its draft has already ended")
        return b"".join(self._chunks)

    def write(self, chunk: bytes) -> None:
        """Add octets."""
        if self._chunks is not None:
            self._chunks.append(chunk)

    def commit(self) -> None:
        """Put the message into every mailbox, or raise `StorageError`."""
        self._store.commit_all([self])

    def abort(self) -> None:
        """Forget the message."""
        self._chunks = None
