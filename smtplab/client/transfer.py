"""The transfer of one message: the commands it needs with this server, the replies so far, and the outcome.

Nothing is sent here; `session.DeliverySession` sends, and decides when.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ..base.domains import to_ascii
from ..protocol.body import TEXT_LINE_OCTETS, StuffedMessage, long_line
from ..protocol.commands import Command, Data, Mail, Rcpt
from ..protocol.extensions import Offer, check_allowed, is_international
from ..protocol.grammar import Path
from ..protocol.replies import LocalProtocolError, Reply
from . import sentences
from .outcomes import Delivery, Unsupported

# Recipients sent in one group. All replies to a group must fit into the buffers between the two hosts, or both wait
# for ever (RFC 2920 3.1): 200 replies of at most 512 octets do.
_GROUP = 200

# Sender, recipients and content of one message.
OutgoingMail = tuple[Path | str, Path | str | Iterable[Path | str], bytes]


@dataclass(slots=True)
class Transfer:
    """One message: the groups of commands still to be sent for it, and the replies so far.

    Args:
        paths: the recipients.
        groups: MAIL, RCPT for each recipient and DATA, in the groups in which they are sent.
        message: the content with its end.
        notes: what the sender should know of the message; see `Delivery`.
        replies: the replies to the commands, in order.
    """

    paths: list[Path]
    groups: deque[list[Command]]
    message: StuffedMessage
    notes: tuple[str, ...] = ()
    replies: list[Reply] = field(default_factory=list)

    @property
    def has_recipient(self) -> bool:
        """True if the server accepted the sender and at least one recipient."""
        opening, *answers = self.replies[: 1 + len(self.paths)]
        return opening.is_positive and any(reply.is_positive for reply in answers)

    @property
    def is_refused(self) -> bool:
        """True if the server refused one of the commands."""
        return not all(reply.is_positive for reply in self.replies)

    def delivery(self, final: Reply | None, *, closed: bool) -> Delivery:
        """Return the outcome of the message.

        Args:
            final: the reply to the message, if it was sent.
            closed: True if one of the replies before that ended the session.
        """
        sender_reply, *answers = self.replies
        if not sender_reply.is_positive:
            return Delivery(sender_reply, notes=self.notes)
        count = len(self.paths)
        answers, answer_to_data = answers[:count], answers[count:]
        reply = final or next(iter(answer_to_data), None)
        if closed and reply is None and answers:
            reply = answers[-1]  # a 421 to one recipient, which goes for the message
        answered = tuple(zip(self.paths, answers, strict=False))
        return Delivery(sender_reply, answered, reply, tuple(self.paths[len(answers) :]), self.notes)


class Batch:
    """Messages to deliver one after the other, each planned ahead of its turn.

    Args:
        transfers: plans one message for each `next`.

    Attributes:
        begun: True once the first message had its turn.
        following: the message that comes next, if it was taken already.
        failure: what is wrong with the first message that could not be planned. It is raised after those before it.
    """

    def __init__(self, transfers: Iterator[Transfer]) -> None:
        self.begun = False
        self.following: Transfer | None = None
        self.failure: Exception | None = None
        self._transfers = transfers
        self._planned: Transfer | None = None

    def prepare(self) -> None:
        """Plan one more message now, so that this takes no time later."""
        if self._planned is None and self.failure is None:
            try:
                self._planned = next(self._transfers, None)
            except Exception as error:
                self.failure = error

    def take(self) -> Transfer | None:
        """Return the next message that was not taken yet, or None if no other can be sent."""
        self.prepare()
        transfer, self._planned = self._planned, None
        return transfer

    def advance(self) -> Transfer | None:
        """Return the message whose turn it is now; None after the last one.

        Raises:
            Exception: what is wrong with the next message.
        """
        transfer, self.following = self.following or self.take(), None
        if transfer is None and self.failure is not None:
            raise self.failure
        return transfer


def plan(mail: OutgoingMail, offer: Offer, server: str, *, closing: Sequence[Command] = (Data(),)) -> Transfer:
    """Return the commands for a message, after every check that is possible before anything is sent.

    Args:
        mail: sender, recipients and content; see `DeliverySession.deliver`.
        offer: the extensions that the server offers.
        server: the server's name, for error sentences.
        closing: the commands after the recipients.

    Raises:
        LocalProtocolError, Unsupported, TypeError: as `DeliverySession.deliver`.
    """
    try:
        sender, recipients, content = mail
    except (TypeError, ValueError):
        raise TypeError(sentences.NOT_MAIL.format(mail=mail)) from None
    addresses = listed(recipients)
    check_addresses(sender, addresses)
    paths = [path_of(each) for each in addresses]
    sent = [on_the_wire(path, offer) for path in paths]
    if not isinstance(content, bytes | bytearray):
        raise TypeError(sentences.NOT_OCTETS.format(type=type(content).__name__))
    opening = _opening(on_the_wire(path_of(sender), offer), content, sent, offer, server)
    if not paths:
        raise LocalProtocolError(sentences.NO_RECIPIENT)
    message = StuffedMessage(content)
    check_allowed(opening, offer, None)
    commands = [opening, *(Rcpt(path) for path in sent), *closing]
    size = _GROUP if "PIPELINING" in offer else 1
    groups = [commands[start : start + size] for start in range(0, len(commands), size)]
    return Transfer(paths, deque(groups), message, _notes(content))


def _notes(content: bytes) -> tuple[str, ...]:
    """Return what the sender should know of a message that can be sent all the same."""
    if (found := long_line(content)) is None:
        return ()
    number, octets = found
    return (sentences.LONG_LINE.format(number=number, octets=octets, limit=TEXT_LINE_OCTETS - 2),)


def _opening(sender: Path, content: bytes, recipients: list[Path], offer: Offer, server: str) -> Mail:
    """Return MAIL with the parameters that the message needs."""

    def need(keyword: str, why: str) -> None:
        if keyword not in offer:
            raise Unsupported(sentences.NOT_OFFERED.format(why=why, server=server, keyword=keyword))

    parameters: list[tuple[str, str | None]] = []
    if "SIZE" in offer:  # RFC 1870 3: the octets with their CRLF pairs, so also with the one that the last line gets
        size = len(content) + (0 if not content or content.endswith(b"\r\n") else 2)
        parameters.append(("SIZE", str(size)))
    international = is_international((sender, *recipients), content)
    if international:
        need("SMTPUTF8", sentences.NEEDS_SMTPUTF8)  # RFC 6531 3.1
    if not content.isascii():
        need("8BITMIME", sentences.NEEDS_8BITMIME)  # RFC 6152 3
        parameters.append(("BODY", "8BITMIME"))
    if international:
        parameters.append(("SMTPUTF8", None))
    return Mail(sender, tuple(parameters))


def on_the_wire(path: Path, offer: Offer) -> Path:
    """Return a path as this server can take it: without SMTPUTF8, its domain in A-labels.

    Both forms name the same domain (RFC 5890 2.3.2.1). A local part has only one form, so one that is not ASCII stays.
    """
    if path.is_ascii or "SMTPUTF8" in offer or not path.local_part.isascii():
        return path
    domain = to_ascii(path.domain)
    return Path(path.local_part, domain) if domain.isascii() else path


def listed(recipients: Path | str | Iterable[Path | str]) -> list[Path | str]:
    """Return the recipients as a list; one address alone becomes a list of one.

    Raises:
        TypeError: if they are neither.
    """
    if isinstance(recipients, str | Path):
        return [recipients]
    # The items of bytes are numbers, so that the sentence would be about a number that nobody wrote.
    if isinstance(recipients, bytes | bytearray) or not isinstance(recipients, Iterable):
        raise TypeError(sentences.NOT_RECIPIENTS.format(type=type(recipients).__name__))
    return list(recipients)


def check_addresses(sender: object, recipients: Iterable[object]) -> None:
    """Raise `TypeError` if the sender or a recipient is neither text nor a `Path`."""
    for role, address in (("the sender", sender), *(("a recipient", each) for each in recipients)):
        if not isinstance(address, str | Path):
            raise TypeError(sentences.NOT_AN_ADDRESS.format(role=role, type=type(address).__name__))


def path_of(address: Path | str) -> Path:
    return address if isinstance(address, Path) else _parse_path(address)


@lru_cache(maxsize=1024)
def _parse_path(address: str) -> Path:
    """Parse an address. The same ones come again and again; the cache saves a quarter of the driver's time."""
    return Path.parse(address or "<>")
