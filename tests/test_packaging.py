"""The wheel brings the checkout's course, no archive holds junk, and an editable install packs no copy."""

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from smtplab.grading.exercises import NAMES
from support.bank import secrets, text_of

COURSE = "smtplab/_course/"
EXERCISES, RELEASED = "notebooks/exercises/source/", "notebooks/exercises/release/"


def _hashes(folder: Path, names: list[str]) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


@pytest.fixture(scope="session")
def sources(root: Path) -> list[str]:
    """The files of the project: what git keeps, and what is new and not ignored."""
    if not (root / ".git").exists():
        pytest.skip("this is no git checkout, so nothing says which files belong to the project")
    git = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(git, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(name for name in listed if name and (root / name).is_file())


@pytest.fixture(scope="session")
def archives(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the source archive, built without the network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=root, check=True, timeout=100)
    return folder


@pytest.fixture(scope="session")
def installed(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel in it, as an installer lays it out, far from the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    (wheel,) = archives.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _is_beside(name: str) -> bool:
    """Say whether a file of the wheel is installed beside the package."""
    return ".dist-info/" in name or ".data/" in name


def test_the_wheel_brings_the_kernel_to_where_jupyter_looks(root: Path, installed: Path) -> None:
    (folder,) = installed.glob("*.data/data/share/jupyter/kernels/smtp")
    kernelspec = root / "smtplab" / "jupyter" / "kernelspec"
    names = sorted(path.name for path in kernelspec.iterdir())
    assert names == ["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"]
    assert _hashes(folder, names) == _hashes(kernelspec, names)


def test_the_wheel_brings_the_extension_to_where_jupyterlab_looks(root: Path, installed: Path) -> None:
    (folder,) = installed.glob("*.data/data/share/jupyter/labextensions/smtplab")
    extension = root / "smtplab" / "jupyter" / "labextension"
    names = sorted(str(path.relative_to(extension)) for path in extension.rglob("*") if path.is_file())
    assert names == ["install.json", "package.json", "static/remoteEntry.js"]
    assert _hashes(folder, names) == _hashes(extension, names)


def test_the_wheel_holds_the_package_and_the_course_and_nothing_else(
    root: Path, sources: list[str], installed: Path
) -> None:
    packed = sorted(str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file())
    package = [name for name in packed if not name.startswith(COURSE) and not _is_beside(name)]
    course = [name.removeprefix(COURSE) for name in packed if name.startswith(COURSE)]
    assert package == [name for name in sources if name.startswith("smtplab/")]
    copied = [name for name in sources if name.startswith(("notebooks/tutorials/", "data/"))]
    exercises = [name.replace(EXERCISES, RELEASED) for name in sources if name.startswith(EXERCISES)]
    assert course == sorted(copied + exercises)
    assert _hashes(installed, package) == _hashes(root, package)
    assert _hashes(installed / COURSE, copied) == _hashes(root, copied)


def test_the_wheel_holds_the_licence_of_the_code_and_that_of_the_content(root: Path, installed: Path) -> None:
    (folder,) = installed.glob("*.dist-info/licenses")
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["LICENSE", "LICENSE-CONTENT"]
    assert _hashes(folder, names) == _hashes(root, names)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_the_wheel_tells_a_solution_or_a_hidden_rule(installed: Path, name: str) -> None:
    hidden = secrets(name)
    assert len(hidden) > 20
    for path in installed.rglob("*"):
        if path.is_file():
            text = text_of(path.read_bytes(), is_notebook=path.suffix == ".ipynb")
            assert [secret for secret in hidden if secret in text] == [], path


@pytest.mark.parametrize("name", NAMES)
def test_the_search_finds_them_where_they_are(root: Path, name: str) -> None:
    text = text_of((root / EXERCISES / name / f"{name}.ipynb").read_bytes(), is_notebook=True)
    assert [secret for secret in secrets(name) if secret not in text] == []


def test_start_from_the_wheel_and_from_the_checkout_give_the_same_course(
    root: Path, installed: Path, tmp_path: Path
) -> None:
    given = {}
    for home in (installed, root):
        folder = tmp_path / home.name
        folder.mkdir()
        command = [sys.executable, "-m", "smtplab", "start", "--no-lab", "course"]
        environment = os.environ | {"PYTHONPATH": str(home)}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=60)
        names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
        given[home] = _hashes(folder, names)
    assert given[installed] == given[root]
    assert len(given[root]) > 1


def test_the_wheel_finds_its_own_data(installed: Path, tmp_path: Path) -> None:
    script = "from smtplab.base.resources import course_root; print(course_root())"
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == str(installed / "smtplab" / "_course")


def test_the_source_archive_is_the_project_and_nothing_else(sources: list[str], archives: Path, tmp_path: Path) -> None:
    (path,) = archives.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    assert packed == {*sources, "PKG-INFO"}


def test_an_editable_install_packs_no_copy_that_could_grow_old(root: Path, tmp_path: Path) -> None:
    script = "import sys; from hatchling.build import build_editable; print(build_editable(sys.argv[1]))"
    command = [sys.executable, "-c", script, str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not _is_beside(name)]
        assert names == ["_smtplab.pth"]
        assert archive.read("_smtplab.pth").decode().split() == [str(root)]
