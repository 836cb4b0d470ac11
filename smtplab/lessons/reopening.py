"""Say how to go on when a session of a tutorial has ended too early: which cell opens a new one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..base.printed import sentence
from ..lab.client_end import SessionClosed
from ..lab.session import Session
from ..protocol.commands import VERBS
from . import sentences
from .cells import Kind, LessonCell
from .goals import DEFAULT_SESSION

_LESSON = re.compile(r"^(?:smtplab\.lesson\(|%lesson )", re.MULTILINE)
_SPEAKER = re.compile(r"\b(\w+)\.\w")  # what stands before the dot of a method
_QUIT = "QUIT"


def is_about_the_end(error: BaseException | None) -> bool:
    """Return True if a cell failed because its session is over, also if the SMTP kernel wraps the error."""
    return error is not None and any(isinstance(each, SessionClosed) for each in (error, error.__cause__))


def names_in(cell: LessonCell) -> list[str]:
    """Return the names that may be those of the session in which a cell speaks, the likeliest first."""
    return [cell.session] if cell.session else [*_SPEAKER.findall(cell.source), DEFAULT_SESSION]


def opener_again(session: Session, name: str, above: Sequence[LessonCell]) -> str:
    """Say in a sentence which cell to run again, so that a session is open; empty if no cell above opens it.

    Args:
        session: the session that is over.
        name: its variable; the SMTP kernel has one session in use, whatever its name.
        above: the cells above the one that failed.
    """
    opens = re.compile(rf"^(?:{name} = .*\btelnet\(|telnet ).*", re.MULTILINE)
    found = [(at, match[0]) for at, cell in enumerate(above) if (match := opens.search(cell.source))]
    if not found:
        return ""
    at, line = found[-1]
    opener, between = above[at], above[at + 1 :]
    # The lesson does the steps between by itself only if it begins again, and never what a given cell sends.
    at_once = bool(_LESSON.search(opener.source)) or not any(cell.session for cell in between)
    at_once = at_once and not any(_is_given_and_speaks(cell, name) for cell in between)
    told = sentences.RUN_THE_OPENER.format(
        how=" with QUIT" if _said_goodbye(session) else "",
        cell=f"“{opener.task}”" if opener.kind is Kind.OPEN else f"with `{line}`",
        below="this one" if at_once else "the cells below it",
    )
    return sentence(told)


def _is_given_and_speaks(cell: LessonCell, name: str) -> bool:
    lines = (line.split() for line in cell.source.split("\n"))
    typed = any(words and words[0] in VERBS for words in lines)  # in a notebook of the SMTP kernel
    return cell.kind is Kind.RUN and (typed or f"{name}.send(" in cell.source)


def _said_goodbye(session: Session) -> bool:
    last = session.transcript.last_exchange
    return last is not None and last.verb == _QUIT
