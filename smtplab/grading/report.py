"""Report a score as `check` prints it: first each rule that fails, with an explanation, then in a line those that hold.

The sections of the RFCs stand in the last line, for whoever wants to read them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..base.printed import in_a_row, plural
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
_SAID_BEFORE = "what the reports before said of this"
_LONG, _BEGINNING, _AS_ABOVE = 80, 60, "{beginning} ... (shown in full above)"
_WRITTEN = "rules: "
_BELIEF = "belief: "
_IN_ITS_COLUMNS = '<span style="margin: 0 -6px">{}</span>'  # a chip, whose padding covers the blanks beside it
_DOCUMENT = re.compile(r"RFC [0-9]+")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line of a report, which is broken where the page ends.

    Args:
        text: the text of the line.
        first: what stands before the text; the rest of a broken line is indented as far.
        whole: True for a line that is not broken in the text form.
        folded: lines that only the page has, folded below this one. A terminal still shows the reports before.
    """

    text: str
    first: str = ""
    whole: bool = False
    folded: tuple[ReportLine, ...] = ()

    def __str__(self) -> str:
        if self.whole:
            return f"{self.first}{self.text}"
        broken = textwrap.wrap(
            self.text,
            _WIDTH,
            initial_indent=self.first,
            subsequent_indent=" " * len(self.first),
            break_long_words=False,
            break_on_hyphens=False,
        )
        return "\n".join(broken)

    def to_html(self) -> str:
        """Return the line as HTML: a block whose first line begins further to the left than the others."""
        far = len(self.first)
        hanging = f' style="padding-left: {far}ch; text-indent: -{far}ch"' if far else ""
        return f"<div{hanging}>{self._marked() or '<br>'}</div>{self._fold()}"

    def _fold(self) -> str:
        lines = "".join(line.to_html() for line in self.folded)
        return f"<details><summary>{_INDENT}{_SAID_BEFORE}</summary>{lines}</details>" if lines else ""

    def _marked(self) -> str:
        line = f"{self.first}{self.text}"
        for mark, color in style.VERDICT_COLORS.items():
            if self.first.startswith(f"  {mark} "):
                return f"  {_IN_ITS_COLUMNS.format(style.chip(mark, color))}{style.escape(line[2 + len(mark) :])}"
        return style.quiet(line) if self.first == _WRITTEN else style.escape(line)


def report_lines(
    handed: Exercise,
    part: ExercisePart[Any],
    score: Score,
    hidden: tuple[Rule[Any], ...],
    believed: Sequence[str] = (),
) -> Iterator[ReportLine]:
    """Yield the lines of a score, with the wrong beliefs that the part shows, by their ids."""
    shown = score if hidden else score.latest
    told = [result for result in shown.results if not hidden or result.rule in {rule.id for rule in hidden}]
    yield ReportLine(
        f"{handed.design.name}, {part.name}, for {handed.student}: {earned(part, score, bool(hidden))}", whole=True
    )
    if handed.said != handed.student:
        said = f"The notebook says that it is the work of {handed.said}; it was handed in by {handed.student}."
        yield ReportLine(said, whole=True)
    sessions = None if hidden else _sessions_of(handed, part, score)
    if sessions is not None:
        yield ReportLine(_session_shown(sessions, score), whole=True)
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
    """Return a failure with only the beginning of what was got if that stands above already, and is long.

    Args:
        failure: the failure to show next.
        got: what was got in the failures above; that of this one is added.
    """
    if failure.got in got and len(failure.got) > _LONG:
        beginning = failure.got.splitlines()[0][:_BEGINNING].rstrip()
        return replace(failure, got=_AS_ABOVE.format(beginning=beginning))
    got.add(failure.got)
    return failure


def earned(part: ExercisePart[Any], score: Score, with_hidden: bool) -> str:
    """Return the points of a score, of those that can be earned by the rules it looks at, and how many follow."""
    seen = part.points - part.hidden_points
    if with_hidden or not part.hidden:
        return f"{score.points} of {plural(part.points, 'point')}{' with the hidden rules' if with_hidden else ''}"
    if not seen:
        return f"no points here, {plural(part.hidden_points, 'point')} at grading"
    failing = in_a_row(f"“{each.name}”" for each in score.results if each.failure is not None)
    but = f", but not yet {failing}" if score.points == seen and failing else ""
    return f"{score.points} of {plural(seen, 'point')} that can be seen{but}; {part.hidden_points} more at grading"


def _question(handed: Exercise, part: ExercisePart[Any], result: RuleResult) -> str:
    """Return what is asked in place of the explanation; empty if the failure is not an old one."""
    return (result.question or part.question) if handed.repeats.often(result) else ""


def to_html(lines: Iterable[ReportLine]) -> str:
    """Return a report as HTML, "ok" and "not yet" on a colour, the RFCs faint.

    The lines are those of the text. A browser breaks a line where the page ends, and indents the rest as the text does.
    """
    body = "".join(line.to_html() for line in lines)
    return f'<div style="font-family: monospace; white-space: pre-wrap; max-width: {_WIDTH}ch">{body}</div>'


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


def _session_that_counts(sessions: _Sessions, score: Score) -> Iterator[ReportLine]:
    """Yield which session counts, and the rules that do not hold in it."""
    fails = "" if score.holds else ". In it this is not yet right:"
    counts = f"Session {sessions.counted} counts, with {plural(score.points, 'point')}{fails}"
    yield ReportLine(counts, whole=True)
    for result in score.results:
        if result.failure is not None:
            yield from _wrapped(_marked_as(style.NOT_YET, result.points, result.possible), result.demand)


def _belief_lines(believed: Sequence[str], score: Score) -> Iterator[ReportLine]:
    """Yield the beliefs that a part shows, if it is not right and no rule that fails has told them already."""
    told = {result.failure.belief for result in score.latest.results if result.failure is not None}
    for name in believed:
        if name not in told and not score.latest.holds:
            yield from _wrapped(_BELIEF, beliefs()[name].told)


def _failed(results: Sequence[RuleResult], failure: RuleFailure, question: str) -> Iterator[ReportLine]:
    """Yield the lines of rules that one mistake makes fail, and its explanation below them.

    If a sentence and its hint have been read several times and did not help, a question takes their place.
    """
    for result in results:
        yield from _wrapped(_marked_as(style.NOT_YET, result.points, result.possible), result.demand)
    if len(results) > 1 and not results[0].is_blocked:
        yield from _wrapped(_INDENT, _ALIKE.format(rules=plural(len(results), "rule")))
    if not question:
        yield from _explanation(failure)
        return
    if failure.got:
        yield from _labelled("got", failure.got)
    *first, last = _labelled("question", question)
    yield from first
    yield replace(last, folded=tuple(_explanation(replace(failure, got=""))))


def _hold(results: Sequence[RuleResult]) -> Iterator[ReportLine]:
    """Yield a line that names the rules that hold, if there are any."""
    if results:
        points = sum(result.points for result in results)
        yield from _wrapped(_marked_as(style.OK, points, points), _names_and_points(results))


def _names_and_points(results: Sequence[RuleResult]) -> str:
    """Return the names of rules; of several, each with its points unless it has one, so that they can be counted."""
    if len(results) == 1:
        return results[0].name
    return ", ".join(each.name if each.points == 1 else f"{each.name} ({each.points})" for each in results)


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


def _explanation(failure: RuleFailure) -> Iterator[ReportLine]:
    yield from _wrapped(_INDENT, failure.sentence)
    hint = failure.hint or (belief_hint(failure.belief) if failure.belief else "")
    for label, text in (("expected", failure.expected), ("got", failure.got), ("hint", hint)):
        if text:
            yield from _labelled(label, text)


def _labelled(label: str, text: str) -> list[ReportLine]:
    return _wrapped(f"{_INDENT}{label + ':':<10}", text)


def _wrapped(first: str, text: str) -> list[ReportLine]:
    """Return a line for each line of the text; those after the first are indented as far as its text."""
    begins = (first, " " * len(first))
    return [ReportLine(line, begins[number > 0]) for number, line in enumerate(text.split("\n"))]


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
        if part.points == part.hidden_points:
            points = plural(part.points, "point")
            return f"{start}No points show here: all {points} come when your notebook is graded. {part.beyond}".rstrip()
    return f"{start}{rules}, worth {plural(part.hidden_points, 'point')}. {part.beyond}".rstrip()
