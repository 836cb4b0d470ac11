"""Charts of a run, each with the same in words: the queues over time, and how long mail took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..base.duration import DAY, HOUR, MINUTE, SECOND, format_duration, ticks
from ..base.printed import plural
from ..protocol.codes import Severity
from ..show.figure import Canvas, Figure, Font, Point
from ..show.style import SEVERITY_COLORS
from .recording import FinalDelivery, QueueLength, Recording

_WIDTH = 760.0
_HEAD, _LABEL = Font(14, bold=True), Font(12)
_LEFT, _RIGHT, _TOP, _HEIGHT = 70.0, 740.0, 60.0, 200.0
_ROW = 20.0
_LABEL_WIDTH = 60.0  # of a time below the axis
_COLOR = SEVERITY_COLORS[Severity.POSITIVE_INTERMEDIATE]
_DOWN = SEVERITY_COLORS[Severity.PERMANENT_NEGATIVE]
_MOST_HOSTS = 12  # whose outages are drawn in rows of their own
_MOST_POINTS = 800

# The classes of delays: how they are called, and below what they end.
_DELAYS = (
    ("under 1 s", SECOND),
    ("1 s to 1 min", MINUTE),
    ("1 to 10 min", 10 * MINUTE),
    ("10 min to 1 h", HOUR),
    ("1 to 4 h", 4 * HOUR),
    ("4 h to 1 d", DAY),
    ("1 to 3 d", 3 * DAY),
    ("3 d or more", 10**6 * DAY),
)


def delay_counts(deliveries: Iterable[FinalDelivery]) -> dict[str, int]:
    """Return how many copies took how long from their sender to their mailbox, by the classes of delays."""
    counts = {name: 0 for name, _ in _DELAYS}
    for delivery in deliveries:
        if delivery.delay is not None:
            counts[next(name for name, end in _DELAYS if delivery.delay < end)] += 1
    return counts


def delay_chart(deliveries: Iterable[FinalDelivery]) -> Figure:
    """Draw how many copies took how long from their sender to their mailbox."""
    counts = delay_counts(deliveries)
    title = f"Delays of {plural(sum(counts.values()), 'delivery', 'deliveries')}"
    canvas = Canvas(_WIDTH)
    canvas.text(8, 22, title, _HEAD)
    most = max(counts.values()) or 1
    for row, (name, count) in enumerate(counts.items()):
        y = 52 + row * _ROW
        canvas.text(8, y, name, _LABEL)
        if count:
            canvas.rect(130, y - 11, count / most * 540, 14, fill=_COLOR, radius=2)
        canvas.text(138 + count / most * 540, y, str(count), _LABEL)
    words = [f"{title}.", *(f"  {name}: {count}" for name, count in counts.items())]
    return canvas.finish(52 + len(counts) * _ROW, title, "\n".join(words))


def queue_chart(recording: Recording, ended: int) -> Figure:
    """Draw how many entries all queues had together over time, and below it when hosts were down.

    Args:
        recording: what has happened.
        ended: when the run ended, in microseconds.
    """
    totals = list(_totals(recording.lengths))
    outages = _outages(recording, ended)
    most = max((count for _, count in totals), default=0)
    title = f"Queues over {format_duration(ended)}: at most {plural(most, 'entry', 'entries')}"
    canvas = Canvas(_WIDTH)
    canvas.text(8, 22, title, _HEAD)
    _draw_axes(canvas, ended, most)
    canvas.line(_steps(totals, ended, most), color=_COLOR)
    bottom = _draw_outages(canvas, outages, ended)
    return canvas.finish(bottom, title, "\n".join(_words(title, totals, outages, ended)))


def _totals(lengths: Sequence[QueueLength]) -> Iterator[tuple[int, int]]:
    """Yield the entries of all queues together, each time they changed."""
    of_host: dict[str, int] = {}
    total = 0
    for time, host, entries in lengths:
        total += entries - of_host.get(host, 0)
        of_host[host] = entries
        yield time, total


def _at(time: int, ended: int) -> float:
    return _LEFT + (_RIGHT - _LEFT) * time / max(ended, 1)


def _up(count: int, most: int) -> float:
    return _TOP + _HEIGHT - _HEIGHT * count / max(most, 1)


def _draw_axes(canvas: Canvas, ended: int, most: int) -> None:
    canvas.line([(_LEFT, _TOP), (_LEFT, _TOP + _HEIGHT), (_RIGHT, _TOP + _HEIGHT)], weight=1.0)
    canvas.text(8, _TOP - 16, "entries", _LABEL)
    for count in sorted({0, most // 2, most}):
        canvas.text(_LEFT - 8, _up(count, most) + 4, str(count), _LABEL, anchor="end")
    for time in ticks(ended):
        x = _at(time, ended)
        canvas.line([(x, _TOP + _HEIGHT), (x, _TOP + _HEIGHT + 4)], weight=1.0)
        anchor = "end" if x > _RIGHT - _LABEL_WIDTH / 2 else "middle"
        canvas.text(x, _TOP + _HEIGHT + 18, format_duration(time), _LABEL, anchor=anchor)


def _steps(totals: Sequence[tuple[int, int]], ended: int, most: int) -> list[Point]:
    """Return a line that keeps its height until the next change; of many changes the highest in each place."""
    highest: dict[int, tuple[int, int]] = {}
    for time, count in totals:
        place = time * _MOST_POINTS // max(ended, 1)
        highest[place] = max(highest.get(place, (0, 0))[0], count), count
    points, last = [(_LEFT, _up(0, most))], 0
    for place, (peak, count) in highest.items():
        x = _at(place, _MOST_POINTS)
        points += [(x, _up(last, most)), (x, _up(peak, most)), (x, _up(count, most))]
        last = count
    return [*points, (_RIGHT, _up(last, most))]


def _outages(recording: Recording, ended: int) -> dict[str, list[tuple[int, int]]]:
    """Return when each host was down."""
    found: dict[str, list[tuple[int, int]]] = {}
    for event in recording.events:
        if event.event == "down":
            found.setdefault(event.host, []).append((event.time, ended))
        elif event.event == "up":
            found[event.host][-1] = found[event.host][-1][0], event.time
    return found


def _draw_outages(canvas: Canvas, outages: dict[str, list[tuple[int, int]]], ended: int) -> float:
    """Draw a bar for each outage; hosts share one row if there are many. Return the y below."""
    y = _TOP + _HEIGHT + 44
    rows = {f"{host} down": windows for host, windows in outages.items()}
    if len(outages) > _MOST_HOSTS:
        rows = {"hosts down": [each for some in outages.values() for each in some]}
    for label, windows in rows.items():
        canvas.text(_LEFT, y, label, _LABEL)
        for begin, end in windows:
            canvas.rect(_at(begin, ended), y + 5, max(_at(end, ended) - _at(begin, ended), 1.0), 6, fill=_DOWN)
        y += _ROW + 12
    return y


def _words(
    title: str, totals: Sequence[tuple[int, int]], outages: dict[str, list[tuple[int, int]]], ended: int
) -> Iterator[str]:
    yield f"{title}."
    times = {format_duration(time): time for time in (*ticks(ended, 12), ended)}
    for shown, time in times.items():
        count = next((count for at, count in reversed(totals) if at <= time), 0)
        yield f"  after {shown}: {count}"
    for host, windows in list(outages.items())[:_MOST_HOSTS]:
        spans = ", ".join(f"{format_duration(begin)} to {format_duration(end)}" for begin, end in windows)
        yield f"{host} was down from {spans}."
    if len(outages) > _MOST_HOSTS:
        yield f"{len(outages) - _MOST_HOSTS} more hosts were down for a time."
