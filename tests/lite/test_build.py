"""What goes into the site: the delivered notebooks, this smtplab, our own Pyodide, and nothing of the user's."""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smtplab.course.copies import course_files
from smtplab.course.notebook_files import fingerprint
from smtplab.lite import build
from smtplab.lite.build import MARKER, built_site, marker, zipped
from smtplab.lite.contents import MARK, WHERE_WORK_IS, fingerprints, site_notebooks
from smtplab.lite.first_page import first_page, told_about_files
from smtplab.lite.own_wheel import own_wheel
from smtplab.lite.parts import digest
from support.bank import secrets, text_of
from support.lite_parts import CONTENT, LOCK, build_nothing

PARTS = CONTENT | {"jupyterlite-core": b"the application"}


@pytest.fixture(scope="module")
def site() -> Iterator[Path]:
    """A site of small parts."""
    with built_site(LOCK, PARTS, run=build_nothing) as site:
        yield site


@pytest.fixture(scope="module")
def wheel() -> zipfile.ZipFile:
    """The wheel of the smtplab that runs."""
    return zipfile.ZipFile(io.BytesIO(own_wheel()))


def test_the_notebooks_are_those_that_students_get_with_a_mark_each() -> None:
    files = course_files()
    assert list(site_notebooks()) == list(files)
    for name, content in list(site_notebooks().items())[1:]:
        book, delivered = json.loads(content), json.loads(files[name])
        assert book["metadata"].pop(MARK) == fingerprint(files[name]) == fingerprints()[name]
        kernels = book["metadata"].pop("kernelspec")["name"], delivered["metadata"].pop("kernelspec")["name"]
        assert kernels in {("python", "python3"), ("smtp", "smtp")}
        assert book == delivered


def test_the_first_cell_of_the_first_notebook_says_where_work_is_kept() -> None:
    (first, content), *_ = site_notebooks().items()
    cell, *others = json.loads(content)["cells"]
    assert cell["source"].endswith(WHERE_WORK_IS)
    assert others == json.loads(course_files()[first])["cells"][1:]


def test_the_wheel_holds_the_package_as_it_runs_here(wheel: zipfile.ZipFile, root: Path) -> None:
    packed = {name for name in wheel.namelist() if name.startswith("smtplab/") and "/_course/" not in name}
    own = {path for path in (root / "smtplab").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert packed == {path.relative_to(root).as_posix() for path in own}
    assert all(wheel.read(name) == (root / name).read_bytes() for name in packed)


def test_the_wheel_gives_the_same_course(
    wheel: zipfile.ZipFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel.extractall(tmp_path)
    assert course_files(tmp_path / "smtplab" / "_course") == course_files()
    monkeypatch.setattr("smtplab.lite.own_wheel.course_root", lambda: tmp_path / "smtplab" / "_course")
    monkeypatch.setattr("smtplab.lite.own_wheel._PACKAGE", tmp_path / "smtplab")
    assert own_wheel() == own_wheel()
    assert zipfile.ZipFile(io.BytesIO(own_wheel())).namelist() == wheel.namelist()


def test_the_wheel_tells_no_solution_and_no_hidden_rule(wheel: zipfile.ZipFile) -> None:
    exercises = [name for name in wheel.namelist() if "/exercises/" in name and name.endswith(".ipynb")]
    assert exercises
    for name in exercises:
        text = text_of(wheel.read(name), is_notebook=True)
        assert [secret for secret in secrets(Path(name).stem) if secret in text] == []


def test_every_wheel_of_the_lock_is_there_under_its_hash(site: Path) -> None:
    folder = site / "static" / "pyodide"
    packages = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    assert set(packages) == {"comm", "piplite", "smtplab"}
    for entry in packages.values():
        assert digest((folder / entry["file_name"]).read_bytes()) == entry["sha256"]


def test_the_marker_names_the_course_and_all_that_is_ours(site: Path) -> None:
    said = json.loads((site / MARKER).read_text())
    assert said == marker(LOCK, PARTS) | {"files": sorted(path.name for path in site.iterdir())}
    assert said["notebooks"] == fingerprints()
    assert said["first"] == next(iter(course_files()))


def test_another_part_makes_another_build() -> None:
    assert marker(LOCK, PARTS)["build"] == marker(LOCK, PARTS)["build"]
    assert marker(LOCK, PARTS)["build"] != marker(LOCK, PARTS | {"jupyterlite-core": b"newer"})["build"]


def test_the_build_reads_nothing_of_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def look(command: list[str], *, cwd: Path, env: dict[str, str]) -> Any:
        config = json.loads((cwd / "jupyter_lite_config.json").read_text())["LiteBuildConfig"]
        seen.update(command=command, env=env, config=config, cwd=cwd, names=sorted(p.name for p in cwd.iterdir()))
        return build_nothing(command, cwd=cwd)

    monkeypatch.setenv("JUPYTERLITE_OUTPUT_DIR", "/elsewhere")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", "/mine")
    with built_site(LOCK, PARTS, run=look):
        pass
    assert seen["command"][:4] == [sys.executable, "-m", "jupyterlite_core", "build"]
    assert {"JUPYTERLITE_OUTPUT_DIR", "JUPYTER_CONFIG_DIR"}.isdisjoint(seen["env"])
    assert seen["env"]["JUPYTER_NO_CONFIG"] == "1"
    assert seen["config"]["ignore_sys_prefix"] == ["federated_extensions"]
    assert all(Path(value).is_relative_to(seen["cwd"]) for key, value in seen["config"].items() if key.endswith("_dir"))
    assert not seen["cwd"].exists()


def test_our_extensions_are_in_the_package() -> None:
    for folder in build._OWN_EXTENSIONS:
        load = json.loads((folder / "package.json").read_text())["jupyterlab"]["_build"]["load"]
        assert (folder / load).is_file()


def test_the_first_page_leads_to_every_notebook_and_says_where_work_is_kept(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert 'class="start" href="lab/index.html?path=00-' in page
    assert all(f'href="lab/index.html?path={name}"' in page for name in course_files())
    assert all(word in page for word in ("this browser", "this address", "private window", "Download my work"))
    assert "http.server 8000 --bind 127.0.0.1" in page
    assert 'id="jupyter-config-data"' in page  # JupyterLite reads it
    assert "//" not in page.replace("http://127.0.0.1:8000", "")  # no other host


def test_an_odd_name_of_a_notebook_is_no_html() -> None:
    page = first_page(["a&b <i>.ipynb"])
    assert "a&amp;b &lt;i&gt;</a>" in page
    assert "path=a%26b%20%3Ci%3E.ipynb" in page


def test_jupyterlab_opened_as_a_file_leads_to_the_first_page(site: Path) -> None:
    page = (site / "lab" / "index.html").read_text()
    assert page.count("location.replace('../index.html')") == 1
    assert told_about_files("<p>no head") == "<p>no head"


def test_the_zip_holds_the_site_without_a_folder_around_it(site: Path) -> None:
    names = zipfile.ZipFile(io.BytesIO(zipped(site))).namelist()
    assert names == sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    assert {"index.html", MARKER} <= set(names)
    assert "package.json" not in names
