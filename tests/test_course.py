"""Handing out the course: what is new arrives, what is the student's stays."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from smtplab.course import (
    MANIFEST,
    CourseError,
    Outcome,
    UnknownNotebookError,
    course_files,
    find_notebook,
    hand_out,
    read_manifest,
    reset,
    student_folder,
    survey,
)

ONE, TWO = "01-session.ipynb", "02-commands.ipynb"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A course of two notebooks."""
    tutorials = tmp_path / "source" / "notebooks" / "tutorials"
    tutorials.mkdir(parents=True)
    (tutorials / ONE).write_text("one, first edition")
    (tutorials / TWO).write_text("two, first edition")
    return course_files(tmp_path / "source")


@pytest.fixture
def folder(tmp_path: Path, files: dict[str, Path]) -> Path:
    """A student's folder into which the course was handed out once."""
    folder = tmp_path / "student"
    hand_out(folder, files)
    return folder


def test_a_new_folder_gets_every_notebook_and_the_hash_of_each(folder: Path, files: dict[str, Path]) -> None:
    assert {path.name for path in folder.iterdir()} == {ONE, TWO, MANIFEST}
    assert (folder / ONE).read_text() == "one, first edition"
    assert read_manifest(folder) == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
    }


def test_only_notebooks_are_handed_out_and_no_hidden_ones(tmp_path: Path, files: dict[str, Path]) -> None:
    tutorials = files[ONE].parent
    (tutorials / "notes.txt").touch()
    (tutorials / ".hidden.ipynb").touch()
    (tutorials / ".ipynb_checkpoints").mkdir()
    (tutorials / ".ipynb_checkpoints" / ONE).touch()
    assert list(course_files(tmp_path / "source")) == [ONE, TWO]


def test_handing_out_again_changes_nothing(folder: Path, files: dict[str, Path]) -> None:
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("*.ipynb")}
    assert set(hand_out(folder, files).values()) == {Outcome.CURRENT}
    assert before == {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("*.ipynb")}


def test_a_changed_notebook_is_kept_even_when_a_newer_edition_comes(folder: Path, files: dict[str, Path]) -> None:
    (folder / ONE).write_text("my answers")
    files[ONE].write_text("one, second edition")
    for _ in range(2):
        assert hand_out(folder, files) == {ONE: Outcome.CHANGED, TWO: Outcome.CURRENT}
        assert (folder / ONE).read_text() == "my answers"


def test_a_deleted_notebook_stays_deleted(folder: Path, files: dict[str, Path]) -> None:
    (folder / ONE).unlink()
    files[ONE].write_text("one, second edition")
    for _ in range(2):
        assert hand_out(folder, files)[ONE] is Outcome.DELETED
        assert not (folder / ONE).exists()


def test_an_untouched_notebook_follows_each_new_edition(folder: Path, files: dict[str, Path]) -> None:
    for edition in ("second", "third"):
        files[ONE].write_text(f"one, {edition} edition")
        assert hand_out(folder, files) == {ONE: Outcome.UPDATED, TWO: Outcome.CURRENT}
        assert (folder / ONE).read_text() == f"one, {edition} edition"


def test_a_notebook_that_joins_the_course_later_is_copied(folder: Path, files: dict[str, Path]) -> None:
    new = files[ONE].with_name("03-replies.ipynb")
    new.write_text("three")
    assert hand_out(folder, files | {new.name: new})[new.name] is Outcome.COPIED
    assert (folder / new.name).read_text() == "three"


def test_a_file_of_the_students_own_under_a_notebooks_name_is_kept(tmp_path: Path, files: dict[str, Path]) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / ONE).write_text("it was here first")
    for _ in range(2):
        assert hand_out(folder, files)[ONE] is Outcome.CHANGED
    assert (folder / ONE).read_text() == "it was here first"


@pytest.mark.parametrize("place", ["folder", "broken link"])
def test_what_is_not_a_file_is_kept(tmp_path: Path, files: dict[str, Path], place: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    if place == "folder":
        (folder / ONE).mkdir()
    else:
        (folder / ONE).symlink_to(tmp_path / "nowhere")
    assert hand_out(folder, files)[ONE] is Outcome.CHANGED
    assert not (folder / ONE).is_file()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": []}', '{"files": {"a": 1}}', "\x00"])
def test_a_damaged_manifest_is_reported_and_costs_no_work(folder: Path, files: dict[str, Path], text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(CourseError, match="is damaged"):
        read_manifest(folder)
    (folder / ONE).write_text("my answers")
    assert hand_out(folder, files) == {ONE: Outcome.CHANGED, TWO: Outcome.CURRENT}
    assert (folder / ONE).read_text() == "my answers"
    assert list(read_manifest(folder)) == [TWO]


def test_a_run_cut_short_is_finished_by_the_next(folder: Path, files: dict[str, Path]) -> None:
    files[ONE].write_text("one, second edition")
    (folder / ONE).write_text("one, second edition")  # written, and then the power failed before the manifest was
    assert hand_out(folder, files)[ONE] is Outcome.CURRENT
    files[ONE].write_text("one, third edition")
    assert hand_out(folder, files)[ONE] is Outcome.UPDATED


def test_a_file_is_replaced_whole_or_not_at_all(
    folder: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    files[ONE].write_text("one, second edition")

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        hand_out(folder, files)
    assert (folder / ONE).read_text() == "one, first edition"
    assert {path.name for path in folder.iterdir()} == {ONE, TWO, MANIFEST}


def test_survey_foretells_and_writes_nothing(folder: Path, files: dict[str, Path]) -> None:
    files[ONE].write_text("one, second edition")
    (folder / TWO).unlink()
    assert survey(folder, files, read_manifest(folder)) == {ONE: Outcome.UPDATED, TWO: Outcome.DELETED}
    assert (folder / ONE).read_text() == "one, first edition"


@pytest.mark.parametrize("wanted", ["1", "01", "01-session", "01-session.ipynb"])
def test_a_notebook_is_found_by_number_or_name(files: dict[str, Path], wanted: str) -> None:
    assert find_notebook(wanted, files) == ONE


@pytest.mark.parametrize("wanted", ["3", "10", "", "session", "01-", "../01-session", "-1"])
def test_an_unknown_notebook_is_refused_with_the_list(files: dict[str, Path], wanted: str) -> None:
    with pytest.raises(UnknownNotebookError, match=r"there are 01-session\.ipynb, 02-commands\.ipynb"):
        find_notebook(wanted, files)


def test_a_number_that_fits_two_notebooks_asks_for_the_name(files: dict[str, Path]) -> None:
    two = files | {"01-session-smtp.ipynb": files[ONE]}
    with pytest.raises(UnknownNotebookError, match="give the full name"):
        find_notebook("1", two)
    assert find_notebook("01-session", two) == ONE


def test_reset_keeps_the_changed_notebook_under_its_date(folder: Path, files: dict[str, Path]) -> None:
    (folder / ONE).write_text("my answers")
    os.utime(folder / ONE, (1_000_000_000, 1_000_000_000))  # 2001-09-09 in every time zone
    fresh = reset(folder, ONE, files[ONE])
    assert (folder / ONE).read_text() == "one, first edition"
    assert fresh.kept == folder / "01-session.2001-09-09.ipynb"
    assert fresh.kept.read_text() == "my answers"
    assert fresh.kept.stat().st_mtime == 1_000_000_000


def test_reset_never_writes_over_an_older_kept_copy(folder: Path, files: dict[str, Path]) -> None:
    for answers in ("first", "second", "third"):
        (folder / ONE).write_text(answers)
        os.utime(folder / ONE, (1_000_000_000, 1_000_000_000))
        reset(folder, ONE, files[ONE])
    kept = {path.name: path.read_text() for path in folder.glob("01-session.2001*")}
    assert kept == {
        "01-session.2001-09-09.ipynb": "first",
        "01-session.2001-09-09-2.ipynb": "second",
        "01-session.2001-09-09-3.ipynb": "third",
    }


def test_reset_of_an_unchanged_notebook_keeps_no_second_copy(folder: Path, files: dict[str, Path]) -> None:
    assert reset(folder, ONE, files[ONE]).kept is None
    assert {path.name for path in folder.iterdir()} == {ONE, TWO, MANIFEST}


def test_reset_brings_back_a_deleted_notebook_which_then_follows_new_editions(
    folder: Path, files: dict[str, Path]
) -> None:
    (folder / ONE).unlink()
    files[ONE].write_text("one, second edition")
    reset(folder, ONE, files[ONE])
    assert (folder / ONE).read_text() == "one, second edition"
    files[ONE].write_text("one, third edition")
    assert hand_out(folder, files)[ONE] is Outcome.UPDATED


def test_reset_needs_a_folder_with_a_course(tmp_path: Path, files: dict[str, Path]) -> None:
    with pytest.raises(CourseError, match="There is no course in"):
        reset(tmp_path, ONE, files[ONE])
    assert not (tmp_path / ONE).exists()


def test_the_folder_meant_is_this_one_if_it_holds_a_course(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert student_folder() == Path("smtplab-course")
    monkeypatch.chdir(folder)
    assert student_folder() == Path()


def test_the_real_course_begins_with_notebook_00(root: Path) -> None:
    files = course_files()
    assert next(iter(files)).startswith("00-")
    for path in files.values():
        assert json.loads(path.read_bytes())["nbformat"] == 4
        assert path.parent == root / "notebooks" / "tutorials"
