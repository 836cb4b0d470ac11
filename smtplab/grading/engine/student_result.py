"""Put together what became of one student's work: what was handed in, what the process wrote, what the referee said."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...base.printed import in_a_row
from ..release import name_of
from ..results.drawn_words import drawn_words
from ..results.outcome import (
    CellShown,
    Incident,
    IncidentKind,
    PartResult,
    RuleRow,
    RuleStatus,
    StudentResult,
    StudentStatus,
)
from ..results.plain_text import one_line
from ..tries import largest
from . import sentences
from .graded_exercise import GradedExercise
from .grader import JudgedNotebook, ShownText
from .prepared import PreparedNotebook
from .restoring import ChangeKind, is_locked, is_test
from .student_notebook import ERROR

_PARAGRAPH = "\n"
_TOLD_ELSEWHERE = ("CellTimeout", "KeyboardInterrupt", "MemoryError", "SystemExit")  # they have other incidents
_WHOLE = "all"  # what the referee calls the whole exercise, where it names a part
_RULE_TEXTS = ("rule", "demand", "mistake", "expected", "got", "hint")


def graded_result(
    student: str, task_of: str, exercise: GradedExercise, prepared: PreparedNotebook, judged: JudgedNotebook
) -> StudentResult:
    """Return the result of a notebook that was run and judged.

    Args:
        student: whose work it is.
        task_of: the id with which the task was drawn.
        exercise: the exercise.
        prepared: the notebook.
        judged: what became of it.
    """
    parts = tuple(_part(exercise, test, judged.results.get(test)) for test in exercise.tests)
    beliefs = (name for result in judged.results.values() for name in result["beliefs"])
    return StudentResult(
        student,
        status=StudentStatus.GRADED if judged.is_judged else StudentStatus.NOT_GRADED,
        reason="" if judged.is_judged else sentences.REFEREE_FAILED,
        points=sum(part.points for part in parts),
        parts=parts if judged.is_judged else (),
        beliefs=tuple(dict.fromkeys(beliefs)),
        incidents=(
            *_changes(prepared),
            *judged.incidents,
            *_raised(prepared, judged),
            *_other_id(student, judged),
            *_findings(judged),
        ),
        other_id=judged.other_id,
        refusals=judged.refusals,
        cells=tuple(_cells(prepared, exercise, judged.shown)),
        tried=largest(judged.tried, _tried_before(prepared, exercise)),
        drawn=drawn_words(exercise.design.task(task_of, exercise.course)),
        wall_seconds=round(judged.wall_seconds, 3),
        cpu_seconds=round(judged.cpu_seconds, 3),
        notebook_hash=prepared.hash,
    )


def _part(exercise: GradedExercise, test: str, result: Mapping[str, Any] | None) -> PartResult:
    possible = exercise.points_of(test)
    name = exercise.tests[test].part or test
    if result is None:
        return PartResult(name, 0, possible)
    points = min(result["points"], possible)
    return PartResult(name, points, possible, result["report"], tuple(_rule(rule) for rule in result["rules"]))


def _rule(rule: Mapping[str, Any]) -> RuleRow:
    texts = {name: rule[name] for name in _RULE_TEXTS}
    return RuleRow(
        points=rule["points"],
        possible=rule["possible"],
        outcome=RuleStatus(rule["outcome"]),
        is_hidden=rule["is_hidden"],
        **texts,
    )


def _tried_before(prepared: PreparedNotebook, exercise: GradedExercise) -> Mapping[str, int]:
    """Return what the notebook's outputs say of the parts that there are; a student may have written anything there."""
    parts = {part.name for part in exercise.design.parts}
    return {part: count for part, count in prepared.tried.items() if part in parts}


def _changes(prepared: PreparedNotebook) -> Iterator[Incident]:
    """Yield what the student had done to the exercise's cells, kind by kind; a moved or copied cell is no harm."""
    told: dict[ChangeKind, list[str]] = {}
    for change in prepared.changes:
        told.setdefault(change.kind, []).append(str(change))
    for changes in told.values():
        yield Incident(IncidentKind.CELLS_RESTORED, "; ".join(changes))


def _raised(prepared: PreparedNotebook, judged: JudgedNotebook) -> Iterator[Incident]:
    """Yield which of the student's own cells ended with an error, error by error."""
    told: dict[str, list[str]] = {}
    for at, cell in enumerate(prepared.notebook["cells"]):
        if is_test(cell) or is_locked(cell):
            continue
        for text in judged.shown.get(at, ()):
            if text.stream == ERROR and text.name not in _TOLD_ELSEWHERE:
                error = one_line(f"{text.name}: {text.value}" if text.value else text.name)
                told.setdefault(error, []).append(str(at + 1))
    for error, cells in told.items():
        named = f"cell {cells[0]}" if len(cells) == 1 else f"cells {in_a_row(cells)}"
        yield Incident(IncidentKind.CELLS_RAISED, sentences.CELL_RAISED.format(cells=named, error=error))


def _other_id(student: str, judged: JudgedNotebook) -> Iterator[Incident]:
    """Yield that the notebook gives an id that nobody has, with the line that makes it the student's own."""
    if judged.other_id:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow((student, judged.other_id))
        sentence = sentences.ID_NOBODY_HAS.format(given=judged.other_id, line=line.getvalue())
        yield Incident(IncidentKind.ID_MISMATCH, sentence)


def _findings(judged: JudgedNotebook) -> Iterator[Incident]:
    """Yield whose work it may be, owner by owner; an id that nobody has is no owner."""
    told: dict[str, dict[str, list[str]]] = {}
    for finding in judged.findings:
        if finding["owner"] != judged.other_id:
            told.setdefault(finding["owner"], {}).setdefault(finding["evidence"], []).append(finding["part"])
    for owner, found in told.items():
        evidence = "; ".join(_in_parts(parts) + text for text, parts in found.items())
        sentence = sentences.WORK_OF_ANOTHER.format(owner=owner, evidence=evidence)
        yield Incident(IncidentKind.WORK_OF_ANOTHER, sentence)


def _in_parts(parts: Sequence[str]) -> str:
    return "" if _WHOLE in parts else f"in {in_a_row(parts)}, "


def _cells(
    prepared: PreparedNotebook, exercise: GradedExercise, shown: Mapping[int, tuple[ShownText, ...]]
) -> Iterator[CellShown]:
    """Yield the notebook with its outputs; of a test cell nothing is shown but what students have."""
    for at, cell in enumerate(prepared.notebook["cells"]):
        kind = "code" if cell["cell_type"] == "code" else "markdown"
        is_hidden = is_locked(cell) and is_test(cell)
        source = exercise.public_source(name_of(cell)) if is_hidden else cell["source"]
        output = "" if is_test(cell) else _PARAGRAPH.join(text.text.rstrip("\n") for text in shown.get(at, ()))
        yield CellShown(at, kind, source, output, is_locked(cell))
