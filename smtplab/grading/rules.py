"""The rules of an exercise, each with its RFC, its points, and a sentence for each mistake.

A rule judges evidence: octets on the wire, messages in mailboxes, and answers. This module does not depend on an
exercise or a student, and prints nothing::

    @RULES.rule("quit", 1, "RFC 5321 4.1.1.10", "You end the session with QUIT.")
    def _ends_with_quit(evidence): ...

    part = ExercisePart("session", RULES.in_order(), hidden=1, hidden_points=1)
    score = judge(part, evidence)
    score.points, score.possible, [result.failure for result in score.results]

**Public rules** are in `smtplab.grading.exercises`, and every student has them. **Hidden rules** are never
delivered. They are in the test cell of the instructor's notebook, between ``### BEGIN HIDDEN TESTS`` and its end.
nbgrader removes them from the student's copy and restores them from the gradebook when it grades, so the wheel has no
file to leave out. An `ExercisePart` holds only how many hidden rules there are and what they are worth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from ..transcript import printable

EvidenceT = TypeVar("EvidenceT")

_LINE_ENDS = str.maketrans({"\r": "\\r", "\n": "\\n", "\t": "\\t"})
_OFTEN = 3  # equal failures, after which an explanation alone does not help
# How much of a value is shown; the beginning of a long one is enough.
_SHOWN = 200
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A mistake, in words that help to correct it.

    Args:
        sentence: names this mistake, and does not give away the answer.
        expected: what the rule looked for; empty if that would be the answer, or adds nothing.
        got: what it found instead; pass bytes and other people's text through `visible`, or its lines through `shown`.
        hint: what to look at next.
        undone: True if nothing has been done yet that could be wrong.
        belief: the id of the wrong belief that explains the mistake, if no other reading is left; else empty. Without
            a hint of its own the failure has the sentence of the belief; see `explain.misconceptions`.
    """

    sentence: str
    expected: str = ""
    got: str = ""
    hint: str = ""
    undone: bool = False
    belief: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Generic[EvidenceT]):
    """One demand.

    Args:
        id: ``part.rule`` in words with hyphens. It stays the same for ever, because class tables count by it.
        points: its points, a whole number; 0 for a condition of other rules.
        rfc: the section it follows, such as ``RFC 5321 4.1.4``.
        demand: a sentence that states the rule; the report always shows it.
        judge: returns None if the rule holds for the evidence, else what is wrong.
        question: asked in place of the explanation from the third equal failure on; empty for that of the part.
        label: its name among the rules that hold; empty for the words of its id.
    """

    id: str
    points: int
    rfc: str
    demand: str
    judge: Callable[[EvidenceT], RuleFailure | None]
    question: str = ""
    label: str = ""

    def apply(self, evidence: EvidenceT) -> RuleResult:
        """Judge the evidence. If a student's value raises anything while the rule looks at it, only this rule fails.

        Raises:
            KeyboardInterrupt: if it is interrupted, also by a timeout.
        """
        try:
            failure = self.judge(evidence)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also SystemExit: a student's value may do anything
            failure = RuleFailure(f"Looking at your answer raised {type(error).__name__}, so this rule could not hold.")
        return self.result(failure)

    def result(self, failure: RuleFailure | None) -> RuleResult:
        """Return the result of this rule with a failure, or with None if it holds."""
        return RuleResult(self.id, self.points, self.rfc, self.demand, failure, self.question, self.label)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of a rule for some evidence.

    Args:
        rule: the rule's id.
        possible: the rule's points.
        failure: what is wrong; None if the rule holds.
    """

    rule: str
    possible: int
    rfc: str
    demand: str
    failure: RuleFailure | None
    question: str = ""
    label: str = ""

    @property
    def name(self) -> str:
        """What the rule is about, in a word or two: its label, or the words of its id behind the part."""
        return self.label or self.rule.partition(".")[2].replace("-", " ")

    @property
    def is_blocked(self) -> bool:
        """True if the rule was not looked at, because its part's `needs` fails."""
        return self.failure == _BLOCKED

    @property
    def points(self) -> int:
        """The points earned: all or none."""
        return 0 if self.failure else self.possible


@dataclass(frozen=True, slots=True)
class Score:
    """The results of one part.

    Args:
        results: the results of its rules, for the attempt that counts.
        attempt: the number of that attempt, from 0.
        later: the score of the latest attempt about the task, if an earlier one counts.
    """

    results: tuple[RuleResult, ...] = ()
    attempt: int = 0
    later: Score | None = None

    @property
    def latest(self) -> Score:
        """The score of the latest attempt about the task; this one, if it counts."""
        return self.later or self

    @property
    def is_blocked(self) -> bool:
        """True if the attempt is not about the task, so that no rule looked at it."""
        return any(result.is_blocked for result in self.results)

    @property
    def holds(self) -> bool:
        """True if no rule fails."""
        return all(result.failure is None for result in self.results)

    @property
    def conditions(self) -> int:
        """How many rules without points hold."""
        return sum(not result.possible and result.failure is None for result in self.results)

    @property
    def points(self) -> int:
        """The sum of the points of the rules that hold."""
        return sum(result.points for result in self.results)

    @property
    def possible(self) -> int:
        """The points of all the rules that were judged."""
        return sum(result.possible for result in self.results)


Judge = Callable[[EvidenceT], RuleFailure | None]


class RuleList(Generic[EvidenceT]):
    """Collect the rules of a part, each of which is written above its judge::

        RULES = RuleList("session")

        @RULES.rule("quit", 1, "RFC 5321 4.1.1.10", "You end the session with QUIT.")
        @RULES.asks("What was the last reply of the host, and to which line?")
        def _ends_with_quit(evidence): ...

    A judge that another module has, or that a function makes, is added by a call: ``RULES.rule(...)(judge)``.

    Args:
        part: the name of the part, with which each id begins.
    """

    def __init__(self, part: str) -> None:
        self._part = part
        self._rules: dict[str, Rule[EvidenceT]] = {}
        self._questions: dict[Judge[EvidenceT], str] = {}

    def asks(self, question: str) -> Callable[[Judge[EvidenceT]], Judge[EvidenceT]]:
        """Give the rule of a judge its `Rule.question`; stands between the rule and the judge."""

        def add(judge: Judge[EvidenceT]) -> Judge[EvidenceT]:
            self._questions[judge] = question
            return judge

        return add

    def rule(
        self, name: str, points: int, rfc: str, demand: str, *, label: str = ""
    ) -> Callable[[Judge[EvidenceT]], Judge[EvidenceT]]:
        """Add a rule; the arguments are those of `Rule`, and `name` is its id without the part."""

        def add(judge: Judge[EvidenceT]) -> Judge[EvidenceT]:
            assert name not in self._rules, name
            question = self._questions.get(judge, "")
            self._rules[name] = Rule(f"{self._part}.{name}", points, rfc, demand, judge, question, label)
            return judge

        return add

    def in_order(self) -> tuple[Rule[EvidenceT], ...]:
        """Return the rules in the order in which they are written."""
        return tuple(self._rules.values())

    def named(self, name: str, part: str = "") -> Rule[EvidenceT]:
        """Return one of the rules, for this part or for another one."""
        return replace(self._rules[name], id=f"{part or self._part}.{name}")


def _nothing(evidence: EvidenceT) -> Iterable[str]:
    return ()


def _whole(evidence: EvidenceT) -> Sequence[EvidenceT]:
    return (evidence,)


@dataclass(frozen=True, slots=True)
class ExercisePart(Generic[EvidenceT]):
    """A part of an exercise, with an answer cell and a test cell of its own.

    Args:
        name: one word, such as ``session``.
        rules: the public rules.
        hidden: how many hidden rules there are.
        hidden_points: what they are worth together.
        needs: a rule without points. If it fails, no other rule of the part holds, and only its sentence is reported.
            So somebody else's answer earns nothing for the commands that all answers share.
        beyond: a sentence that says what the hidden rules look at, if the notebook says so, too.
        question: asked from the third equal failure on, by the rules that have no question of their own.
        has_sessions: True if the part is about sessions, which are then searched for wrong beliefs.
        shows: returns the ids of the wrong beliefs that the work proves, beside those that rules name.
        attempts: splits the evidence into attempts. The best one counts, see `judge`; of several best ones, the last.
        questions: the questions whose answers the rules look at; empty for a part about sessions.
    """

    name: str
    rules: tuple[Rule[EvidenceT], ...]
    hidden: int = 0
    hidden_points: int = 0
    needs: Rule[EvidenceT] | None = None
    beyond: str = ""
    question: str = "What did you expect here, and which line of the session shows something else?"
    attempts: Callable[[EvidenceT], Sequence[EvidenceT]] = _whole
    has_sessions: bool = False
    shows: Callable[[EvidenceT], Iterable[str]] = _nothing
    questions: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """The points of the part, hidden rules included; nbgrader's test cell has the same."""
        return sum(rule.points for rule in self.rules) + self.hidden_points


def judge(part: ExercisePart[EvidenceT], evidence: EvidenceT, hidden: Iterable[Rule[EvidenceT]] = ()) -> Score:
    """Judge the evidence by the part's public rules and the hidden ones given; the best attempt counts.

    With the hidden rules the points decide. Without them a rule that has no points yet counts like one that has,
    because its points come with the hidden rules. Of attempts that are equal so far, the one with more of these rules
    counts.
    """
    hidden = tuple(hidden)
    rules = (*part.rules, *hidden)
    scores = [
        replace(_judge_attempt(part, rules, attempt), attempt=number)
        for number, attempt in enumerate(part.attempts(evidence))
    ]
    if not scores:
        return Score()

    def rank(score: Score) -> tuple[int, int, int]:
        return score.points + (0 if hidden else score.conditions), score.conditions, score.attempt

    best = max(scores, key=rank)
    later = next((score for score in reversed(scores[best.attempt + 1 :]) if not score.is_blocked), None)
    return replace(best, later=later)


class Repeats:
    """Count how often in a row a rule failed in the same way."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[RuleFailure, int]] = {}

    def count(self, results: Iterable[RuleResult]) -> None:
        """Add the results of another check."""
        for result in results:
            failure, times = self._seen.pop(result.rule, (None, 0))
            if result.failure is not None:
                self._seen[result.rule] = (result.failure, times + 1 if failure == result.failure else 1)

    def often(self, result: RuleResult) -> bool:
        """Return True if a rule failed in this way three times in a row, or more often; work to come does not count."""
        failure, times = self._seen.get(result.rule, (None, 0))
        return failure is not None and failure == result.failure and not failure.undone and times >= _OFTEN


def _judge_attempt(part: ExercisePart[EvidenceT], rules: tuple[Rule[EvidenceT], ...], attempt: EvidenceT) -> Score:
    needed = None if part.needs is None else part.needs.apply(attempt)
    if needed is None or needed.failure is None:
        return Score(tuple(rule.apply(attempt) for rule in rules))
    blocked = (rule.result(_BLOCKED) for rule in rules)
    return Score((needed, *blocked))


# The failure of a rule whose part's `needs` fails; the report has the sentence of `needs` already.
_BLOCKED = RuleFailure("")


def visible(value: bytes | str) -> str:
    r"""Return text in which control characters can be seen: ``\r\n`` for CRLF, ``\xHH`` for others; cut if long."""
    data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)
    pieces = data[: _SHOWN + 1].decode("utf-8", "surrogateescape").translate(_LINE_ENDS)
    text = printable(pieces.encode("utf-8", "surrogateescape"))
    return text if len(data) <= _SHOWN else f"{_cut(text)}..."


def shown(value: bytes | str) -> str:
    """Return lines as they were written, one below the other; further control characters as `visible` has them.

    Empty lines at both ends are left out. A long line is cut after a word, and a long text after a line.
    """
    data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)
    lines = [printable(line.rstrip()) for line in re.split(rb"\r\n|\r|\n", data.strip(b"\r\n"))]
    cut = [line if len(line) <= _SHOWN else f"{_cut(line)}..." for line in lines[:_SHOWN_LINES]]
    return "\n".join([*cut, "..."] if len(lines) > _SHOWN_LINES else cut)


def _cut(text: str) -> str:
    """Return the beginning of a text; it ends with a whole word, if words are not too long for that."""
    head, space, _ = text[: _SHOWN + 1].rpartition(" ")
    return head if space and len(head) > _SHOWN // 2 else text[:_SHOWN]


def text_of(value: object) -> str | None:
    """Return a student's value as a plain string; None if it is not a string.

    A value of a class derived from ``str`` may compare equal to anything. The result has the same characters, and only
    the methods of ``str``.
    """
    try:
        return str.__str__(value)
    except TypeError:
        return None
