"""Every error sentence about the course in a browser is raised somewhere, in exactly these words."""

import dataclasses
import json
import socket
import subprocess
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from smtplab.lite import fetching, sentences
from smtplab.lite.build import MARKER, built_site
from smtplab.lite.failure import LiteError
from smtplab.lite.fetching import gather
from smtplab.lite.parts import Lock, digest
from smtplab.lite.placing import check_folder, check_zip, place
from smtplab.lite.serving import SiteServer
from support.lite_parts import CONTENT, LOCK, Fetcher, build_nothing, fill
from support.templates import names_of

URL = "https://registry.npmjs.org/pyodide/-/pyodide-314.0.6.tgz"
PIP = "pip download --no-deps --only-binary :all: --python-version 3.14 --require-hashes -r FOLDER/parts.txt -d FOLDER"


def not_there(name: str) -> str:
    raise metadata.PackageNotFoundError(name)


def without(*programs: str) -> Callable[[Path, pytest.MonkeyPatch], object]:
    """Gather the parts where these are missing."""

    def trigger(folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
        if "pip" not in programs:
            fill(folder)
            (folder / LOCK["pyodide"].file).unlink()
        monkeypatch.setattr(fetching, "find_spec", lambda name: None if name in programs else _find(name))
        monkeypatch.setattr(fetching.shutil, "which", lambda name: None)
        return gather(LOCK, folder)

    return trigger


_find = fetching.find_spec


def where_npm_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    fill(folder)
    (folder / LOCK["pyodide"].file).unlink()
    monkeypatch.setattr(fetching.shutil, "which", lambda name: f"/bin/{name}")
    return gather(LOCK, folder, run=Fetcher(error="npm error network\nnpm error no network\n\n"))


def with_another_wheel(folder: Path, _: pytest.MonkeyPatch) -> object:
    return gather(LOCK, folder, run=Fetcher(CONTENT | {"piplite": b"", "jupyterlite-pyodide-kernel": b"x"}))


def with_another_inside(folder: Path, _: pytest.MonkeyPatch) -> object:
    parts = tuple(dataclasses.replace(each, sha256="0") if each.name == "piplite" else each for each in LOCK.parts)
    fill(folder)
    return gather(Lock("3.14", parts), folder)


def with_a_tarball(content: bytes | None) -> Callable[[Path, pytest.MonkeyPatch], object]:
    def trigger(folder: Path, _: pytest.MonkeyPatch) -> object:
        given = folder / "p.tgz"
        if content is not None:
            given.write_bytes(content)
        return gather(LOCK, folder, pyodide=given)

    return trigger


def with_a_build(folder: Path, *, fails: bool) -> None:
    def build(command: Any, *, cwd: Any = None, env: Any = None) -> subprocess.CompletedProcess[str]:
        done = build_nothing(command, cwd=cwd)
        config = cwd / "site" / "jupyter-lite.json"
        config.write_text(config.read_text().replace("./static/pyodide/pyodide.mjs", "https://cdn.example/p.mjs"))
        return subprocess.CompletedProcess(command, 1, "", "no space left.\n") if fails else done

    core = {"jupyterlite-core": b""}
    with built_site(LOCK, CONTENT | core, run=build):
        pass


def in_a_full_folder(folder: Path, _: pytest.MonkeyPatch) -> None:
    for name in "abcd":
        (folder / name).touch()
    check_folder(folder)


def over_a_file_of_somebody(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "new").mkdir()
    (folder / "new" / "lab").touch()
    (folder / "old").mkdir()
    (folder / "old" / MARKER).write_text(json.dumps({"files": [MARKER]}))
    (folder / "old" / "lab").touch()
    place(folder / "new", folder / "old")


def on_a_file(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "site").touch()
    check_folder(folder / "site")


def on_another_zip(folder: Path, _: pytest.MonkeyPatch) -> None:
    (folder / "site.zip").write_text("mine")
    check_zip(folder / "site.zip")


def on_a_port_in_use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        try:
            SiteServer(folder, port=port)
        except LiteError as error:
            told = str(error).replace(str(port + 1), "NEXT").replace(str(port), "PORT")
            raise LiteError(told) from None


ROWS: dict[str, tuple[Callable[[Path, pytest.MonkeyPatch], object], str]] = {
    "NOT_INSTALLED": (
        lambda folder, patch: (patch.setattr(fetching.metadata, "version", not_there), gather(LOCK, folder)),
        "jupyterlite-core is missing; to install it: pip install 'smtplab[lite]'",
    ),
    "OTHER_VERSION": (
        lambda folder, patch: (patch.setattr(fetching.metadata, "version", lambda name: "0.9"), gather(LOCK, folder)),
        "jupyterlite-core has the version 0.9, and the site is made for 0.8.6; to change it: "
        "pip install 'smtplab[lite]'",
    ),
    "NO_PIP": (
        without("pip"),
        "2 wheels are missing, and so is pip, which fetches them. Where there is a pip and a network, run: " + PIP,
    ),
    "PIP_FAILED": (
        lambda folder, patch: gather(LOCK, folder, run=Fetcher(error="ERROR: no network.\n")),
        "pip could not fetch 2 wheels: ERROR: no network. Run this again with a network, or where there is one: " + PIP,
    ),
    "NO_NPM": (
        without(),
        f"Pyodide is missing, and so is npm, which fetches it. Download {URL} and run this again with "
        "--pyodide pyodide-314.0.6.tgz",
    ),
    "NPM_FAILED": (
        where_npm_fails,
        f"npm could not fetch Pyodide: npm error no network. Run this again with a network, or download {URL} where "
        "there is one and add --pyodide pyodide-314.0.6.tgz",
    ),
    "WRONG_HASH": (
        with_another_inside,
        "piplite-0.8.6-py3-none-any.whl in jupyterlite_pyodide_kernel-0.8.6-py3-none-any.whl is not the file that this "
        f"version of smtplab was tested with: its sha256 is {LOCK['piplite'].sha256} and must be 0. Remove it and run "
        "this again.",
    ),
    "WRONG_PYODIDE": (
        with_a_tarball(b"other"),
        f"FOLDER/p.tgz is not Pyodide 314.0.6 as npm has it: its sha256 is {digest(b'other')} and must be "
        f"{LOCK['pyodide'].sha256}. Download {URL}",
    ),
    "UNREADABLE": (with_a_tarball(None), "FOLDER/p.tgz cannot be read: No such file or directory."),
    "BUILD_FAILED": (
        lambda folder, patch: with_a_build(folder, fails=True),
        "`jupyter lite build` failed: no space left.",
    ),
    "FOREIGN_PYODIDE": (
        lambda folder, patch: with_a_build(folder, fails=False),
        "The site would load Pyodide from https://cdn.example/p.mjs and not from its own folder, so it was thrown "
        "away.",
    ),
    "NOT_A_SITE": (
        in_a_full_folder,
        "FOLDER holds something else (a, b, c and d), so nothing was written. Name a new or an empty folder.",
    ),
    "FILE_IN_THE_WAY": (on_a_file, "FOLDER/site is a file, so nothing was written. Name a folder."),
    "IN_THE_WAY": (
        over_a_file_of_somebody,
        "FOLDER/old holds lab, which `smtplab lite` did not write, so nothing was changed. Move it away.",
    ),
    "NOT_OUR_ZIP": (on_another_zip, "FOLDER/site.zip is not the zip of a site, so it was not replaced. Move it away."),
    "NO_PORT": (
        on_a_port_in_use,
        "127.0.0.1:PORT cannot be used: another program uses it. Name another port, as in --serve NEXT.",
    ),
}


def test_every_sentence_has_a_row() -> None:
    assert set(ROWS) == set(names_of(sentences))


@pytest.mark.parametrize("name", ROWS)
def test_the_sentence_is_raised_word_by_word(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trigger, text = ROWS[name]
    with pytest.raises(LiteError) as caught:
        trigger(tmp_path, monkeypatch)
    assert str(caught.value).replace(str(tmp_path), "FOLDER") == text
