"""A student's notebook for tests of lessons, without Jupyter."""

import ast
import linecache
from collections.abc import Sequence

from smtplab import Lab, Session
from smtplab.lab.lab_host import Message
from smtplab.lab.predict import Question
from smtplab.lessons.cells import LessonCell
from smtplab.lessons.lesson import Lesson

CELL = "<cell>"  # the file of a cell in tracebacks


class StudentNotebook:
    """A student's notebook, without Jupyter: it runs cells, and is the workspace of the lesson."""

    def __init__(self, cells: Sequence[LessonCell]) -> None:
        self.lesson = Lesson("a", cells)
        self.names: dict[str, object] = {"lab": Lab()}

    def session(self, name: str) -> Session | None:
        found = self.names.get(name)
        return found if isinstance(found, Session) else None

    def session_names(self) -> Sequence[str]:
        return [name for name, value in self.names.items() if isinstance(value, Session)]

    def all_sessions(self) -> Sequence[Session]:
        held = [getattr(each, "session", None) for each in self.names.values() if not isinstance(each, Session | type)]
        found = [each for each in [*self.names.values(), *held] if isinstance(each, Session)]
        return list({id(each): each for each in found}.values())

    def current_name(self) -> str:
        return ""

    def seen(self, name: str) -> None:
        pass

    def mailbox(self, address: str) -> Sequence[Message]:
        lab = self.names["lab"]
        assert isinstance(lab, Lab)
        return lab.mailbox(address)

    def waiting(self) -> Sequence[str] | None:
        lab = self.names["lab"]
        assert isinstance(lab, Lab)
        return [name for name in lab.host_names if len(lab.queue(name))] if lab.has_queues else None

    def value(self, name: str) -> object:
        return self.names.get(name)

    def hold(self, name: str, session: Session) -> None:
        self.names[name] = session

    def forget(self, name: str) -> None:
        self.names.pop(name, None)

    def call(self, name: str, host: str) -> str:
        return f"{name} = lab.telnet('{host}')"

    def undo(self, name: str, steps: int) -> str:
        return f"{name}.undo({steps})"

    def steps(self, count: int) -> str:
        return f"{count} `send`"

    def take_back(self, name: str, steps: int) -> None:
        session = self.session(name)
        assert session is not None
        session.undo(steps)

    def run(self, code: str) -> str:
        try:
            exec(code, self.names)
        except Exception as error:
            return f"{error}."
        return ""

    def question(self, value: object) -> Question | None:
        return value if isinstance(value, Question) and not value.answered else None

    def skip(self, question: Question) -> None:
        question.skip()

    def cell(self, text: str, cell_id: str | None = None) -> tuple[str, str]:
        """Run a cell as a front end does; return what was done for the student, and the verdict.

        Args:
            text: the cell.
            cell_id: its id; None for the cell of the tutorial with this text, "" for a front end without ids.
        """
        cell_id = self._id_of(text) if cell_id is None else cell_id
        done = "\n".join(str(step) for step in self.lesson.before(text, cell_id, self))
        value, failure = None, None
        try:
            value = self._run(text)
        except Exception as error:
            failure = error
        verdict = self.lesson.after(value, self, failure)
        return done, "" if verdict is None else str(verdict)

    def _run(self, text: str) -> object:
        """Run Python, and return the value of the last statement if it is an expression."""
        linecache.cache[CELL] = len(text), None, text.splitlines(keepends=True), CELL
        body = ast.parse(text).body
        last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), CELL, "exec"), self.names)
        return None if last is None else eval(compile(last, CELL, "eval"), self.names)

    def _id_of(self, text: str) -> str:
        return next((each.id for each in self.lesson.cells if each.is_run_as(text)), "of the student's own")
