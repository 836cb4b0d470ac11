"""The site goes into its folder, replaces what an earlier run wrote, and touches nothing else."""

from pathlib import Path

import pytest

from smtplab.site import sentences
from smtplab.site.site_error import SiteError
from smtplab.site.site_folder import OWN_FILES, check_place, put
from support.templates import is_made_of


def built(folder: Path, **files: str) -> Path:
    """Return a folder with files; an underscore in a name stands for a slash."""
    for name, text in files.items():
        path = folder / "built" / name.replace("_", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "built"


def files_in(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != OWN_FILES)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_the_files_are_put_into_a_new_folder(tmp_path: Path) -> None:
    assert put(built(tmp_path, index="1", a_b="2"), tmp_path / "site") == 2
    assert files_in(tmp_path / "site") == {"index": "1", "a/b": "2"}


def test_a_second_run_replaces_its_own_files_and_removes_old_ones_with_their_folders(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put(built(tmp_path / "one", index="1", a_b="2"), site)
    put(built(tmp_path / "two", index="3"), site)
    assert files_in(site) == {"index": "3"}
    assert not (site / "a").exists()


def test_what_lies_beside_it_stays(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put(built(tmp_path / "one", a_b="2"), site)
    (site / "a" / "mine").write_text("mine")
    put(built(tmp_path / "two", index="3"), site)
    assert files_in(site) == {"index": "3", "a/mine": "mine"}


@pytest.mark.parametrize("name", ["index", "a"], ids=["a file", "a file in place of a folder"])
def test_a_file_of_somebody_else_stops_it_before_anything_is_changed(tmp_path: Path, name: str) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / name).write_text("mine")
    with pytest.raises(SiteError) as failed:
        put(built(tmp_path, z="0", index="1", a_b="2"), site)
    assert is_made_of(str(failed.value), sentences.NOT_OURS)
    assert files_in(site) == {name: "mine"}


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site" / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SiteError):
        put(built(tmp_path, a_b="2"), tmp_path / "site")
    assert files_in(tmp_path / "elsewhere") == {}


def test_a_list_that_names_files_elsewhere_is_damaged(tmp_path: Path) -> None:
    (tmp_path / OWN_FILES).write_text('{"files": ["../other"]}')
    with pytest.raises(SiteError):
        check_place(tmp_path)
