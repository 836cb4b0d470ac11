"""The notebooks of the course as pages, and the ways from a page: run it, download it, go to its exercise.

Only the notebook that a student gets can be downloaded: it has no answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..base.resources import course_root
from ..course.copies import EXERCISES, course_files
from ..show.style import escape
from .folded_answers import readable_notebook

TUTORIALS = "tutorials"
SLIDES = "slides"
DOWNLOADS = "notebooks"
WITH_SLIDES = ("00", "01", "02", "03")
"""The numbers of the tutorials that are also slides; a tutorial in the SMTP kernel has none."""

OUR_RUN = "This page is for reading: its outputs are from our run, and the answers are folded. The links are for doing."


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A notebook of the course, and its page.

    Args:
        name: the notebook's name in a student's folder, such as ``exercises/00-send-one-message.ipynb``.
        title: its first heading.
        delivered: the notebook as a student gets it.
        shown: the notebook that becomes the page.
        typed: True if it is a notebook of the SMTP kernel.
    """

    name: str
    title: str
    delivered: bytes
    shown: Mapping[str, Any]
    typed: bool

    @property
    def is_exercise(self) -> bool:
        """True if it is an exercise."""
        return self.name.startswith(f"{EXERCISES}/")

    @property
    def stem(self) -> str:
        """The name without folder and suffix."""
        return Path(self.name).stem

    @property
    def number(self) -> str:
        """The number with which the name begins, such as ``00``; exercises and tutorials of one number go together."""
        return self.stem.partition("-")[0]

    @property
    def path(self) -> str:
        """The address of the page inside the site, without its suffix."""
        return f"{EXERCISES if self.is_exercise else TUTORIALS}/{self.stem}"

    @property
    def has_slides(self) -> bool:
        """True if slides are made of it."""
        return not (self.is_exercise or self.typed) and self.number in WITH_SLIDES


def course_pages(root: Path | None = None) -> list[CoursePage]:
    """Return a page for each notebook of the course, tutorials first, in order.

    Args:
        root: the folder of ``notebooks``, by default the one that came with smtplab.
    """
    source = (course_root() if root is None else root) / "notebooks" / "tutorials"
    return [_page(name, content, source) for name, content in course_files(root).items()]


def _page(name: str, delivered: bytes, tutorials: Path) -> CoursePage:
    notebook = json.loads(delivered)
    shown = notebook if "/" in name else readable_notebook((tutorials / name).read_bytes())
    typed = notebook["metadata"]["kernelspec"]["name"] == "smtp"
    return CoursePage(name, title_of(notebook), delivered, shown, typed)


def title_of(notebook: Mapping[str, Any]) -> str:
    """Return the first heading of a notebook."""
    lines = "".join(notebook["cells"][0]["source"]).split("\n")
    return next(line.removeprefix("# ").strip() for line in lines if line.startswith("# "))


def partners(page: CoursePage, pages: Sequence[CoursePage]) -> list[CoursePage]:
    """Return the exercises of a tutorial, or the tutorials of an exercise; of its kernel, if there are any."""
    others = [each for each in pages if each.number == page.number and each.is_exercise != page.is_exercise]
    return [each for each in others if each.typed == page.typed] or others


def lite_link(lite: str, page: CoursePage) -> str:
    """Return the address of a notebook in the course in the browser, whose address is `lite`."""
    return f"{lite.rstrip('/')}/lab/index.html?path={quote(page.name)}"


def sphinx_notebook(page: CoursePage, pages: Sequence[CoursePage], lite: str | None) -> bytes:
    """Return the notebook from which Sphinx makes the page, with the ways from it below its title.

    Args:
        page: the page.
        pages: all of them.
        lite: the address of the course in the browser, seen from the page; None if there is none.
    """
    first, *others = page.shown["cells"]
    text = "".join(first["source"])
    title, _, rest = text.partition(f"# {page.title}")
    head = first | {"source": f"{title}# {page.title}\n\n{ways(page, pages, lite)}\n{rest}"}
    language = "smtp" if page.typed else "ipython3"
    metadata = {
        **page.shown["metadata"],
        "language_info": {"name": "smtp" if page.typed else "python", "pygments_lexer": language},
    }
    return json.dumps({**page.shown, "metadata": metadata, "cells": [head, *others]}, ensure_ascii=False).encode()


def ways(page: CoursePage, pages: Sequence[CoursePage], lite: str | None) -> str:
    """Return the links below a page's title as HTML."""
    links = [] if lite is None else [f'<a class="run" href="{escape(lite_link(lite, page))}">Open in the browser</a>']
    links.append(f'<a href="../{DOWNLOADS}/{quote(page.name)}" download>Download the notebook</a>')
    for other in partners(page, pages):
        what = "Exercise" if other.is_exercise else "Tutorial"
        links.append(f'<a href="../{quote(other.path)}.html">{what} {other.number}: {escape(_short(other.title))}</a>')
    if page.has_slides:
        links.append(f'<a href="../{SLIDES}/{quote(page.stem)}.html">Slides</a>')
    nav = f'<nav class="ways" aria-label="What to do with this notebook">{" ".join(links)}</nav>'
    return f"{nav}\n" if page.is_exercise else f'{nav}\n<p class="ours">{OUR_RUN}</p>\n'


def _short(title: str) -> str:
    """Return a title without the number at its front, as in ``01: The lecture's session``."""
    front, colon, rest = title.partition(": ")
    return rest if colon and any(letter.isdigit() for letter in front) else title
