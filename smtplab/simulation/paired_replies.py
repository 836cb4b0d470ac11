"""Watch what is said in the sessions of a run: each command gets one reply, and one transaction is open at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..faults.actions import BreakAt, BreakOff, ReadSlowly, RefuseConnection
from ..faults.fault import Fault
from ..faults.reply_actions import ChangeOffer, DelayReply, LoseReply, SayCode, WritePieces
from ..faults.short_forms import Greylist
from ..protocol.states import MESSAGE
from ..transcript import Side

# The faults that leave one reply to each command, or end the session; and the codes that may replace any other one.
_KEEP_PAIRS = (BreakAt, BreakOff, ChangeOffer, DelayReply, Greylist, ReadSlowly, RefuseConnection, WritePieces)
_REFUSAL = re.compile("[45][0-9][0-9]")


def leaves_pairs(text: str) -> bool:
    """Return True if a fault leaves one reply to each command, or none where the client says nothing more."""
    fault = Fault.parse(text)
    action = fault.action
    if isinstance(action, LoseReply):
        return fault.at.verb == MESSAGE
    if isinstance(action, SayCode):
        return _REFUSAL.fullmatch(action.code) is not None
    return isinstance(action, _KEEP_PAIRS)


class PairedReplies:
    """Watch a connection: each command gets one reply, and a session has one transaction at a time.

    Args:
        name: how a sentence calls the connection.
        broken: takes a sentence about each rule that is broken; None to watch nothing.
    """

    def __init__(self, name: str, broken: list[str] | None) -> None:
        self._name = name
        self._broken = broken
        self._said = {Side.CLIENT: b"", Side.SERVER: b""}  # what has come of lines that have not ended
        self._waiting = ["greeting"]  # what waits for a reply
        self._in_message = self._in_transaction = False

    def feed(self, side: Side, data: bytes, seconds: float, names: Iterable[str] = ()) -> None:
        """Take octets of one side."""
        if self._broken is None:
            return
        *lines, self._said[side] = (self._said[side] + data).split(b"\r\n")
        for line in lines:
            if side is Side.CLIENT:
                self._hear_client(line)
            elif line[3:4] != b"-":
                self._hear_reply(int(line[:3]), self._broken)

    def fail(self, error: Exception) -> None:
        """Note that the connection could not be made."""

    def interrupt(self, inner: object) -> None:
        """Note that the server calls another host in the meantime."""

    def _hear_client(self, line: bytes) -> None:
        if not self._in_message:
            self._waiting.append(line[:4].upper().decode("ascii", "replace"))
        elif line == b".":
            self._in_message = False
            self._waiting.append(".")

    def _hear_reply(self, code: int, broken: list[str]) -> None:
        if not self._waiting:
            if code != 421:
                broken.append(f"a reply {code} came between {self._name} to no command")
            return
        verb = self._waiting.pop(0)
        if verb == "DATA" and code == 354:
            self._in_message = True
        elif verb == "MAIL" and code == 250:
            if self._in_transaction:
                broken.append(f"a second transaction began between {self._name}")
            self._in_transaction = True
        elif verb == "." or (verb in ("RSET", "EHLO", "HELO") and code == 250):
            self._in_transaction = False
