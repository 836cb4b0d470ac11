"""Service extensions: the keywords of the EHLO reply, RFC 5321 2.2, and the parameters that they bring to commands.

The server names what it has in its reply to EHLO, and the client may use that, and nothing else::

    C: EHLO me.example
    S: 250-mail.example           the first line greets
    S: 250-PIPELINING             each other line offers an extension
    S: 250 SIZE 1000              here with a text: no message over 1000 octets
    C: MAIL FROM:<a@b.example> SIZE=2000
    S: 552 5.3.4 Message exceeds the size limit

>>> offer = parse_ehlo_lines(("mail.example", "PIPELINING", "SIZE 1000"))
>>> offer
{'PIPELINING': '', 'SIZE': '1000'}
>>> from smtplab.protocol.commands import Mail
>>> check_allowed(Mail(Path("a", "b.example"), (("SIZE", "2000"),)), offer, None)
Traceback (most recent call last):
smtplab.protocol.replies.LocalProtocolError: the message of 2000 octets exceeds the limit of 1000 octets (RFC 1870 6.1)
>>> check_allowed(Mail(Path("a", "b.example"), (("BODY", "8BITMIME"),)), offer, None)
Traceback (most recent call last):
smtplab.protocol.replies.LocalProtocolError: MAIL cannot take BODY: no extension in force brings it (RFC 5321 4.1.1.11)

An extension is a row of `EXTENSIONS`, and a parameter is a row inside it: its verb, its keyword, by how much it
lengthens the command line, and its rule. Both ends call `check_allowed`, which reads the rows. If a command breaks one,
a server answers with the reply that the error carries, and a client raises before anything is sent. The verbs that an
extension brings stand in `commands.VERBS`.

So DSN (RFC 3461) would be a row with four parameters: RET and ENVID of MAIL, NOTIFY and ORCPT of RCPT, each with the
octets that the RFC adds to the line and a small function that checks its value. Nothing else in the kernel would
change.
"""

from codecs import utf_8_decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from . import replies, sentences
from .commands import OPENINGS, Command, Lookup, Opening, WithPath
from .diagnosis import refusal
from .grammar import Path
from .replies import LocalProtocolError

# What is in force or on offer: keyword in capitals -> the text behind it in the EHLO reply, as in {"SIZE": "10485760"}.
Offer = Mapping[str, str]
NO_EXTENSIONS: Offer = {}

# The rule of a parameter: it takes the value, None if the parameter has none, and the text behind the extension's
# keyword in the EHLO reply, which may bound the value as SIZE does; it raises `LocalProtocolError` for a value that
# breaks it.
ValueRule = Callable[[str | None, str], None]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that an extension brings to a command.

    Args:
        verb: ``RCPT``, or ``MAIL``, which stands for SEND, SOML and SAML too.
        keyword: as it stands behind the path.
        octets: by how much it lengthens the command line beyond 512 octets; the extension's RFC says so.
        rule: raises for a wrong value.
        values: the values to choose from; empty for any that the rule allows, None for no value.
    """

    verb: str
    keyword: str
    octets: int
    rule: ValueRule
    values: tuple[str, ...] | None = ()

    @property
    def verbs(self) -> tuple[str, ...]:
        """The verbs that take it."""
        return OPENINGS if self.verb == "MAIL" else (self.verb,)


@dataclass(frozen=True, slots=True)
class Extension:
    """A service extension that the kernel negotiates and enforces.

    Args:
        keyword: as it stands in the EHLO reply.
        rfc: where it is defined.
        summary: what it is for, in one sentence.
        parameters: what it brings to MAIL and RCPT.
    """

    keyword: str
    rfc: str
    summary: str
    parameters: tuple[Parameter, ...] = ()


def _check_size(value: str | None, limit: str) -> None:
    # RFC 1870 3: a limit of 0, or none, means that the server names no limit.
    if value is None or not _is_size(value):
        raise refusal(sentences.BAD_SIZE)
    if _is_size(limit) and 0 < int(limit) < int(value):
        raise LocalProtocolError(sentences.DECLARED_TOO_BIG.format(size=value, limit=limit), replies.MESSAGE_TOO_BIG)


def _is_size(text: str) -> bool:
    # RFC 1870 3: size-value = 1*20DIGIT. `isdigit` alone would also take the digits of other scripts.
    return text.isascii() and text.isdigit() and len(text) <= 20


# RFC 6152 2: body-value = "7BIT" / "8BITMIME". A third, BINARYMIME, belongs to an extension that we do not have (RFC
# 3030). 7BIT is what a MAIL without BODY means.
_BODIES = ("7BIT", "8BITMIME")


def _check_body(value: str | None, offered: str) -> None:
    if (value or "").upper() not in _BODIES:
        raise refusal(sentences.BAD_BODY)


def _check_no_value(value: str | None, offered: str) -> None:
    if value is not None:
        raise refusal(sentences.NO_VALUE)


# The columns are those of `Extension`, and of `Parameter` inside it. The number in a row of a parameter is by how much
# it lengthens the line: RFC 1870 3, RFC 6152 2 and RFC 6531 3.1 say so. An extension without parameters changes how the
# two sides talk: PIPELINING is read in `client`, and ENHANCEDSTATUSCODES in `server`.
EXTENSIONS: Mapping[str, Extension] = {
    extension.keyword: extension
    for extension in (
        Extension("PIPELINING", "RFC 2920", "Commands may be sent in groups, without waiting for each reply."),
        Extension("SIZE", "RFC 1870", "The client may declare the size of the message.",
                  (Parameter("MAIL", "SIZE", 26, _check_size),)),
        Extension("8BITMIME", "RFC 6152", "The message may hold octets above 127.",
                  (Parameter("MAIL", "BODY", 17, _check_body, _BODIES),)),
        Extension("SMTPUTF8", "RFC 6531", "Addresses and header fields may be UTF-8.",
                  (Parameter("MAIL", "SMTPUTF8", 10, _check_no_value, None),)),
        Extension("ENHANCEDSTATUSCODES", "RFC 2034", "Replies carry a second, finer code."),
    )
}  # fmt: skip
# The row of each parameter, with the extension that brings it, by verb and keyword.
_PARAMETERS: Mapping[tuple[str, str], tuple[Parameter, str]] = {
    (verb, parameter.keyword): (parameter, extension.keyword)
    for extension in EXTENSIONS.values()
    for parameter in extension.parameters
    for verb in parameter.verbs
}

# The verbs whose commands can use an extension. `check_allowed` has nothing to check for the others, and to call it for
# NOOP would cost a server a tenth of its work.
EXTENSIBLE_VERBS = frozenset({*OPENINGS, "RCPT", "VRFY", "EXPN"})

# RFC 2920 3.1: these may stand anywhere in a group of commands that are sent at once; every other command is the last
# of its group, because what follows depends on its reply: EHLO says what may be used, DATA whether a message may come.
MAY_BE_FOLLOWED = frozenset({"RSET", *OPENINGS, "RCPT"})

# RFC 5321 4.5.3.1.4: 512 octets a command line, CRLF included; parameters lengthen the line of their verb.
# Here: also where their extension is not in force. The line then is refused for its parameter, which says more.
COMMAND_OCTETS = 512
LINE_OCTETS: Mapping[str, int] = {
    verb: COMMAND_OCTETS
    + sum(row.octets for extension in EXTENSIONS.values() for row in extension.parameters if verb in row.verbs)
    for verb in (*OPENINGS, "RCPT")
}
"""How many octets a command line may have, for the verbs that may have more than `COMMAND_OCTETS`."""
LONGEST_LINE = max(LINE_OCTETS.values())


def ehlo_lines(offer: Offer) -> tuple[str, ...]:
    """Return the lines that follow the first one in the EHLO reply, one keyword each (RFC 5321 4.1.1.1).

    >>> ehlo_lines({"PIPELINING": "", "SIZE": "1000"})
    ('PIPELINING', 'SIZE 1000')
    """
    return tuple(f"{keyword} {text}" if text else keyword for keyword, text in offer.items())


def parse_ehlo_lines(lines: tuple[str, ...]) -> Offer:
    """Read from an EHLO reply what the server offers; the first line greets. Keywords are not case-sensitive.

    RFC 5321 4.1.1.1: ehlo-line = ehlo-keyword *( SP ehlo-param ). A line without a keyword offers nothing.
    """
    words = (line.partition(" ") for line in lines[1:])
    return {keyword.upper(): text for keyword, _, text in words if keyword}


def is_international(addresses: Iterable[Path | str], content: bytes = b"") -> bool:
    """True if a message needs SMTPUTF8: an address or its header section is not ASCII (RFC 6531 1.2, RFC 6532 3).

    Args:
        addresses: those of the envelope, and of the header section where they are not in `content`.
        content: the message, or as much of it as there is; lines end in CRLF, and an empty one ends the header section.

    Raises:
        LocalProtocolError: with 554, if the header section is neither ASCII nor UTF-8: no extension carries that.
    """
    if not content.isascii():
        end = 0 if content.startswith(b"\r\n") else content.find(b"\r\n\r\n")
        # RFC 5322 2.1: an empty line ends the header section. Without one, all of the message is its header section.
        header_section = content if end < 0 else content[:end]
        if not header_section.isascii():
            check_header_section(header_section)
            return True
    return not all(each.isascii() if isinstance(each, str) else each.is_ascii for each in addresses)


def check_header_section(header_section: bytes, *, whole: bool = True) -> None:
    """Raise `LocalProtocolError` with 554 if a header section is neither ASCII nor UTF-8: no extension carries that.

    Args:
        header_section: its octets, without the body.
        whole: False for the beginning of one, which may end within a letter.
    """
    try:
        utf_8_decode(header_section, "strict", whole)
    except UnicodeDecodeError:
        raise LocalProtocolError(sentences.HEADER_NOT_UTF_8, replies.CONTENT_REFUSED) from None


def check_allowed(command: Command, in_force: Offer, transaction: Opening | None) -> None:
    """Check that a command uses only what the extensions in force allow.

    Args:
        command: any command; only those with a path, and VRFY and EXPN, can offend.
        in_force: what the EHLO reply offered; `NO_EXTENSIONS` after HELO.
        transaction: the command that opened the transaction, whose SMTPUTF8 also covers the recipients.

    Raises:
        LocalProtocolError: with 555 for a parameter that is not on offer (RFC 5321 4.1.1.11), 501 for a wrong value,
            552 for a declared size beyond the limit (RFC 1870 6.1), 553 for an address that needs SMTPUTF8 (RFC 6531
            3.5), 504 for VRFY or EXPN with SMTPUTF8 that is not on offer (RFC 5321 4.3.2).
    """
    if isinstance(command, WithPath):
        # RFC 5321 4.1.1.11: a parameter may be used only if the extension that brings it was offered. One that nobody
        # has heard of and one that is not on offer get the same reply, because to the client they are the same.
        for keyword, value in command.parameters:
            row, extension = _PARAMETERS.get((command.verb, keyword), (None, ""))
            if row is None or extension not in in_force:
                sentence = sentences.NOT_ON_OFFER.format(verb=command.verb, keyword=keyword)
                raise LocalProtocolError(sentence, replies.PARAMETER_NOT_RECOGNIZED)
            row.rule(value, in_force[extension])
        # RFC 6531 3.5: MAIL speaks for itself, since its transaction has not begun; RCPT stands in that of a MAIL.
        if not command.path.is_ascii:
            _check_international(command, command if isinstance(command, Opening) else transaction)
    elif isinstance(command, Lookup):
        _check_lookup(command, in_force)


def _check_international(command: WithPath, transaction: Opening | None) -> None:
    """Check that an address which is not ASCII stands in a transaction with SMTPUTF8 (RFC 6531 3.5)."""
    if transaction is None or not transaction.smtputf8:
        raise LocalProtocolError(
            sentences.ADDRESS_NOT_ASCII.format(address=command.path.address), replies.NON_ASCII_ADDRESS
        )


def _check_lookup(command: Lookup, in_force: Offer) -> None:
    """Check that VRFY and EXPN have SMTPUTF8 where it is on offer, and where it is needed (RFC 6531 3.7.4.2)."""
    if command.smtputf8 and "SMTPUTF8" not in in_force:
        raise LocalProtocolError(
            sentences.LOOKUP_NOT_ON_OFFER.format(verb=command.verb), replies.PARAMETER_NOT_IMPLEMENTED
        )
    if not (command.smtputf8 or command.string.isascii()):
        raise LocalProtocolError(
            sentences.LOOKUP_NOT_ASCII.format(verb=command.verb, string=command.string), replies.NON_ASCII_ADDRESS
        )
