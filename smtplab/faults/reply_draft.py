"""A reply on its way through the faults of its host: its octets, and what is sent or done around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..protocol.codes import CODES
from .actions import BreakOff
from .reply_actions import (
    ChangeOffer,
    DelayReply,
    EndlessReply,
    HoldReply,
    LoseReply,
    RepeatReply,
    SayCode,
    SayOctets,
    SendOctets,
    When,
    WritePieces,
)
from .reply_edits import Edit, EditReply

_CRLF = b"\r\n"
_EIGHT_BITS = b" \xe4\xf6\xfc"  # three letters in ISO 8859-1, which are not UTF-8
_UNKNOWN_TEXT = "A reply of a scripted fault"


@dataclass(slots=True)
class ReplyDraft:
    """A reply, and what faults make of it.

    Attributes:
        data: its octets.
        verb: what it answers.
        number: its number in the session, from 1.
        errors: how many replies before it refused something.
        recipients: how many recipients the transaction has.
        before: octets sent before it.
        after: octets sent after it.
        delay: microseconds to wait first.
        rest: microseconds to wait behind it.
        size: octets, or lines, in a piece; 0 for all at once.
        lines: True if a piece is lines.
        pause: microseconds between pieces.
        held: True if it waits for the next reply.
        swapped: True if it is then sent behind it.
        endless: True if it never ends.
        how: how the connection ends with it; empty if it goes on.
    """

    data: bytes
    verb: str
    number: int
    errors: int = 0
    recipients: int = 0
    before: bytes = b""
    after: bytes = b""
    delay: int = 0
    rest: int = 0
    size: int = 0
    lines: bool = False
    pause: int = 0
    held: bool = False
    swapped: bool = False
    endless: bool = False
    how: str = ""

    @property
    def code(self) -> str:
        """The first three octets."""
        return self.data[:3].decode("ascii", "replace")

    def apply(self, action: Any, draw: Callable[[int], int]) -> None:
        """Let one action change the reply.

        Args:
            action: one that is about replies; see `actions`.
            draw: draws a number below another.
        """
        if isinstance(action, DelayReply) and action.growing == "rest":
            self.rest += action.duration
        elif isinstance(action, DelayReply):
            self.delay += _delay(action, self, draw)
        else:
            _APPLY[type(action)](self, action)


def reply_octets(code: str, texts: tuple[bytes, ...], lines: int = 0) -> bytes:
    """Return a reply as octets, whatever its code is.

    Args:
        code: the digits.
        texts: the text of each line; none for the phrase that RFCs have for the code.
        lines: how many lines it has at least; the last text is repeated.
    """
    known = CODES.get(int(code))
    texts = texts or ((known.phrase if known else _UNKNOWN_TEXT).encode(),)
    texts += texts[-1:] * (lines - len(texts))
    ends = [b"-"] * (len(texts) - 1) + [b" "]
    return b"".join(code.encode() + end + text + _CRLF for end, text in zip(ends, texts, strict=True))


def _lines(data: bytes) -> list[bytes]:
    return data.split(_CRLF)[:-1] if data.endswith(_CRLF) else data.split(_CRLF)


def _joined(lines: list[bytes]) -> bytes:
    return b"".join(line + _CRLF for line in lines)


def _with_code(data: bytes, code: str) -> bytes:
    """Return a reply with another code in each of its lines."""
    return _joined([code.encode() + line[3:] for line in _lines(data)])


def _delay(action: DelayReply, draft: ReplyDraft, draw: Callable[[int], int]) -> int:
    if action.growing:
        return action.duration * (draft.errors if action.growing == "error" else draft.number)
    if action.most > action.duration:
        return action.duration + draw(action.most - action.duration + 1)
    return action.duration


def _say_code(draft: ReplyDraft, action: SayCode) -> None:
    if action.texts or action.lines:
        draft.data = reply_octets(action.code, action.texts, action.lines)
    else:
        draft.data = _with_code(draft.data, action.code)


def _say_octets(draft: ReplyDraft, action: SayOctets) -> None:
    draft.data = action.octets


def _send_octets(draft: ReplyDraft, action: SendOctets) -> None:
    if action.when is When.BEFORE:
        draft.before += action.octets
    else:
        draft.after += action.octets


def _endless(draft: ReplyDraft, action: EndlessReply) -> None:
    draft.data, draft.endless = draft.data[:3] + b"-" + _lines(draft.data)[0][4:] + _CRLF, True


def _lose(draft: ReplyDraft, action: LoseReply) -> None:
    draft.data = b""


def _hold(draft: ReplyDraft, action: HoldReply) -> None:
    draft.held, draft.swapped = True, action.swapped


def _repeat(draft: ReplyDraft, action: RepeatReply) -> None:
    draft.data *= action.times or draft.recipients


def _write_pieces(draft: ReplyDraft, action: WritePieces) -> None:
    draft.size, draft.pause, draft.lines = action.size, action.pause, action.lines


def _change_offer(draft: ReplyDraft, action: ChangeOffer) -> None:
    lines = _lines(draft.data)
    if draft.code != "250" or not lines:
        return
    texts = [line[4:] for line in lines]
    keyword = action.line.upper().partition(b" ")[0]  # one line a keyword (RFC 5321 4.1.1.1)
    texts[1:] = [text for text in texts[1:] if text.upper().partition(b" ")[0] != keyword]
    if not action.hidden:
        texts.append(action.line)
    draft.data = reply_octets("250", tuple(texts))


def _break_off(draft: ReplyDraft, action: BreakOff) -> None:
    draft.how = action.how
    if action.when is When.BEFORE:
        draft.data = b""
    elif action.when is When.HALF:
        draft.data = draft.data[: len(draft.data) // 2]
    elif action.when is When.WITHIN:
        draft.data = draft.data[: action.octets]


def _edit(draft: ReplyDraft, action: EditReply) -> None:
    if draft.data:
        draft.data = _EDITS[action.edit](draft.data, action)


def _mix_codes(data: bytes, action: EditReply) -> bytes:
    """Return a reply of two lines or more, in which all but the last have another code."""
    lines = _lines(data)
    other = str(int(lines[-1][:3]) + 1 if lines[-1][:3].isdigit() else 251).encode()
    before = lines[:-1] or [lines[-1]]
    return _joined([*(other + b"-" + line[4:] for line in before), lines[-1]])


def _strip(data: bytes, action: EditReply) -> bytes:
    lines = _lines(data)
    return _joined([*(line[:4] for line in lines[:-1]), lines[-1][:3]])


def _with_gap(line: bytes, octets: bytes) -> bytes:
    """Return a line with other octets between code and text; the hyphen in front of more lines stays."""
    return line[:3] + octets + line[4:] if line[3:4] == b" " else line


def _pad(data: bytes, action: EditReply) -> bytes:
    *first, last = _lines(data)
    return _joined([*first, last + b"x" * (action.count - len(data))])


def _open(data: bytes, action: EditReply) -> bytes:
    """Return a reply that says that more lines follow, and has none."""
    lines = _lines(data)
    return _joined(lines[:-1]) if len(lines) > 1 else data[:3] + b"-" + data[4:]


_EDITS: dict[Edit, Callable[[bytes, EditReply], bytes]] = {
    Edit.CODE: lambda data, action: _with_code(data, action.code),
    Edit.MIX: _mix_codes,
    Edit.STRIP: _strip,
    Edit.GLUE: lambda data, action: _joined([line[:3] + line[4:] for line in _lines(data)]),
    Edit.GAP: lambda data, action: _joined([_with_gap(line, action.octets) for line in _lines(data)]),
    Edit.EIGHT_BIT: lambda data, action: _joined([line + _EIGHT_BITS for line in _lines(data)]),
    Edit.LOWER: lambda data, action: data.lower(),
    Edit.UPPER: lambda data, action: data.upper(),
    Edit.PAD: _pad,
    Edit.OPEN: _open,
    Edit.END: lambda data, action: data.replace(_CRLF, action.octets),
    Edit.BEGIN: lambda data, action: b"".join(action.octets + line + _CRLF for line in _lines(data)),
    Edit.DROP: lambda data, action: data[: max(len(data) - action.count, 0)],
    Edit.KEEP: lambda data, action: data[: action.count],
    Edit.REPLACE: lambda data, action: data.replace(action.old, action.octets),
}

_APPLY: dict[type, Callable[[ReplyDraft, Any], None]] = {
    SayCode: _say_code,
    SayOctets: _say_octets,
    SendOctets: _send_octets,
    EndlessReply: _endless,
    LoseReply: _lose,
    HoldReply: _hold,
    RepeatReply: _repeat,
    WritePieces: _write_pieces,
    ChangeOffer: _change_offer,
    BreakOff: _break_off,
    EditReply: _edit,
}
