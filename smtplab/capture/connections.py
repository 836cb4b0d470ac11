"""Sort captured segments by TCP connection, and find those that speak SMTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from .headers import Address, Flag, Segment
from .streams import Direction, Piece, in_order

Endpoint = tuple[Address, int]
"""An IP address and a port."""

SMTP_PORTS = (25, 587, 2525)
"""Where mail servers listen: transport, submission, and the port of `smtplab serve`."""

# How far a SYN may be behind the first octets that were captured before it, on their way past each other.
_REORDERED = 1 << 24
_REPLY = re.compile(rb"(?:^|\n)[2-5][0-9]{2}[ -]")
_COMMAND = re.compile(rb"(?:^|\n)(?:EHLO|HELO|MAIL FROM:|RCPT TO:)", re.IGNORECASE)
_GREETING = re.compile(rb"220[ -][^\n]*SMTP", re.IGNORECASE)
_ENOUGH = 1 << 12  # pieces and octets of each side in which to look for SMTP


@dataclass(slots=True, eq=False)
class TcpConnection:
    """One TCP connection in a capture.

    Attributes:
        first, second: its endpoints; the first sent the first segment in the capture.
        began: when that was, in nanoseconds since 1970.
        caller: the endpoint that opened it; None if that was not captured.
    """

    first: Endpoint
    second: Endpoint
    began: int
    caller: Endpoint | None = None
    _directions: dict[Endpoint, Direction] = field(default_factory=dict)

    def direction(self, sender: Endpoint) -> Direction:
        """Return what one endpoint sent."""
        return self._directions.setdefault(sender, Direction())

    def other(self, endpoint: Endpoint) -> Endpoint:
        """Return the other endpoint."""
        return self.second if endpoint == self.first else self.first

    def take(self, segment: Segment, time: int) -> None:
        """Take a segment of this connection, in the order of the capture."""
        ours, theirs = self.direction(segment.source), self.direction(segment.target)
        heard = None
        if Flag.ACK in segment.flags and Flag.RST not in segment.flags:
            heard = theirs.position(segment.ack)
            theirs.acknowledge(heard)
        if Flag.SYN in segment.flags:
            ours.open(segment.seq)
            self.caller = segment.target if heard is not None else segment.source
            if heard is not None:
                theirs.opened_before(heard)
        ours.take(segment, heard, time)

    def is_opened_again_by(self, segment: Segment) -> bool:
        """Return True if a segment with a SYN opens another connection between the same endpoints."""
        ours = self.direction(segment.source)
        if ours.opening is not None:
            return ours.opening != segment.seq
        if Flag.ACK in segment.flags:
            return False
        ahead = (ours.seen - segment.seq) % (1 << 32) if ours.seen is not None else 0
        return ahead > _REORDERED

    @property
    def has_beginning(self) -> bool:
        """True if the capture tells which octet of either side was the first, or holds a call that was not answered."""
        both = [self.direction(self.first), self.direction(self.second)]
        return all(each.has_beginning or not each.pieces() for each in both) and self.caller is not None

    @property
    def client(self) -> Endpoint:
        """The endpoint that opened the connection; if that was not captured, the one that does not look like a server.

        A server listens on a port of SMTP, or it speaks as a server does, or it has the lower port.
        """
        if self.caller is not None:
            return self.caller
        rules: tuple[Callable[[Endpoint], bool], ...] = (
            lambda endpoint: endpoint[1] in SMTP_PORTS,
            lambda endpoint: _REPLY.search(self._beginning(endpoint)) is not None,
            lambda endpoint: endpoint[1] < self.other(endpoint)[1],
        )
        for is_server in rules:
            if is_server(self.first) != is_server(self.second):
                return self.second if is_server(self.first) else self.first
        return self.first

    @property
    def speaks_smtp(self) -> bool:
        """True if the server listens on a port of SMTP, or the octets read as SMTP."""
        client, server = self.client, self.other(self.client)
        if server[1] in SMTP_PORTS:
            return True
        said, heard = self._beginning(client), self._beginning(server)
        return _GREETING.match(heard) is not None or bool(_COMMAND.search(said) and _REPLY.search(heard))

    def _beginning(self, sender: Endpoint) -> bytes:
        pieces = self.direction(sender).pieces()[:_ENOUGH]
        return b"".join(piece.data for piece in pieces)[:_ENOUGH]

    def pieces(self) -> Iterator[tuple[bool, Piece]]:
        """Yield what was sent, in order; True stands for the client's octets."""
        ours = self.direction(self.client)
        for direction, piece in in_order(ours, self.direction(self.other(self.client))):
            yield direction is ours, piece


def connections_in(segments: Iterable[tuple[int, Segment]]) -> list[TcpConnection]:
    """Return the connections in a capture, in the order in which they began.

    Args:
        segments: the segments in the order of the capture, each with its time in nanoseconds.
    """
    found: list[TcpConnection] = []
    current: dict[frozenset[Endpoint], TcpConnection] = {}
    for time, segment in segments:
        if segment.source == segment.target:
            continue  # forged: nobody calls from the port where he listens
        key = frozenset((segment.source, segment.target))
        connection = current.get(key)
        if connection is None or (Flag.SYN in segment.flags and connection.is_opened_again_by(segment)):
            current[key] = connection = TcpConnection(segment.source, segment.target, time)
            found.append(connection)
        connection.take(segment, time)
        connection.began = min(connection.began, time)
    return sorted(found, key=lambda connection: connection.began)
