"""A picture of the queues at one moment: the hosts, what waits at each, and what moves between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ...base.printed import plural
from ...mta.attempt import Action
from ...mta.queue_entry import LOCAL
from ...mta.queue_events import AttemptSettled, AttemptStarted, EntryDropped, Origin, Queued
from ...protocol.codes import Severity
from ...show.figure import Canvas, Figure
from ...show.style import NEUTRAL, SEVERITY_COLORS, SIDE_COLORS, veil
from ...transcript import Side
from ..internet import Lab
from ..queue_log import LogEntry, short_time
from .paper import ASIDE, CODE_BOLD, CODE_SMALL, LABEL, SMALL, TINY, WIDTH

_GAP = timedelta(seconds=2)  # what is nearer together in time is one moment
_HOST_WIDTH, _HOST_GAP, _LEFT = 236.0, 18.0, 8.0
_TOP, _HEAD, _PITCH = 78.0, 44.0, 22.0
_MOST_ENTRIES, _MOST_MOVES, _MOST_LINES = 6, 5, 6
_LINE_GAP = 12.0  # from one move to the next, above the hosts

_DONE, _LATER, _NEVER = (
    SEVERITY_COLORS[Severity.POSITIVE_COMPLETION],
    SEVERITY_COLORS[Severity.TRANSIENT_NEGATIVE],
    SEVERITY_COLORS[Severity.PERMANENT_NEGATIVE],
)


@dataclass(frozen=True, slots=True)
class Move:
    """A message that a host handed on, or tried to.

    Args:
        start, end: the names of the hosts.
        id: the entry of the queue.
        result: what came of it, in a word.
    """

    start: str
    end: str
    id: str
    result: str

    @property
    def color(self) -> str:
        """The colour of the result."""
        return {"handed on": _DONE, "not now": _LATER, "never": _NEVER}.get(self.result, NEUTRAL)


@dataclass(slots=True)
class QueueMoment:
    """The queues of a lab at one moment.

    Args:
        time: the moment.
        waiting: for each host what waits in its queue: the id of each entry, and for whom.
        down: the hosts that are down.
        moves: what moved since the moment before.
        told: what happened since the moment before, one sentence each.
    """

    time: datetime
    waiting: dict[str, dict[str, str]]
    down: tuple[str, ...] = ()
    moves: list[Move] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def queue_moments(lab: Lab) -> tuple[QueueMoment, ...]:
    """Return the moments of a lab's history: its beginning, and each time at which a queue or a host did something.

    Args:
        lab: a lab whose hosts queue.

    Raises:
        ValueError: if the lab has no queues.
    """
    log = lab.log
    hosts = lab.host_names
    moments = [QueueMoment(log.began, {host: {} for host in hosts}, told=["The lab begins."])]
    for group in _in_groups(_happenings(lab)):
        before = moments[-1]
        waiting = {host: dict(entries) for host, entries in before.waiting.items()}
        moment = QueueMoment(group[-1][0], waiting)
        for _, happening in group:
            _take(moment, happening)
        moment.down = tuple(
            host
            for host in hosts
            if any(
                each.host == host and each.began <= moment.time and (each.ended is None or each.ended > moment.time)
                for each in lab.outages
            )
        )
        moments.append(moment)
    return tuple(moments)


def queue_picture(lab: Lab, moment: QueueMoment | None = None, *, among: Sequence[QueueMoment] = ()) -> Figure:
    """Draw the hosts of a lab with what waits in their queues, and the messages that move between them.

    Args:
        lab: a lab whose hosts queue.
        moment: one of `queue_moments`; the last one by default.
        among: moments whose pictures are to have the same size, because a player shows one after the other.

    Raises:
        ValueError: if the lab has no queues.
    """
    moment = queue_moments(lab)[-1] if moment is None else moment
    canvas = Canvas(WIDTH)
    bottom = _MomentDrawing(canvas, lab, moment, [moment, *among]).draw()
    title = f"The queues at {short_time(moment.time)}"
    return canvas.finish(bottom, title, "\n".join(_words(moment)))


def _words(moment: QueueMoment) -> Iterator[str]:
    yield f"The queues of the lab at {short_time(moment.time)}."
    for host, entries in moment.waiting.items():
        listed = ", ".join(f"{entry_id} for {whom}" for entry_id, whom in entries.items())
        state = "down" if host in moment.down else "up"
        yield f"{host} is {state}. " + (f"In its queue: {listed}." if entries else "Its queue is empty.")
    yield from (f"  {each}" for each in moment.told)


# What happened


def _happenings(lab: Lab) -> list[tuple[datetime, LogEntry | str]]:
    """Return the log and the outages, in the order of time."""
    found: list[tuple[datetime, LogEntry | str]] = [(each.time, each) for each in lab.log]
    for outage in lab.outages:
        found.append((outage.began, f"{outage.host} goes down."))
        if outage.ended is not None:
            found.append((outage.ended, f"{outage.host} is up again."))
    return sorted(found, key=lambda pair: pair[0])


def _in_groups(
    happenings: Sequence[tuple[datetime, LogEntry | str]],
) -> Iterator[list[tuple[datetime, LogEntry | str]]]:
    group: list[tuple[datetime, LogEntry | str]] = []
    for each in happenings:
        if group and (each[0] - group[-1][0] > _GAP or _is_work(each[1]) != _is_work(group[-1][1])):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _is_work(happening: LogEntry | str) -> bool:
    """Return True if a host works on its queue; what comes into a queue from outside is another moment."""
    if isinstance(happening, str):
        return False
    event = happening.event
    return not (isinstance(event, Queued) and event.origin is Origin.RECEIVED)


def _take(moment: QueueMoment, happening: LogEntry | str) -> None:
    """Change a moment by one thing that happened."""
    if isinstance(happening, str):
        moment.told.append(happening)
        return
    waiting, event = moment.waiting[happening.host], happening.event
    if not isinstance(event, AttemptStarted):
        moment.told.append(f"{happening.host} {happening.id}: {happening.words}.")
    if isinstance(event, Queued):
        whom = (path.address for entry in event.entries if entry.id == happening.id for path in entry.recipients)
        waiting[happening.id] = ", ".join(whom)
    elif isinstance(event, EntryDropped):
        waiting.pop(happening.id, None)
    elif isinstance(event, AttemptSettled):
        if event.settlement.entry is None:
            waiting.pop(happening.id, None)
        else:
            waiting[happening.id] = ", ".join(path.address for path in event.settlement.entry.recipients)
        moment.moves += [each for each in _moves(happening, event) if each not in moment.moves]


_RESULTS = {Action.RELAYED: "handed on", Action.DELAYED: "not now", Action.FAILED: "never"}


def _moves(noted: LogEntry, event: AttemptSettled) -> Iterator[Move]:
    """Yield where the message of an attempt went."""
    if event.attempt.entry.next_hop == LOCAL:
        return
    settlement = event.settlement
    for each in (*settlement.done, *settlement.failed, *settlement.delayed):
        if each.host and each.action in _RESULTS:
            yield Move(noted.host, each.host, noted.id, _RESULTS[each.action])


# The drawing


class _MomentDrawing:
    """Draw the hosts side by side, the moves above them, and below them what happened."""

    def __init__(self, canvas: Canvas, lab: Lab, moment: QueueMoment, among: Sequence[QueueMoment]) -> None:
        self.canvas = canvas
        self.moment = moment
        self.rows = max(min(len(entries), _MOST_ENTRIES + 1) for each in among for entries in each.waiting.values())
        self.lines = max(len(_lines(each)) for each in among)
        lanes = max(min(len(each.moves), _MOST_MOVES) for each in among)
        self.xs = {host: _LEFT + number * (_HOST_WIDTH + _HOST_GAP) for number, host in enumerate(lab.host_names)}
        self.moves = [move for move in moment.moves if move.end in self.xs and move.end != move.start][:_MOST_MOVES]
        self.top = _TOP + _LINE_GAP * 2 * max(lanes - 1, 0)

    def draw(self) -> float:
        """Draw everything; return the y of the bottom."""
        self.canvas.text(_LEFT, 20, short_time(self.moment.time), LABEL)
        height = _HEAD + _PITCH * max(1, self.rows) + 10
        for host in self.xs:
            self._host(host, height)
        for number, move in enumerate(self.moves):
            self._move(move, number)
        return self._told(self.top + height + 14)

    def _host(self, host: str, height: float) -> None:
        canvas, x, y = self.canvas, self.xs[host], self.top
        color = SIDE_COLORS[Side.SERVER]
        down = host in self.moment.down
        canvas.rect(x, y, _HOST_WIDTH, height, fill=veil(NEUTRAL if down else color, 0.07), radius=8)
        dash = "6 4" if down else ""
        canvas.rect(x, y, _HOST_WIDTH, height, stroke=NEUTRAL if down else color, weight=1.5, radius=8, dash=dash)
        canvas.text(x + 10, y + 18, host, CODE_BOLD)
        canvas.text(x + _HOST_WIDTH - 10, y + 18, "down" if down else "up", LABEL, anchor="end")
        entries = self.moment.waiting[host]
        canvas.text(x + 10, y + 36, f"queue: {plural(len(entries), 'entry', 'entries')}", TINY)
        for number, (entry_id, whom) in enumerate(entries.items()):
            at = y + _HEAD + 14 + _PITCH * number
            if number == _MOST_ENTRIES:
                canvas.text(x + 10, at, f"({len(entries) - number} more)", ASIDE)
                return
            lines = TINY.wrap(whom, _HOST_WIDTH - 124)
            with canvas.tip(f"{entry_id} for {whom}"):
                canvas.chip(x + 15, at, entry_id, NEUTRAL, CODE_SMALL)
                canvas.text(x + 92, at, lines[0] + (" ..." if len(lines) > 1 else ""), TINY)

    def _move(self, move: Move, number: int) -> None:
        lane = self.top - 18 - _LINE_GAP * 2 * number
        right = self.xs[move.end] > self.xs[move.start]
        middle = _HOST_WIDTH / 2
        start = self.xs[move.start] + middle + (12 + 9 * number) * (1 if right else -1)
        end = self.xs[move.end] + middle - (12 + 9 * number) * (1 if right else -1)
        dash = "" if move.result == "handed on" else "7 5"
        self.canvas.arrow([(start, self.top), (start, lane), (end, lane), (end, self.top)], weight=2, dash=dash)
        text = f"{move.id}: {move.result}"
        self.canvas.chip((start + end) / 2, lane + 4, text, move.color, CODE_SMALL, anchor="middle")

    def _told(self, y: float) -> float:
        for number, line in enumerate(_lines(self.moment), 1):
            self.canvas.text(_LEFT, y + 18 * number, line, ASIDE if line.startswith("(") else SMALL)
        return y + 18 * self.lines + 12


def _lines(moment: QueueMoment) -> list[str]:
    """Return what happened as lines of text, not more than fit."""
    lines = [line for each in moment.told for line in SMALL.wrap(each, WIDTH - 30)]
    more = len(lines) - _MOST_LINES
    return lines if more <= 0 else [*lines[:_MOST_LINES], f"({plural(more, 'more line')})"]
