"""Read a table as learning platforms and spreadsheets save it: its encoding, its delimiter, and its rows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..base.spreadsheet_text import given

_DELIMITERS = ",;\t|"
_LOOKED_AT = 50  # lines that decide on the delimiter
_MARKS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A table as text.

    Args:
        title: the cells of its first line; empty if the file has no line.
        rows: the number of each further line and its cells, stripped; lines without text are left out.
        encoding: how the file was read.
    """

    title: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    encoding: str


def decoded(data: bytes) -> tuple[str, str]:
    """Return the text of a table and its encoding: UTF-8, UTF-16 or UTF-32, or else Windows-1252."""
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "") or _unmarked(data)
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "cp1252"


def _unmarked(data: bytes) -> str:
    """Return the encoding of text without a byte order mark; in UTF-16 every second octet of Latin letters is 0."""
    start = data[:2000]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 <= len(start) - 1:
        return "utf-8-sig"
    return "utf-16-be" if even > odd else "utf-16-le"


def read_table(data: bytes) -> CsvTable:
    """Read a table with a title in its first line."""
    text, encoding = decoded(data)
    rows = iter(rows_of(text))
    _, title = next(rows, (0, ()))
    return CsvTable(title, tuple(rows), encoding)


def rows_of(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return the number and the cells of each line of a table that has text, its first one among them."""
    lines = text.removeprefix("\ufeff").replace("\0", "").splitlines(keepends=True)
    before = csv.field_size_limit(len(text) + 1)  # a platform may put the feedback of a year into a cell
    try:
        return list(_rows(lines))
    finally:
        csv.field_size_limit(before)


def _rows(lines: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    if lines and lines[0][:4].lower() == "sep=":  # what Excel writes to name its delimiter
        delimiter, skipped = lines[0].rstrip("\r\n")[4:5] or ",", 1
    else:
        delimiter, skipped = delimiter_of(lines), 0
    rows = csv.reader(lines[skipped:], delimiter=delimiter, skipinitialspace=True)
    for row in rows:
        cells = tuple(given(" ".join(cell.split())) for cell in row)
        if any(cells):
            yield rows.line_num + skipped, cells


def delimiter_of(lines: list[str]) -> str:
    """Return the delimiter of a table: the one that divides most lines into as many cells as the first, at least two.

    Counting cells and not characters, because a name such as "Lovelace, Ada" holds a comma. In a table of one column,
    it is the comma.
    """

    def score(delimiter: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines[:_LOOKED_AT], delimiter=delimiter, skipinitialspace=True) if row]
        first = counts[0] if counts else 1
        return (Counter(counts)[first] if first > 1 else 0, first)

    return max(_DELIMITERS, key=score)
