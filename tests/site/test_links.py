"""A link that leads nowhere is found, and so is what a page loads from another host."""

from pathlib import Path

import pytest

from smtplab.site.links import BadLink, bad_links


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="there.html">', []),
        ('<a href="there.html#here">', []),
        ('<a href="there.html?q=1#here">', []),
        ('<a href="#own"><i id="own">', []),
        ('<a href="../top.html">', []),
        ('<a href="../../lite/lab/index.html">', []),
        ('<a href="https://www.rfc-editor.org/rfc/rfc5321">', []),
        ('<img src="data:image/png;base64,AAAA">', []),
        ('<link rel="stylesheet" href="a%20b.css">', []),
        ('<a href="gone.html">', ["gone.html"]),
        ('<a href="there.html#gone">', ["there.html#gone"]),
        ('<a href="#gone">', ["#gone"]),
        ('<script src="gone.js">', ["gone.js"]),
        ('<script src="https://cdn.example/x.js">', ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', ["//fonts.example/x.css"]),
    ],
)
def test_a_link_leads_somewhere_or_is_named(tmp_path: Path, html: str, found: list[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "page.html").write_text(html)
    (tmp_path / "in" / "there.html").write_text('<h2 id="here">Here</h2>')
    (tmp_path / "in" / "a b.css").touch()
    (tmp_path / "top.html").touch()
    assert bad_links(tmp_path) == [BadLink("in/page.html", target) for target in found]
