"""Convert messages of the `email` package, or from a file, to the octets that go on the wire."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from email import policy
from email.errors import HeaderParseError, InvalidHeaderDefect
from email.header import Header, decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import formatdate, getaddresses, make_msgid
from typing import Any

from ..protocol.extensions import Offer, is_international
from ..protocol.grammar import Path
from ..protocol.replies import LocalProtocolError
from . import sentences
from .transfer import Recipients, check_addresses, on_the_wire, path_of, recipients_in

_ORIGINATORS, _DESTINATIONS = ("From", "Sender", "Reply-To"), ("To", "Cc", "Bcc")
_BLIND = ("Bcc", "Resent-Bcc")
_RESENT = ("Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc")
_ADDRESS_FIELDS = (*_ORIGINATORS, *_DESTINATIONS, *_RESENT)

_LONE_LF = re.compile(rb"(?<!\r)\n")
_LINE_END = re.compile(r"\r\n|\r|\n")
# A field as it was written, for `fold`: not encoded, and on one line.
_AS_WRITTEN = policy.EmailPolicy(utf8=True, max_line_length=0)


def addresses(message: Message) -> tuple[str, list[str]]:
    """Return the reverse-path and the forward-paths that a message's header section suggests.

    The sender is taken from Sender or else From, the recipients from To, Cc and Bcc (RFC 5322 3.6.2, 3.6.3). Either may
    be empty.
    """
    senders = _listed(message, "Sender") or _listed(message, "From")
    recipients = [address for name in _DESTINATIONS for address in _listed(message, name)]
    return (senders[0] if senders else ""), list(dict.fromkeys(recipients))


def check_fields(message: Message, names: Iterable[str]) -> None:
    """Raise `LocalProtocolError`, which names the field, if one of these fields has an address that is not valid."""
    for name in names:
        for address in _listed(message, name):
            try:
                path_of(address)
            except LocalProtocolError as error:
                text = sentences.BAD_FIELD.format(field=name, address=address, reason=error)
                raise LocalProtocolError(text, error.reply) from None


def all_addresses(message: Message) -> list[str]:
    """Return every address in a message's header section, without the names beside them (RFC 5322 3.6.2 to 3.6.6).

    One that is not ASCII makes the message an international one: an address cannot be encoded (RFC 2047 5).
    """
    return [address for name in _ADDRESS_FIELDS for address in _listed(message, name)]


def content_of(message: Message, *, eight_bit: bool, international: bool = False) -> bytes:
    """Return the message as octets with CRLF, without its Bcc and Resent-Bcc fields (RFC 5322 3.6.3, 3.6.6).

    Args:
        message: the message; it is left as it is.
        eight_bit: leave octets above 127 in the body as they are; otherwise they are encoded (RFC 2045 6).
        international: leave them in the header section too, as addresses that are not ASCII need it (RFC 6532 3.2).
    """
    sent = copy.copy(message)
    for name in _BLIND:
        del sent[name]
    cte_type = "8bit" if eight_bit else "7bit"
    octets = sent.as_bytes(policy=_WIRE.clone(cte_type=cte_type, utf8=international))
    return from_file(octets)  # the package leaves the line ends of some bodies, as of a multipart that has no part


def as_mail(
    message: Message,
    sender: Path | str | None,
    recipients: Recipients | None,
    offer: Offer,
) -> tuple[Path | str, list[Path | str], bytes]:
    """Return sender, recipients and content of a message, as `DeliverySession.deliver` takes them.

    Args:
        message: the message; a Bcc field is not sent.
        sender: the reverse-path; None for the Sender or else the From field.
        recipients: None for the addresses of To, Cc and Bcc.
        offer: the extensions that the server offers.

    Raises:
        LocalProtocolError: if no sender is given, and none stands in the message; or if an address is not valid.
        TypeError: if the message is none of the `email` package, or an address is neither text nor a `Path`.
    """
    if not isinstance(message, Message):
        raise TypeError(sentences.NOT_A_MESSAGE.format(type=type(message).__name__))
    default_sender, default_recipients = addresses(message)
    if sender is None and not default_sender:  # the null reverse-path is that of a bounce alone (RFC 5321 4.5.5)
        raise LocalProtocolError(sentences.NO_SENDER)
    if sender is None:
        sender = default_sender
        check_fields(message, ("Sender",) if _listed(message, "Sender") else ("From",))
    if recipients is None:
        check_fields(message, _DESTINATIONS)
    paths = recipients_in(default_recipients if recipients is None else recipients)
    check_addresses(sender, paths)
    envelope = [on_the_wire(path_of(each), unicode="SMTPUTF8" in offer) for each in (sender, *paths)]
    international = is_international([*all_addresses(message), *envelope])
    return sender, paths, content_of(message, eight_bit="8BITMIME" in offer, international=international)


def from_file(data: bytes) -> bytes:
    """Return a message that was kept in a file with every line ended by CRLF, whatever the file has."""
    return _LONE_LF.sub(b"\r\n", data)


def make(sender: str, recipients: list[str], subject: str, body: bytes) -> bytes:
    """Return a message with a header section of its own around `body`, which is text in UTF-8.

    Its Message-ID is new each time, under the sender's domain (RFC 5322 3.6.4). It does not reveal this machine's name.

    Args:
        sender: the address for From, with its domain.
        recipients: the addresses for To.
        subject: the text for Subject; a reader sees exactly this text.
        body: the text.

    Raises:
        ValueError: if the body is not UTF-8, or the subject is not valid in a header field.
    """
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    if "=?" in subject:  # as an encoded word begins (RFC 2047 2): set as text it would be read as one
        del message["Subject"]
        message.set_raw("Subject", Header(subject, "utf-8", header_name="Subject").encode())
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    try:
        message.set_content(body.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise ValueError(sentences.BODY_NOT_UTF_8) from None
    return content_of(message, eight_bit=False, international=is_international([sender, *recipients]))


class _WirePolicy(policy.EmailPolicy):
    """Fold address fields without loss: the `email` package drops the quotation marks of a name that it folds.

    Without them, a comma in a name begins another address (RFC 5322 3.4). A field that the package folds well stays as
    it folds it.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the octets of the field with its name and its line ends.

        A field of a parsed message that the package cannot read, and so cannot fold, stays as it was written.
        """
        try:
            octets: bytes = super().fold_binary(name, value)
        except Exception:  # of any kind: the package's own parser fails
            if not isinstance(value, str) or hasattr(value, "fold"):
                raise
            return f"{name}: {value}{self.linesep}".encode("utf8", "surrogateescape")
        charset = "utf8" if self.utf8 else "ascii"
        folded = octets.decode(charset, "surrogateescape")
        mended = self._mended(name, value, folded)
        return octets if mended is folded else mended.encode(charset, "surrogateescape")

    def _mended(self, name: str, value: Any, folded: str) -> str:
        if name.title() not in _ADDRESS_FIELDS or "=?unknown-8bit?" in folded:
            return folded
        given, text = _unfolded(str(value)), folded.partition(":")[2].replace(self.linesep, "").strip()
        groups = self._groups(name, given)
        if not groups or (_meaning(groups) == _meaning(self._groups(name, text)) and _shows_all(text, given)):
            return folded
        written = ", ".join(_group(group, utf8=self.utf8) for group in groups)
        if not (self.utf8 or written.isascii()):  # an address that is not ASCII; the message needs SMTPUTF8
            return folded
        return _wrap(f"{name}: {written}", self.max_line_length or 78, self.linesep) + self.linesep

    def _groups(self, name: str, text: str) -> tuple[Any, ...]:
        """Return the groups of mailboxes in the text of a field; none if the package cannot read it."""
        try:
            return tuple(self.header_factory(name, text).groups)
        except Exception:
            return ()


_WIRE = _WirePolicy(linesep="\r\n")


def _meaning(groups: tuple[Any, ...]) -> list[tuple[str, str, str]]:
    """Return what a reader is shown: the group, name and address of each mailbox, whatever the blanks between words."""
    return [
        (_words(group.display_name), _words(mailbox.display_name), mailbox.addr_spec)
        for group in groups
        for mailbox in group.addresses
    ]


def _shows_all(text: str, given: str) -> bool:
    """True if readers find in `text` the names and addresses of `given`; a comment may stand where no name was."""
    found, wanted = _shown(text), _shown(given)
    return len(found) == len(wanted) and all(
        address == other and name in ("", shown) for (shown, address), (name, other) in zip(found, wanted, strict=True)
    )


def _shown(text: str) -> list[tuple[str, str]]:
    """Return names and addresses as most readers find them: a blank between encoded words is none (RFC 2047 6.2)."""
    return [(_words(_decoded(name)), address) for name, address in getaddresses([text])]


def _decoded(name: str) -> str:
    try:
        return str(make_header(decode_header(name)))
    except (ValueError, LookupError, HeaderParseError):  # words that are encoded wrongly are shown as they are
        return name


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _group(group: Any, *, utf8: bool) -> str:
    mailboxes = ", ".join(_mailbox(each, utf8=utf8) for each in group.addresses)
    return mailboxes if group.display_name is None else f"{_phrase(group.display_name, utf8=utf8)}: {mailboxes};"


def _mailbox(mailbox: Any, *, utf8: bool) -> str:
    name = mailbox.display_name
    return f"{_phrase(name, utf8=utf8)} <{mailbox.addr_spec}>" if name else str(mailbox.addr_spec)


def _phrase(name: str, *, utf8: bool) -> str:
    """Return a name as a quoted string, or as encoded words where it is not ASCII or a word is too long to fold."""
    if (utf8 or name.isascii()) and name.isprintable() and max(map(len, name.split(" "))) <= 900:
        return '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'
    return Header(name, "utf-8").encode(linesep="").replace("\n", "")


def _wrap(field: str, limit: int, linesep: str) -> str:
    """Fold a field before a blank wherever its line would exceed the limit (RFC 5322 2.2.3)."""
    lines = [""]
    for word in re.findall(r" *[^ ]+", field):
        if lines[-1] and len(lines[-1]) + len(word) > limit and word.startswith(" "):
            lines.append("")
        lines[-1] += word
    return linesep.join(lines)


def _listed(message: Message, name: str) -> list[str]:
    """Return the addresses of all fields of this name."""
    texts = [_text(message, name, value) for field, value in message.raw_items() if field.lower() == name.lower()]
    return [address for text in texts for _, address in getaddresses([_with_commas(text)]) if address]


def _with_commas(text: str) -> str:
    """Return a list of addresses with commas, where a program has written semicolons; a group keeps its own."""
    return text if set(':"(') & set(text) else text.rstrip(" \t;").replace(";", ",")


def _text(message: Message, name: str, written: Any) -> str:
    """Return the text of a field on one line, in the form that loses no address."""
    try:
        value = message.policy.header_fetch_parse(name, written)
    except Exception:  # the package's own parser fails at this field
        return _unfolded(str(written))
    if not any(isinstance(defect, InvalidHeaderDefect) for defect in getattr(value, "defects", ())):
        return _unfolded(str(value))
    # The package drops what it cannot read, such as all behind a semicolon.
    return _unfolded(value.fold(policy=_AS_WRITTEN).partition(":")[2] if written is value else str(written))


def _unfolded(text: str) -> str:
    """Return the text of a field on one line (RFC 5322 2.2.3)."""
    return _LINE_END.sub("", text)
