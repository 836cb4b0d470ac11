"""The feedback page of a student: points, what each part lacks and why, and the notebook with its outputs.

It shows this student's work and nothing of anybody else's: of the incidents only those that a student can do something
about, in words of their own. Hidden rules are there by what they demand; their source is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ...base.printed import in_a_row, plural
from ...explain.misconceptions import beliefs
from ...show import style
from . import wording
from .incidents import incidents_of, is_late, lateness
from .outcome import (
    CellShown,
    IncidentKind,
    PartHead,
    PartResult,
    Report,
    RuleRow,
    RuleStatus,
    StudentResult,
    StudentStatus,
)
from .page import Html, chip, clock, document, element, facts, items, joined, section, verbatim
from .plain_text import one_line, plain

_LONGEST_PAGE = 1024 * 1024  # octets of sources and outputs together; a browser still shows it at once
_HIDDEN = re.compile(
    r"^[^\n]*BEGIN (?:HIDDEN TESTS|SOLUTION).*?(?:^[^\n]*END (?:HIDDEN TESTS|SOLUTION)[^\n]*$|\Z)", re.M | re.S
)


# What a rule says of points that come at grading; here they have come, with a rule of their own.
_ANNOUNCED = re.compile(r" \d+ points? (?:for [^.]+ )?comes? at grading\.")


def feedback_page(report: Report, result: StudentResult) -> bytes:
    """Return the page of one student as a file.

    Args:
        report: the class; of it only the exercise is shown.
        result: the student's result.
    """
    body: list[object] = []
    if result.is_graded:
        found = {part.name: part for part in result.parts}
        body += [_part(head, found.get(head.name)) for head in report.parts]
        body += _to_look_at(result)
    body += _notebook(result.cells)
    title = wording.FEEDBACK_TITLE.format(title=report.title or report.exercise)
    return document(title, _summary(report, result), body, element("p", wording.MADE_BY.format(version=report.smtplab)))


# The head of the page


def _summary(report: Report, result: StudentResult) -> Html:
    whose = f"{result.name} ({result.student})" if result.name else result.student
    return joined(
        [
            element("p", f"{report.exercise}, {whose}"),
            element("p", _points(report, result), class_="points"),
            facts(_times(report, result)),
            _told(result),
        ]
    )


def _points(report: Report, result: StudentResult) -> str:
    if result.is_graded:
        return f"{result.points} of {plural(report.possible, 'point')}"
    if result.status is StudentStatus.ABSENT:
        return wording.NOT_HANDED_IN
    return wording.NOT_GRADED


def _times(report: Report, result: StudentResult) -> Iterator[tuple[str, object]]:
    yield "Handed in", clock(result.submitted)
    yield "Due", clock(result.extension or report.due) + (wording.EXTENDED if result.extension else "")
    if late := lateness(result):
        yield "Late", wording.NOT_DEDUCTED.format(late=late)
    elif is_late(result):
        yield "Late", wording.PLATFORM_SAYS_LATE


def _told(result: StudentResult) -> Html:
    """Return what happened, in sentences for students; those of the run may name files and others."""
    kinds = dict.fromkeys(incident.kind for incident in incidents_of(result))
    told = dict(wording.FOR_STUDENTS)
    if result.other_id:
        told[IncidentKind.ID_MISMATCH] = wording.OTHER_ID.format(given=result.other_id, student=result.student)
    if result.files:
        told[IncidentKind.UNREADABLE] = wording.NO_NOTEBOOK.format(files=in_a_row(map(one_line, result.files)))
    sentences = [told[kind] for kind in kinds if kind in told]
    return items(sentences) if sentences else Html("")


# Parts


def _part(head: PartHead, part: PartResult | None) -> Html:
    title = head.title or head.name
    if part is None:
        return section(f"{title}: {wording.NO_RESULT}")
    name = f"{title}: {part.points} of {plural(part.possible, 'point')}"
    changed = element("p", wording.CHANGED_BY_HAND.format(change=part.change)) if part.change else Html("")
    if not part.rules:
        told = verbatim(plain(part.report)) if part.report else element("p", wording.WAS_NOT_JUDGED)
        return section(name, changed or told)
    fails = [rule for rule in part.rules if rule.outcome is RuleStatus.FAILS]
    left = sum(rule.outcome is RuleStatus.NOT_REACHED and rule.possible > 0 for rule in part.rules)
    # A rule without points that holds has nothing to say; points that it announces are those of a hidden rule.
    holding = [rule for rule in part.rules if rule.outcome is RuleStatus.HOLDS and rule.possible]
    rows = [*map(_mistake, _by_mistake(fails)), *_not_reached(left), *_holding(holding)]
    return section(name, changed, element("ul", *rows, class_="rules"))


def _by_mistake(rules: Sequence[RuleRow]) -> list[list[RuleRow]]:
    """Return the failing rules in groups, each of which one mistake has made fail."""
    groups: dict[tuple[str, ...], list[RuleRow]] = {}
    for rule in rules:
        key = (rule.mistake, rule.expected, rule.got, rule.hint)
        groups.setdefault(key if rule.mistake else (rule.rule,), []).append(rule)
    return list(groups.values())


def _mistake(rules: Sequence[RuleRow]) -> Html:
    """Return the item of rules that fail by one mistake, with its explanation."""
    first = rules[0]
    told = element("p", first.mistake) if first.mistake else ""
    lines = [("Expected", first.expected), ("Got", first.got), ("Hint", first.hint)]
    demands = [_demand(rule, chip(style.NOT_YET, style.VERDICT_COLORS[style.NOT_YET])) for rule in rules]
    return element("li", *demands, told, facts(lines), class_="fails")


def _not_reached(count: int) -> Iterator[Html]:
    if count:
        told = wording.NOT_LOOKED_AT.format(rules=plural(count, *wording.MORE_RULES))
        yield element(
            "li", element("div", chip(wording.NOT_REACHED, style.NEUTRAL), element("span", told), class_="demand")
        )


def _holding(rules: Sequence[RuleRow]) -> Iterator[Html]:
    if rules:
        mark = chip(style.OK, style.VERDICT_COLORS[style.OK])
        yield element("li", *(_demand(rule, mark) for rule in rules), class_="holds")


def _demand(rule: RuleRow, mark: Html) -> Html:
    """Return a rule with its mark, its points if it has any, and what it demands."""
    points = f"{rule.points} of {plural(rule.possible, 'point')}: " if rule.possible else ""
    late = Html(f" {style.quiet(wording.AT_GRADING)}" if rule.is_hidden else "")
    return element("div", mark, element("span", points, _ANNOUNCED.sub("", rule.demand), late), class_="demand")


def _to_look_at(result: StudentResult) -> Iterator[Html]:
    known = beliefs()
    told = [known[name] for name in dict.fromkeys(result.beliefs) if name in known]
    if told:
        yield section(
            wording.TO_LOOK_AT, items(joined([belief.told, f" (tutorial {belief.notebook})"]) for belief in told)
        )


# The notebook


def _notebook(cells: Iterable[CellShown]) -> Iterator[Html]:
    """Yield what the student wrote, each cell with its output; the exercise's own cells are left out."""
    shown: list[Html] = []
    room = _LONGEST_PAGE
    for cell in cells:
        if not cell.is_own or not (cell.source.strip() or cell.output.strip()):
            continue
        source, output = (plain(_HIDDEN.sub("", text).strip("\n")) for text in (cell.source, cell.output))
        room -= len(source.encode()) + len(output.encode())
        if room < 0:
            shown.append(element("p", wording.LEFT_OUT.format(number=cell.cell + 1)))
            break
        shown += _cell(cell.cell + 1, source, output)
    if shown:
        yield section(wording.NOTEBOOK, *shown)


def _cell(number: int, source: str, output: str) -> Iterator[Html]:
    yield element("h3", wording.CELL.format(number=number))
    if source:
        yield verbatim(source)
    if output:
        yield element("p", wording.OUTPUT)
        label = wording.OUTPUT_OF.format(number=number)
        yield verbatim(output, class_="output", role="group", aria_label=label, tabindex="0")
