"""A message on its way into a mail host: who gets it, and what has come of it so far.

What no host could send on is noted while the message comes, so that it can be refused at the dot. Once it was accepted,
only a bounce could tell its sender, who may not be the one whose program made the mistake. Two things are never sent:

* A bare CR or LF (RFC 5321 2.3.8). It is not mended: only the program that wrote the message knows what was meant, and
  RFC 5321 6.4 forbids such repairs to a server that only passes the message on.
* A header section that is neither ASCII nor UTF-8. No extension carries it (RFC 5321 2.4, RFC 6532 3).

All else depends on the next hop, and is decided there: octets above 127 in the body need 8BITMIME (RFC 6152 3), and a
header section in UTF-8 needs SMTPUTF8 (RFC 6531 3.6), also if the client did not announce them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from ..base.log import Log
from ..protocol.body import check_line_ends
from ..protocol.extensions import check_header_section
from ..protocol.grammar import Path
from ..protocol.replies import LocalProtocolError
from .directory import Resolution
from .queue_entry import QueueEntry
from .store import Blocking, Draft
from .trace import count_received, header_end, strip_return_path

# How much of a header section is examined; a longer one is passed on unchanged.
_HEADER_OCTETS = 256 * 1024

# A first line that is not a field, and that readers would drop or take for a part of the field above it. It begins with
# a blank, as the rest of a field does (RFC 5322 2.2.3), a colon, a time such as 12:30, or a URL.
_MISREAD = re.compile(rb"[ \t:]|[0-9]+[ \t]*:|[a-zA-Z][a-zA-Z0-9+.-]*://")


@dataclass(slots=True)
class Copies:
    """The recipients of one message whose copies have the same reverse-path."""

    mailboxes: dict[str, bool] = field(default_factory=dict)  # True for Postmaster, whose mail is never refused
    terminals: dict[str, None] = field(default_factory=dict)
    remote: dict[Path, None] = field(default_factory=dict)
    draft: Draft | None = None


@dataclass(slots=True)
class Transaction:
    """The state of a message until it is delivered.

    Attributes:
        copies: the recipients, by reverse-path.
        queue_id: this host's name for the message.
        hops: how many hosts it has passed, once its header section has come.
        memory: the message itself, if a terminal or a relay needs it.
        spooled: the draft of the message in the spool; None if it does not go there.
        entries: its entries of the queue.
        led: the recipients who are an alias, a list or a forward, and where they led.
        unsendable: what is wrong with it if it cannot go to any other host; None if it can, or need not.
    """

    copies: dict[Path, Copies] = field(default_factory=dict)
    queue_id: str = ""
    hops: int = 0
    memory: Log[bytes] = field(default_factory=Log)
    spooled: Draft | None = None
    entries: tuple[QueueEntry, ...] = ()
    led: dict[Path, Resolution] = field(default_factory=dict)
    unsendable: LocalProtocolError | None = None
    _header: Log[bytes] | None = field(default_factory=Log)  # None once it is complete and has been dealt with
    _header_octets: int = 0
    _header_end: bytes = b""  # its last three octets, with which an empty line may have begun

    @property
    def drafts(self) -> list[Draft]:
        """The drafts of the local copies; none if nobody here gets the message."""
        return [copies.draft for copies in self.copies.values() if copies.draft is not None]

    @property
    def remote(self) -> dict[Path, dict[Path, None]]:
        """The recipients elsewhere, by reverse-path; empty if there are none."""
        return {sender: copies.remote for sender, copies in self.copies.items() if copies.remote}

    def copies_for(self, reverse_path: Path) -> Copies:
        """Return the recipients whose copies have a reverse-path."""
        return self.copies.setdefault(reverse_path, Copies())

    def take(self, content: bytes) -> Blocking | None:
        """Take a piece of the message; return a function to call before the next piece, or None.

        The header section is kept back until it is whole.
        """
        if self.remote:
            self._note_fault(check_line_ends, content)
        if self._header is None:
            return self.write(content)
        self._header.append(content)
        self._header_octets += len(content)
        end = self._header_end + content
        self._header_end = end[-3:]
        is_whole = b"\r\n\r\n" in end
        return self._end_header(whole=is_whole) if is_whole or self._header_octets >= _HEADER_OCTETS else None

    def end(self) -> None:
        """Note that the message has come whole."""
        if self._header is not None:
            self._end_header()

    def write(self, content: bytes) -> Blocking | None:
        """Write octets to every draft; return the function to call before the next octets, or None."""
        steps: list[Blocking] = []
        for draft in (*self.drafts, *((self.spooled,) if self.spooled is not None else ())):
            if (step := draft.write(content)) is not None:
                steps.append(step)
        if self._needs_memory:
            self.memory.append(content)
        return partial(_take, steps) if steps else None

    def abort(self) -> None:
        """Abort the drafts."""
        for draft in self.drafts:
            draft.abort()
        if self.spooled is not None:
            self.spooled.abort()

    @property
    def _needs_memory(self) -> bool:
        return any(copies.terminals or (copies.remote and self.spooled is None) for copies in self.copies.values())

    def _end_header(self, *, whole: bool = True) -> Blocking | None:
        header, self._header = b"".join(self._header or ()), None
        if _MISREAD.match(header):
            # It begins no field, so the message has no header section, and the empty line makes it the first line of
            # the body.
            return self.write(b"\r\n" + header)
        self.hops = count_received(header)
        header = strip_return_path(header)
        if self.remote:
            self._note_fault(check_header_section, header[: header_end(header)], whole=whole)
        return self.write(header)

    def _note_fault(self, check: Callable[..., None], content: bytes, **options: bool) -> None:
        try:
            check(content, **options)
        except LocalProtocolError as error:
            self.unsendable = self.unsendable or error


def _take(steps: list[Blocking]) -> None:
    for step in steps:
        step()
