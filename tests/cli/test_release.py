"""``smtplab release``."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from smtplab.grading.exercises import NAMES
from smtplab.grading.release import student_version

Run = Callable[..., subprocess.CompletedProcess[str]]
FIRST, THIRD = "01-hold-your-own-session", "03-every-reply-has-a-cause"


@pytest.fixture
def source(root: Path, tmp_path: Path) -> Path:
    """The sources, in a course folder in which the command runs."""
    (tmp_path / "source").symlink_to(root / "notebooks" / "exercises" / "source")
    return tmp_path / "source"


def test_in_a_course_folder_all_exercises_are_released(smtplab: Run, source: Path, tmp_path: Path) -> None:
    done = smtplab("release")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"released  release/{name}/{name}.ipynb" for name in NAMES]
    for name in NAMES:
        content = (tmp_path / "release" / name / f"{name}.ipynb").read_bytes()
        assert content == student_version(source / name / f"{name}.ipynb")


@pytest.mark.parametrize("name", [THIRD, "3", "03"])
def test_one_exercise_is_released_from_and_to_named_folders(
    smtplab: Run, source: Path, tmp_path: Path, name: str
) -> None:
    done = smtplab("release", name, "--source", str(source), "--out", "students")
    assert done.stdout == f"released  students/{THIRD}/{THIRD}.ipynb\n"
    assert [path.name for path in (tmp_path / "students").iterdir()] == [THIRD]


def test_a_number_releases_an_exercise_in_each_language_and_once(smtplab: Run, source: Path, tmp_path: Path) -> None:
    done = smtplab("release", "1", FIRST)
    assert (done.returncode, done.stderr) == (0, "")
    names = [name for name in NAMES if name.startswith("01-")]
    assert done.stdout.splitlines() == [f"released  release/{name}/{name}.ipynb" for name in names]


def test_an_unknown_exercise_is_a_usage_error_with_the_list(smtplab: Run, source: Path) -> None:
    done = smtplab("release", "77")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'77'" in done.stderr


def test_a_folder_without_exercises_is_exit_3(smtplab: Run) -> None:
    done = smtplab("release")
    assert (done.returncode, done.stdout) == (3, "")
    assert "--source" in done.stderr


def test_a_notebook_that_cannot_be_released_is_exit_1(smtplab: Run, tmp_path: Path) -> None:
    (tmp_path / "source" / "bad").mkdir(parents=True)
    (tmp_path / "source" / "bad" / "bad.ipynb").write_text("{}")
    done = smtplab("release")
    assert (done.returncode, done.stdout) == (1, "")
    assert "source/bad/bad.ipynb" in done.stderr
