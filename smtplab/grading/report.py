"""Report a score as `check` prints it: a line for each rule, and an explanation where one fails."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from ..base.printed import plural
from ..show import style
from .handout import Exercise
from .rules import ExercisePart, Rule, RuleFailure, RuleResult, Score
from .students import graded_student

_WIDTH = 100
_INDENT = " " * 14
_EXPLAINED = "The reason is given above."
_BLOCKS = "The rules below are not looked at until this one holds."


def report_lines(
    handed: Exercise, part: ExercisePart[Any], score: Score, hidden: tuple[Rule[Any], ...]
) -> Iterator[str]:
    """Yield the lines of a score."""
    told = [result for result in score.results if not hidden or result.rule in {rule.id for rule in hidden}]
    earned = f"{score.points} of {plural(part.points, 'point')}"
    if part.hidden:
        earned += " with the hidden rules" if hidden else " so far"
    yield f"{handed.design.name}, {part.name}, for {handed.student}: {earned}"
    if handed.said != handed.student:
        yield f"The notebook says that it is the work of {handed.said}; it was handed in by {handed.student}."
    if not hidden:
        yield from _which_session(handed, part, score)
    explained: set[RuleFailure] = set()
    for result in told:
        question = (result.question or part.question) if handed.repeats.often(result) else ""
        yield from _lines(result, explained, question)
        if result is score.results[0] and _blocks(score):
            yield from _wrapped(_INDENT, _BLOCKS)
    if not hidden:
        yield _outlook(part, score)


def _blocks(score: Score) -> bool:
    """Return True if the first rule fails, so that no other was looked at."""
    return any(result.failure is not None and not result.failure.sentence for result in score.results)


def to_html(report: str) -> str:
    """Return a report as HTML, with "ok" and "not yet" on a colour; the lines are those of the text."""
    body = "\n".join(_marked(line) for line in report.splitlines())
    return f'<div style="font-family: monospace; white-space: pre-wrap">{body}</div>'


def _marked(line: str) -> str:
    for mark, color in style.VERDICT_COLORS.items():
        if line.startswith(f"  {mark} "):
            return f"  {style.chip(mark, color)}{style.escape(line[2 + len(mark) :])}"
    return style.escape(line)


def _which_session(handed: Exercise, part: ExercisePart[Any], score: Score) -> Iterator[str]:
    """Yield which session is judged, if there are several: the best, and how the latest did."""
    attempts = part.attempts(handed.evidence())
    held = [number for number, attempt in enumerate(attempts) if attempt.wire.transcript]
    if len(held) < 2 or score.attempt not in held:
        return
    number, count = held.index(score.attempt) + 1, len(held)
    if number == count:
        yield f"Your latest session, number {number}, is judged; no other did better."
    else:
        latest = plural(score.latest, "point")
        yield f"Session {number} of {count} is judged, your best; the latest, number {count}, has {latest}."


def _lines(result: RuleResult, explained: set[RuleFailure], question: str) -> Iterator[str]:
    """Yield a rule's line, and an explanation if it fails; a mistake that fails several rules is explained once.

    If a sentence and its hint have been read several times and did not help, a question stands below them.
    """
    mark = style.NOT_YET if result.failure else style.OK
    points = f"{result.points}/{result.possible}" if result.possible else ""
    yield from _wrapped(f"  {mark:<7} {points:<3} ", f"{result.demand} ({result.rfc})")
    if result.failure and result.failure.sentence and result.failure in explained:
        yield from _wrapped(_INDENT, _EXPLAINED)
    elif result.failure and result.failure.sentence:
        explained.add(result.failure)
        yield from _explanation(result.failure)
        if question:
            yield from _labelled("question", question)


def _explanation(failure: RuleFailure) -> Iterator[str]:
    yield from _wrapped(_INDENT, failure.sentence)
    for label in ("expected", "got", "hint"):
        text = getattr(failure, label)
        if text:
            yield from _labelled(label, text)


def _labelled(label: str, text: str) -> list[str]:
    return _wrapped(f"{_INDENT}{label + ':':<10}", text)


def _wrapped(first: str, text: str) -> list[str]:
    """Return the text in lines; the lines after the first are indented as far as its text. Its own line ends stay."""
    below, told = " " * len(first), list[str]()
    for line in text.split("\n"):
        told += textwrap.wrap(
            line,
            _WIDTH,
            initial_indent=below if told else first,
            subsequent_indent=below,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [below.rstrip()]
    return told


def _outlook(part: ExercisePart[Any], score: Score) -> str:
    """Return the last line: what to do next, or how many hidden rules follow."""
    holds = all(result.failure is None for result in score.results)
    if not part.hidden:
        return "Every rule of this part holds." if holds else "Correct what is not yet right, and run this cell again."
    start = "Every rule that can be seen here holds; " if holds else ""
    if graded_student():
        rules = plural(part.hidden, "more rule follows", "more rules follow")
    else:
        rules = f"{plural(part.hidden, 'more rule runs', 'more rules run')} when your notebook is graded"
    return f"{start}{rules}, worth {plural(part.hidden_points, 'point')}."
