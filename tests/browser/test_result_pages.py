"""The pages of a graded class in a browser: accessible in both themes, within a narrow window, and nothing runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smtplab.explain.misconceptions import beliefs
from smtplab.grading.results.outcome import CellShown
from smtplab.grading.results.result_files import PAGES, write_results
from support.axe import grave_violations
from support.graded_class import NOAH, REPORT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)><style>*{display:none}</style>\n" + "x" * 20_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a class with a page that tries everything."""
    folder = tmp_path_factory.mktemp("results")
    cells = (CellShown(1, "code", HOSTILE, HOSTILE), CellShown(2, "code", "wide", "y\n" * 500))
    hostile = replace(NOAH, name=HOSTILE[:80], cells=cells, beliefs=tuple(beliefs())[:3])
    write_results(replace(REPORT, students=(*REPORT.students, replace(hostile, student="eve"))), folder)
    return folder


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["class.html", f"{PAGES}/eve.html"])
def test_a_page_is_accessible_and_fits_a_window_at_twice_the_size_and_nothing_in_it_runs(
    chromium: Browser, folder: Path, name: str, theme: str
) -> None:
    page = chromium.new_page(viewport={"width": 640, "height": 450}, color_scheme=theme, device_scale_factor=2)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: said.append(request.url) if not request.url.endswith(name) else None)
    page.goto((folder / name).as_uri())
    assert grave_violations(page, "html") == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("main").is_visible()
    assert said == []
    page.close()
