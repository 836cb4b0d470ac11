"""Make the attempts for one next hop in one session, as one job: to read, to transmit or to store here, to settle.

If a step breaks by a mistake of the program, the entry of the attempt is tried later. `queue_manager` decides what is
tried when, and has the steps.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Mapping
from typing import Protocol

from ..protocol.grammar import Path
from . import sentences
from .attempt import AttemptResult, RecipientResult
from .local_delivery import LocalDelivery
from .queue import Queue
from .queue_entry import LOCAL, Attempt, QueueEntry
from .relay import RelayedMessage
from .store import StorageError
from .task import Job, Task
from .transmission import NextMessage, without_route
from .zone import MailRoute, NoRoute

_log = logging.getLogger(__name__)

# How many messages follow each other in one session before it is closed, so that no session lasts for ever.
_MESSAGES_PER_SESSION = 100

# For each reverse-path, recipients elsewhere who get a copy of a message.
RemoteCopies = Mapping[Path, Iterable[Path]]


class AttemptSteps(Protocol):
    """The steps of an attempt, and what they need of the host; `queue_manager.QueueManager` has them."""

    hostname: str
    local: LocalDelivery | None
    queue: Queue

    @property
    def now(self) -> int:
        """The present time, in microseconds."""

    def begin(self, attempt: Attempt) -> None:
        """Note that an attempt starts."""

    def another(self, next_hop: str) -> Attempt | None:
        """Start one more attempt for a next hop to which a session is open, if there is one."""

    def route(self, attempt: Attempt) -> MailRoute | NoRoute:
        """Return the route of an attempt."""

    def transmit(
        self, message: RelayedMessage, route: MailRoute, next_message: NextMessage
    ) -> Generator[Task, object, None]:
        """Deliver messages by a route."""

    def read(self, entry: QueueEntry) -> Generator[Task, object, bytes]:
        """Read the message of an entry."""

    def settle(self, attempt: Attempt, result: AttemptResult) -> Generator[Task, object, None]:
        """End an attempt."""

    def spread(self, content: bytes, copies: RemoteCopies) -> Generator[Task, object, None]:
        """Queue copies of a message."""

    def failed_here(self, paths: Iterable[Path], reason: str) -> AttemptResult:
        """Return the result for recipients whose attempt failed on this host, such as at its disk."""


class HopSession:
    """The attempts that are made in one session with a next hop, as one job.

    Args:
        manager: has the steps of an attempt.
        attempt: the first attempt, which was started.
    """

    def __init__(self, manager: AttemptSteps, attempt: Attempt) -> None:
        self._manager = manager
        self._attempt = attempt
        self._made = 0

    def job(self) -> Job:
        """Make the attempts. If one breaks by a mistake of the program, its entry is tried later."""
        try:
            self._manager.begin(self._attempt)
            yield from self._make()
        except Exception:
            _log.exception("an attempt to deliver %s broke", self._attempt.entry.id)
            yield from self._try_later()
        return None

    def _try_later(self) -> Generator[Task, object, None]:
        """End the present attempt, if it has not ended, so that its entry is tried again."""
        manager, attempt = self._manager, self._attempt
        result = manager.failed_here(attempt.entry.recipients, sentences.ATTEMPT_BROKE)
        try:
            if manager.queue.attempt_of(attempt.entry.id) is attempt:
                yield from manager.settle(attempt, result)
        except Exception:
            _log.exception("the end of an attempt to deliver %s broke, too", attempt.entry.id)
            if manager.queue.attempt_of(attempt.entry.id) is attempt:
                manager.queue.settle(attempt, manager.queue.postpone(attempt, result, manager.now))

    def _make(self) -> Generator[Task, object, None]:
        entry, local = self._attempt.entry, self._manager.local
        # A domain may have become this host's own since the message was accepted, before a restart.
        if entry.next_hop == LOCAL or (local is not None and local.is_local(entry.next_hop)):
            yield from self._make_local()
            return
        route = self._manager.route(self._attempt)
        if isinstance(route, NoRoute):
            result = without_route(entry.recipients, route, self._manager.hostname)
            yield from self._manager.settle(self._attempt, result)
            return
        message = yield from self._message()
        if message is not None:
            yield from self._manager.transmit(message, route, self._next_message)

    def _make_local(self) -> Generator[Task, object, None]:
        manager, entry = self._manager, self._attempt.entry
        try:
            content = yield from manager.read(entry)
            if manager.local is None:
                raise StorageError(sentences.NO_LOCAL_DELIVERY)
            result = AttemptResult(tuple((yield from self._each(manager.local, content))))
        except StorageError as error:
            result = manager.failed_here(entry.recipients, str(error))
        yield from manager.settle(self._attempt, result)

    def _each(self, local: LocalDelivery, content: bytes) -> Generator[Task, object, list[RecipientResult]]:
        """Deliver a message to each of its recipients here."""
        results = []
        for path in self._attempt.entry.recipients:
            result, copies = yield from local.deliver(self._attempt.entry, path, content)
            try:
                yield from self._manager.spread(content, copies)
            except StorageError as error:  # it is this recipient's alone; the others have their mail
                [result] = self._manager.failed_here([path], str(error)).recipients
            results.append(result)
        return results

    def _message(self) -> Generator[Task, object, RelayedMessage | None]:
        """Return the message of the present attempt, or settle the attempt and return None if it cannot be read."""
        entry = self._attempt.entry
        try:
            content = yield from self._manager.read(entry)
        except StorageError as error:
            yield from self._manager.settle(self._attempt, self._manager.failed_here(entry.recipients, str(error)))
            return None
        return RelayedMessage(entry.sender, entry.recipients, content, self._manager.hostname, entry.queue_id)

    def _next_message(self, result: AttemptResult) -> Generator[Task, object, RelayedMessage | None]:
        """Settle the present attempt, and begin the next one in the same session."""
        next_hop = self._attempt.entry.next_hop
        yield from self._manager.settle(self._attempt, result)
        self._made += 1
        while self._made < _MESSAGES_PER_SESSION and (following := self._manager.another(next_hop)) is not None:
            self._attempt = following
            self._manager.begin(following)
            message = yield from self._message()
            if message is not None:
                return message
        return None
