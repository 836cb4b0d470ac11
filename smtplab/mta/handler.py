"""The application behind a server: what a host decides when a client asks. Each method returns a Reply; refusing is
returning a negative one.

`Handler` says no to nothing that a mail host has to do and keeps nothing. `host.MailHost` is the one that the lab uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..protocol import replies
from ..protocol.commands import Opening, Rcpt
from ..protocol.grammar import Path
from ..protocol.replies import Reply

if TYPE_CHECKING:
    from .session import ServerSession

# What ends in a reply but takes its time; a world with many sessions runs it aside.
Work = Callable[[], Reply]


@dataclass(slots=True)
class Envelope:
    """What a transaction has gathered so far: who is told of failures, and who gets the message (RFC 5321 2.3.1)."""

    opening: Opening
    recipients: list[Path] = field(default_factory=list)

    @property
    def reverse_path(self) -> Path:
        """Where failures are reported to; null for a bounce."""
        return self.opening.reverse_path


class Handler:
    """Decides and keeps. The session calls one method after the other, in the order in which the client speaks.

    Args:
        hostname: the name by which this host calls itself.
    """

    def __init__(self, hostname: str) -> None:
        self.hostname = hostname

    def connect(self, session: ServerSession) -> Reply:
        """Greet a client, or send it away with 421 or 554 (RFC 5321 3.1)."""
        return self.word(session, replies.SERVICE_READY)

    def helo(self, session: ServerSession, domain: str) -> Reply:
        """Answer HELO or EHLO; the session adds the keywords of the extensions (RFC 5321 4.1.1.1)."""
        return self.word(session, replies.HELO_OK)

    def mail(self, session: ServerSession, opening: Opening) -> Reply:
        """Decide whether a transaction with this sender may begin (RFC 5321 4.1.1.2)."""
        return self.word(session, replies.SENDER_OK)

    def rcpt(self, session: ServerSession, envelope: Envelope, rcpt: Rcpt) -> Reply:
        """Decide about one recipient (RFC 5321 4.1.1.3). A positive reply puts it into the envelope."""
        return self.word(session, replies.RECIPIENT_OK)

    def data(self, session: ServerSession, envelope: Envelope) -> Reply:
        """Say whether the message may come: 354, or a refusal (RFC 5321 4.1.1.4)."""
        return self.word(session, replies.START_MAIL)

    def content(self, session: ServerSession, envelope: Envelope, content: bytes) -> None:
        """Take a piece of the message, transparency undone. Nothing can be answered here."""

    def deliver(self, session: ServerSession, envelope: Envelope) -> Reply | Work:
        """Take the whole message: a 250 says that it is safe here, or safe elsewhere (RFC 5321 4.2.5).

        What blocks, because it syncs files or talks to other hosts, is returned as work for the world to call.
        """
        return self.word(session, replies.MESSAGE_ACCEPTED)

    def forget(self, session: ServerSession, envelope: Envelope) -> None:
        """The transaction ends without the message: reset, refused, or the client has gone."""

    def verify(self, session: ServerSession, string: str) -> Reply:
        """Answer VRFY (RFC 5321 3.5)."""
        return self.word(session, replies.CANNOT_VERIFY)

    def expand(self, session: ServerSession, string: str) -> Reply:
        """Answer EXPN (RFC 5321 3.5)."""
        return self.word(session, replies.NOT_IMPLEMENTED, verb="EXPN")

    def help(self, session: ServerSession, topic: str) -> Reply:
        """Answer HELP (RFC 5321 4.1.1.8)."""
        return self.word(session, replies.HELP_MESSAGE)

    def turn(self, session: ServerSession) -> Reply:
        """Answer TURN: 250 swaps the roles (RFC 821 3.8). Refused, because nobody proves who takes the mail."""
        return self.word(session, replies.NOT_IMPLEMENTED, verb="TURN")

    def word(self, session: ServerSession, reply: Reply, **facts: str) -> Reply:
        """Put a canonical reply into this host's words."""
        return reply
