"""Run Sphinx on the sources of the pages, with the settings that keep every address inside the site.

Sphinx is the tool because it checks links, has a search that needs no server, and reads both our notebooks, by MyST-NB,
and docstrings. Its theme Furo has no fonts or scripts of other hosts, and a light and a dark side.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from . import sentences
from .site_error import SiteError

_SETTINGS: Mapping[str, Any] = {
    "project": "smtplab",
    "extensions": [
        "myst_nb",
        "sphinx.ext.autodoc",
        "sphinx.ext.napoleon",
        "smtplab.site.sphinx_extension",
    ],
    "nitpicky": True,
    # Types in signatures are words of Python; only links that somebody wrote have to lead somewhere.
    "nitpick_ignore_regex": [(r"py:.*", r".*")],
    "default_role": "code",  # what stands between backticks in a docstring
    "autodoc_member_order": "bysource",
    "autodoc_typehints": "signature",
    "autodoc_preserve_defaults": True,
    "add_module_names": False,
    "nb_execution_mode": "off",  # the notebooks are committed executed
    "nb_ipywidgets_js": {},  # widgets have a static form; their scripts would come from another host
    "myst_heading_anchors": 3,
    "myst_heading_slug_func": "smtplab.site.sphinx_extension.anchor_of",
    "html_theme": "furo",
    "html_title": "smtplab",
    "html_css_files": ["site.css"],
    "html_js_files": ["site.js"],
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_search_language": "smtp",
    "html_last_updated_fmt": None,
    "html_show_copyright": False,
    "html_theme_options": {"top_of_page_buttons": []},
    "pygments_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


def run_sphinx(source: Path, out: Path, settle: Path, progress: Callable[[str], None]) -> None:
    """Make the pages in `out` from the sources in `source`.

    Args:
        source: the folder of notebooks and texts; what they are called is the address of their page.
        out: the folder of the pages.
        settle: a folder for what Sphinx keeps between its steps.
        progress: called with the name of each page that is read.

    Raises:
        SiteError: if Sphinx has a warning, such as a link that leads nowhere.
    """
    warnings = io.StringIO()
    settings = {
        **_SETTINGS,
        "html_static_path": [str(files("smtplab.site") / "static")],
        "html_favicon": str(files("smtplab.jupyter") / "kernelspec" / "logo-svg.svg"),
        "nb_execution_cache_path": str(settle / "cache"),
    }
    # A file, because a theme takes settings of its own only from there.
    (settle / "conf.py").write_text("".join(f"{name} = {value!r}\n" for name, value in settings.items()), "utf-8")
    with docutils_namespace(), patch_docutils(settle):  # for the next run in this process
        app = Sphinx(
            srcdir=source,
            confdir=settle,
            outdir=out,
            doctreedir=settle / "pages",
            buildername="html",
            status=None,
            warning=warnings,
            freshenv=True,
        )
        app.connect("source-read", lambda _app, name, _text: progress(name))
        app.build()
    if found := [line for line in _COLOR.sub("", warnings.getvalue()).split("\n") if line.strip()]:
        raise SiteError(sentences.PAGE_WARNING.format(warning=found[0].replace(f"{source}/", "")))
