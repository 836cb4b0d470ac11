"""What the results of a class say of its exercise: which parts and rules are too easy or too hard, and what fails most.

Two numbers of the theory of tests are used. The *facility* of a question is the mean part of its points that students
earn. Its *discrimination* is the correlation of these with the rest of the points: near 1 if those who do well
elsewhere do well here, near 0 if the question tells nothing about them. In a small class both are chance, so nothing is
said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...protocol.codes import classify
from ...protocol.commands import VERBS
from . import class_counts, wording
from .outcome import PartResult, Report, RuleRow, RuleStatus, StudentResult

LEAST_STUDENTS = 10
_TOO_EASY, _TOO_HARD, _TELLS_ENOUGH = 0.95, 0.3, 0.3
_CODE = re.compile(r"(?<![\w.])[2-5]\d\d(?![\w]|\.\d)")
_VERB = re.compile("|".join(rf"\b{verb}\b" for verb in VERBS))


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """The figures of a part or a rule.

    Args:
        name: what it is called.
        facility: the mean part of its points, from 0 to 1.
        discrimination: the correlation with the other points; None if all students earned the same.
        students: how many were graded.
        demand: what a rule demands; empty for a part.
    """

    name: str
    facility: float
    discrimination: float | None
    students: int
    demand: str = ""

    @property
    def verdict(self) -> str:
        """What the figures say, in words; empty if there is nothing to say.

        A discrimination is a chance result within two times one by the root of the number of students, so it is taken
        to be as high as it may be.
        """
        if self.students < LEAST_STUDENTS:
            return ""
        if self.facility > _TOO_EASY:
            return wording.TOO_EASY
        if self.facility < _TOO_HARD:
            return wording.TOO_HARD
        highest = 1.0 if self.discrimination is None else self.discrimination + 2 / self.students**0.5
        return wording.MISLEADS if highest < 0 else wording.TELLS_LITTLE if highest < _TELLS_ENOUGH else ""


def parts(report: Report) -> list[QuestionFigures]:
    """Return the figures of the parts of the exercise, in its order."""
    students = report.graded
    found = [{part.name: part for part in student.parts} for student in students]
    return [
        _figures(head.title or head.name, [_earned(each.get(head.name)) for each in found], students, head.possible)
        for head in report.parts
    ]


def rules(report: Report) -> list[QuestionFigures]:
    """Return the figures of the rules that have points, in the order of the exercise."""
    students = report.graded
    found = [{rule.rule: rule for rule in _rules_of(student)} for student in students]
    each_once = {rule.rule: rule for rows in found for rule in rows.values() if rule.possible}
    return [
        replace(
            _figures(name, [_earned(each.get(name)) for each in found], students, rule.possible), demand=rule.demand
        )
        for name, rule in sorted(each_once.items(), key=lambda row: _place(report, row[0]))
    ]


def _place(report: Report, rule: str) -> tuple[int, str]:
    """Return where a rule stands in the exercise: by its part, and then by its name."""
    names = [head.name for head in report.parts]
    part = rule.partition(".")[0]
    return names.index(part) if part in names else len(names), rule


def _earned(found: PartResult | RuleRow | None) -> int:
    return found.points if found else 0


def _rules_of(student: StudentResult) -> Iterator[RuleRow]:
    for part in student.parts:
        yield from part.rules


def _figures(name: str, earned: list[int], students: Sequence[StudentResult], possible: int) -> QuestionFigures:
    facility = sum(earned) / (len(earned) * possible) if earned and possible else 0.0
    rest = [student.points - points for student, points in zip(students, earned, strict=True)]
    return QuestionFigures(name, facility, correlation(earned, rest), len(students))


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Pearson's correlation of two rows of numbers; None if one of them has no two different numbers."""
    if len(set(first)) < 2 or len(set(second)) < 2:
        return None
    first_mean, second_mean = sum(first) / len(first), sum(second) / len(second)
    pairs = [(one - first_mean, other - second_mean) for one, other in zip(first, second, strict=True)]
    together = sum(one * other for one, other in pairs)
    alone = sum(one * one for one, _ in pairs) * sum(other * other for _, other in pairs)
    return float(together / alone**0.5)


def rule_counts(report: Report) -> list[class_counts.RuleCount]:
    """Return a count for each rule, those that fail most first; see `class_counts.rule_counts`."""
    return class_counts.rule_counts({each.student: tuple(_rules_of(each)) for each in report.graded})


def belief_counts(report: Report) -> list[class_counts.BeliefCount]:
    """Return a count for each wrong belief that somebody shows, those that most show first."""
    return class_counts.belief_counts(each.beliefs for each in report.graded)


def failed_commands(report: Report) -> list[tuple[str, int]]:
    """Return the commands that failing rules name in their demands, with the number of students, most first."""
    return _counted(report, _commands_of)


def _commands_of(student: StudentResult) -> Iterable[str]:
    return _VERB.findall(" ".join(rule.demand for rule in _failing(student)))


def failed_codes(report: Report) -> list[tuple[str, int]]:
    """Return the reply codes in the explanations of failing rules, with the number of students, most first."""
    return _counted(report, _codes_of)


def _codes_of(student: StudentResult) -> Iterable[str]:
    told = " ".join(f"{rule.demand} {rule.mistake} {rule.expected}" for rule in _failing(student))
    return [code for code in _CODE.findall(told) if classify(code).known]


def _failing(student: StudentResult) -> Iterator[RuleRow]:
    return (rule for rule in _rules_of(student) if rule.outcome is RuleStatus.FAILS)


def refused_commands(report: Report) -> list[tuple[str, int]]:
    """Return the commands that hosts refused, with the number of students who met that, most first."""
    return _counted(report, lambda student: [each.command for each in student.refusals])


def refusal_codes(report: Report) -> list[tuple[str, int]]:
    """Return the codes of these refusals, with the number of students who got them, most first."""
    return _counted(report, lambda student: [str(each.code) for each in student.refusals])


def _counted(report: Report, of: Callable[[StudentResult], Iterable[str]]) -> list[tuple[str, int]]:
    counts = Counter(name for student in report.graded for name in set(of(student)))
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def distribution(report: Report, most: int = 16) -> Mapping[tuple[int, int], int]:
    """Return how many students have how many points, by the first and the last number of each group.

    Args:
        report: the report.
        most: how many groups there are at most.
    """
    size = -(-(report.possible + 1) // most)
    groups = [(first, min(first + size - 1, report.possible)) for first in range(0, report.possible + 1, size)]
    points = [min(max(student.points, 0), report.possible) for student in report.graded]
    return {group: sum(group[0] <= each <= group[1] for each in points) for group in groups}
