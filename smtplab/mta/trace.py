"""Trace information, RFC 5321 4.4: Return-Path, Received and Delivered-To fields, and what they say of loops.

It makes and reads header fields as octets. Dates and names come in as arguments; it uses no clock and no resolver.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from ..base.domains import address_to_ascii, to_ascii
from ..protocol.abnf import ADDRESS_LITERAL, DOMAIN
from ..protocol.grammar import Path
from . import sentences

# RFC 5321 6.3: a server that counts Received fields uses a large limit, "normally at least 100".
HOP_LIMIT = 100

# RFC 5322 2.1.1: a line should have at most 78 characters, without its CRLF.
_COLUMNS = 78
_FOLD = "\r\n        "

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE = timedelta(minutes=1)
_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))  # a look-up takes a fifth of the time of the format

# RFC 5321 4.4: Extended-Domain begins with a domain or an address literal.
_DOMAIN = re.compile(f"{DOMAIN}|{ADDRESS_LITERAL}")

# Only CRLF ends a line. Blanks before the colon are the obsolete form of RFC 5322 4.5, which a reader accepts.
# It reads a header section in small letters, behind a CRLF. One that ignores case takes five times as long, because it
# has no octets of its own to look for first.
_RECEIVED = re.compile(rb"\r\nreceived[ \t]*:")
_RETURN_PATH = re.compile(rb"(?:\A|(?<=\r\n))return-path[ \t]*:.*?(?:\r\n(?![ \t])|\Z)", re.IGNORECASE | re.DOTALL)


def format_date(moment: datetime) -> str:
    """Return `moment` as an RFC 5322 3.3 date-time, such as ``Fri, 6 Aug 2004 10:25:00 -0400``.

    Args:
        moment: an aware datetime; its own UTC offset is shown.

    Raises:
        ValueError: if `moment` has no UTC offset. The machine's time zone is never assumed.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(sentences.NO_TIME_ZONE.format(date=moment.isoformat()))
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day} {_MONTHS[moment.month - 1]} {moment.year:04}"
        f" {_TWO_DIGITS[moment.hour]}:{_TWO_DIGITS[moment.minute]}:{_TWO_DIGITS[moment.second]}"
        f" {_zone(offset) if offset else '+0000'}"
    )


def _zone(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // _MINUTE, 60)
    return f"{'-' if offset < timedelta() else '+'}{hours:02}{minutes:02}"


def return_path(path: Path) -> bytes:
    """Return the Return-Path field, which final delivery puts first: the reverse-path of the envelope, or ``<>``."""
    return f"Return-Path: {path}\r\n".encode()


def received(
    *,
    helo: str,
    peer: str,
    host: str,
    protocol: str,
    queue_id: str,
    date: datetime,
    recipients: Sequence[Path] = (),
) -> bytes:
    """Return the Received field that a server puts before a message it takes (RFC 5321 4.4, Time-stamp-line).

    Args:
        helo: the name that the client gave in HELO or EHLO. The address of the peer replaces it if it is not a domain,
            which a lenient server allows. A domain that is not ASCII stands in A-labels.
        peer: the IP address that the connection came from; empty if there is none.
        host: the name of the server.
        protocol: ``SMTP``, ``ESMTP`` or a later name such as ``UTF8SMTP`` (RFC 6531 4.3).
        queue_id: the name under which the server keeps the message: an atom.
        date: the time of arrival; an aware datetime.
        recipients: the forward-paths. A single one is named. Several are not, because recipients of a blind copy must
            not see each other (RFC 5321 7.2). One that is not ASCII is not either, because no next hop without SMTPUTF8
            could take a message with that field.
    """
    literal = _address_literal(peer)
    # In A-labels (RFC 6531 3.7.3), so that a next hop without SMTPUTF8 can take the message, too. A name without
    # A-labels is allowed only in a message that was sent with SMTPUTF8.
    name = to_ascii(helo)
    named = _DOMAIN.fullmatch(helo) and (name.isascii() or protocol.startswith("UTF8"))
    pieces = [f"Received: from {name if named else literal or 'unknown'}"]
    if literal:
        pieces.append(f"({literal})")
    pieces += (f"by {host}", f"with {protocol}", f"id {queue_id}")
    if len(recipients) == 1 and recipients[0].domain and (address := address_to_ascii(recipients[0].address)).isascii():
        pieces.append(f"for <{address}>")
    pieces[-1] += ";"
    pieces.append(format_date(date))
    return _fold(pieces).encode()


def _address_literal(peer: str) -> str:
    """Return `peer` as an address literal, RFC 5321 4.1.3."""
    if not peer:
        return ""
    return f"[IPv6:{peer}]" if ":" in peer else f"[{peer}]"


def _fold(pieces: Sequence[str]) -> str:
    """Join `pieces` with spaces into lines of at most 78 columns; a longer piece stays whole on its own line."""
    field, column = pieces[0], len(pieces[0])
    for piece in pieces[1:]:
        column += 1 + len(piece)
        if column <= _COLUMNS:
            field += f" {piece}"
        else:
            field += _FOLD + piece
            column = len(_FOLD) - 2 + len(piece)
    return field + "\r\n"


def header_end(content: bytes) -> int:
    """Return where the header section of `content` ends: after its last line, before the empty one."""
    if content.startswith(b"\r\n"):
        return 0
    end = content.find(b"\r\n\r\n")
    return len(content) if end < 0 else end + 2


def count_received(content: bytes) -> int:
    """Count the Received fields in the header section of `content`, which are its hops so far (RFC 5321 6.3).

    `content` is a header section or a whole message; the body does not count.
    """
    return len(_RECEIVED.findall(b"\r\n" + content[: header_end(content)].lower()))


def strip_return_path(content: bytes) -> bytes:
    """Return `content` without the Return-Path fields of its header section.

    RFC 5321 4.4: only final delivery adds this field, and a message carries one at most. So a server that delivers a
    message, or forwards a delivered one, removes older ones first. All other octets stay the same.
    """
    end = header_end(content)
    if b"return-path" not in content[:end].lower():  # nearly always, and this is soon seen
        return content
    return _RETURN_PATH.sub(b"", content[:end]) + content[end:]
