"""The web server: right types, no stale files, and nothing outside the site."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtplab.lite.serving import TYPES, SiteServer, file_of


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site, and a secret beside it."""
    site = tmp_path / "site"
    (site / "lab").mkdir(parents=True)
    for name in ("index.html", "lab/index.html", "a.mjs", "a.js", "a.wasm", "a.whl", "notes.xyz", "with blank.ipynb"):
        (site / name).write_text(name)
    (tmp_path / "secret.txt").write_text("secret")
    (site / "way-out").symlink_to(tmp_path)
    return site


@pytest.fixture
def server(site: Path) -> Iterator[SiteServer]:
    """It answers, in a thread."""
    with SiteServer(site, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(
    server: SiteServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.whl", "application/zip"),
        ("notes.xyz", "application/octet-stream"),
        ("", "text/html; charset=utf-8"),
    ],
)
def test_a_file_has_its_type_and_is_asked_for_anew_each_time(server: SiteServer, name: str, kind: str) -> None:
    status, headers, content = ask(server, f"/{name}")
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, kind, "no-cache")
    assert content.decode() == (name or "index.html")


def test_a_browser_that_has_the_file_gets_it_only_after_a_change(server: SiteServer, site: Path) -> None:
    _, headers, _ = ask(server, "/a.js?v=1")
    assert ask(server, "/a.js", if_none_match=headers["ETag"])[0] == 304
    (site / "a.js").write_text("b.js")  # as long, and perhaps in the same second
    assert ask(server, "/a.js", if_none_match=headers["ETag"])[::2] == (200, b"b.js")


def test_a_folder_without_a_slash_is_sent_on_so_that_its_links_are_right(server: SiteServer) -> None:
    status, headers, _ = ask(server, "/lab")
    assert (status, headers["Location"]) == (301, "lab/")
    assert ask(server, "/lab/")[2] == b"lab/index.html"


def test_the_head_of_a_file_has_no_content(server: SiteServer) -> None:
    status, headers, content = ask(server, "/with%20blank.ipynb", "HEAD")
    assert (status, headers["Content-Length"], content) == (200, "16", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/lab/..%2f..%2fsecret.txt",
        "/way-out/secret.txt",
        "/..\\secret.txt",
        "/C:/secret.txt",
        "/a%00.js",
        "/a.js/",
    ],
)
def test_nothing_outside_the_site_is_served(server: SiteServer, path: str) -> None:
    assert ask(server, path)[0] == 404


def test_a_post_is_refused(server: SiteServer) -> None:
    assert ask(server, "/a.js", "POST")[0] == 501


def test_the_address_names_the_path_and_is_of_this_machine_alone(server: SiteServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.url("lab/").endswith(f":{server.server_port}/lab/")


def test_an_address_of_ipv6_stands_in_brackets(site: Path) -> None:
    server = SiteServer.__new__(SiteServer)
    server.server_address = ("::1", 8000, 0, 0)
    assert server.url() == "http://[::1]:8000/"


def test_every_type_is_asked_for_in_small_letters(site: Path) -> None:
    assert all(end == end.lower() and end.startswith(".") for end in TYPES)
    assert file_of(site, "/a.js") == site / "a.js"
