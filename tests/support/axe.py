"""Accessibility of what a page shows, judged by axe-core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

OUR_OUTPUTS = ".jp-OutputArea-output"
GRAVE = ("serious", "critical")

# What lies beyond the edge of a box with hidden overflow is invisible to axe-core, and then it judges no colour there.
# JupyterLab's body is such a box and has no height of its own, and a notebook is longer than its window.
_SHOW_ALL = "body, :has(%(include)s):not(%(include)s) { overflow: visible !important; }"


def grave_violations(page: Page, include: str = OUR_OUTPUTS, exclude: str | None = None) -> list[str]:
    """Return the serious and critical violations within the CSS selector `include`, one readable line for each place.

    JupyterLab's own page is left to JupyterLab: without a selector, only outputs are judged.
    """
    from axe_playwright_python.sync_playwright import Axe

    context = {"include": [[include]]} | ({"exclude": [[exclude]]} if exclude else {})
    style = page.add_style_tag(content=_SHOW_ALL % {"include": include})
    violations: list[dict[str, Any]] = Axe().run(page, context).response["violations"]
    style.evaluate("(style) => style.remove()")
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['html']}"
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
