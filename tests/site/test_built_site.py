"""The whole site, built once by the command: complete, without a dead link, and without any other host in a browser.

The build reads every notebook and takes about eleven seconds of a processor, so all tests that need it stand here.
"""

from __future__ import annotations

import functools
import json
import os
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smtplab.site.course_pages import course_pages
from smtplab.site.links import bad_links
from smtplab.site.site_folder import OWN_FILES
from support import chromium
from support.axe import grave_violations
from support.command_line import Done, run_here

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COURSE = course_pages()
ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# A page of each kind.
KINDS = {
    "front": "index.html",
    "tutorial": "tutorials/00-start-here.html",
    "typed": "tutorials/01-type-the-lectures-session.html",
    "exercise": "exercises/01-hold-your-own-session.html",
    "codes": "reference/reply-codes.html",
    "command-line": "reference/command-line.html",
    "library": "reference/library.html",
    "slides": "slides/00-start-here.html",
}
LIGHT_AND_DARK = ("light", "dark")
WIDTHS = (1280, 400)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def done(folder: Path) -> Done:
    """The command, run once."""
    return run_here(folder, "site", "public/site", "--lite", "../lite")


@pytest.fixture(scope="module")
def site(folder: Path, done: Done) -> Path:
    assert done.returncode == 0, done.stderr
    return folder / "public" / "site"


def read(path: Path) -> str:
    return path.read_text("utf-8")


def test_the_command_says_how_much_it_built_and_where(done: Done, site: Path) -> None:
    files = [path for path in site.rglob("*") if path.is_file() and path.name != OWN_FILES]
    assert done.stdout.splitlines()[0] == f"built     {len(files)} files in public/site"


def test_nothing_is_left_beside_it(folder: Path, site: Path) -> None:
    assert [*folder.iterdir()] == [folder / "public"]
    assert [*site.parent.iterdir()] == [site]


def test_every_notebook_has_its_page_and_its_download(site: Path) -> None:
    for page in COURSE:
        assert page.title in read(site / f"{page.path}.html").replace("’", "'")
        assert (site / "notebooks" / page.name).read_bytes() == page.delivered


def test_every_link_leads_somewhere_and_nothing_comes_from_another_host(site: Path) -> None:
    assert bad_links(site) == []
    styles = [*site.rglob("*.css")]
    assert styles
    assert [path for path in styles if re.search(r"@import|url\(['\"]?(https?:)?//", read(path))] == []


def test_answers_are_folded_and_outputs_are_there(site: Path) -> None:
    html = read(site / "tutorials" / "00-start-here.html")
    folded = re.findall(r"<details[^>]*>.*?</details>", html, re.DOTALL)
    assert any("HELO laptop.example" in re.sub("<[^>]+>", "", each) for each in folded)
    open_text = re.sub("<[^>]+>", "", re.sub(r"<details[^>]*>.*?</details>", "", html, flags=re.DOTALL))
    assert "Now you: say who you are" in open_text
    assert 'session.send("HELO laptop.example")' not in open_text.replace("&quot;", '"')
    assert html.count("<svg") >= 2


def test_a_cell_of_the_smtp_kernel_has_its_colours(site: Path) -> None:
    html = read(site / "tutorials" / "01-type-the-lectures-session.html")
    assert '<div class="highlight-smtp' in html
    assert '<span class="k">telnet</span>' in html
    assert '<span class="nd">%ladder</span>' in html


def test_a_page_has_no_path_of_this_machine(site: Path) -> None:
    texts = (read(path) for path in (*site.rglob("*.html"), *site.rglob("*.js")))
    assert not any("/tmp/" in text or str(Path.home()) + "/" in text for text in texts)


def test_the_list_of_own_files_is_complete(site: Path) -> None:
    listed = json.loads(read(site / OWN_FILES))["files"]
    there = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert {*listed} == there - {OWN_FILES}


# In a browser


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site on a web server, below a path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=site.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/site/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium that finds no host but this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chromium, "ARGUMENTS", [*chromium.ARGUMENTS, ONLY_HERE])
        try:
            with chromium.launched() as running:
                yield running
        except chromium.MissingError as missing:
            pytest.skip(str(missing))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test if it asks another host, or has an error."""
    shown = browser.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    failed: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("pageerror", lambda error: failed.append(str(error)))
    shown.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    yield shown
    shown.close()
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []
    assert failed == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_accessible_and_no_wider_than_its_window(page: Page, address: str, kind: str) -> None:
    for scheme in LIGHT_AND_DARK:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address + KINDS[kind])
            if folder := os.environ.get("SMTPLAB_SCREENSHOTS"):
                page.screenshot(path=Path(folder) / f"site-{kind}-{scheme}-{width}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.set_viewport_size({"width": 1280, "height": 900})
        assert grave_violations(page, "body") == [], scheme


def test_the_search_finds_a_reply_code(page: Page, address: str) -> None:
    page.goto(f"{address}search.html?q=451")
    page.locator("#search-results li").first.wait_for()
    found = page.locator("#search-results li a").all_inner_texts()
    assert "Reply codes" in found
    summary = page.locator("#search-results li", has=page.get_by_role("link", name="Reply codes")).locator("p.context")
    summary.wait_for()
    assert "451" in summary.inner_text()


def test_the_search_works_without_a_server(browser: Browser, site: Path) -> None:
    """It finds the pages. The lines below their names need a server, because a browser reads no file for a file."""
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=envelope")
    page.locator("#search-results li").first.wait_for()
    page.close()


def test_an_answer_opens_by_keyboard(page: Page, address: str) -> None:
    page.goto(address + KINDS["tutorial"])
    fold = page.locator("details", has_text="Show an answer").first
    output = fold.locator(".cell_output").first
    assert not output.is_visible()
    fold.locator("summary").first.focus()
    page.keyboard.press("Enter")
    output.wait_for()


@pytest.mark.parametrize("deck", [page.stem for page in COURSE if page.has_slides])
def test_every_slide_fits_and_can_be_read(page: Page, address: str, deck: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{address}slides/{deck}.html")
    page.wait_for_function("Reveal.isReady()")
    count = page.evaluate("Reveal.getTotalSlides()")
    for number in range(count):
        size, used = page.evaluate(
            "(() => { const own = Reveal.getCurrentSlide().dataset; return [own.fitted, own.used].map(Number) })()"
        )
        assert used <= 720, f"slide {number + 1} is cut off"
        assert size >= 0.6, f"slide {number + 1} is too small"
        page.evaluate("Reveal.next()")
    assert page.evaluate("Reveal.isLastSlide()")
