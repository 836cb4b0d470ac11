"""A site replaces an older one and nothing else, also after an interruption."""

import json
from pathlib import Path

import pytest

from smtplab.lite import placing
from smtplab.lite.build import MARKER
from smtplab.lite.placing import check_folder, check_zip, marker_of, place
from support.lite_parts import wheel


def a_site(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f"{folder.name}: {name}")
    (folder / MARKER).write_text(json.dumps({"build": folder.name, "files": sorted([*names, MARKER])}))
    return folder


def read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.name != MARKER}


def test_a_new_folder_gets_the_site_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    site = a_site(tmp_path / "built", "index.html")
    place(site, tmp_path / "deep" / "er")
    assert read(tmp_path / "deep" / "er") == {"index.html": "built: index.html"}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["er"]


def test_an_older_site_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    place(a_site(tmp_path / "one", "index.html", "gone.js"), tmp_path / "site")
    (tmp_path / "site" / "CNAME").write_text("mine")
    place(a_site(tmp_path / "two", "index.html", "new.js"), tmp_path / "site")
    assert read(tmp_path / "site") == {"index.html": "two: index.html", "new.js": "two: new.js", "CNAME": "mine"}
    assert marker_of(tmp_path / "site") == {"build": "two", "files": ["index.html", "new.js", MARKER]}


@pytest.mark.parametrize("step", range(4))
def test_after_an_interruption_the_next_run_puts_it_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    place(a_site(tmp_path / "one", "index.html", "gone.js"), tmp_path / "site")
    two = a_site(tmp_path / "two", "index.html", "new.js")
    steps, rename = iter(range(9)), Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if next(steps) == step:
            raise KeyboardInterrupt
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(placing.Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            place(two, tmp_path / "site")
    place(two, tmp_path / "site")
    assert read(tmp_path / "site") == {"index.html": "two: index.html", "new.js": "two: new.js"}
    assert not list(tmp_path.glob(".*"))


def test_an_empty_folder_and_the_zip_of_a_site_are_taken(tmp_path: Path) -> None:
    check_folder(tmp_path)
    check_folder(tmp_path / "new")
    check_zip(tmp_path / "new.zip")
    (tmp_path / "old.zip").write_bytes(wheel({MARKER: b"{}"}))
    check_zip(tmp_path / "old.zip")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 1}'])
def test_a_marker_of_another_kind_marks_no_site(tmp_path: Path, text: str) -> None:
    (tmp_path / MARKER).write_text(text)
    assert marker_of(tmp_path) is None
