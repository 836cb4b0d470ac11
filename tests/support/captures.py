"""Capture files that our code did not write: the packets are dpkt's, the rest is put together here."""

import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dpkt

from smtplab.transcript import Side, Transcript

SYN, ACK, FIN, RST, PUSH = dpkt.tcp.TH_SYN, dpkt.tcp.TH_ACK, dpkt.tcp.TH_FIN, dpkt.tcp.TH_RST, dpkt.tcp.TH_PUSH
CLIENT, SERVER = Side.CLIENT, Side.SERVER
OTHER = {CLIENT: SERVER, SERVER: CLIENT}

Ip = bytes
"""A packet from its IP header on."""


@dataclass
class Wire:
    """A TCP connection as packets, each of which is returned and kept in `packets`.

    Args:
        client, server: the IP address and the port of each side.
        first: the sequence number with which each side begins.
    """

    client: tuple[str, int] = ("192.0.2.7", 40000)
    server: tuple[str, int] = ("192.0.2.25", 25)
    first: dict[Side, int] = field(default_factory=lambda: {CLIENT: 1000, SERVER: 2**32 - 20})
    packets: list[Ip] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seq = dict(self.first)

    def send(self, side: Side, flags: int, data: bytes = b"", *, ack: int | None = None, seq: int | None = None) -> Ip:
        """Add the next segment of one side; `seq` sends one again, and leaves the numbers as they are."""
        number = self.seq[side] if seq is None else seq
        heard = self.seq[OTHER[side]] if ack is None else ack
        packet = self._packet(side, flags, data, number % 2**32, heard % 2**32 if flags & ACK else 0)
        if seq is None:
            self.seq[side] += len(data) + bool(flags & (SYN | FIN))
        self.packets.append(packet)
        return packet

    def handshake(self) -> None:
        """Open the connection."""
        self.send(CLIENT, SYN)
        self.send(SERVER, SYN | ACK)
        self.send(CLIENT, ACK)

    def say(self, side: Side, data: bytes) -> Ip:
        """Send data in one segment."""
        return self.send(side, PUSH | ACK, data)

    def close(self, first: Side = SERVER) -> None:
        """Close the connection from both sides."""
        self.send(first, FIN | ACK)
        self.send(OTHER[first], FIN | ACK)
        self.send(first, ACK)

    def _packet(self, side: Side, flags: int, data: bytes, seq: int, ack: int) -> Ip:
        (source, one), (target, other) = (self.client, self.server) if side is CLIENT else (self.server, self.client)
        tcp = dpkt.tcp.TCP(sport=one, dport=other, seq=seq, ack=ack, flags=flags, data=data)
        if ":" in source:
            addresses = {
                "src": socket.inet_pton(socket.AF_INET6, source),
                "dst": socket.inet_pton(socket.AF_INET6, target),
            }
            return bytes(dpkt.ip6.IP6(nxt=6, hlim=64, plen=len(tcp), data=tcp, **addresses))
        addresses = {"src": socket.inet_aton(source), "dst": socket.inet_aton(target)}
        return bytes(dpkt.ip.IP(p=6, data=tcp, **addresses))


SESSION = [
    (SERVER, b"220 mail.example SMTP\r\n"),
    (CLIENT, b"EHLO client.example\r\n"),
    (SERVER, b"250-mail.example\r\n250-PIPELINING\r\n250 SIZE\r\n"),
    (CLIENT, b"MAIL FROM:<a@client.example>\r\nRCPT TO:<b@mail.example>\r\nDATA\r\n"),
    (SERVER, b"250 ok\r\n250 ok\r\n354 go\r\n"),
    (CLIENT, b"Subject: hi\r\n\r\none\r\ntwo\r\n.\r\n"),
    (SERVER, b"250 kept\r\n"),
    (CLIENT, b"QUIT\r\n"),
    (SERVER, b"221 bye\r\n"),
]
"""What is said in a session, each in one segment."""


def held(wire: Wire | None = None, said: Iterable[tuple[Side, bytes]] = SESSION) -> Wire:
    """Return a wire over which a whole session was held."""
    wire = wire or Wire()
    wire.handshake()
    for side, data in said:
        wire.say(side, data)
    wire.close()
    return wire


def rows_of(said: Iterable[tuple[Side, bytes]] = SESSION) -> list[tuple[Side, bytes]]:
    """Return the lines of a session, in order."""
    return [(side, line) for side, data in said for line in data.splitlines(keepends=True)]


def shown(transcript: Transcript) -> list[tuple[Side, bytes]]:
    """Return what a transcript has of the wire."""
    return [(row.side, row.data) for row in transcript if row.side is not Side.NOTE]


def notes(transcript: Transcript) -> list[str]:
    """Return the notes of a transcript."""
    return [row.text for row in transcript if row.side is Side.NOTE]


# Links: an IP packet as each captures it.


def ethernet(packet: Ip, *tags: int) -> bytes:
    """Return a frame of Ethernet, with a VLAN tag for each type in `tags`, and padded as short frames are."""
    kinds = [*tags, 0x86DD if packet[0] >> 4 == 6 else 0x0800]
    words = b"".join(struct.pack(">H", kind) + (b"\x00\x07" if kind in tags else b"") for kind in kinds)
    return (b"\x02" + bytes(10) + b"\x01" + words + packet).ljust(60, b"\xee")


def cooked(packet: Ip) -> bytes:
    """Return it as ``tcpdump -i any`` captured it for long (LINUX_SLL)."""
    return bytes(14) + struct.pack(">H", 0x86DD if packet[0] >> 4 == 6 else 0x0800) + packet


def cooked2(packet: Ip) -> bytes:
    """Return it as ``tcpdump -i any`` captures it today (LINUX_SLL2)."""
    return struct.pack(">H", 0x86DD if packet[0] >> 4 == 6 else 0x0800) + bytes(18) + packet


def loopback(packet: Ip) -> bytes:
    """Return it as BSD and macOS capture the loopback interface."""
    return struct.pack("<I", 30 if packet[0] >> 4 == 6 else 2) + packet


# Files.


def times(packets: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield packets with times in microseconds, a millisecond apart."""
    for number, packet in enumerate(packets):
        yield 10**15 + number * 1000, packet


def pcap(
    packets: Iterable[bytes], link: int = 101, order: str = "<", *, nano: bool = False, kept: int = 65535
) -> bytes:
    """Return a pcap file that keeps at most `kept` octets of each packet."""
    magic, units = (0xA1B23C4D, 10**9) if nano else (0xA1B2C3D4, 10**6)
    file = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, kept, link)
    for time, packet in times(packets):
        head = time // 10**6, time % 10**6 * units // 10**6, min(len(packet), kept), len(packet)
        file += struct.pack(f"{order}IIII", *head) + packet[:kept]
    return file


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Return a block of a pcapng file."""
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + length + body + length


def section(order: str = "<") -> bytes:
    """Return the block that begins a section of a pcapng file."""
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int, order: str = "<", *, kept: int = 0, options: bytes = b"") -> bytes:
    """Return the block that describes an interface."""
    return block(1, struct.pack(f"{order}HHI", link, 0, kept) + options, order)


def enhanced(packet: bytes, time: int = 0, number: int = 0, order: str = "<") -> bytes:
    """Return the block of a packet, with its time in units of its interface."""
    head = struct.pack(f"{order}IIIII", number, time >> 32, time & 0xFFFFFFFF, len(packet), len(packet))
    return block(6, head + packet, order)


def pcapng(packets: Iterable[bytes], link: int = 101, order: str = "<") -> bytes:
    """Return a pcapng file with one section and one interface."""
    blocks = (enhanced(packet, time, order=order) for time, packet in times(packets))
    return section(order) + interface(link, order) + b"".join(blocks)


def kept_in(folder: Path, file: bytes) -> Path:
    """Write a capture and return its path."""
    path = folder / "capture.pcap"
    path.write_bytes(file)
    return path
