"""The page of a class, for the instructor: who handed in what, how it went, and what was not understood.

It is made for the instructor alone, because it names students. Whose work resembles whose is a hint to look, and
changes no points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ...base.printed import in_a_row, plural
from ...show.figure import Figure
from . import statistics, wording
from .class_counts import RuleCount
from .incidents import all_incidents, incidents_of, is_late, lateness
from .outcome import IncidentKind, Report, RuleStatus, StudentResult, StudentStatus
from .page import Html, clock, document, element, items, joined, section, table
from .plain_text import one_line
from .plots import bars, columns
from .resemblance import resemblances

_MOST = 12  # bars of a plot; more are in the table


def class_page(report: Report) -> bytes:
    """Return the page of a class as a file."""
    sections = {
        "who": _who(report),
        "points": _points(report),
        "parts": _parts(report),
        "rules": _rules(report),
        "beliefs": _beliefs(report),
        "incidents": _incidents(report),
        "alike": _alike(report),
    }
    body = [section(wording.CLASS_SECTIONS[name], *content, id_=name) for name, content in sections.items()]
    title = wording.CLASS_TITLE.format(title=report.title or report.exercise)
    footer = element("p", wording.MADE_BY.format(version=report.smtplab))
    return document(title, joined([*_summary(report), _contents()]), body, footer)


def _contents() -> Html:
    links = (element("a", text, href=f"#{name}") for name, text in wording.CLASS_SECTIONS.items())
    return element("nav", items(links), aria_label="Contents")


def _summary(report: Report) -> Iterator[Html]:
    counts = Counter(result.status for result in report.students)
    late = sum(map(is_late, report.students))
    told = [
        f"{counts[StudentStatus.GRADED]} graded",
        f"{counts[StudentStatus.ABSENT]} absent" if counts[StudentStatus.ABSENT] else "",
        f"{counts[StudentStatus.NOT_GRADED]} not graded" if counts[StudentStatus.NOT_GRADED] else "",
        f"{late} late" if late else "",
    ]
    yield element("p", f"{report.exercise}: {plural(len(report.students), 'student')}, {in_a_row(filter(None, told))}.")
    if report.border:
        yield element("p", report.border)


# Who, and how it went


def _who(report: Report) -> Iterator[Html]:
    heads = ["student", "name", "status", "points", *(head.title or head.name for head in report.parts)]
    numbers = range(3, 4 + len(report.parts))
    yield element("p", wording.LATE_IS_NOT_DEDUCTED)
    yield table(
        wording.WHO, [*heads, "handed in", "to look at"], (_row(report, each) for each in report.by_id), numbers
    )


def _row(report: Report, result: StudentResult) -> Sequence[object]:
    found = {part.name: part.points for part in result.parts} if result.is_graded else {}
    kinds = dict.fromkeys(incident.kind.value for incident in incidents_of(result))
    times = filter(None, [clock(result.submitted), _extension(result), _late(result)])
    handed_in = joined((element("span", time, class_="time") for time in times), " ")
    return (
        result.student,
        one_line(result.name),
        result.status.value,
        result.points if result.is_graded else "",
        *(found.get(head.name, "") for head in report.parts),
        handed_in,
        ", ".join(kinds),
    )


def _extension(result: StudentResult) -> str:
    return f"(extension until {clock(result.extension)})" if result.extension else ""


def _late(result: StudentResult) -> str:
    if lateness(result):
        return f"({lateness(result)} late)"
    return wording.MARKED_LATE if is_late(result) else ""


def _points(report: Report) -> Iterator[Html]:
    points = sorted(result.points for result in report.graded)
    if not points:
        yield element("p", wording.NOBODY_IS_GRADED)
        return
    middle = (points[(len(points) - 1) // 2] + points[len(points) // 2]) / 2
    yield element(
        "p",
        wording.DISTRIBUTION.format(
            students=plural(len(points), "student"),
            mean=f"{sum(points) / len(points):.1f}",
            middle=f"{middle:g}",
            least=points[0],
            most=points[-1],
            possible=report.possible,
        ),
    )
    yield _plot(columns(statistics.distribution(report), wording.HOW_MANY_POINTS))


def _plot(figure: Figure) -> Html:
    """Return a drawing; the text in it says the same in words."""
    return element("figure", Html(figure.svg), tabindex="0", aria_label=figure.title)


# Questions


def _parts(report: Report) -> Iterator[Html]:
    yield element("p", wording.FIGURES.format(least=statistics.LEAST_STUDENTS))
    parts = statistics.parts(report)
    shown = len(_FIGURES) if any(each.verdict for each in parts) else len(_FIGURES) - 1
    yield table(
        wording.PARTS, ("part", *_FIGURES[:shown]), ((each.name, *_figures(each)[:shown]) for each in parts), (1, 2)
    )
    striking = [each for each in statistics.rules(report) if each.verdict]
    if striking:
        told = ((each.name, *_figures(each), each.demand) for each in striking)
        yield table(wording.STRIKING_RULES, ("rule", *_FIGURES, "demand"), told, (1, 2))


_FIGURES = ("facility", "discrimination", "in words")


def _figures(figures: statistics.QuestionFigures) -> Sequence[object]:
    discrimination = "" if figures.discrimination is None else f"{figures.discrimination + 0.0:.2f}"
    return f"{100 * figures.facility:.0f} %", discrimination, figures.verdict


def _rules(report: Report) -> Iterator[Html]:
    found = [each for each in statistics.rule_counts(report) if each.fails]
    if not found:
        yield element("p", wording.NO_RULE_FAILS)
        return
    plotted = [(one_line(each.demand), each.fails) for each in found[:_MOST]]
    yield _plot(bars(plotted, len(report.graded), wording.FAILING_RULES))
    heads = ("rule", "demand", "fails", "not reached", "most frequent mistake", "made by")
    yield table(wording.FAILING_RULES, heads, map(_failing, found), (2, 3, 5))
    counts = (
        (wording.FAILED_COMMANDS, "command", statistics.failed_commands(report)),
        (wording.FAILED_CODES, "code", statistics.failed_codes(report)),
        (wording.REFUSED_COMMANDS, "command", statistics.refused_commands(report)),
        (wording.REFUSAL_CODES, "code", statistics.refusal_codes(report)),
    )
    tables = [
        table(caption, (head, "students"), [(_named(name), count) for name, count in counted[:_MOST]], (1,))
        for caption, head, counted in counts
        if counted
    ]
    yield element("div", *tables, class_="beside")


def _named(command: str) -> str:
    return one_line(command) or wording.EMPTY_LINE


def _failing(count: RuleCount) -> Sequence[object]:
    not_reached = count.outcomes[RuleStatus.NOT_REACHED]
    texts = (count.rule, count.demand, count.fails, not_reached, count.mistake, count.made_by)
    return [one_line(str(each)) for each in texts]


def _beliefs(report: Report) -> Iterator[Html]:
    found = statistics.belief_counts(report)
    if not found:
        yield element("p", wording.NO_BELIEF)
        return
    of = len(report.graded)
    yield _plot(bars([(each.belief.belief, each.students) for each in found[:_MOST]], of, wording.BELIEFS))
    yield table(
        wording.BELIEFS,
        ("belief", "shown by", "of", "taught in"),
        ((each.belief.belief, each.students, of, each.belief.notebook) for each in found),
        (1, 2),
    )


# Hints


def _incidents(report: Report) -> Iterator[Html]:
    rows = [(result.student, incident.kind.value, incident.sentence) for result, incident in all_incidents(report)]
    if rows:
        yield table(wording.INCIDENTS, ("student", "kind", "what happened"), rows)
    else:
        yield element("p", wording.NO_INCIDENT)


def _alike(report: Report) -> Iterator[Html]:
    rows = [
        (
            *pair.students,
            pair.words,
            f"{100 * pair.share:.0f} %",
            wording.RENAMED if pair.renamed else wording.EQUAL_TEXT,
        )
        for pair in resemblances(report)
    ]
    yield element("p", wording.A_HINT)
    if rows:
        yield table(wording.ALIKE, ("student", "and", "unusual words", "of the smaller work", "how"), rows, (2, 3))
    else:
        yield element("p", wording.NOBODY_IS_ALIKE)
    if any(incident.kind is IncidentKind.WORK_OF_ANOTHER for _, incident in all_incidents(report)):
        yield element("p", wording.SEE_INCIDENTS)
