"""The chart of replies: the number of replies of each severity, category and code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...base.printed import plural
from ...explain.cards import cards
from ...protocol.codes import NO_CATEGORY, Category, Severity, classify
from ...show.figure import Canvas, Figure
from ...show.style import NEUTRAL, SEVERITY_COLORS
from ..internet import Lab
from ..recorded import Recorded, transcript_of
from .paper import ASIDE, HEAD, LABEL, SMALL, VERB_BOLD, WIDTH, color_of

_DIGITS_X, _LABEL_X, _BARS_X, _BARS_END = 18.0, 88.0, 330.0, 700.0
_BAR_HEIGHT, _LINE = 14.0, 16.0
# RFC 5321 4.2.1: the digits that a client can expect; others are shown only if they came.
_USUAL_SEVERITIES = [severity for severity in Severity if severity is not Severity.POSITIVE_PRELIMINARY]
_USUAL_CATEGORIES = [Category.SYNTAX, Category.INFORMATION, Category.CONNECTIONS, Category.MAIL_SYSTEM]


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: its digits, their phrase, the number of replies, the colour, and a tooltip."""

    digits: str
    phrase: str
    count: int
    color: str
    tip: str


def reply_chart(*sources: Recorded | Lab) -> Figure:
    """Draw the number of replies by the first digit, by the second digit, and by code.

    In a notebook whose cards do not explain digits yet, classes have names in words and the second digit is left out.

    Args:
        sources: sessions, clients, conversations or transcripts, whose replies are counted together; a lab stands for
            the conversations between its hosts.

    Raises:
        TypeError: if a source is something else.
    """
    transcripts = [transcript_of(each) for source in sources for each in _recorded(source)]
    codes = Counter(each.reply.code for transcript in transcripts for each in transcript.exchanges() if each.reply)
    sections = _sections(codes)
    title = f"{plural(codes.total(), 'reply', 'replies')} in {plural(len(transcripts), 'conversation')}"
    canvas = Canvas(WIDTH)
    canvas.text(8, 22, title, HEAD)
    y, words = 36.0, [f"{title}."]
    for heading, bars in sections.items():
        y = _section(canvas, heading, bars, y)
        words += [f"{heading}:", *(f"  {bar.digits} {bar.phrase}: {bar.count}" for bar in bars)]
    return canvas.finish(y, title, "\n".join(words))


def _sections(codes: Counter[int]) -> dict[str, list[_Bar]]:
    """Return the bars of each section by its heading."""
    severities, by_code = list(_severities(codes)), {"By code": list(_codes(codes))}
    if not cards.explains_digits:
        return {"By class": severities} | by_code
    digits = {"By the first digit, the severity": severities}
    return digits | {"By the second digit, the category": list(_categories(codes))} | by_code


def _recorded(source: Recorded | Lab) -> Iterable[Recorded]:
    return source.conversations if isinstance(source, Lab) else [source]


def _severities(codes: Counter[int]) -> Iterator[_Bar]:
    known, counts = {int(severity): severity for severity in Severity}, _counted(codes, 100)
    for digit in sorted({*_USUAL_SEVERITIES, *counts}):
        severity = known[digit]  # no reply has another first digit
        yield _Bar(cards.name_of(severity), severity.phrase, counts[digit], SEVERITY_COLORS[severity], severity.meaning)


def _categories(codes: Counter[int]) -> Iterator[_Bar]:
    known, counts = {int(category): category for category in Category}, _counted(codes, 10)
    for digit in sorted({*_USUAL_CATEGORIES, *counts}):
        category = known.get(digit)
        if category is None:
            yield _Bar(f"x{digit}z", "no category", counts[digit], NEUTRAL, NO_CATEGORY)
        else:
            yield _Bar(category.mask, category.phrase, counts[digit], NEUTRAL, category.meaning)


def _codes(codes: Counter[int]) -> Iterator[_Bar]:
    for code, count in sorted(codes.items()):
        yield _Bar(f"{code}", classify(code).phrase, count, color_of(code), classify(code).summary)


def _counted(codes: Counter[int], place: int) -> Counter[int]:
    """Count replies by the digit at a place of their codes."""
    counts: Counter[int] = Counter()
    for code, count in codes.items():
        counts[code // place % 10] += count
    return counts


def _section(canvas: Canvas, heading: str, bars: list[_Bar], y: float) -> float:
    """Draw bars below their heading, the longest over the full width; return the y below."""
    canvas.text(8, y + 12, heading, LABEL)
    y += 26
    most = max((bar.count for bar in bars), default=0)
    if not bars:
        canvas.text(_LABEL_X, y + 12, "(no reply yet)", ASIDE)
        y += 20
    for bar in bars:
        y = _bar(canvas, bar, bar.count / most if most else 0.0, y)
    return y + 12


def _bar(canvas: Canvas, bar: _Bar, share: float, y: float) -> float:
    lines = SMALL.wrap(bar.phrase, _BARS_X - _LABEL_X - 12)
    length = share * (_BARS_END - _BARS_X)
    with canvas.tip(bar.tip):
        canvas.chip(_DIGITS_X, y + 12, bar.digits, bar.color, VERB_BOLD)
        for number, line in enumerate(lines):
            canvas.text(_LABEL_X, y + 12 + _LINE * number, line, SMALL)
        if length:
            canvas.rect(_BARS_X, y, length, _BAR_HEIGHT, fill=bar.color, radius=2)
        canvas.text(_BARS_X + length + 8, y + 12, str(bar.count), LABEL)
    return y + _LINE * len(lines) + 6
