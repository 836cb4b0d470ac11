"""Check a server from a notebook: a class of the student's own, or a server that listens at an address."""

from __future__ import annotations

from typing import Any

from ..report import ConformanceReport
from .memory_peer import MemoryPeer
from .server_peer import ServerPeer
from .server_rules import MAILBOX, ServerCheck


def check_conformance(server: Any, *, mailbox: str = MAILBOX, all: bool = False) -> ConformanceReport:
    """Run a server against the rules of RFC 5321, and return the report.

    Args:
        server: a class, or a function, that makes an object with ``feed(octets) -> octets`` for each session, or such
            an object; an address, host and port; or a server of `smtplab.serve` that has been started.
        mailbox: an address that it takes mail for.
        all: True to go on after a stage with a rule that fails.

    Returns:
        The report; if the run is interrupted, that of the rules until then.

    Raises:
        TypeError: if it is no server.
        ConnectionLost: if nobody listens at the address.
    """
    check = ServerCheck(_peer(server, mailbox), mailbox)
    try:
        for _ in check.run(all=all):
            pass
    except KeyboardInterrupt:
        return check.report(complete=False)
    return check.report()


def _peer(server: Any, mailbox: str) -> ServerPeer:
    address = server if isinstance(server, tuple) else getattr(server, "address", None)
    if not (isinstance(address, tuple) and len(address) == 2):
        return MemoryPeer(server)
    from .tcp_peer import TcpPeer

    store = getattr(getattr(server, "handler", None), "store", None)
    if store is None:
        return TcpPeer(*address)
    return TcpPeer(*address, messages=lambda: list(store.messages(mailbox.rpartition("@")[0])))
