"""A result joins what was handed in, what the process wrote and what the referee said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smtplab.grading import sentences
from smtplab.grading.engine.grader import JudgedNotebook, ShownText
from smtplab.grading.engine.prepared import prepare
from smtplab.grading.engine.student_result import graded_result
from smtplab.grading.results.outcome import Incident, IncidentKind, Refusal, RuleStatus, StudentResult, StudentStatus
from support.handed_in import NAME, TESTS, answered, exercise

RULE = {
    "part": "session",
    "rule": "session.helo",
    "demand": "Say HELO.",
    "points": 0,
    "possible": 2,
    "outcome": "fails",
    "mistake": "No HELO.",
    "expected": "HELO",
    "got": "QUIT",
    "hint": "",
    "is_hidden": True,
}


def result(judged: JudgedNotebook, data: bytes = b"") -> StudentResult:
    return graded_result("mia", "mia", exercise(), prepare(data or answered("mia", {}), exercise()), judged)


def judged(**more: Any) -> JudgedNotebook:
    session = {"report": "told", "points": 3, "parts": ["session"], "rules": [RULE], "beliefs": ["a", "b"]}
    phases = {**session, "points": 99, "rules": [], "beliefs": ["b"]}
    return JudgedNotebook(results={"check-session": session, "check-phases": phases}, **more)


def test_points_are_those_of_the_referee_and_never_more_than_there_are() -> None:
    found = result(judged())
    assert [(part.name, part.points, part.possible) for part in found.parts] == [
        ("session", 3, 11),
        ("phases", 6, 6),
        ("banner", 0, 4),
    ]
    assert found.points == 9
    assert found.beliefs == ("a", "b")
    assert result(judged(refusals=(refused := (Refusal("RCPT", 550),)))).refusals == refused
    (rule,) = found.parts[0].rules
    assert (rule.outcome, rule.got, rule.is_hidden) == (RuleStatus.FAILS, "QUIT", True)


def test_what_the_referee_could_not_judge_has_a_reason() -> None:
    found = result(JudgedNotebook(results={}, is_judged=False))
    assert (found.status, found.parts, found.points) == (StudentStatus.NOT_GRADED, (), 0)
    assert "referee could not judge" in found.reason


def test_changes_of_one_kind_are_one_incident_and_so_are_findings_about_one_owner() -> None:
    book = json.loads(answered("mia", {}))
    book["cells"] = [cell for cell in book["cells"] if cell["id"] not in TESTS]
    finding = {"part": "all", "owner": "noah", "evidence": "it fits"}
    notebook = JudgedNotebook(
        results={}, findings=(finding, {**finding, "part": "x"}), incidents=(Incident(IncidentKind.KILLED, "k"),)
    )
    incidents = result(notebook, json.dumps(book).encode()).incidents
    assert [each.kind for each in incidents] == ["cells restored", "killed", "work of another"]
    assert all(name in incidents[0].sentence for name in TESTS)
    assert incidents[2].sentence == "it may be the work of noah: it fits"


def test_parts_with_the_same_evidence_are_named_together() -> None:
    finding = {"owner": "noah", "evidence": "it fits"}
    notebook = JudgedNotebook(results={}, findings=({**finding, "part": "x"}, {**finding, "part": "y"}))
    assert result(notebook).incidents[0].sentence == "it may be the work of noah: in x and y, it fits"


def test_cells_of_the_students_that_raised_are_named_by_their_errors() -> None:
    misspelt = ShownText("error", "Traceback", "NameError", "name 'sesion' is not defined")
    timeout = ShownText("error", "Traceback", "CellTimeout", "too long")
    cells = json.loads(answered("mia", {}))["cells"]
    own = [at for at, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("solution")]
    tests = [at for at, cell in enumerate(cells) if cell["id"] in TESTS]
    shown = {own[0]: (misspelt,), own[1]: (misspelt, timeout), tests[0]: (misspelt,)}
    (incident,) = result(JudgedNotebook(results={}, shown=shown)).incidents
    assert incident.kind is IncidentKind.CELLS_RAISED
    told = f"cells {own[0] + 1} and {own[1] + 1} ended with NameError: name 'sesion' is not defined;"
    assert incident.sentence.startswith(told)


@pytest.mark.parametrize(("given", "line"), [("mia@uni.example", "mia,mia@uni.example"), ("m, mia", 'mia,"m, mia"')])
def test_an_id_that_nobody_has_is_a_mismatch_with_the_line_that_mends_it(given: str, line: str) -> None:
    finding = {"part": "all", "owner": given, "evidence": "unknown"}
    found = result(JudgedNotebook(results={}, findings=(finding,), other_id=given))
    (incident,) = found.incidents
    assert incident.kind is IncidentKind.ID_MISMATCH
    assert f"write the line {line} into ids.csv" in incident.sentence
    assert found.other_id == given


def test_the_cells_are_shown_with_their_outputs_and_without_hidden_rules() -> None:
    shown = {5: (ShownText("stdout", "one\n"), ShownText("result", "two\n")), 99: (ShownText("stdout", "nowhere"),)}
    found = result(JudgedNotebook(results={}, shown=shown))
    by_place = {cell.cell: cell for cell in found.cells}
    assert by_place[5].output == "one\ntwo"
    assert 99 not in by_place
    assert not any("HIDDEN" in cell.source for cell in found.cells)
    assert any(f'smtplab.check("{NAME}"' in cell.source and cell.is_locked for cell in found.cells)
    assert found.drawn
    json.dumps([cell.output for cell in found.cells])


def test_answers_that_were_checked_before_it_was_handed_in_are_counted_too() -> None:
    book = json.loads(answered("mia", {}))
    told = [sentences.ANSWERS_TRIED.format(count=count, part=part) for count, part in ((40, "phases"), (99, "no part"))]
    output = {"output_type": "stream", "name": "stdout", "text": "\n".join(told)}
    next(cell for cell in book["cells"] if cell["id"] == "check-phases")["outputs"] = [output]
    found = result(judged(tried={"session": 2, "phases": 1}), json.dumps(book).encode())
    assert found.tried == {"session": 2, "phases": 40}
