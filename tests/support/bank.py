"""What the banks of all exercises share: an answer, and the running of an instructor's notebook with answers in it.

An answer is the code that a student would write into the answer cells. Everything else comes from the notebook itself,
so a bank judges what is really handed out and graded. `filled` makes the notebook that such a student hands in; `run`
runs one as its kernel does, that of Python or of SMTP, cell by cell, in this process.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from unittest import mock

import smtplab
from smtplab.grading.referee import python_of
from smtplab.jupyter.directives import PYTHON
from smtplab.jupyter.engine import Engine
from support.paths import ROOT

SOURCE = ROOT / "notebooks" / "exercises" / "source"
_REGION = re.compile(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """What a student writes, and what it should earn.

    Args:
        name: tells the mistake, or what is different about a right answer.
        cells: for the ``grade_id`` of an answer cell its code; a cell that is left out stays empty.
        points: for the ``grade_id`` of each test cell the points it should give.
        sentences: all of them must be told.
    """

    name: str
    cells: Mapping[str, str]
    points: Mapping[str, int]
    sentences: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


@dataclass
class Outcome:
    """What became of a notebook that was run.

    Attributes:
        points: for the ``grade_id`` of each test cell the number it gave.
        told: all that the test cells printed.
        errors: what was written to stderr in test cells.
        variables: the notebook's variables at the end; ``mine`` is the exercise.
    """

    points: dict[str, object] = field(default_factory=dict)
    told: str = ""
    errors: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


def notebook(name: str) -> dict[str, Any]:
    """Return the instructor's notebook of an exercise."""
    return json.loads((SOURCE / name / f"{name}.ipynb").read_text("utf-8"))


def graded(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return nbgrader's metadata of a cell; nothing if it has none."""
    return cell["metadata"].get("nbgrader", {})


def language(book: Mapping[str, Any]) -> str:
    """Return the language of a notebook's kernel."""
    return str(book["metadata"]["kernelspec"]["language"])


def by(book: Mapping[str, Any], student: str) -> str:
    """Return the cell in which a notebook says whose work it is."""
    return f"%student {student}".rstrip() if language(book) == "smtp" else f"student = {student!r}"


def filled(name: str, student: str, answer: Mapping[str, str]) -> dict[str, Any]:
    """Return the notebook with a student's id and answers, and with its hidden rules, as it is when it is graded."""
    book = notebook(name)
    for cell in book["cells"]:
        if cell["id"] == "student":
            cell["source"] = [by(book, student)]
        elif graded(cell).get("solution"):
            cell["source"] = answer.get(graded(cell)["grade_id"], "").splitlines(keepends=True)
    return book


def run(book: Mapping[str, Any]) -> Outcome:
    """Run a notebook. As when nbgrader grades, a cell that raises does not keep the next one from running."""
    outcome = Outcome()
    execute = {"python": in_python, "smtp": in_smtp}[language(book)](outcome.variables)
    for cell in book["cells"]:
        if cell["cell_type"] != "code":
            continue
        source, printed, errors = "".join(cell["source"]), io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            if graded(cell).get("grade"):
                outcome.points[graded(cell)["grade_id"]] = execute(source)
                outcome.told += printed.getvalue()
                outcome.errors += errors.getvalue()
            else:
                with contextlib.suppress(BaseException):
                    execute(source)
    return outcome


def value_of(source: str, variables: dict[str, Any]) -> object:
    """Run a cell, and return the value of its last expression, which a kernel would show."""
    tree = ast.parse(source)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, "<cell>", "exec"), variables)
        return None
    del tree.body[-1]
    exec(compile(tree, "<cell>", "exec"), variables)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), variables)


def in_python(variables: dict[str, Any]) -> Callable[[str], object]:
    """Return what executes a cell of Python, as its kernel does, and returns its value."""
    return lambda source: value_of(source, variables)


def in_smtp(variables: dict[str, Any]) -> Callable[[str], object]:
    """Return what executes a cell of the SMTP kernel; one of Python may say SMTP by ``run_cell_magic``."""
    engine = Engine()

    def execute(source: str) -> object:
        head, _, python = source.partition("\n")
        if head == PYTHON:
            return value_of(python, variables)
        step = engine.run(source)
        print(step)
        variables["mine"] = engine.exercise
        if step.failure is not None:
            raise step.failure
        return step.value

    shell = SimpleNamespace(run_cell_magic=lambda name, line, cell: execute(cell))
    variables["get_ipython"] = lambda: shell
    return execute


def hidden_rules(name: str) -> dict[str, tuple[Any, ...]]:
    """Return the hidden rules of each part of an exercise, as its test cells have them."""
    found = {}

    def spy(exercise: str, part: str = "", *, hidden: tuple[Any, ...] = ()) -> int:
        found[part] = tuple(hidden)
        return 0

    with mock.patch.object(smtplab, "check", spy):
        variables: dict[str, Any] = {"check": spy}
        for cell in notebook(name)["cells"]:
            if graded(cell).get("grade"):
                value_of(python_of("".join(cell["source"])), variables)
    return found


def said(text: str) -> str:
    """Return what was printed without its line ends and indentation."""
    return " ".join(text.split())


def secrets(name: str) -> set[str]:
    """Return what no student may receive, wherever it stands: any two lines of a solution or of hidden tests that
    follow each other, and what the hidden rules are called and say."""
    hidden = {text for rules in hidden_rules(name).values() for rule in rules for text in (rule.id, rule.demand)}
    for piece in hidden_pieces(name):
        lines = [line.strip() for line in piece.splitlines() if len(line.strip()) > 5]  # brackets alone tell nothing
        hidden |= {"\n".join(pair) for pair in pairwise(lines)}
    return hidden


def hidden_pieces(name: str) -> list[str]:
    """Return the solutions and hidden tests of an exercise, region by region."""
    pieces = []
    for cell in notebook(name)["cells"]:
        source = "".join(cell["source"])
        regions = _REGION.findall(source)
        pieces += regions or ([source] if graded(cell).get("solution") else [])  # without a mark all of it is one
    return pieces


def text_of(content: bytes, *, is_notebook: bool) -> str:
    """Return what a file says, its lines without indentation; a notebook's cells and, as JSON, all the rest of it."""
    text = content.decode("utf-8", "replace")
    if is_notebook:
        text += "".join("\n" + "".join(cell["source"]) for cell in json.loads(content)["cells"])
    return "\n".join(line.strip() for line in text.splitlines() if len(line.strip()) > 5)
