"""Make the rows of a transcript from the octets of a connection, as a capture has them: with gaps, perhaps in TLS.

Octets that cannot be read as lines become literals: those of TLS, those that BDAT counts (RFC 3030), and the end of a
line whose beginning is missing.
"""

from __future__ import annotations

import re

from ..protocol.commands import VERBS
from ..transcript import Side, Transcript, verb_of

CRLF = b"\r\n"

MISSING = "{count} octets of the {side} are missing here; they are not in the capture."
CUT = "{count} octets of the {side} are missing here; the capture kept only the beginning of each packet."
TLS = "TLS begins here; the octets behind are encrypted."

_NAMES = {Side.CLIENT: "client", Side.SERVER: "server"}
_REPLY_LINE = re.compile(rb"[2-5][0-9]{2}(?:[ -]|\r\n)")
_COUNTED = re.compile(rb"BDAT +([0-9]{1,10})(?: +LAST)? *\r\n", re.IGNORECASE)
_TLS_RECORD = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")  # RFC 8446 5.1


class RowMaker:
    """Adds the octets of both sides to a transcript, line by line.

    Args:
        transcript: where the rows go.
    """

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._tails = {Side.CLIENT: bytearray(), Side.SERVER: bytearray()}
        self._begun = dict.fromkeys(self._tails, False)
        self._torn = dict.fromkeys(self._tails, False)  # after a gap: the next line may lack its beginning
        self._counted = 0  # octets of the client that BDAT has announced and that have not come yet
        self._in_tls = False

    def take(self, side: Side, data: bytes, time: float) -> None:
        """Add octets of one side; each CRLF completes a row.

        Args:
            side: who sent them.
            data: the octets, cut anywhere.
            time: seconds since the connection began.
        """
        if not self._begun[side]:
            self._begun[side] = True
            if not self._in_tls and _TLS_RECORD.match(data):
                self._begin_tls(time)
        tail = self._tails[side]
        seen = max(len(tail) - 1, 0)
        tail += data
        at = 0
        while (end := self._end(side, at, max(seen, at))) > at:
            self._add(side, bytes(tail[at:end]), time)
            at = end
        del tail[:at]

    def miss(self, side: Side, count: int, time: float, *, cut: bool = False) -> None:
        """Note that octets of one side are not in the capture; what came before them is not joined to what follows.

        Args:
            side: who sent them.
            count: how many they are.
            time: seconds since the connection began.
            cut: True if the packet was captured without its end.
        """
        self._flush(side, time)
        self._transcript.note((CUT if cut else MISSING).format(count=count, side=_NAMES[side]), time)
        self._begun[side] = self._torn[side] = True
        if side is Side.CLIENT:
            self._counted = max(self._counted - count, 0)

    def finish(self, time: float) -> None:
        """Add rows for the lines that never got their CRLF."""
        for side in self._tails:
            self._flush(side, time)

    def _end(self, side: Side, at: int, seen: int) -> int:
        """Return where the row that begins at `at` ends; `at` itself if its end has not come yet."""
        tail = self._tails[side]
        if self._in_tls:
            return len(tail)
        if side is Side.CLIENT and self._counted:
            return at + self._counted if len(tail) - at >= self._counted else at
        found = tail.find(CRLF, seen)
        return at if found < 0 else found + len(CRLF)

    def _flush(self, side: Side, time: float) -> None:
        tail = self._tails[side]
        if tail:
            is_counted = side is Side.CLIENT and self._counted > 0
            self._transcript.add(side, bytes(tail), time, literal=is_counted or self._in_tls)
            if is_counted:
                self._counted -= len(tail)
            tail.clear()

    def _add(self, side: Side, data: bytes, time: float) -> None:
        """Add a whole row: a line, or octets that are not a line."""
        if side is Side.CLIENT and self._counted:
            self._counted = 0
            self._transcript.add(side, data, time, literal=True)
            return
        is_literal = self._in_tls or (self._torn[side] and not self._reads_as_line(side, data))
        self._torn[side] = False
        in_message = self._transcript.in_message
        self._transcript.add(side, data, time, literal=is_literal)
        if is_literal:
            return
        if side is Side.CLIENT and not in_message and (found := _COUNTED.fullmatch(data)):
            self._counted = int(found[1])
        elif side is Side.SERVER and self._starts_tls():
            self._begin_tls(time)

    def _reads_as_line(self, side: Side, line: bytes) -> bool:
        """Return True if a line behind a gap is likely to be a whole one, or one whose beginning decides nothing."""
        if side is Side.SERVER:
            return _REPLY_LINE.match(line) is not None
        return self._transcript.in_message or line == b".\r\n" or verb_of(line) in VERBS

    def _starts_tls(self) -> bool:
        """Return True if the last reply accepted STARTTLS (RFC 3207 4)."""
        last = self._transcript.last_exchange
        return last is not None and last.verb == "STARTTLS" and last.reply is not None and last.reply.code == 220

    def _begin_tls(self, time: float) -> None:
        self._transcript.note(TLS, time)
        self._in_tls = True
