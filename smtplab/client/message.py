"""Convert messages of the `email` package, or from a file, to the octets that go on the wire."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from email import policy
from email.header import Header
from email.message import EmailMessage, Message
from email.utils import formatdate, getaddresses, make_msgid

from ..protocol.extensions import Offer, is_international
from ..protocol.grammar import Path
from ..protocol.replies import LocalProtocolError
from . import sentences
from .transfer import check_addresses, listed

_ORIGINATORS, _DESTINATIONS = ("From", "Sender", "Reply-To"), ("To", "Cc", "Bcc")
_BLIND = ("Bcc", "Resent-Bcc")
_RESENT = ("Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc")
_ADDRESS_FIELDS = (*_ORIGINATORS, *_DESTINATIONS, *_RESENT)

_LONE_LF = re.compile(rb"(?<!\r)\n")


def addresses(message: Message) -> tuple[str, list[str]]:
    """Return the reverse-path and the forward-paths that a message's header section suggests.

    The sender is taken from Sender or else From, the recipients from To, Cc and Bcc (RFC 5322 3.6.2, 3.6.3). Either may
    be empty.
    """
    senders = _listed(message, "Sender") or _listed(message, "From")
    recipients = [address for name in _DESTINATIONS for address in _listed(message, name)]
    return (senders[0] if senders else ""), list(dict.fromkeys(recipients))


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
    return sent.as_bytes(policy=policy.SMTP.clone(cte_type=cte_type, utf8=international))


def as_mail(
    message: Message,
    sender: Path | str | None,
    recipients: Path | str | Iterable[Path | str] | None,
    offer: Offer,
) -> tuple[Path | str, list[Path | str], bytes]:
    """Return sender, recipients and content of a message, as `DeliverySession.deliver` takes them.

    Args:
        message: the message; a Bcc field is not sent.
        sender: the reverse-path; None for the Sender or else the From field.
        recipients: None for the addresses of To, Cc and Bcc.
        offer: the extensions that the server offers.

    Raises:
        LocalProtocolError: if no sender is given, and none stands in the message.
        TypeError: if the message is none of the `email` package, or an address is neither text nor a `Path`.
    """
    if not isinstance(message, Message):
        raise TypeError(sentences.NOT_A_MESSAGE.format(type=type(message).__name__))
    default_sender, default_recipients = addresses(message)
    if sender is None and not default_sender:  # the null reverse-path is that of a bounce alone (RFC 5321 4.5.5)
        raise LocalProtocolError(sentences.NO_SENDER)
    sender = default_sender if sender is None else sender
    paths = listed(default_recipients if recipients is None else recipients)
    check_addresses(sender, paths)
    international = is_international([*all_addresses(message), sender, *paths])
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


def _listed(message: Message, name: str) -> list[str]:
    fields = [str(value) for value in message.get_all(name, [])]
    return [address for _, address in getaddresses(fields) if address]
