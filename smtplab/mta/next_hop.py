"""A session with one next hop: open it, deliver messages, leave. Each step is a `HostTask` that a world runs.

`relay` uses it while a client waits for its reply, `transmission` for a queue.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from ..client.outcomes import ConnectionLost, Delivery, Timeouts, Unsupported
from ..client.session import SMTP_PORT, DeliverySession
from ..protocol.grammar import Path
from . import sentences
from .attempt import AttemptResult, merged, result_of
from .task import HostTask

# Yields tasks for the world; returns the result for the recipients, or None while it is still open.
_Steps = Generator[HostTask, object, AttemptResult | None]


class NextHop:
    """A client's session with one next hop.

    Args:
        host: its name or address, to connect to.
        port: its port.
        helo: the name of this host.
        queue_id: this host's name for the message on whose behalf it calls.
        timeouts: how many seconds it may take for each reply.
        name: what sentences call the host; by default `host`.

    Attributes:
        name: as above.
        queue_id: as above; set it before another message is delivered.
        opened: True once `open` was called.
    """

    def __init__(self, host: str, port: int, helo: str, queue_id: str, timeouts: Timeouts, name: str = "") -> None:
        self._host, self._port = host, port
        self.name = name or host
        self.queue_id = queue_id
        self.opened = False
        called = self.name if port == SMTP_PORT else f"{self.name} port {port}"
        self._session = DeliverySession(helo, timeouts=timeouts, server=called)

    @property
    def closed(self) -> bool:
        """True once the session has ended."""
        return self._session.closed

    def open(self, paths: Sequence[Path]) -> _Steps:
        """Connect and identify with EHLO, or HELO where EHLO is unknown; return None if that went well.

        Args:
            paths: the recipients whom a failure is about.
        """
        self.opened = True
        self._session.open()
        yield self._task(opens=True)
        return self._result(paths, opening=True)

    def ask(self, sender: Path, paths: Sequence[Path], content: bytes, *, leaving: bool = False) -> _Steps:
        """Test if each recipient would be accepted now. Those who would be count as relayed.

        `leaving` is True if you call `leave` after a refusal, as for `deliver`.
        """
        self._session.ask(sender, paths, content, leaving=leaving)
        yield self._task()
        return self._result(paths)

    def deliver(
        self, sender: Path, paths: Sequence[Path], content: bytes, *, leaving: bool = False
    ) -> Generator[HostTask, object, AttemptResult]:
        """Deliver a message, and return what that means for each recipient.

        If only the addresses of some recipients need SMTPUTF8, and the host does not offer it, the others get it.

        Args:
            sender: the reverse-path.
            paths: the recipients.
            content: the message.
            leaving: True if you call `leave` next, so that a refused transaction ends with QUIT and not with RSET.
        """
        if self._session.closed:  # after the last step, which RFC 5321 3.8 allows with 421
            return result_of(ConnectionLost(sentences.HOP_ENDED.format(host=self.name)), paths, self.name)
        self._session.deliver(sender, paths, content, leaving=leaving)
        yield self._task()
        outcome = self._session.outcome_or_error()
        result = result_of(outcome, paths, self.name)
        lacking = outcome.lacking if isinstance(outcome, Unsupported) else ()
        others = [path for path in paths if path not in lacking]
        if not lacking or not others:
            return result
        # RFC 6531 3.2: only they cannot be reached at this host; nothing was sent yet.
        return merged(result, (yield from self.deliver(sender, others, content, leaving=leaving)))

    def leave(self) -> Generator[HostTask, object, None]:
        """Say QUIT, unless the session has ended (RFC 5321 4.1.1.10)."""
        if not self._session.closed:
            self._session.leave()
            yield self._task(farewell=True)

    def _task(self, *, opens: bool = False, farewell: bool = False) -> HostTask:
        return HostTask(self._host, self._port, self._session, self.queue_id, opens, farewell)

    def _result(self, paths: Sequence[Path], *, opening: bool = False) -> AttemptResult | None:
        outcome: Delivery | Exception | None = self._session.outcome_or_error()
        return None if outcome is None else result_of(outcome, paths, self.name, opening=opening)
