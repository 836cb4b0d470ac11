"""Service extensions: the keywords of the EHLO reply, RFC 5321 2.2, and the parameters they bring to commands.

Both sides ask the same function whether a command's parameters are allowed. If not, a server answers the reply that
the error carries, and a client raises before anything is sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from . import replies
from .commands import OPENINGS, Command, Lookup, Opening, Rcpt
from .errors import LocalProtocolError
from .grammar import Path, refusal

# What is in force or on offer: keyword in capitals -> the text behind it in the EHLO reply, as in {"SIZE": "10485760"}.
Offer = Mapping[str, str]
NO_EXTENSIONS: Offer = {}


@dataclass(frozen=True, slots=True)
class Extension:
    """A service extension that the kernel negotiates and enforces.

    Args:
        keyword: as it stands in the EHLO reply.
        rfc: where it is defined.
        summary: what it is for, in one sentence.
        mail_parameter: the parameter it brings to MAIL (and SEND, SOML, SAML); empty for none.
        mail_octets: by how much it lengthens the MAIL command line beyond 512 octets.
        mail_values: the values that the parameter may have: empty for any that its rule allows, None for no value.
    """

    keyword: str
    rfc: str
    summary: str
    mail_parameter: str = ""
    mail_octets: int = 0
    mail_values: tuple[str, ...] | None = None


EXTENSIONS: Mapping[str, Extension] = {
    extension.keyword: extension
    for extension in (
        Extension("PIPELINING", "RFC 2920", "Commands may be sent in groups, without waiting for each reply."),
        Extension("SIZE", "RFC 1870", "The client may declare the size of the message.", "SIZE", 26, ()),
        Extension("8BITMIME", "RFC 6152", "The message may hold octets above 127.", "BODY", 17, ("7BIT", "8BITMIME")),
        Extension("SMTPUTF8", "RFC 6531", "Addresses and header fields may be UTF-8.", "SMTPUTF8", 10),
        Extension("ENHANCEDSTATUSCODES", "RFC 2034", "Replies carry a second, finer code."),
    )
}
_BY_PARAMETER = {ext.mail_parameter: ext for ext in EXTENSIONS.values() if ext.mail_parameter}

# RFC 2920 3.1: these may stand anywhere in a group; every other command is the last of its group.
MAY_BE_FOLLOWED = frozenset({"RSET", *OPENINGS, "RCPT"})

# RFC 5321 4.5.3.1.4: 512 octets a command line, CRLF included; extensions lengthen MAIL.
COMMAND_OCTETS = 512
MAIL_OCTETS = COMMAND_OCTETS + sum(extension.mail_octets for extension in EXTENSIONS.values())


def ehlo_lines(offer: Offer) -> tuple[str, ...]:
    """Return the lines that follow the first one in the EHLO reply, one keyword each (RFC 5321 4.1.1.1)."""
    return tuple(f"{keyword} {text}" if text else keyword for keyword, text in offer.items())


@lru_cache(maxsize=16)
def parse_ehlo_lines(lines: tuple[str, ...]) -> Offer:
    """Read from an EHLO reply what the server offers; the first line greets. Keywords are not case-sensitive."""
    words = (line.partition(" ") for line in lines[1:])
    return {keyword.upper(): text for keyword, _, text in words}


def is_international(addresses: Iterable[Path | str], content: bytes = b"") -> bool:
    """Say whether a message needs SMTPUTF8: an address or its header section is not ASCII (RFC 6531 1.2, RFC 6532 3).

    Args:
        addresses: those of the envelope, and of the header section where they are not in `content`.
        content: the message, or as much of it as there is; lines end in CRLF, and an empty one ends the header section.

    Raises:
        LocalProtocolError: with 554, if the header section is neither ASCII nor UTF-8: no extension carries that.
    """
    if not content.isascii():
        end = 0 if content.startswith(b"\r\n") else content.find(b"\r\n\r\n")
        header_section = content if end < 0 else content[:end]
        if not header_section.isascii():
            _check_utf_8(header_section)
            return True
    return not all(each.isascii() if isinstance(each, str) else each.is_ascii for each in addresses)


def _check_utf_8(header_section: bytes) -> None:
    try:
        header_section.decode("utf-8")
    except UnicodeDecodeError:
        raise LocalProtocolError(
            "the header section is neither ASCII nor UTF-8 (RFC 6532 3.1); write it in UTF-8",
            replies.CONTENT_REFUSED,
        ) from None


def check_allowed(command: Command, in_force: Offer, transaction: Opening | None) -> None:
    """See that a command uses only what the extensions in force allow.

    Args:
        command: any command; only those with a path, and VRFY and EXPN, can offend.
        in_force: what the EHLO reply offered; `NO_EXTENSIONS` after HELO.
        transaction: the command that opened the transaction, whose SMTPUTF8 also covers the recipients.

    Raises:
        LocalProtocolError: with 555 for a parameter that is not on offer (RFC 5321 4.1.1.11), 501 for a wrong value,
            552 for a declared size beyond the limit (RFC 1870 6.1), 553 for an address that needs SMTPUTF8 (RFC 6531
            3.5), 504 for VRFY or EXPN with SMTPUTF8 that is not on offer (RFC 5321 4.3.2).
    """
    if isinstance(command, Opening):
        for keyword, value in command.parameters:
            extension = _BY_PARAMETER.get(keyword)
            if extension is None or extension.keyword not in in_force:
                raise _not_on_offer(command, keyword)
            _check_value(extension, value, in_force)
        transaction = command
    elif isinstance(command, Rcpt):
        if command.parameters:
            raise _not_on_offer(command, command.parameters[0][0])
    else:
        if isinstance(command, Lookup):
            _check_lookup(command, in_force)
        return
    if not command.path.is_ascii and (transaction is None or not transaction.smtputf8):
        raise LocalProtocolError(
            f"the address {command.path.address} is not ASCII and needs MAIL with SMTPUTF8 (RFC 6531 3.5)",
            replies.NON_ASCII_ADDRESS,
        )


def _check_lookup(command: Lookup, in_force: Offer) -> None:
    """See that VRFY and EXPN have SMTPUTF8 where it is on offer, and where it is needed (RFC 6531 3.7.4.2)."""
    if command.smtputf8 and "SMTPUTF8" not in in_force:
        raise LocalProtocolError(
            f"{command.verb} cannot take SMTPUTF8: the extension is not in force (RFC 6531 3.7.4.2)",
            replies.PARAMETER_NOT_IMPLEMENTED,
        )
    if not (command.smtputf8 or command.string.isascii()):
        raise LocalProtocolError(
            f"{command.string} is not ASCII and needs {command.verb} with SMTPUTF8 (RFC 6531 3.7.4.2)",
            replies.NON_ASCII_ADDRESS,
        )


def _not_on_offer(command: Command, keyword: str) -> LocalProtocolError:
    return LocalProtocolError(
        f"{command.verb} cannot take {keyword}: no extension in force brings it (RFC 5321 4.1.1.11)",
        replies.PARAMETER_NOT_RECOGNIZED,
    )


def _check_value(extension: Extension, value: str | None, in_force: Offer) -> None:
    if extension.keyword == "SIZE":
        _check_size(value, in_force["SIZE"])
    elif extension.mail_values and (value or "").upper() not in extension.mail_values:
        raise refusal("BODY is 7BIT or 8BITMIME (RFC 6152 2)")
    elif extension.mail_values is None and value is not None:
        raise refusal("SMTPUTF8 takes no value (RFC 6531 3.4)")


def _check_size(value: str | None, limit: str) -> None:
    # RFC 1870 3: size-value = 1*20DIGIT; the limit 0, or none, says that there is none that the server knows.
    if value is None or not _is_size(value):
        raise refusal("SIZE is a number of octets of at most 20 digits (RFC 1870 4)")
    if _is_size(limit) and 0 < int(limit) < int(value):
        raise LocalProtocolError(
            f"the message of {value} octets exceeds the limit of {limit} octets (RFC 1870 6.1)", replies.MESSAGE_TOO_BIG
        )


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20
