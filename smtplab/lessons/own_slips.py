"""Find the wrong beliefs that a student shows in the open cells of a tutorial.

What the given cells do wrong on purpose shows nothing, and neither does a refusal that a task asks for. A belief needs
as many slips as elsewhere; see `explain.belief_evidence`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from ..explain.belief_evidence import Slip, named_by, slips_in
from ..lab.session import Session
from .cells import LessonCell
from .goals import Goal
from .workspace import Workspace

_PERMANENT = "5"


class OwnSlips:
    """The slips in the open cells that have run."""

    def __init__(self) -> None:
        self._sessions: list[Session] = []
        self._said_before: dict[int, int] = {}  # by the number of a session, how many rows it had when the cell began
        self._slips: list[Slip] = []

    def begin(self, workspace: Workspace) -> None:
        """Note where the sessions stand when a cell begins."""
        self._said_before = {self._number(each): len(each.transcript) for each in workspace.all_sessions()}

    def end(self, cell: LessonCell, workspace: Workspace) -> tuple[str, ...]:
        """Add what an open cell has said.

        Args:
            cell: the cell.
            workspace: the notebook.

        Returns:
            The ids of the beliefs that all open cells together show.
        """
        for session in workspace.all_sessions():
            self._slips += self._new_slips(session, cell.goal)
        return named_by(self._slips)

    def _new_slips(self, session: Session, goal: Goal | None) -> Iterator[Slip]:
        first = self._said_before.get(self._number(session), 0)
        for slip in slips_in(session.transcript):
            if slip.row >= first and not (goal is not None and _is_asked_for(slip, goal)):
                yield replace(slip, transcript=0)  # who runs a cell again says its lines in a new session, too

    def _number(self, session: Session) -> int:
        """Return a number that stands for a session."""
        for number, known in enumerate(self._sessions):
            if known is session:
                return number
        self._sessions.append(session)
        return len(self._sessions) - 1


def _is_asked_for(slip: Slip, goal: Goal) -> bool:
    """Return True if a task asks for what was said: for a line of the message, or for a refusal of this verb."""
    said = slip.said.decode("utf-8", "replace").strip()
    verb = said.partition(" ")[0].upper()
    refused = any(each.code.startswith(_PERMANENT) and each.verb == verb for each in goal.said)
    return refused or any(fnmatchcase(said, line.lower()) for line in goal.lines)
