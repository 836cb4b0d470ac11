"""What a page of HTML consists of, as a browser would see it: elements, attributes and the text that is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_LIVE = {"script", "iframe", "object", "embed", "img", "form", "link", "base"}
VOID = {"meta", "br", "hr", "img", "input", "link"}


@dataclass
class WrittenHtml:
    """A page that was read.

    Attributes:
        elements: the tag and the attributes of each element, in order.
        text: what stands between them, without style sheets.
        open: the tags that were never closed.
    """

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    open: list[str] = field(default_factory=list)

    def tags(self) -> set[str]:
        """Return the names of all elements."""
        return {tag for tag, _ in self.elements}

    def count(self, tag: str) -> int:
        """Return how many elements have this name."""
        return sum(each == tag for each, _ in self.elements)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = WrittenHtml()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.page.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.page.open, f"</{tag}> closes nothing"
        assert self.page.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.page.open:
            self.page.text += data


def read(page: bytes) -> WrittenHtml:
    """Return what is in a page. It fails if an element closes another one."""
    reader = _Reader()
    reader.feed(page.decode("utf-8"))
    reader.close()
    return reader.page


def live_parts(page: WrittenHtml) -> list[str]:
    """Return whatever in a page could act, load something or lead elsewhere; its own places may be linked."""
    found = sorted(page.tags() & _LIVE)
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            leads_elsewhere = name in ("href", "src", "action", "srcset", "xlink:href") and not value.startswith("#")
            if name.startswith("on") or leads_elsewhere or "url(" in value or "javascript:" in value:
                found.append(f"{tag} {name}={value}")
    return found
