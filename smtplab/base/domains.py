"""Domains beyond ASCII: their A-labels, and one form of each for comparison (RFC 5890 2.3.2.1).

A domain such as ``bücher.example`` is written in U-labels, decomposed or composed, or in A-labels as
``xn--bcher-kva.example``. All of them name the same domain.
"""

from functools import lru_cache
from unicodedata import normalize


@lru_cache(maxsize=1024)
def to_ascii(domain: str) -> str:
    """Return a domain in A-labels, as EHLO, the greeting and trace fields need it (RFC 6531 3.7.1, 3.7.3).

    Args:
        domain: a domain or an address literal. One that is ASCII, or has no A-labels, is returned as it is.
    """
    if domain.isascii():
        return domain
    import idna  # late: few sessions need it

    try:
        return idna.encode(normalize("NFC", domain), uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain


def address_to_ascii(address: str) -> str:
    """Return an address with its domain in A-labels; a local part has no other form, so it stays (RFC 6531 3.7.4.2).

    Args:
        address: ``local-part@domain`` without brackets. The result may be longer than a path may be in a command.
    """
    if address.isascii():
        return address
    local_part, at, domain = address.rpartition("@")
    return f"{local_part}{at}{to_ascii(domain)}"


def domain_key(domain: str) -> str:
    """Return what is the same for each form of one domain: case, U-labels and A-labels do not count."""
    return to_ascii(domain).lower()


def host_key(name: str) -> str:
    """Return `domain_key` without the dot that ends a fully qualified name in a zone (RFC 1034 3.1)."""
    return domain_key(name).removesuffix(".")
