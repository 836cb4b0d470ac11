"""Mend in built pages what the theme leaves out for people who use a screen reader or only a keyboard."""

from __future__ import annotations

from pathlib import Path

# What stands in the pages, and what has to.
_MENDED = {
    'class="caption" role="heading">': 'class="caption" role="heading" aria-level="2">',
}


def mend(folder: Path) -> None:
    """Mend all pages in a folder."""
    for path in folder.rglob("*.html"):
        text = path.read_text("utf-8")
        for found, mended in _MENDED.items():
            text = text.replace(found, mended)
        path.write_text(text, "utf-8")
