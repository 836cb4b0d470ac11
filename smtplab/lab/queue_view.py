"""A look at the queue of a host: what waits for whom, since when, and what the queue will do next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..base.duration import SECOND, format_duration
from ..base.printed import Printed, plural
from ..mta.outlook import outlook
from ..mta.queue import Queue
from ..mta.queue_entry import QueueEntry, hop_name
from ..show import style
from .queue_log import aligned

_HEADS = ("id", "age", "sender", "recipients", "next hop", "attempts", "due in", "last answer")
_NULL_PATH = "<>"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An entry of a queue, as words.

    Args:
        entry: the entry.
        age: how long the host has had it.
        due: when the next attempt comes.
        outlook: what the queue will do next with it, when, and why, in sentences.
    """

    entry: QueueEntry
    age: str
    due: str
    outlook: str

    @property
    def last_answer(self) -> str:
        """Why the last attempt failed; empty before the first."""
        return "; ".join(dict.fromkeys(each.words for each in self.entry.last))

    @property
    def cells(self) -> tuple[str, ...]:
        """The entry as the cells of a table."""
        entry = self.entry
        sender = _NULL_PATH if entry.sender.is_null else entry.sender.address
        recipients = ", ".join(path.address for path in entry.recipients)
        attempts = str(entry.attempts)
        return (
            entry.id, self.age, sender, recipients, hop_name(entry.next_hop), attempts, self.due, self.last_answer
        )  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class QueueView(Printed):
    """The queue of a host at one moment; ``str`` gives its text, a notebook shows a table.

    Args:
        host: the name of the host.
        rows: its entries, those that come first at the top.
    """

    host: str
    rows: tuple[QueueRow, ...]

    @classmethod
    def of(cls, host: str, queue: Queue, now: int) -> QueueView:
        """Look at a queue.

        Args:
            host: the name of its host.
            queue: the queue.
            now: the present time of the queue, in microseconds.
        """
        entries = sorted(queue, key=lambda entry: (entry.due, entry.id))
        return cls(host, tuple(_row(queue, entry, now) for entry in entries))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[QueueRow]:
        return iter(self.rows)

    @property
    def summary(self) -> str:
        """How much waits, in one sentence."""
        if not self.rows:
            return f"The queue of {self.host} is empty."
        verb = "waits" if len(self.rows) == 1 else "wait"
        return f"{plural(len(self.rows), 'entry', 'entries')} {verb} in the queue of {self.host}."

    def __str__(self) -> str:
        lines = aligned([_HEADS[:-1], *(row.cells[:-1] for row in self.rows)]) if self.rows else []
        return "\n".join([self.summary, *lines, *self._outlooks])

    __repr__ = __str__

    @property
    def _outlooks(self) -> list[str]:
        return [f"{row.entry.id}: {row.outlook}" for row in self.rows]

    def _repr_html_(self) -> str:
        """Show a table in a notebook, and below it what comes next."""
        table = style.table(_HEADS, [row.cells for row in self.rows]) if self.rows else ""
        told = "".join(f"<div>{style.escape(line)}</div>" for line in self._outlooks)
        return style.panel(told, wide=style.escape(self.summary) + table)


def _row(queue: Queue, entry: QueueEntry, now: int) -> QueueRow:
    if queue.attempt_of(entry.id) is not None:
        due = "under way"
    else:
        due = format_duration(_whole_seconds(entry.due - now)) if entry.due - now >= SECOND else "now"
    return QueueRow(entry, format_duration(_whole_seconds(now - entry.arrived)), due, outlook(queue, entry.id, now))


def _whole_seconds(duration: int) -> int:
    return duration // SECOND * SECOND
