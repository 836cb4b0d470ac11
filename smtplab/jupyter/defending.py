"""The defence of a session in a notebook, where its questions have buttons."""

from __future__ import annotations

from ..base.printed import running_shell
from ..grading import check
from ..grading.defence import Defence
from . import widgets


def defend(name: str) -> Defence:
    """Ask three questions about your session in an exercise, once all that can be seen of it is right.

    Args:
        name: the exercise's name.

    Returns:
        The questions. Press a code, or write ``defence.answer(1, 250)``; the first answer counts.

    Raises:
        ExerciseError: if the exercise is not handed out or has no sessions, or no session has all points yet.
    """
    if (shell := running_shell()) is not None:
        widgets.register(shell)
    return check.defend(name)
