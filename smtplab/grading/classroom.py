"""Summarize a class: how many students keep each rule, the most frequent mistake, and the beliefs that are wrong.

Each graded submission updates four tables beside the gradebook. `RULES` has a line for each student and rule. `CLASS`
has a line for each rule, those that fail most first, and names no student. `BELIEFS` and `CLASS_BELIEFS` do the same
for wrong beliefs about SMTP, those that most students show first; see `explain.misconceptions`. The other tables that
nbgrader's run leaves beside the gradebook are defined here as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..explain.misconceptions import beliefs
from .results.outcome import RuleStatus
from .tables import Table

_OUTCOMES = tuple(status.value for status in RuleStatus)
RULES = Table("rules.csv", ("exercise", "student", "rule", "demand", "points", "possible", "outcome", "mistake"))
CLASS = Table("class.csv", ("exercise", "rule", "demand", *_OUTCOMES, "most frequent mistake", "made by"))

BELIEFS = Table("beliefs.csv", ("exercise", "student", "belief"))
CLASS_BELIEFS = Table("class-beliefs.csv", ("belief", "in a student's words", "shown by", "of", "taught in"))

# Who may have made the work of a part, what else happened, and why work has no points.
WHOSE_WORK = Table("whose-work.csv", ("exercise", "student", "part", "owner", "evidence"))
INCIDENTS = Table("incidents.csv", ("exercise", "student", "kind", "sentence"))
NOT_GRADED = Table("not-graded.csv", ("exercise", "student", "reason"))

TABLES = (RULES, CLASS, BELIEFS, CLASS_BELIEFS, WHOSE_WORK, INCIDENTS, NOT_GRADED)

TextRow = Mapping[str, str]


def outcome(holds: bool, mistake: str) -> RuleStatus:
    """Return what became of a rule; a rule that fails without a mistake of its own was not reached."""
    return RuleStatus.HOLDS if holds else RuleStatus.FAILS if mistake else RuleStatus.NOT_REACHED


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
        shown: the rows of `BELIEFS`; one of a belief that no longer exists is skipped.
    """
    graded = len({row["student"] for row in rules})
    known = beliefs()
    counts = Counter(name for name, _ in {(row["belief"], row["student"]) for row in shown} if name in known)
    order = [*known]
    return [
        {
            "belief": name,
            "in a student's words": known[name].belief,
            "shown by": count,
            "of": graded,
            "taught in": known[name].notebook,
        }
        for name, count in sorted(counts.items(), key=lambda each: (-each[1], order.index(each[0])))
    ]


def summary(rows: Sequence[TextRow]) -> list[dict[str, object]]:
    """Return a row for each rule: exercise by exercise, and the rules that fail most first."""
    students: dict[str, set[str]] = {}
    found: dict[tuple[str, str], list[TextRow]] = {}
    for row in rows:
        students.setdefault(row["exercise"], set()).add(row["student"])
        found.setdefault((row["exercise"], row["rule"]), []).append(row)
    counted = [_counted(each, len(students[exercise])) for (exercise, _), each in found.items()]
    return sorted(counted, key=lambda row: (str(row["exercise"]), -int(str(row["fails"]))))


def _counted(rows: Sequence[TextRow], graded: int) -> dict[str, object]:
    """Return the row of one rule. Where a rule without points has no row, it holds."""
    outcomes = Counter(row["outcome"] for row in rows)
    if rows[0]["possible"] == "0":
        outcomes["holds"] += graded - len(rows)
    mistakes = Counter(row["mistake"] for row in rows if row["mistake"]).most_common(1)
    mistake, students = mistakes[0] if mistakes else ("", 0)
    named = {name: rows[0][name] for name in ("exercise", "rule", "demand")}
    counts = {name: outcomes[name] for name in _OUTCOMES}
    return {**named, **counts, "most frequent mistake": mistake, "made by": students}
