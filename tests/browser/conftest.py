"""One JupyterLab and one Chromium for all the tests here.

A test asks for `lab`, opens a notebook in it and looks at what comes:

    def test_a_reply_is_drawn(lab: LabPage) -> None:
        notebook = lab.new("import smtplab", "smtplab.classify(250)")    # or lab.open("00-start-here.ipynb")
        assert [result.errors for result in notebook.run_all()] == [[], []]
        notebook.outputs(1).get_by_text("250").first.wait_for()         # Playwright's own: waits until it is visible

`lab.theme("dark")` changes the theme, `notebook.cell(0)` and `notebook.outputs(0)` are Playwright's locators (clicks,
keys, text), `notebook.run(0)` runs one cell, `lab.command(...)` and `evaluate` reach JupyterLab's own objects,
`grave_violations(lab.page)` of `support.axe` judges the outputs, and `lab.screenshot("name")` takes a picture where the
variable SMTPLAB_SCREENSHOTS names a folder. Afterwards everything is closed unsaved, and the theme is light again. A
module that looks at one notebook many times may open it on `loaded_lab` in a fixture of its own, and close it there.

Playwright may be missing: import it under ``if TYPE_CHECKING``, and its ``expect`` not at all (``wait_for`` waits too).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support.chromium import MissingError, launched
from support.lab_page import LabPage
from support.lab_server import LabServer, started

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WINDOW = {"width": 1280, "height": 900}


@pytest.fixture(scope="package")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab on a fresh course, started by ``smtplab start``."""
    with started(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    try:
        with launched() as browser:
            yield browser
    except MissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="package")
def loaded_lab(chromium: Browser, lab_server: LabServer) -> Iterator[LabPage]:
    """JupyterLab, loaded once."""
    page = chromium.new_page(viewport=WINDOW)
    yield LabPage(page, lab_server)
    page.close()


@pytest.fixture
def lab(loaded_lab: LabPage) -> Iterator[LabPage]:
    """JupyterLab with nothing open, in the light theme."""
    loaded_lab.page.set_viewport_size(WINDOW)
    yield loaded_lab
    loaded_lab.close_all()
    loaded_lab.theme("light")
