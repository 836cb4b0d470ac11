"""Keep the tables of a class that nbgrader grades: each graded submission updates them beside the gradebook.

`RULES` has a line for each student and rule. `CLASS` has a line for each rule, those that fail most first, and names no
student. `BELIEFS` and `CLASS_BELIEFS` do the same for wrong beliefs about SMTP. What is counted, `results.class_counts`
counts. The other tables that nbgrader's run leaves beside the gradebook are defined here as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .results.class_counts import RuleCount, belief_counts, rule_counts
from .results.outcome import RuleRow, RuleStatus
from .results.sheets import INCIDENTS
from .tables import Table

_OUTCOMES = tuple(status.value for status in RuleStatus)
RULES = Table("rules.csv", ("exercise", "student", "rule", "demand", "points", "possible", "outcome", "mistake"))
CLASS = Table("class.csv", ("exercise", "rule", "demand", *_OUTCOMES, "most frequent mistake", "made by"))

BELIEFS = Table("beliefs.csv", ("exercise", "student", "belief"))
CLASS_BELIEFS = Table("class-beliefs.csv", ("belief", "in a student's words", "shown by", "of", "taught in"))

# Who may have made the work of a part, what else happened, and why work has no points.
WHOSE_WORK = Table("whose-work.csv", ("exercise", "student", "part", "owner", "evidence"))
NOT_GRADED = Table("not-graded.csv", ("exercise", "student", "reason"))

TABLES = (RULES, CLASS, BELIEFS, CLASS_BELIEFS, WHOSE_WORK, INCIDENTS, NOT_GRADED)

TextRow = Mapping[str, str]


def enter(
    course: Path, exercise: str, student: str, results: Sequence[Mapping[str, Any]], shown: Sequence[str] = ()
) -> None:
    """Enter the results of a submission's rules and the beliefs it shows, in place of those of an earlier one.

    Args:
        course: the course folder.
        exercise: the name of the exercise.
        student: whose submission it is.
        results: for each rule its ``rule``, ``demand``, ``points``, ``possible``, ``outcome`` and ``mistake``.
        shown: the ids of the wrong beliefs that the work shows.
    """
    key = {"exercise": exercise, "student": student}
    RULES.replace_rows(course, key, results)
    CLASS.make(course, lambda: summary(RULES.rows(course)))
    BELIEFS.replace_rows(course, key, [{"belief": name} for name in dict.fromkeys(shown)])
    CLASS_BELIEFS.make(course, lambda: belief_summary(RULES.rows(course), BELIEFS.rows(course)))


def belief_summary(rules: Sequence[TextRow], shown: Sequence[TextRow]) -> list[dict[str, object]]:
    """Return a row for each wrong belief that somebody shows: how many students do, of all that are graded.

    Args:
        rules: the rows of `RULES`.
        shown: the rows of `BELIEFS`.
    """
    graded = len({row["student"] for row in rules})
    theirs: dict[str, list[str]] = {}
    for row in shown:
        theirs.setdefault(row["student"], []).append(row["belief"])
    return [
        {
            "belief": each.belief.id,
            "in a student's words": each.belief.belief,
            "shown by": each.students,
            "of": graded,
            "taught in": each.belief.notebook,
        }
        for each in belief_counts(theirs.values())
    ]


def summary(rows: Sequence[TextRow]) -> list[dict[str, object]]:
    """Return a row for each rule: exercise by exercise, and the rules that fail most first.

    Args:
        rows: the rows of `RULES`; one with a word that no version writes is skipped.
    """
    judged: dict[str, dict[str, list[RuleRow]]] = {}
    for row in rows:
        if row["outcome"] in _OUTCOMES:
            judged.setdefault(row["exercise"], {}).setdefault(row["student"], []).append(_rule(row))
    return [_summed(exercise, count) for exercise in sorted(judged) for count in rule_counts(judged[exercise])]


def _rule(row: TextRow) -> RuleRow:
    """Return a row of `RULES` as a rule; of its points only counts if there are any."""
    possible = int(row["possible"] != "0")
    return RuleRow(row["rule"], row["demand"], 0, possible, RuleStatus(row["outcome"]), row["mistake"])


def _summed(exercise: str, count: RuleCount) -> dict[str, object]:
    counts = {status.value: count.outcomes[status] for status in RuleStatus}
    told = {"most frequent mistake": count.mistake, "made by": count.made_by}
    return {"exercise": exercise, "rule": count.rule, "demand": count.demand, **counts, **told}
