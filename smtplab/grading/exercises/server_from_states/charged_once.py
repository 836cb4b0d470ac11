"""Which lines of a drawn session show a mistake that another rule of exercise 05 is about.

So one slip is charged once: a session adds nothing to what that rule has found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from .sessions import DrawnStep

_SeenIn = Callable[[DrawnStep], bool]


def _verb(*verbs: bytes) -> _SeenIn:
    return lambda step: not _is_text(step) and step.octets[:4].upper().strip() in verbs


def _is_text(step: DrawnStep) -> bool:
    return step.octets == b".\r\n" or step.octets.endswith(b"\r\n.\r\n")


_ABOUT: Mapping[str, _SeenIn] = {
    "opening": _verb(b"HELO", b"EHLO"),
    "replies": lambda step: True,
    "transaction": lambda step: _is_text(step) or step.octets[:1].islower() or _verb(b"MAIL", b"RCPT", b"DATA")(step),
    "order": lambda step: _is_text(step) or step.code == 503,
    "mailboxes": _verb(b"RCPT"),
    "stored": _is_text,
    "dots": _is_text,
    "end": _is_text,
    "pieces": lambda step: step.cut > 0,
    "syntax": lambda step: step.code in (500, 501),
    "reset": _verb(b"RSET", b"NOOP"),
    "null": lambda step: b"<>" in step.octets,
    "quit": _verb(b"QUIT"),
    "random": lambda step: True,
}
_MOST_RULES = 4  # that one slip or two may fail; a server that fails more of them is charged for its sessions, too


def is_charged(failing: Sequence[str], sessions: Iterable[Sequence[DrawnStep]]) -> bool:
    """Return True if some failing rule explains each session that differs from ours.

    Args:
        failing: the names of the other rules that fail.
        sessions: of each session that differs the steps up to the first difference.
    """
    seen_in = [_ABOUT[name] for name in failing if name in _ABOUT]
    return len(failing) <= _MOST_RULES and all(
        any(is_seen(step) for step in steps for is_seen in seen_in) for steps in sessions
    )
