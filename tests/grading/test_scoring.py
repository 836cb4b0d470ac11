"""An exercise is scored to a value: points, report and the results of the rules, with nothing printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from smtplab.grading.design import Design, ExerciseError
from smtplab.grading.handout import Exercise
from smtplab.grading.rules import ExercisePart, Rule, RuleFailure
from smtplab.grading.scoring import assess


def holds(evidence: Any) -> RuleFailure | None:
    print("a rule looks")
    return None


def fails(evidence: Any) -> RuleFailure | None:
    return RuleFailure("It is wrong.")


GOOD: Rule[Any] = Rule("one.good", 2, "RFC 0", "It is good.", holds)
BAD: Rule[Any] = Rule("two.bad", 4, "RFC 0", "It is bad.", fails)
DESIGN: Design[str] = Design(
    name="99-made-up",
    draw=lambda lots: "task",
    sheet=lambda task: task,
    parts=(ExercisePart("one", (GOOD,), hidden=1, hidden_points=3), ExercisePart("two", (BAD,))),
)


@pytest.fixture
def mine() -> Exercise:
    return Exercise(DESIGN, "mia")


def test_all_parts_are_scored_and_reported_in_order(mine: Exercise, capsys: pytest.CaptureFixture[str]) -> None:
    assessment = assess(mine)
    assert (assessment.points, list(assessment.scores)) == (2, ["one", "two"])
    heads = [line for line in assessment.report.splitlines() if line.startswith("99-made-up")]
    assert heads == [
        "99-made-up, one, for mia: 2 of 2 points that can be seen; 3 more at grading",
        "99-made-up, two, for mia: 0 of 4 points",
    ]
    assert capsys.readouterr().out == ""


def test_a_part_whose_points_are_all_hidden_says_how_many_there_are_at_grading() -> None:
    part = ExercisePart("one", (replace(GOOD, points=0),), hidden=1, hidden_points=3)
    report = assess(Exercise(replace(DESIGN, parts=(part,)), "mia")).report
    assert report.splitlines()[0] == "99-made-up, one, for mia: no points here, 3 points at grading"
    assert "No points show here: all 3 points come when your notebook is graded." in " ".join(report.split())


def test_full_points_are_not_praised_while_a_rule_without_points_fails() -> None:
    part = ExercisePart("one", (GOOD, replace(BAD, points=0)), hidden=1, hidden_points=3)
    assessment = assess(Exercise(replace(DESIGN, parts=(part,)), "mia"))
    earned = "2 of 2 points that can be seen, but not yet “bad”; 3 more at grading"
    assert assessment.report.splitlines()[0] == f"99-made-up, one, for mia: {earned}"
    assert assessment.earned == earned
    assert "holds" not in assessment.report


def test_one_part_is_scored_alone(mine: Exercise) -> None:
    (score,) = assess(mine, "two").scores.values()
    assert [(result.rule, result.points) for result in score.results] == [("two.bad", 0)]


def test_hidden_rules_add_points_and_are_alone_in_the_report(mine: Exercise) -> None:
    hidden: Rule[Any] = Rule("one.secret", 3, "RFC 0", "It is secret.", holds)
    assessment = assess(mine, "one", (rule for rule in [hidden]))
    assert assessment.points == 5
    assert "  ok      3/3 secret\n" in assessment.report
    assert "good" not in assessment.report


def test_a_part_that_is_not_there_is_an_error(mine: Exercise) -> None:
    with pytest.raises(ExerciseError, match="no part 'three'"):
        assess(mine, "three")
