"""Resolve the addresses of a host, and refuse those of other machines. Nothing is connected here.

Mail leaves this machine only if the caller allows it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

from ..client.outcomes import ConnectionLost
from . import sentences
from .arguments import check_name, check_port_type

# The address family and the address of each endpoint of a host, as `socket` takes them.
Endpoints = list[tuple[int, tuple[Any, ...]]]


class RemoteAddressRefused(ConnectionLost):
    """The address belongs to another machine, and the caller has not allowed mail to leave this one."""

    permanent = True


def check_reach(host: str, port: int, *, allow_remote: bool = False) -> None:
    """Check that a host has an address to which mail may go. Nothing is sent.

    Args:
        host: a name or an address.
        port: 1 to 65535.
        allow_remote: without it only loopback addresses pass, so nobody sends real mail by accident.

    Raises:
        RemoteAddressRefused: if the host is not loopback and `allow_remote` is not set.
        ConnectionLost: if there is no such host.
        TypeError: if the host is not text, or the port is not a number.
    """
    resolve(host, port, allow_remote=allow_remote)


def resolve(host: str, port: int, *, allow_remote: bool) -> Endpoints:
    """Return the checked endpoints of a host. The system's resolver may block."""
    _check_types(host, port)
    _check_port(port)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _no_such_host(host, error) from None
    return _checked(host, found, allow_remote)


async def resolve_async(host: str, port: int, *, allow_remote: bool) -> Endpoints:
    """Return the checked endpoints of a host without blocking the event loop.

    An address and ``localhost`` are resolved at once. Any other name goes to the loop's resolver, which calls the
    system's resolver in a thread.
    """
    _check_types(host, port)
    _check_port(port)
    try:
        try:
            # RFC 6761 6.3: localhost is this machine, so the system finds it without asking anybody.
            flags = 0 if host.lower() == "localhost" else socket.AI_NUMERICHOST
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
        except socket.gaierror:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _no_such_host(host, error) from None
    return _checked(host, found, allow_remote)


def no_connection(host: str, port: int, error: OSError, seconds: float) -> ConnectionLost:
    """Return the error that says why there is no connection.

    Args:
        host, port: what was called.
        error: what the system said.
        seconds: how long it was tried.
    """
    if isinstance(error, TimeoutError):
        return ConnectionLost(sentences.NO_ANSWER.format(host=host, port=port, seconds=seconds))
    if isinstance(error, ConnectionRefusedError):
        return ConnectionLost(sentences.NOBODY_LISTENS.format(host=host, port=port))
    return ConnectionLost(sentences.CANNOT_CONNECT.format(host=host, port=port, reason=error.strerror or error))


def _check_types(host: object, port: object) -> None:
    """Raise `TypeError` for a host that is not text or a port that is not a number; the resolver takes None for any."""
    check_name(host, example="127.0.0.1")
    check_port_type(port, example=2525)


def _check_port(port: int) -> None:
    if not 0 < port < 65536:  # the resolver would take it modulo 65536
        raise ConnectionLost(sentences.NO_PORT.format(port=port))


def _no_such_host(host: str, error: Exception) -> ConnectionLost:
    reason = getattr(error, "strerror", None) or error
    return ConnectionLost(sentences.NO_HOST.format(host=host, reason=reason))


def _checked(host: str, found: list[Any], allow_remote: bool) -> Endpoints:
    remote = [info[4][0] for info in found if not ipaddress.ip_address(info[4][0]).is_loopback]
    if remote and not allow_remote:
        raise RemoteAddressRefused(sentences.REMOTE.format(host=host, address=remote[0]))
    return [(info[0], info[4]) for info in found]
