"""The pages at the top say what is true: CONTRIBUTING names files that exist, the CHANGELOG is short and grouped."""

import re

import pytest

from support.paths import ROOT

GROUPS = ["Course", "Kernel", "Widgets", "Library", "Server", "Command line", "Grading"]
MOST_WORDS = 20


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _paths(text: str) -> set[str]:
    """Return what stands in backquotes and is a path in the repository."""
    words = re.findall(r"`([\w./-]+)`", text)
    tops = {path.name for path in ROOT.iterdir()}
    return {word for word in words if word.partition("/")[0] in tops and ("/" in word or "." in word)}


def test_a_path_is_told_from_a_name() -> None:
    text = "`tests/conftest.py`, `README.md`, `smtplab serve`, `tests`, `data_to_send()`, `.ci/run`, `50/50`"
    assert _paths(text) == {"tests/conftest.py", "README.md", ".ci/run"}


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md"])
def test_every_path_that_a_page_names_exists(page: str) -> None:
    paths = _paths(_text(page))
    assert paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def _pages() -> list[str]:
    """Return every page of the repository that people read as text."""
    folders = [ROOT / name for name in ("data", "notebooks", "smtplab", "tests")]
    paths = [*ROOT.glob("*.md"), *(path for folder in folders for path in folder.rglob("*.md"))]
    names = [path.relative_to(ROOT) for path in paths]
    return sorted(str(name) for name in names if not any(part.startswith(".") for part in name.parts))


def _anchors(text: str) -> set[str]:
    """Return what a link to a heading ends in: the heading in small letters, with hyphens."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def _is_there(page: str, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    return file.exists() and (not anchor or anchor in _anchors(file.read_text(encoding="utf-8")))


def _dead_links(page: str) -> list[str]:
    text = re.sub(r"^```.*?^```$", "", _text(page), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in targets if "://" not in target and not _is_there(page, target)]


@pytest.mark.parametrize("page", _pages())
def test_every_link_to_a_file_or_a_heading_leads_there(page: str) -> None:
    assert _dead_links(page) == []


def test_links_are_found() -> None:
    linked = sum(len(re.findall(r"\]\(", _text(page))) for page in _pages())
    assert linked > 20
    assert _is_there("README.md", "data/README.md#messages")
    assert not _is_there("README.md", "data/README.md#nowhere")
    assert not _is_there("README.md", "nowhere.md")


@pytest.mark.parametrize("page", _pages())
def test_every_picture_of_a_page_has_an_alternative_text(page: str) -> None:
    assert [alt for alt in re.findall(r"!\[([^\]]*)\]\(", _text(page)) if len(alt.split()) < 8] == []


def _bullets(text: str) -> list[str]:
    return [" ".join(bullet.split()) for bullet in re.findall(r"^- ((?:.+\n)(?:  .+\n)*)", text, re.MULTILINE)]


def test_the_changelog_is_grouped_by_the_parts_of_the_project() -> None:
    for release in _text("CHANGELOG.md").split("\n## ")[1:]:
        groups = re.findall(r"^### (.*)$", release, re.MULTILINE)
        assert groups == [group for group in GROUPS if group in groups], "each at most once, in this order"
        assert groups
        before, *_ = release.partition("\n### ")
        assert _bullets(before) == [], "every bullet has a group"


def test_a_bullet_of_the_changelog_has_at_most_twenty_words() -> None:
    bullets = _bullets(_text("CHANGELOG.md"))
    assert len(bullets) > len(GROUPS)
    assert [bullet for bullet in bullets if len(bullet.split()) > MOST_WORDS] == []


def test_the_readme_says_what_smtplab_is_not_and_where_it_runs() -> None:
    readme = _text("README.md")
    (not_this,) = re.findall(r"^### What smtplab is not\n\n((?:(?:- |  ).*\n)+)", readme, re.MULTILINE)
    assert all(word in not_this for word in ("production", "TLS", "AUTH", "spam"))
    systems = readme.partition("### Supported systems")[2].partition("\n## ")[0]
    assert all(f"\n| {system} |" in systems for system in ("Linux", "macOS", "Windows"))


def test_the_readme_is_short_and_has_two_small_pictures() -> None:
    readme = _text("README.md")
    assert len(readme.splitlines()) <= 120
    pictures = [ROOT / path for path in re.findall(r"!\[[^\]]*\]\(([^)]*)\)", readme)]
    assert len(pictures) == 2
    assert [path for path in pictures if path.stat().st_size > 150_000] == []
