"""Sessions that are not the one of a step: the student's own, one in another variable, one with another host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..base.printed import sentence
from ..lab.session import Session
from . import sentences
from .cells import Kind, LessonCell
from .evidence import HELLO, Verdict, line_of
from .workspace import Workspace


class OwnSessions:
    """The sessions that the student has begun for himself: in a cell of his own, with another HELO or EHLO.

    Who says the HELO of the tutorial in a new session takes the tutorial up again.
    """

    def __init__(self) -> None:
        self._opened: dict[int, Session] = {}  # by identity
        self._own: dict[int, Session] = {}

    def note(self, new: Iterable[Session], is_of_the_lesson: Callable[[Session, str], bool]) -> None:
        """Note the sessions that a cell of the student's own has opened, and which of them are his own by now.

        Args:
            new: the sessions that are new since the last cell.
            is_of_the_lesson: returns True if the lesson speaks in a session, or has said a line in another one.
        """
        self._opened |= {id(each): each for each in new}
        for session in self._opened.values():
            hello = [line_of(each) for each in session.transcript.exchanges() if each.verb in HELLO and each.accepted]
            if hello and not is_of_the_lesson(session, hello[0]):
                self._own[id(session)] = session

    def __contains__(self, session: Session) -> bool:
        return id(session) in self._own


def wrong_host(cell: LessonCell, session: Session, wanted: str, workspace: Workspace) -> Verdict:
    """Return the verdict on a step in a session that is held with another host than the one that is wanted."""
    names = {"session": cell.session, "host": session.host, "wanted": wanted}
    return Verdict(False, sentence(sentences.WRONG_HOST.format(call=workspace.call(cell.session, wanted), **names)))


def misnamed(
    cell: LessonCell, new: Mapping[str, Session], held: Callable[[str], Session | None], workspace: Workspace
) -> str:
    """Return what is said of an open cell that has opened its session in another variable; empty if it has not.

    What that variable held before, it holds again.

    Args:
        cell: the cell, which has run.
        new: the sessions that it has opened, by their variables.
        held: returns the session that a variable held before; None if it held none.
        workspace: the notebook.
    """
    if cell.kind is not Kind.OPEN or not cell.opens_its_session or not new or cell.session in new:
        return ""
    name, session = next(iter(new.items()))
    host = session.host if cell.goal is None else cell.goal.host or session.host
    told = sentences.MISNAMED.format(name=name, call=workspace.call(cell.session, host))
    if (earlier := held(name)) is not None:
        workspace.hold(name, earlier)
        told += sentences.MISNAMED_HELD.format(name=name)
    return sentence(told)
