"""The referee: score an exercise outside the student's process, from the journal that was kept there.

It gets the locked cells of the notebook, hidden tests included, as the instructor has them, in the order of the
notebook, and the lines of the journal. No cell of the student's runs here. Where a line says that a test cell had its
turn, the cell is judged by what was done until then; a test cell that was not reached is judged by all that was done.

A locked cell is run for what it defines: the course of the exercise, and the hidden rules. Its calls of `check` are not
run. The referee passes their arguments to the scoring function, which returns points, report and rules as a value. What
a cell prints, and the value of its last line, count for nothing.

This keeps out a patched checker or rule, a variable named ``check``, another identity, and points that are printed or
returned. Programs are judged by what a process of ours noted while it tried them; see `trials`. One gap remains: a
function of the student's is called in the student's process, where other code may answer in its place.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from . import check, sentences
from .design import ExerciseError
from .exercises import design_of
from .handout import Exercise
from .journal import TURN, JournalEntry, entries, lines_of, objects
from .results.outcome import RuleStatus
from .results.refusals import refusals_in
from .rules import ExercisePart, Repeats, Score
from .scoring import Assessment, called, owners
from .trial_peer import records_of
from .trials import ProgramRecords
from .tries import largest

# How a test cell calls `check`.
_CHECKS = ("check", "smtplab.check", "__import__('smtplab').check")
# Why a part, or the whole exercise, may be the work of an owner who is not the student.
_NAMED = "the notebook names the owner as its student"
_UNKNOWN = "the notebook gives this id, which nobody in the class has; if it is the student's own, say so in ids.csv"
_CALLED = "a host of the owner's task was called"
_FITS = "it fits the owner's task"

# Limits a time in ``with``.
ShareOfTime = Callable[[], contextlib.AbstractContextManager[None]]
_Arguments = tuple[list[ast.expr], Mapping[str, ast.expr]]


@dataclass(frozen=True, slots=True)
class LockedCell:
    """A locked code cell of a notebook, as the instructor has it.

    Args:
        name: its name in nbgrader, the ``grade_id``.
        source: its text, hidden tests included.
    """

    name: str
    source: str


def judge_journal(
    student: str,
    classmates: Sequence[str],
    cells: Sequence[LockedCell],
    journal: bytes,
    share: ShareOfTime = contextlib.nullcontext,
    trials: bytes = b"",
) -> dict[str, Any]:
    """Score a submission.

    Args:
        student: who is graded.
        classmates: the ids of the class; empty if it is unknown.
        cells: the locked cells, in the order of the notebook.
        journal: what the student's process wrote.
        share: what each test cell is judged in; it may raise `KeyboardInterrupt` there, which costs this cell alone.
        trials: what the peer of the student's process noted of programs.

    Returns:
        ``results``: for the name of each test cell its report, points, parts, rules and beliefs. ``findings``: whose
        work it may be. ``tried``: how many different answers the notebook's own cells checked, by the name of the
        part; see `tries`. ``refusals``: what the exercise's hosts refused; see `results.refusals`. ``slow``: the names
        of the test cells that were interrupted. ``other id``: the id that the notebook gives, if nobody in the class
        has it; else empty.
    """
    os.environ["SMTPLAB_STUDENT"] = student
    referee = _Referee(lines_of(journal), tuple(classmates), share, records_of(lines_of(trials)))
    with contextlib.redirect_stdout(io.StringIO()):
        results = {cell.name: referee.result_of(cell) for cell in cells}
    judged = {name: result for name, result in results.items() if result is not None}
    told = {"findings": referee.findings, "tried": referee.tried, "refusals": referee.refusals()}
    return {"results": judged, "slow": referee.slow, "other id": referee.other_id, **told}


class _Referee:
    """Scores test cells one by one. Locked cells share their variables, as they do in a kernel."""

    def __init__(
        self, lines: Sequence[bytes], classmates: tuple[str, ...], share: ShareOfTime, records: ProgramRecords
    ) -> None:
        self._lines = lines
        self._records = records
        self._turns = _turns(lines)
        self._classmates = classmates
        self._share = share
        self._variables: dict[str, Any] = {"student": ""}
        self._done: dict[str, list[JournalEntry]] = {}  # of an exercise that was handed out anew: what was repeated
        self.findings: list[dict[str, str]] = []
        self.tried: dict[str, int] = {}
        self.slow: list[str] = []
        self.other_id = ""

    def result_of(self, cell: LockedCell) -> dict[str, Any] | None:
        """Return the result of a test cell; None for another locked cell, which is run for its definitions."""
        subject = subject_of(cell.source)
        if subject is None:
            with contextlib.suppress(Exception):  # it failed in the student's notebook, too, and was reported there
                define(cell.source, self._variables)
            return None
        name, part = subject
        result = _result(sentences.TOO_LONG_TO_JUDGE)
        try:
            with self._share():
                handed = self._recall(name, self._turns.get(cell.name, len(self._lines)))
                result = self._score(cell, handed)
                self._compare(handed, part)
        except KeyboardInterrupt:
            self.slow.append(cell.name)
            self._done.pop(name, None)  # it may be repeated in part: the next cell begins anew
        return result

    def _score(self, cell: LockedCell, handed: Exercise | None) -> dict[str, Any]:
        """Return the result of a test cell."""
        assessments = [self._assess(*arguments) for arguments in define(cell.source, self._variables)]
        scores: dict[str, Score] = {}
        for assessment in assessments:
            scores |= assessment.scores
        return _result(
            *(assessment.report for assessment in assessments),
            points=assessments[-1].points if assessments else 0,
            parts=list(scores),
            rules=list(_rules(scores, handed)),
            beliefs=[name for assessment in assessments for name in assessment.beliefs],
        )

    def _compare(self, handed: Exercise | None, part: str) -> None:
        """Note how much was tried, and whose work it may be."""
        if handed is not None:
            self.tried = largest(self.tried, handed.tries.counts)
            self.other_id = self.other_id or ("" if _is_known(handed, self._classmates) else handed.said)
            for finding in _whose(handed, part, self._classmates):
                if finding not in self.findings:
                    self.findings.append(finding)

    def refusals(self) -> list[dict[str, Any]]:
        """Return what was refused in the sessions with the hosts of all exercises that are judged."""
        handed = filter(None, map(check.handed_out, self._done))
        wires = (wire for each in handed for wire in each.evidence().wires)
        return [asdict(each) for each in refusals_in(wire.transcript for wire in wires)]

    def _assess(self, positional: list[ast.expr], named: Mapping[str, ast.expr]) -> Assessment:
        """Score what a call of `check` names; its arguments are worked out with the cell's own definitions."""
        values = [self._value(each) for each in positional]
        return check.judged(*values, **{key: self._value(each) for key, each in named.items()})

    def _value(self, expression: ast.expr) -> Any:
        return eval(compile(ast.Expression(expression), "<cell>", "eval"), self._variables)

    def _recall(self, name: str, turn: int) -> Exercise | None:
        """Hand out the exercise anew, and repeat what had been done with it by then; what is repeated already, once.

        The course's salt is that of the locked cell which handed it out. If none did, it is that of the journal.
        """
        done = entries(self._lines[:turn], name)
        before, repeated = check.handed_out(name), self._done.get(name)
        if before is None:
            courses = [entry.get("course") for entry in done if entry.get("did") == "hand out"]
            if not courses or not isinstance(courses[0], str):
                return None
            before = check.exercise(name, course=courses[0])
        if repeated is None or done[: len(repeated)] != repeated:
            before, repeated = Exercise(before.design, before.student, before.course), []
            check.hand_out(before)
        before.do_again(done[len(repeated) :], self._records)
        before.repeats = Repeats()
        self._done[name] = done
        return before


def _result(*reports: str, points: int = 0, **lists: list[Any]) -> dict[str, Any]:
    """Return the result of a test cell; what is not given is empty."""
    empty: dict[str, list[Any]] = {"parts": [], "rules": [], "beliefs": []}
    return {"report": "".join(f"{report}\n" for report in reports), "points": points, **empty, **lists}


def _turns(lines: Sequence[bytes]) -> dict[str, int]:
    """Return how many lines there were when it was the turn of each test cell."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines):
        for entry in objects([line] if TURN.encode() in line else []):
            if entry.get("did") == TURN and isinstance(entry.get("cell"), str):
                found[entry["cell"]] = number
    return found


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


def _rules(scores: Mapping[str, Score], handed: Exercise | None) -> Iterator[dict[str, Any]]:
    """Yield the results of the rules of all parts, for the tables of the class."""
    for part, score in scores.items():
        public = set() if handed is None else _public(handed.design.part(part))
        for result in score.results:
            failure = result.failure
            mistake = failure.sentence if failure else ""
            yield {
                "part": part,
                "rule": result.rule,
                "demand": result.demand,
                "points": result.points,
                "possible": result.possible,
                "outcome": RuleStatus.of(holds=failure is None, mistake=mistake),
                "mistake": mistake,
                "expected": failure.expected if failure else "",
                "got": failure.got if failure else "",
                "hint": failure.hint if failure else "",
                "is_hidden": result.rule not in public,
            }


def _public(part: ExercisePart[Any]) -> set[str]:
    """Return the ids of the rules that students see before they hand in."""
    return {rule.id for rule in (*part.rules, part.needs) if rule is not None}


def _is_known(handed: Exercise, classmates: tuple[str, ...]) -> bool:
    """Return True if the id that the notebook gives is the student's or a classmate's, or the class is unknown."""
    return not classmates or handed.said == handed.student or handed.said in classmates


def _whose(handed: Exercise, part: str, classmates: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Yield whose work a part, or each of them, may be, if it is not the student's."""
    if handed.said != handed.student:
        evidence = _NAMED if _is_known(handed, classmates) else _UNKNOWN
        yield {"part": "all", "owner": handed.said, "evidence": evidence}
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
    """Return the exercise that a test cell checks, and the part; None if one of its checks cannot be judged.

    The part is empty if the cell checks all of them. Names must be written out: nobody can know what a variable holds
    in the student's process.
    """
    try:
        calls = _calls_of_check(ast.parse(python_of(source)))
        named = [_named_in(call) for call in calls]
        designs = [(design_of(name), part) for name, part in named]
        subjects = [(design.name, design.part(part).name if part else "") for design, part in designs]
    except (SyntaxError, ExerciseError, LookupError, ValueError):
        return None
    return subjects[0] if subjects else None


def _named_in(call: ast.Call) -> tuple[str, str]:
    """Return the exercise and the part that a call of `check` names.

    Raises:
        LookupError: if it does not name them in quotes.
    """
    given: dict[int | str | None, ast.expr] = {keyword.arg: keyword.value for keyword in call.keywords}
    given |= dict(enumerate(call.args))
    named = {key: value.value for key, value in given.items() if isinstance(value, ast.Constant)}
    others = given.keys() - named.keys() - {"hidden"}
    name, part = named.get(0, named.get("name")), named.get(1, named.get("part", ""))
    if others or not (isinstance(name, str) and isinstance(part, str)):
        raise LookupError(ast.unparse(call))
    return name, part
