"""``smtplab purge``."""

from pathlib import Path

import pytest

from support.command_line import Run

REMOVED = [
    "submitted/mia/01-x/01-x.ipynb",
    "autograded/mia/01-x/01-x.ipynb",
    "feedback/mia/01-x/01-x.html",
    "downloaded/01-x/archive/x.zip",
    "gradebook.db",
    "gradebook.db-journal",
    "gradebook.db.2026-11-30-120000-000000.bak",
    "roster.csv",
    "grades.csv",
    "graded/01-x/report.json",
    "graded/02-y/run.jsonl",
    "mixed/01-x/run.jsonl",
    ".tables.lock",
    ".nbgrader.log",
]
KEPT = [
    "source/01-x/01-x.ipynb",
    "source/report.json",
    "release/01-x/01-x.ipynb",
    "nbgrader_config.py",
    "notes.csv",
    "other/report.txt",
    "mixed/mine.txt",
]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder with a class in it."""
    for name in (*REMOVED, *KEPT):
        (tmp_path / "c" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "c" / name).write_text("x")
    return tmp_path / "c"


def files_in(course: Path) -> list[str]:
    return sorted(path.relative_to(course).as_posix() for path in course.rglob("*") if path.is_file())


@pytest.mark.parametrize("arguments", [["--yes"], []])
def test_a_class_is_removed_and_the_course_stays(smtplab: Run, course: Path, arguments: list[str]) -> None:
    done = smtplab("purge", "c", *arguments, stdin="y\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert files_in(course) == sorted(KEPT)
    assert not (course / "graded").exists()
    assert "submitted/: 1 file" in done.stdout
    assert "notes.csv" in done.stdout


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_removed(smtplab: Run, course: Path, answer: str) -> None:
    done = smtplab("purge", "c", stdin=answer)
    assert done.returncode == 1
    assert "gradebook.db" in done.stdout
    assert files_in(course) == sorted([*REMOVED, *KEPT])


def test_links_are_removed_and_what_they_lead_to_stays(smtplab: Run, course: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "report.json").write_text("x")
    for name in ("linked", "source/linked", "submitted/zoe"):
        (course / name).symlink_to(tmp_path / "elsewhere")
    (course / "roster.csv").unlink()
    (course / "roster.csv").symlink_to(tmp_path / "elsewhere" / "report.json")
    done = smtplab("purge", "c", "--yes")
    assert done.returncode == 0
    assert "roster.csv: a link" in done.stdout
    assert (tmp_path / "elsewhere" / "report.json").read_text() == "x"
    assert (course / "linked").is_symlink()
    assert not (course / "roster.csv").is_symlink()


def test_a_folder_that_is_no_course_is_refused(smtplab: Run, tmp_path: Path) -> None:
    (tmp_path / "feedback").mkdir()
    done = smtplab("purge", ".", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert (tmp_path / "feedback").is_dir()


def test_a_folder_with_a_roster_and_results_alone_is_a_course(smtplab: Run, tmp_path: Path) -> None:
    (tmp_path / "graded" / "01-x").mkdir(parents=True)
    for name in ("graded/01-x/report.json", "roster.csv", "moodle.zip"):
        (tmp_path / name).write_text("x")
    done = smtplab("purge", ".", "--yes")
    assert done.returncode == 0
    assert files_in(tmp_path) == ["moodle.zip"]
    assert "moodle.zip" in done.stdout


def test_a_course_without_a_class_is_left_alone(smtplab: Run, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    done = smtplab("purge", ".")
    assert (done.returncode, done.stdout) == (0, ". holds no class.\n")


def test_what_cannot_be_removed_is_named_and_the_rest_goes(
    smtplab: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("smtplab.course.purge.shutil.rmtree", fail)
    done = smtplab("purge", "c", "--yes")
    assert done.returncode == 3
    assert "Permission denied" in done.stderr
    assert not (course / "gradebook.db").exists()
    assert (course / "submitted").exists()
