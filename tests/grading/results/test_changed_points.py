"""Points of ``points.csv`` replace those of the grading everywhere, and are named; a line that cannot be used stops."""

from __future__ import annotations

import json

import pytest

from smtplab.grading.results.changed_points import (
    PointChange,
    PointsError,
    changes_for,
    check_exercises,
    read_changes,
    with_changes,
)
from smtplab.grading.results.feedback_page import feedback_page
from smtplab.grading.results.outcome import IncidentKind, Report, StudentStatus
from smtplab.grading.results.sheets import sheets
from support.graded_class import NOAH, PARTS, REPORT

TITLE = "id,exercise,part,points,reason\n"


def changed(*lines: str) -> Report:
    changes = read_changes((TITLE + "\n".join(lines)).encode())
    students = {each.student for each in REPORT.students}
    return with_changes(REPORT, changes_for(changes, REPORT.exercise, PARTS, students))


@pytest.mark.parametrize("exercise", ["01-session", "01", "1"])
def test_changed_points_are_in_the_tables_on_the_page_and_among_the_incidents(exercise: str) -> None:
    report = changed(f"NOAH ,{exercise},Session,2,the host <was> wrong")
    noah = next(each for each in report.students if each.student == "noah")
    assert (noah.points, noah.parts[0].points, noah.parts[1].points) == (2, 2, 0)
    assert noah.incidents[-1].kind is IncidentKind.POINTS_CHANGED
    assert noah.incidents[-1].sentence == "the part session has 2 in place of 0: the host <was> wrong"
    page = feedback_page(report, noah).decode()
    assert "2 in place of 0: the host &lt;was&gt; wrong" in page
    assert "2 of 6 points" in page
    files = sheets(report)
    assert b"noah,'=cmd(),graded,2,6,2,0" in files["grades.csv"]
    assert b"Participant 4712,'=cmd(),2," in files["moodle.csv"]
    assert b"points changed" in files["incidents.csv"]
    assert Report.from_json(report.to_json()) == report


def test_who_has_no_line_stays_as_graded() -> None:
    kept = [each for each in changed("noah,01-session,session,2").students if each.student != "noah"]
    assert kept == [each for each in REPORT.students if each is not NOAH]
    assert changed("noah,02-other,session,2") == REPORT


def test_work_that_no_engine_can_grade_has_the_points_given_by_hand() -> None:
    zoe = next(each for each in changed("zoe,01,banner,3,read on paper").students if each.student == "zoe")
    assert (zoe.status, zoe.points, [part.points for part in zoe.parts]) == (StudentStatus.GRADED, 3, [0, 3])


def test_a_table_of_a_spreadsheet_with_other_columns_is_read() -> None:
    data = "\ufeffreason;points;id;part;exercise\r\n;1;noah;banner;01\r\n".encode()
    assert read_changes(data) == (PointChange(2, "noah", "01", "banner", 1),)


def test_an_older_report_without_changes_is_read() -> None:
    given = json.loads(REPORT.to_json())
    for student in given["students"]:
        for part in student["parts"]:
            del part["change"]
    assert Report.from_json(json.dumps(given)) == REPORT


def test_a_line_about_another_exercise_of_the_course_is_left_to_it() -> None:
    check_exercises([PointChange(2, "noah", "02", "x", 1)], ["01-session", "02-tour"])
    with pytest.raises(PointsError):
        check_exercises([PointChange(2, "noah", "20", "x", 1)], ["01-session", "02-tour"])
