"""A rule that a program must keep, and the finding of a run about it. How a rule is judged is not here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RuleOutcome(Enum):
    """The outcome of a rule."""

    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"  # there was no ground to judge it


@dataclass(frozen=True, slots=True)
class ConformanceRule:
    """One demand on a program.

    Args:
        id: speaking words with hyphens, such as ``replies-end-in-crlf``. It never changes.
        stage: the name of its stage, see `stages`.
        section: where it is written, such as ``RFC 5321 4.1.1.1``.
        demand: a plain sentence that says what a right program does.
        look: a sentence that says what to look at if a program fails; a finding may have a better one.
        needs: ids of earlier rules. If one of them fails, or is skipped for this reason, this rule is skipped as well,
            because its failure would have the same cause.
        points: its points in an exercise.
    """

    id: str
    stage: str
    section: str
    demand: str
    look: str = ""
    needs: tuple[str, ...] = ()
    points: int = 1


@dataclass(frozen=True, slots=True)
class ConformanceFinding:
    """What a run found about one rule.

    Args:
        rule: the rule.
        outcome: pass, fail or skip.
        sent: the octets that went to the program last, those that matter.
        came: the octets that came from it then.
        note: what happened besides, such as ``nothing more for 3 s`` or the last line of a crash.
        expected: what a right program would have done.
        sentence: what to look at if it fails, or why it was skipped; by default what the rule says.
        play: what the other side did, in a sentence, where it did something special.
        instead: what stands in the report in place of the rule, if something else stopped the run at this rule.
    """

    rule: ConformanceRule
    outcome: RuleOutcome
    sent: bytes = b""
    came: bytes = b""
    note: str = ""
    expected: str = ""
    sentence: str = ""
    play: str = ""
    instead: str = ""

    @property
    def passed(self) -> bool:
        """True if the rule holds."""
        return self.outcome is RuleOutcome.PASS

    @property
    def failed(self) -> bool:
        """True if the rule does not hold."""
        return self.outcome is RuleOutcome.FAIL

    @property
    def look(self) -> str:
        """The sentence of the finding, or else that of its rule."""
        return self.sentence or self.rule.look

    @property
    def points(self) -> int:
        """The points earned: all or none."""
        return self.rule.points if self.passed else 0
