"""The notebooks of the site: those that `smtplab start` copies, each marked with the fingerprint of its cells.

The mark stays in the notebook when the browser saves it. So JupyterLab can tell later that the site has a newer version
than the one that was saved.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..course.copies import course_files
from ..course.notebook_files import fingerprint

MARK = "smtplab_delivered"
"""The key in a notebook's metadata. The extension in ``labextension`` reads it."""

_PYTHON = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}

WHERE_WORK_IS = (
    "**You have this course in your browser, with nothing installed.** Your work is kept in this browser, for this "
    "address: another browser, another address or a private window shows none of it. To keep a copy, or to hand an "
    "exercise in, choose **File, Download my work**. A cell that does not end cannot be interrupted here; restart the "
    "kernel."
)


def site_notebooks() -> dict[str, bytes]:
    """Return the notebooks by their names in the site, in order; the first says where the work is kept."""
    files = course_files()
    marked = {name: _changed(content, _mark_with(fingerprint(content))) for name, content in files.items()}
    first = next(iter(marked))
    return marked | {first: _changed(marked[first], _tell_where_work_is)}


def fingerprints() -> dict[str, str]:
    """Return the fingerprint of each notebook as delivered, as its mark has it."""
    return {name: fingerprint(content) for name, content in course_files().items()}


def _changed(content: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    notebook = json.loads(content)
    change(notebook)
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _mark_with(mark: str) -> Callable[[dict[str, Any]], None]:
    def change(notebook: dict[str, Any]) -> None:
        metadata = notebook["metadata"]
        metadata[MARK] = mark
        if metadata["kernelspec"]["name"] == "python3":  # the browser's has another name, and would be asked for
            metadata["kernelspec"] = _PYTHON

    return change


def _tell_where_work_is(notebook: dict[str, Any]) -> None:
    first = notebook["cells"][0]
    first["source"] = f"{''.join(first['source'])}\n\n{WHERE_WORK_IS}"
