"""The page at the root of the site: how to start, and where the student's work is kept."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from string import Template
from urllib.parse import quote

_TEMPLATE = Path(__file__).with_name("first_page.html")
# In JupyterLab's own page: opened as a file it would stay empty, so the first page says how to open it.
_SENT_AWAY = "<script>if (location.protocol === 'file:') location.replace('../index.html');</script>"


def first_page(notebooks: Sequence[str]) -> str:
    """Return the page for a course of these notebooks; the first is the one to start with.

    JupyterLite reads the page, too: its element ``jupyter-config-data`` has to stay.
    """
    rows = "".join(f'<li><a href="{deep_link(name)}">{html.escape(_title(name))}</a></li>\n' for name in notebooks)
    return Template(_TEMPLATE.read_text("utf-8")).substitute(first=quote(notebooks[0]), notebooks=rows)


def deep_link(notebook: str) -> str:
    """Return the address of a notebook in the site, relative to its root."""
    return f"lab/index.html?path={quote(notebook)}"


def told_about_files(page: str) -> str:
    """Return JupyterLab's page with the step to the first page for those who opened it as a file."""
    return page.replace("<head>", f"<head>\n    {_SENT_AWAY}", 1)


def _title(name: str) -> str:
    return name.removesuffix(".ipynb").replace("/", ": ")
