"""Put the octets of a TCP connection into order from the segments of a capture, both directions in one row of events.

Segments may be captured in any order, several times, overlapping or not at all. The order within a direction follows
from the sequence numbers. Between the two, a segment comes after all that its sender had received, which is what its
acknowledgment number says; where that leaves a choice, the earlier capture comes first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from .headers import Flag, Segment

_HALF = 1 << 31
_LATER = 1 << 100  # nanoseconds; a gap has no time


@dataclass(frozen=True, slots=True)
class Piece:
    """Octets of one direction that follow each other, or a gap in it.

    Args:
        start: the position of the first, counted from any origin.
        end: the position behind the last.
        data: the octets; empty for a gap.
        heard: the position in the other direction up to which the sender had received; None if it did not say.
        time: when it was captured first, in nanoseconds; of no meaning for a gap.
        cut: True for a gap that the capture made by keeping only the beginning of a packet.
    """

    start: int
    end: int
    data: bytes
    heard: int | None
    time: int
    cut: bool = False

    def part(self, start: int, end: int) -> Piece:
        """Return the octets between two positions."""
        data = self.data[start - self.start : end - self.start]
        return Piece(start, end, data, self.heard, self.time, self.cut)


@dataclass(slots=True)
class Direction:
    """One direction of a connection.

    Attributes:
        opening: the sequence number of its SYN; None if that was not captured.
        end: the position of its FIN; None if that was not captured.
        reset: True once its sender has sent a RST.
        differs: True if octets came twice and were not the same.
        acknowledged: the position up to which the other side says that it has received; None if it has said nothing.
    """

    opening: int | None = None
    end: int | None = None
    reset: bool = False
    differs: bool = False
    acknowledged: int | None = None
    _begin: int | None = None  # the position of the first octet of the connection, if a SYN tells it
    _first_acknowledged: int | None = None
    _known: tuple[int, int] | None = None  # a sequence number, and the position that it stands for
    _received: list[Piece] = field(default_factory=list)
    _cuts: list[tuple[int, int]] = field(default_factory=list)
    _laid: list[Piece] | None = None  # what `pieces` returned

    def position(self, seq: int) -> int:
        """Return the position of a sequence number, which starts again at 0 after 2**32 - 1."""
        if self._known is None:
            self._known = seq, 0
        known, position = self._known
        position += (seq - known + _HALF) % (2 * _HALF) - _HALF
        self._known = seq, position
        return position

    @property
    def seen(self) -> int | None:
        """A sequence number that has occurred, the last one; None if none has."""
        return self._known[0] if self._known else None

    def open(self, seq: int) -> None:
        """Take the SYN with this sequence number, which counts as one octet before the first (RFC 9293 3.4)."""
        self.opening = seq
        self._begin = self.position((seq + 1) % (2 * _HALF))

    def opened_before(self, position: int) -> None:
        """Note that the first octet has this position, as the other side has acknowledged the SYN."""
        if self._begin is None:
            self._begin = position

    @property
    def has_beginning(self) -> bool:
        """True if the capture tells which octet was the first."""
        return self._begin is not None

    def take(self, segment: Segment, heard: int | None, time: int) -> None:
        """Take a segment of this direction.

        Args:
            segment: the segment.
            heard: the position in the other direction that its acknowledgment number stands for.
            time: when it was captured, in nanoseconds.
        """
        if Flag.RST in segment.flags:  # its sequence number may be 0, and its text is not data (RFC 9293 3.5.3)
            self.reset = True
            return
        start = self.position((segment.seq + (Flag.SYN in segment.flags)) % (2 * _HALF))
        end = start + len(segment.data)
        if segment.data:
            self._received.append(Piece(start, end, segment.data, heard, time))
        if segment.lost:
            self._cuts.append((end, end + segment.lost))
        if Flag.FIN in segment.flags:
            self.end = end + segment.lost

    def acknowledge(self, position: int) -> None:
        """Note that the other side has received the octets up to a position."""
        if self.acknowledged is None:
            self._first_acknowledged = self.acknowledged = position
        self.acknowledged = max(self.acknowledged, position)

    def pieces(self) -> list[Piece]:
        """Return what was sent, in order and each octet once, with gaps where the capture lacks octets.

        Call it when all segments are taken.
        """
        if self._laid is None:
            self._laid = list(self._with_gaps(self._each_octet_once()))
        return self._laid

    def _each_octet_once(self) -> list[Piece]:
        found: list[Piece] = []
        starts: list[int] = []
        # Of octets that came several times, those count that were sent when the sender had received least.
        for piece in sorted(self._received, key=lambda piece: (piece.heard is not None, piece.heard or 0)):
            self._lay(piece, found, starts)
        return found

    def _lay(self, piece: Piece, found: list[Piece], starts: list[int]) -> None:
        """Put the parts of a piece that are new between those found before."""
        at = max(bisect_right(starts, piece.start) - 1, 0)
        position = piece.start
        while position < piece.end:
            if at == len(found) or piece.end <= starts[at]:
                limit = piece.end
            elif position < starts[at]:
                limit = starts[at]
            else:  # it may overlap the one found before
                self._compare(piece, found[at])
                position, at = max(position, found[at].end), at + 1
                continue
            found.insert(at, piece.part(position, limit))
            starts.insert(at, position)
            position, at = limit, at + 1

    def _compare(self, one: Piece, other: Piece) -> None:
        start, end = max(one.start, other.start), min(one.end, other.end)
        is_probe = len(one.data) == 1 or len(other.data) == 1  # keep-alive: any octet, sent again (RFC 9293 3.8.4)
        if start < end and not is_probe and one.part(start, end).data != other.part(start, end).data:
            self.differs = True

    def _with_gaps(self, found: list[Piece]) -> Iterator[Piece]:
        position = self._begin
        if position is None:
            position = found[0].start if found else self._first_acknowledged
        if position is None:
            return
        for piece in found:
            if piece.end <= position:
                continue  # before the first octet: nothing of this connection
            if piece.start > position:
                yield self._gap(position, piece.start)
            yield piece.part(max(piece.start, position), piece.end)
            position = piece.end
        last = self._last(position)
        if last > position:
            yield self._gap(position, last)

    def _last(self, position: int) -> int:
        """Return the position behind the last octet that was sent, as far as the capture tells.

        Args:
            position: that behind the last octet in the capture.
        """
        if self.end is not None:
            return self.end
        acknowledged = position if self.acknowledged is None else self.acknowledged
        if acknowledged == position + 1:  # one octet more was a FIN
            acknowledged = position
        return max([acknowledged, *(end for _, end in self._cuts)])

    def _gap(self, start: int, end: int) -> Piece:
        """Return a gap, which comes as late as the acknowledgments of the other side allow."""
        return Piece(start, end, b"", None, _LATER, any(one <= start and end <= other for one, other in self._cuts))


def in_order(one: Direction, other: Direction) -> Iterator[tuple[Direction, Piece]]:
    """Yield the pieces of two directions in the order in which they were sent."""
    waiting = [one.pieces(), other.pieces()]
    at = [0, 0]
    done = [_beginning(pieces) for pieces in waiting]

    def is_ready(side: int) -> bool:
        heard = waiting[side][at[side]].heard
        return at[1 - side] == len(waiting[1 - side]) or heard is None or heard <= done[1 - side]

    while left := [side for side in (0, 1) if at[side] < len(waiting[side])]:
        ready = [side for side in left if is_ready(side)] or left  # none is ready if acknowledgments contradict
        side = min(ready, key=lambda side: waiting[side][at[side]].time)
        piece = waiting[side][at[side]]
        yield (one, other)[side], piece
        at[side], done[side] = at[side] + 1, piece.end


def _beginning(pieces: list[Piece]) -> int:
    return pieces[0].start if pieces else 0
