"""Summarize a class: for each rule of an exercise, how many students keep it, and the most frequent mistake.

Each graded submission updates two tables beside the gradebook. `RULES` has a line for each student and rule. `CLASS`
has a line for each rule, those that fail most first, and names no student.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .tables import Table

_OUTCOMES = ("holds", "fails", "not reached")
RULES = Table("rules.csv", ("exercise", "student", "rule", "demand", "points", "possible", "outcome", "mistake"))
CLASS = Table("class.csv", ("exercise", "rule", "demand", *_OUTCOMES, "most frequent mistake", "made by"))

RuleRow = Mapping[str, str]


def outcome(holds: bool, mistake: str) -> str:
    """Return what became of a rule; a rule that fails without a mistake of its own was not reached."""
    return "holds" if holds else "fails" if mistake else "not reached"


def enter(course: Path, exercise: str, student: str, results: Sequence[Mapping[str, Any]]) -> None:
    """Enter the results of a submission's rules, in place of those of an earlier one.

    Args:
        course: the course folder.
        results: for each rule its ``rule``, ``demand``, ``points``, ``possible``, ``outcome`` and ``mistake``.
    """
    RULES.replace_rows(course, {"exercise": exercise, "student": student}, results)
    CLASS.make(course, lambda: summary(RULES.rows(course)))


def summary(rows: Sequence[RuleRow]) -> list[dict[str, object]]:
    """Return a row for each rule: exercise by exercise, and the rules that fail most first."""
    students: dict[str, set[str]] = {}
    found: dict[tuple[str, str], list[RuleRow]] = {}
    for row in rows:
        students.setdefault(row["exercise"], set()).add(row["student"])
        found.setdefault((row["exercise"], row["rule"]), []).append(row)
    counted = [_counted(each, len(students[exercise])) for (exercise, _), each in found.items()]
    return sorted(counted, key=lambda row: (str(row["exercise"]), -int(str(row["fails"]))))


def _counted(rows: Sequence[RuleRow], graded: int) -> dict[str, object]:
    """Return the row of one rule. Where a rule without points has no row, it holds."""
    outcomes = Counter(row["outcome"] for row in rows)
    if rows[0]["possible"] == "0":
        outcomes["holds"] += graded - len(rows)
    mistakes = Counter(row["mistake"] for row in rows if row["mistake"]).most_common(1)
    mistake, students = mistakes[0] if mistakes else ("", 0)
    named = {name: rows[0][name] for name in ("exercise", "rule", "demand")}
    counts = {name: outcomes[name] for name in _OUTCOMES}
    return {**named, **counts, "most frequent mistake": mistake, "made by": students}
