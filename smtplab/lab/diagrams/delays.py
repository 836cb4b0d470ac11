"""The chart of delays: each message in a queue as a bar over time, with its attempts and the outages of hosts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from ...base.duration import SECOND, format_duration
from ...base.printed import plural
from ...protocol.codes import Severity
from ...show.figure import Canvas, Figure
from ...show.style import EDGE, NEUTRAL, SEVERITY_COLORS, veil
from .. import sentences
from ..deliveries import DELIVERED, FAILED, QueuedMail, deliveries
from ..internet import Lab
from ..queue_log import short_time
from .paper import ASIDE, CODE_SMALL, LABEL, SMALL, TINY, TINY_BOLD, WIDTH

_LEFT, _RIGHT = 250.0, 660.0  # of the bars; the delay stands to the right of them
_TOP, _PITCH, _BAR = 58.0, 26.0, 14.0
_MOST_ROWS = 16
_STEPS = (1, 5, 15, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400)  # seconds between two lines
_MOST_LINES = 8
_COLORS = {
    DELIVERED: SEVERITY_COLORS[Severity.POSITIVE_COMPLETION],
    FAILED: SEVERITY_COLORS[Severity.PERMANENT_NEGATIVE],
}


def delay_chart(lab: Lab) -> Figure:
    """Draw how long each message was in a queue: a bar from when it was queued, with a stroke for each attempt.

    The times in which hosts were down are shaded. Reports that hosts have written themselves are left out.

    Args:
        lab: a lab whose hosts queue.

    Raises:
        ValueError: if the lab has no queues.
        TypeError: if it is not a lab.
    """
    if not isinstance(lab, Lab):
        raise TypeError(sentences.CHART_TAKES_A_LAB.format(kind=type(lab).__name__))
    mails = deliveries(lab.log)
    canvas = Canvas(WIDTH)
    bottom = _Chart(canvas, lab, mails[:_MOST_ROWS]).draw(len(mails))
    title = f"Delays of {plural(len(mails), 'message')} in queues"
    return canvas.finish(bottom, title, "\n".join(_words(lab, mails, title)))


def _words(lab: Lab, mails: tuple[QueuedMail, ...], title: str) -> Iterator[str]:
    yield f"{title}, by the clock of the lab, which began at {short_time(lab.log.began)}."
    for outage in lab.outages:
        until = f"until {short_time(outage.ended)}" if outage.ended is not None else "and still is"
        yield f"{outage.host} was down from {short_time(outage.began)} {until}."
    for mail in mails:
        attempts = plural(len(mail.attempts), "attempt")
        yield f"{mail.host} {mail.id} to {', '.join(mail.recipients)}: {_delay(mail)}, {attempts}."


def _delay(mail: QueuedMail) -> str:
    if mail.seconds is None:
        return "waits"
    return f"{mail.outcome} after {format_duration(round(mail.seconds * SECOND))}"


@dataclass(slots=True)
class _Chart:
    """The drawing. Time goes from left to right, and each message has a row."""

    canvas: Canvas
    lab: Lab
    mails: tuple[QueuedMail, ...]

    @property
    def seconds(self) -> float:
        """How much time the chart covers."""
        ends = [mail.ended or self.lab.clock for mail in self.mails]
        return max(((end - self.lab.log.began).total_seconds() for end in ends), default=0.0) or 1.0

    def draw(self, count: int) -> float:
        """Draw everything; return the y of the bottom."""
        bottom = _TOP + _PITCH * max(len(self.mails), 1)
        if self.mails:
            self._outages(bottom)
            self._axis(bottom)
        for number, mail in enumerate(self.mails):
            self._mail(mail, _TOP + _PITCH * number)
        if not self.mails:
            self.canvas.text(_LEFT, _TOP + 14, "(no message was queued)", ASIDE)
        if left_out := count - len(self.mails):
            bottom += 16
            self.canvas.text(8, bottom, f"({plural(left_out, 'more message')})", ASIDE)
        text = "A stroke is an attempt. The number at the right is the time in the queue; a shaded time is an outage."
        self.canvas.text(8, bottom + 24, text, SMALL)
        return bottom + 36

    def _x(self, time: datetime) -> float:
        share = (time - self.lab.log.began).total_seconds() / self.seconds
        return _LEFT + min(share, 1.0) * (_RIGHT - _LEFT)

    def _axis(self, bottom: float) -> None:
        step = next((each for each in _STEPS if self.seconds / each <= _MOST_LINES), 0)
        step = step or 86400 * ceil(self.seconds / 86400 / _MOST_LINES)
        for number in range(int(self.seconds / step) + 1):
            x = self._x(self.lab.log.began + timedelta(seconds=step * number))
            self.canvas.line([(x, _TOP - 6), (x, bottom)], weight=1, opacity=EDGE, dash="" if number == 0 else "2 4")
            self.canvas.text(x, _TOP - 12, format_duration(step * number * SECOND), TINY, anchor="middle")
        self.canvas.text(8, _TOP - 12, "queued for", LABEL)

    def _outages(self, bottom: float) -> None:
        for outage in self.lab.outages:
            left, right = self._x(outage.began), self._x(outage.ended or self.lab.clock)
            told = f"{outage.host} is down"
            with self.canvas.tip(told):
                self.canvas.rect(left, _TOP - 6, max(right - left, 1.0), bottom - _TOP + 6, fill=veil(NEUTRAL, 0.2))
                if right - left > TINY_BOLD.width(told) + 8:
                    self.canvas.text((left + right) / 2, 22, told, TINY_BOLD, anchor="middle")

    def _mail(self, mail: QueuedMail, y: float) -> None:
        end = mail.ended or self.lab.clock
        left, right = self._x(mail.queued), self._x(end)
        name = CODE_SMALL.wrap(f"{mail.id} {', '.join(mail.recipients)}", _LEFT - 24)
        self.canvas.text(8, y + 15, name[0] + (" ..." if len(name) > 1 else ""), CODE_SMALL)
        color = _COLORS.get(mail.outcome, NEUTRAL)
        self.canvas.rect(left, y + 4, max(right - left, 2.0), _BAR, fill=veil(color, 0.4), stroke=color, weight=1.5)
        for attempt in mail.attempts:
            x = self._x(attempt)
            self.canvas.line([(x, y + 2), (x, y + 6 + _BAR)], weight=2)
        text = "waits" if mail.seconds is None else format_duration(round(mail.seconds * SECOND))
        self.canvas.chip(WIDTH - 8, y + 15, text, color, TINY_BOLD, anchor="end")
