"""Find when students handed in, and their extensions, in Moodle's grading worksheet.

The worksheet has two columns of one name with another word in brackets, ``Last modified (submission)`` and ``Last
modified (grade)``, in any language; the first is that of the submission. An extension stands in the text of the status,
and a student's own due date in a column, if the assignment has any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from .written_times import time_in

_STATES = ("status", "statut", "estado", "stato")
_DUE = ("due date", "fälligkeitsdatum")
NO_TIME = ("", "-")


def submission_column(titles: Iterable[str]) -> str:
    """Return the column with the times of the submissions, in the form of `normal`; empty if there is none."""
    found: dict[str, list[str]] = {}
    for title in titles:
        before, bracket, _ = title.partition("(")
        if bracket and before.strip():
            found.setdefault(before, []).append(title)
    return next((titles[0] for titles in found.values() if len(titles) > 1), "")


def extensions(lines: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the extension of each line in ISO 8601; empty for a line without one.

    A due date counts as an extension if it is later than the one that most students have.
    """
    due_column = next((name for name in _DUE if any(name in cells for cells in lines)), "")
    dues = [time_in(cells.get(due_column, "")) for cells in lines]
    usual = Counter(due for due in dues if due is not None).most_common(1)
    found = []
    for cells, due in zip(lines, dues, strict=True):
        told = [time_in(cells.get(name, "")) for name in _STATES]
        own = due if due is not None and due > usual[0][0] else None
        found.append(_iso(max((moment for moment in (*told, own) if moment is not None), default=None)))
    return found


def submission_time(cell: str) -> str:
    """Return the time in a cell in ISO 8601; empty if it has none that can be read."""
    return _iso(time_in(cell))


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="minutes")
