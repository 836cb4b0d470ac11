"""Why a client and a server wait for each other: the reason, read from what the client sent last.

The decision is pure. A world measures the silence, and calls `hang_reason` when it has lasted about a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from . import client_wording as wording


class HangKind(Enum):
    """The kinds of silence, each with the sentence that says what the client should do next."""

    NOTHING_SAID = wording.HANG_NOTHING_SAID
    LF = wording.HANG_LF
    CR = wording.HANG_CR
    ESCAPES = wording.HANG_ESCAPES
    HALF_LINE = wording.HANG_HALF_LINE
    WAITS_FOR_MORE = wording.HANG_WAITS_FOR_MORE
    TEXT_EXPECTED = wording.HANG_TEXT_EXPECTED
    TEXT_LF = wording.HANG_TEXT_LF
    TEXT_HALF_LINE = wording.HANG_TEXT_HALF_LINE
    QUIT_IN_TEXT = wording.HANG_QUIT_IN_TEXT
    COMMAND_IN_TEXT = wording.HANG_COMMAND_IN_TEXT
    REPLY_TO_TEXT = wording.HANG_REPLY_TO_TEXT
    NO_DOT = wording.HANG_NO_DOT


@dataclass(frozen=True, slots=True)
class Hang:
    """A silence and its reason.

    Args:
        kind: what is wrong.
        pending: the octets that the server holds and cannot use yet.
    """

    kind: HangKind
    pending: bytes = b""

    @property
    def sentence(self) -> str:
        """What happened and what to do."""
        return self.kind.value


_VERBS = (b"QUIT", b"RSET", b"NOOP", b"MAIL FROM:", b"RCPT TO:", b"DATA")


def hang_reason(pending: bytes, *, in_text: bool, spoken: bool, whole: bytes | None = None) -> Hang:
    """Return why the client is silent.

    Args:
        pending: what the client sent and the server has not been able to use: a line that has not ended, or the text
            after 354.
        in_text: True after 354, until the dot.
        spoken: True if the client has sent a command before.
        whole: the message that the client is to send, if it is known; with it a client that waits in the middle of its
            text is told from one that forgets the dot.
    """
    kind = _kind_in_text(pending, whole) if in_text else _kind_in_command(pending, spoken=spoken)
    return Hang(kind, pending)


def _kind_in_command(pending: bytes, *, spoken: bool) -> HangKind:
    if not pending:
        return HangKind.WAITS_FOR_MORE if spoken else HangKind.NOTHING_SAID
    if b"\\r\\n" in pending or b"\\n" in pending:
        return HangKind.ESCAPES
    if b"\n" in pending:
        return HangKind.LF
    return HangKind.CR if pending.endswith(b"\r") else HangKind.HALF_LINE


def _kind_in_text(pending: bytes, whole: bytes | None) -> HangKind:
    if not pending:
        return HangKind.TEXT_EXPECTED
    *_, before, last = [b"", *pending.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")]
    ended = pending.endswith(b"\n")
    if last == b"." or (before == b"." and last.upper() == b"QUIT"):
        return HangKind.TEXT_LF if ended else HangKind.TEXT_HALF_LINE
    if last.upper().startswith(b"QUIT") and ended:
        return HangKind.QUIT_IN_TEXT
    if last.upper().startswith(_VERBS) and ended:
        return HangKind.COMMAND_IN_TEXT
    if whole is not None and _is_part(pending, whole):
        return HangKind.REPLY_TO_TEXT
    return HangKind.NO_DOT


def _is_part(pending: bytes, whole: bytes) -> bool:
    """True if the client has sent less than three quarters of its lines, so that more will follow a reply."""
    return 4 * pending.count(b"\n") < 3 * whole.count(b"\n")
