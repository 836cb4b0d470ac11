"""The application behind a server: decide how to answer each command.

Each method returns a reply; a negative reply is a refusal. `Handler` refuses only what every host must refuse, and
drops every message; ``--discard`` serves it alone. `host.MailHost` has a directory of users and stores their mail.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from ..base.domains import to_ascii
from ..protocol import replies
from ..protocol.commands import VERBS, Opening, Rcpt
from ..protocol.grammar import Path
from ..protocol.replies import Reply
from . import sentences
from .host_names import own_name
from .personality import Personality
from .task import Job
from .trace import format_date

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the time by this machine's clock, to the second, as dates in mail have it (RFC 5322 3.3)."""
    return _local_time(int(time.time()))


@lru_cache(maxsize=1)
def _local_time(second: int) -> datetime:
    """Return a second since 1970 as local time, cached because a busy server needs the same second many times."""
    return datetime.fromtimestamp(second, UTC).astimezone()


class ClientIdentity(Protocol):
    """The part of a client's session that a handler may read: the name and address of the client."""

    @property
    def helo(self) -> str:
        """What the client calls itself; empty before HELO or EHLO."""

    @property
    def esmtp(self) -> bool:
        """True if it said EHLO."""

    @property
    def peer(self) -> str:
        """Its address as text; empty if there is none."""

    @property
    def utf8(self) -> bool:
        """True if the reply to the present command may hold more than ASCII (RFC 6531 3.7.4.2)."""


def _ignore(session: ClientIdentity, what: str, reply: Reply) -> None:
    """Do nothing with a refusal."""


def _ignore_left(session: ClientIdentity, envelope: Envelope) -> None:
    """Do nothing with a client that leaves without a message."""


@dataclass(slots=True)
class Envelope:
    """The envelope of a transaction so far: the reverse-path and the recipients (RFC 5321 2.3.1).

    Attributes:
        opening: the command that opened the transaction, with its parameters.
        recipients: the RCPT commands that were accepted, each with its parameters.
        octets: the size of the message, once it is whole.
        memo: private data of the handler until the transaction ends.
    """

    opening: Opening
    recipients: list[Rcpt] = field(default_factory=list)
    octets: int = 0
    memo: object = None

    @property
    def reverse_path(self) -> Path:
        """The address that gets reports of failure; null for a bounce."""
        return self.opening.path


class Handler:
    """Decide the replies. The session calls one method for each command of the client, in their order.

    Args:
        hostname: the name by which this host calls itself; it is said in A-labels (RFC 6531 3.7.1).
        personality: how it words its replies; the plain one by default.
        clock: returns the time, as an aware datetime.

    Attributes:
        observe_refused: is told of each refusal: the session, what was refused, and the reply.
        observe_left: called with the session and the envelope if a client leaves between RCPT and the end of a message.

    Raises:
        ValueError: if the name is neither a domain nor an address literal, or has no A-labels.
    """

    def __init__(self, hostname: str, *, personality: Personality | None = None, clock: Clock = now) -> None:
        self.hostname = own_name(hostname)
        self.personality = personality or Personality.load("plain")
        self.clock = clock
        self.observe_refused: Callable[[ClientIdentity, str, Reply], None] = _ignore
        self.observe_left: Callable[[ClientIdentity, Envelope], None] = _ignore_left
        self._greeting_date: tuple[datetime, str] | None = None  # the last moment, and its text

    def connect(self, session: ClientIdentity) -> Reply:
        """Greet a client, or send it away with 421 or 554 (RFC 5321 3.1)."""
        moment = self.clock()
        if self._greeting_date is None or self._greeting_date[0] is not moment:
            self._greeting_date = moment, format_date(moment)
        return self.word(session, replies.SERVICE_READY, date=self._greeting_date[1])

    def helo(self, session: ClientIdentity, domain: str) -> Reply:
        """Answer HELO or EHLO; the session adds the keywords of the extensions (RFC 5321 4.1.1.1)."""
        # RFC 6531 3.7.1: in A-labels, because nothing allows UTF-8 yet.
        return self.personality.word(replies.HELO_OK, host=self.hostname, helo=to_ascii(domain), peer=session.peer)

    def mail(self, session: ClientIdentity, opening: Opening) -> Reply:
        """Accept or refuse a sender (RFC 5321 4.1.1.2).

        This handler accepts every sender, because nothing in SMTP proves who it is.
        """
        return self.word(session, replies.SENDER_OK, sender=opening.path.address)

    def rcpt(self, session: ClientIdentity, envelope: Envelope, rcpt: Rcpt) -> Reply | Job:
        """Accept or refuse one recipient (RFC 5321 4.1.1.3). A positive reply adds it to the envelope.

        Returns:
            The reply, or a job that returns it, where a disk must be read first.
        """
        return self.word(session, replies.RECIPIENT_OK, recipient=rcpt.path.address)

    def data(self, session: ClientIdentity, envelope: Envelope) -> Reply:
        """Accept DATA with 354, or refuse it (RFC 5321 4.1.1.4)."""
        return self.word(session, replies.START_MAIL)

    def content(self, session: ClientIdentity, envelope: Envelope, content: bytes) -> Job | None:
        """Take a piece of the message, with transparency undone. There is no reply to a piece.

        Returns:
            None, or a job that must end before the next piece comes, where the piece is written to a disk.
        """
        return None

    def deliver(self, session: ClientIdentity, envelope: Envelope) -> Reply | Job:
        """Take the whole message. A 250 takes over the responsibility for it (RFC 5321 4.2.5).

        Returns:
            The reply, or a job that returns it, where files are synced or other hosts are called.
        """
        return self.accepted(session, envelope)

    def forget(self, session: ClientIdentity, envelope: Envelope) -> None:
        """Drop a transaction that ended without its message: it was reset or refused, or the client has gone."""

    def verify(self, session: ClientIdentity, string: str) -> Reply:
        """Answer VRFY (RFC 5321 3.5)."""
        return self.word(session, replies.CANNOT_VERIFY, recipient=string, detail=sentences.VERIFIES_NOBODY)

    def expand(self, session: ClientIdentity, string: str) -> Reply:
        """Answer EXPN (RFC 5321 3.5)."""
        return self._not_implemented(session, "EXPN")

    def help(self, session: ClientIdentity, topic: str) -> Reply:
        """Answer HELP: what the server can do, or what one verb is for (RFC 5321 4.1.1.8)."""
        topic = topic.strip()  # a lenient server takes more blanks before it than one
        own = self.personality.help(topic)
        if own is not None:
            return own
        if not topic:
            detail = f"{self.hostname} is ready\nCommands: {' '.join(VERBS)}\nSay HELP and a command for more"
            return self.word(session, replies.SYSTEM_STATUS, detail=detail)
        verb = VERBS.get(topic.upper())
        if verb is None:
            detail = sentences.NO_HELP.format(topic=topic)
            return self.word(session, replies.PARAMETER_NOT_IMPLEMENTED, detail=detail)
        return self.word(session, replies.HELP_MESSAGE, detail=f"{verb.syntax}\n{verb.summary}")

    def turn(self, session: ClientIdentity) -> Reply:
        """Refuse TURN, because nothing proves who would take the mail (RFC 5321 Appendix F.1)."""
        return self._not_implemented(session, "TURN")

    def _not_implemented(self, session: ClientIdentity, verb: str) -> Reply:
        return self.word(
            session, replies.NOT_IMPLEMENTED, verb=verb, detail=sentences.NOT_IMPLEMENTED.format(verb=verb)
        )

    def accepted(self, session: ClientIdentity, envelope: Envelope, queue_id: str = "DROPPED") -> Reply:
        """Return the 250 for a message, in this host's words; without a queue id the message is not kept."""
        sender = envelope.opening.path
        return self.word(
            session,
            replies.MESSAGE_ACCEPTED,
            sender=sender.address,
            sender_domain=sender.domain,
            queue_id=queue_id,
            octets=str(envelope.octets),
        )

    def word(self, session: ClientIdentity, reply: Reply, **facts: str) -> Reply:
        """Put a canonical reply into this host's words."""
        wording = self.personality.wordings.get(reply, reply)
        if isinstance(wording, Reply):  # the text has no field
            return wording
        if wording.speaks_of_session:
            facts["host"], facts["helo"], facts["peer"] = self.hostname, to_ascii(session.helo), session.peer
        return wording.word(facts)
