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
    """A session that asks at the end of a message before the handler gets it.

    Args:
        handler: as for `ServerSession`.
        policy: as for `ServerSession`.
        peer: as for `ServerSession`.
        question: called at the end of a message; it returns the reply that refuses it, or None.
    """

    __slots__ = ("_question",)

    def __init__(self, handler: Handler, policy: Policy, peer: str, question: Callable[[], Reply | None]) -> None:
        super().__init__(handler, policy, peer)
        self._question = question
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

    def _ask_first(self, event: EndOfMessage) -> None:
        refusal = self._question()
        if refusal is None:
            self._end_of_message(event)
        else:
            self._forget()
            self._answer(refusal)

    _ANSWERS: ClassVar[dict[type[ServerEvent], Callable[..., None]]] = {
        **ServerSession._ANSWERS,
        EndOfMessage: _ask_first,
    }
