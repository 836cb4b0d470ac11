"""Plots of a class, with the same in words: how many students have how many points, and what is most frequent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...base.printed import plural
from ...show.figure import Canvas, Figure, Font
from ...show.style import INK, NEUTRAL, veil
from . import wording

_WIDTH = 640.0
_LABEL = Font(12)
_SMALL = Font(11)
_HEIGHT = 150.0  # of the highest column
_ROW = 22.0  # from bar to bar
_NAMES = 300.0  # for the names of bars, at most
_ROOM = 34.0  # behind the longest bar, for its number


def columns(counts: Mapping[tuple[int, int], int], title: str) -> Figure:
    """Draw how many students have how many points, as columns.

    Args:
        counts: the number of students, by the first and the last points of each group.
        title: what the drawing is called.
    """
    canvas = Canvas(_WIDTH)
    step = (_WIDTH - 20) / max(len(counts), 1)
    most = max([*counts.values(), 1])
    base = _HEIGHT + 24
    for place, (group, count) in enumerate(counts.items()):
        left, height = 10 + place * step, _HEIGHT * count / most
        middle = left + step / 2
        if count:
            canvas.rect(left + step * 0.12, base - height, step * 0.76, height, fill=NEUTRAL)
            canvas.text(middle, base - height - 5, str(count), _LABEL, anchor="middle")
        canvas.text(middle, base + 16, _group(group), _SMALL, anchor="middle")
    canvas.line([(10, base), (_WIDTH - 10, base)], weight=1)
    canvas.text(_WIDTH / 2, base + 36, wording.POINTS, _LABEL, anchor="middle")
    words = [f"{_group(group)} points: {plural(count, 'student')}" for group, count in counts.items() if count]
    return canvas.finish(base + 44, title, "\n".join(words) or wording.NOBODY)


def _group(group: tuple[int, int]) -> str:
    first, last = group
    return str(first) if first == last else f"{first}–{last}"


def bars(counts: Sequence[tuple[str, int]], of: int, title: str) -> Figure:
    """Draw how many students something is true of, as bars below each other, on a ground as long as all of them.

    Args:
        counts: names with the number of students.
        of: how many students there are.
        title: what the drawing is called.
    """
    canvas = Canvas(_WIDTH)
    names = [_LABEL.wrap(name, _NAMES) for name, _ in counts]
    left = min(_NAMES, max((_LABEL.width(line) for lines in names for line in lines), default=0.0)) + 10
    y = 4.0
    for lines, (_, count) in zip(names, counts, strict=True):
        for number, line in enumerate(lines):
            canvas.text(left - 8, y + 13 + number * 15, line, _LABEL, anchor="end")
        width = (_WIDTH - left - _ROOM) * count / max(of, 1)
        canvas.rect(left, y + 2, _WIDTH - left - _ROOM, 14, fill=veil(NEUTRAL))
        canvas.rect(left, y + 2, max(width, 1), 14, fill=NEUTRAL)
        canvas.text(_WIDTH - _ROOM + 6, y + 13, str(count), _LABEL)
        y += _ROW + (len(lines) - 1) * 15
    canvas.line([(left, 0), (left, y)], weight=1, color=INK)
    words = [f"{name}: {count} of {of}" for name, count in counts]
    return canvas.finish(y + 4, title, "\n".join(words) or wording.NOBODY)
