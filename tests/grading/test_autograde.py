"""What `RefereedExecute` adds to nbgrader; `exercises/test_nbgrader` sees it grade a class."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

from smtplab.grading import autograde, classroom
from smtplab.grading.engine.grader import JudgedNotebook
from smtplab.grading.results.outcome import Incident, IncidentKind
from smtplab.grading.results.sheets import INCIDENTS


def resources(course: Path) -> dict[str, Any]:
    return {
        "metadata": {"path": str(course / "autograded" / "mia" / "01")},
        "nbgrader": {"assignment": "01", "student": "mia"},
    }


def test_a_part_that_could_not_be_judged_says_so() -> None:
    (output,) = autograde._result(None)
    assert output["output_type"] == "error"
    assert "ask your instructor" in output["evalue"]


def test_each_fault_of_the_table_of_ids_is_logged_once(tmp_path: Path) -> None:
    (tmp_path / "submitted").mkdir()
    (tmp_path / "ids.csv").write_text("student,id\nnobody-of-this-test,x\nmia,mia@uni.example\n")
    executor = autograde.RefereedExecute()
    with mock.patch.object(executor.log, "warning") as logged:
        assert executor._student(resources(tmp_path)) == executor._student(resources(tmp_path)) == "mia@uni.example"
    faults = [call.args[1] for call in logged.call_args_list if "nobody-of-this-test" in call.args[1]]
    assert len(faults) == 1
    assert "'nobody-of-this-test', who has no folder" in faults[0]


OFTEN = "21 answers were checked in the part phases"


def test_what_the_referee_and_the_border_tell_is_entered_for_the_instructor(tmp_path: Path) -> None:
    executor = autograde.RefereedExecute()
    judged = {"report": "", "points": 1, "rules": [], "beliefs": ["lf-ends-a-line"]}
    found = {"part": "all", "owner": "noah", "evidence": "it fits"}
    late = Incident(IncidentKind.TIMED_OUT, "too long")
    notebook = JudgedNotebook(
        results={"check-a": judged, "check-b": judged},
        findings=(found,),
        incidents=(late,),
        tried={"phases": 21, "banner": 20},
    )
    with mock.patch.object(executor.log, "warning") as logged:
        executor._note(notebook, resources(tmp_path))
    assert [call.args[2] for call in logged.call_args_list] == ["too long", OFTEN]
    key = {"exercise": "01", "student": "mia"}
    assert classroom.BELIEFS.rows(tmp_path) == [{**key, "belief": "lf-ends-a-line"}]
    assert classroom.WHOSE_WORK.rows(tmp_path) == [{**key, **found}]
    assert INCIDENTS.rows(tmp_path) == [
        {**key, "kind": "timed out", "sentence": "too long"},
        {**key, "kind": "many checks", "sentence": OFTEN},
    ]
