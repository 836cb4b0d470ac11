"""Do once what every submission does, so that the processes that are forked find it done: caches, late imports.

Nothing of a student's and no hidden rule comes near this: the exercise is handed out to nobody, and judged by its
public rules.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from contextlib import redirect_stdout, suppress
from functools import cache
from typing import Any

from .. import check
from ..design import Design, ExerciseError
from ..exercises import design_of
from ..journal import journal_line
from ..referee import LockedCell, judge_journal

_EXERCISE = "01-hold-your-own-session"
_LINES = ("HELO warm-up.example", "MAIL FROM:<a@warm-up.example>", "RCPT TO:<b@warm-up.example>", "QUIT")


def load_designs(exercises: Sequence[str]) -> Sequence[Design[Any]]:
    """Load exercises, and return their designs; skip names that no exercise has."""
    found = []
    for name in exercises:
        with suppress(ExerciseError):
            found.append(design_of(name))
    return found


@cache
def warm_up() -> None:
    """Hold a session of an exercise, and judge it."""
    before = os.environ.get("SMTPLAB_STUDENT")
    os.environ["SMTPLAB_STUDENT"] = "nobody"
    try:
        with redirect_stdout(io.StringIO()):
            mine = check.exercise(_EXERCISE)
            session = mine.telnet(mine.host_names[0])
            print(mine, [session.send(line) for line in _LINES])
        check.hand_out(mine)
        judge_journal("nobody", (), [LockedCell("all", f"check({_EXERCISE!r})")], _journal(mine.host_names[0]))
    finally:
        check.forget()
        if before is None:
            os.environ.pop("SMTPLAB_STUDENT", None)
        else:
            os.environ["SMTPLAB_STUDENT"] = before


def _journal(host: str) -> bytes:
    octets = "".join(f"{line}\r\n" for line in _LINES)
    return b"".join(
        [
            journal_line("hand out", exercise=_EXERCISE, said="nobody", course=""),
            journal_line("dial", exercise=_EXERCISE, call=0, host=host, port=25),
            journal_line("send", exercise=_EXERCISE, call=0, data=octets),
        ]
    )
