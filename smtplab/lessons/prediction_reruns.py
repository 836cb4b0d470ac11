"""Predictions that are made again after the session has moved on, where the same line gets another reply."""

from __future__ import annotations

from dataclasses import dataclass

from ..lab.session import Session
from ..protocol.states import State
from . import sentences
from .cells import LessonCell
from .given_cells import opens
from .workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Run:
    """The first run of a prediction in a session.

    Args:
        session: the session.
        state: where it stood before the line was sent.
        text: the cell.
        refused: True if the line was refused.
    """

    session: Session
    state: State
    text: str
    refused: bool


class PredictionReruns:
    """Where the sessions stood when predictions were first made."""

    def __init__(self) -> None:
        self._first: dict[str, _Run] = {}  # by the id of the cell
        self._stood: tuple[Session, State] | None = None  # before the cell that runs

    def remark(self, cell: LessonCell, text: str, workspace: Workspace) -> str:
        """Say that the session of a prediction that runs again stands elsewhere now; empty if it does not.

        The SMTP kernel says so itself if the same text runs again that was not refused.

        Args:
            cell: the prediction, before it runs.
            text: what the student has written in it.
            workspace: the notebook.
        """
        session, first = workspace.session(cell.session), self._first.get(cell.id)
        opened = session is None or opens(text, cell.session, typed=cell.typed)
        self._stood = None if session is None or opened else (session, session.state)
        if self._stood is None or first is None or first.session is not session:
            return ""
        now = self._stood[1]
        if now in (first.state, State.CLOSED) or (cell.typed and text == first.text and not first.refused):
            return ""
        return sentences.RAN_BEFORE.format(then=first.state.value, now=now.value)

    def note(self, cell: LessonCell, text: str) -> None:
        """Note that a prediction has been made.

        Args:
            cell: the prediction, after it has run.
            text: what the student has written in it.
        """
        first = self._first.get(cell.id)
        if self._stood is None or (first is not None and first.session is self._stood[0]):
            return
        session, state = self._stood
        said = session.transcript.last_exchange
        self._first[cell.id] = _Run(session, state, text, said is not None and said.refused)
