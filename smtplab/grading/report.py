"""Report a score as `check` prints it: first each rule that fails, with an explanation, then in a line those that hold.

The sections of the RFCs stand in the last line, for whoever wants to read them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..base.printed import plural
from ..explain.misconceptions import beliefs
from ..show import style
from .handout import Exercise
from .hint_wording import belief_hint
from .rules import ExercisePart, Rule, RuleFailure, RuleResult, Score
from .students import graded_student

_WIDTH = 100
_INDENT = " " * 14
_BLOCKED = "This is looked at when the work is about the task; the report above says why it is not."
_ALIKE = "These {rules} fail by one mistake:"
_BLOCKS = "The other {rules} are not looked at until this one holds."
_LONG, _AS_ABOVE = 80, "the same as above"
_WRITTEN = "rules: "
_BELIEF = "belief: "
_OF_THE_SECTIONS = re.compile(rf"{_WRITTEN}| {{{len(_WRITTEN)}}}\S")  # also a line on which they go on
_DOCUMENT = re.compile(r"RFC [0-9]+")


def report_lines(
    handed: Exercise,
    part: ExercisePart[Any],
    score: Score,
    hidden: tuple[Rule[Any], ...],
    believed: Sequence[str] = (),
) -> Iterator[str]:
    """Yield the lines of a score, with the wrong beliefs that the part shows, by their ids."""
    shown = score if hidden else score.latest
    told = [result for result in shown.results if not hidden or result.rule in {rule.id for rule in hidden}]
    yield f"{handed.design.name}, {part.name}, for {handed.student}: {earned(part, score, bool(hidden))}"
    if handed.said != handed.student:
        yield f"The notebook says that it is the work of {handed.said}; it was handed in by {handed.student}."
    sessions = None if hidden else _sessions_of(handed, part, score)
    if sessions is not None:
        yield _session_shown(sessions, score)
    got: set[str] = set()
    for failure in dict.fromkeys(result.failure for result in told if result.failure is not None):
        alike = [result for result in told if result.failure == failure]
        if alike[0].is_blocked and not hidden:
            yield from _wrapped(_INDENT, _BLOCKS.format(rules=plural(len(alike), "rule")))
        elif alike[0].is_blocked:
            yield from _failed(alike, RuleFailure(_BLOCKED), "")
        else:
            question = next(filter(None, (_question(handed, part, result) for result in alike)), "")
            yield from _failed(alike, _once(failure, got), question)
    yield from _hold([result for result in told if result.failure is None])
    if sessions is not None and score.later is not None:
        yield from _session_that_counts(sessions, score)
    if not hidden:
        yield from _belief_lines(believed, score)
        yield from _wrapped("", _outlook(part, score, sessions))
    if sections := _sections(told):
        yield from _wrapped(_WRITTEN, sections)


def _once(failure: RuleFailure, got: set[str]) -> RuleFailure:
    """Return a failure that refers to the lines above if what was got stands there already, and is long.

    Args:
        failure: the failure to show next.
        got: what was got in the failures above; that of this one is added.
    """
    if failure.got in got and len(failure.got) > _LONG:
        return replace(failure, got=_AS_ABOVE)
    got.add(failure.got)
    return failure


def earned(part: ExercisePart[Any], score: Score, with_hidden: bool) -> str:
    """Return the points of a score, of those that can be earned by the rules it looks at, and how many follow."""
    seen = part.points - part.hidden_points
    if with_hidden or not part.hidden:
        return f"{score.points} of {plural(part.points, 'point')}{' with the hidden rules' if with_hidden else ''}"
    if not seen:
        return f"no points here, {plural(part.hidden_points, 'point')} at grading"
    but = ", but not everything is right yet" if score.points == seen and not score.holds else ""
    return f"{score.points} of {plural(seen, 'point')} that can be seen{but}; {part.hidden_points} more at grading"


def _question(handed: Exercise, part: ExercisePart[Any], result: RuleResult) -> str:
    """Return what is asked in place of the explanation; empty if the failure is not an old one."""
    return (result.question or part.question) if handed.repeats.often(result) else ""


def to_html(report: str) -> str:
    """Return a report as HTML, "ok" and "not yet" on a colour, the RFCs faint; the lines are those of the text."""
    body = "\n".join(_marked(line) for line in report.splitlines())
    return f'<div style="font-family: monospace; white-space: pre-wrap">{body}</div>'


def _marked(line: str) -> str:
    for mark, color in style.VERDICT_COLORS.items():
        if line.startswith(f"  {mark} "):
            return f"  {style.chip(mark, color)}{style.escape(line[2 + len(mark) :])}"
    return style.quiet(line) if _OF_THE_SECTIONS.match(line) else style.escape(line)


@dataclass(frozen=True, slots=True)
class _Sessions:
    """Numbers of sessions, from 1: the one that counts, the latest about the task, and how many there are."""

    counted: int
    latest: int
    count: int


def _sessions_of(handed: Exercise, part: ExercisePart[Any], score: Score) -> _Sessions | None:
    """Return which session counts; None if the part is not about one session, or there are not several."""
    attempts = part.attempts(handed.evidence())
    held = [number for number, attempt in enumerate(attempts) if attempt.wire.transcript]
    if len(held) < 2 or score.attempt not in held:
        return None
    return _Sessions(held.index(score.attempt) + 1, held.index(score.latest.attempt) + 1, len(held))


def _session_shown(sessions: _Sessions, score: Score) -> str:
    """Return which session the lines below are about: the latest about the task, even if an earlier one counts."""
    if score.later is not None:
        points = plural(score.later.points, "point")
        about = "" if sessions.latest == sessions.count else " about your task"
        return f"Your latest session{about}, number {sessions.latest}, has {points}. An earlier one counts, see below."
    if sessions.counted == sessions.count:
        return f"Your latest session, number {sessions.count}, counts; no other did better."
    return f"Session {sessions.counted} of {sessions.count} counts; the later ones say nothing of your task."


def _session_that_counts(sessions: _Sessions, score: Score) -> Iterator[str]:
    """Yield which session counts, and the rules that do not hold in it."""
    fails = "" if score.holds else ". In it this is not yet right:"
    yield f"Session {sessions.counted} counts, with {plural(score.points, 'point')}{fails}"
    for result in score.results:
        if result.failure is not None:
            yield from _wrapped(_marked_as(style.NOT_YET, result.points, result.possible), result.demand)


def _belief_lines(believed: Sequence[str], score: Score) -> Iterator[str]:
    """Yield the beliefs that a part shows, if it is not right and no rule that fails has told them already."""
    told = {result.failure.belief for result in score.latest.results if result.failure is not None}
    for name in believed:
        if name not in told and not score.latest.holds:
            yield from _wrapped(_BELIEF, beliefs()[name].told)


def _failed(results: Sequence[RuleResult], failure: RuleFailure, question: str) -> Iterator[str]:
    """Yield the lines of rules that one mistake makes fail, and its explanation below them.

    If a sentence and its hint have been read several times and did not help, a question stands below them.
    """
    for result in results:
        yield from _wrapped(_marked_as(style.NOT_YET, result.points, result.possible), result.demand)
    if len(results) > 1 and not results[0].is_blocked:
        yield from _wrapped(_INDENT, _ALIKE.format(rules=plural(len(results), "rule")))
    yield from _explanation(failure)
    if question:
        yield from _labelled("question", question)


def _hold(results: Sequence[RuleResult]) -> Iterator[str]:
    """Yield a line that names the rules that hold, if there are any."""
    if results:
        points = sum(result.points for result in results)
        yield from _wrapped(_marked_as(style.OK, points, points), ", ".join(result.name for result in results))


def _marked_as(mark: str, points: int, possible: int) -> str:
    """Return the beginning of a line about rules: ok or not yet, and the points if there are any."""
    return f"  {mark:<7} {f'{points}/{possible}' if possible else '':<3} "


def _sections(results: Sequence[RuleResult]) -> str:
    """Return where the rules are written, for whoever wants to read them; each document and each section once."""
    written: dict[str, dict[str, None]] = {}
    for result in results:
        if found := _DOCUMENT.match(result.rfc):
            sections = result.rfc[found.end() :].strip().split(" and ")
            written.setdefault(found[0], {}).update(dict.fromkeys(filter(None, sections)))
    return "; ".join(f"{document} {', '.join(sections)}".strip() for document, sections in written.items())


def _explanation(failure: RuleFailure) -> Iterator[str]:
    yield from _wrapped(_INDENT, failure.sentence)
    hint = failure.hint or (belief_hint(failure.belief) if failure.belief else "")
    for label, text in (("expected", failure.expected), ("got", failure.got), ("hint", hint)):
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


def _outlook(part: ExercisePart[Any], score: Score, sessions: _Sessions | None = None) -> str:
    """Return the last line: what to do next, or how many hidden rules follow. Not all is said to be right by them."""
    if not part.hidden:
        return (
            "Every rule of this part holds."
            if score.holds
            else "Correct what is not yet right, and run this cell again."
        )
    where = f" in session {sessions.counted}" if sessions is not None and score.later is not None else ""
    start = (
        f"Every rule that can be seen here holds{where}, but not everything is looked at here. " if score.holds else ""
    )
    if graded_student():
        rules = plural(part.hidden, "more rule follows", "more rules follow")
    else:
        rules = f"{plural(part.hidden, 'more rule runs', 'more rules run')} when your notebook is graded"
    return f"{start}{rules}, worth {plural(part.hidden_points, 'point')}. {part.beyond}".rstrip()
