"""Align the columns of DataFrames in notebooks: text on the left, numbers on the right.

pandas aligns everything on the right. This module changes only the HTML, of smtplab's tables and of those that a
notebook derives from them. It does not import pandas; whoever makes a DataFrame has done so.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from ..base.printed import running_shell

if TYPE_CHECKING:
    from pandas import DataFrame

_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[hd])\b([^>]*)>")
_SPAN = re.compile(r'\bcolspan="(\d+)"')
_LEFT = ' style="text-align: left"'


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
    """Return pandas' HTML of a DataFrame, with text columns and their headings aligned on the left.

    If pandas omits columns because there are too many, everything stays aligned on the right.

    Args:
        frame: any DataFrame.

    Returns:
        The HTML; None if ``display.notebook_repr_html`` is off.
    """
    made: str | None = frame._repr_html_()  # type: ignore[operator]
    if made is None:
        return None
    levels = [frame.index.get_level_values(level).dtype for level in range(frame.index.nlevels)]
    at_the_left = [_is_text(kind) for kind in (*levels, *frame.dtypes)]
    if max(map(_width, _ROW.findall(made)), default=0) != len(at_the_left):
        return made
    return _ROW.sub(lambda row: _aligned(row[0], at_the_left), made)


def _is_text(kind: Any) -> bool:
    return not sys.modules["pandas"].api.types.is_numeric_dtype(kind)


def _width(row: str) -> int:
    return sum(_columns(cell) for _, cell in _CELL.findall(row))


def _columns(cell: str) -> int:
    span = _SPAN.search(cell)
    return int(span[1]) if span else 1


def _aligned(row: str, at_the_left: list[bool]) -> str:
    """Align the text cells of a row. Its first cells may be missing if a cell of a row above spans them."""
    column = len(at_the_left) - _width(row)

    def cell(found: re.Match[str]) -> str:
        nonlocal column
        before, column = column, column + _columns(found[2])
        return f"<{found[1]}{found[2]}{_LEFT if all(at_the_left[before:column]) else ''}>"

    return _CELL.sub(cell, row)
