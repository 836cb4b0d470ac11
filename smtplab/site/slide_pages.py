"""The slides of a tutorial as one page, with reveal.js beside it.

The page is ours, and not nbconvert's, because that one loads require.js and jQuery of another host, and shows whole
paragraphs. reveal.js comes with sphinx-revealjs; of it only the player and the speaker's notes are used.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer
from pygments.styles import get_style_by_name

from ..show.style import escape
from .slides import Slide

REVEAL_FILES = ("dist/reveal.js", "dist/reveal.css", "dist/reset.css", "plugin/notes/notes.js", "LICENSE")
LIGHT_STYLE, DARK_STYLE = "a11y-high-contrast-light", "a11y-high-contrast-dark"
_NOTEBOOK = re.compile(r'href="([\w-]+)\.ipynb')  # a link of the tutorial to another one
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title: slides</title>
<link rel="icon" href="../_static/logo-svg.svg">
<link rel="stylesheet" href="reveal/dist/reset.css">
<link rel="stylesheet" href="reveal/dist/reveal.css">
<link rel="stylesheet" href="slides.css">
<link rel="stylesheet" href="code.css">
</head>
<body>
<main class="reveal" aria-label="Slides">
<div class="slides">
$slides
</div>
</main>
<script src="reveal/dist/reveal.js"></script>
<script src="reveal/plugin/notes/notes.js"></script>
<script src="slides.js"></script>
</body>
</html>
""")


def slides_page(title: str, slides: Sequence[Slide], page: str) -> str:
    """Return the page of the slides.

    Args:
        title: of the tutorial.
        slides: all of them, in order.
        page: the address of the tutorial's page, seen from here.
    """
    stacks = (list(stack) for _, stack in groupby(slides, key=lambda slide: slide.section))
    shown = "\n".join(f"<section>\n{''.join(map(_section, stack))}</section>" for stack in stacks)
    shown = _NOTEBOOK.sub(rf'href="{page.rpartition("/")[0]}/\1.html', shown)
    shown = shown.replace('href="#', f'href="{page}#')
    first = f'<p class="page"><a href="{escape(page)}">The page of this tutorial</a></p>\n</section>'
    return _PAGE.substitute(title=escape(title), slides=shown.replace("</section>", first, 1))


def write_slides_parts(folder: Path) -> None:
    """Write what all pages of slides share into their folder: reveal.js, styles and the script that starts it."""
    reveal = files("sphinx_revealjs") / "_static" / "revealjs"
    for name in REVEAL_FILES:
        target = folder / "reveal" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(reveal.joinpath(name).read_bytes())
    for name in ("slides.css", "slides.js"):
        with (files("smtplab.site") / "static" / name).open("rb") as source, (folder / name).open("wb") as copy:
            shutil.copyfileobj(source, copy)
    (folder / "code.css").write_text("\n".join(_code_styles()) + "\n", "utf-8")


def _code_styles() -> Iterator[str]:
    for name, dark in ((LIGHT_STYLE, False), (DARK_STYLE, True)):
        styles = HtmlFormatter(style=get_style_by_name(name)).get_style_defs(".highlight")
        yield f"@media (prefers-color-scheme: dark) {{\n{styles}\n}}" if dark else styles


def _section(slide: Slide) -> str:
    parts = [f"<h2>{_inline(slide.section)}</h2>"]
    if slide.text:
        parts.append(f'<div class="text">{_MARKDOWN.render(slide.text)}</div>')
    if slide.label:
        parts.append(f'<p class="label">{escape(slide.label)}</p>')
    if slide.code:
        parts.append(f'<div class="highlight"><pre tabindex="0">{_highlighted(slide.code)}</pre></div>')
    if slide.outputs:
        parts.append(f'<div class="output">{_outputs(slide.outputs)}</div>')
    if slide.below:
        parts.append(f'<div class="text below">{_MARKDOWN.render(slide.below)}</div>')
    if slide.notes:
        parts.append(f'<aside class="notes">{_MARKDOWN.render(slide.notes)}</aside>')
    return f'<section class="{_kind(slide)}">\n{chr(10).join(parts)}\n</section>\n'


def _kind(slide: Slide) -> str:
    """Return the class of a slide, by which what stands alone is larger."""
    if slide.code:
        return "cell" if slide.outputs else "only-code"
    return "only-output" if slide.outputs else "only-text"


def _outputs(outputs: Iterable[str]) -> str:
    return "".join(f"<div>{output}</div>" for output in outputs)


def _inline(text: str) -> str:
    return str(_MARKDOWN.renderInline(text))


def _highlighted(code: str) -> str:
    return str(highlight(code, PythonLexer(), HtmlFormatter(nowrap=True))).rstrip("\n")
