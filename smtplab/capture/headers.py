"""Take TCP segments out of captured packets, and put them into packets.

Links: Ethernet with VLAN tags, Linux cooked captures of both versions, BSD loopback, and bare IP. IPv4 (RFC 791), IPv6
with extension headers (RFC 8200), TCP (RFC 9293). Check sums are written, but not tested: a network card that computes
them itself gives captures of its own machine in which they are wrong.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntFlag
from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address

_TCP = 6
_IPV4, _IPV6 = 0x0800, 0x86DD
_VLANS = (0x8100, 0x88A8, 0x9100)
# IPv6 extension headers that say their own length in units of eight octets: hop by hop, routing, destination.
_EXTENSIONS = (0, 43, 60)
_FRAGMENT, _AUTHENTICATION = 44, 51

# Link type -> octets before the field with the protocol, and octets before what follows it.
_TYPED_LINKS = {1: (12, 14), 113: (14, 16), 276: (0, 20)}
# Link type -> octets before the IP header, whose first digit is the version.
_IP_LINKS = {0: 4, 108: 4, 12: 0, 14: 0, 101: 0, 228: 0, 229: 0}
LINKS = frozenset({*_TYPED_LINKS, *_IP_LINKS})
"""The link types that can be read."""


class Flag(IntFlag):
    """The control bits of a TCP segment (RFC 9293 3.1) that matter here."""

    FIN = 1
    SYN = 2
    RST = 4
    PSH = 8
    ACK = 16


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment.

    Args:
        source: the IP address and the port of the sender.
        target: those of the receiver.
        seq: the sequence number of its first octet.
        ack: the sequence number that the sender expects next; it counts only with the flag ACK.
        flags: its control bits.
        data: its octets, as many as were captured.
        lost: how many octets the packet had behind them that were not captured.
    """

    source: tuple[Address, int]
    target: tuple[Address, int]
    seq: int
    ack: int
    flags: Flag
    data: bytes = b""
    lost: int = 0


def segment_in(link: int, packet: bytes) -> Segment | None:
    """Return the TCP segment in a packet; None if there is none, or only a fragment of one.

    Args:
        link: the type of the link, one of `LINKS`.
        packet: its octets from the link's header on, perhaps cut.
    """
    try:
        return _segment(_without_link(link, packet))
    except struct.error:  # it was cut within a header
        return None


def _without_link(link: int, packet: bytes) -> bytes:
    """Return a packet from its IP header on; empty if it has none."""
    if link in _IP_LINKS:
        return packet[_IP_LINKS[link] :]
    field, behind = _TYPED_LINKS[link]
    (protocol,) = struct.unpack_from(">H", packet, field)
    while protocol in _VLANS:
        (protocol,) = struct.unpack_from(">H", packet, behind + 2)
        behind += 4
    return packet[behind:] if protocol in (_IPV4, _IPV6) else b""


def _segment(packet: bytes) -> Segment | None:
    version = packet[0] >> 4 if packet else 0
    if version == 4:
        return _in_ipv4(packet)
    return _in_ipv6(packet) if version == 6 else None


def _in_ipv4(packet: bytes) -> Segment | None:
    first, length, fragment, protocol = struct.unpack_from(">BxHxxHxB", packet)
    header = (first & 15) * 4
    if protocol != _TCP or fragment & 0x3FFF or header < 20:
        return None
    source, target = (IPv4Address(each) for each in struct.unpack_from(">4s4s", packet, 12))
    # A length of 0 comes from a network card that cuts large packets itself.
    return _in_tcp(source, target, packet[header : length or None], max(length - len(packet), 0))


def _in_ipv6(packet: bytes) -> Segment | None:
    length, following = struct.unpack_from(">HB", packet, 4)
    source, target = (IPv6Address(each) for each in struct.unpack_from(">16s16s", packet, 8))
    end, at = 40 + length if length else len(packet), 40
    while following != _TCP:
        if following == _FRAGMENT:
            following, place = struct.unpack_from(">BxH", packet, at)
            if place & 0xFFF9:
                return None
            at += 8
        elif following in (*_EXTENSIONS, _AUTHENTICATION):
            units = 4 if following == _AUTHENTICATION else 8
            following, count = struct.unpack_from(">BB", packet, at)
            at += 8 + count * units
        else:
            return None
    return _in_tcp(source, target, packet[at:end], max(end - len(packet), 0))


def _in_tcp(source: Address, target: Address, payload: bytes, lost: int) -> Segment | None:
    one, other, seq, ack, offset, flags = struct.unpack_from(">HHIIBB", payload)
    header = (offset >> 4) * 4
    if header < 20:
        return None
    lost = max(lost - max(header - len(payload), 0), 0)  # what is cut off may begin with options
    return Segment((source, one), (target, other), seq, ack, Flag(flags & 31), payload[header:], lost)


def ip_packet(segment: Segment, number: int) -> bytes:
    """Return a segment in an IP packet, with both check sums; a SYN names the largest segment that fits a packet.

    Args:
        segment: the segment; its addresses decide the version of IP.
        number: how many packets its sender sent before, for the field Identification of IPv4.
    """
    (source, _), (target, _) = segment.source, segment.target
    payload = _tcp(segment)
    addresses = source.packed + target.packed
    if source.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(payload), _TCP, 64) + addresses + payload
    head = struct.pack(">BBHHHBB", 0x45, 0, 20 + len(payload), number & 0xFFFF, 0x4000, 64, _TCP)  # do not fragment
    check = _check_sum(head + b"\0\0" + addresses)
    return head + struct.pack(">H", check) + addresses + payload


def largest_segment(address: Address) -> int:
    """Return how many octets of data fit into a packet of Ethernet, which holds 1,500 (RFC 9293 3.7.1)."""
    return 1460 if address.version == 4 else 1440


def _tcp(segment: Segment) -> bytes:
    (source, one), (target, other) = segment.source, segment.target
    options = struct.pack(">BBH", 2, 4, largest_segment(source)) if Flag.SYN in segment.flags else b""
    ack = segment.ack if Flag.ACK in segment.flags else 0
    head = struct.pack(">HHIIBBH", one, other, segment.seq, ack, (20 + len(options)) // 4 << 4, segment.flags, 0xFFFF)
    behind = options + segment.data
    length = len(head) + 4 + len(behind)
    pseudo = source.packed + target.packed + struct.pack(">II", length, _TCP)  # of both versions, in any order
    check = _check_sum(pseudo + head + b"\0\0\0\0" + behind)
    return head + struct.pack(">HH", check, 0) + behind


def _check_sum(data: bytes) -> int:
    """Return the Internet check sum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    # The sum of all words is the number itself modulo 0xFFFF; the words are not all 0, so that stands for 0xFFFF.
    total = int.from_bytes(data, "big") % 0xFFFF or 0xFFFF
    return ~total & 0xFFFF
