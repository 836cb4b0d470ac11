"""Nothing goes unnamed: what the report shows is an incident, also if the run has noted none."""

from dataclasses import replace

from smtplab.grading.results.incidents import incidents_of, lateness
from smtplab.grading.results.outcome import Incident, IncidentKind, StudentResult
from support.graded_class import MIA, NOAH, UMA, ZOE


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
