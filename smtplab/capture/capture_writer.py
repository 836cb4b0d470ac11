"""Write transcripts as a capture: each becomes a TCP connection with handshake, acknowledgments and end.

What a transcript does not say is made up, the same on every run: addresses for names, the clients' ports, the first
sequence numbers, the size of segments. Rows of one side that have the same time were sent at once, and share segments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import chain, groupby
from math import isfinite
from operator import itemgetter
from os import PathLike
from typing import Protocol

from ..protocol.states import State
from ..transcript import Side, Transcript
from . import sentences
from .captured_session import CapturedSession
from .connections import Endpoint
from .files import pcap
from .headers import Address, Flag, Segment, ip_packet, largest_segment

SMTP_PORT = 25
# For names without an address: nets that are reserved for tests (RFC 2544 C.2.2) and for documentation (RFC 3849).
_FIRST_IPV4, _FIRST_IPV6 = IPv4Address("198.18.0.1"), IPv6Address("2001:db8::1")
_FIRST_PORT, _LOWEST_PORT, _PORTS = 49152, 1024, 65536  # ephemeral ports (RFC 6335 6), then those below them
_MICROSECONDS = 1_000_000
_LAST_TIME = 2**32  # pcap has 32 bits for the seconds
_OTHER = {Side.CLIENT: Side.SERVER, Side.SERVER: Side.CLIENT}


class _Held(Protocol):
    """A session, a conversation of the lab, or a session of a capture."""

    @property
    def transcript(self) -> Transcript: ...


def write_capture(
    path: str | PathLike[str],
    sources: Transcript | _Held | Iterable[Transcript | _Held],
    *,
    port: int = SMTP_PORT,
    addresses: Mapping[str, str] | None = None,
    epoch: float = 0.0,
) -> None:
    """Write transcripts to a pcap file, to look at them in Wireshark; "follow stream" there shows their octets.

    Each transcript becomes a TCP connection; several lie in one file, in the order of time. The times of the rows count
    from the time at which the connection began, the `began` of a conversation. A row without a time has that of the row
    before. Notes are not on the wire, and a transcript without any octets becomes a call that nobody answers.

    Args:
        path: the file to write.
        sources: a transcript, a session, or several of them, such as ``lab.conversations`` or what `read_capture`
            returns. Their `client`, `server`, `client_port`, `server_port` and `began` are used where they have them.
        port: where the servers listen, unless a source has a port of its own: 25, or 587 for submission.
        addresses: the IP addresses of hosts by name; a host that is not named gets one from a net for tests.
        epoch: when the clock of `began` stood at 0, in seconds since 1970.

    Raises:
        TypeError: if a source has no transcript.
        ValueError: if a port, an address or a time does not fit into a capture; the sentence says which.
        OSError: if the file cannot be written.
    """
    held = [sources] if isinstance(sources, Transcript) or hasattr(sources, "transcript") else list(sources)
    packets = packets_of(held, port=port, addresses=addresses, epoch=epoch)
    with open(path, "wb") as file:
        file.writelines(pcap(packets))


def packets_of(
    sources: Iterable[object],
    *,
    port: int = SMTP_PORT,
    addresses: Mapping[str, str] | None = None,
    epoch: float = 0.0,
) -> list[tuple[int, bytes]]:
    """Return the packets that `write_capture` writes, in order: microseconds since 1970, and the octets.

    The arguments and errors are those of `write_capture`.
    """
    network = _Addresses(_checked(port), addresses or {})
    packets = chain.from_iterable(_packets(_call(each), network, epoch) for each in sources)
    return sorted(packets, key=itemgetter(0))  # packets of the same time stay in their order


def _call(source: object) -> CapturedSession:
    """Return a source with its place on the network, as far as it has one."""
    if callable(poll := getattr(source, "poll", None)):
        poll()  # a session may have heard something that is not in its transcript yet
    source = getattr(source, "conversation", source)  # a session of the lab names both hosts there
    transcript = source if isinstance(source, Transcript) else getattr(source, "transcript", None)
    if not isinstance(transcript, Transcript):
        raise TypeError(sentences.NO_TRANSCRIPT.format(kind=type(source).__name__))
    client, server = (_text(source, name) for name in ("client", "server"))
    client_port, server_port, began = (_number(source, name) for name in ("client_port", "server_port", "began"))
    return CapturedSession(transcript, client, server, int(client_port), int(server_port), began)


def _text(source: object, name: str) -> str:
    value = getattr(source, name, None)
    return value if isinstance(value, str) and value else name


def _number(source: object, name: str) -> float:
    value = getattr(source, name, 0)
    return value if isinstance(value, int | float) else 0


def _checked(port: int) -> int:
    if not isinstance(port, int) or not 0 < port < _PORTS:
        raise ValueError(sentences.NOT_A_PORT.format(port=port))
    return port


class _Addresses:
    """Gives hosts their addresses, and clients their ports.

    Args:
        port: where servers listen by default.
        addresses: the addresses of hosts by name.
    """

    def __init__(self, port: int, addresses: Mapping[str, str]) -> None:
        self._port = port
        self._known = {name.lower(): _address(name, text) for name, text in addresses.items()}
        self._used: set[tuple[Endpoint, Endpoint]] = set()
        self._next_port: dict[tuple[Address, Endpoint], int] = {}

    def endpoints(self, session: CapturedSession) -> tuple[Endpoint, Endpoint]:
        """Return the endpoints of the client and of the server, which no other connection of the file has."""
        names = session.client, session.server
        client, server = map(self._find, names)
        version = (client or server or _FIRST_IPV4).version
        one, other = client or self._assign(names[0], version), server or self._assign(names[1], version)
        if one.version != other.version:
            raise ValueError(sentences.TWO_FAMILIES.format(client=names[0], server=names[1]))
        target = other, _checked(session.server_port or self._port)
        wanted = one, session.client_port
        if not session.client_port or (wanted, target) in self._used:
            wanted = one, self._free_port(session, one, target)
        self._used.add(((one, _checked(wanted[1])), target))
        return wanted, target

    def _find(self, name: str) -> Address | None:
        if name.lower() in self._known:
            return self._known[name.lower()]
        try:
            return ip_address(name)
        except ValueError:
            return None

    def _assign(self, name: str, version: int) -> Address:
        """Give a host without an address one that nobody has."""
        taken, address = set(self._known.values()), _FIRST_IPV4 if version == 4 else _FIRST_IPV6
        number = sum(each.version == version for each in taken)
        candidates: Iterator[Address] = (address + offset for offset in range(number, number + len(taken) + 1))
        self._known[name.lower()] = found = next(each for each in candidates if each not in taken)
        return found

    def _free_port(self, session: CapturedSession, client: Address, server: Endpoint) -> int:
        way = client, server
        for _ in range(_LOWEST_PORT, _PORTS):
            port = self._next_port.get(way, _FIRST_PORT)
            self._next_port[way] = port + 1 if port + 1 < _PORTS else _LOWEST_PORT
            if ((client, port), server) not in self._used:
                return port
        raise ValueError(sentences.TOO_MANY.format(client=session.client, server=session.server, port=server[1]))


def _address(name: str, text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        raise ValueError(sentences.NOT_AN_ADDRESS.format(address=text, name=name)) from None


def _packets(session: CapturedSession, network: _Addresses, epoch: float) -> Iterator[tuple[int, bytes]]:
    """Yield the packets of one connection: microseconds since 1970, and the octets."""
    client, server = network.endpoints(session)
    wire = _Numbering(client, server, number=client[1] * 64_000 % 2**32)
    begin = _moment(epoch + session.began)
    sent = {Side.CLIENT: 0, Side.SERVER: 0}
    for time, segment in _segments(session.transcript, wire):
        side = Side.CLIENT if segment.source == client else Side.SERVER
        yield _within(begin + time), ip_packet(segment, sent[side])
        sent[side] += 1


def _moment(seconds: float) -> int:
    """Return seconds since 1970 as microseconds."""
    if not isfinite(seconds):
        raise ValueError(sentences.NOT_A_TIME.format(time=seconds))
    return round(seconds * _MICROSECONDS)


def _within(time: int) -> int:
    if not 0 <= time < _LAST_TIME * _MICROSECONDS:
        raise ValueError(sentences.NOT_A_TIME.format(time=time / _MICROSECONDS))
    return time


class _Numbering:
    """Numbers the segments of a connection.

    Args:
        client: the endpoint that opens it.
        server: the other.
        number: the client's first sequence number.
    """

    def __init__(self, client: Endpoint, server: Endpoint, number: int) -> None:
        self._endpoints = {Side.CLIENT: client, Side.SERVER: server}
        self._seq = {Side.CLIENT: number, Side.SERVER: (number + 2**31) % 2**32}
        self.largest = largest_segment(client[0])

    def segment(self, side: Side, flags: Flag, data: bytes = b"") -> Segment:
        """Return the next segment of one side; it acknowledges all that the other has sent."""
        seq, other = self._seq[side], _OTHER[side]
        counted = len(data) + bool(flags & (Flag.SYN | Flag.FIN))
        self._seq[side] = (seq + counted) % 2**32
        return Segment(self._endpoints[side], self._endpoints[other], seq, self._seq[other], flags, data)


def _segments(transcript: Transcript, wire: _Numbering) -> Iterator[tuple[int, Segment]]:
    """Yield the segments of a connection, each with its time in microseconds since it began."""
    pieces = list(_pieces(transcript, wire.largest))
    yield 0, wire.segment(Side.CLIENT, Flag.SYN)
    if not pieces:
        return
    yield 0, wire.segment(Side.SERVER, Flag.SYN | Flag.ACK)
    yield 0, wire.segment(Side.CLIENT, Flag.ACK)
    for (time, side, data), after in zip(pieces, [*pieces[1:], None], strict=True):
        yield time, wire.segment(side, Flag.PSH | Flag.ACK, data)
        if after is None or after[1] is side:  # else what the other side says next acknowledges it
            yield time, wire.segment(_OTHER[side], Flag.ACK)
    time = pieces[-1][0]
    # A server that has said 221 or 421 closes the connection; otherwise the client leaves.
    closes = Side.SERVER if transcript.state is State.CLOSED and pieces[-1][1] is Side.SERVER else Side.CLIENT
    yield time, wire.segment(closes, Flag.FIN | Flag.ACK)
    yield time, wire.segment(_OTHER[closes], Flag.FIN | Flag.ACK)
    yield time, wire.segment(closes, Flag.ACK)


def _pieces(transcript: Transcript, largest: int) -> Iterator[tuple[int, Side, bytes]]:
    """Yield the data of each segment, with its time in microseconds and its side."""
    for (time, side), group in groupby(_octets(transcript), key=lambda each: each[:2]):
        data = b"".join(octets for _, _, octets in group)
        for at in range(0, len(data), largest):
            yield time, side, data[at : at + largest]


def _octets(transcript: Transcript) -> Iterator[tuple[int, Side, bytes]]:
    """Yield the octets of each row, and of the lines that have no end yet; their times never go back."""
    time = 0
    for row in transcript:
        if row.side is not Side.NOTE:
            if row.time is not None and isfinite(row.time):
                time = max(time, round(row.time * _MICROSECONDS))
            yield time, row.side, row.data
    for side in _OTHER:
        yield time, side, transcript.unfinished(side)
