"""The tables of the class: what the rules say of each student, and of all of them together."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from smtplab.grading import classroom
from smtplab.grading.results import statistics
from smtplab.grading.results.outcome import RuleStatus
from support.graded_class import REPORT

DOT = {"rule": "session.dot", "demand": "A dot ends it.", "points": 0, "possible": 1}
QUIT = {"rule": "session.quit", "demand": "QUIT ends it.", "points": 1, "possible": 1}
HOLDS: dict[str, Any] = {"outcome": "holds", "mistake": "", "points": 1}


def fails(mistake: str) -> dict[str, Any]:
    return {"outcome": "fails", "mistake": mistake}


def test_the_rule_that_fails_most_comes_first_with_the_mistake_that_most_have_made(tmp_path: Path) -> None:
    for student, mistake in (("mia", "No dot."), ("noah", "Two dots."), ("uma", "No dot.")):
        classroom.enter(tmp_path, "01-title", student, [{**QUIT, **HOLDS}, {**DOT, **fails(mistake)}])
    classroom.enter(
        tmp_path,
        "01-title",
        "eve",
        [{**QUIT, **fails("It is open.")}, {**DOT, "outcome": "not reached", "mistake": ""}],
    )
    first, second = classroom.CLASS.rows(tmp_path)
    assert first == {
        "exercise": "01-title",
        "rule": "session.dot",
        "demand": "A dot ends it.",
        "holds": "0",
        "fails": "3",
        "not reached": "1",
        "most frequent mistake": "No dot.",
        "made by": "2",
    }
    assert (second["rule"], second["holds"], second["fails"]) == ("session.quit", "3", "1")


def test_graded_again_a_student_counts_once(tmp_path: Path) -> None:
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **fails("No dot.")}])
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **HOLDS}])
    (row,) = classroom.CLASS.rows(tmp_path)
    assert (row["holds"], row["fails"], row["most frequent mistake"]) == ("1", "0", "")


def test_the_table_of_the_class_names_nobody(tmp_path: Path) -> None:
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **fails("No dot.")}])
    assert "mia" in (tmp_path / classroom.RULES.name).read_text("utf-8")
    assert "mia" not in (tmp_path / classroom.CLASS.name).read_text("utf-8")


def test_what_others_rest_on_holds_where_nothing_is_said_of_it(tmp_path: Path) -> None:
    yours = {"rule": "session.yours", "demand": "It is yours.", "points": 0, "possible": 0}
    not_reached = {**DOT, "outcome": "not reached", "mistake": ""}
    classroom.enter(tmp_path, "01-title", "eve", [{**yours, **fails("It is not.")}, not_reached])
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **HOLDS}])
    classroom.enter(tmp_path, "03-title", "noah", [{**DOT, **HOLDS}])
    first = classroom.CLASS.rows(tmp_path)[0]
    assert (first["rule"], first["holds"], first["fails"]) == ("session.yours", "1", "1")


def test_a_row_whose_outcome_no_version_writes_is_not_counted(tmp_path: Path) -> None:
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **HOLDS}, {**QUIT, "outcome": "bestanden", "mistake": ""}])
    assert [row["rule"] for row in classroom.CLASS.rows(tmp_path)] == ["session.dot"]


def test_of_two_mistakes_that_as_many_make_the_first_in_the_order_of_ids_is_named(tmp_path: Path) -> None:
    for student, mistake in (("noah", "Two dots."), ("mia", "No dot.")):
        classroom.enter(tmp_path, "01-title", student, [{**DOT, **fails(mistake)}])
    assert classroom.CLASS.rows(tmp_path)[0]["most frequent mistake"] == "No dot."


# nbgrader's tables and the page of the class


def test_one_class_has_the_same_counts_in_the_tables_and_on_the_page_in_any_order(tmp_path: Path) -> None:
    """What a report says of each student is entered as nbgrader's run enters it, the last student first."""
    lf, mx = "lf-ends-a-line", "higher-mx-is-better"
    report = replace(
        REPORT,
        students=tuple(
            replace(each, beliefs=beliefs)
            for each, beliefs in zip(REPORT.by_id, ((lf, lf), (mx, lf), (), ()), strict=True)
        ),
    )
    for each in reversed(report.graded):
        rows = [asdict(rule) for part in each.parts for rule in part.rules]
        kept = [{name: row[name] for name in classroom.RULES.columns if name in row} for row in rows]
        classroom.enter(tmp_path, report.exercise, each.student, kept, each.beliefs)
    rules = [
        {
            "exercise": report.exercise,
            "rule": each.rule,
            "demand": each.demand,
            **{status.value: str(each.outcomes[status]) for status in RuleStatus},
            "most frequent mistake": each.mistake,
            "made by": str(each.made_by),
        }
        for each in statistics.rule_counts(report)
    ]
    assert classroom.CLASS.rows(tmp_path) == rules
    beliefs = [(each.belief.id, str(each.students)) for each in statistics.belief_counts(report)]
    assert [(row["belief"], row["shown by"]) for row in classroom.CLASS_BELIEFS.rows(tmp_path)] == beliefs
    assert {row["of"] for row in classroom.CLASS_BELIEFS.rows(tmp_path)} == {str(len(report.graded))}


# Beliefs


def test_the_class_table_counts_each_student_once_for_a_belief(tmp_path: Path) -> None:
    lf, mx = "lf-ends-a-line", "higher-mx-is-better"
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **HOLDS}], [lf, lf])
    classroom.enter(tmp_path, "03-title", "mia", [{**DOT, **HOLDS}], [lf, mx])
    classroom.enter(tmp_path, "01-title", "noah", [{**DOT, **HOLDS}], [lf])
    classroom.enter(tmp_path, "01-title", "uma", [{**DOT, **HOLDS}])
    first, second = classroom.CLASS_BELIEFS.rows(tmp_path)
    assert first == {
        "belief": lf,
        "in a student's words": "A line feed ends a line, as in a file on Unix.",
        "shown by": "2",
        "of": "3",
        "taught in": "01-the-lectures-session",
    }
    assert (second["belief"], second["shown by"], second["of"]) == (mx, "1", "3")
    assert "mia" not in (tmp_path / classroom.CLASS_BELIEFS.name).read_text("utf-8")


def test_graded_again_a_belief_that_is_gone_is_not_counted(tmp_path: Path) -> None:
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **HOLDS}], ["lf-ends-a-line"])
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **HOLDS}])
    assert classroom.BELIEFS.rows(tmp_path) == classroom.CLASS_BELIEFS.rows(tmp_path) == []


def test_a_belief_of_another_version_is_skipped(tmp_path: Path) -> None:
    classroom.enter(tmp_path, "01-title", "mia", [{**DOT, **HOLDS}], ["mail-is-free"])
    assert classroom.CLASS_BELIEFS.rows(tmp_path) == []
