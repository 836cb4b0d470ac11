"""What a class has understood: for each rule of an exercise, for how many it holds, and the mistake that most made.

Two tables beside the gradebook are brought up to date with each submission that is graded: `RULES` has a line for each
student and rule, `CLASS` a line for each rule, those that fail most first. The second names no student.
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
    """Return what became of a rule: one that fails without a mistake of its own was never reached."""
    return "holds" if holds else "fails" if mistake else "not reached"


def enter(course: Path, exercise: str, student: str, results: Sequence[Mapping[str, Any]]) -> None:
    """Enter what the rules say of a submission, in the place of what they said of an earlier one.

    Args:
        course: the course folder.
        results: for each rule its ``rule``, ``demand``, ``points``, ``possible``, ``outcome`` and ``mistake``.
    """
    RULES.replace_rows(course, {"exercise": exercise, "student": student}, results)
    CLASS.make(course, lambda: summary(RULES.rows(course)))


def summary(rows: Sequence[RuleRow]) -> list[dict[str, object]]:
    """Return a row for each rule, by exercises, and there the rules first that fail most."""
    students: dict[str, set[str]] = {}
    found: dict[tuple[str, str], list[RuleRow]] = {}
    for row in rows:
        students.setdefault(row["exercise"], set()).add(row["student"])
        found.setdefault((row["exercise"], row["rule"]), []).append(row)
    counted = [_counted(each, len(students[exercise])) for (exercise, _), each in found.items()]
    return sorted(counted, key=lambda row: (str(row["exercise"]), -int(str(row["fails"]))))


def _counted(rows: Sequence[RuleRow], graded: int) -> dict[str, object]:
    """Return the row of one rule. A rule without points is told of where it fails, and holds for the other students."""
    outcomes = Counter(row["outcome"] for row in rows)
    if rows[0]["possible"] == "0":
        outcomes["holds"] = graded - len(rows)
    mistakes = Counter(row["mistake"] for row in rows if row["mistake"]).most_common(1)
    mistake, students = mistakes[0] if mistakes else ("", 0)
    named = {name: rows[0][name] for name in ("exercise", "rule", "demand")}
    counts = {name: outcomes[name] for name in _OUTCOMES}
    return {**named, **counts, "most frequent mistake": mistake, "made by": students}
