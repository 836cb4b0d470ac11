"""The doctor: each trouble is shown to its check, which names it and says how to mend it."""

import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from smtplab.course import doctor, python_version
from smtplab.course.copies import MANIFEST, hand_out


def _raises(error: Exception) -> Callable[..., object]:
    def act(*_: object, **__: object) -> object:
        raise error

    return act


def _problem(finding: doctor.Finding, *words: str) -> None:
    """Hold that the finding is a problem on one line that has the words and a way to mend it."""
    line = str(finding)
    assert line.startswith("PROBLEM  ")
    assert "\n" not in line
    assert finding.mend
    assert line.endswith(f"; to fix it: {finding.mend}")
    for word in words:
        assert word in line


def _sound(finding: doctor.Finding) -> None:
    assert finding.ok
    assert str(finding).startswith("ok       ")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 2), (4, 0, 0)])
def test_a_python_that_is_new_enough_is_sound(version: tuple[int, int, int]) -> None:
    _sound(doctor.check_python(version))


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 9, 2), (3, 10, 99)])
def test_a_python_that_is_too_old_is_found(version: tuple[int, int, int]) -> None:
    _problem(doctor.check_python(version), ".".join(map(str, version)), "needs 3.11", "virtual environment")


def test_the_oldest_python_is_the_one_that_the_package_declares(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, python_version.OLDEST_PYTHON))


def test_the_packages_examined_are_those_that_smtplab_depends_on(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    names = [re.match(r"[A-Za-z0-9_-]+", requirement) for requirement in project["dependencies"]]
    assert [name[0] for name in names if name] == list(doctor.PACKAGES)


def test_a_package_that_can_be_imported_is_sound() -> None:
    finding = doctor.check_package("click")
    _sound(finding)
    assert finding.seen[0].isdigit()


def test_a_missing_package_is_found() -> None:
    _problem(doctor.check_package("no_such_package"), "no_such_package is missing", "pip install no_such_package")


def test_a_package_whose_own_need_is_missing_names_that_need() -> None:
    load = _raises(ModuleNotFoundError("No module named 'numpy.core'", name="numpy.core"))
    _problem(doctor.check_package("pandas", load), "numpy.core is missing", "pip install numpy")


@pytest.mark.parametrize(
    "error",
    [ImportError("libz.so.1: cannot open\nshared object"), ValueError("binary incompatibility"), OSError()],
)
def test_a_broken_package_is_found(error: Exception) -> None:
    _problem(
        doctor.check_package("pandas", _raises(error)),
        "cannot be imported",
        "pip install --force-reinstall pandas",
    )


def test_a_working_loopback_is_sound() -> None:
    _sound(doctor.check_loopback())


@pytest.mark.parametrize(
    "error", [OSError(101, "Network is unreachable"), ConnectionRefusedError(), TimeoutError("timed out")]
)
def test_a_broken_loopback_is_found(error: OSError) -> None:
    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        raise error

    _problem(doctor.check_loopback(connect), "127.0.0.1 cannot be reached", "ip link set lo up", "firewall")


def test_a_program_that_answers_in_the_loopbacks_place_is_found() -> None:
    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        socket.create_connection(address, timeout).close()  # the listener is served, and we hear another voice
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(b"HTTP/1.1 400 \r\n\r\n")
        return ours

    _problem(doctor.check_loopback(connect), "does not answer with what was sent", "proxy")


@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run(["unshare", "--net", "true"], check=False).returncode != 0,
    reason="a network of its own, with the loopback down, needs unshare and the right to use it",
)
def test_a_loopback_that_is_really_down_is_found(root: Path) -> None:
    script = "from smtplab.course import doctor; print(doctor.check_loopback())"
    command = ["unshare", "--net", sys.executable, "-c", script]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("PROBLEM  loopback: 127.0.0.1 cannot be reached (")


def test_localhost_is_this_machine() -> None:
    _sound(doctor.check_localhost(lambda name: "127.0.1.1"))


def test_a_localhost_that_is_unknown_or_elsewhere_is_found() -> None:
    unknown = _raises(socket.gaierror(-2, "Name or service not known"))
    _problem(doctor.check_localhost(unknown), "Name or service not known", "/etc/hosts")  # type: ignore[arg-type]
    _problem(doctor.check_localhost(lambda name: "192.0.2.7"), "192.0.2.7", "/etc/hosts")


def test_a_folder_that_can_be_written_is_sound_and_stays_empty(tmp_path: Path) -> None:
    _sound(doctor.check_folder("folder", tmp_path))
    _sound(doctor.check_folder("folder", tmp_path / "not" / "there" / "yet"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # a file in the folder's place stops even root
    _problem(doctor.check_folder("folder", tmp_path / "file" / "course"), "cannot be written", "choose a folder")


def test_a_kernel_that_can_import_smtplab_is_sound(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    _sound(doctor.check_kernel())
    _sound(doctor.check_kernel(find=lambda name: ["python", "-m", "ipykernel_launcher"]))


@pytest.mark.parametrize(
    "error", [KeyError("python3"), ValueError("bad kernel.json"), ModuleNotFoundError("jupyter_client")]
)
def test_a_missing_kernelspec_is_found(error: Exception) -> None:
    find = _raises(error)
    _problem(doctor.check_kernel("python3", find), "Jupyter does not find it", "-m ipykernel install --sys-prefix")  # type: ignore[arg-type]
    _problem(doctor.check_kernel("smtp", find), "Jupyter does not find it", "install smtplab again")  # type: ignore[arg-type]


@pytest.mark.parametrize("python", ["/nowhere/bin/python", "/bin/false"])
def test_a_kernel_whose_python_lacks_smtplab_is_found(python: str) -> None:
    _problem(doctor.check_kernel(find=lambda name: [python]), f"starts {python}", "remove that kernel")


def test_an_installation_without_notebooks_is_found() -> None:
    _problem(doctor.check_course({}), "no notebooks", "install smtplab again")
    finding = doctor.check_course({"00-start.ipynb": b""})
    _sound(finding)
    assert finding.seen == "1 notebook to hand out"


@pytest.fixture
def files() -> dict[str, bytes]:
    """A course of two notebooks."""
    return {"00-start.ipynb": b"first edition", "01-session.ipynb": b"first edition"}


def test_no_copy_of_the_course_is_no_problem(tmp_path: Path, files: dict[str, bytes]) -> None:
    _sound(doctor.check_copy(tmp_path / "student", files))


def test_a_copy_with_changed_and_deleted_notebooks_is_no_problem(tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = tmp_path / "student"
    hand_out(folder, files)
    (folder / "00-start.ipynb").write_text("my answers")
    (folder / "01-session.ipynb").unlink()
    finding = doctor.check_copy(folder, files)
    _sound(finding)
    assert finding.seen == "up to date, 1 notebook with your changes"


def test_a_copy_that_has_grown_old_is_found_and_the_cure_works(tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = tmp_path / "student's own"
    hand_out(folder, files)
    files = dict.fromkeys(files, b"second edition")
    finding = doctor.check_copy(folder, files)
    _problem(finding, "2 notebooks newer than yours", "smtplab start --no-lab", "leaves your own work alone")
    hand_out(folder, files)
    _sound(doctor.check_copy(folder, files))


def test_a_damaged_manifest_is_found(tmp_path: Path, files: dict[str, bytes]) -> None:
    hand_out(tmp_path / "student", files)
    (tmp_path / "student" / MANIFEST).write_text("{")
    _problem(doctor.check_copy(tmp_path / "student", files), "is damaged")


def test_examine_looks_at_everything_once(tmp_path: Path) -> None:
    subjects = [finding.subject for finding in doctor.examine(tmp_path)]
    assert len(set(subjects)) == len(subjects)
    assert subjects[0] == "Python"
    others = {"kernel python3", "kernel smtp", "loopback", "localhost", "course folder", "your copy"}
    assert {*doctor.PACKAGES, *others} < set(subjects)
