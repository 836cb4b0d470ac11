"""The referee: judges an exercise outside the student's process, from the journal that was kept there.

``python -I -m smtplab.grading.referee`` reads one JSON object from standard input and writes one to standard output::

    {"student": "mia", "classmates": ["noah"], "journal": "/tmp/...",
     "cells": [{"source": "...", "octets": null}, {"source": "...", "octets": 4711}]}
    {"results": [null, {"told": "01-hold-...", "points": 11, "rules": [...]}],
     "findings": [{"part": "session", "owner": "noah", ...}]}

The cells are the locked ones of the notebook, hidden tests included, as nbgrader's gradebook has them, in the order of
the notebook. They are run here; of the student's cells none is. ``octets`` says of a test cell how much of
the journal had been written when it was its turn.

This keeps out a patched checker or rule, a variable named ``check``, another identity, points that are printed or
returned. One thing it cannot: a function is asked in the student's process, which may answer without that function.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import check
from .classroom import outcome
from .exercises import design_of
from .handout import Exercise, ExerciseError
from .journal import entries

# How a test cell says it.
_CHECKS = ("check", "smtplab.check", "__import__('smtplab').check")
# Why a part, or all of it, may be the work of an owner who is not the student.
_NAMED = "the notebook names the owner as its student"
_UNKNOWN = "the notebook gives this id, which nobody in the class has; if it is the student's own, say so in ids.csv"
_CALLED = "a host of the owner's task was called"
_FITS = "it fits the owner's task"


def main() -> None:
    """Judge what standard input tells of, and write the results to standard output."""
    case = json.load(sys.stdin)
    os.environ["SMTPLAB_STUDENT"] = case["student"]
    court = _Court(Path(case["journal"]), tuple(case["classmates"]))
    results = [court.hear(cell["source"], cell["octets"]) for cell in case["cells"]]
    json.dump({"results": results, "findings": court.findings}, sys.stdout)


class _Court:
    """The cells that are heard share their variables, as in a kernel."""

    def __init__(self, journal: Path, classmates: tuple[str, ...]) -> None:
        self._journal = journal
        self._classmates = classmates
        self._variables: dict[str, Any] = {"student": ""}
        self.findings: list[dict[str, str]] = []

    def hear(self, source: str, octets: int | None) -> dict[str, Any] | None:
        """Run a cell, and return the result if it is a test cell."""
        told, code = io.StringIO(), python_of(source)
        with contextlib.redirect_stdout(told):
            if octets is None:
                with contextlib.suppress(Exception):  # what raised at the student's desk, too, and was shown there
                    value_of(code, self._variables)
                return None
            name, part = subject_of(source) or ("", "")
            handed = self._recall(name, octets)
            points = value_of(code, self._variables)
        if handed is not None:
            found = (finding for finding in _whose(handed, part, self._classmates) if finding not in self.findings)
            self.findings += found
        rules = list(_rules(name, part)) if handed is not None else []
        return {"told": told.getvalue(), "points": points if isinstance(points, int) else 0, "rules": rules}

    def _recall(self, name: str, octets: int) -> Exercise | None:
        """Hand out the exercise anew, and do with it what had been done with it by then.

        The course's salt is that of the locked cell which handed it out. Where none did, it is that of the journal.
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


def _rules(name: str, part: str) -> Iterator[dict[str, Any]]:
    """Yield what the rules of a part, or of each of them, have said, for the tables of the class."""
    for each in (part,) if part else (each.name for each in design_of(name).parts):
        for result in check.score_told(name, each).results:
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
    """Yield whose work a part, or each of them, may be, where it is not that of the student."""
    if handed.said != handed.student:
        known = handed.said in classmates or not classmates
        yield {"part": "all", "owner": handed.said, "evidence": _NAMED if known else _UNKNOWN}
    for owner in check.called(handed, classmates):
        yield {"part": "all", "owner": owner, "evidence": _CALLED}
    for each in (part,) if part else (each.name for each in handed.design.parts):
        for owner in check.owners(handed, each, classmates):
            yield {"part": each, "owner": owner, "evidence": _FITS}


def python_of(source: str) -> str:
    """Return a cell as Python; ``%%py``, ``%exercise`` and ``%check`` are of the SMTP kernel.

    There the hidden rules below a ``%check`` are judged behind the public ones.
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
    """Return the exercise that a test cell has judged by `check`, and the part; None if it does not do that.

    The part is empty if all of them are judged.
    """
    try:
        tree = ast.parse(python_of(source))
    except SyntaxError:
        return None
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in _CHECKS:
            said = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
            with contextlib.suppress(ExerciseError, LookupError):
                design = design_of(said[0])
                return design.name, design.part(said[1]).name if said[1:] and said[1] else ""
    return None


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


if __name__ == "__main__":
    main()
