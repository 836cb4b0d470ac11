"""The tables say what the report says, in the forms that platforms take, and nothing in them is a formula."""

import csv
import io
from dataclasses import replace

import pytest

from smtplab.grading.results.outcome import Report
from smtplab.grading.results.sheets import CANVAS, CANVAS_TOTAL, GRADES, INCIDENTS, MOODLE, moodle_participant, sheets
from support.graded_class import MIA, NOAH, REPORT

OF_CANVAS = replace(
    REPORT, students=tuple(replace(each, platform_key=each.platform_key[-4:]) for each in REPORT.students)
)


def rows(report: Report, name: str) -> list[dict[str, str]]:
    """Return a table as a program reads it."""
    return list(csv.DictReader(io.StringIO(sheets(report)[name].decode("utf-8"), newline="")))


def test_everybody_has_a_row_of_points_and_only_graded_work_has_points() -> None:
    found = {row["student"]: row for row in rows(REPORT, GRADES)}
    assert list(found) == ["mia", "noah", "uma", "zoe"]
    assert [found["mia"][name] for name in ("points", "possible", "part session", "part banner")] == [
        "6",
        "6",
        "3",
        "3",
    ]
    assert [found[name]["status"] for name in found] == ["graded", "graded", "absent", "not graded"]
    assert {found[name]["points"] + found[name]["part session"] for name in ("uma", "zoe")} == {""}


def test_late_work_is_shown_and_has_its_points() -> None:
    late = next(row for row in rows(replace(REPORT, students=(replace(MIA, late_seconds=90.0),)), GRADES))
    assert (late["late"], late["points"]) == ("1 min 30 s", "6")
    (noah,) = (row for row in rows(REPORT, GRADES) if row["student"] == "noah")
    assert noah["extension"] == "2026-11-20T00:00:00Z"


def test_a_name_that_a_spreadsheet_would_calculate_has_an_apostrophe() -> None:
    names = {row["student"]: row["name"] for row in rows(REPORT, GRADES)}
    assert names["noah"] == "'=cmd()"
    assert names["mia"] == "Mia Groß"


def test_incidents_are_a_row_each_with_kind_and_sentence() -> None:
    found = [(row["student"], row["kind"]) for row in rows(REPORT, INCIDENTS.name)]
    assert found == [
        ("noah", "work of another"),
        ("noah", "late"),
        ("noah", "many checks"),
        ("uma", "absent"),
        ("zoe", "not judged"),
    ]
    assert rows(REPORT, INCIDENTS.name)[4]["sentence"] == "the file is empty"


def test_canvas_gets_the_points_of_all_parts_in_one_column_of_another_file() -> None:
    found = rows(OF_CANVAS, CANVAS_TOTAL)
    assert [(row["SIS Login ID"], row["Exercise 01-session"]) for row in found] == [
        ("", "6"),
        *((each.student, str(each.points)) for each in OF_CANVAS.graded),
    ]
    assert CANVAS_TOTAL not in sheets(REPORT)


def test_canvas_gets_a_column_for_each_question_and_the_possible_points() -> None:
    first, *others = sheets(OF_CANVAS)[CANVAS].decode().splitlines()
    questions = "Exercise 01-session (session),Exercise 01-session (banner)"
    assert first == f"Student,ID,SIS User ID,SIS Login ID,Section,{questions}"
    assert others == ["    Points Possible,,,,,3,3", "Mia Groß,4711,,mia,,3,3", "'=cmd(),4712,,noah,,0,0"]


def test_moodle_gets_the_columns_without_which_it_takes_no_worksheet() -> None:
    mia, noah = rows(REPORT, MOODLE)
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(mia)
    assert (mia["Identifier"], mia["Grade"]) == ("Participant 4711", "6")
    assert (noah["Identifier"], noah["Grade"]) == ("Participant 4712", "0")
    assert mia["Feedback comments"] == "Your own session: 3 of 3; The banners &amp; more: 3 of 3"
    assert mia["Last modified (grade)"] == REPORT.ended


@pytest.mark.parametrize(
    ("key", "participant"),
    [
        ("4711", ""),
        ("Participant 4711", "Participant 4711"),
        ("Teilnehmer/in4711", "Teilnehmer/in4711"),
        ("", ""),
        ("mia", ""),
        ("=1", "=1"),
        (" Participant 12 ", "Participant 12"),
    ],
)
def test_a_participant_is_called_as_in_the_worksheet_of_the_roster(key: str, participant: str) -> None:
    assert moodle_participant(key) == participant


def test_a_student_without_points_or_key_is_in_no_file_for_a_platform() -> None:
    report = replace(REPORT, students=(*REPORT.students[:3], replace(MIA, platform_key="")))
    assert [row["Identifier"] for row in rows(report, MOODLE)] == ["Participant 4712"]
    report = replace(OF_CANVAS, students=(*OF_CANVAS.students[:3], replace(MIA, platform_key="")))
    assert [row["SIS Login ID"] for row in rows(report, CANVAS)] == ["", "mia", "noah"]
    assert rows(report, CANVAS)[1]["ID"] == ""


def test_only_the_platform_of_the_class_has_a_file() -> None:
    assert MOODLE in sheets(REPORT)
    assert CANVAS not in sheets(REPORT)
    assert CANVAS in sheets(OF_CANVAS)
    assert MOODLE not in sheets(OF_CANVAS)


def test_a_grade_that_was_given_by_hand_since_a_student_was_graded_stays_in_moodle() -> None:
    report = replace(REPORT, students=(replace(MIA, graded_at="2026-11-19T10:00:00+00:00"), NOAH))
    mia, noah = rows(report, MOODLE)
    assert mia["Last modified (grade)"] == "2026-11-19T10:00:00+00:00"
    assert noah["Last modified (grade)"] == REPORT.ended


def test_a_part_that_was_not_judged_has_no_points_in_any_table() -> None:
    report = replace(REPORT, students=(replace(NOAH, parts=NOAH.parts[:1]),))
    assert rows(report, GRADES)[0]["part banner"] == ""
    of_canvas = replace(report, students=(replace(report.students[0], platform_key="4712"),))
    assert rows(of_canvas, CANVAS)[1]["Exercise 01-session (banner)"] == ""
    assert rows(report, MOODLE)[0]["Feedback comments"] == "Your own session: 0 of 3"


def test_the_order_of_the_students_does_not_matter() -> None:
    assert sheets(REPORT) == sheets(replace(REPORT, students=REPORT.students[::-1]))
