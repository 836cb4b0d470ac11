"""Tables for the instructor beside the gradebook: CSV files, updated student by student.

Students write some of the text, and spreadsheets open it. So text that a spreadsheet would take for a formula has an
apostrophe before it, and long text is cut. Several runs of nbgrader may write at the same time. If a table cannot be
written, grading goes on, and the log names the table and the reason.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from traitlets.log import get_logger

from ..base.spreadsheet_text import given as _given
from ..base.spreadsheet_text import harmless as _harmless
from .release import write_whole

TableRow = Mapping[str, object]

_LONGEST = 1000  # characters of a text; csv reads none above 131,072, and one student's text must not stop the others
LOCK = ".tables.lock"
_WAIT = 60.0  # seconds until a run gives up that has been waiting for another one; a change takes a few hundredths


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a course folder.

    Args:
        name: the name of the file.
        columns: the names of its columns, in order.
    """

    name: str
    columns: tuple[str, ...]

    def rows(self, course: Path) -> list[dict[str, str]]:
        """Return the rows as they were given, numbers as text; none if there is no table.

        A table that a spreadsheet has saved with semicolons is read as well; unknown columns are skipped.
        """
        path = course / self.name
        if not path.exists():
            return []
        content = path.read_bytes().decode("utf-8-sig", "replace")
        title = content.partition("\n")[0]
        found = csv.DictReader(io.StringIO(content, newline=""), delimiter=";" if ";" in title else ",")
        return [{name: _given(row.get(name) or "") for name in self.columns} for row in found]

    def replace_rows(self, course: Path, key: Mapping[str, str], rows: Sequence[TableRow]) -> None:
        """Replace the rows that have the values of a key, and keep the others.

        Args:
            course: the course folder; a table without rows is not created.
            key: names of columns, with the values that the old and the new rows have there.
            rows: the new rows, without the columns of the key.
        """
        new = [{name: _text(value) for name, value in {**key, **row}.items()} for row in rows]
        theirs = {name: _text(value) for name, value in key.items()}

        def replace() -> None:
            before = self.rows(course)
            kept = [row for row in before if any(row[name] != value for name, value in theirs.items())]
            if [*kept, *new] != before:
                self._write(course, [*kept, *new])

        self._alone(course, replace)

    def make(self, course: Path, rows: Callable[[], Sequence[TableRow]]) -> None:
        """Write the whole table, from the rows that `rows` returns while no other run writes."""
        self._alone(course, lambda: self._write(course, rows()))

    def content(self, rows: Sequence[TableRow]) -> bytes:
        """Return a file with these rows, in UTF-8; no text in it is a formula."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.columns)
        writer.writeheader()
        writer.writerows({name: _harmless(_text(value)) for name, value in row.items()} for row in rows)
        return text.getvalue().encode()

    def _alone(self, course: Path, change: Callable[[], None]) -> None:
        """Change the table while no other run does."""
        try:
            with locked(course):
                change()
        except (OSError, sqlite3.Error, csv.Error) as error:
            get_logger().error("%s has not been brought up to date: %s; grade again when it can be", self.name, error)

    def _write(self, course: Path, rows: Sequence[TableRow]) -> None:
        write_whole(course / self.name, self.content(rows))


_held: set[Path] = set()  # the course folders whose tables this run has locked


@contextmanager
def locked(course: Path) -> Iterator[None]:
    """Let no other run change the tables of a course meanwhile; inside it, a change needs no lock of its own.

    The lock is SQLite's, as for the gradebook.

    Raises:
        sqlite3.Error: if another run has it for too long, or the folder cannot be written.
    """
    if course in _held:
        yield
        return
    with closing(sqlite3.connect(course / LOCK, timeout=_WAIT, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        _held.add(course)
        try:
            yield
        finally:
            _held.discard(course)


def _text(value: object) -> str:
    """Return a value as the text of a cell."""
    text = str(value).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
