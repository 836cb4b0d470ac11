"""Lessons in a notebook: IPython calls the lesson before and after each cell.

::

    smtplab.lesson("00-start-here")      # in the SMTP kernel: %lesson 00-start-here

Both kernels are IPython's, so the hooks are the same. They differ in where a session is found and in how a reference
answer is run, which is their `Workspace`; that of the SMTP kernel is in `directives.lessons`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import display

from ..base.printed import running_shell, sentence
from ..client.session import SMTP_PORT
from ..explain.cards import cards
from ..lab.client_end import SessionClosed, Silence
from ..lab.internet import Lab, LabSession
from ..lab.lab_host import Message
from ..lab.predict import Question
from ..lab.session import Session
from ..lessons.lesson import Lesson
from ..lessons.own_slips import OwnSlips
from ..lessons.workspace import Workspace, hosts_with_mail
from . import sentences, widgets
from .noted_beliefs import note_beliefs, note_what_shows
from .running_cell import running_cell_id

_LAB = "lab"
_ONE_LINE = "Minimal"


class _PythonWorkspace:
    """A Python notebook: sessions are in variables."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell

    def session(self, name: str) -> Session | None:
        found = self._shell.user_ns.get(name)
        return found if isinstance(found, Session) else None

    def session_names(self) -> Sequence[str]:
        names = self._shell.user_ns.items()
        return [name for name, value in names if isinstance(value, Session) and not name.startswith("_")]

    def all_sessions(self) -> Sequence[Session]:
        values = list(self._shell.user_ns.values())
        of_widgets = [each for each in values if type(each).__module__.startswith(widgets.__name__)]
        held = [getattr(each, "session", None) for each in of_widgets]
        found = [each for each in [*values, *held] if isinstance(each, Session)]
        return list({id(each): each for each in found}.values())

    def current_name(self) -> str:
        return ""

    def seen(self, name: str) -> None:
        """Do nothing, because in Python a cell shows what it returns."""

    def mailbox(self, address: str) -> Sequence[Message]:
        lab = self._lab
        if lab is None:
            raise LookupError(address)
        return lab.mailbox(address)

    @property
    def _lab(self) -> Lab | None:
        """The lab of the notebook; None if it has none."""
        names = self._shell.user_ns
        labs = [names.get(_LAB), *(each.lab for each in list(names.values()) if isinstance(each, LabSession))]
        return next((each for each in labs if isinstance(each, Lab)), None)

    def waiting(self) -> Sequence[str] | None:
        lab = self._lab
        return None if lab is None else hosts_with_mail(lab)

    def value(self, name: str) -> object:
        return self._shell.user_ns.get(name)

    def hold(self, name: str, session: Session) -> None:
        self._shell.user_ns[name] = session

    def forget(self, name: str) -> None:
        self._shell.user_ns.pop(name, None)

    def call(self, name: str, host: str) -> str:
        names = self._shell.user_ns
        in_the_lab_of = isinstance(names.get(name), LabSession) and not isinstance(names.get(_LAB), Lab)
        lab = f"{name}.lab" if in_the_lab_of else _LAB
        return f'{name} = {lab}.telnet("{host}", {SMTP_PORT})'

    def undo(self, name: str, steps: int) -> str:
        return f"{name}.undo({steps})"

    def steps(self, count: int) -> str:
        return "`send`" if count == 1 else f"{count} calls of `send`"

    def take_back(self, name: str, steps: int) -> None:
        session = self.session(name)
        assert session is not None
        session.undo(steps)

    def run(self, code: str) -> str:
        return run_python(self._shell, code)

    def question(self, value: object) -> Question | None:
        return value if isinstance(value, Question) and not value.answered else None

    def skip(self, question: Question) -> None:
        question.skip()


def run_python(shell: Any, code: str) -> str:
    """Run Python among the student's variables, show nothing, and return why it failed; empty if it did not."""
    try:
        with redirect_stdout(StringIO()):
            exec(shell.transform_cell(code), shell.user_ns)
    except Exception as error:  # a reference answer runs among the student's own variables
        return sentence(error)
    return ""


@magics_class
class LessonMagics(Magics):
    """The lesson of a notebook, and ``%hint``."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._shell = shell
        self.lesson: Lesson | None = None
        self._workspace: Workspace = _PythonWorkspace(shell)
        self._slips = OwnSlips()
        self._tracebacks = ""  # the student's own mode of tracebacks, while a cell of the tutorial runs
        self._hidden: tuple[Any, Any] | None = None  # how the student's own errors are shown meanwhile
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    def begin(self, lesson: Lesson, workspace: Workspace) -> None:
        """Begin a lesson, and end the one before."""
        self.lesson, self._workspace, self._slips = lesson, workspace, OwnSlips()
        lesson.begin(workspace)

    @line_magic
    def hint(self, line: str) -> None:
        """Show the hint for the task in hand; asked again, one answer."""
        print(hint())

    def told_hint(self) -> str:
        """Return the hint for the task in hand, as the notebook stands."""
        assert self.lesson is not None
        return self.lesson.hint(self._workspace)

    def _before(self, info: Any) -> None:
        if self.lesson is not None:
            for step in self.lesson.before(str(info.raw_cell), self._id_of(info), self._workspace):
                display(step)
            if self.lesson.is_under_way:
                self._set_tracebacks(_ONE_LINE)
            if self.lesson.open_cell is not None:
                self._hide_what_the_verdict_says()
                self._slips.begin(self._workspace)

    def _after(self, result: Any) -> None:
        if self._tracebacks:
            self._set_tracebacks("")
        if self._hidden is not None:
            self._shell.custom_exceptions, self._shell.CustomTB = self._hidden
            self._hidden = None
        note_what_shows(result.result)
        if self.lesson is not None:
            self.lesson.meet(self._id_of(result.info))
            if (cell := self.lesson.open_cell) is not None:
                note_beliefs(self._slips.end(cell, self._workspace))
            error = result.error_before_exec or result.error_in_exec
            verdict = self.lesson.after(result.result, self._workspace, error)
            if verdict is not None:
                display(verdict)

    def _id_of(self, info: Any) -> str:
        """Return the front end's id of a cell that runs; empty if it gives none.

        ipykernel's shell is told it, and code that a cell runs in turn has none. In a browser only the kernel has it.
        """
        is_told = hasattr(self._shell, "get_parent")
        return str(info.cell_id or ("" if is_told else running_cell_id(self._shell)))

    def _hide_what_the_verdict_says(self) -> None:
        """Show no error where a server says nothing, or the session is over: the verdict below says it, and the way."""
        self._hidden = self._shell.custom_exceptions, self._shell.CustomTB
        self._shell.set_custom_exc((Silence, SessionClosed), lambda *_, **__: None)

    def _set_tracebacks(self, mode: str) -> None:
        """Shorten the traceback of a slip in a cell of the tutorial. "" brings the old mode back."""
        tracebacks: Any = self._shell.InteractiveTB
        mode, self._tracebacks = mode or self._tracebacks, "" if not mode else tracebacks.mode
        tracebacks.set_mode(mode)


def lesson(name: str) -> None:
    """Begin a tutorial: judge its open cells, and do the steps that the student leaves out.

    Outside IPython it does nothing. It stands in the first cell of a tutorial; if this cell runs again, the lesson
    starts over, and so do the cards of replies.

    Args:
        name: the name of the notebook, without ``.ipynb``.

    Raises:
        LessonError: if there is no such tutorial.
    """
    begin(name)


def begin(name: str, workspace: Workspace | None = None) -> None:
    """Begin a tutorial in the running shell.

    Args:
        name: the name of the notebook, without ``.ipynb``.
        workspace: the notebook; None for a Python notebook.

    Raises:
        LessonError: if there is no such tutorial.
    """
    opened = Lesson.open(name)
    shell = running_shell()
    if shell is None:
        return
    cards.reset()
    widgets.register(shell)
    magics = shell.magics_manager.registry.get(LessonMagics.__name__)
    if magics is None:
        magics = LessonMagics(shell)
        shell.register_magics(magics)
    magics.begin(opened, workspace or _PythonWorkspace(shell))


def hint() -> str:
    """Return the hint for the task in hand; asked again, one answer."""
    shell = running_shell()
    magics = None if shell is None else shell.magics_manager.registry.get(LessonMagics.__name__)
    return sentence(sentences.NO_LESSON) if magics is None or magics.lesson is None else magics.told_hint()
