"""Errors of the protocol: who broke a rule, which rule in a sentence, and the reply that a server owes for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .replies import Reply


class ProtocolError(Exception):
    """A rule of the protocol was broken.

    Args:
        sentence: what is wrong and, where there is one, the way out.
        reply: the reply that a server owes for it; None where no reply is owed, as for a malformed reply.
    """

    def __init__(self, sentence: str, reply: Reply | None = None) -> None:
        super().__init__(sentence)
        self.reply = reply


class LocalProtocolError(ProtocolError):
    """You broke the rule: a value that cannot exist, or a command that the state does not allow. Nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the rule. A server sends ``error.reply`` and goes on; a client ends the session."""
