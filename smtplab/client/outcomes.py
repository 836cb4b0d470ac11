"""The client's timeouts, its errors, and the outcome of a delivery."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from ..base.failure import Failure
from ..protocol.codes import Severity
from ..protocol.grammar import Path
from ..protocol.replies import EnhancedCode, Reply
from ..protocol.states import GREETING, MESSAGE
from . import sentences


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How many seconds a client waits for each reply; the defaults are the least that RFC 5321 4.5.3.2 allows.

    Raises:
        ValueError: if one of them is below 0 or not a number.
    """

    greeting: float = 300.0
    command: float = 300.0
    data: float = 120.0
    block: float = 180.0
    end_of_message: float = 600.0

    def __post_init__(self) -> None:
        for each in fields(self):
            seconds = getattr(self, each.name)
            if not isinstance(seconds, int | float) or not seconds >= 0:  # NaN is not
                raise ValueError(sentences.NOT_SECONDS.format(name=each.name, seconds=seconds))

    @classmethod
    def all(cls, seconds: float) -> Self:
        """Wait the same time for everything."""
        return cls(seconds, seconds, seconds, seconds, seconds)

    def of(self, verb: str) -> float:
        """Return the time for the reply to `verb`."""
        if verb == MESSAGE:
            return self.end_of_message
        if verb == "DATA":
            return self.data
        return self.greeting if verb == GREETING else self.command


# What a report says of a message that a server cannot take as it is: RFC 3463 3.7, RFC 6531 3.5 and 3.6.
NOT_CONVERTED, ADDRESS_NOT_ASCII, HEADER_NOT_ASCII = EnhancedCode(5, 6, 3), EnhancedCode(5, 6, 7), EnhancedCode(5, 6, 9)
# Those of RFC 5321, which most clients have.
DEFAULT_TIMEOUTS = Timeouts()


class ClientError(Failure):
    """The session cannot go on; the message is a plain sentence.

    Attributes:
        permanent: True if a retry would fail again, as after a 5yz.
        refused: the recipients whom the server had refused before, each with the reply; the error is about the others.
    """

    permanent = False
    refused: tuple[tuple[Path, Reply], ...] = ()


class ConnectionLost(ClientError):
    """The server closed the connection, did not answer in time, or did not speak SMTP.

    It may have carried out a command whose answer is missing. The message has not been taken; else it would be
    `OutcomeUnknown`.
    """


class ServiceRefused(ConnectionLost):
    """The server is there, but takes no mail from this client now; `reply` says why. Nothing was sent."""

    def __init__(self, sentence: str, reply: Reply) -> None:
        super().__init__(sentence)
        self.reply = reply
        self.permanent = reply.severity is Severity.PERMANENT_NEGATIVE


class OutcomeUnknown(ClientError):
    """The reply to the message was lost, so the server may or may not have taken the message."""


class Unsupported(ClientError):
    """The message needs an extension that the server does not offer. Nothing was sent.

    Args:
        sentence: what is needed.
        status: the status code for a report.
        lacking: the recipients whose addresses need it, if the rest of the message does not; else nobody.
    """

    permanent = True

    def __init__(self, sentence: str, status: EnhancedCode = NOT_CONVERTED, lacking: tuple[Path, ...] = ()) -> None:
        super().__init__(sentence)
        self.status = status
        self.lacking = lacking


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of a delivery.

    Args:
        sender_reply: the reply to MAIL.
        recipient_replies: each recipient with the reply to its RCPT, in the order given. If the sender was refused, no
            RCPT was sent and this is empty; the `unanswered` are left out too.
        reply: the reply to the message, or to DATA if it was refused, or the 421 to a recipient with which the server
            ended the session before either; None if no recipient was accepted.
        unanswered: the recipients without a reply, because the server had ended the session with that 421.
            They are not refused: try again later (RFC 5321 3.8, 4.2.1).
        consequences: the replies to commands that went out in one group with a refused one, and could only be refused
            as well (RFC 2920 3.1), such as 503 to DATA if no recipient was accepted.
        notes: a sentence for what is unusual about the message and was sent all the same, such as a line that servers
            may refuse or cut. ``str(delivery)`` ends with them.
    """

    sender_reply: Reply
    recipient_replies: tuple[tuple[Path, Reply], ...] = ()
    reply: Reply | None = None
    unanswered: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    consequences: tuple[Reply, ...] = ()

    @property
    def accepted(self) -> tuple[Path, ...]:
        """The recipients for whom the server has taken the message."""
        if self.reply is None or self.reply.code >= 300:
            return ()
        return tuple(path for path, reply in self.recipient_replies if reply.is_positive)

    @property
    def refused(self) -> tuple[tuple[Path, Reply], ...]:
        """The recipients that were refused, each with the reply that says why."""
        why = self.reply if self.reply is not None and self.reply.code >= 300 else None
        rows = (
            (path, why if why is not None and reply.is_positive else reply) for path, reply in self.recipient_replies
        )
        return tuple((path, reply) for path, reply in rows if not reply.code < 300)

    @property
    def complete(self) -> bool:
        """True if every recipient gets the message."""
        if self.reply is None or self.reply.code >= 300 or self.unanswered or not self.recipient_replies:
            return False
        # A list, because it takes half the time of a generator, and callers look at this for each message.
        return not [path for path, reply in self.recipient_replies if not reply.is_positive]

    def __str__(self) -> str:
        if not self.sender_reply.is_positive:
            return "\n".join([f"the sender was refused: {self.sender_reply}", *self.explained, *self.notes])
        lines = [f"{path.address}: {reply}" for path, reply in self.refused]
        lines += [f"{path.address}: {sentences.UNANSWERED}" for path in self.unanswered]
        accepted = f"accepted for {len(self.accepted)} of {self._count} recipients"
        return "\n".join([accepted, *lines, *self.explained, *self.notes])

    @property
    def explained(self) -> tuple[str, ...]:
        """A sentence that says what the `consequences` follow from; none if there are none."""
        if not self.consequences:
            return ()
        codes = ", ".join(dict.fromkeys(str(reply.code) for reply in self.consequences))
        template = sentences.SENDER_CONSEQUENCES if not self.sender_reply.is_positive else sentences.NO_RECIPIENT_LEFT
        return (template.format(codes=codes),)

    @property
    def _count(self) -> int:
        return len(self.recipient_replies) + len(self.unanswered)
