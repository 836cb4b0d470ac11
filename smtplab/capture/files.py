"""Read the packets of a capture file, pcap or pcapng, and write pcap.

The formats are those of draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. A file may come from either byte order,
count microseconds or any other unit, and break off anywhere. What the packets hold is not looked at here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from . import sentences

LINK_RAW = 101  # LINKTYPE_RAW: each packet begins with its IP header

_NANOSECONDS = 1_000_000_000
# The first four octets of pcap, read as a big-endian number -> units in a second, and octets behind each packet header.
_MAGIC = {0xA1B2C3D4: (1_000_000, 0), 0xA1B23C4D: (_NANOSECONDS, 0), 0xA1B2CD34: (1_000_000, 8)}
_PCAPNG = b"\n\r\r\n"
_COMPRESSED = {
    b"\x1f\x8b": ("gzip", "gunzip"),
    b"BZh": ("bzip2", "bunzip2"),
    b"\xfd7zXZ": ("xz", "unxz"),
    b"(\xb5/\xfd": ("zstd", "unzstd"),
}
_LONGEST = 1 << 27  # octets; no packet and no block of a capture is longer, so a greater length is damage
# Blocks and options of pcapng.
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET = 1, 2, 3, 6
_RESOLUTION, _OFFSET = 9, 14
_SNAPLEN = 262_144


class Packet(NamedTuple):
    """One packet as it was captured.

    Args:
        time: nanoseconds since 1970; None if the file has no time for it.
        link: the type of the link, a number of the registry LINKTYPE.
        data: its octets from the link's header on, as many as were kept.
    """

    time: int | None
    link: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Interface:
    """An interface of a pcapng section: its link, how much of a packet it kept (0 for all), and its clock."""

    link: int
    snaplen: int
    units: int = 1_000_000  # in a second
    offset: int = 0  # seconds

    def time(self, count: int) -> int:
        """Return nanoseconds since 1970."""
        return self.offset * _NANOSECONDS + count * _NANOSECONDS // self.units


def is_capture(beginning: bytes) -> bool:
    """Return True if a file that begins with these octets is a capture, or is compressed and so may be one.

    Args:
        beginning: the first octets, at least six if the file has so many.
    """
    return beginning.startswith((_PCAPNG, *_COMPRESSED)) or _order(beginning) is not None


class PacketFile:
    """The packets of a capture file, in its order.

    Args:
        file: the file, at its beginning.
        name: what error sentences call it.

    Attributes:
        name: as above.
        cut_short: True once the file has broken off in the middle of a packet.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self.name = file, name
        self._at = 0
        self.cut_short = False

    def __iter__(self) -> Iterator[Packet]:
        """Yield the packets.

        Raises:
            ValueError: if the file is not a capture, or is damaged; the sentence says where.
        """
        beginning = self._read(6)
        for magic, (kind, command) in _COMPRESSED.items():
            if beginning.startswith(magic):
                raise ValueError(sentences.COMPRESSED.format(name=self.name, kind=kind, command=command))
        if not is_capture(beginning):
            raise ValueError(sentences.NO_CAPTURE.format(name=self.name))
        if beginning.startswith(_PCAPNG):
            yield from self._pcapng(beginning)
        else:
            yield from self._pcap(beginning)

    def _pcap(self, beginning: bytes) -> Iterator[Packet]:
        order = _order(beginning)
        assert order is not None
        units, extra = _MAGIC[struct.unpack(f"{order}I", beginning[:4])[0]]
        header = beginning + self._read(24 - len(beginning))
        if len(header) < 24:
            raise self._damage(sentences.NO_FILE_HEADER)
        link = struct.unpack_from(f"{order}I", header, 20)[0] & 0xFFFF  # the upper bits tell of check sums
        while head := self._read(16 + extra):
            if len(head) < 16 + extra:
                self.cut_short = True
                return
            seconds, parts, kept = struct.unpack_from(f"{order}III", head)
            data = self._read(self._checked(kept))
            if len(data) < kept:
                self.cut_short = True
                return
            yield Packet(seconds * _NANOSECONDS + parts * (_NANOSECONDS // units), link, data)

    def _pcapng(self, beginning: bytes) -> Iterator[Packet]:
        order, interfaces = ">", list[_Interface]()
        head = beginning + self._read(12 - len(beginning))
        while head:
            if head.startswith(_PCAPNG):  # a new section, perhaps from a machine of the other byte order
                order, interfaces = "<" if head[8:12] == b"\x4d\x3c\x2b\x1a" else ">", []
            body = self._block(order, head)
            if body is None:
                self.cut_short = True
                return
            (kind,) = struct.unpack_from(f"{order}I", head)
            if kind == _INTERFACE:
                interfaces.append(_interface(order, body))
            elif kind in (_OLD_PACKET, _SIMPLE_PACKET, _ENHANCED_PACKET):
                yield self._packet(order, kind, body, interfaces)
            head = self._read(12)

    def _block(self, order: str, head: bytes) -> bytes | None:
        """Return the body of a block whose first 12 octets are `head`; None if the file breaks off in it."""
        if len(head) < 12:
            return None
        (length,) = struct.unpack_from(f"{order}I", head, 4)
        if length < 12 or length % 4:
            raise self._damage(sentences.BAD_LENGTH.format(length=length))
        if length == 12:
            return b""
        rest = self._read(self._checked(length) - 12)
        return (head[8:] + rest)[:-4] if len(rest) == length - 12 else None

    def _packet(self, order: str, kind: int, body: bytes, interfaces: list[_Interface]) -> Packet:
        number, high, low, kept, begin = 0, 0, 0, 0, 4
        if kind == _SIMPLE_PACKET and len(body) >= 4:
            (kept,) = struct.unpack_from(f"{order}I", body)
        elif kind != _SIMPLE_PACKET and len(body) >= 20:
            number, high, low, kept = struct.unpack_from(f"{order}IIII", body)
            begin = 20
            if kind == _OLD_PACKET:
                (number,) = struct.unpack_from(f"{order}H", body)
        else:
            raise self._damage(sentences.BAD_LENGTH.format(length=len(body)))
        if number >= len(interfaces):
            raise self._damage(sentences.NO_INTERFACE.format(number=number))
        interface = interfaces[number]
        if kind == _SIMPLE_PACKET:
            kept = min(kept, interface.snaplen or kept)
            return Packet(None, interface.link, body[begin : begin + kept])
        if kept > len(body) - begin:
            raise self._damage(sentences.BAD_LENGTH.format(length=kept))
        return Packet(interface.time(high << 32 | low), interface.link, body[begin : begin + kept])

    def _read(self, count: int) -> bytes:
        data = self._file.read(count)
        self._at += len(data)
        return data

    def _checked(self, length: int) -> int:
        if length > _LONGEST:
            raise self._damage(sentences.BAD_LENGTH.format(length=length))
        return length

    def _damage(self, reason: str) -> ValueError:
        return ValueError(sentences.DAMAGED.format(name=self.name, at=self._at, reason=reason))


def _order(beginning: bytes) -> str | None:
    """Return the byte order of a pcap file as `struct` writes it; None if it is not a pcap file."""
    if len(beginning) < 4:
        return None
    return next((order for order in "<>" if struct.unpack(f"{order}I", beginning[:4])[0] in _MAGIC), None)


def _interface(order: str, body: bytes) -> _Interface:
    """Read the description of an interface, and of its options those for the clock."""
    if len(body) < 8:
        return _Interface(0, 0)
    link, _, snaplen = struct.unpack_from(f"{order}HHI", body)
    units, offset, at = 1_000_000, 0, 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(f"{order}HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if code == _RESOLUTION and len(value) == 1:
            units = (2 if value[0] & 0x80 else 10) ** (value[0] & 0x7F)
        elif code == _OFFSET and len(value) == 8:
            (offset,) = struct.unpack(f"{order}q", value)
        at += 4 + length + -length % 4
    return _Interface(link, snaplen, units, offset)


def pcap(packets: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """Yield the pieces of a pcap file.

    Args:
        packets: the packets in order: microseconds since 1970, and the octets from the IP header on.
    """
    yield struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _SNAPLEN, LINK_RAW)
    for time, data in packets:
        seconds, microseconds = divmod(time, 1_000_000)
        yield struct.pack("<IIII", seconds, microseconds, len(data), len(data)) + data
