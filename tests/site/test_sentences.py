"""Every error sentence about the pages is raised somewhere, in exactly these words."""

from collections.abc import Callable
from pathlib import Path

import click
import pytest

from smtplab.site import build, sentences
from smtplab.site.links import BadLink
from smtplab.site.site_error import SiteError
from smtplab.site.site_folder import OWN_FILES, put
from smtplab.site.sphinx_run import run_sphinx
from support.templates import names_of

Change = Callable[[Path, pytest.MonkeyPatch], object]


def build_in(folder: Path) -> None:
    build.build_site(folder / "site", click.Group(), progress=lambda doing: None)


def without_a_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find_spec", lambda name: None if name in ("furo", "myst_nb") else True)
    build_in(folder)


def without_notebooks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "course_pages", list)
    build_in(folder)


def with_a_broken_link(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_run_sphinx", lambda *arguments: None)
    monkeypatch.setattr(build, "bad_links", lambda folder: [BadLink("tutorials/00.html", "99.html")])
    build_in(folder)


def over_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("built", "site"):
        (folder / name).mkdir()
        (folder / name / "index.html").touch()
    put(folder / "built", folder / "site")


def into_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "site").touch()
    build_in(folder)


def with_a_damaged_list(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "site").mkdir()
    (folder / "site" / OWN_FILES).write_text("{")
    build_in(folder)


def with_a_wrong_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("source", "settle"):
        (folder / name).mkdir()
    (folder / "source" / "index.md").write_text("# Title\n\n[there](gone.md)\n")
    run_sphinx(folder / "source", folder / "out", folder / "settle", lambda name: None)


# The constant -> what raises it, and the exact text; FOLDER stands for the folder of the test.
ROWS: dict[str, tuple[Change, str]] = {
    "PARTS_MISSING": (
        without_a_part,
        "The pages cannot be built without MyST-NB and Furo; to install all of it: pip install 'smtplab[site]'",
    ),
    "NO_COURSE_FILES": (without_notebooks, "This installation has no notebooks; install smtplab again."),
    "NOT_OURS": (
        over_a_file,
        "FOLDER/site/index.html is there already, and no earlier run of this command wrote it, so nothing was changed. "
        "Name another folder, or move the file.",
    ),
    "NOT_A_FOLDER": (into_a_file, "FOLDER/site is a file; name a folder."),
    "DAMAGED_LIST": (
        with_a_damaged_list,
        f"The list of our own files, FOLDER/site/{OWN_FILES}, is damaged. Remove the folder, or name another one.",
    ),
    "BROKEN_LINK": (
        with_a_broken_link,
        "tutorials/00.html has a link to 99.html, which does not exist; correct the link.",
    ),
    "PAGE_WARNING": (
        with_a_wrong_page,
        "A page has a fault, so nothing was written: index.md:3: WARNING: "
        "'myst' cross-reference target not found: 'gone.md' [myst.xref_missing]",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert sorted(ROWS) == sorted(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_in_these_words(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change, text = ROWS[name]
    with pytest.raises(SiteError) as raised:
        change(tmp_path, monkeypatch)
    assert str(raised.value).replace(str(tmp_path), "FOLDER") == text
