"""What the scripted end of a connection sends and when, without a socket and without a clock.

A `ScriptedPeer` takes octets and returns actions. `MemorySocket` plays it in virtual time, `play_on_socket` on a real
socket. Both keep a `WireLog`, so that the same rules judge a conversation in memory and one with another program.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from ..transcript import Side, Transcript

BETWEEN_PIECES = 0.001  # seconds between pieces of a reply, so that a client finds them one by one
SILENT_SECONDS = 1.0  # a client that is silent for so long probably waits for something that will not come


@dataclass(frozen=True, slots=True)
class Say:
    """Octets that reach the client.

    Args:
        data: the octets. They are one piece: the client may find them together with the next ones, if it reads late.
        after: seconds after what the script did before, or after the octets that it answers, whichever is later.
    """

    data: bytes
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class HangUp:
    """The end of the connection.

    Args:
        after: as of `Say`.
    """

    after: float = 0.0


Step = Say | HangUp


class ScriptedPeer(Protocol):
    """One end of a connection that follows a script."""

    def connected(self) -> Iterable[Step]:
        """Return what to do when the client has connected."""

    def receive(self, octets: bytes) -> Iterable[Step]:
        """Return what to do about octets of the client, cut anywhere; empty octets if it has closed."""

    def silence(self) -> Iterable[Step]:
        """Return what to do about a client that is silent while nothing is under way to it.

        It is called again after each further `SILENT_SECONDS` of silence, a few times.
        """


def in_pieces(data: bytes, size: int = 1, gap: float = 0.0, after: float = 0.0) -> tuple[Say, ...]:
    """Cut octets into pieces, because a client must join them (RFC 5321 2.3.8: CRLF ends a line, nothing else does).

    Args:
        data: the octets.
        size: octets of each piece.
        gap: seconds between two pieces.
        after: seconds before the first piece.
    """
    starts = range(0, len(data), size)
    return tuple(Say(data[start : start + size], gap if start else after) for start in starts)


class Timeline:
    """What a script has still to do, in order, each step with its time in seconds."""

    def __init__(self) -> None:
        self._steps: deque[tuple[float, Step]] = deque()
        self._last = 0.0

    @property
    def next_time(self) -> float | None:
        """When the next step is due; None if there is none."""
        return self._steps[0][0] if self._steps else None

    def add(self, steps: Iterable[Step], now: float) -> bool:
        """Append steps behind those that are not done yet; return True if there is at least one."""
        before = len(self._steps)
        for step in steps:
            self._last = max(self._last, now) + step.after
            self._steps.append((self._last, step))
        return len(self._steps) > before

    def take(self, now: float) -> tuple[float, Step] | None:
        """Remove the next step if it is due, and return it with its time."""
        return self._steps.popleft() if self._steps and self._steps[0][0] <= now else None

    def clear(self) -> None:
        """Forget what has not been done, because the connection is gone."""
        self._steps.clear()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Octets that were on the wire together.

    Args:
        time: seconds since the connection opened.
        side: who sent them.
        data: the octets; empty if this side closed.
    """

    time: float
    side: Side
    data: bytes


class WireLog:
    """Everything that was on the wire, in order.

    Attributes:
        chunks: the octets as they were sent, with their times.
    """

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self._transcript = Transcript()
        self._read = 0  # chunks that are in the transcript

    def add(self, side: Side, data: bytes, time: float) -> None:
        """Add octets of one side; empty ones mean that it closed."""
        self.chunks.append(Chunk(time, side, data))

    @property
    def transcript(self) -> Transcript:
        """The same as lines; it is always the same object, and grows when it is read."""
        for chunk in self.chunks[self._read :]:
            self._transcript.feed(chunk.side, chunk.data, chunk.time)
        self._read = len(self.chunks)
        return self._transcript

    def sent_by(self, side: Side) -> bytes:
        """Return all octets of one side."""
        return b"".join(chunk.data for chunk in self.chunks if chunk.side is side)
