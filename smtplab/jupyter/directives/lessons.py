"""Directives of a lesson: begin it, set a task, ask for a hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from ...base.printed import running_shell
from ...client.session import SMTP_PORT
from ...lab.internet import Lab
from ...lab.lab_host import Message
from ...lab.predict import Question
from ...lab.session import Session
from ...lessons.cells import LessonError
from ...lessons.goals import DEFAULT_SESSION
from ...lessons.workspace import hosts_with_mail
from .. import sentences
from ..cell_result import CellError, CellResult
from ..named_session import NamedSession
from ..notebook_state import NotebookState

_PYTHON = "%%py"


class _RunsCells(Protocol):
    """The engine, as the workspace uses it."""

    question: Question | None
    name: str

    @property
    def session(self) -> Session | None: ...

    @property
    def lab(self) -> Lab: ...

    @property
    def current(self) -> NamedSession: ...

    def run(self, cell: str, name: str = "", *, cell_id: str | None = "") -> CellResult: ...


class _TypedWorkspace:
    """A notebook of the SMTP kernel: there is a current session, whatever its name."""

    def __init__(self, engine: _RunsCells) -> None:
        self._engine = engine

    def session(self, name: str) -> Session | None:
        return self._engine.session

    def session_names(self) -> Sequence[str]:
        return () if self._engine.session is None else (DEFAULT_SESSION,)

    def all_sessions(self) -> Sequence[Session]:
        return () if self._engine.session is None else (self._engine.session,)

    def current_name(self) -> str:
        return self._engine.name

    def seen(self, name: str) -> None:
        self._engine.current.news()  # the lesson shows it

    def mailbox(self, address: str) -> Sequence[Message]:
        return self._engine.lab.mailbox(address)

    def waiting(self) -> Sequence[str] | None:
        return hosts_with_mail(self._engine.lab)

    def value(self, name: str) -> object:
        return None  # a cell of SMTP has no variables

    def hold(self, name: str, session: Session) -> None:
        """Do nothing, because a cell of SMTP has no variables."""

    def forget(self, name: str) -> None:
        """Do nothing, because a cell of SMTP has no variables."""

    def undo(self, name: str, steps: int) -> str:
        return f"%undo {steps}"

    def steps(self, count: int) -> str:
        return "cell" if count == 1 else f"{count} cells"

    def take_back(self, name: str, steps: int) -> None:
        self._engine.current.step_back(steps)  # what is shown goes back as well

    def call(self, name: str, host: str) -> str:
        return f"telnet {host} {SMTP_PORT}"

    def run(self, code: str) -> str:
        from ..lesson_hooks import run_python

        first, _, python = code.partition("\n")
        if first.strip() == _PYTHON:
            return run_python(running_shell(), python)
        failure = self._engine.run(code, cell_id=None).failure
        return "" if failure is None else str(failure)

    def question(self, value: object) -> Question | None:
        question = self._engine.question
        return None if question is None or question.answered else question

    def skip(self, question: Question) -> None:
        question.skip()
        self._engine.current.news()  # the lesson shows it


def lesson(notebook: NotebookState, argument: str) -> None:
    """Begin a tutorial, with no session open and a new lab."""
    from .. import lesson_hooks

    if not argument:
        raise CellError(sentences.LESSON_SYNTAX)
    notebook.start_over(queues=False)
    try:
        lesson_hooks.begin(argument, _TypedWorkspace(cast(_RunsCells, notebook)))
    except LessonError as error:
        raise CellError(error) from None


def now(notebook: NotebookState, argument: str) -> None:
    """Set a task. The lesson reads it from the cell; nothing is sent."""


def hint(notebook: NotebookState, argument: str) -> str:
    """Show the hint for the task in hand; asked again, one answer."""
    from .. import lesson_hooks

    if notebook.exercise is not None:
        raise CellError(sentences.NO_HINT)
    return lesson_hooks.hint()
