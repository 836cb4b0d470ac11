"""The messages of a step: the envelope and the lines that the client gave, and how they differ from those of the task.

A goal that names a sender, recipients or lines is reached by a message with exactly these: one recipient more is not
what the task asked for. The order of header fields does not matter, nor does the case of their names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..base.printed import in_a_row
from ..protocol.commands import OPENINGS
from ..protocol.states import MESSAGE
from ..transcript import Exchange
from . import sentences
from .evidence import FORGETS, LONE_DOT, lines_of
from .message_lines import blind_copy, differences, doubled, lines_too_many, missing_lines

_PATH = re.compile(r":\s*<?\s*([^\s>]*)")
_TRACE = re.compile(r"\A(?:(?:Return-Path|Received):.*\n(?:[ \t].*\n)*)*")


@dataclass(slots=True)
class OfferedMessage:
    """A message as the client gave it in one transaction.

    Attributes:
        sender: the address of the reverse-path; None if it was said before the step began.
        recipients: the addresses that the server accepted, in small letters.
        lines: the lines of the message without its lone dot; None before DATA.
        accepted: True if the server has taken the message.
        ended: True if the lone dot has been sent.
    """

    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    lines: list[str] | None = None
    accepted: bool = False
    ended: bool = False


def offered(exchanges: Sequence[Exchange]) -> list[OfferedMessage]:
    """Return the messages of a step, oldest first; the last one may be under way.

    An envelope that was taken back is left out.
    """
    messages = [OfferedMessage()]
    for each in exchanges:
        if each.verb == MESSAGE:
            _add_text(messages, each)
        elif not each.accepted:
            continue
        elif each.verb in FORGETS:
            messages[-1] = OfferedMessage()
        elif each.verb in OPENINGS:
            messages[-1] = OfferedMessage(address_in(each.data.decode("utf-8", "replace")))
        elif each.verb == "RCPT":
            messages[-1].recipients.append(address_in(each.data.decode("utf-8", "replace")))
    return messages


def _add_text(messages: list[OfferedMessage], exchange: Exchange) -> None:
    """Give the message its lines; if it has ended, the next one begins."""
    message = messages[-1]
    lines = lines_of(exchange)
    message.ended = exchange.reply is not None or lines[-1] == LONE_DOT
    message.accepted = exchange.accepted
    text = lines[:-1] if lines[-1] == LONE_DOT else lines
    message.lines = [line[1:] if line.startswith("..") else line for line in text]
    if message.ended:
        messages.append(OfferedMessage())


def last_recipients(exchanges: Sequence[Exchange]) -> list[str]:
    """Return the recipients of the message that was accepted last in a conversation; empty if none was."""
    accepted = [message for message in offered(exchanges) if message.accepted]
    return accepted[-1].recipients if accepted else []


def address_in(command: str) -> str:
    """Return the address of the path in a command, in small letters and without angle brackets; empty for ``<>``."""
    found = _PATH.search(command)
    return found[1].lower() if found else ""


@dataclass(frozen=True, slots=True)
class WantedMessage:
    """What a task says about a message.

    Args:
        sender: the address; None if the task does not say.
        recipients: the addresses that this step adds; None if the task does not say.
        text: the lines of the message; empty if the task does not say.
        ended: True if the step ends the message.
        opened: True if the step ends where the lines of the message begin.
    """

    sender: str | None = None
    recipients: frozenset[str] | None = None
    text: tuple[str, ...] = ()
    ended: bool = False
    opened: bool = False

    def fault(self, exchanges: Sequence[Exchange]) -> str:
        """Return what is wrong with the message that the step gave, as a sentence without its full stop.

        Of several messages that were accepted, one that is right will do.
        """
        messages = offered(exchanges)
        if self.opened and messages[-1] == OfferedMessage() and any(each.accepted for each in messages):
            return sentences.ENDED_TOO_SOON
        taken = [message for message in messages if message.accepted] if self.ended else []
        faults = [self._fault_of(message) for message in taken or messages[-1:]]
        return "" if "" in faults else faults[-1]

    def fault_of_last(self, exchanges: Sequence[Exchange]) -> str:
        """Return what is wrong with the message that was accepted last, as a sentence without its full stop."""
        return self._fault_of([message for message in offered(exchanges) if message.accepted][-1])

    def fault_in_mailbox(self, message: str) -> str:
        """Return what is wrong with the lines of a message in a mailbox, without those that hosts have added."""
        lines = _TRACE.sub("", message).removesuffix("\n").split("\n")
        return next(differences(self.text, lines), "") if self.text else ""

    def fault_of_envelope(self, exchanges: Sequence[Exchange]) -> str:
        """Return what is wrong with the envelope that is open now; empty if it is right so far."""
        return self._wrong_address(offered(exchanges)[-1])

    def wrong_in_envelope(self, exchanges: Sequence[Exchange]) -> str:
        """Return what a server keeps of a wrong envelope, as a sentence names it; empty if nothing is wrong."""
        last = offered(exchanges)[-1]
        if self._has_other_sender(last):
            return f"the sender `<{last.sender}>`"
        extra = self._extra_recipients(last)
        return f"the recipient {_addresses(extra)}" if extra else ""

    def fault_of_text(self, exchanges: Sequence[Exchange]) -> str:
        """Return what is wrong with the lines of the message that is under way; empty if lines may only be missing."""
        lines = offered(exchanges)[-1].lines
        return "" if lines is None or not self.text else next(lines_too_many(self.text, lines), "")

    def doubled(self, exchanges: Sequence[Exchange]) -> str:
        """Return which lines stand more often in the message that was accepted last than in the task; empty if none."""
        accepted = [message for message in offered(exchanges) if message.accepted]
        return doubled(self.text, accepted[-1].lines or ()) if accepted and self.text else ""

    def blind_copy_in(self, exchanges: Sequence[Exchange]) -> str:
        """Return a sentence about a Bcc field in the message that was accepted last; empty if it has none."""
        accepted = [message for message in offered(exchanges) if message.accepted]
        return blind_copy(accepted[-1].lines or ()) if accepted and self.text else ""

    def missing_lines(self, exchanges: Sequence[Exchange]) -> list[str]:
        """Return the lines that the message under way does not have yet."""
        return missing_lines(self.text, offered(exchanges)[-1].lines or ())

    def _fault_of(self, message: OfferedMessage) -> str:
        if wrong := self._wrong_address(message):
            return wrong
        if missing := sorted((self.recipients or frozenset()) - set(message.recipients)):
            return sentences.RECIPIENT_MISSING.format(recipients=_addresses(missing))
        if self.text and message.ended and message.lines is not None:
            return next(differences(self.text, message.lines), "")
        return ""

    def _wrong_address(self, message: OfferedMessage) -> str:
        """Return which address the task does not name, as a sentence without its full stop; empty if it names all."""
        if self._has_other_sender(message):
            return sentences.OTHER_SENDER_NOW.format(sender=f"`<{message.sender}>`")
        extra = self._extra_recipients(message)
        return sentences.EXTRA_RECIPIENT.format(recipients=_addresses(extra)) if extra else ""

    def _has_other_sender(self, message: OfferedMessage) -> bool:
        return self.sender is not None and message.sender not in (None, self.sender)

    def _extra_recipients(self, message: OfferedMessage) -> list[str]:
        return [] if self.recipients is None else [each for each in message.recipients if each not in self.recipients]


def _addresses(addresses: Sequence[str]) -> str:
    return in_a_row(f"`<{each}>`" for each in addresses)
