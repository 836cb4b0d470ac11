"""The session inside a faulty one: a `ServerSession` whose greeting and whose message can be refused from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from ..mta.handler import Handler
from ..mta.policy import Policy
from ..mta.session import ServerSession
from ..protocol import replies
from ..protocol.events import EndOfMessage, ServerEvent
from ..protocol.replies import Reply


class RefusableSession(ServerSession):
    """A session whose messages can be refused before the handler gets their end.

    Args:
        handler: as for `ServerSession`.
        policy: as for `ServerSession`.
        peer: as for `ServerSession`.
        refusal: called at the end of a message; returns the reply that refuses it, or None to accept it.
    """

    __slots__ = ("_refusal",)

    def __init__(self, handler: Handler, policy: Policy, peer: str, refusal: Callable[[], Reply | None]) -> None:
        super().__init__(handler, policy, peer)
        self._refusal = refusal
        self.names = []

    @property
    def is_turned(self) -> bool:
        """True after TURN, when the client is the one that answers."""
        return self._as_client is not None

    def refuse_connection(self) -> None:
        """Go to the state after a refused greeting (RFC 5321 3.1)."""
        self._answer(replies.NO_SERVICE)

    def taken(self) -> tuple[bytes, tuple[str, ...]]:
        """Return the octets that wait to be sent, and the names of the replies in them, and forget both."""
        names, self.names = tuple(self.names or ()), []
        return self.data_to_send(), names

    def _refuse_or_end(self, event: EndOfMessage) -> None:
        reply = self._refusal()
        if reply is None:
            self._end_of_message(event)
        else:
            self._forget()
            self._answer(reply)

    _ANSWERS: ClassVar[dict[type[ServerEvent], Callable[..., None]]] = {
        **ServerSession._ANSWERS,
        EndOfMessage: _refuse_or_end,
    }
