"""Draw figures as SVG: a canvas for shapes and measured text, and the finished figure with its text alternative.

Nothing here is about SMTP. A drawing has no ids, scripts or style sheet, so it is the same text on every run, and two
figures on one page do not interfere. Lines and text have the colour of the page, so a figure is readable in light and
dark notebooks.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..base.printed import Printed
from .style import INK, LIGHT, ON_COLOR, Theme, escape

# The width of a character as a fraction of the font size. Monospaced fonts have 0.6. DejaVu Sans is the widest font
# that browsers use for sans-serif; its mean over English text, with a reserve, stands for all of them.
_MONO_WIDTH, _SANS_WIDTH, _BOLD_WIDTH = 0.605, 0.60, 0.68
_HEAD_LENGTH, _HEAD_HALF = 9.0, 4.5  # of an arrow: its length, and half of its width

# A drawing shrinks in a narrow window, but not below this part of its width; from there on it scrolls. With the page's
# zoom at 200 % it does not shrink at all, so that its text is twice as large; a screen with small pixels is alike.
_NARROWEST = 600.0

# In a notebook that is not trusted yet, JupyterLab drops the drawing and the style sheet; the words remain visible. In
# a trusted one the style sheet shows the drawing and leaves the words to screen readers.
_SHOW_THE_DRAWING = (
    "<style>"
    ".smtplab-figure{position:relative}"
    ".smtplab-drawing:has(>svg){display:block!important;overflow-x:auto}"
    "@media (min-resolution:1.75dppx){.smtplab-drawing>svg{max-width:none!important}}"
    ".smtplab-drawing:has(>svg)+.smtplab-words"
    "{position:absolute;top:0;width:1px;height:1px;margin:0;padding:0;overflow:hidden;clip-path:inset(50%)}"
    "</style>"
)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Font:
    """A font: its size in units of the drawing, and its style."""

    size: float = 13
    mono: bool = False
    bold: bool = False
    italic: bool = False

    def width(self, text: str) -> float:
        """Return the greatest width that `text` may have."""
        return sum(map(_columns, text)) * self._column

    @property
    def _column(self) -> float:
        """The width of a character that is not wide."""
        return (_MONO_WIDTH if self.mono else _BOLD_WIDTH if self.bold else _SANS_WIDTH) * self.size

    def wrap(self, text: str, width: float) -> list[str]:
        """Break `text` into lines that fit into `width`, at spaces, or inside a word that is longer than a line.

        Only the spaces at the breaks are dropped.
        """
        lines = [""]
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines[-1] else word
            if self.width(longer) <= width:
                lines[-1] = longer
            elif self.width(word) <= width:
                lines.append(word)
            else:
                lines[-1:] = self._cut(longer, width)
        return lines[1:] if len(lines) > 1 and not lines[0] else lines

    def _cut(self, text: str, width: float) -> Iterator[str]:
        """Cut `text` wherever a line is full; each line has at least one character."""
        begin = used = 0
        for at, character in enumerate(text):
            used += _columns(character)
            if used * self._column > width and at > begin:
                yield text[begin:at]
                begin, used = at, _columns(character)
        yield text[begin:]


def _columns(character: str) -> int:
    """Return the columns that a character takes: two if it is wide, as in Chinese, else one."""
    return 1 + (unicodedata.east_asian_width(character) in "WF")


SANS, MONO = Font(), Font(mono=True)


class Canvas:
    """Collect the shapes of a figure, from back to front.

    Attributes:
        width: the width of the drawing, in pixels if there is room for it.
    """

    def __init__(self, width: float) -> None:
        self.width = width
        self._parts: list[str] = []

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        weight: float = 1.0,
        radius: float = 0.0,
        dash: str = "",
    ) -> None:
        """Draw a rectangle."""
        self._add("rect", x=x, y=y, width=width, height=height, rx=radius or None, **_paint(fill, stroke, weight, dash))

    def line(
        self,
        points: Sequence[Point],
        *,
        weight: float = 1.5,
        dash: str = "",
        opacity: float = 1.0,
        color: str = INK,
    ) -> None:
        """Draw a line through all `points`."""
        path = "M" + " L".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._add("path", d=path, opacity=None if opacity == 1 else opacity, **_paint("none", color, weight, dash))

    def arrow(self, points: Sequence[Point], *, weight: float = 1.5, dash: str = "", color: str = INK) -> None:
        """Draw a line through all `points` with an arrowhead at the last one."""
        (x0, y0), (x1, y1) = points[-2:]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        across, down = (x1 - x0) / length, (y1 - y0) / length
        neck = (x1 - across * _HEAD_LENGTH, y1 - down * _HEAD_LENGTH)
        half = _HEAD_HALF + weight / 2
        corners = [
            (x1, y1),
            (neck[0] - down * half, neck[1] + across * half),
            (neck[0] + down * half, neck[1] - across * half),
        ]
        self.line([*points[:-1], neck], weight=weight, dash=dash, color=color)
        self._add("polygon", points=" ".join(f"{_number(x)},{_number(y)}" for x, y in corners), fill=color)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        font: Font = SANS,
        *,
        anchor: str = "start",
        fill: str = INK,
    ) -> None:
        """Write one line of text.

        Args:
            x, y: the point of the baseline that `anchor` names.
            anchor: ``start``, ``middle`` or ``end``.
        """
        attributes: dict[str, object] = {"x": x, "y": y, "font-size": font.size}
        attributes["font-family"] = "monospace" if font.mono else "sans-serif"
        attributes["font-weight"] = "bold" if font.bold else None
        attributes["font-style"] = "italic" if font.italic else None
        attributes["text-anchor"] = None if anchor == "start" else anchor
        attributes["xml:space"] = "preserve" if text != " ".join(text.split()) else None
        self._add("text", text, fill=fill, **attributes)

    def chip(self, x: float, y: float, text: str, color: str, font: Font, *, anchor: str = "start") -> None:
        """Write one line in white on a field of `color`, which is 5 units wider than the text on either side."""
        width = font.width(text) + 10
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        self.rect(left, y - font.size * 0.99, width, font.size * 1.3, fill=color, radius=4)
        self.text(left + width / 2, y, text, font, anchor="middle", fill=ON_COLOR)

    def dot(self, x: float, y: float, radius: float) -> None:
        """Draw a filled circle in the colour of the page's text."""
        self._add("circle", cx=x, cy=y, r=radius, fill=INK)

    @contextmanager
    def tip(self, text: str) -> Iterator[None]:
        """Show `text` as a tooltip over everything that is drawn inside the ``with`` block.

        The text alternative must contain it, too, for readers without a pointer: on paper, or with a screen reader.
        """
        self._parts.append(f"<g><title>{escape(text)}</title>")
        yield
        self._parts.append("</g>")

    def finish(self, height: float, title: str, text: str) -> Figure:
        """Return the figure, with its title and its text alternative."""
        return Figure(title, text, tuple(self._parts), self.width, height)

    def _add(self, tag: str, content: str | None = None, /, **attributes: object) -> None:
        written = "".join(f' {name}="{_value(value)}"' for name, value in attributes.items() if value is not None)
        self._parts.append(f"<{tag}{written}/>" if content is None else f"<{tag}{written}>{escape(content)}</{tag}>")


@dataclass(frozen=True, slots=True, repr=False)
class Figure(Printed):
    """A drawing and its text alternative.

    A trusted notebook shows the drawing. A terminal, a screen reader and a notebook that is not trusted yet have the
    text.

    Args:
        title: a few words for the drawing.
        text: everything that the drawing shows, as lines of text.
        parts: the drawing as SVG, from back to front: elements, and the tags that begin and end groups.
        width, height: the size of the drawing in pixels; with less room it shrinks, with little it scrolls.
    """

    title: str
    text: str
    parts: tuple[str, ...]
    width: float
    height: float

    @property
    def svg(self) -> str:
        """The drawing as SVG, with its title and text alternative; lines and text have the colour of the page."""
        return self._draw(self.text)

    def save(self, path: str | os.PathLike[str], theme: Theme = LIGHT) -> None:
        """Write the drawing to a file, with a background of its own.

        Args:
            path: the file, usually named ``.svg``; an existing one is replaced.
            theme: `style.LIGHT` or `style.DARK`.
        """
        drawing = self._draw(self.text, f"color:{theme.ink};background:{theme.paper};")
        Path(path).write_text(f"{drawing}\n", encoding="utf-8")

    def _draw(self, words: str, styles: str = "") -> str:
        size = f'width="{_number(self.width)}" height="{_number(self.height)}"'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} '
            f'viewBox="0 0 {_number(self.width)} {_number(self.height)}" style="{styles}max-width:100%;height:auto">'
        )
        about = [f"<title>{escape(self.title)}</title>", f"<desc>{escape(words)}</desc>"]
        return "\n".join([head, *about, *self.parts, "</svg>"])

    def _repr_html_(self) -> str:
        """Show the drawing in a notebook, and the text alternative to a screen reader."""
        narrowest = f"min-width:{_number(min(self.width, _NARROWEST))}px;"
        drawing = self._draw("The text that follows says the same in words.", narrowest)
        return (
            f'<div class="smtplab-figure">{_SHOW_THE_DRAWING}'
            f'<div class="smtplab-drawing" hidden style="display:none" tabindex="0" role="group" '
            f'aria-label="{escape(self.title)}">{drawing}</div>'
            f'<pre class="smtplab-words">{escape(self.text)}</pre></div>'
        )

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Figure, {self.title}>"


def _paint(fill: str, stroke: str, weight: float, dash: str) -> dict[str, object]:
    if stroke == "none":
        return {"fill": fill}
    return {"fill": fill, "stroke": stroke, "stroke-width": weight, "stroke-dasharray": dash or None}


def _value(value: object) -> str:
    return _number(value) if isinstance(value, float | int) else escape(str(value))


def _number(value: float) -> str:
    return f"{round(value, 1):g}"
