"""Show a conversation as HTML in two colours, one for each side, as the lecture prints it.

The letters ``C:`` and ``S:`` stay, so that it can be read without colours.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from .rows import Row, Side

SIDE_COLORS: Mapping[Side, str] = {
    Side.CLIENT: "#0969da",
    Side.SERVER: "#8250df",
    Side.NOTE: "#5b6770",
}
"""The colours of the sides, dark enough for white text, and different enough from light and dark paper."""

_MOST = 400  # lines in HTML; the text has all
_VEIL = 0.14  # the opacity of a side's colour behind the text, as `show.style.VEIL`


def to_html(lines: Iterable[str | Row]) -> str:
    """Return a conversation as HTML.

    Args:
        lines: the rows in order, and as strings what stands between them.
    """
    shown = list(lines)
    blocks = "".join(_blocks(shown[:_MOST]))
    more = f"({len(shown) - _MOST} more lines; print shows all)" if len(shown) > _MOST else ""
    style = "font-family: monospace; white-space: pre-wrap; line-height: 1.5; max-width: 62em"
    return f'<div style="{style}">{blocks}{more}</div>'


def _blocks(lines: list[str | Row]) -> Iterator[str]:
    """Yield an element for all neighbouring lines of one side, in which each line is an element.

    Where a line is too long for the page, its rest is indented by the inherited style, so that only a new line begins
    with a mark at the left.
    """
    for side, group in groupby(lines, key=lambda line: None if isinstance(line, str) else line.side):
        if side is None:
            yield f"<div>{html.escape(chr(10).join(map(str, group)))}</div>"
        else:
            each = "".join(f"<div>{html.escape(str(line))}</div>" for line in group)
            yield f'<div style="{_style(side)}">{each}</div>'


def _style(side: Side) -> str:
    color, mark = SIDE_COLORS[side], len(side.mark) + 1
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    veil = f"rgba({red}, {green}, {blue}, {_VEIL:g})"
    hanging = f"padding: 0 1ch 0 {mark + 1}ch; text-indent: -{mark}ch"
    return f"border-left: 4px solid {color}; background-color: {veil}; {hanging}"
