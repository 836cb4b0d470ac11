"""The referee: score an exercise outside the student's process, from the journal that was kept there.

``python -I -m smtplab.grading.referee`` reads one JSON object from standard input and writes one to standard output::

    {"student": "mia", "classmates": ["noah"], "journal": "/tmp/...",
     "cells": [{"source": "...", "octets": null}, {"source": "...", "octets": 4711}]}
    {"results": [null, {"report": "01-hold-...", "points": 11, "rules": [...], "beliefs": [...]}],
     "findings": [{"part": "session", "owner": "noah", ...}], "tried": {"session": 3}}

``tried`` has the number of different answers that the notebook's own cells checked, part by part; see `tries`.

The cells are the locked ones of the notebook, hidden tests included, as nbgrader's gradebook has them, in the order of
the notebook. No cell of the student's runs here. ``octets`` is the length of the journal when it was the turn of a test
cell; null for a locked cell that is not a test cell, or was not reached.

A locked cell is run for what it defines: the course of the exercise, and the hidden rules. Its calls of `check` are not
run. The referee passes their arguments to the scoring function, which returns points, report and rules as a value. What
a cell prints, and the value of its last line, count for nothing.

This keeps out a patched checker or rule, a variable named ``check``, another identity, and points that are printed or
returned. One gap remains: a function of the student's is called in the student's process, where other code may answer
in its place.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import check
from .classroom import outcome
from .exercises import design_of
from .handout import Exercise, ExerciseError
from .journal import entries
from .rules import Score
from .scoring import Assessment, called, owners
from .tries import largest

# How a test cell calls `check`.
_CHECKS = ("check", "smtplab.check", "__import__('smtplab').check")
# Why a part, or the whole exercise, may be the work of an owner who is not the student.
_NAMED = "the notebook names the owner as its student"
_UNKNOWN = "the notebook gives this id, which nobody in the class has; if it is the student's own, say so in ids.csv"
_CALLED = "a host of the owner's task was called"
_FITS = "it fits the owner's task"

_Arguments = tuple[list[ast.expr], Mapping[str, ast.expr]]


def main() -> None:
    """Score the submission that standard input describes, and write the results to standard output."""
    submission = json.load(sys.stdin)
    os.environ["SMTPLAB_STUDENT"] = submission["student"]
    referee = _Referee(Path(submission["journal"]), tuple(submission["classmates"]))
    with contextlib.redirect_stdout(io.StringIO()):
        results = [referee.result_of(cell["source"], cell["octets"]) for cell in submission["cells"]]
    json.dump({"results": results, "findings": referee.findings, "tried": referee.tried}, sys.stdout)


class _Referee:
    """Scores test cells one by one. Locked cells share their variables, as they do in a kernel."""

    def __init__(self, journal: Path, classmates: tuple[str, ...]) -> None:
        self._journal = journal
        self._classmates = classmates
        self._variables: dict[str, Any] = {"student": ""}
        self.findings: list[dict[str, str]] = []
        self.tried: dict[str, int] = {}

    def result_of(self, source: str, octets: int | None) -> dict[str, Any] | None:
        """Return the result of a test cell; None for another locked cell, which is run for its definitions."""
        if octets is None:
            with contextlib.suppress(Exception):  # it failed in the student's notebook, too, and was reported there
                define(source, self._variables)
            return None
        name, part = subject_of(source) or ("", "")
        handed = self._recall(name, octets)
        assessments = [self._assess(*arguments) for arguments in define(source, self._variables)]
        scores: dict[str, Score] = {}
        for assessment in assessments:
            scores |= assessment.scores
        if handed is not None:
            found = (finding for finding in _whose(handed, part, self._classmates) if finding not in self.findings)
            self.findings += found
            self.tried = largest(self.tried, handed.tries.counts)
        return {
            "report": "".join(f"{assessment.report}\n" for assessment in assessments),
            "points": assessments[-1].points if assessments else 0,
            "rules": list(_rules(scores)),
            "beliefs": [name for assessment in assessments for name in assessment.beliefs],
        }

    def _assess(self, positional: list[ast.expr], named: Mapping[str, ast.expr]) -> Assessment:
        """Score what a call of `check` names; its arguments are worked out with the cell's own definitions."""
        values = [self._value(each) for each in positional]
        return check.judged(*values, **{key: self._value(each) for key, each in named.items()})

    def _value(self, expression: ast.expr) -> Any:
        return eval(compile(ast.Expression(expression), "<cell>", "eval"), self._variables)

    def _recall(self, name: str, octets: int) -> Exercise | None:
        """Hand out the exercise anew, and repeat what had been done with it by then.

        The course's salt is that of the locked cell which handed it out. If none did, it is that of the journal.
        """
        done = entries(self._journal, name, octets)
        before = check.handed_out(name)
        if before is None:
            courses = [entry.get("course") for entry in done if entry.get("did") == "hand out"]
            if not courses or not isinstance(courses[0], str):
                return None
            before = check.exercise(name, course=courses[0])
        handed = Exercise(before.design, before.student, before.course)
        handed.do_again(done)
        check.hand_out(handed)
        return handed


def define(source: str, variables: dict[str, Any]) -> list[_Arguments]:
    """Run a locked cell for its definitions, and return the arguments of its calls of `check`, which are not run.

    Args:
        source: the cell, of Python or of the SMTP kernel.
        variables: where its definitions go.

    Raises:
        Exception: whatever the cell raises.
    """
    tree = ast.parse(python_of(source))
    calls = _calls_of_check(tree)
    exec(compile(_WithoutChecks().visit(tree), "<cell>", "exec"), variables)
    return [(call.args, {each.arg: each.value for each in call.keywords if each.arg}) for call in calls]


class _WithoutChecks(ast.NodeTransformer):
    """Puts None in the place of each call of `check`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return ast.copy_location(ast.Constant(None), node) if _is_check(node) else self.generic_visit(node)


def _calls_of_check(tree: ast.AST) -> list[ast.Call]:
    """Return the calls of `check` in a cell, in order."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_check(node)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _is_check(call: ast.Call) -> bool:
    return ast.unparse(call.func) in _CHECKS


def _rules(scores: Mapping[str, Score]) -> Iterator[dict[str, Any]]:
    """Yield the results of the rules of all parts, for the tables of the class."""
    for score in scores.values():
        for result in score.results:
            mistake = result.failure.sentence if result.failure else ""
            yield {
                "rule": result.rule,
                "demand": result.demand,
                "points": result.points,
                "possible": result.possible,
                "outcome": outcome(result.failure is None, mistake),
                "mistake": mistake,
            }


def _whose(handed: Exercise, part: str, classmates: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Yield whose work a part, or each of them, may be, if it is not the student's."""
    if handed.said != handed.student:
        known = handed.said in classmates or not classmates
        yield {"part": "all", "owner": handed.said, "evidence": _NAMED if known else _UNKNOWN}
    for owner in called(handed, classmates):
        yield {"part": "all", "owner": owner, "evidence": _CALLED}
    for each in (part,) if part else (each.name for each in handed.design.parts):
        for owner in owners(handed, each, classmates):
            yield {"part": each, "owner": owner, "evidence": _FITS}


def python_of(source: str) -> str:
    """Return a cell as Python; ``%%py``, ``%exercise`` and ``%check`` belong to the SMTP kernel.

    In such a cell the hidden rules below a ``%check`` are scored after the public ones.
    """
    lines = source.removeprefix("%%py\n").split("\n")
    checks = [line for line in lines if line.startswith("%check ")]
    hidden = [_python_line(checks[-1], ", hidden=HIDDEN")] if checks and "BEGIN HIDDEN TESTS" in source else []
    return "\n".join([*map(_python_line, lines), *hidden])


def _python_line(line: str, more: str = "") -> str:
    directive, _, argument = line.partition(" ")
    if directive not in ("%exercise", "%check"):
        return line
    try:
        words = [*shlex.split(argument), "", ""]
    except ValueError:  # a quotation mark has no partner; the kernel does not take it either
        return line
    if directive == "%exercise":
        courses = [word.removeprefix("course=") for word in words if word.startswith("course=")]
        return f"__import__('smtplab').exercise({words[0]!r}, course={''.join(courses)!r})"
    return f"__import__('smtplab').check({words[0]!r}, {words[1]!r}{more})"


def subject_of(source: str) -> tuple[str, str] | None:
    """Return the exercise that a test cell checks, and the part; None if it checks none.

    The part is empty if the cell checks all of them.
    """
    try:
        tree = ast.parse(python_of(source))
    except SyntaxError:
        return None
    for call in _calls_of_check(tree):
        said = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
        with contextlib.suppress(ExerciseError, LookupError):
            design = design_of(said[0])
            return design.name, design.part(said[1]).name if said[1:] and said[1] else ""
    return None


if __name__ == "__main__":
    main()
