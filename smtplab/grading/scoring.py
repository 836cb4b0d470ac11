"""Score an exercise: its points, its report, and whose work it may be. `check` and the `referee` share this.

Nothing is printed here. The result is a value, so that no caller reads a number or a text back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import defence
from .defence_part import DEFENCE
from .evidence import Evidence
from .handout import Exercise
from .muting import muted_output
from .opening_questions import held_in
from .report import ReportLine, earned, report_lines, to_html
from .rules import ExercisePart, Rule, Score, judge
from .shown_beliefs import beliefs_in
from .students import normal


@dataclass(frozen=True, slots=True)
class Assessment:
    """The result of scoring an exercise, or a part of it.

    Args:
        report: the text for the student.
        scores: the score of each part, by its name.
        earned: the points in words; empty if nothing was scored.
        lines: the lines of the report; empty if nothing was scored.
        beliefs: the ids of the wrong beliefs that the work shows, each once.
    """

    report: str
    scores: Mapping[str, Score] = field(default_factory=dict)
    earned: str = ""
    lines: tuple[ReportLine, ...] = field(default=(), repr=False)
    beliefs: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """The report as HTML."""
        return to_html(self.lines or (ReportLine(self.report),))

    @property
    def points(self) -> int:
        """The points of all these parts."""
        return sum(score.points for score in self.scores.values())


def assess(handed: Exercise, part: str = "", hidden: Iterable[Rule[Any]] = ()) -> Assessment:
    """Score an exercise by its public rules and the hidden ones given, and report it.

    Args:
        handed: the exercise, with all that was done with it.
        part: one part of it; empty for all of them.
        hidden: the hidden rules of that part. Then the report is about them alone, and the points are those of public
            and hidden rules together.

    Raises:
        ExerciseError: if the exercise has no such part; the sentence lists those it has.
    """
    design, rules = handed.design, tuple(hidden)
    parts = (design.part(part),) if part else design.parts
    scores = {each.name: score_of(handed, each.name, rules) for each in parts}
    if not rules:
        handed.repeats.count(result for score in scores.values() for result in score.latest.results)
    shown = {each.name: _beliefs(handed, each, scores[each.name]) for each in parts}
    lines: list[ReportLine] = []
    for each in parts:
        lines += report_lines(handed, each, scores[each.name], rules, shown[each.name])
    words = "; ".join(earned(each, scores[each.name], bool(rules)) for each in parts)
    told = held_in(handed.design.opening, handed.evidence().answers)
    believed = tuple(dict.fromkeys([*(name for names in shown.values() for name in names), *told]))
    return Assessment("\n".join(map(str, lines)), scores, words, tuple(lines), believed)


def _beliefs(handed: Exercise, part: ExercisePart[Any], score: Score) -> tuple[str, ...]:
    """Return the wrong beliefs that a part shows; none if its work is about another task."""
    with muted_output():
        return () if score.is_blocked else beliefs_in(part, handed.evidence(), score)


def score_of(handed: Exercise, part: str, hidden: Iterable[Rule[Any]] = ()) -> Score:
    """Score one part of an exercise, and drop what a student's values print meanwhile."""
    with muted_output():
        if part == DEFENCE:
            return defence.score(handed)
        return judge(handed.design.part(part), handed.evidence(), hidden)


def owners(handed: Exercise, part: str, students: Iterable[str]) -> tuple[str, ...]:
    """Return the students whose task this work fits, if it does not fit the task of the student at hand.

    It fits if the part's own `rules.ExercisePart.needs` holds; without that rule nobody is returned.
    """
    evidence, judged = handed.evidence(), handed.design.part(part)
    if judged.needs is None or _fits(judged, evidence):
        return ()
    theirs = ((student, replace(evidence, task=task)) for student, task in _tasks(handed, students))
    return tuple(student for student, evidence in theirs if _fits(judged, evidence))


def called(handed: Exercise, students: Iterable[str]) -> tuple[str, ...]:
    """Return the students of whose task a host was dialled that the task at hand does not have."""
    evidence, hosts = handed.evidence(), handed.design.hosts
    dialled = {wire.host.casefold() for wire in evidence.wires} - {host.name for host in hosts(evidence.task)}
    if not dialled:
        return ()
    return tuple(
        student for student, task in _tasks(handed, students) if any(host.name in dialled for host in hosts(task))
    )


def _tasks(handed: Exercise, students: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield the other students, each with their task."""
    for student in dict.fromkeys(map(normal, students)):
        if student != handed.student:
            yield student, handed.design.task(student, handed.course)


def _fits(part: ExercisePart[Any], theirs: Evidence[Any]) -> bool:
    needs = part.needs
    return needs is not None and any(needs.apply(attempt).failure is None for attempt in part.attempts(theirs))
