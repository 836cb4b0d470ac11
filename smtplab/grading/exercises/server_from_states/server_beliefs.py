"""The wrong beliefs that a server's mistakes in exercise 05 show, and what proves that there is no other reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ....conformance.rule import ConformanceFinding
from ...rules import RuleFailure
from .sessions import CODES_ONLY, SESSIONS, session_of
from .task import ServerTask

_AT_THE_DOT = "message-is-stored"


def shown_by_servers(task: ServerTask, visit: Callable[[str], ConformanceFinding | RuleFailure]) -> Iterator[str]:
    """Yield the wrong beliefs that a server proves.

    A server that has stored nothing when it has answered the dot, and has all messages of a session after QUIT, takes
    QUIT for the sending.

    Args:
        task: the student's task.
        visit: returns what was found at a visit.
    """
    first = visit(_AT_THE_DOT)
    if isinstance(first, RuleFailure) or not first.failed or first.came:
        return
    with_mail = [name for name in list(SESSIONS)[CODES_ONLY:] if _stores(task, SESSIONS[name])]
    found = visit(with_mail[0])
    if not isinstance(found, RuleFailure) and found.passed:
        yield "quit-sends-the-mail"


def _stores(task: ServerTask, number: int) -> bool:
    """Return True if a message is stored in a session that was drawn at random."""
    return any(step.stored is not None for step in session_of(task, number))
