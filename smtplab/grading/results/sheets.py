"""The tables of a graded class: points, incidents, and the files that Canvas and Moodle take.

A student whose work was not graded has no points, and no row in the files for a platform: so nothing is entered there,
and nothing that stands there is replaced. Late work has its points like all other work.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

from ..tables import Table, TableRow
from .incidents import all_incidents, is_late, lateness
from .outcome import PartHead, Report, StudentResult

GRADES, CANVAS, MOODLE = "grades.csv", "canvas.csv", "moodle.csv"
CANVAS_TOTAL = "canvas-total.csv"
INCIDENTS = Table("incidents.csv", ("exercise", "student", "kind", "sentence"))
PLATFORM_FILES = (CANVAS, CANVAS_TOTAL, MOODLE)
SHEETS = (GRADES, INCIDENTS.name, *PLATFORM_FILES)

_POSSIBLE = "    Points Possible"  # Canvas knows the row by these words
_STUDENT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
# Moodle takes a worksheet only if it has the first, the third and the fifth of these.
_WORKSHEET = ("Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments")
_PARTICIPANT = re.compile(r"\D*[^\d\s]\D*\d+")  # a word and a number


def sheets(report: Report) -> dict[str, bytes]:
    """Return the tables of a class by the names of their files; of the files for platforms, that of its own."""
    is_of_moodle = any(moodle_participant(each.platform_key) for each in report.students)
    canvas = {CANVAS: _canvas(report), CANVAS_TOTAL: _canvas_total(report)}
    platform = {MOODLE: _moodle(report)} if is_of_moodle else canvas
    return {GRADES: _grades(report), INCIDENTS.name: _incidents(report), **platform}


def _grades(report: Report) -> bytes:
    names = [f"part {head.name}" for head in report.parts]
    columns = ("exercise", "student", "name", "status", "points", "possible", *names)
    return Table(GRADES, (*columns, "submitted", "late", "extension")).content(
        [
            {
                "exercise": report.exercise,
                "student": result.student,
                "name": result.name,
                "status": result.status.value,
                "points": result.points if result.is_graded else "",
                "possible": report.possible,
                **dict(zip(names, _part_points(report, result), strict=True)),
                "submitted": result.submitted,
                "late": lateness(result) or ("yes" if is_late(result) else ""),
                "extension": result.extension,
            }
            for result in report.by_id
        ]
    )


def _incidents(report: Report) -> bytes:
    return INCIDENTS.content(
        [
            {
                "exercise": report.exercise,
                "student": result.student,
                "kind": incident.kind.value,
                "sentence": incident.sentence,
            }
            for result, incident in all_incidents(report)
        ]
    )


def _part_points(report: Report, result: StudentResult) -> list[object]:
    """Return the points of each part of the exercise; empty for a part that was not judged."""
    points: Mapping[str, object] = {part.name: part.points for part in result.parts} if result.is_graded else {}
    return [points.get(head.name, "") for head in report.parts]


def _canvas(report: Report) -> bytes:
    """Return the file for Canvas's gradebook: each part is an assignment, which Canvas makes if there is none."""
    questions = [_question(report, head) for head in report.parts]
    rows = [_canvas_row(_POSSIBLE, dict(zip(questions, (head.possible for head in report.parts), strict=True)))]
    for result in report.graded:
        points = dict(zip(questions, _part_points(report, result), strict=True))
        rows.append(_canvas_row(result.name or result.student, points, key=result.platform_key, login=result.student))
    return Table(CANVAS, (*_STUDENT, *questions)).content(rows)


def _canvas_total(report: Report) -> bytes:
    """Return the same file with one assignment, which has the points of all parts."""
    name = f"Exercise {report.exercise}"
    rows = [_canvas_row(_POSSIBLE, {name: report.possible})]
    for result in report.graded:
        points = {name: result.points}
        rows.append(_canvas_row(result.name or result.student, points, key=result.platform_key, login=result.student))
    return Table(CANVAS_TOTAL, (*_STUDENT, name)).content(rows)


def _question(report: Report, head: PartHead) -> str:
    """Return the name of the assignment for a part."""
    return f"Exercise {report.exercise} ({head.name})"


def _canvas_row(student: str, points: Mapping[str, object], key: str = "", login: str = "") -> TableRow:
    return {**dict.fromkeys(_STUDENT, ""), "Student": student, "ID": key, "SIS Login ID": login, **points}


def _moodle(report: Report) -> bytes:
    """Return Moodle's grading worksheet, which has one grade; the comment has the points of each part.

    Moodle keeps a grade that was entered after the time in the worksheet, which is that of the grading.
    """
    rows = [
        {
            "Identifier": participant,
            "Full name": result.name,
            "Grade": result.points,
            "Maximum Grade": report.possible,
            "Last modified (grade)": result.graded_at or report.ended,
            "Feedback comments": html.escape("; ".join(_points_in_words(report, result)), quote=False),
        }
        for result in report.graded
        if (participant := moodle_participant(result.platform_key))
    ]
    return Table(MOODLE, _WORKSHEET).content(rows)


def _points_in_words(report: Report, result: StudentResult) -> Iterator[str]:
    for head, points in zip(report.parts, _part_points(report, result), strict=True):
        if points != "":
            yield f"{head.title or head.name}: {points} of {head.possible}"


def moodle_participant(key: str) -> str:
    """Return a key of a roster if it is what Moodle's worksheet calls a participant, in any language; else nothing.

    Args:
        key: for Moodle a word and a number, as in ``Participant 4711``; a number alone is Canvas's.
    """
    return key.strip() if _PARTICIPANT.fullmatch(key.strip()) else ""
