"""Why a message that a student sends with the buttons of a widget has not arrived, by the latest one of its session."""

from __future__ import annotations

from collections.abc import Sequence

from ..transcript import Exchange
from . import sentences
from .messages import WantedMessage, offered
from .reasons import why_not_ended, without_advice


def why_not_by_buttons(mail: tuple[str, str], sender: str, text: tuple[str, ...], exchanges: Sequence[Exchange]) -> str:
    """Say what is wrong with the latest message of a session that a widget holds.

    Args:
        mail: the address at which the message has to arrive, and its subject.
        sender: the sender that the task names; empty if any will do.
        text: the lines of the message; empty if any will do.
        exchanges: the exchanges of the session.

    Returns:
        A sentence without its full stop; empty if there is no message, or nothing is wrong with it.
    """
    messages, (address, subject) = offered(exchanges), mail
    if messages[-1].lines is not None:
        return without_advice(why_not_ended(messages[-1].lines[-1]))
    wanted = WantedMessage(sender or None, frozenset({address}), text, ended=True)
    if messages[-1].sender is not None:
        missing = sentences.NO_MAIL.format(address=address, subject=subject)
        return wanted.fault_of_envelope(exchanges) or missing
    accepted = [message for message in messages if message.accepted]
    if accepted and sender and accepted[-1].recipients == [sender]:  # the two addresses are exchanged
        return sentences.MAIL_ELSEWHERE.format(subject=subject, other=sender, address=address)
    return wanted.fault_of_last(exchanges) if accepted else ""
