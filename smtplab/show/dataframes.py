"""Show DataFrames in notebooks: text on the left, one line of headings, reply codes coloured by their first digit.

pandas aligns everything on the right, and writes the names of the index in a line of their own, which is empty
otherwise. This module changes only the HTML, of smtplab's tables and of those that a notebook derives from them. It
does not import pandas; whoever makes a DataFrame has done so.

Colour is never alone: the code itself is there, accepting codes are bold, and a line below the table names each digit.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.printed import running_shell
from ..protocol.codes import CODES, Severity
from .style import SEVERITY_COLORS, SEVERITY_WORDS, chip, escape, veil

if TYPE_CHECKING:
    from pandas import DataFrame

_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[hd])\b([^>]*)>([^<]*)")
_SPAN = re.compile(r'\bcolspan="(\d+)"')
_HEAD = re.compile(r"(<thead>\s*)(<tr\b.*?</tr>)\s*(<tr\b.*?</tr>)(\s*</thead>)", re.DOTALL)
_LEFT = "text-align: left"
_END_OF_STYLE = "</style>"
_NARROW = "    .dataframe td, .dataframe th {\n        max-width: 36em;\n    }\n"  # sentences in a wide window
OF_CODES = "consists of reply codes"
"""The attribute (``DataFrame.attrs``) of a frame whose numbers are all reply codes."""
_DIGIT = "first digit"  # the name of columns or index whose values are first digits
_BOLD = (Severity.POSITIVE_COMPLETION, Severity.POSITIVE_INTERMEDIATE)


def show_text_at_the_left() -> None:
    """Show every DataFrame with `to_html` from now on, if an IPython shell is running."""
    shell = running_shell()
    if shell is not None:
        shell.display_formatter.formatters["text/html"].for_type(sys.modules["pandas"].DataFrame, to_html)


def html_of(thing: object) -> str | None:
    """Return the HTML that a notebook shows for `thing`; None if it has only text."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(thing, pandas.DataFrame):
        return to_html(thing)
    rich = getattr(thing, "_repr_html_", None)
    return rich() if callable(rich) else None


def to_html(frame: DataFrame) -> str | None:
    """Return pandas' HTML of a DataFrame, aligned, with one line of headings and with coloured reply codes.

    Coloured are a column or index named ``code``, a frame with the attribute `OF_CODES`, and the counts of a crosstab
    whose columns are named ``first digit``. If pandas omits columns because there are too many, its HTML is returned.

    Args:
        frame: any DataFrame.

    Returns:
        The HTML; None if ``display.notebook_repr_html`` is off.
    """
    made: str | None = frame._repr_html_()  # type: ignore[operator]
    if made is None:
        return None
    columns = _columns_of(frame)
    if max(map(_width, _ROW.findall(made)), default=0) != len(columns):
        return made
    narrow = _one_heading(made, frame).replace(_END_OF_STYLE, f"{_NARROW}{_END_OF_STYLE}", 1)
    head, mark, body = narrow.partition("<tbody>")
    seen: set[Severity] = set()
    head = _ROW.sub(lambda row: _styled(row[0], columns, None), head)
    return head + mark + _ROW.sub(lambda row: _styled(row[0], columns, seen), body) + _legend(seen)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the HTML.

    Args:
        text: True if it is aligned on the left.
        codes: True if its numbers are reply codes.
        digit: the first digit of the replies that it counts; None for most columns.
    """

    text: bool
    codes: bool = False
    digit: Severity | None = None

    def severity_of(self, value: str) -> Severity | None:
        """Return the severity of a cell of the column, by which it is coloured; None for no colour."""
        if self.codes and value.isdecimal() and int(value) in CODES:
            return CODES[int(value)].severity
        return self.digit if value != "0" else None


def _columns_of(frame: DataFrame) -> list[_Column]:
    index = frame.index
    levels = [_column(index.get_level_values(level), index.names[level]) for level in range(index.nlevels)]
    if frame.columns.name == _DIGIT:
        return levels + [_Column(False, digit=_digit(name)) for name in frame.columns]
    values = (frame.iloc[:, number] for number in range(frame.shape[1]))
    names = ["code"] * frame.shape[1] if frame.attrs.get(OF_CODES) else frame.columns
    return levels + [_column(column, name) for column, name in zip(values, names, strict=True)]


def _column(values: Any, name: object) -> _Column:
    numeric = sys.modules["pandas"].api.types.is_numeric_dtype(values.dtype)
    return _Column(not numeric, codes=name == "code" and numeric)


def _digit(name: object) -> Severity | None:
    return next((severity for severity in Severity if severity == name), None)


def _one_heading(made: str, frame: DataFrame) -> str:
    """Join the line with the names of the index to the line with those of the columns, if the former has only them."""
    names = _HEAD.search(made)
    if names is None or frame.columns.nlevels > 1:
        return made
    levels = frame.index.nlevels
    above, below = (_CELL.findall(row) for row in names.groups()[1:3])
    if len(above) != len(below) or any(text for _, _, text in below[levels:]):
        return made
    corner = [" / ".join(filter(None, (under, over))) for (*_, over), (*_, under) in zip(above, below, strict=True)]
    filled = iter(corner[:levels])
    joined = _CELL.sub(lambda cell: f"<th>{next(filled, cell[3])}", names[2])
    return made[: names.start()] + names[1] + joined + names[4] + made[names.end() :]


def _width(row: str) -> int:
    return sum(_spanned(marks) for _, marks, _ in _CELL.findall(row))


def _spanned(marks: str) -> int:
    span = _SPAN.search(marks)
    return int(span[1]) if span else 1


def _styled(row: str, columns: list[_Column], seen: set[Severity] | None) -> str:
    """Align and colour the cells of a row. Its first cells may be missing if a cell of a row above spans them.

    Args:
        row: the HTML of the row.
        columns: the columns of the table.
        seen: the severities that were coloured, which grows; None for headings, which have no colour.
    """
    column = len(columns) - _width(row)

    def cell(found: re.Match[str]) -> str:
        nonlocal column
        before, column = column, column + _spanned(found[2])
        over = columns[before:column]
        styles = [_LEFT] if all(each.text for each in over) else []
        severity = over[0].severity_of(found[3]) if over and seen is not None else None
        if severity is not None and seen is not None:
            seen.add(severity)
            weight = "bold" if severity in _BOLD else "normal"
            styles.append(f"background-color: {veil(SEVERITY_COLORS[severity])}; font-weight: {weight}")
        style = f' style="{"; ".join(styles)}"' if styles else ""
        return f"<{found[1]}{found[2]}{style}>{found[3]}"

    return _CELL.sub(cell, row)


def _legend(seen: set[Severity]) -> str:
    """Name the first digits in the table; empty if none is coloured."""
    if not seen:
        return ""
    chips = [chip(f"{severity:d}.. {SEVERITY_WORDS[severity]}", SEVERITY_COLORS[severity]) for severity in sorted(seen)]
    bold = " ".join(f"{severity:d}.." for severity in sorted(seen) if severity in _BOLD)
    return f"<div>{' '.join(chips)}{escape(f' ({bold} bold)') if bold else ''}</div>"
