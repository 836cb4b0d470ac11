"""How well the text of a piece of HTML is read: each text with its ink and its ground, and their contrast (WCAG 2.2).

It knows the inline styles that smtplab writes, drawings as `support.drawing` reads them, and the stripes that
JupyterLab puts behind the rows of a table. A declaration, a style sheet or a shape that it does not know might colour
something unseen, so it raises `Unmeasured` rather than let it pass.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from xml.etree import ElementTree

from smtplab.show import style
from smtplab.show.style import DARK, LIGHT, Theme
from support.drawing import SVG, Box, box_of_rect, box_of_text

ENOUGH = 4.5  # WCAG 2.2, 1.4.3: for text of the usual size

# JupyterLab 4.6: the grounds of every second row of a table, and of the row under the pointer.
ROW_GROUNDS: Mapping[Theme, tuple[str, ...]] = {
    LIGHT: ("#f5f5f5", "#e1f5fe"),
    DARK: ("#212121", "rgba(3, 169, 244, 0.2)"),
}

# What may be declared because it moves, sizes or hides things, and never colours text.
COLORLESS = re.compile(
    r"(padding|margin|border|width|height|max-width|max-height|min-width|overflow|display|position|top|left|right|bottom"
    r"|clip-path|vertical-align|text-align|text-indent|white-space|line-height|font|flex|gap|grid|align|justify)(-[a-z-]+)?"
)
# What else a drawing has, with its fill. Dots and heads of arrows lie upon no text; a group has a tip for the pointer.
_FILLS = dict.fromkeys(("svg", "title", "desc", "g", "rect", "path"), ("none",)) | {
    "polygon": ("currentColor", style.NEUTRAL),
    "circle": ("currentColor",),
}
VOID = {"br", "hr", "img", "input", "wbr", "col", "meta", "link"}


THEMES = (LIGHT, DARK)


class Unmeasured(ValueError):
    """Something may colour text in a way that is not computed here."""


@dataclass(frozen=True)
class Reading:
    """A text, the colour of its letters, and the colour behind them."""

    text: str
    ink: str
    ground: str

    @property
    def contrast(self) -> float:
        return contrast(self.ink, self.ground)


def readings(html: str, theme: Theme) -> Iterator[Reading]:
    """Yield every text of a piece of HTML as it is seen on a theme's paper; of a table's rows, on each ground.

    Raises:
        Unmeasured: for what might colour text and is not known here.
    """
    drawings = re.findall(r"<svg\b.*?</svg>", html, re.DOTALL)
    prose = re.sub(r"<svg\b.*?</svg>", "", html, flags=re.DOTALL)
    for row_ground in (None, *ROW_GROUNDS[theme]) if "<tr" in prose else (None,):
        reader = _Reader(theme, row_ground)
        reader.feed(prose)
        reader.close()
        yield from reader.found
    for drawing in drawings:
        yield from readings_of_svg(drawing, theme)


def readings_of_svg(svg: str, theme: Theme) -> Iterator[Reading]:
    """Yield every text of a drawing, on the fields that are drawn below it."""
    fields: list[tuple[Box, str]] = []
    for element in ElementTree.fromstring(svg).iter():
        tag, fill = element.tag.removeprefix(SVG), element.get("fill", "none")
        if tag == "text":
            box, ground = box_of_text(element), theme.paper
            for below, paint in fields:
                if below.holds(box):
                    ground = over(paint, ground, theme)
            yield Reading(element.text or "", over(element.get("fill", "#000000"), ground, theme), ground)
        elif tag == "rect" and fill != "none":
            fields.append((box_of_rect(element), fill))
        elif tag not in _FILLS or fill not in _FILLS[tag] or (tag == "g" and element.attrib):
            raise Unmeasured(f"<{tag}> in a drawing")
        if strange := {"fill-opacity", "filter", "transform", "class"} & set(element.keys()):
            raise Unmeasured(f"{', '.join(strange)} in a drawing")
        if tag != "path" and element.get("opacity"):
            raise Unmeasured(f"the opacity of <{tag}> in a drawing")


def over(paint: str, ground: str, theme: Theme) -> str:
    """Return the colour that is seen where a CSS colour lies over another colour."""
    if paint in ("currentColor", "inherit"):
        paint = theme.ink
    if re.fullmatch(r"#[0-9a-f]{6}", paint):
        return paint
    if paint == "transparent":
        return ground
    parts = re.fullmatch(r"rgba\((\d+), ?(\d+), ?(\d+), ?([\d.]+)\)", paint)
    if parts is None:
        raise Unmeasured(f"the colour {paint!r}")
    red, green, blue, alpha = parts.groups()
    return style.over(f"#{int(red):02x}{int(green):02x}{int(blue):02x}", float(alpha), ground)


@dataclass(frozen=True)
class _Surroundings:
    """What holds inside an element: its ink and ground before they fade, and each fading with what is seen through."""

    tag: str
    ink: str
    ground: str
    fadings: tuple[tuple[float, str], ...] = ()

    def seen(self) -> tuple[str, str]:
        ink, ground = self.ink, self.ground
        for alpha, behind in reversed(self.fadings):
            ink, ground = (style.over(color, alpha, behind) for color in (ink, ground))
        return ink, ground


class _Reader(HTMLParser):
    """Reads HTML and keeps what each text stands on."""

    def __init__(self, theme: Theme, row_ground: str | None) -> None:
        super().__init__()
        self.found: list[Reading] = []
        self._theme, self._row_ground = theme, row_ground
        self._around = [_Surroundings("", theme.ink, theme.paper)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        inside = replace(self._around[-1], tag=tag)
        if tag == "tr" and self._row_ground:
            inside = replace(inside, ground=over(self._row_ground, inside.ground, self._theme))
        for name, value in attrs:
            if name in ("bgcolor", "color", "background"):
                raise Unmeasured(f"the attribute {name}")
            if name == "style":
                inside = self._styled(inside, value or "")
        self._around.append(inside)

    def _styled(self, inside: _Surroundings, css: str) -> _Surroundings:
        declared, behind = _declared(css), inside.ground
        for name, value in declared.items():
            if name == "background-color":
                inside = replace(inside, ground=over(value, inside.ground, self._theme))
            elif name not in ("color", "opacity") and not COLORLESS.fullmatch(name):
                raise Unmeasured(f"the declaration {name}: {value}")
        if "color" in declared:
            ink = inside.ink if declared["color"] == "inherit" else over(declared["color"], inside.ground, self._theme)
            inside = replace(inside, ink=ink)
        if "opacity" in declared:
            inside = replace(inside, fadings=(*inside.fadings, (float(declared["opacity"]), behind)))
        return inside

    def handle_endtag(self, tag: str) -> None:
        while len(self._around) > 1 and self._around.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        around = self._around[-1]
        if around.tag == "style":
            for block in re.findall(r"\{([^{}]*)\}", data):
                for name in _declared(block):
                    if not COLORLESS.fullmatch(name):
                        raise Unmeasured(f"the style sheet's {name}")
        elif data.strip():
            self.found.append(Reading(data.strip(), *around.seen()))


def _declared(css: str) -> dict[str, str]:
    parts = (part.partition(":") for part in css.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts}


def luminance(color: str) -> float:
    """Return the relative luminance of a colour such as ``#1a7f37``, from 0 for black to 1 for white (WCAG 2.2)."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2): text wants 4.5, a shape 3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
