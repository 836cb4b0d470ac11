"""Check the links of built pages: each that stays inside the site leads to a file, and to an anchor in it.

Sphinx checks the links that it makes; this reads what a browser gets, also HTML of our own and the slides. It also
finds what a page would load from another host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

# The elements whose address a browser loads with the page, and the attribute that has it.
_LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}


@dataclass(slots=True)
class _PageAddresses(HTMLParser):
    """What a page links to, what it loads, and its anchors."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the addresses and anchors of an element."""
        found = dict(attrs)
        self.anchors.update(value for name in ("id", "name") if (value := found.get(name)))
        if tag == "a" and (target := found.get("href")):
            self.links.append(target)
        if (address := found.get(_LOADED.get(tag, ""))) and found.get("rel") != "canonical":
            self.loaded.append(address)


@dataclass(frozen=True, slots=True)
class BadLink:
    """A link of a page that leads nowhere, or what it loads from another host."""

    page: str
    target: str


def bad_links(folder: Path) -> list[BadLink]:
    """Return the links inside a folder of pages that lead nowhere, and what pages load from other hosts."""
    pages = {path.relative_to(folder).as_posix(): _addresses(path) for path in sorted(folder.rglob("*.html"))}
    return [
        BadLink(page, target)
        for page, found in pages.items()
        for target in dict.fromkeys(_bad(folder, PurePosixPath(page), found, pages))
    ]


def _addresses(path: Path) -> _PageAddresses:
    parser = _PageAddresses()
    parser.feed(path.read_text("utf-8"))
    return parser


def _bad(
    folder: Path, page: PurePosixPath, found: _PageAddresses, pages: Mapping[str, _PageAddresses]
) -> Iterator[str]:
    for target in (*found.links, *found.loaded):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            if target in found.loaded and parts.scheme != "data":
                yield target
            continue
        name = _resolved(page, unquote(parts.path))
        if name is None:  # outside: the course in the browser
            continue
        if name not in pages:
            if not (folder / name).is_file():
                yield target
        elif parts.fragment and unquote(parts.fragment) not in pages[name].anchors:
            yield target


def _resolved(page: PurePosixPath, path: str) -> str | None:
    """Return the file inside the site to which a path leads from a page; None if it is outside."""
    if not path:
        return str(page)
    steps: list[str] = []
    for step in (*page.parent.parts, *PurePosixPath(path).parts):
        if step != "..":
            steps.append(step)
        elif steps:
            steps.pop()
        else:
            return None
    return "/".join(steps)
