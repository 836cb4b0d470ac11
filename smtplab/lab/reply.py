"""A reply together with the exchange that it ended, so that a notebook can show what it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from ..base.printed import Printed
from ..explain.explainer import explain_exchange
from ..explain.explanation import Explanation
from ..protocol.replies import EnhancedCode, Reply
from ..transcript import Exchange, Side, Transcript


class SessionReply(Printed, Reply):
    """A reply from a session, which a notebook shows with its meaning.

    It equals the `Reply` with the same code and text.

    Args:
        code, lines, enhanced, name: as of `Reply`.
        exchange: the exchange that the reply ended; None if it was not heard in a session.
    """

    __slots__ = ("_exchange",)

    _exchange: Exchange | None

    def __init__(
        self,
        code: int,
        lines: str | Iterable[str] = "",
        enhanced: EnhancedCode | None = None,
        name: str = "",
        *,
        exchange: Exchange | None = None,
    ) -> None:
        super().__init__(code, lines, enhanced, name)
        object.__setattr__(self, "_exchange", exchange)

    @property
    def explanation(self) -> Explanation | None:
        """Why the reply came; None if it was not heard in a session."""
        exchange = getattr(self, "_exchange", None)  # a copy of the value has the reply alone
        return None if exchange is None else explain_exchange(exchange)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reply):
            return NotImplemented
        return (self.code, self.lines, self.enhanced) == (other.code, other.lines, other.enhanced)

    __hash__ = Reply.__hash__

    def _repr_html_(self) -> str | None:
        """Show the reply in a notebook with its severity, its category, the state change and the reason."""
        explanation = self.explanation
        return None if explanation is None else explanation.reply_html()

    def __deepcopy__(self, memo: object) -> Self:
        """Return the reply itself; it never changes, also if the session is undone."""
        return self


def reply_in(transcript: Transcript) -> SessionReply | None:
    """Return the last reply if the server gave it; None if we did, after TURN, or there is none."""
    exchange = transcript.last_exchange
    if exchange is None or exchange.reply is None or exchange.side is Side.SERVER:
        return None
    reply = exchange.reply
    return SessionReply(reply.code, reply.lines, reply.enhanced, reply.name, exchange=exchange)
