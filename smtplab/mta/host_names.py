"""Check the names of hosts in a configuration: each is said to other hosts, in a greeting, a reply or a report."""

from __future__ import annotations

from ..base.domains import to_ascii
from ..protocol.grammar import Path, check_domain
from ..protocol.replies import ProtocolError
from . import sentences


def own_name(text: str) -> str:
    """Return the name by which a host calls itself, in A-labels (RFC 5321 4.1.2, RFC 6531 3.7.1).

    Args:
        text: a domain, also one that is not ASCII, or an address literal.

    Raises:
        ValueError: if it is neither, or has no A-labels.
    """
    name = to_ascii(text)
    if not name.isascii():
        raise ValueError(sentences.NO_A_LABELS.format(domain=text))
    try:
        return check_domain(name, strict=True)
    except ProtocolError as error:
        raise ValueError(sentences.NOT_A_HOST_NAME.format(name=text, reason=error)) from None


def zone_name(text: str) -> str:
    """Return a name of a zone as it is. Unlike a host's own name, it may have an underscore, and a dot at its end.

    Raises:
        ValueError: if no address can have it for a domain.
    """
    try:
        Path("anybody", text.removesuffix("."))
    except ProtocolError as error:
        raise ValueError(sentences.NOT_A_HOST_NAME.format(name=text, reason=error)) from None
    return text
