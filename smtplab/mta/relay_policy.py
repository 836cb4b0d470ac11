"""Decide for whom a host takes mail for other domains. A host that takes it from anybody is an open relay."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from ..base.domains import host_key
from ..protocol.grammar import Path
from ..protocol.replies import ProtocolError
from . import sentences

_IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class RelayPolicy:
    """The clients and senders whose mail for other domains is taken; the mail of all others gets 550.

    Mail for the host's own users is always taken, also where an alias or a forward leads elsewhere.

    Args:
        networks: addresses and networks of clients, such as ``127.0.0.1`` or ``192.0.2.0/24``.
        senders: reverse-paths, such as ``alice@lab.example``. A client can claim any: a reverse-path proves nothing.

    Raises:
        ValueError: if one is not a network or an address, or not the address of a sender.
    """

    def __init__(self, networks: Iterable[str] = (), senders: Iterable[str] = ()) -> None:
        self._networks = tuple(_network(text) for text in networks)
        self._senders = frozenset(_sender(text) for text in senders)

    def __or__(self, other: RelayPolicy) -> RelayPolicy:
        """Return the policy that allows what either of two allows."""
        both = RelayPolicy()
        both._networks, both._senders = self._networks + other._networks, self._senders | other._senders
        return both

    def allows(self, peer: str, reverse_path: Path) -> bool:
        """Return True if a client's mail for other domains is taken.

        Args:
            peer: the client's address; empty if it has none.
            reverse_path: the sender that it names.
        """
        if not reverse_path.is_null and _key(reverse_path) in self._senders:
            return True
        address = _address(peer)
        return address is not None and any(address in network for network in self._networks)


def _network(text: str) -> _IpNetwork:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(sentences.NOT_A_NETWORK.format(text=text)) from None
    raise ValueError(sentences.NETWORK_MEANT.format(text=text, meant=meant))


def _sender(text: str) -> tuple[str, str]:
    try:
        return _key(Path.parse(text))
    except ProtocolError as error:
        raise ValueError(sentences.NOT_A_SENDER.format(text=text, reason=error)) from None


def _key(path: Path) -> tuple[str, str]:
    return path.local_part, host_key(path.domain)


def _address(peer: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)  # as an IPv6 socket shows a client of IPv4
    return mapped or address
