"""How things look: one palette for replies, diagrams and tables, and the small pieces of HTML made of it.

Text takes the colour of the page (`INK`), so that it is read in a light and in a dark notebook. A colour of ours is
either the ground of white letters or a stripe, an edge or a thin veil beside text; it never says anything that a word
does not say as well. The tests hold every pair of colours against the contrast that WCAG 2.2 asks for.

Styles are inline, and so plain that JupyterLab's sanitizer leaves them in notebooks that nobody has trusted yet.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from ..protocol.codes import Severity
from ..protocol.states import Phase
from ..transcript import Side


@dataclass(frozen=True, slots=True)
class Theme:
    """A notebook's ground and the colour of its text, as six hexadecimal digits behind a ``#``."""

    name: str
    paper: str
    ink: str


# JupyterLab 4: --jp-layout-color0, and --jp-content-font-color1 upon it.
LIGHT = Theme("light", "#ffffff", "#212121")
DARK = Theme("dark", "#111111", "#ffffff")

INK = "currentColor"
ON_COLOR = "#ffffff"  # letters upon one of the colours below

# Each is dark enough to carry white letters (4.5 to 1) and stands out from both papers (3 to 1).
SEVERITY_COLORS: Mapping[Severity, str] = {
    Severity.POSITIVE_PRELIMINARY: "#5b6770",
    Severity.POSITIVE_COMPLETION: "#1a7f37",
    Severity.POSITIVE_INTERMEDIATE: "#0969da",
    Severity.TRANSIENT_NEGATIVE: "#9a6700",
    Severity.PERMANENT_NEGATIVE: "#cf222e",
}
PHASE_COLORS: Mapping[Phase, str] = {
    Phase.CONNECTION_ESTABLISHMENT: "#0f766e",
    Phase.MAIL_TRANSFER: "#4f5bd5",
    Phase.CONNECTION_TERMINATION: "#a03b8a",
}
SIDE_COLORS: Mapping[Side, str] = {
    Side.CLIENT: "#0969da",
    Side.SERVER: "#8250df",
    Side.NOTE: "#5b6770",
}
NEUTRAL = "#5b6770"  # where there is nothing to tell apart

VEIL = 0.14  # how much of a colour lies over the paper where text stands on it
EDGE = 0.5  # of a line between two fields
QUIET = 0.8  # of the ink, for what is said in passing


def over(color: str, alpha: float, paper: str) -> str:
    """Return what is seen where `color`, with opacity `alpha` from 0 to 1, lies over `paper`."""
    pairs = ((int(color[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(alpha * above + (1 - alpha) * below):02x}" for above, below in pairs)


def veil(color: str, alpha: float = VEIL) -> str:
    """Return `color` as CSS with opacity `alpha`: ``rgba(26, 127, 55, 0.14)``, for a ground under text in `INK`."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


def escape(text: str) -> str:
    """Return `text` as HTML shows it; without this ``<CRLF>`` would be taken for a tag and vanish."""
    return html.escape(text, quote=True)


def chip(text: str, color: str) -> str:
    """Return `text` in white on a small field of `color`, as HTML."""
    return (
        f'<span style="background-color: {color}; color: {ON_COLOR}; padding: 1px 6px; border-radius: 3px">'
        f"{escape(text)}</span>"
    )


def quiet(text: str) -> str:
    """Return `text` said in passing, as HTML."""
    return f'<span style="opacity: {QUIET:g}">{escape(text)}</span>'


def code(text: str) -> str:
    """Return `text` as it stands on the wire, in letters of one width, as HTML."""
    return f'<span style="font-family: monospace; white-space: pre-wrap">{escape(text)}</span>'


def panel(body: str, color: str = NEUTRAL) -> str:
    """Return the HTML `body` with a stripe of `color` on its left."""
    return (
        f'<div style="border-left: 4px solid {color}; padding: 2px 10px; margin: 2px 0; line-height: 1.5">{body}</div>'
    )


def definitions(lines: Mapping[str, str]) -> str:
    """Return a table of two columns as HTML: each name, and what there is to say under it."""
    cell = "text-align: left; vertical-align: top; padding: 1px 12px 1px 0"
    rows = "".join(
        f'<tr><th scope="row" style="{cell}; white-space: nowrap">{escape(name)}</th>'
        f'<td style="{cell}">{escape(line)}</td></tr>'
        for name, line in lines.items()
    )
    return (
        f'<table style="border-collapse: collapse; border: none; margin: 4px 0 0 0; font-size: inherit">{rows}</table>'
    )
