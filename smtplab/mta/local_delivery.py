"""Deliver mail of the queue to the mailboxes of its own host, such as the reports about mail of its users."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import partial
from typing import Any, Protocol, TypeVar

from ..protocol import replies
from ..protocol.grammar import Path
from . import sentences
from .attempt import Action, RecipientResult, answered
from .directory import Directory, Resolution
from .personality import Personality
from .queue_entry import QueueEntry
from .store import StorageError, Store
from .task import Task, on_disk
from .trace import return_path

MemberT = TypeVar("MemberT", str, Path)


class MailboxOwner(Protocol):
    """The part of a host that local delivery needs: its users, their mail, and its words."""

    hostname: str
    directory: Directory
    store: Store[Any]
    personality: Personality

    def note_unwritable(self, error: StorageError) -> None:
        """Note why a message could not be stored in a folder."""


class LocalDelivery:
    """Puts messages of the queue into the mailboxes of a host.

    A message that a client hands over is stored by `host.MailHost` before its reply. What is delivered here has no
    client that waits: a mailbox that is busy or full delays its message, and an unknown name fails.

    Args:
        host: whose mailboxes they are.
    """

    def __init__(self, host: MailboxOwner) -> None:
        self._host = host

    def is_local(self, domain: str) -> bool:
        """Return True if the mail of a domain is delivered here."""
        return self._host.directory.is_local(domain)

    def deliver(
        self, entry: QueueEntry, path: Path, content: bytes
    ) -> Generator[Task, object, tuple[RecipientResult, dict[Path, list[Path]]]]:
        """Deliver a message to one recipient.

        Args:
            entry: the entry of the message.
            path: one of its recipients.
            content: the message.

        Returns:
            What became of it, and for each reverse-path the recipients elsewhere to whom the name leads.
        """
        if not self.is_local(path.domain):  # any more: the message was accepted before the last restart
            elsewhere = Resolution(replies.RECIPIENT_OK, remote=(path,))
            return self._done(path, elsewhere), _by_owner(entry, elsewhere, elsewhere.remote)
        octets_in = self._host.store.octets_in
        resolution = yield from on_disk(
            lambda: self._host.directory.resolve(path, octets_in=octets_in, size=len(content))
        )
        if not resolution.reply.is_positive:
            return self._refused(path, resolution), {}
        if resolution.mailboxes:
            try:
                yield from on_disk(partial(self._store_copies, entry, resolution, content))
            except StorageError as error:
                self._host.note_unwritable(error)
                return answered([path], self._host.hostname, error.reply, str(error)).recipients[0], {}
        return self._done(path, resolution), _by_owner(entry, resolution, resolution.remote)

    def _store_copies(self, entry: QueueEntry, resolution: Resolution, content: bytes) -> None:
        """Store a copy in each mailbox; those of a list come from its owner unless it is a report (RFC 5321 3.9.2)."""
        drafts = []
        for sender, names in _by_owner(entry, resolution, resolution.mailboxes).items():
            draft = self._host.store.begin(names)
            drafts.append(draft)
            for piece in (return_path(sender), content):
                if (step := draft.write(piece)) is not None:
                    step()
        self._host.store.commit_all(drafts)

    def _refused(self, path: Path, resolution: Resolution) -> RecipientResult:
        reply = self._host.personality.word(resolution.reply, recipient=path.address, **resolution.facts)
        return answered([path], self._host.hostname, reply, reply.text).recipients[0]

    def _done(self, path: Path, resolution: Resolution) -> RecipientResult:
        action = Action.DELIVERED if resolution.mailboxes else Action.EXPANDED
        status = answered([path], self._host.hostname, resolution.reply).recipients[0].status
        words = sentences.STORED_HERE if resolution.mailboxes else sentences.LEADS_ELSEWHERE
        return RecipientResult(path, action, status, words.format(host=self._host.hostname), self._host.hostname)


def _by_owner(entry: QueueEntry, resolution: Resolution, members: Iterable[MemberT]) -> dict[Path, list[MemberT]]:
    """Group mailboxes or paths by the reverse-path of their copies."""
    groups: dict[Path, list[MemberT]] = {}
    for member in members:
        groups.setdefault(resolution.sender_of(member, entry.sender), []).append(member)
    return groups
