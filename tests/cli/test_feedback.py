"""``smtplab feedback``."""

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from smtplab.grading.results.result_files import write_results
from support.graded_class import REPORT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def results(tmp_path: Path) -> Path:
    """A folder with results, where the command runs."""
    write_results(REPORT, tmp_path / "results")
    return tmp_path / "results"


def test_pages_are_released_into_the_folder_feedback(smtplab: Run, tmp_path: Path) -> None:
    done = smtplab("feedback", "results")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "copied    3 pages to feedback, for you to hand out; none for 1 student without work\n",
        "",
    )
    assert (tmp_path / "feedback" / "mia" / "01-session" / "01-session.html").is_file()


def test_pages_are_released_into_a_folder_that_is_named(smtplab: Run, tmp_path: Path) -> None:
    assert smtplab("feedback", "results", "--out", "elsewhere").stdout.startswith("copied    3 pages to elsewhere,")
    assert not (tmp_path / "feedback").exists()


def test_a_zip_for_moodle_is_written_instead(smtplab: Run, tmp_path: Path) -> None:
    done = smtplab("feedback", "results", "--zip", "moodle.zip")
    assert (done.returncode, done.stdout) == (
        0,
        "written   moodle.zip for Moodle, with 3 pages; none for 1 student without work\n",
    )
    assert len(zipfile.ZipFile(tmp_path / "moodle.zip").namelist()) == 3
    assert not (tmp_path / "feedback").exists()


def test_without_results_nothing_is_released(smtplab: Run, tmp_path: Path) -> None:
    done = smtplab("feedback", "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert not (tmp_path / "feedback").exists()
