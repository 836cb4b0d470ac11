"""What a client has sent and a faulty host has not read: its octets, where they were cut, and where a message ends."""

from __future__ import annotations

import re
import sys

CRLF, END = b"\r\n", b"\r\n.\r\n"

_LEADING_DOT = re.compile(rb"(^|\r\n)\.")


class Incoming:
    """Octets that have arrived, and in which pieces."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._seams: list[int] = []  # where pieces begin, but for the first octet
        self._early = 0  # how many came before the client had the reply that it had to wait for

    def __len__(self) -> int:
        return len(self._octets)

    @property
    def is_early(self) -> bool:
        """True if the first octet came before the client had the reply that it had to wait for."""
        return self._early > 0

    @property
    def next_line(self) -> bytes:
        """The first line without its CRLF; empty if it is not complete."""
        return bytes(self._octets[: max(self._octets.find(CRLF), 0)])

    def add(self, data: bytes | memoryview, *, early: bool = False) -> None:
        """Add a piece from the network; it is early if the client had to wait for a reply first."""
        if self._octets and data:
            self._seams.append(len(self._octets))
        self._octets += data
        if early:
            self._early = len(self._octets)

    def first(self, count: int) -> bytes:
        """Return the first octets, and keep them."""
        return bytes(self._octets[:count])

    def take(self, count: int) -> tuple[bytes, bool]:
        """Remove the first octets, and return them; True if they came in two pieces or more."""
        taken = bytes(self._octets[:count])
        del self._octets[:count]
        self._early = max(self._early - count, 0)
        is_split = any(seam < count for seam in self._seams)
        self._seams = [seam - count for seam in self._seams if seam > count]
        return taken, is_split

    @property
    def has_bare_line(self) -> bool:
        """True if the first LF has come and has no CR in front."""
        end = self._octets.find(b"\n")
        return end >= 0 and self._octets[end - 1 : end] != b"\r"

    def take_bare_line(self) -> tuple[bytes, bool]:
        """Remove the first line, which ends in a LF alone, and return it as `take_line` does, with CRLF."""
        octets, is_split = self.take(self._octets.find(b"\n") + 1)
        return octets[:-1] + CRLF, is_split

    def take_line(self) -> tuple[bytes, bool] | None:
        """Remove the first line, and return it with its CRLF; None if it is not complete."""
        end = self._octets.find(CRLF)
        return None if end < 0 else self.take(end + len(CRLF))


class IncomingMessage:
    """A message on its way in.

    Args:
        ends: what ends it besides CRLF.CRLF.
        collects: True if its octets are kept until it has ended.
        limit: the most octets of content that the host takes; 0 for any number.
    """

    def __init__(self, ends: tuple[bytes, ...], *, collects: bool, limit: int = 0) -> None:
        self.collects = collects
        # Of a longer message only so many octets are kept that the host still refuses it. At most a third of them are
        # dots that the host does not count, one in each line.
        self._most = 2 * limit + 1 if limit else sys.maxsize
        self._octets = 0
        self._ends = (END, *ends)
        self._overlap = max(map(len, self._ends)) - 1
        self._before = CRLF  # the last octets so far, with which its end may begin
        self._content = bytearray()
        self.end = b""

    def length(self, octets: bytes) -> int:
        """Return how many of the next octets belong to the message, its end included, and note which end it is."""
        window = self._before + octets
        found = [(at + len(end), at) for end in self._ends if (at := window.find(end)) >= 0]
        if not found:
            return len(octets)
        behind, start = min(found)
        self.end = window[start:behind]
        return max(behind - len(self._before), 0)

    def add(self, piece: bytes) -> None:
        """Take the next octets."""
        self._octets += len(piece)
        if self.collects:
            self._content += piece[: max(self._most - len(self._content), 0)]
        self._before = (self._before + piece)[-self._overlap :]

    def ends_split(self, piece: bytes) -> bool:
        """True if the end of the message came in two pieces or more, the last of which is this one."""
        return self._octets > 0 and len(piece) < len(self.end)

    def go_on(self) -> None:
        """Take the end for a part of the message."""
        self.end = b""

    @property
    def content(self) -> bytes:
        """The message as the host keeps it; empty if it is not collected, cut off if it is far above the limit."""
        if not self.collects:
            return b""
        whole = (CRLF + self._content)[: len(CRLF) + self._octets - len(self.end)]
        return _LEADING_DOT.sub(rb"\1", whole[len(CRLF) :] + CRLF) if len(whole) > len(CRLF) else b""


def on_the_wire(content: bytes) -> bytes:
    """Return a message as a client sends it behind the 354, its end included."""
    if content and not content.endswith(CRLF):
        content += CRLF
    return _LEADING_DOT.sub(rb"\1..", content) + END[len(CRLF) :]
