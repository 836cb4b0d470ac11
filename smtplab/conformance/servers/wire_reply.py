"""A reply as it came, read tolerantly: whatever its line ends, so that one mistake fails one rule.

`ReplyParser` of the kernel takes only what the standard allows. Here a bare LF ends a line as well, and what comes
without any line end counts as a line once nothing follows it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = re.compile(rb"\s*(\d{3})(?!\d)(-?)")


@dataclass(frozen=True, slots=True)
class WireReply:
    """A reply.

    Args:
        lines: its lines with their line ends.
    """

    lines: tuple[bytes, ...]

    @property
    def octets(self) -> bytes:
        """All of it."""
        return b"".join(self.lines)

    @property
    def code(self) -> str:
        """The code of its last line as three digits; empty if there is none."""
        found = _CODE.match(self.lines[-1])
        return found[1].decode() if found else ""

    @property
    def digit(self) -> str:
        """The first digit of the code; empty if there is none."""
        return self.code[:1]

    def is_one_of(self, codes: tuple[str, ...]) -> bool:
        """Return True if the code is one of `codes`; ``5yz`` stands for each that begins with 5."""
        return any(self.code == each or (each.endswith("yz") and self.digit == each[0]) for each in codes)


@dataclass(frozen=True, slots=True)
class SurveyedReply:
    """What came after one command.

    Args:
        sent: the command; empty for the greeting.
        came: the octets that came.
        replies: the replies that they hold.
    """

    sent: bytes
    came: bytes
    replies: tuple[WireReply, ...]


def goes_on(line: bytes) -> bool:
    """Return True if a line of a reply has a hyphen behind its code, so that another follows."""
    found = _CODE.match(line)
    return found is not None and found[2] == b"-"


class WireReplies:
    """Cuts what a server sends into replies.

    Attributes:
        rest: octets that have no line end yet.
    """

    def __init__(self) -> None:
        self.rest = b""
        self._lines: list[bytes] = []

    def feed(self, octets: bytes) -> None:
        """Take octets."""
        self.rest += octets

    def next_reply(self, *, final: bool = False) -> WireReply | None:
        """Return the next reply; None if it is not complete.

        Args:
            final: True if nothing follows what came, so that a line needs no end.
        """
        while (end := self.rest.find(b"\n") + 1) or (final and self.rest):
            end = end or len(self.rest)
            line, self.rest = self.rest[:end], self.rest[end:]
            if not line.strip():  # an empty line is no reply; the survey sees it
                continue
            self._lines.append(line)
            if not goes_on(self._lines[-1]):
                return self._taken()
        return self._taken() if final and self._lines else None

    def _taken(self) -> WireReply:
        reply = WireReply(tuple(self._lines))
        self._lines.clear()
        return reply

    @property
    def unread(self) -> bytes:
        """The octets that belong to no reply yet."""
        return b"".join(self._lines) + self.rest
