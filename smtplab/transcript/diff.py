"""Compare two conversations line by line: which lines both have, which only one has, and where they first differ.

Only what was on the wire is compared: times, dates within the lines, and notes are ignored. The lines come from
transcripts; any value with `side`, `mark` and `text` will do.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..base.printed import Printed
from .rows import Row, Side

# RFC 5322 3.3, as servers put it into greetings and trace fields; the lecture leaves the time out: "6 Aug 2004 . . .".
_DATE = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?[0-9]{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4}"
    r" (?:[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?: [+-][0-9]{4}| [A-Z]{1,5})?|\. ?\. ?\.)"
)
_NAMES = ("first", "second")
_MEANINGS = {" ": "in both", "-": "only in the first", "+": "only in the second", "~": "with another date"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of the comparison.

    Args:
        mark: a space for a line that both have, ``~`` if its dates differ, ``-`` for one that only the first has, ``+``
            for one that only the second has.
        first: the line in the first conversation; None if it is not there.
        second: the line in the second one.
    """

    mark: str
    first: Row | None
    second: Row | None

    def __str__(self) -> str:
        return f"{self.mark} {self.first or self.second}"


class Diff(Printed):
    """How two conversations differ; ``str`` marks the lines, a notebook shows two columns.

    Args:
        first: the rows of one conversation.
        second: those of the other.
        names: what the columns are called in a notebook.

    Attributes:
        lines: all lines in order, each a `DiffLine`.
    """

    def __init__(self, first: Iterable[Row], second: Iterable[Row], names: tuple[str, str] = _NAMES) -> None:
        self.names = names
        left, right = (tuple(row for row in rows if row.side is not Side.NOTE) for rows in (first, second))
        self.lines = tuple(_compare(left, right))

    @property
    def same(self) -> bool:
        """True if both have the same lines; dates may differ."""
        return self.parting is None

    @property
    def parting(self) -> int | None:
        """The number of the line, from 1, in which they first differ; None if they do not."""
        return next((number for number, line in enumerate(self.lines, 1) if line.mark in "-+"), None)

    @property
    def summary(self) -> str:
        """One sentence that says where they first differ."""
        if self.parting is None:
            dates = "; ~ marks another date" if any(line.mark == "~" for line in self.lines) else ""
            lines = f"{len(self.lines)} lines" if len(self.lines) != 1 else "line"
            return f"Both conversations have the same {lines}{dates}."
        said = [_next_of(self.lines[self.parting - 1 :], side) for side in ("first", "second")]
        return f"The conversations first part in line {self.parting}: the first {said[0]}, the second {said[1]}."

    def __str__(self) -> str:
        return "\n".join([self.summary, *map(str, self.lines)])

    def __repr__(self) -> str:
        return f"<Diff: {self.summary}>"

    def _repr_html_(self) -> str:
        """Show two columns in a notebook; a line that only one conversation has is framed and marked."""
        heads = "".join(f'<th scope="col" style="{_CELL}">{html.escape(head)}</th>' for head in ("", *self.names))
        rows = "".join(_html_row(line) for line in self.lines)
        return (
            f'<div>{html.escape(self.summary)}</div><table style="border-collapse: collapse; margin: 4px 0 0 0">'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        )


_CELL = "text-align: left; vertical-align: top; padding: 1px 8px"
_FRAME = "; border: 1px solid; font-weight: bold"
_CODE = "; font-family: monospace; white-space: pre-wrap"
_HANGING = "; padding-left: 4ch; text-indent: -3ch; overflow-wrap: anywhere"  # behind the mark and its blank


def _html_row(line: DiffLine) -> str:
    said = f"{_CELL}{_CODE}{_HANGING}"
    cells = "".join(
        f'<td style="{said}{_FRAME if row and line.mark in "-+" else ""}">{html.escape(str(row or ""))}</td>'
        for row in (line.first, line.second)
    )
    return f'<tr><td style="{_CELL}{_CODE}" title="{_MEANINGS[line.mark]}">{line.mark}</td>{cells}</tr>'


def _key(row: Row) -> tuple[str, str]:
    return row.mark, _DATE.sub("(date)", row.text)


def _compare(left: tuple[Row, ...], right: tuple[Row, ...]) -> Iterable[DiffLine]:
    """Yield the lines of both; where they differ, those of the first come first."""
    ours, theirs = [_key(row) for row in left], [_key(row) for row in right]
    # Most conversations differ late, if at all: their common beginning needs no search.
    begin = next((at for at, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    begin = min(len(ours), len(theirs)) if begin is None else begin
    yield from (_both(*pair) for pair in zip(left[:begin], right[:begin], strict=True))
    matcher = SequenceMatcher(None, ours[begin:], theirs[begin:], autojunk=False)
    for kind, *bounds in matcher.get_opcodes():
        first, end, other_first, other_end = (bound + begin for bound in bounds)
        if kind == "equal":
            yield from (_both(*pair) for pair in zip(left[first:end], right[other_first:other_end], strict=True))
        else:
            yield from (DiffLine("-", row, None) for row in left[first:end])
            yield from (DiffLine("+", None, row) for row in right[other_first:other_end])


def _both(first: Row, second: Row) -> DiffLine:
    return DiffLine(" " if first.text == second.text else "~", first, second)


def _next_of(lines: tuple[DiffLine, ...], which: str) -> str:
    """Return what one conversation has where they differ, in words."""
    row = next((row for line in lines if (row := getattr(line, which)) is not None), None)
    return "has ended" if row is None else f"has {str(row)!r}"
