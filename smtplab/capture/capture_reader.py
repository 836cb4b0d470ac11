"""Read a capture: its SMTP connections, each as a transcript."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike, fspath
from typing import BinaryIO

from ..transcript import Side, Transcript
from . import sentences
from .captured_session import CapturedSession
from .connections import Endpoint, TcpConnection, connections_in
from .files import PacketFile
from .headers import LINKS, Segment, segment_in
from .rows import RowMaker

BEGINS_LATE = "The capture begins in the middle of this connection."
ENDS_EARLY = "The capture ends before this connection does."
CUT_SHORT = "The capture file breaks off in the middle of a packet."
TWO_VALUES = "The {side} sent some octets twice, and not the same; those sent first are shown."
RESET = "The {side} reset the connection (RST)."
UNANSWERED = "Nobody answered the call."
REFUSED = "The server refused the connection (RST)."

_NANOSECONDS = 1_000_000_000


def read_capture(source: str | PathLike[str] | BinaryIO, *, port: int | None = None) -> list[CapturedSession]:
    """Read the SMTP connections in a capture, to see them as transcripts.

    The file is pcap or pcapng, captured on Ethernet, on loopback or with ``tcpdump -i any``. TCP is undone: lines are
    put together from segments, in their order, whatever was sent twice or captured late. Where octets are missing a
    note says so, and what is around them is not joined. A connection counts as SMTP if its server listens on port 25,
    587 or 2525, or if its octets read so.

    Args:
        source: the file's path, or the open file.
        port: read the connections to this port of a server alone, whatever they hold; None to find those with SMTP.

    Returns:
        The sessions, in the order in which they began; none if there are none.

    Raises:
        ValueError: if the file is not a capture, is compressed or damaged; the sentence says so.
        OSError: if the file cannot be read.
    """
    if isinstance(source, (str, PathLike)):
        with open(source, "rb") as file:
            return _sessions(PacketFile(file, fspath(source)), port)
    return _sessions(PacketFile(source, str(getattr(source, "name", "the file"))), port)


def _sessions(file: PacketFile, port: int | None) -> list[CapturedSession]:
    connections = connections_in(_segments(file))
    wanted = [each for each in connections if (_server(each)[1] == port if port else each.speaks_smtp)]
    return [_session(each, cut_short=file.cut_short) for each in wanted]


def _segments(file: PacketFile) -> Iterator[tuple[int, Segment]]:
    """Yield the TCP segments in a file, with their times; a packet without a time has that of the one before."""
    unreadable, time, readable = 0, 0, False
    for packet in file:
        if packet.link not in LINKS:
            unreadable = packet.link
            continue
        readable = True
        time = time if packet.time is None else packet.time
        if (segment := segment_in(packet.link, packet.data)) is not None:
            yield time, segment
    if unreadable and not readable:
        raise ValueError(sentences.UNKNOWN_LINK.format(name=file.name, link=unreadable))


def _server(connection: TcpConnection) -> Endpoint:
    return connection.other(connection.client)


def _session(connection: TcpConnection, *, cut_short: bool) -> CapturedSession:
    transcript = Transcript()
    whole = _write(connection, transcript, cut_short=cut_short)
    client, server = connection.client, _server(connection)
    began = connection.began / _NANOSECONDS
    return CapturedSession(transcript, str(client[0]), str(server[0]), client[1], server[1], began, whole)


def _write(connection: TcpConnection, transcript: Transcript, *, cut_short: bool) -> bool:
    """Add the rows of a connection to a transcript, and return True if nothing is missing before or between them."""
    maker, time = RowMaker(transcript), 0.0
    whole = connection.has_beginning
    if not whole:
        transcript.note(BEGINS_LATE, time)
    for from_client, piece in connection.pieces():
        side = Side.CLIENT if from_client else Side.SERVER
        if piece.data:
            time = max(time, (piece.time - connection.began) / _NANOSECONDS)
            maker.take(side, piece.data, time)
        else:
            whole = False
            maker.miss(side, piece.end - piece.start, time, cut=piece.cut)
    maker.finish(time)
    for note in _ending(connection, cut_short=cut_short):
        transcript.note(note, time)
    return whole


def _ending(connection: TcpConnection, *, cut_short: bool) -> Iterator[str]:
    """Yield the notes below the last row."""
    sides = {"client": connection.direction(connection.client), "server": connection.direction(_server(connection))}
    for name, direction in sides.items():
        if direction.differs:
            yield TWO_VALUES.format(side=name)
    if not any(direction.pieces() for direction in sides.values()) and sides["server"].opening is None:
        yield REFUSED if sides["server"].reset else UNANSWERED
    elif all(direction.end is not None for direction in sides.values()):
        return
    elif reset := [name for name, direction in sides.items() if direction.reset]:
        yield RESET.format(side=reset[0])
    else:
        yield CUT_SHORT if cut_short else ENDS_EARLY
