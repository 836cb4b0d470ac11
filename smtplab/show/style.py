"""The palette of replies, diagrams and tables, and small pieces of HTML in its colours.

Text has the colour of the page (`INK`), so it is readable in light and dark notebooks. A colour of the palette is
either a background for white text, or a stripe, an edge or a translucent veil beside text. Words always repeat what a
colour says. The tests check every pair of colours for the contrast that WCAG 2.2 requires.

Styles are inline and plain enough for JupyterLab's sanitizer, which keeps them in notebooks that are not trusted yet.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..protocol.codes import Severity
from ..protocol.states import Phase
from ..transcript.colored import SIDE_COLORS as SIDE_COLORS
from ..transcript.rows import Row


@dataclass(frozen=True, slots=True)
class Theme:
    """The background and the text colour of a notebook, each as ``#`` and six hexadecimal digits."""

    name: str
    paper: str
    ink: str


# JupyterLab 4: --jp-layout-color0 for the paper, --jp-content-font-color1 for the ink.
LIGHT = Theme("light", "#ffffff", "#212121")
DARK = Theme("dark", "#111111", "#ffffff")

INK = "currentColor"
ON_COLOR = "#ffffff"  # text on one of the colours below

# Each is dark enough for white text (4.5 to 1) and stands out from both papers (3 to 1).
SEVERITY_COLORS: Mapping[Severity, str] = {
    Severity.POSITIVE_PRELIMINARY: "#5b6770",
    Severity.POSITIVE_COMPLETION: "#1a7f37",
    Severity.POSITIVE_INTERMEDIATE: "#0969da",
    Severity.TRANSIENT_NEGATIVE: "#9a6700",
    Severity.PERMANENT_NEGATIVE: "#cf222e",
}
# What a severity means for the command, for those who have not learnt the digits yet.
SEVERITY_WORDS: Mapping[Severity, str] = {
    Severity.POSITIVE_PRELIMINARY: "wait",
    Severity.POSITIVE_COMPLETION: "done",
    Severity.POSITIVE_INTERMEDIATE: "go on",
    Severity.TRANSIENT_NEGATIVE: "not now",
    Severity.PERMANENT_NEGATIVE: "never",
}
# What stands beside a rule or a goal, and its colour.
OK, NOT_YET, DONE_BEFORE = "ok", "not yet", "done before"
NOTED = "noted"  # a prediction, which is not judged before its outcome is seen
VERDICT_COLORS: Mapping[str, str] = {
    OK: SEVERITY_COLORS[Severity.POSITIVE_COMPLETION],
    NOT_YET: SEVERITY_COLORS[Severity.TRANSIENT_NEGATIVE],
    DONE_BEFORE: SEVERITY_COLORS[Severity.POSITIVE_PRELIMINARY],
}
PHASE_COLORS: Mapping[Phase, str] = {
    Phase.CONNECTION_ESTABLISHMENT: "#0f766e",
    Phase.MAIL_TRANSFER: "#4f5bd5",
    Phase.CONNECTION_TERMINATION: "#a03b8a",
}
NEUTRAL = "#5b6770"  # for things without a severity, phase or side

VEIL = 0.14  # the opacity of a colour behind text
EDGE = 0.5  # the opacity of a line between two fields
QUIET = 0.8  # the opacity of secondary text
_UNBROKEN = 20  # characters of a text in a table that is not broken
_BROKEN_WIDTH = "20em"  # of a longer text, at least
LINE_WIDTH = "52em"  # the maximum of a line of text, about 100 characters, for a wide window


def over(color: str, alpha: float, paper: str) -> str:
    """Return the visible colour where `color`, with opacity `alpha` from 0 to 1, covers `paper`."""
    pairs = ((int(color[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(alpha * above + (1 - alpha) * below):02x}" for above, below in pairs)


def veil(color: str, alpha: float = VEIL) -> str:
    """Return `color` as CSS with opacity `alpha`: ``rgba(26, 127, 55, 0.14)``, as a background of text in `INK`."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


def escape(text: str) -> str:
    """Escape `text` for HTML; without this, a browser would take ``<CRLF>`` for a tag and hide it."""
    return html.escape(text, quote=True)


def prose(text: str) -> str:
    """Return sentences as HTML; what stands between backticks in them is code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(code(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces))


def chip(text: str, color: str) -> str:
    """Return `text` as HTML, white on a small field of `color`."""
    return (
        f'<span style="background-color: {color}; color: {ON_COLOR}; padding: 1px 6px; border-radius: 3px">'
        f"{escape(text)}</span>"
    )


def quiet(text: str) -> str:
    """Return secondary `text` as HTML, fainter than the rest."""
    return faint(escape(text))


def faint(html: str) -> str:
    """Return secondary HTML fainter than the rest."""
    return f'<span style="opacity: {QUIET:g}">{html}</span>'


def code(text: str) -> str:
    """Return `text` from the wire as HTML, in a monospaced font."""
    return f'<span style="font-family: monospace; white-space: pre-wrap">{escape(text)}</span>'


_LAST_COLUMN = re.compile(r".*\S {2,}(?=\S)| *")


def _hanging(line: str, far: int) -> str:
    """Return a line as HTML; the rest of it, if it is too long for the page, is indented by `far` characters."""
    style = f"font-family: monospace; white-space: pre-wrap; padding-left: {far}ch; text-indent: -{far}ch"
    return f'<div style="{style}">{escape(line) or "<br>"}</div>'


def columns(text: str) -> str:
    """Return text with columns as HTML; the rest of a line that is too long for the page stays in its last column.

    A browser breaks it between words, and plain text in a notebook anywhere.
    """
    begun = ((line, _LAST_COLUMN.match(line)) for line in text.split("\n"))
    return "".join(_hanging(line, found.end() if found else 0) for line, found in begun)


def said(rows: Iterable[Row]) -> str:
    """Return lines of a conversation as HTML; the rest of a line that is too long for the page is indented."""
    return "".join(_hanging(str(row), len(row.mark) + 1) for row in rows)


def panel(body: str, color: str = NEUTRAL, *, wide: str = "") -> str:
    """Return the HTML `body` with a stripe of `color` on its left.

    Args:
        body: what is as wide as a line of text at most.
        color: of the stripe.
        wide: HTML above the body that may be as wide as the page, such as a table of many columns.
    """
    if wide:
        body = f'{wide}<div style="max-width: {LINE_WIDTH}">{body}</div>'
    return (
        f'<div style="border-left: 4px solid {color}; padding: 2px 10px; margin: 2px 0; '
        f'line-height: 1.5; max-width: {"none" if wide else LINE_WIDTH}">{body}</div>'
    )


def definitions(lines: Mapping[str, str]) -> str:
    """Return `lines` as an HTML table with two columns, the names and their texts."""
    cell = "text-align: left; vertical-align: top; padding: 1px 12px 1px 0"
    rows = "".join(
        f'<tr><th scope="row" style="{cell}; white-space: nowrap">{escape(name)}</th>'
        f'<td style="{cell}">{escape(line)}</td></tr>'
        for name, line in lines.items()
    )
    return (
        f'<table style="border-collapse: collapse; border: none; margin: 4px 0 0 0; font-size: inherit">{rows}</table>'
    )


def _min_width(text: str) -> str:
    """Return the CSS that leaves a few words on each line of a long text, or the whole text if it is short."""
    return f"; min-width: min({len(text)}ch, {_BROKEN_WIDTH})"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows of text as an HTML table with a line of headings.

    Only long texts are broken into lines, and these never get narrower than a few words: the table gets a scroll bar.
    """
    cell = "text-align: left; vertical-align: top; padding: 1px 12px 1px 0"
    unbroken = f"{cell}; white-space: nowrap"
    head = "".join(f'<th scope="col" style="{unbroken}">{escape(name)}</th>' for name in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{cell + _min_width(text) if len(text) > _UNBROKEN else unbroken}">{escape(text)}</td>'
            for text in row
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div style="overflow-x: auto"><table style="border-collapse: collapse; border: none; margin: 4px 0; '
        f'font-size: inherit"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )
