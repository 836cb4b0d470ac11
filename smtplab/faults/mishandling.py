"""What a faulty host does with a message that it has accepted: it stores it again, or bounces it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..mta.attempt import answered
from ..mta.bounce import ReportedMessage, write_report
from ..mta.handler import ClientIdentity, Envelope, Handler
from ..mta.host import MailHost
from ..mta.queue_events import Origin
from ..mta.store import StorageError
from ..mta.task import Job, Task
from ..protocol.commands import Mail, Rcpt
from ..protocol.grammar import NULL_PATH
from ..protocol.replies import Reply
from .judge import FaultJudge
from .message_actions import BounceMessage

_DEFAULT_REASON = "The message could not be delivered"


@dataclass(frozen=True, slots=True)
class _Myself:
    """The host as the client of its own report."""

    helo: str
    esmtp: bool = True
    peer: str = ""
    utf8: bool = False


class MishandlingHandler:
    """A handler that does as that of the host, and mishandles messages where faults say so.

    Args:
        handler: that of the host. What is not defined here goes to it.
        judge: decides how often a message is taken, and if it bounces.
    """

    def __init__(self, handler: Handler, judge: FaultJudge) -> None:
        self._handler = handler
        self._judge = judge
        self._content: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # `copy` looks for such names before there is a handler
            raise AttributeError(name)
        return getattr(self._handler, name)

    def data(self, session: ClientIdentity, envelope: Envelope) -> Reply:
        """Begin a message."""
        self._content.clear()
        return self._handler.data(session, envelope)

    def content(self, session: ClientIdentity, envelope: Envelope, content: bytes) -> Job | None:
        """Take a piece of the message, and keep it for what may come."""
        self._content.append(content)
        return self._handler.content(session, envelope, content)

    def deliver(self, session: ClientIdentity, envelope: Envelope) -> Reply | Job:
        """Take the whole message: as the host, more than once, or only to bounce it."""
        bounce, copies = self._judge.bounce, self._judge.copies
        if bounce is not None:
            return self._bounce(session, envelope, bounce)
        return self._handler.deliver(session, envelope) if copies == 1 else self._store(session, envelope, copies)

    def _store(self, session: ClientIdentity, envelope: Envelope, copies: int) -> Job:
        """Let the host take the message, and then again from a client that looks the same."""
        reply = yield from _said(self._handler.deliver(session, envelope))
        if reply.is_positive:
            for _ in range(copies - 1):
                again = Envelope(envelope.opening)
                yield from self._take(session, again, envelope.recipients, b"".join(self._content))
        return reply

    def _take(
        self, session: ClientIdentity, envelope: Envelope, recipients: Iterable[Rcpt], content: bytes
    ) -> Generator[Task, object, None]:
        """Let the host take a message for those recipients whom it accepts; without one, drop it."""
        handler = self._handler
        if not handler.mail(session, envelope.opening).is_positive:
            return
        for rcpt in recipients:
            if (yield from _said(handler.rcpt(session, envelope, rcpt))).is_positive:
                envelope.recipients.append(rcpt)
        if not envelope.recipients:
            handler.forget(session, envelope)
            return
        handler.data(session, envelope)
        if (job := handler.content(session, envelope, content)) is not None:
            yield from job
        envelope.octets = len(content)
        yield from _said(handler.deliver(session, envelope))

    def _bounce(self, session: ClientIdentity, envelope: Envelope, bounce: BounceMessage) -> Job:
        """Accept the message, drop it, and send its sender a report, unless the path is null (RFC 5321 6.1)."""
        handler = self._handler
        handler.forget(session, envelope)
        if isinstance(handler, MailHost) and not envelope.reverse_path.is_null:
            yield from self._report(handler, envelope, bounce)
        return handler.accepted(session, envelope)

    def _report(self, host: MailHost, envelope: Envelope, bounce: BounceMessage) -> Generator[Task, object, None]:
        """Send the report by the queue of the host; without a queue, as mail that the host hands to itself."""
        now, queue_id = host.clock(), next(host.ids)
        sender = envelope.reverse_path
        message = ReportedMessage(sender, b"".join(self._content), host.hostname, now)
        paths = [rcpt.path for rcpt in envelope.recipients]
        reason = Reply(int(bounce.code), _texts(bounce.texts))
        report = write_report(message, answered(paths, host.hostname, reason).recipients, queue_id, now)
        if host.queue is None:
            yield from self._take(_Myself(host.hostname), Envelope(Mail(NULL_PATH)), [Rcpt(sender)], report)
            return
        with suppress(StorageError):  # a full disk loses the report
            yield from host.queue.spread(report, {NULL_PATH: [sender]}, Origin.REPORT)


def _said(outcome: Reply | Job) -> Generator[Task, object, Reply]:
    """Return a reply that is there, or that a job comes to."""
    if isinstance(outcome, Reply):
        return outcome
    reply = yield from outcome
    assert reply is not None  # RCPT and a message always get one
    return reply


def _texts(texts: Sequence[bytes]) -> Sequence[str]:
    return [text.decode("utf-8", "surrogateescape") for text in texts] or [_DEFAULT_REASON]
