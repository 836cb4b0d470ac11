"""Build the course as static pages: the sources, Sphinx, the slides, the downloads, and a check of every link.

All of it happens in a temporary folder. Only a whole site without a fault is put into its place.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import click

from ..base.printed import in_a_row
from . import sentences
from .accessible import mend
from .course_pages import DOWNLOADS, SLIDES, CoursePage, course_pages, sphinx_notebook
from .front_page import front_page
from .links import bad_links
from .reference import reference_pages
from .site_error import SiteError
from .site_folder import check_place, put

# What the extra `site` installs, by the names of its modules.
PARTS = {"sphinx": "Sphinx", "myst_nb": "MyST-NB", "furo": "Furo", "sphinx_revealjs": "sphinx-revealjs"}
DEFAULT_LITE = "../lite"


def build_site(
    folder: Path, commands: click.Group, *, lite: str | None = DEFAULT_LITE, progress: Callable[[str], None]
) -> int:
    """Build the site in `folder`, and return how many files it has.

    Args:
        folder: the folder of the site, which is made if missing.
        commands: the command line, for its page.
        lite: the address of the course in the browser, absolute or seen from the site's first page; None for no links
            to it.
        progress: called with what is done next.

    Raises:
        SiteError: if a part is missing, a page has a fault, or a file is in the way.
    """
    if missing := [name for module, name in PARTS.items() if find_spec(module) is None]:
        raise SiteError(sentences.PARTS_MISSING.format(packages=in_a_row(missing)))
    check_place(folder)
    pages = course_pages()
    if not pages:
        raise SiteError(sentences.NO_COURSE_FILES)
    with tempfile.TemporaryDirectory(prefix="smtplab-site-") as temporary:
        built = Path(temporary, "built")
        _run_sphinx(Path(temporary), built, _sources(pages, commands, lite), progress)
        progress("slides and downloads")
        _add_slides(built, pages)
        _write(built, {f"{DOWNLOADS}/{page.name}": page.delivered for page in pages})
        _write(built, {".nojekyll": b""})  # GitHub Pages would leave out the folders that begin with _
        if found := bad_links(built):
            raise SiteError(sentences.BROKEN_LINK.format(page=found[0].page, target=found[0].target))
        return put(built, folder)


def _sources(pages: Sequence[CoursePage], commands: click.Group, lite: str | None) -> dict[str, bytes]:
    """Return the files from which Sphinx makes the pages."""
    deeper = seen_from_below(lite)
    files = {f"{page.path}.ipynb": sphinx_notebook(page, pages, deeper) for page in pages}
    texts = {**reference_pages(commands), "index.md": front_page(pages, lite)}
    return files | {name: text.encode() for name, text in texts.items()}


def seen_from_below(lite: str | None) -> str | None:
    """Return the address of the course in the browser, seen from a page in a folder of the site."""
    if lite is None or urlsplit(lite).scheme or lite.startswith("/"):
        return lite
    return f"../{lite}"


def _run_sphinx(temporary: Path, built: Path, sources: dict[str, bytes], progress: Callable[[str], None]) -> None:
    from .sphinx_run import run_sphinx

    source, settle = temporary / "source", temporary / "settle"
    settle.mkdir()
    _write(source, sources)
    run_sphinx(source, built, settle, progress)
    mend(built)


def _add_slides(built: Path, pages: Iterable[CoursePage]) -> None:
    from .slide_pages import slides_page, write_slides_parts
    from .slides import slides_of

    with_slides = [page for page in pages if page.has_slides]
    texts = {
        f"{SLIDES}/{page.stem}.html": slides_page(page.title, slides_of(page.shown), f"../{page.path}.html")
        for page in with_slides
    }
    _write(built, {name: text.encode() for name, text in texts.items()})
    write_slides_parts(built / SLIDES)


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
