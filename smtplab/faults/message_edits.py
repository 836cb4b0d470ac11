"""What faults make of a message before its host gets it."""

from __future__ import annotations

import re
from collections.abc import Callable

from .message_actions import Change, EditMessage

_CRLF = b"\r\n"
_DOT = re.compile(rb"(^|\r\n)\.")
_SEVEN_BITS = bytes(octet & 0x7F for octet in range(256))


def edited(content: bytes, action: EditMessage) -> bytes:
    """Return a message as a fault changes it.

    Args:
        content: the message, its lines ended by CRLF and without the dots that a client doubles.
        action: what is changed.
    """
    return _CHANGES[action.change](content, action)


def _cut_lines(content: bytes, action: EditMessage) -> bytes:
    return _CRLF.join(line[: action.count] for line in content.split(_CRLF))


def _break_lines(content: bytes, action: EditMessage) -> bytes:
    return _CRLF.join(
        line[start : start + action.count]
        for line in content.split(_CRLF)
        for start in range(0, max(len(line), 1), action.count)
    )


def _drop_last_line(content: bytes, action: EditMessage) -> bytes:
    before, end, _ = content.removesuffix(_CRLF).rpartition(_CRLF)
    return before + end


_CHANGES: dict[Change, Callable[[bytes, EditMessage], bytes]] = {
    Change.SEVEN_BIT: lambda content, action: content.translate(_SEVEN_BITS),
    Change.STUFFED: lambda content, action: _DOT.sub(rb"\1..", content),
    Change.UNDOTTED: lambda content, action: _DOT.sub(rb"\1", content),
    Change.SHORT_LINES: _cut_lines,
    Change.BROKEN_LINES: _break_lines,
    Change.KEEP: lambda content, action: content[: action.count],
    Change.DROP: lambda content, action: content[: action.after] + content[action.after + action.count :],
    Change.LAST_LINE: _drop_last_line,
    Change.REPLACE: lambda content, action: content.replace(action.old, action.octets),
    Change.BEGIN: lambda content, action: action.octets + content,
    Change.END: lambda content, action: content + action.octets,
}
