"""A submission may read what Python needs, and nothing that is somebody's."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import pytest

import smtplab
from smtplab.border import python_files
from smtplab.border.python_files import needed, outermost
from support.paths import ROOT

ROOTS_HOME = os.path.expanduser("~root")


def is_shown(path: str | Path) -> bool:
    real = os.path.realpath(path)
    return any(f"{real}/".startswith(f"{shown}/") for shown in needed())


@pytest.mark.parametrize(
    "path",
    [sys.executable, os.__file__, sysconfig.get_path("purelib"), smtplab.__file__, ROOT / "data", "/usr/bin/env"],
)
def test_what_python_needs_is_shown(path: str | Path) -> None:
    assert is_shown(path)


@pytest.mark.parametrize(
    "path",
    [
        *(ROOT / "notebooks" / "exercises" / name for name in ("", "source", "gradebook.db", "submitted")),
        *(ROOT / name for name in ("", "tests", ".git", "CHANGELOG.md")),
        *("/", "/etc", "/etc/shadow", "/etc/passwd", "/home", ROOTS_HOME, f"{ROOTS_HOME}/.ssh", "/var", "/tmp", "/run"),
        "/srv",
        *("/usr/local/share/nbgrader/exchange", "/opt", "/mnt", "/proc", "/sys", "/dev"),
    ],
)
def test_what_is_somebodys_is_not_shown(path: str | Path) -> None:
    assert not is_shown(path)


def test_a_course_in_the_folder_of_a_virtual_environment_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bin", "lib", "source", "share/jupyter", "etc"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "gradebook.db").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    shown = {path for path in needed.__wrapped__() if path.startswith(str(tmp_path))}
    assert shown == {str(tmp_path / name) for name in ("bin", "lib")}


def test_a_folder_of_the_search_path_is_shown_only_if_packages_are_installed_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("work", "site-packages"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "work"), str(tmp_path / "site-packages")])
    assert {path for path in needed.__wrapped__() if path.startswith(str(tmp_path))} == {
        str(tmp_path / "site-packages")
    }


def test_packed_the_package_is_all_of_smtplab(monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(smtplab.__file__).parent
    monkeypatch.setattr(python_files, "course_root", lambda: package / "_course")
    assert python_files._of_smtplab() == [package]


def test_a_machine_without_proc_has_the_same_files_but_for_loaded_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object, **options: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", fails)
    assert python_files._loaded_libraries() == set()


def test_only_the_outermost_of_paths_that_exist_are_kept(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "ab").mkdir()
    paths = [inner, tmp_path / "a", tmp_path / "ab", tmp_path / "none"]
    assert outermost(paths) == (str(tmp_path / "a"), str(tmp_path / "ab"))


def test_a_link_is_kept_with_the_place_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "there" / "in").mkdir(parents=True)
    (tmp_path / "link").symlink_to("there")
    assert outermost([tmp_path / "link", tmp_path / "link" / "in"]) == (str(tmp_path / "link"), str(tmp_path / "there"))
    assert outermost([tmp_path / "link" / "in"]) == (str(tmp_path / "link" / "in"), str(tmp_path / "there" / "in"))
