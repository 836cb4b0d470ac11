"""The table ``points.csv``: points that the instructor gives to a part, in place of those of the grading.

The run file keeps what the grading gave. So the table is applied anew to each report, and no later run loses it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...base.failure import Failure
from ...base.printed import in_a_row
from ...roster.csv_text import read_table
from ...roster.student_ids import normal
from .. import sentences
from . import wording
from .outcome import Incident, IncidentKind, PartHead, PartResult, Report, StudentResult, StudentStatus

FILE = "points.csv"
COLUMNS = ("id", "exercise", "part", "points", "reason")


class PointsError(Failure):
    """A line of ``points.csv`` cannot be used; grading with it would lose points."""


@dataclass(frozen=True, slots=True)
class PointChange:
    """One line of the table.

    Args:
        number: the line.
        student: the id.
        exercise: the name of the exercise, or the number with which it begins.
        part: the name of a part.
        points: what the part gives.
        reason: for the student and for later; it may be empty.
    """

    number: int
    student: str
    exercise: str
    part: str
    points: int
    reason: str = ""

    def is_about(self, exercise: str) -> bool:
        """Return True if it is about an exercise."""
        return exercise == self.exercise or exercise.startswith(f"{self.exercise.zfill(2)}-")


def read_changes(data: bytes) -> tuple[PointChange, ...]:
    """Read the table; no part of a student stands there twice.

    Args:
        data: the content of the file. Its title has the columns `COLUMNS`, the last one only if you like.

    Raises:
        PointsError: if a line cannot be used.
    """
    table = read_table(data)
    columns = {normal(name): place for place, name in enumerate(table.title)}
    if missing := [name for name in COLUMNS[:-1] if name not in columns]:
        raise PointsError(sentences.POINTS_MISNAMED.format(file=FILE, missing=in_a_row(missing)))
    found: dict[tuple[str, str, str], PointChange] = {}
    for number, cells in table.rows:
        given = {name: cells[place] for name, place in columns.items() if place < len(cells)}
        change = _change(number, given)
        key = (change.student, change.exercise, change.part)
        if (before := found.setdefault(key, change)) is not change:
            raise PointsError(sentences.POINTS_TWICE.format(file=FILE, number=number, before=before.number))
    return tuple(found.values())


def _change(number: int, given: Mapping[str, str]) -> PointChange:
    id, exercise, part, points, reason = (given.get(name, "") for name in COLUMNS)
    if missing := next((name for name in COLUMNS[:-1] if not given.get(name)), ""):
        raise PointsError(sentences.POINTS_INCOMPLETE.format(file=FILE, number=number, missing=missing))
    if not (points.isascii() and points.isdigit()):
        raise PointsError(sentences.POINTS_NO_NUMBER.format(file=FILE, number=number, cell=points))
    return PointChange(number, normal(id), exercise, normal(part), int(points[:9]), reason)


def check_exercises(changes: Iterable[PointChange], exercises: Collection[str]) -> None:
    """Refuse a line that is about none of the exercises.

    Raises:
        PointsError: if there is one.
    """
    for change in changes:
        if not any(map(change.is_about, exercises)):
            facts = {"file": FILE, "number": change.number, "exercise": change.exercise}
            raise PointsError(sentences.POINTS_NO_EXERCISE.format(**facts))


def changes_for(
    changes: Iterable[PointChange], exercise: str, parts: Sequence[PartHead], students: Collection[str]
) -> tuple[PointChange, ...]:
    """Return the lines about an exercise.

    Args:
        changes: the table.
        exercise: its name.
        parts: its parts.
        students: the ids of the class.

    Raises:
        PointsError: if one names a student or a part that is not there, or more points than the part has.
    """
    possible = {head.name: head.possible for head in parts}
    about = tuple(change for change in changes if change.is_about(exercise))
    for change in about:
        line = {"file": FILE, "number": change.number}
        if change.student not in students:
            raise PointsError(sentences.POINTS_NO_STUDENT.format(**line, student=change.student))
        if change.part not in possible:
            raise PointsError(sentences.POINTS_NO_PART.format(**line, part=change.part, parts=in_a_row(possible)))
        if change.points > possible[change.part]:
            raise PointsError(sentences.POINTS_TOO_MANY.format(**line, part=change.part, most=possible[change.part]))
    return about


def with_changes(report: Report, changes: Iterable[PointChange]) -> Report:
    """Return a report with the points of the table; work that was not graded then counts as graded.

    Args:
        report: the class.
        changes: the lines about its exercise; see `changes_for`.
    """
    of_student: dict[str, dict[str, PointChange]] = {}
    for change in changes:
        of_student.setdefault(change.student, {})[change.part] = change
    students = (_changed(report, each, of_student.get(each.student, {})) for each in report.students)
    return replace(report, students=tuple(students))


def _changed(report: Report, result: StudentResult, changes: Mapping[str, PointChange]) -> StudentResult:
    if not changes:
        return result
    before = result.parts or tuple(PartResult(head.name, 0, head.possible) for head in report.parts)
    parts = tuple(_changed_part(part, changes[part.name]) if part.name in changes else part for part in before)
    told = (
        Incident(IncidentKind.POINTS_CHANGED, wording.POINTS_IN_PART.format(part=part.name, change=part.change))
        for part in parts
        if part.change
    )
    return replace(
        result,
        status=StudentStatus.GRADED,
        parts=parts,
        points=sum(part.points for part in parts),
        incidents=(*result.incidents, *told),
    )


def _changed_part(part: PartResult, change: PointChange) -> PartResult:
    reason = f": {change.reason}" if change.reason else ""
    told = wording.POINTS_CHANGED.format(points=change.points, before=part.points, reason=reason)
    return replace(part, points=change.points, change=told)
