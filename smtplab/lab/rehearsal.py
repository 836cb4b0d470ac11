"""Send the lines of a puzzle to hosts that nobody has used yet, and keep what came of it.

A puzzle about a recorded session is judged by what a server answers. The hosts are new ones each time, so no attempt
leaves anything behind: not in the student's lab, and not in that of the next attempt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from ..client.outcomes import ConnectionLost
from ..protocol.states import MESSAGE, State
from ..transcript import Exchange, Side, Transcript
from ..transcript.dialogue import END_OF_DATA
from ..transcript.rows import CRLF, printable
from . import sentences
from .client_end import Silence
from .internet import Lab, LabSession
from .recorded import Recorded, transcript_of
from .reply import SessionReply
from .session import Session
from .telnet import connected_to

LF_ALONE = "<LF>"  # stands for a line end that is not CRLF


class CallableHosts(Protocol):
    """Hosts in memory that can be called: those of a `Lab`, or of an exercise."""

    def telnet(self, host: str) -> Session:
        """Open a session with a host."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message that a server took, with the envelope that it had."""

    sender: str
    recipients: frozenset[str]
    message: bytes


@dataclass(frozen=True, slots=True)
class SentPiece:
    """What is sent at once: a command, the text of a message, or its lone dot.

    Args:
        data: its octets, with the line ends.
        in_message: True if it belongs to a message.
    """

    data: bytes
    in_message: bool = field(default=False, compare=False)

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines as text; one that ends in LF alone shows it."""
        *lines, last = self.data.removesuffix(CRLF).split(CRLF)
        shown = printable(last.removesuffix(b"\n")) + LF_ALONE if last.endswith(b"\n") else printable(last)
        return (*map(printable, lines), shown)

    @property
    def name(self) -> str:
        """Its first line, for a sentence about it."""
        return f"{self.lines[0]} ..." if len(self.lines) > 1 else self.lines[0] or "the empty line"


@dataclass(frozen=True, slots=True)
class SentStep:
    """A piece that was sent, and what came.

    Args:
        piece: the piece.
        reply: the first refusal among the replies that came, else the last reply; None if none came.
        into_message: True if the server read it as text of a message.
        unfinished: True if the server still waits for the end of the line.
    """

    piece: SentPiece
    reply: SessionReply | None
    into_message: bool = False
    unfinished: bool = False

    @property
    def refused(self) -> bool:
        """True if a refusal came."""
        return self.reply is not None and not self.reply.is_positive


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of sending pieces to new hosts.

    Args:
        transcript: the conversation.
        steps: what was sent.
        unsent: what was left when the session had ended.
        closed: True if the session has ended.
    """

    transcript: Transcript
    steps: tuple[SentStep, ...]
    unsent: tuple[SentPiece, ...]
    closed: bool

    @property
    def delivered(self) -> Counter[Delivered]:
        """The messages that the server took."""
        return Counter(_deliveries(self.transcript))

    @property
    def refused(self) -> Counter[tuple[bytes, int]]:
        """The pieces that the server refused, with the codes."""
        return Counter((step.piece.data, step.reply.code) for step in self.steps if step.reply and step.refused)


def rehearse(hosts: CallableHosts, host: str, pieces: Iterable[SentPiece]) -> Rehearsal:
    """Send pieces to a host, each after the reply to the one before, until the session ends.

    Args:
        hosts: hosts that nobody uses.
        host: the name of the one to call.
        pieces: what to send.

    Raises:
        ConnectionLost: if the host does not answer.
    """
    session, left = hosts.telnet(host), list(pieces)
    steps: list[SentStep] = []
    while left and not session.closed:
        steps.append(_sent(session, left.pop(0)))
        session.poll()
    return Rehearsal(session.transcript, tuple(steps), tuple(left), session.closed)


def _sent(session: Session, piece: SentPiece) -> SentStep:
    into_message, answered, silent = session.in_message, len(session.transcript.answered), False
    for line in piece.data.splitlines(keepends=True) if piece.data.endswith(CRLF) else (piece.data,):
        with suppress(ConnectionLost):
            try:
                session.send_bytes(line)
            except Silence:
                silent = True
    said = [each for each in session.transcript.answered[answered:] if each.reply is not None]
    chosen = next((each for each in said if each.refused), said[-1] if said else None)
    reply = None
    if chosen is not None and chosen.reply is not None:
        given = chosen.reply
        reply = SessionReply(given.code, given.lines, given.enhanced, given.name, exchange=chosen)
    return SentStep(piece, reply, into_message, silent and not piece.data.endswith(CRLF))


def pieces_of(transcript: Transcript) -> tuple[SentPiece, ...]:
    """Return what the client sent in a transcript: each command, and of each message its text and its lone dot."""
    return _joined(_said_in(transcript))


def _said_in(transcript: Transcript) -> list[Exchange]:
    return sorted((each for each in transcript.commands() if each.side is Side.CLIENT), key=lambda each: each.first)


def _joined(said: Iterable[Exchange]) -> tuple[SentPiece, ...]:
    return tuple(piece for exchange in said for piece in _pieces_in(exchange))


def _pieces_in(exchange: Exchange) -> Iterator[SentPiece]:
    if exchange.verb != MESSAGE:
        yield SentPiece(exchange.data)
        return
    ended = exchange.data == END_OF_DATA or exchange.data.endswith(CRLF + END_OF_DATA)
    text = exchange.data.removesuffix(END_OF_DATA) if ended else exchange.data
    if text:
        yield SentPiece(text, in_message=True)
    if ended:
        yield SentPiece(END_OF_DATA, in_message=True)


def _deliveries(transcript: Transcript) -> Iterator[Delivered]:
    sender, recipients = "", set[str]()
    for exchange in transcript.exchanges():
        if exchange.verb == MESSAGE:
            if exchange.accepted:
                yield Delivered(sender, frozenset(recipients), exchange.data)
            recipients = set()
        elif exchange.accepted and exchange.before is State.READY and exchange.after is State.SENDER:
            sender, recipients = _address_in(exchange.data), set()
        elif exchange.accepted and exchange.verb == "RCPT":
            recipients.add(_address_in(exchange.data))


def _address_in(line: bytes) -> str:
    """Return the address of MAIL or RCPT, with or without brackets, in small letters."""
    path = printable(line.removesuffix(CRLF)).partition(":")[2].strip().split(" ")[0]
    return path.strip("<>").casefold()


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """A recorded session, and new hosts of its kind to hold it again with.

    The hosts have the settings of a new lab. A session whose host was switched before gets other replies there.

    Args:
        transcript: the session.
        host: the host that it is held with.
        make: makes the hosts.
    """

    transcript: Transcript
    host: str
    make: Callable[[], CallableHosts] = Lab

    @classmethod
    def of(cls, session: Recorded | str, host: str = "") -> RecordedSession:
        """Return the recording of a session, of a transcript, or of text that was copied from somewhere.

        Args:
            session: any of these.
            host: the host to hold it with; by default the one that the session was held with, or that takes the mail
                of its first recipient.

        Raises:
            ValueError: if no host is given or found, or the text cannot be read.
            TypeError: if it is none of these.
        """
        transcript = Transcript.parse(session) if isinstance(session, str) else Transcript(transcript_of(session))
        make: Callable[[], CallableHosts] = Lab
        if isinstance(session, LabSession) and session.lab.has_queues:
            make = _lab_with_queues
        known = session.host if isinstance(session, LabSession) else connected_to(transcript)
        if not (found := host or known or _host_of_the_mail(transcript)):
            raise ValueError(sentences.TRANSCRIPT_NAMES_NO_HOST)
        return cls(transcript, found, make)

    def rehearse(self, pieces: Iterable[SentPiece]) -> Rehearsal:
        """Send pieces to new hosts."""
        return rehearse(self.make(), self.host, pieces)

    def pieces_without_slips(self) -> tuple[SentPiece, ...]:
        """Return what the client sent, without each refused line that the mail of the session does not need.

        A student's slips are no part of the order: HELLO and HELO would stand among each other. A session that
        delivers nothing keeps all its lines, because its refusals are what it shows.
        """
        said = _said_in(self.transcript)
        taken = [each for each in said if not each.refused]
        if len(taken) == len(said) or not (mail := Counter(_deliveries(self.transcript))):
            return _joined(said)
        if self.rehearse(_joined(taken)).delivered == mail:
            return _joined(taken)
        mail = self.rehearse(_joined(said)).delivered  # new hosts take other lines than those of the session did
        for slip in (each for each in said if each.refused):
            others = [each for each in said if each is not slip]
            if self.rehearse(_joined(others)).delivered == mail:
                said = others
        return _joined(said)


def _lab_with_queues() -> Lab:
    return Lab(queues=True)


def _host_of_the_mail(transcript: Transcript) -> str:
    """Return the host of the lab that takes the mail of the first recipient; empty if there is none."""
    said = (_address_in(each.data) for each in transcript.commands() if each.verb == "RCPT")
    domains = [address.rpartition("@")[2] for address in said]
    taking = (each.name for each in Lab().hosts if any(map(each.handler.directory.is_local, domains[:1])))
    return next(taking, "")
