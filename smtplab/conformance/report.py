"""The report of a conformance run: its text, its table, its JSON, and its HTML.

It shows each rule that fails with what was sent, what was expected, what came and what to look at. Failures with one
cause, or with the same thing to look at, share one explanation; the table and JSON have all of each.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..base.printed import Printed, plural
from ..show import style
from . import sentences
from .rule import ConformanceFinding, RuleOutcome
from .stages import SERVER_STAGES, Stage
from .wire_text import wire_lines

if TYPE_CHECKING:
    from pandas import DataFrame

_WIDTH = 100
_LABEL = 10  # columns for "Expected"
_MARKS = {RuleOutcome.PASS: "ok", RuleOutcome.FAIL: "FAILED", RuleOutcome.SKIP: "skipped"}
_PARTLY = "partly"  # what is judged of a stage holds, and some of its rules were skipped
_COLORS = {
    RuleOutcome.PASS: style.VERDICT_COLORS[style.OK],
    RuleOutcome.FAIL: style.VERDICT_COLORS[style.NOT_YET],
    RuleOutcome.SKIP: style.NEUTRAL,
}
_COLUMNS = ("stage", "rule", "outcome", "section", "demand", "expected", "came", "look")


@dataclass(frozen=True, repr=False)
class ConformanceReport(Printed):
    """What a run found; ``str`` gives its text, and a notebook shows a table.

    Args:
        findings: in the order of the run.
        subject: the program, such as ``127.0.0.1 port 2525``.
        stages: all the stages that a run can have.
        complete: False if the run was interrupted.
        under_way: the id of the rule that was being judged then; empty if that is not known.
    """

    findings: Sequence[ConformanceFinding]
    subject: str = "the program"
    stages: Sequence[Stage] = SERVER_STAGES
    complete: bool = True
    under_way: str = ""

    @property
    def passed(self) -> bool:
        """True if the run was completed and no rule failed."""
        return self.complete and self.first_failure is None

    @property
    def failures(self) -> tuple[ConformanceFinding, ...]:
        """The findings that failed."""
        return tuple(finding for finding in self.findings if finding.failed)

    @property
    def first_failure(self) -> ConformanceFinding | None:
        """The first finding that failed; None if none did."""
        return next(iter(self.failures), None)

    @property
    def points(self) -> int:
        """The points earned; a rule that was skipped earns none."""
        return sum(finding.points for finding in self.findings)

    @property
    def possible(self) -> int:
        """The points of all rules that the run came to."""
        return sum(finding.rule.points for finding in self.findings)

    def count(self, outcome: RuleOutcome) -> int:
        """Return how many rules have an outcome."""
        return sum(finding.outcome is outcome for finding in self.findings)

    @property
    def reached(self) -> tuple[Stage, ...]:
        """The stages that the run came to."""
        names = {finding.rule.stage for finding in self.findings}
        return tuple(stage for stage in self.stages if stage.name in names)

    def of_stage(self, stage: Stage) -> list[ConformanceFinding]:
        """Return the findings of one stage."""
        return [finding for finding in self.findings if finding.rule.stage == stage.name]

    @property
    def summary(self) -> str:
        """One sentence or two: how many rules hold, and where the run stopped."""
        counts = {outcome: self.count(outcome) for outcome in RuleOutcome}
        told = sentences.SUMMARY.format(
            subject=self.subject,
            passed=plural(counts[RuleOutcome.PASS], "rule"),
            failed=counts[RuleOutcome.FAIL],
            skipped=counts[RuleOutcome.SKIP],
        )
        if not self.complete:
            at = sentences.UNDER_WAY.format(rule=self.under_way) if self.under_way else sentences.INTERRUPTED
            return f"{told} {at}"
        if self.reached and self.reached[-1] is not self.stages[-1]:
            last = self.reached[-1]
            number = self.stages.index(last) + 1
            return f"{told} {sentences.STOPPED.format(number=number, of=len(self.stages), stage=last.name)}"
        return told

    def __str__(self) -> str:
        return "\n".join([*map(self.stage_line, self.reached), self.closing])

    @property
    def closing(self) -> str:
        """What stands below the stages: the failures, and the summary."""
        return "\n".join([*self._explanations(), "", self.summary, *(f"  {line}" for line in self._skipped())])

    def __repr__(self) -> str:
        return (
            f"<ConformanceReport of {self.subject}, {self.count(RuleOutcome.PASS)} of {len(self.findings)} rules hold>"
        )

    def stage_line(self, stage: Stage) -> str:
        """Return a stage as one line: its number, its outcome and its goal."""
        found = self.of_stage(stage)
        held = sum(finding.passed for finding in found)
        number = self.stages.index(stage) + 1
        mark, left_out = _mark(found)[0], _left_out(found)
        return f"{mark:<8}{number:>2} {stage.name:<11}{f'{held}/{len(found)}':<6} {stage.goal}{left_out}"

    def _skipped(self) -> Iterator[str]:
        """Yield why rules were skipped, each reason once; that a rule needs one that fails is seen above."""
        skipped = [finding for finding in self.findings if finding.outcome is RuleOutcome.SKIP]
        reasons = Counter(each.look for each in skipped if not each.look.startswith(sentences.NEEDS.partition("{")[0]))
        for reason, count in reasons.items():
            yield f"{plural(count, 'rule')} skipped: {reason}"

    def _explanations(self) -> Iterator[str]:
        for finding, alike in self._as_told():
            yield ""
            yield from explanation(finding, alike)

    def _as_told(self) -> Iterator[tuple[ConformanceFinding, list[str]]]:
        """Yield the failures, each with the ids of those that fail in the same way and are not told for themselves.

        A failure that an earlier one explains refers to that.
        """
        ways: dict[tuple[str, ...], list[ConformanceFinding]] = {}
        for finding in self.failures:
            ways.setdefault(_way(finding), []).append(finding)
        told: dict[str, str] = {}
        for finding, *alike in ways.values():
            first = told.setdefault(_cause(finding), finding.rule.id)
            shown = finding if first == finding.rule.id else _referring(finding, first)
            yield shown, [each.rule.id for each in alike]

    @property
    def table(self) -> DataFrame:
        """The findings as a DataFrame, one row a rule."""
        import pandas

        from ..show.dataframes import show_text_at_the_left

        frame = pandas.DataFrame([_cells(finding) for finding in self.findings], columns=list(_COLUMNS))
        show_text_at_the_left()
        return frame

    def to_json(self) -> str:
        """Return the report as JSON; octets are text in which each character is an octet (Latin-1)."""
        found = {
            "subject": self.subject,
            "passed": self.passed,
            "complete": self.complete,
            "points": self.points,
            "possible": self.possible,
            "stages": [{"name": stage.name, "goal": stage.goal} for stage in self.reached],
            "findings": [_record(finding) for finding in self.findings],
        }
        return json.dumps(found, indent=2)

    def _repr_html_(self) -> str:
        """Show the stages and what failed in a notebook."""
        heads = ("stage", "outcome", "rules that hold", "goal")
        body = "".join(self._html_row(stage) for stage in self.reached)
        color = _COLORS[RuleOutcome.FAIL]
        told = "".join(style.panel(_html_explanation(*each), color) for each in self._as_told())
        skipped = "".join(f"<br>{style.faint(style.prose(line))}" for line in self._skipped())
        return f"<p>{style.escape(self.summary)}{skipped}</p>{_html_table(heads, body)}{told}"

    def _html_row(self, stage: Stage) -> str:
        found = self.of_stage(stage)
        held = sum(finding.passed for finding in found)
        cells = (style.chip(*_mark(found)), f"{held} of {len(found)}{_left_out(found)}", style.escape(stage.goal))
        return (
            f'<tr><th scope="row" style="{_CELL}">{stage.name}</th>'
            + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
            + "</tr>"
        )

    def to_html(self) -> str:
        """Return the report as a page of its own."""
        title = style.escape(f"Conformance of {self.subject}")
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta name="color-scheme" content="light dark"><title>{title}</title>'
            "<style>body { font-family: sans-serif; margin: 2em auto; padding: 0 1em; max-width: 70em }</style>"
            f"</head><body><main><h1>{title}</h1>{self._repr_html_()}</main></body></html>\n"
        )


def _mark(found: Sequence[ConformanceFinding]) -> tuple[str, str]:
    """Return the word for the outcome of a stage, and its colour; a stage is ok only if all its rules hold."""
    outcomes = {finding.outcome for finding in found}
    if outcomes == {RuleOutcome.PASS, RuleOutcome.SKIP}:
        return _PARTLY, _COLORS[RuleOutcome.SKIP]
    outcome = RuleOutcome.FAIL if RuleOutcome.FAIL in outcomes else next(iter(outcomes))
    return _MARKS[outcome], _COLORS[outcome]


def _left_out(found: Sequence[ConformanceFinding]) -> str:
    """Return how many rules of a stage were skipped, where the others hold."""
    skipped = sum(finding.outcome is RuleOutcome.SKIP for finding in found)
    return f" ({skipped} skipped)" if _mark(found)[0] == _PARTLY else ""


def explanation(finding: ConformanceFinding, alike: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines about a finding: the demand, what was sent, expected and came, and what to look at.

    Args:
        finding: of any outcome.
        alike: the ids of more rules that fail in the same way.
    """
    if finding.instead:
        yield f"{_MARKS[finding.outcome]}: {finding.instead}"
    else:
        yield f"{_MARKS[finding.outcome]}: {finding.rule.id}  ({finding.rule.section})"
        yield from _labelled("Rule", finding.rule.demand)
    for label, lines in _facts(finding):
        yield from _stacked(label, lines)
    yield from _labelled("Look at", finding.look)
    if alike:
        yield from _labelled("Also", _told_alike(alike))


def _told_alike(alike: Sequence[str]) -> str:
    form = sentences.ALIKE if len(alike) > 1 else sentences.ONE_ALIKE
    return form.format(count=len(alike), rules=", ".join(alike))


def _facts(finding: ConformanceFinding) -> Iterator[tuple[str, list[str]]]:
    if finding.play:
        yield "Play", [finding.play]
    if finding.sent:
        yield "Sent", wire_lines(finding.sent)
    if finding.expected:
        yield "Expected", finding.expected.split("\n")
    if finding.came or finding.note:
        yield "Came", [*wire_lines(finding.came), *textwrap.wrap(finding.note, _WIDTH - _LABEL - 2)]


def _stacked(label: str, lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"  {label if number == 0 else '':<{_LABEL}}{line}"


def _labelled(label: str, text: str) -> Iterator[str]:
    yield from _stacked(label, textwrap.wrap(text, _WIDTH - _LABEL - 2, break_on_hyphens=False))


def _cause(finding: ConformanceFinding) -> str:
    """Return what two findings share if one explains both: where the program crashed, or what to look at."""
    return _crash_place(finding) or finding.look


def _way(finding: ConformanceFinding) -> tuple[str, ...]:
    """Return what failures share that one of them stands for: in plays, all but the step at which each is played."""
    if not finding.play:
        return (finding.rule.id,)
    return finding.rule.stage, finding.look, finding.expected, finding.note


def _crash_place(finding: ConformanceFinding) -> str:
    return finding.note.partition(", in ")[2] if finding.look == sentences.CRASHED else ""


def _referring(finding: ConformanceFinding, first: str) -> ConformanceFinding:
    """Return a finding that refers to an earlier rule; of a play, the rule says all that differs."""
    if _crash_place(finding):
        return replace(finding, sentence=sentences.SAME_CAUSE.format(rule=first))
    if finding.play:
        finding = replace(finding, sent=b"", came=b"", expected="", play="")
    return replace(finding, sentence=sentences.SAME_LOOK.format(rule=first))


def _cells(finding: ConformanceFinding) -> tuple[str, ...]:
    rule = finding.rule
    came = " ".join([*wire_lines(finding.came), finding.note]).strip()
    look = "" if finding.passed else finding.look
    return rule.stage, rule.id, finding.outcome.value, rule.section, rule.demand, finding.expected, came, look


def _record(finding: ConformanceFinding) -> dict[str, str | int]:
    return {
        "rule": finding.rule.id,
        "stage": finding.rule.stage,
        "section": finding.rule.section,
        "demand": finding.rule.demand,
        "outcome": finding.outcome.value,
        "points": finding.points,
        "play": finding.play,
        "sent": finding.sent.decode("latin-1"),
        "expected": finding.expected,
        "came": finding.came.decode("latin-1"),
        "note": finding.note,
        "instead": finding.instead,
        "look": "" if finding.passed else finding.look,
    }


_CELL = "text-align: left; vertical-align: top; padding: 1px 12px 1px 0"


def _html_table(heads: Sequence[str], body: str) -> str:
    head = "".join(f'<th scope="col" style="{_CELL}">{each}</th>' for each in heads)
    return (
        '<table style="border-collapse: collapse; border: none; margin: 4px 0; font-size: inherit">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _html_explanation(finding: ConformanceFinding, alike: Sequence[str]) -> str:
    rule = finding.rule
    rows = [] if finding.instead else [("Rule", style.escape(rule.demand))]
    rows += [(label, "<br>".join(map(style.code, lines))) for label, lines in _facts(finding)]
    rows += [("Look at", style.escape(finding.look))]
    rows += [("Also", style.escape(_told_alike(alike)))] if alike else []
    body = "".join(
        f'<tr><th scope="row" style="{_CELL}">{label}</th><td style="{_CELL}">{cell}</td></tr>' for label, cell in rows
    )
    named = f"{style.code(rule.id)} {style.quiet(rule.section)}"
    named = style.escape(finding.instead) if finding.instead else named
    return f"{style.chip(_MARKS[finding.outcome], _COLORS[finding.outcome])} {named}<table>{body}</table>"
