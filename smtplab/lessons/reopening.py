"""Lead a session of a tutorial back to where it stood, if it has ended before a cell that speaks in it.

There is one cure, and it keeps the lab: the student runs the cell that needs the session, and the lesson opens it.
Where an undo takes back what ended the session, the undo does it. Else a new session takes its place. There the lesson
says again what the cells above had said; in a lab whose hosts queue only what the server still went by, such as HELO,
because the hosts have the messages already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..base.printed import sentence
from ..client.outcomes import ClientError
from ..lab.client_end import SessionClosed, Silence
from ..lab.session import Session
from ..protocol.states import State
from ..transcript import Side
from . import sentences
from .cells import LessonCell
from .given_cells import forks, opens, speaks
from .goals import DEFAULT_SESSION
from .marks import Mark
from .progress import LessonProgress
from .workspace import Workspace

_SPEAKER = re.compile(r"\b(\w+)\.\w")  # what stands before the dot of a method
_QUIT = "QUIT"


def is_about_the_end(error: BaseException | None) -> bool:
    """Return True if a cell failed because its session is over, also if the SMTP kernel wraps the error."""
    return error is not None and any(isinstance(each, SessionClosed) for each in (error, error.__cause__))


def names_in(cell: LessonCell) -> list[str]:
    """Return the names that may be those of the session in which a cell speaks, the likeliest first."""
    return [cell.session] if cell.session else [*_SPEAKER.findall(cell.source), DEFAULT_SESSION]


def how_it_ended(session: Session) -> str:
    """Return " with QUIT" if the client has ended a session so; else nothing."""
    last = session.transcript.last_exchange
    return " with QUIT" if last is not None and last.verb == _QUIT else ""


def said_again(session: Session, data: Iterable[bytes]) -> str:
    """Say lines in a session in one step, and return why that failed, as a sentence; empty if it did not."""
    try:
        with session.step():
            for each in data:
                _say(session, each)
    except (ClientError, ValueError) as error:
        return sentence(error)
    return ""


def _say(session: Session, data: bytes) -> None:
    try:
        session.send_bytes(data)
    except Silence:  # as it was when it was said first: a line without its CRLF
        return


@dataclass(frozen=True, slots=True)
class Reopening:
    """Opens the sessions again that the cells need and that have ended.

    Args:
        progress: how far the student has come.
    """

    _progress: LessonProgress

    def needed(self, cell: LessonCell, text: str, missing: Sequence[LessonCell], workspace: Workspace) -> list[str]:
        """Return the sessions that are over, or new and empty, and in which a cell or a missing step has to speak.

        Args:
            cell: the cell that is about to run.
            text: what the student has written in it.
            missing: the steps above it that have to be done.
            workspace: the notebook.
        """
        found = []
        for name, session in self._progress.sessions(workspace):
            in_need = self._is_needed(cell, name, text, missing, workspace)
            if in_need and self._is_lacking(cell, name, session, workspace):
                found.append(name)
        return found

    def _is_needed(
        self, cell: LessonCell, name: str, text: str, missing: Sequence[LessonCell], workspace: Workspace
    ) -> bool:
        """Return True if a missing step or the cell speaks in a session before one of them opens a new one."""
        for each, written in [*((each, each.source) for each in missing), (cell, text)]:
            if self.needs(each, name, written, workspace):
                return True
            if opens(written, name, typed=each.typed):
                return False
        return False

    def needs(self, cell: LessonCell, name: str, text: str, workspace: Workspace) -> bool:
        """Return True if a session has to be open before a cell with this text runs."""
        if cell.switch:
            return False
        if not speaks(cell, name) or (opens(text, name, typed=cell.typed) and not forks(cell)):
            return False
        return not self._progress.is_behind(cell, name, workspace)

    def _is_lacking(self, cell: LessonCell, name: str, session: Session, workspace: Workspace) -> bool:
        """Return True if a session is over, or is a new one in a lab whose hosts queue and has not said HELO yet."""
        if session.closed:
            return True
        before = self._progress.marks.before(name, session)
        if workspace.waiting() is None or before is None or not before.lines:
            return False
        return session.steps == 0 and self._progress.is_of_section(cell, name, session)

    def lead_back(self, name: str, workspace: Workspace) -> tuple[str, str]:
        """Open a session again where it stood.

        Returns:
            What was done, as a sentence; and why it failed, which is empty if it did not.
        """
        session = workspace.session(name)
        assert session is not None
        how, mark = how_it_ended(session), self._progress.marks.of(session)
        assert mark is not None
        if not session.closed:
            return sentences.SAID_IN_NEW_ONE, self.say_what_is_in_force(name, workspace)
        for steps in (mark.steps_since, mark.steps_since + 1):
            if session.can_undo(steps):
                workspace.take_back(name, steps)
                return sentences.OPEN_AGAIN.format(how=how), ""
        problem = workspace.run(workspace.call(name, session.host))
        if problem:
            return "", sentences.NOT_OPENED_AGAIN.format(how=how, problem=problem)
        left = sentences.TRIES_LEFT if self._progress.messages_of_the_step().get(id(session)) else ""
        return sentences.OPENED_ANEW.format(how=how, left=left), self.say_what_is_in_force(name, workspace)

    def mark_hello(self, workspace: Workspace) -> None:
        """In a lab whose hosts queue, note that a session opened in the place of another has said HELO, and only that.

        The step begins behind the HELO, so that an undo of the step does not take it back.
        """
        if workspace.waiting() is None:
            return
        marks = self._progress.marks
        for name, session in self._progress.sessions(workspace):
            said = [row.text for row in session.transcript if row.side is Side.CLIENT]
            alone = session.state is State.READY and said == Mark.of(session).lines
            if alone and not marks.length(session) and marks.before(name, session) is not None:
                marks.mark([(name, session)])

    def hello_again(self, name: str, workspace: Workspace) -> None:
        """Say what the server went by, such as HELO, in a session of the student that has been led back to nothing."""
        session = workspace.session(name)
        if session is not None and session.state is State.GREETED:
            self.say_what_is_in_force(name, workspace)

    def say_what_is_in_force(self, name: str, workspace: Workspace) -> str:
        """In a lab whose hosts queue, say in a new session what the server of the one before still went by."""
        session = workspace.session(name)
        before = None if session is None else self._progress.marks.before(name, session)
        if session is None or before is None or workspace.waiting() is None:
            return ""
        problem = said_again(session, [f"{line}\r\n".encode() for line in before.lines])
        workspace.seen(name)
        return problem
