"""What a world reads of the session inside a faulty one, which faults do not change."""

from __future__ import annotations

from ..mta.handler import Envelope
from ..mta.session import ServerSession
from ..mta.task import Task
from ..protocol.states import State


class HostView:
    """The host's own session, as far as a world may read it.

    Args:
        inner: this session.
    """

    def __init__(self, inner: ServerSession) -> None:
        self._inner = inner

    @property
    def state(self) -> State:
        """The state of the host's own session."""
        return self._inner.state

    @property
    def utf8(self) -> bool:
        """As for `ServerSession`."""
        return self._inner.utf8

    @property
    def helo(self) -> str:
        """What the client calls itself; empty before HELO or EHLO."""
        return self._inner.helo

    @property
    def esmtp(self) -> bool:
        """True if the client said EHLO."""
        return self._inner.esmtp

    @property
    def peer(self) -> str:
        """The client's address as text."""
        return self._inner.peer

    @property
    def envelope(self) -> Envelope | None:
        """The transaction under way, or None."""
        return self._inner.envelope

    @property
    def task(self) -> Task | None:
        """As for `ServerSession`."""
        return self._inner.task
