"""Debian's Chromium, without a window, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MODULES = ("playwright", "axe_playwright_python")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # a sandbox needs rights that a container does not give; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class MissingError(Exception):
    """The tests of the browser cannot run here; `str(error)` says what is missing."""


@contextmanager
def launched() -> Iterator[Browser]:
    """Run Chromium until the end of the block.

    Raises:
        MissingError: if Playwright, axe-core or Chromium is not installed.
    """
    if missing := [name for name in MODULES if find_spec(name) is None]:
        raise MissingError(f"{' and '.join(missing)} not installed; the extra `browser` brings it")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise MissingError("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
