"""What the queues of a lab have done, in the order of time: mail queued, attempts, deliveries, reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..base.duration import format_due, format_duration
from ..base.printed import Printed
from ..mta import sentences as mta_sentences
from ..mta.attempt import Action, RecipientResult, addresses, alike
from ..mta.queue_entry import QueueEntry, Settlement, hop_name
from ..mta.queue_events import (
    AttemptSettled,
    AttemptStarted,
    EntryDropped,
    Origin,
    Queued,
    QueueEvent,
    Reported,
    ReportSuppressed,
)
from ..mta.trace import format_date
from ..show import style

_MICROSECOND = timedelta(microseconds=1)
_FIRST_ROWS, _LAST_ROWS = 8, 4  # of a log that has more, its middle is not shown
_ORIGINS = {Origin.REPORT: "report ", Origin.EXPANDED: "copy "}
_DONE = {Action.RELAYED: "handed on", Action.DELIVERED: "delivered", Action.EXPANDED: "sent on"}

# RFC 5321 6.1: a message from the null reverse-path, such as a bounce, gets no bounce.
_SUPPRESSED = "no report is sent, because the reverse-path is null, so nobody waits for one"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that the queue of a host did.

    Args:
        time: when, by the clock of the lab.
        host: the name of the host.
        id: the id of the entry of the queue.
        event: what happened, in full.
        words: the same in a few words.
        next_due: when the next attempt is due, in microseconds from then; None if none is.
    """

    time: datetime
    host: str
    id: str
    event: QueueEvent
    words: str
    next_due: int | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Time, host, id and words, as the cells of a table."""
        return short_time(self.time), self.host, self.id, self.words


class QueueLog(Printed):
    """What the queues of a lab did in some time; a sequence of `LogEntry`, shown as text and in a notebook as a table.

    Args:
        entries: in the order of time.
        began, ended: the time that the log covers.
        waiting: what still waits at its end, and why, in sentences.
    """

    def __init__(
        self, entries: Iterable[LogEntry], began: datetime, ended: datetime, waiting: tuple[str, ...] = ()
    ) -> None:
        self.entries = tuple(entries)
        self.began, self.ended = began, ended
        self.waiting = waiting

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[LogEntry]:
        return iter(self.entries)

    def __getitem__(self, index: int) -> LogEntry:
        return self.entries[index]

    @property
    def summary(self) -> str:
        """How much time has passed, and until when."""
        passed = format_duration((self.ended - self.began) // _MICROSECOND)
        nothing = "" if self.entries else " The queues did nothing."
        return f"{passed} passed; it is {short_time(self.ended)}.{nothing}"

    def __str__(self) -> str:
        return "\n".join([*aligned(self._rows), self.summary, *self.waiting])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show a table in a notebook."""
        shown = style.table(("time", "host", "id", "what"), self._rows) if self.entries else ""
        told = "".join(f"<div>{style.escape(line)}</div>" for line in self.waiting)
        return style.panel(shown + style.escape(self.summary) + told)

    @property
    def _rows(self) -> list[tuple[str, str, str, str]]:
        """What is shown: no beginning of an attempt whose end follows, and of a long log its two ends."""
        ended = {each.event.attempt for each in self.entries if isinstance(each.event, AttemptSettled)}
        rows = [
            each.cells
            for each in self.entries
            if not (isinstance(each.event, AttemptStarted) and each.event.attempt in ended)
        ]
        more = len(rows) - _FIRST_ROWS - _LAST_ROWS
        if more <= 1:
            return rows
        left_out = ("...", "", "", f"{more} more")
        return [*rows[:_FIRST_ROWS], left_out, *rows[-_LAST_ROWS:]]


def short_time(time: datetime) -> str:
    """Return a time as in a mail's Date field, without weekday, year and zone: ``6 Aug 10:25:00``."""
    _, day, month, _, clock, _ = format_date(time).split()
    return f"{day} {month} {clock}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines of text, each column as wide as its longest cell."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def log_entries(time: datetime, host: str, event: QueueEvent, now: int) -> Iterator[LogEntry]:
    """Yield the entries of the log for an event of a queue.

    Args:
        time: the time of the lab's clock.
        host: the name of the host.
        event: the event.
        now: the time of the queue, in microseconds.
    """
    match event:
        case Queued(entries, origin):
            for entry in entries:
                words = f"{_ORIGINS.get(origin, '')}queued for {_addresses(entry)}"
                yield LogEntry(time, host, entry.id, event, words)
        case AttemptStarted(attempt):
            words = f"attempt {attempt.number} to reach {hop_name(attempt.entry.next_hop)}"
            yield LogEntry(time, host, attempt.entry.id, event, words)
        case AttemptSettled(attempt, settlement):
            next_due = None if settlement.entry is None else settlement.entry.due - now
            for words in _came_to(settlement, next_due):
                yield LogEntry(time, host, attempt.entry.id, event, f"attempt {attempt.number}: {words}", next_due)
        case Reported(entry, queue_id, results):
            kind = "bounce" if any(each.action is Action.FAILED for each in results) else "warning"
            yield LogEntry(time, host, entry.id, event, f"{kind} {queue_id} to {entry.sender.address}")
        case ReportSuppressed(entry, _):
            yield LogEntry(time, host, entry.id, event, _SUPPRESSED)
        case EntryDropped(entry):
            yield LogEntry(time, host, entry.id, event, "dropped on request; nobody is told")


def _addresses(entry: QueueEntry) -> str:
    return ", ".join(path.address for path in entry.recipients)


def _came_to(settlement: Settlement, next_due: int | None) -> Iterator[str]:
    """Say what an attempt came to, for each recipient."""
    for each in settlement.done:
        host = f" to {each.host}" if each.action is Action.RELAYED and each.host else ""
        yield f"{_DONE[each.action]}{host}: {each.path.address}"
    for group in alike(settlement.failed):
        yield f"failed for {addresses(group)}: {group[0].words}"
    for group in alike(settlement.delayed):
        yield f"not now for {addresses(group)}: {_why(group[0])}; next attempt {format_due(next_due or 0)}"


def _why(result: RecipientResult) -> str:
    if not result.possible_duplicate:
        return result.words
    return f"{result.words}; {mta_sentences.MAY_HAVE_IT_TOO.format(host=result.host)}"
