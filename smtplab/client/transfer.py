"""The transfer of one message: the commands it needs with this server, the replies so far, and the outcome.

Nothing is sent here; `session.DeliverySession` sends, and decides when.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ..base.domains import to_ascii
from ..base.several import is_several
from ..protocol.body import TEXT_LINE_OCTETS, StuffedMessage, long_line
from ..protocol.client import CommandGroup
from ..protocol.commands import Command, Data, Mail, Rcpt
from ..protocol.extensions import Offer, check_allowed, is_international
from ..protocol.grammar import Parameters, Path
from ..protocol.replies import EnhancedCode, LocalProtocolError, Reply
from . import sentences
from .outcomes import ADDRESS_NOT_ASCII, HEADER_NOT_ASCII, NOT_CONVERTED, Delivery, Unsupported

# Recipients sent in one group. All replies to a group must fit into the buffers between the two hosts, or both wait
# for ever (RFC 2920 3.1): 200 replies of at most 512 octets do.
_GROUP = 200

# The longest content that is kept as it goes on the wire until the next message.
_KEPT_OCTETS = 64 * 1024

# A content as it was given, as it goes on the wire, and what its sender should know of it; here that of no message.
_NO_CONTENT: tuple[bytes, StuffedMessage, tuple[str, ...]] = b"", StuffedMessage(b""), ()

# Tuples, because a union such as ``str | Path`` is made anew each time it is looked at.
_ADDRESSES, _OCTETS = (str, Path), (bytes, bytearray)

# What comes behind the recipients of a message that is to be delivered.
_DATA: tuple[Command, ...] = (Data(),)

# The forward-paths of one message; one alone needs no list.
Recipients = Path | str | Iterable[Path | str]

# Sender, recipients and content of one message.
OutgoingMail = tuple[Path | str, Recipients, bytes]


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

    paths: tuple[Path, ...]
    groups: deque[CommandGroup]
    message: StuffedMessage
    notes: tuple[str, ...] = ()
    replies: list[Reply] = field(default_factory=list)

    @property
    def has_recipient(self) -> bool:
        """True if the server accepted the sender and at least one recipient."""
        # A list, because it takes half the time of a generator, and this is looked at for each message.
        accepted = [reply for reply in self.replies[1 : 1 + len(self.paths)] if reply.is_positive]
        return bool(accepted) and self.replies[0].is_positive

    @property
    def refused(self) -> tuple[tuple[Path, Reply], ...]:
        """The recipients whom the server has refused, each with the reply."""
        answers = zip(self.paths, self.replies[1:], strict=False)
        return tuple((path, reply) for path, reply in answers if not reply.is_positive)

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
        replies, paths = self.replies, self.paths
        sender_reply = replies[0]
        if not sender_reply.is_positive:
            return Delivery(sender_reply, notes=self.notes, consequences=_refusals(replies[1:]))
        answers = replies[1 : 1 + len(paths)]
        reply = final
        if reply is None and len(replies) > 1 + len(paths):
            reply = replies[-1]  # to DATA
        if reply is None and closed and answers:
            reply = answers[-1]  # a 421 to one recipient, which goes for the message
        answered = tuple(zip(paths, answers, strict=False))
        nobody = answers and not any(each.is_positive for each in answers)
        consequences = _refusals(replies[1 + len(paths) :]) if nobody else ()
        return Delivery(sender_reply, answered, reply, paths[len(answers) :], self.notes, consequences)


def _refusals(replies: Iterable[Reply]) -> tuple[Reply, ...]:
    """Return the refusals among replies to commands that were sent before the answer to an earlier one was known.

    A 421 ends the session and stands for itself (RFC 5321 3.8).
    """
    return tuple(reply for reply in replies if not reply.is_positive and reply.code != 421)


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


class Planner:
    """Plans messages for one server, after every check that is possible before anything is sent.

    Many messages in a row often have the same sender and recipients, and one content often goes out in many messages.
    So the last envelope is kept, and the last content if it is not long. What follows from them alone is neither
    checked nor made again. Measured for a message of 1 KiB to one recipient: a plan takes 10 us, 4 if the envelope
    comes again, and 1 if the content does, too.

    Args:
        server: the server's name, for error sentences.
    """

    __slots__ = ("_envelope", "_server", "_stuffed_last")

    def __init__(self, server: str) -> None:
        self._server = server
        self._envelope: EnvelopePlan | None = None
        self._stuffed_last = _NO_CONTENT

    def plan(self, mail: OutgoingMail, offer: Offer, closing: tuple[Command, ...] = _DATA) -> Transfer:
        """Return the commands for a message.

        Args:
            mail: sender, recipients and content; see `DeliverySession.deliver`.
            offer: the extensions that the server offers.
            closing: the commands after the recipients.

        Raises:
            LocalProtocolError, Unsupported, TypeError: as `DeliverySession.deliver`.
        """
        try:
            sender, recipients, content = mail
        except (TypeError, ValueError):
            raise TypeError(sentences.NOT_MAIL.format(mail=mail)) from None
        addresses = recipients_in(recipients)
        envelope = self._envelope
        unicode = "SMTPUTF8" in offer
        if envelope is None or not envelope.is_for(sender, addresses, unicode):
            envelope = self._envelope = EnvelopePlan(sender, addresses, unicode)
        if not isinstance(content, _OCTETS):
            raise TypeError(sentences.NOT_OCTETS.format(type=type(content).__name__))
        parameters = self._parameters(envelope, content, offer)
        if not addresses:
            raise LocalProtocolError(sentences.NO_RECIPIENT)
        message, notes = self._stuffed(content)
        return Transfer(envelope.paths, deque(envelope.groups(parameters, offer, closing)), message, notes)

    def _parameters(self, envelope: EnvelopePlan, content: bytes, offer: Offer) -> Parameters:
        """Return the parameters that MAIL needs for the message."""
        parameters: list[tuple[str, str | None]] = []
        if "SIZE" in offer:  # RFC 1870 3: the octets with their CRLF pairs, so also with that which the last line gets
            size = len(content) + (0 if not content or content.endswith(b"\r\n") else 2)
            parameters.append(("SIZE", str(size)))
        is_ascii = content.isascii()
        utf8_header = not is_ascii and is_international((), content)
        international = not envelope.is_ascii or utf8_header
        if utf8_header and "SMTPUTF8" not in offer:  # RFC 6531 3.6
            raise self._unsupported("SMTPUTF8", sentences.HEADER_NEEDS_SMTPUTF8, HEADER_NOT_ASCII)
        if not is_ascii and "8BITMIME" not in offer:  # RFC 6152 3
            raise self._unsupported("8BITMIME", sentences.NEEDS_8BITMIME, NOT_CONVERTED)
        if not envelope.is_ascii and "SMTPUTF8" not in offer:  # RFC 6531 3.1; the last, so that the others are well
            why = sentences.ADDRESS_NEEDS_SMTPUTF8.format(address=envelope.first_not_ascii.address)
            raise self._unsupported("SMTPUTF8", why, ADDRESS_NOT_ASCII, envelope.lacking)
        if not is_ascii:
            parameters.append(("BODY", "8BITMIME"))
        if international:
            parameters.append(("SMTPUTF8", None))
        return tuple(parameters)

    def _stuffed(self, content: bytes) -> tuple[StuffedMessage, tuple[str, ...]]:
        """Return the content as it goes on the wire, and what its sender should know of it."""
        last, message, notes = self._stuffed_last
        if content is not last:
            message, notes = StuffedMessage(content), _notes(content)
            if type(content) is bytes and len(content) <= _KEPT_OCTETS:
                self._stuffed_last = content, message, notes
        return message, notes

    def _unsupported(self, keyword: str, why: str, status: EnhancedCode, lacking: tuple[Path, ...] = ()) -> Unsupported:
        sentence = sentences.NOT_OFFERED.format(why=why, server=self._server, keyword=keyword)
        return Unsupported(sentence, status, lacking)


def _notes(content: bytes) -> tuple[str, ...]:
    """Return what the sender should know of a message that can be sent all the same."""
    if (found := long_line(content)) is None:
        return ()
    number, octets = found
    return (sentences.LONG_LINE.format(number=number, octets=octets, limit=TEXT_LINE_OCTETS - 2),)


class EnvelopePlan:
    """Sender and recipients, checked, with the commands that were last made for them.

    Args:
        sender: the reverse-path.
        recipients: the forward-paths.
        unicode: True if the server offers SMTPUTF8, and so takes domains that are not in A-labels.

    Attributes:
        paths: the recipients, as they were given.
        is_ascii: False if an address needs SMTPUTF8 (RFC 6531).
    """

    __slots__ = ("_forward", "_given", "_groups", "_groups_for", "_rest", "_rest_for", "_reverse", "is_ascii", "paths")

    def __init__(self, sender: Path | str, recipients: list[Path | str], unicode: bool) -> None:
        check_addresses(sender, recipients)
        self.paths = tuple(path_of(each) for each in recipients)
        self._reverse = on_the_wire(path_of(sender), unicode=unicode)
        self._forward = [on_the_wire(path, unicode=unicode) for path in self.paths]
        self.is_ascii = self._reverse.is_ascii and all(path.is_ascii for path in self._forward)
        self._given = sender, recipients, unicode
        self._groups: list[CommandGroup] = []
        self._groups_for: tuple[Parameters, Offer, tuple[Command, ...]] | None = None
        self._rest: list[CommandGroup] = []
        self._rest_for: tuple[tuple[Command, ...], bool] | None = None

    def is_for(self, sender: Path | str, recipients: list[Path | str], unicode: bool) -> bool:
        """Return True if it was made for exactly these, so that it need not be made again."""
        return self._given == (sender, recipients, unicode)

    @property
    def lacking(self) -> tuple[Path, ...]:
        """The recipients whose addresses need SMTPUTF8; nobody if that of the sender does."""
        if not self._reverse.is_ascii:
            return ()
        return tuple(path for path, sent in zip(self.paths, self._forward, strict=True) if not sent.is_ascii)

    @property
    def first_not_ascii(self) -> Path:
        """The first address that needs SMTPUTF8; there must be one."""
        return next(path for path in (self._reverse, *self._forward) if not path.is_ascii)

    def groups(self, parameters: Parameters, offer: Offer, closing: tuple[Command, ...]) -> list[CommandGroup]:
        """Return MAIL with the parameters, a RCPT for each recipient and `closing`, in the groups that are sent.

        Raises:
            LocalProtocolError: if the server's offer does not allow the parameters.
        """
        if self._groups_for != (parameters, offer, closing):
            opening = Mail(self._reverse, parameters)
            check_allowed(opening, offer, None)
            first, *others = self._behind_mail(closing, "PIPELINING" in offer)
            self._groups = [first.behind(opening), *others]
            self._groups_for = parameters, offer, closing
        return self._groups

    def _behind_mail(self, closing: tuple[Command, ...], pipelining: bool) -> list[CommandGroup]:
        """Return the groups without MAIL, which often has another SIZE for each message; the first has room for it."""
        if self._rest_for != (closing, pipelining):
            commands = [*map(Rcpt, self._forward), *closing]
            size = _GROUP if pipelining else 1
            self._rest = [CommandGroup(*commands[: size - 1])]
            for start in range(size - 1, len(commands), size):
                self._rest.append(CommandGroup(*commands[start : start + size]))
            self._rest_for = closing, pipelining
        return self._rest


def on_the_wire(path: Path, *, unicode: bool) -> Path:
    """Return a path as a server can take it: without `unicode`, which is SMTPUTF8, its domain in A-labels.

    Both forms name the same domain (RFC 5890 2.3.2.1). A local part has only one form, so one that is not ASCII stays.
    """
    if unicode or path.is_ascii or not path.local_part.isascii():
        return path
    domain = to_ascii(path.domain)
    return Path(path.local_part, domain) if domain.isascii() else path


def recipients_in(recipients: Recipients) -> list[Path | str]:
    """Return the recipients as a list; one address alone becomes a list of one.

    Raises:
        TypeError: if they are neither.
    """
    if is_several(recipients):
        return list(recipients)
    if isinstance(recipients, _ADDRESSES):
        return [recipients]
    raise TypeError(sentences.NOT_RECIPIENTS.format(type=type(recipients).__name__))


def check_addresses(sender: object, recipients: Iterable[object]) -> None:
    """Raise `TypeError` if the sender or a recipient is neither text nor a `Path`."""
    if not isinstance(sender, _ADDRESSES):
        raise TypeError(sentences.NOT_AN_ADDRESS.format(role="the sender", type=type(sender).__name__))
    for each in recipients:
        if not isinstance(each, _ADDRESSES):
            raise TypeError(sentences.NOT_AN_ADDRESS.format(role="a recipient", type=type(each).__name__))


def path_of(address: Path | str) -> Path:
    """Return the path of an address; the null path for an empty one."""
    return address if isinstance(address, Path) else _parse_path(address)


@lru_cache(maxsize=1024)
def _parse_path(address: str) -> Path:
    """Parse an address. The same ones come again and again; the cache saves a quarter of the driver's time."""
    return Path.parse(address or "<>")
