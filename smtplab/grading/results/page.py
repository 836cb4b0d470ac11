"""The frame of a page: its head with the one style sheet, and tables and lists of text, all of it escaped.

A page is one file. It has no script, no image, no link to elsewhere and nothing that is loaded, and its policy forbids
them. What a student wrote stands in it only as text: `escaped` is the way of each text into a page. Only a value of
`Html` is taken as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ...protocol.codes import Severity
from ...show import style
from .plain_text import plain

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:[.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_UTC = ("Z", "+00:00", "+0000")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Html(str):
    """Text that is HTML already, made here and not by a student."""

    __slots__ = ()


def escaped(value: object) -> Html:
    """Return a value as HTML: text of any origin without what has a meaning there or cannot be seen."""
    return value if isinstance(value, Html) else Html(style.escape(plain(str(value))))


def joined(pieces: Iterable[object], between: str = "") -> Html:
    """Return pieces of a page in a row; what is no `Html` is escaped."""
    return Html(between.join(map(escaped, pieces)))


def element(tag: str, *content: object, **attributes: str) -> Html:
    """Return an element; ``class_`` is its class, and a low line in another name a hyphen."""
    names = {"class_": "class"}
    written = "".join(
        f' {names.get(name, name.replace("_", "-"))}="{style.escape(value)}"' for name, value in attributes.items()
    )
    return Html(f"<{tag}{written}>{joined(content)}</{tag}>")


def chip(text: str, color: str) -> Html:
    """Return a word on a field of a colour."""
    return Html(style.chip(text, color))


def clock(iso: str) -> str:
    """Return a time in ISO 8601 as people read it: ``2026-11-30 19:22 UTC``. Another text stays as it is."""
    found = _ISO.fullmatch(iso)
    if not found:
        return iso
    day, time, zone = found.groups(default="")
    return f"{day} {time} {'UTC' if zone in _UTC else zone}".strip()


def verbatim(text: str, **attributes: str) -> Html:
    """Return text that is plain already in its own lines, as a terminal shows it."""
    return element("pre", Html(style.escape(text)), **attributes)


def section(title: object, *content: object, id_: str = "") -> Html:
    """Return a section with its heading."""
    return element("section", element("h2", title, **({"id": id_} if id_ else {})), *content)


def items(rows: Iterable[object]) -> Html:
    """Return a list."""
    return element("ul", *(element("li", row) for row in rows))


def facts(rows: Iterable[tuple[str, object]]) -> Html:
    """Return names with what is said of them, each on a line of its own; a fact without text is left out."""
    pairs = [(element("dt", name), element("dd", value)) for name, value in rows if str(value)]
    return element("dl", *(piece for pair in pairs for piece in pair)) if pairs else Html("")


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()) -> Html:
    """Return a table, which has a scroll bar of its own where the window is narrow.

    Args:
        caption: what the table says.
        heads: the heads of its columns; the first cell of a row is its head.
        rows: the cells.
        numbers: which columns have numbers, counted from 0.
    """
    right = set(numbers)
    head = element("tr", *(element("th", name, scope="col", **_class(at, right)) for at, name in enumerate(heads)))
    body = [element("tr", *(_cell(at, value, right) for at, value in enumerate(row))) for row in rows]
    whole = element("table", element("caption", caption), element("thead", head), element("tbody", *body))
    return element("div", whole, class_="wide", role="region", aria_label=caption, tabindex="0")


def _cell(place: int, value: object, right: set[int]) -> Html:
    if place == 0:
        return element("th", value, scope="row", **_class(place, right))
    return element("td", value, **_class(place, right))


def _class(place: int, right: set[int]) -> dict[str, str]:
    return {"class_": "number"} if place in right else {}


def document(title: str, header: object, body: Iterable[object], footer: object) -> bytes:
    """Return a whole page as a file.

    Args:
        title: of the window, and the page's only heading of the first rank.
        header: what stands below the heading.
        body: the sections.
        footer: what stands at the end.
    """
    page = joined(
        [
            element("header", element("h1", title), header),
            element("main", *body),
            element("footer", footer),
        ],
        "\n",
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"{element('title', title)}\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{page}\n</body>\n</html>\n"
    ).encode()


_FOCUS = style.SEVERITY_COLORS[Severity.POSITIVE_INTERMEDIATE]
_STYLE = f"""\
:root {{ color-scheme: light dark; }}
body {{ background: {style.LIGHT.paper}; color: {style.LIGHT.ink}; font: 1rem/1.5 system-ui, sans-serif;
  margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }}
h2 {{ font-size: 1.2rem; line-height: 1.3; margin: 2rem 0 .5rem; }}
h3 {{ font-size: 1rem; margin: 1rem 0 .25rem; }}
p, ul, dl {{ margin: .5rem 0; max-width: {style.LINE_WIDTH}; }}
ul {{ padding-left: 1.25rem; }}
.rules {{ list-style: none; padding: 0; }}
.rules > li {{ border-left: 4px solid {style.NEUTRAL}; margin: .75rem 0; padding: .1rem 0 .1rem .75rem; }}
.rules > .fails {{ border-color: {style.VERDICT_COLORS[style.NOT_YET]}; }}
.rules > .holds {{ border-color: {style.VERDICT_COLORS[style.OK]}; }}
.demand {{ align-items: baseline; display: flex; gap: .5rem; margin: .15rem 0; }}
.demand > :first-child {{ flex: none; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .1rem .75rem; }}
dt {{ font-weight: 600; }}
dd {{ margin: 0; min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; }}
pre {{ background: {style.veil(style.NEUTRAL)}; font: .9rem/1.4 ui-monospace, monospace; margin: .25rem 0 .5rem;
  overflow-wrap: anywhere; padding: .5rem .75rem; white-space: pre-wrap; }}
pre.output {{ background: none; border-left: 4px solid {style.NEUTRAL}; max-height: 32rem; overflow: auto; }}
.wide {{ margin: .75rem 0; overflow-x: auto; }}
table {{ border-collapse: collapse; }}
caption {{ font-weight: 600; padding-bottom: .25rem; text-align: left; }}
th, td {{ border-bottom: 1px solid {style.veil(style.NEUTRAL, style.EDGE)}; padding: .15rem 1rem .15rem 0;
  text-align: left; vertical-align: top; }}
tbody th {{ font-weight: 400; }}
.number {{ font-variant-numeric: tabular-nums; text-align: right; }}
.points {{ font-size: 1.2rem; }}
.time {{ white-space: nowrap; }}
.beside {{ display: flex; flex-wrap: wrap; gap: 0 3rem; }}
nav ul {{ display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; max-width: none; padding: 0; }}
a {{ color: inherit; }}
svg {{ display: block; height: auto; margin: .5rem 0; max-width: 100%; }}
figure {{ margin: .5rem 0; overflow-x: auto; }}
footer {{ border-top: 1px solid {style.veil(style.NEUTRAL, style.EDGE)}; font-size: .9rem; margin-top: 2.5rem; }}
:focus-visible {{ outline: 3px solid {_FOCUS}; }}
@media (prefers-color-scheme: dark) {{ body {{ background: {style.DARK.paper}; color: {style.DARK.ink}; }} }}
@media print {{
  :root {{ color-scheme: light; -webkit-print-color-adjust: exact; print-color-adjust: exact; }}
  body {{ background: none; color: #000; font-size: 10pt; max-width: none; padding: 0; }}
  .rules > li, tr, svg {{ break-inside: avoid; }}
  h2, h3, caption {{ break-after: avoid; }}
  .wide, figure, pre.output {{ max-height: none; overflow: visible; }}
  nav {{ display: none; }}
}}
"""
