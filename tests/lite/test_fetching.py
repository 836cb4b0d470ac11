"""The parts are fetched once, checked each time, and nothing else is left in their folder."""

import shutil
from pathlib import Path

import pytest

from smtplab.lite import fetching, sentences
from smtplab.lite.failure import LiteError
from smtplab.lite.fetching import gather, parts_folder
from smtplab.lite.parts import BUILDERS
from support.lite_parts import CONTENT, LOCK, Fetcher, fill
from support.templates import says

KEPT = sorted(LOCK[name].file for name in ("pyodide", "jupyterlite-pyodide-kernel", "comm"))


@pytest.fixture(autouse=True)
def _npm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching.shutil, "which", lambda name: f"/bin/{name}")


def test_what_is_missing_is_fetched_and_kept_and_nothing_else_is_left(tmp_path: Path) -> None:
    fetcher, told = Fetcher(), []
    content = gather(LOCK, tmp_path / "parts", say=told.append, run=fetcher)
    assert {name: content[name] for name in CONTENT} == CONTENT
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == KEPT
    assert [line.split()[1] for line in told] == ["2", "Pyodide"]
    pip, npm = fetcher.commands
    assert {"download", "--require-hashes", "--no-deps"} <= set(pip)
    assert npm[1:3] == ["pack", "pyodide@314.0.6"]


def test_with_all_parts_there_nothing_is_run(tmp_path: Path) -> None:
    fill(tmp_path)
    fetcher = Fetcher()
    assert gather(LOCK, tmp_path, run=fetcher)["comm"] == CONTENT["comm"]
    assert fetcher.commands == []


@pytest.mark.parametrize("name", ["pyodide", "comm"])
def test_a_damaged_part_is_fetched_anew(tmp_path: Path, name: str) -> None:
    fill(tmp_path)
    (tmp_path / LOCK[name].file).write_bytes(b"half")
    fetcher = Fetcher()
    assert gather(LOCK, tmp_path, run=fetcher)[name] == CONTENT[name]
    assert len(fetcher.commands) == 1


@pytest.mark.parametrize("name", ["pyodide", "comm"])
def test_what_is_fetched_with_another_hash_is_refused_and_not_kept(tmp_path: Path, name: str) -> None:
    with pytest.raises(LiteError) as caught:
        gather(LOCK, tmp_path, run=Fetcher(CONTENT | {name: b"other"}))
    assert says(sentences, str(caught.value), "WRONG_HASH", LOCK[name].sha256)
    assert not (tmp_path / LOCK[name].file).exists()
    assert not list(tmp_path.glob(".fetching*"))


def test_a_given_tarball_takes_the_place_of_npm_and_is_kept(tmp_path: Path) -> None:
    given = tmp_path / "downloaded.tgz"
    given.write_bytes(CONTENT["pyodide"])
    fetcher = Fetcher()
    gather(LOCK, tmp_path / "parts", pyodide=given, run=fetcher)
    assert [command[-2] for command in fetcher.commands] == ["-d"]  # pip alone
    assert gather(LOCK, tmp_path / "parts", run=fetcher)["pyodide"] == CONTENT["pyodide"]


def test_without_a_pip_of_this_python_another_one_fetches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = fetching.find_spec
    monkeypatch.setattr(fetching, "find_spec", lambda name: None if name == "pip" else find(name))
    fetcher = Fetcher()
    gather(LOCK, tmp_path, run=fetcher)
    assert fetcher.commands[0][:2] == ["/bin/pip3", "download"]


def test_the_command_that_is_told_has_the_file_that_it_names(tmp_path: Path) -> None:
    with pytest.raises(LiteError) as caught:
        gather(LOCK, tmp_path, run=Fetcher(error="no network"))
    words = str(caught.value).split()
    wishes = Path(words[words.index("-r") + 1])
    assert f"comm=={LOCK['comm'].version} --hash=sha256:{LOCK['comm'].sha256}" in wishes.read_text()


@pytest.mark.parametrize(
    ("platform", "variables", "end"),
    [
        ("linux", {"XDG_CACHE_HOME": "/c"}, "/c/smtplab/lite"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/home/.cache/smtplab/lite"),
        ("darwin", {}, "/home/Library/Caches/smtplab/lite"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/smtplab/lite"),
    ],
)
def test_the_parts_lie_in_the_users_cache(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], end: str
) -> None:
    monkeypatch.setattr(fetching.sys, "platform", platform)
    monkeypatch.setattr(fetching.Path, "home", lambda: Path("/home"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert parts_folder() == Path(end)


def test_the_packages_that_build_are_those_that_are_installed() -> None:
    assert set(BUILDERS) == {"jupyterlite-core", "jupyterlite-pyodide-kernel"}
    assert shutil.which("npm") == "/bin/npm"  # the fixture's
