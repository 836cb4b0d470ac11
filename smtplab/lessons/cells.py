"""The cells of a tutorial: what the authors wrote, and what a student gets.

The notebook in ``notebooks/tutorials`` is the source. It is complete: its open cells have reference answers, its
predictions are answered, and its outputs are committed. `delivered` makes the student's version from it: an open cell
keeps only its task, a prediction loses its answer, and no cell from the first of these on has an output, because what
the hosts say below a task shows what was to be found. So *Run All* of the source shows the course as it is meant, and a
student has something to do.

How an open cell is written, in Python and in the SMTP kernel::

    # Now you: tell the server who you are. Your machine is called laptop.example.
    session.send("HELO laptop.example")

    %now you: tell the server who you are; your machine is called laptop.example
    HELO laptop.example

The comment lines at the top, or the line with ``%now``, are the task; all below is the reference answer. A prediction
is a cell that ends in ``session.predict("DATA").answer("go on")``, or in the line ``%predict go-on DATA``.

The metadata of an open cell have its goal and its hint, which students do not get::

    "smtplab": {"goal": {"said": ["250 HELO laptop.example"]}, "hint": "The verb is HELO; the name comes behind it."}

The second verdict that says "not yet" has the hint; with ``"hint_at": 1`` the first one has it.

If the answer has a directive that nothing on the wire shows, the metadata have it, too: ``"written": ["%expect 250"]``.

Above the first task, a cell that shows what the student is to guess is delivered without its output: each cell between
a text that ends in a question and the next text, and each cell above a folded answer. Other cells are if their metadata
say so: ``"smtplab": {"output": "after the run"}``.

A given cell that uses up what cells above have made names these: ``"smtplab": {"again": ["greeting"]}``; see `used_up`.

A function that a student writes is delivered with its first line. ``"begun"`` in the metadata gives other lines. What
such functions use and a student only reads stands in cells that begin with ``# Given: ``.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..transcript.rows import printable
from .function_goals import FunctionGoal
from .goals import DEFAULT_SESSION, Goal
from .guesses import Guess

METADATA = "smtplab"
AFTER_THE_RUN = "after the run"
_PYTHON_TASK = "# Now you: "
_PYTHON_GIVEN = "# Given: "
SMTP_TASK = "%now "
_ASKS = "you: "
_SWITCH = re.compile(r"^%switch \w+", re.MULTILINE)
# The last statement of a cell: a question, and its answer.
_PYTHON_PREDICTION = re.compile(
    r"""(?P<question>.*\b(?P<session>\w+)\.predict\(.*\))\.answer\([^()]*\)\s*\Z""", re.DOTALL
)
_SMTP_PREDICTION = re.compile(
    r"(?P<before>(?:.*\n)?)%predict (?P<answer>(?:no reply|go on|not now|\S+)) (?P<line>[^\n]+?)\s*\Z",
    re.DOTALL | re.IGNORECASE,
)
_LOOK = re.compile(r"%[^\n]*|(?!\w+ =|import |from )[^\n]*")
_UNANSWERED = "?"
_NAMES_THE_HELLO = re.compile(r"\b(?:HELO|EHLO|lecture)\b")  # "with the lecture's verb"
_FOLDED = re.compile(r"\s*<details>.*?</details>\s*", re.DOTALL)
_NAMED_QUESTION = re.compile(r"^\w+ = (?=\w+\.predict\()", re.MULTILINE)  # a student may give it a name
_TEXTS = re.compile(r'"([^"\n]*)"')  # in a line of Python


class LessonError(Exception):
    """A notebook is not a lesson. ``str(error)`` is a sentence."""


class Kind(Enum):
    """What a student does in a cell."""

    RUN = "run"
    OPEN = "write the answer"
    PREDICTION = "predict the reply"


@dataclass(frozen=True, slots=True)
class LessonCell:
    """A code cell of a tutorial.

    Args:
        id: its id in the notebook.
        kind: what the student does in it.
        source: the cell as its authors wrote it, with the reference answer.
        given: the cell as a student gets it.
        task: for an open cell the task as a phrase, for a prediction the line that is predicted; else empty.
        answer: for an open cell the reference answer; for a prediction, what sends its line without one.
        goal: what an open cell must bring about; None for other cells.
        hint: one or two sentences for who asks; empty if there is none.
        hint_at: the try at which a verdict that says "not yet" has the hint.
        session: the variable with the session that an open cell or a prediction is about; empty for other cells.
        typed: True if it is a cell of the SMTP kernel.
        written: the directives that an answer must have, each as the task has it; they are not seen on the wire.
        again: the ids of the given cells that run first if this one runs again, because it uses up what they make.
    """

    id: str
    kind: Kind
    source: str
    given: str
    task: str = ""
    answer: str = ""
    goal: Goal | None = None
    hint: str = ""
    hint_at: int = 2
    session: str = ""
    typed: bool = False
    written: tuple[str, ...] = ()
    again: tuple[str, ...] = ()

    @property
    def secrets(self) -> set[str]:
        """The lines that the student is to find, without those that stand everywhere, such as ``DATA``."""
        if self.kind is not Kind.OPEN:
            return set()
        return {line for line in self.answer_lines if " " in line}

    @property
    def answer_lines(self) -> list[str]:
        """The lines that the reference answer of an open cell sends."""
        return "\n".join(_TEXTS.findall(self.answer) or [self.answer]).replace("\\n", "\n").split("\n")

    @property
    def lines_asked_about(self) -> list[str]:
        """The lines that a prediction is about, as a transcript shows them; the task itself where they are not text."""
        texts = _TEXTS.findall(self.task) if self.task.startswith('"') else []
        said = "\n".join(map(_unescaped, texts) if texts else [self.task.replace("\\n", "\n")])
        return [printable(line.encode()) for line in said.split("\n")]

    @property
    def guess(self) -> Guess | None:
        """The prediction that an open cell wants in a variable; None if it wants none."""
        return None if self.goal is None else self.goal.guess

    @property
    def function(self) -> FunctionGoal | None:
        """The function, class or table that an open cell wants written; None if it wants none."""
        return None if self.goal is None else self.goal.function

    @property
    def gives_code(self) -> bool:
        """True if the cell gives functions or tables that a student reads, and that other cells use."""
        return self.kind is Kind.RUN and self.source.startswith(_PYTHON_GIVEN)

    @property
    def variable(self) -> str:
        """The variable that an open cell wants written; empty if it wants none."""
        return "" if self.goal is None else self.goal.variable

    @property
    def switch(self) -> str:
        """The line of the reference answer that goes to another session of the SMTP kernel; empty if there is none."""
        found = _SWITCH.search(self.answer) if self.kind is Kind.OPEN else None
        return found[0] if found else ""

    @property
    def opens_its_session(self) -> bool:
        """True if the reference answer opens the session, so that the whole step can be taken again."""
        return bool(re.search(rf"^{self.session} = ", self.answer, re.MULTILINE))

    @property
    def ends_its_session(self) -> bool:
        """True if the reference answer or the goal has QUIT."""
        said = () if self.goal is None else self.goal.said
        return "QUIT" in self.answer or any(wanted.verb == "QUIT" for wanted in said)

    @property
    def needs_its_session(self) -> bool:
        """True if something is to be sent, and not only time to be let pass."""
        return self.goal is None or bool(self.goal.said or self.goal.lines)

    @property
    def is_a_look(self) -> bool:
        """True if the cell is one directive or expression that a student may also type in a cell of his own."""
        return self.kind is Kind.RUN and _LOOK.fullmatch(self.source.strip()) is not None

    def unwritten(self, text: str) -> str:
        """Return the first directive that an answer lacks, whatever its argument; empty if it has all of them."""
        words = {line.split(maxsplit=1)[0] for line in text.lower().split("\n") if line.strip()}
        return next((each for each in self.written if each.split()[0] not in words), "")

    def is_run_as(self, text: str) -> bool:
        """Return True if `text` is this cell, as written or as given, or an answer of the student below its task."""
        text = text.strip()
        if self.kind is Kind.OPEN:  # the rest of the task may be deleted
            return text.partition("\n")[0] == self.given.partition("\n")[0]
        if self.kind is Kind.PREDICTION:
            return _unanswered(_NAMED_QUESTION.sub("", text)) == self.given.strip()
        return text in (self.source.strip(), self.given.strip())


def cells_of(content: bytes) -> list[LessonCell]:
    """Return the code cells of a tutorial, in order.

    Raises:
        LessonError: if a goal is not understood.
        ValueError, LookupError, TypeError: if `content` is not a notebook.
    """
    notebook = json.loads(content)
    typed = _is_typed(notebook)
    return [_cell(cell, typed) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def delivered(content: bytes) -> bytes:
    """Return the student's version of a tutorial; what is not a notebook of format 4 is returned as it is.

    No cell has a number, because none has run, and none below the first task has an output.
    """
    try:
        notebook = json.loads(content)
        cells = {cell.id: cell for cell in cells_of(content)}
    except (ValueError, LookupError, TypeError, AttributeError):
        return content
    has_begun = False
    answers = answering_cells(notebook["cells"])
    for raw in notebook["cells"]:
        settings = raw["metadata"].pop(METADATA, {})
        cell = cells.get(raw["id"])
        if cell is None:
            continue
        raw["source"] = cell.given.splitlines(keepends=True)
        has_begun = has_begun or cell.kind is not Kind.RUN
        if has_begun or settings.get("output") == AFTER_THE_RUN or raw["id"] in answers:
            raw["outputs"] = []
        _forget_count(raw)
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode() + b"\n"


def answering_cells(cells: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the ids of the cells that answer a question of the text: below a question, or above a folded answer.

    Args:
        cells: the cells of a notebook in its JSON form.
    """
    found: set[str] = set()
    since: list[str] = []  # the last text
    asked = False
    for raw in cells:
        if raw["cell_type"] != "markdown":
            since.append(raw["id"])
            continue
        text = "".join(raw["source"])
        if asked or _FOLDED.match(text):
            found.update(since)
        asked, since = _FOLDED.sub("", text).rstrip().endswith("?"), []
    return found | set(since if asked else ())


def _forget_count(raw: dict[str, Any]) -> None:
    """Take the numbers of a run off a cell, because the student has not run it yet."""
    for each in (raw, *raw["outputs"]):
        if "execution_count" in each:
            each["execution_count"] = None


def _is_typed(notebook: Mapping[str, Any]) -> bool:
    """Return True if the language of the notebook is SMTP."""
    return bool(notebook["metadata"].get("kernelspec", {}).get("language") == "smtp")


def _cell(raw: Mapping[str, Any], typed: bool) -> LessonCell:
    source, name = "".join(raw["source"]), str(raw["id"])
    settings = raw["metadata"].get(METADATA, {})
    task = _leading(source, SMTP_TASK if typed else _PYTHON_TASK, one_line=typed)
    if task:
        goal = Goal.read(settings.get("goal", {}), cell=name)
        if not _NAMES_THE_HELLO.search(task):
            goal = goal.with_either_hello()
        answer = source.removeprefix(task).strip("\n")
        return LessonCell(
            name,
            Kind.OPEN,
            source,
            f"{task}\n{_begun(answer, settings.get('begun'), goal)}",
            _phrase(task),
            answer,
            goal,
            settings.get("hint", ""),
            settings.get("hint_at", 2),
            "" if goal.function else goal.session,
            typed,
            tuple(settings.get("written", ())),
        )
    return _prediction(name, source, typed) or LessonCell(
        name, Kind.RUN, source, source, typed=typed, again=tuple(settings.get("again", ()))
    )


def _begun(answer: str, given: str | None, goal: Goal) -> str:
    """Return how a student finds a function begun: as the authors give it, or as its first line and dots."""
    if given is not None:
        return f"{given}\n"
    first = answer.partition("\n")[0]
    return f"{first}\n    ...\n" if goal.function and first.startswith("def ") else ""


def _unescaped(text: str) -> str:
    r"""Return what stands between quotes in Python, with its escapes such as ``\n`` and ``\b`` read."""
    try:
        return str(ast.literal_eval(f'"{text}"'))
    except (SyntaxError, ValueError):  # half an escape
        return text.replace("\\n", "\n")


def _prediction(name: str, source: str, typed: bool) -> LessonCell | None:
    """Return the cell of a prediction; None if it is none."""
    if typed and (found := _SMTP_PREDICTION.match(source)):
        before, line = found["before"], found["line"]
        given = _unanswered(source)
        return LessonCell(
            name, Kind.PREDICTION, source, given, line, f"{before}{line}", session=DEFAULT_SESSION, typed=True
        )
    if not typed and (found := _PYTHON_PREDICTION.match(source)):
        given = found["question"]
        task = given.rpartition(".predict(")[2].removesuffix(")")
        return LessonCell(name, Kind.PREDICTION, source, given, task, f"{given}.skip()", session=found["session"])
    return None


def _unanswered(text: str) -> str:
    """Return the cell of a prediction without its answer, whatever it is."""
    if found := _SMTP_PREDICTION.match(text):
        return f"{found['before']}%predict {_UNANSWERED} {found['line']}"
    found = _PYTHON_PREDICTION.match(text)
    return found["question"] if found else text


def _leading(source: str, mark: str, *, one_line: bool) -> str:
    """Return the task at the top of a cell, without the last line end; empty if the cell has none."""
    if not source.startswith(mark):
        return ""
    lines = source.split("\n")
    more = 1 if one_line else next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(lines[:more])


def _phrase(task: str) -> str:
    """Return the first sentence of the task, in one line, without its mark and its full stop; a question keeps its."""
    words = " ".join(line.lstrip("# ") for line in task.split("\n"))
    return re.split(r"(?<=\?) |[.;:](?: |\Z)", words.partition(_ASKS)[2].strip(), maxsplit=1)[0]


def tasks(cells: Iterable[LessonCell]) -> list[LessonCell]:
    """Return the cells in which a student has something to do."""
    return [cell for cell in cells if cell.kind is not Kind.RUN]
