"""The hosts of a simulation: mail hosts as everywhere, whose mail is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..mta.directory import Directory
from ..mta.handler import ClientIdentity, Envelope
from ..mta.host import MailHost
from ..mta.personality import Personality
from ..mta.queue_manager import QueueManager
from ..mta.spool import MemorySpool
from ..mta.store import MemoryDraft, MemoryStore
from ..mta.task import Job
from ..mta.trace import count_received
from ..mta.transaction import Transaction
from ..protocol.replies import Reply
from ..worlds.host_jobs import HostJobs
from ..worlds.virtual import Host
from .plans import HostPlan

_MESSAGE_ID = b"\r\nMessage-ID: <"


class Watcher(Protocol):
    """Takes what happens to the mail of one host."""

    def stored(self, mailboxes: Sequence[str], message: str, hops: int) -> None:
        """Note that a message is in mailboxes now."""

    def accepted(self, peer: str, envelope: Envelope, message: str, hops: int) -> None:
        """Note that the reply to a message is 250."""

    def refused(self, peer: str, envelope: Envelope, reply: Reply) -> None:
        """Note that a message is refused."""


def message_id(content: bytes) -> str:
    """Return the Message-ID of a message, without brackets; empty if it has none."""
    begin = content.find(_MESSAGE_ID)
    if begin < 0:
        return ""
    begin += len(_MESSAGE_ID)
    return content[begin : content.find(b">", begin)].decode("ascii", "replace")


class WatchedStore(MemoryStore):
    """Mailboxes in memory that report what comes in, and keep it only on request.

    Args:
        watcher: takes what is stored.
        keeps: True to keep the messages; False to keep only their sizes.
        capacity_octets: as `MemoryStore`.
    """

    def __init__(self, watcher: Watcher, *, keeps: bool, capacity_octets: int | None = None) -> None:
        super().__init__(capacity_octets=capacity_octets)
        self._watcher = watcher
        self._keeps = keeps
        self._stored: Sequence[tuple[Sequence[str], bytes]] = ()  # what `commit_all` has just kept

    def commit_all(self, drafts: Sequence[MemoryDraft]) -> None:
        """Put every draft into its mailboxes, or raise `StorageError`."""
        super().commit_all(drafts)
        stored, self._stored = self._stored, ()
        for mailboxes, content in stored:
            self._watcher.stored(mailboxes, message_id(content), count_received(content))

    def _keep(self, messages: Sequence[tuple[Sequence[str], bytes]]) -> None:
        self._stored = messages
        if self._keeps:
            super()._keep(messages)
            return
        self._require_room(sum(len(content) * len(mailboxes) for mailboxes, content in messages))
        self.kept += len(messages)
        for mailboxes, content in messages:
            for mailbox in mailboxes:
                self._octets[mailbox] += len(content)


class WatchedMailHost(MailHost):
    """A mail host that reports which messages it takes.

    Args:
        directory, store, personality, queue, hop_limit: as of `MailHost`.
        watcher: takes what happens.
    """

    def __init__(
        self,
        directory: Directory,
        store: MemoryStore,
        *,
        watcher: Watcher,
        personality: Personality,
        queue: QueueManager,
        hop_limit: int,
    ) -> None:
        super().__init__(directory, store, personality=personality, queue=queue, hop_limit=hop_limit)
        self._watcher = watcher

    def deliver(self, session: ClientIdentity, envelope: Envelope) -> Job:
        """Take the message as any host, and report what came of it."""
        transaction = envelope.memo
        assert isinstance(transaction, Transaction)
        job = super().deliver(session, envelope)  # it ends the header section, which may still be held back
        return self._watched(session, envelope, job, transaction)

    def _watched(self, session: ClientIdentity, envelope: Envelope, job: Job, transaction: Transaction) -> Job:
        message = message_id(_content(transaction))
        reply = yield from job
        assert reply is not None  # a message always gets one
        if reply.is_positive:
            self._watcher.accepted(session.peer, envelope, message, transaction.hops + 1)
        else:
            self._watcher.refused(session.peer, envelope, reply)
        return reply


@dataclass(slots=True)
class RunningHost:
    """A host of a run, with its parts.

    Attributes:
        outages: how many outages it has now.
        full: how many incidents have filled its disk of mailboxes (False) and its disk of the queue (True).
    """

    plan: HostPlan
    host: Host
    mail: WatchedMailHost
    queue: QueueManager
    spool: MemorySpool
    jobs: HostJobs
    outages: int = 0
    full: Counter[bool] = field(default_factory=Counter)


def _content(transaction: Transaction) -> bytes:
    """Return the message of a transaction from any of its drafts."""
    draft = transaction.spooled or next(iter(transaction.drafts), None)
    return draft.content if isinstance(draft, MemoryDraft) else b""
