"""Tables for the instructor beside the gradebook: CSV files that are brought up to date student by student."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, object]


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table; none if it is not there."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def replace_rows(path: Path, columns: Sequence[str], key: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Put new rows in the place of those that have the values of a key, and leave the others.

    Args:
        path: the table; it is not made for nothing.
        columns: the names of its columns.
        key: names of columns, with the values that the new rows have there, too.
        rows: the new rows, without the columns of the key.
    """
    before = read(path)
    kept: list[Row] = [row for row in before if any(row.get(name) != value for name, value in key.items())]
    after = [*kept, *({**key, **row} for row in rows)]
    if after != before:
        write(path, columns, after)


def write(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write a table whole, or leave it as it was."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    os.replace(temporary, path)
