"""The first page of the site: what the course is, and the list of its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, metadata

from ..show.style import escape
from .course_pages import SLIDES, CoursePage
from .reference import REFERENCE, REFERENCE_PAGES

_SECTIONS = """\
## Ways to take part

- **Read here.** The pages of the tutorials show a run of ours. The answers to their tasks are folded, so think first.
{lite}- **On your own machine.** Install smtplab; `smtplab start` opens the course in JupyterLab.

"""


def front_page(pages: Sequence[CoursePage], lite: str | None) -> str:
    """Return the first page as Markdown.

    Args:
        pages: the pages of the course.
        lite: the address of the course in the browser, seen from here; None if there is none.
    """
    tutorials = [page for page in pages if not page.is_exercise]
    link = "" if lite is None else f"{lite.rstrip('/')}/lab/index.html"
    run = f'- **In the browser.** <a href="{escape(link)}">Open the course</a>; nothing is installed.\n' if link else ""
    slides = "".join(_slides_link(page) for page in pages if page.has_slides)
    return "\n".join(
        [
            "# smtplab",
            "",
            _summary(),
            "",
            _SECTIONS.format(lite=run),
            "## Slides",
            "",
            "For the lecture. Press S for the speaker's notes, O for an overview.",
            "",
            slides,
            _tree("Tutorials", (_entry(page) for page in tutorials)),
            _tree("Exercises", (_entry(page) for page in pages if page.is_exercise)),
            _tree("Reference", (f"{REFERENCE}/{name.partition('.')[0]}" for name in REFERENCE_PAGES)),
        ]
    )


def _summary() -> str:
    """Return what the package says of itself in one line."""
    try:
        return f"{metadata('smtplab')['Summary']}."
    except PackageNotFoundError:  # run from a folder without being installed
        return ""


def _slides_link(page: CoursePage) -> str:
    return f'- <a href="{SLIDES}/{page.stem}.html">{page.number} {escape(page.title)}</a>\n'


def _entry(page: CoursePage) -> str:
    """Return the line of a page in a list, with its number in front."""
    return f"{page.number} {page.title} <{page.path}>"


def _tree(caption: str, entries: Iterable[str]) -> str:
    """Return a section with the list of its pages, which the navigation has as well."""
    lines = "\n".join(entries)
    return f"## {caption}\n\n```{{toctree}}\n:caption: {caption}\n:maxdepth: 1\n\n{lines}\n```\n"
