"""Nothing goes unnamed: what the report shows is an incident, also if the run has noted none."""

from dataclasses import replace

from smtplab.grading.results.class_page import class_page
from smtplab.grading.results.feedback_page import feedback_page
from smtplab.grading.results.incidents import incidents_of, is_late, lateness
from smtplab.grading.results.outcome import Incident, IncidentKind, Refusal, StudentResult
from smtplab.grading.results.sheets import GRADES, sheets
from support.graded_class import MIA, NOAH, REPORT, UMA, ZOE


def kinds(result: StudentResult) -> list[IncidentKind]:
    return [incident.kind for incident in incidents_of(result)]


def test_work_without_any_incident_has_none() -> None:
    assert kinds(MIA) == []


def test_absence_lateness_many_checks_and_ungraded_work_are_incidents() -> None:
    assert kinds(UMA) == [IncidentKind.ABSENT]
    assert kinds(ZOE) == [IncidentKind.NOT_JUDGED]
    assert kinds(NOAH) == [IncidentKind.WORK_OF_ANOTHER, IncidentKind.LATE, IncidentKind.MANY_CHECKS]


def test_more_than_twenty_answers_to_one_part_are_many() -> None:
    assert kinds(replace(MIA, tried={"session": 20})) == []
    assert [each.sentence for each in incidents_of(replace(MIA, tried={"session": 21, "banner": 400}))] == [
        "21 answers were checked in the part session",
        "400 answers were checked in the part banner",
    ]


def test_an_incident_of_the_run_is_not_said_twice() -> None:
    for result, kind in (
        (UMA, IncidentKind.ABSENT),
        (ZOE, IncidentKind.UNREADABLE),
        (replace(MIA, late_seconds=1.0), IncidentKind.LATE),
        (replace(MIA, tried={"session": 99}), IncidentKind.MANY_CHECKS),
    ):
        noted = Incident(kind, "as the run has it")
        assert incidents_of(replace(result, incidents=(noted, noted))) == (noted,)


def test_lateness_is_told_in_words() -> None:
    assert lateness(NOAH) == "1 d 1 h"
    assert lateness(MIA) == ""
    assert lateness(replace(MIA, late_seconds=0.5)) == "500 ms"


def test_the_mark_of_the_platform_makes_work_late_without_saying_how_late() -> None:
    marked = StudentResult("mia", incidents=(Incident(IncidentKind.LATE, "marked"),))
    assert (is_late(marked), lateness(marked)) == (True, "")
    report = replace(REPORT, students=(marked,))
    assert "late, as the platform says" in class_page(report).decode()
    assert "1 late" in class_page(report).decode()
    assert "marked it as late" in feedback_page(report, marked).decode()
    assert b"yes" in sheets(report)[GRADES]
    assert not is_late(StudentResult("noah"))


def test_an_empty_line_that_a_host_refused_has_words_in_the_table() -> None:
    report = replace(REPORT, students=(replace(NOAH, refusals=(Refusal("", 500),)),))
    assert "(an empty line)" in class_page(report).decode()
