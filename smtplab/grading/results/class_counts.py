"""Count what a class got wrong: for each rule who keeps and breaks it, and for each wrong belief who shows it.

The page of a class and the tables of nbgrader's run show these counts, so both give the same numbers. Students are
taken in the order of their ids; nothing depends on the order in which they were graded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...explain.misconceptions import Belief, beliefs
from .outcome import RuleRow, RuleStatus


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many students keep and break a rule.

    Args:
        rule, demand: its name, and what it demands.
        outcomes: the number of students for each outcome.
        mistake: the mistake that most students made; of several the first in the order of ids. Empty if none did.
        made_by: how many made it.
    """

    rule: str
    demand: str
    outcomes: Mapping[RuleStatus, int]
    mistake: str = ""
    made_by: int = 0

    @property
    def fails(self) -> int:
        """How many students break it."""
        return self.outcomes[RuleStatus.FAILS]


@dataclass(frozen=True, slots=True)
class BeliefCount:
    """How many students show a wrong belief.

    Args:
        belief: the belief.
        students: how many show it.
    """

    belief: Belief
    students: int


def rule_counts(judged: Mapping[str, Sequence[RuleRow]]) -> list[RuleCount]:
    """Return a count for each rule, those that fail most first, and else in the order of the rows.

    Args:
        judged: the rules of each graded student of an exercise, by the id.
    """
    found: dict[str, list[RuleRow]] = {}
    for student in sorted(judged):
        for row in judged[student]:
            found.setdefault(row.rule, []).append(row)
    return sorted((_counted(rows, len(judged)) for rows in found.values()), key=lambda count: -count.fails)


def _counted(rows: Sequence[RuleRow], graded: int) -> RuleCount:
    """Return the count of one rule. Where a rule without points has no row, it holds."""
    outcomes = Counter(row.outcome for row in rows)
    if not rows[0].possible:
        outcomes[RuleStatus.HOLDS] += graded - len(rows)
    mistakes = Counter(row.mistake for row in rows if row.mistake).most_common(1)
    return RuleCount(rows[0].rule, rows[0].demand, outcomes, *(mistakes[0] if mistakes else ()))


def belief_counts(shown: Iterable[Iterable[str]]) -> list[BeliefCount]:
    """Return a count for each belief that somebody shows, those that most show first.

    Args:
        shown: the ids of the beliefs that each student shows; one of a belief that no longer exists is skipped.
    """
    known = beliefs()
    counts = Counter(name for names in shown for name in set(names) if name in known)
    order = [*known]
    ranked = sorted(counts.items(), key=lambda each: (-each[1], order.index(each[0])))
    return [BeliefCount(known[name], students) for name, students in ranked]
