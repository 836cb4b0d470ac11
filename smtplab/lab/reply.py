"""A reply as it was given in a session: the kernel's, with the conversation in which it was heard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from ..base.printed import Printed
from ..protocol.replies import EnhancedCode, Reply
from ..transcript import Exchange, Side, Transcript

if TYPE_CHECKING:
    from .explain import Explanation


class SessionReply(Printed, Reply):
    """A reply that knows where it was given, and that a notebook shows with what it means.

    It equals the `Reply` with the same code and text.
    """

    __slots__ = ("_heard",)

    _heard: tuple[Transcript, Exchange] | None

    def __init__(
        self,
        code: int,
        lines: str | Iterable[str] = "",
        enhanced: EnhancedCode | None = None,
        name: str = "",
        *,
        heard: tuple[Transcript, Exchange] | None = None,
    ) -> None:
        super().__init__(code, lines, enhanced, name)
        object.__setattr__(self, "_heard", heard)

    @property
    def explanation(self) -> Explanation | None:
        """Why it was given; None if it was not heard in a session."""
        from .explain import explain  # here, because it asks a lab, which asks for sessions

        heard = getattr(self, "_heard", None)  # a copy of the value has the reply alone
        return None if heard is None else explain(*heard)

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
        """Return the reply itself: what was said stays as it was, wherever the session goes."""
        return self


def reply_in(transcript: Transcript) -> SessionReply | None:
    """Return the last reply if it is the server's; None if it is ours, or there is none."""
    exchange = transcript.last_exchange
    if exchange is None or exchange.reply is None or exchange.side is Side.SERVER:
        return None
    reply = exchange.reply
    return SessionReply(reply.code, reply.lines, reply.enhanced, reply.name, heard=(transcript, exchange))
