"""How a DataFrame looks in a notebook: text at the left of its column, where it is read, and numbers at the right.

pandas puts everything at the right. The frames stay those of pandas; only their HTML is made here, for the tables of
smtplab and for those that a notebook makes of them. pandas itself is loaded by whoever makes a frame.
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
    """Let the running IPython shell, if there is one, show every DataFrame with `to_html`."""
    shell = running_shell()
    if shell is not None:
        shell.display_formatter.formatters["text/html"].for_type(sys.modules["pandas"].DataFrame, to_html)


def html_of(thing: object) -> str | None:
    """Return what a notebook shows of `thing` beside its text; None if there is only text."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(thing, pandas.DataFrame):
        return to_html(thing)
    rich = getattr(thing, "_repr_html_", None)
    return rich() if callable(rich) else None


def to_html(frame: DataFrame) -> str | None:
    """Return the HTML that pandas makes of a frame, with each column of text at the left, its heading included.

    Where pandas leaves columns out because there are too many, all stays at the right.

    Args:
        frame: any.

    Returns:
        The HTML; None if pandas is set to make none (``display.notebook_repr_html``).
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
    """Mark the cells of a row that hold text. The leftmost may be missing, where one above reaches down to them."""
    column = len(at_the_left) - _width(row)

    def cell(found: re.Match[str]) -> str:
        nonlocal column
        before, column = column, column + _columns(found[2])
        return f"<{found[1]}{found[2]}{_LEFT if all(at_the_left[before:column]) else ''}>"

    return _CELL.sub(cell, row)
