"""A report of a graded class comes back from JSON as it was, and everything else is refused in a sentence."""

import json
from typing import Any

import pytest

from smtplab.grading.results.outcome import (
    CellShown,
    Incident,
    IncidentKind,
    PartHead,
    PartResult,
    Report,
    ReportError,
    RuleRow,
    RuleStatus,
    StudentResult,
    StudentStatus,
)
from smtplab.roster.collected import HandInProblem, ProblemKind

RULE = RuleRow("banner", "The banner is named.", 1, 2, RuleStatus.FAILS, "no", "220", "\ud800", "look", True)
MIA = StudentResult(
    "mia",
    "Mia Groß",
    "4711",
    points=1,
    parts=(PartResult("session", 1, 2, "not yet", (RULE,)),),
    beliefs=("data-is-delivery",),
    incidents=(Incident(IncidentKind.LATE, "An hour late."),),
    cells=(CellShown(0, "code", "1 + 1", "2"),),
    tried={"session": 21},
    drawn=("a.example",),
    wall_seconds=1.5,
    late_seconds=3600,
)
NOAH = StudentResult("noah", status=StudentStatus.ABSENT)
REPORT = Report(
    exercise="01",
    title="Hold your own session",
    possible=2,
    parts=(PartHead("session", "A session", 2, 1),),
    students=(MIA, NOAH),
    smtplab="0.1",
    border="none",
)


def test_a_report_comes_back_from_its_json() -> None:
    assert Report.from_json(REPORT.to_json()) == REPORT
    assert REPORT.to_json().isascii()


def test_a_student_is_graded_only_by_this_status() -> None:
    assert MIA.is_graded
    assert not NOAH.is_graded


def test_unknown_keys_are_skipped() -> None:
    assert Report.from_json(json.dumps({**json.loads(REPORT.to_json()), "more": 1})) == REPORT


@pytest.mark.parametrize(
    "changed",
    [
        {"students": None},
        {"students": [{}]},
        {"students": [{"student": "mia", "status": "great"}]},
        {"students": [{"student": "mia", "points": True}]},
        {"students": [{"student": "mia", "tried": {"session": "many"}}]},
        {"students": ["mia"]},
        {"title": 1},
        {"format": 2},
        {"format": None},
    ],
)
def test_a_report_with_a_value_of_another_kind_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ReportError):
        Report.from_json(json.dumps({**json.loads(REPORT.to_json()), **changed}))


@pytest.mark.parametrize("text", ["", "[]", "{", b"\xff", "null", "NaN"])
def test_what_is_not_a_report_is_refused(text: str | bytes) -> None:
    with pytest.raises(ReportError):
        Report.from_json(text)


@pytest.mark.parametrize(
    ("holds", "mistake", "is_"), [(True, "", "holds"), (False, "x", "fails"), (False, "", "not reached")]
)
def test_a_rule_that_fails_for_no_reason_of_its_own_was_not_reached(holds: bool, mistake: str, is_: str) -> None:
    assert RuleStatus.of(holds=holds, mistake=mistake) == is_


@pytest.mark.parametrize("kind", ProblemKind)
def test_whatever_collecting_finds_odd_is_an_incident_with_the_same_word(kind: ProblemKind) -> None:
    incident = Incident.of(HandInProblem(kind, "why"))
    assert (incident.kind.value, incident.kind.name, incident.sentence) == (kind.value, kind.name, "why")
