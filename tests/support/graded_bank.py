"""The banks of all exercises, each answer graded once at the desk for all the tests that look at what became of it.

To grade all of them takes most of a minute, so `test_banks`, `test_beliefs` and `test_feedback` run in one process and
share what is kept here: what was told and judged, and not the evidence, whose transcripts are long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any

from smtplab.explain.belief_evidence import slips_in
from smtplab.grading.exercises import design_of
from smtplab.grading.opening_questions import held_in
from smtplab.grading.rules import ExercisePart, Rule, Score, judge
from smtplab.grading.scoring import assess
from smtplab.grading.shown_beliefs import beliefs_in
from support.bank import Answer, filled, hidden_rules, run
from support.paths import ROOT

MIA, NOAH, COURSE = "mia", "noah", "smtplab"


@dataclass(frozen=True)
class GradedAnswer:
    """What became of an answer at the desk.

    Args:
        points: for the ``grade_id`` of each test cell the number it gave.
        told: all that the test cells printed.
        errors: what was written to stderr in test cells.
        judged: the points of each part by its public and hidden rules.
        beliefs: the wrong beliefs that are told.
        named: the wrong beliefs that are named with the hidden rules.
        slips: the beliefs of the slips in its conversations.
    """

    points: dict[str, object]
    told: str
    errors: str
    judged: dict[str, int]
    beliefs: tuple[str, ...]
    named: frozenset[str]
    slips: frozenset[str]


@dataclass(frozen=True)
class Bank:
    """An exercise with its bank, for the student `MIA`."""

    module: ModuleType

    def __str__(self) -> str:
        return self.module.__name__.rpartition("bank_")[2]

    @property
    def name(self) -> str:
        return str(self.module.NAME)

    @property
    def full(self) -> dict[str, int]:
        return dict(self.module.FULL)

    @cached_property
    def right(self) -> list[Answer]:
        return self.right_for(MIA)

    @cached_property
    def wrong(self) -> list[Answer]:
        return list(self.module.wrong(self.task(MIA), self.task(NOAH)))

    @cached_property
    def answers(self) -> list[Answer]:
        return self.right + self.wrong

    @cached_property
    def hidden(self) -> dict[str, tuple[Rule[Any], ...]]:
        return hidden_rules(self.name)

    @property
    def parts(self) -> tuple[ExercisePart[Any], ...]:
        return tuple(design_of(self.name).parts)

    def right_for(self, student: str) -> list[Answer]:
        return list(self.module.right(self.task(student)))

    def task(self, student: str) -> Any:
        return design_of(self.name).task(student, COURSE)

    def rules_of(self, part: ExercisePart[Any]) -> list[Rule[Any]]:
        return [*part.rules, *self.hidden[part.name], *([part.needs] if part.needs else [])]

    @cached_property
    def _graded(self) -> dict[tuple[str, int], GradedAnswer]:
        return {}

    @cached_property
    def _unnoticed(self) -> set[str]:
        return {rule.id for part in self.parts for rule in self.rules_of(part)}

    def graded(self, number: int, student: str = MIA) -> GradedAnswer:
        """Return what became of an answer, with its number in `answers`; of another student, in what is right."""
        if (student, number) not in self._graded:
            answer = self.answers[number] if student == MIA else self.right_for(student)[number]
            self._graded[student, number] = self._grade(student, answer)
        return self._graded[student, number]

    def unnoticed(self) -> set[str]:
        """Return the rules that may be turned off, and each answer has its points and its sentences still."""
        for number in range(len(self.answers)):
            self.graded(number)
        return self._unnoticed

    def _grade(self, student: str, answer: Answer) -> GradedAnswer:
        outcome = run(filled(self.name, student, answer.cells))
        mine = outcome.variables["mine"]
        evidence = mine.evidence()
        scores = {part.name: judge(part, evidence, self.hidden[part.name]) for part in self.parts}
        believed = {*held_in(design_of(self.name).opening, evidence.answers)}
        for part in self.parts:
            believed |= {*beliefs_in(part, evidence, scores[part.name])}
            if student == MIA:
                self._turn_rules_off(part, evidence, scores[part.name], answer.sentences)
        slips = slips_in(*(wire.transcript for wire in evidence.wires))
        return GradedAnswer(
            points=outcome.points,
            told=outcome.told,
            errors=outcome.errors,
            judged={name: score.points for name, score in scores.items()},
            beliefs=assess(mine).beliefs,
            named=frozenset(believed),
            slips=frozenset(slip.belief for slip in slips),
        )

    def _turn_rules_off(self, part: ExercisePart[Any], evidence: Any, score: Score, sentences: tuple[str, ...]) -> None:
        """Note the rules without which an answer has other points, or a sentence that is not told any more."""
        for rule in self.rules_of(part):
            if rule.id in self._unnoticed:
                now = judge(*self._without(part, rule.id, evidence))
                lost = (sentence in _told(score) and sentence not in _told(now) for sentence in sentences)
                if now.points != score.points or any(lost):
                    self._unnoticed.remove(rule.id)

    def _without(
        self, part: ExercisePart[Any], off: str, evidence: Any
    ) -> tuple[ExercisePart[Any], Any, list[Rule[Any]]]:
        """Return what to judge where one rule always holds: the part, the evidence and the hidden rules."""

        def changed(rule: Rule[Any]) -> Rule[Any]:
            return replace(rule, judge=lambda evidence: None) if rule.id == off else rule

        needs = part.needs and changed(part.needs)
        rules = [changed(rule) for rule in self.hidden[part.name]]
        return replace(part, rules=tuple(map(changed, part.rules)), needs=needs), evidence, rules


def _told(score: Score) -> str:
    failures = [result.failure for result in score.results if result.failure is not None]
    return " ".join(text for failure in failures for text in (failure.sentence, failure.expected, failure.got))


BANKS = [
    Bank(import_module(f"exercises.{path.stem}")) for path in sorted((ROOT / "tests" / "exercises").glob("bank_*.py"))
]
