"""Handing out the course: what is new arrives, what is the student's stays."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from smtplab.base.resources import MANIFEST
from smtplab.course.copies import (
    CopyOutcome,
    CourseError,
    UnknownNotebookError,
    course_files,
    find_notebook,
    hand_out,
    read_manifest,
    reset,
    shortest_name,
    student_folder,
    survey,
)

ONE, TWO = "01-session.ipynb", "02-commands.ipynb"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    """A course of two notebooks."""
    tutorials = tmp_path / "source" / "notebooks" / "tutorials"
    tutorials.mkdir(parents=True)
    (tutorials / ONE).write_text("one, first edition")
    (tutorials / TWO).write_text("two, first edition")
    return course_files(tmp_path / "source")


@pytest.fixture
def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """A student's folder into which the course was handed out once."""
    folder = tmp_path / "student"
    hand_out(folder, files)
    return folder


def test_a_new_folder_gets_every_notebook_and_the_hash_of_each(folder: Path, files: dict[str, bytes]) -> None:
    assert {path.name for path in folder.iterdir()} == {ONE, TWO, MANIFEST}
    assert (folder / ONE).read_text() == "one, first edition"
    assert read_manifest(folder) == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_only_notebooks_are_handed_out_and_no_hidden_ones(tmp_path: Path, files: dict[str, bytes]) -> None:
    tutorials = tmp_path / "source" / "notebooks" / "tutorials"
    (tutorials / "notes.txt").touch()
    (tutorials / ".hidden.ipynb").touch()
    (tutorials / ".ipynb_checkpoints").mkdir()
    (tutorials / ".ipynb_checkpoints" / ONE).touch()
    assert list(course_files(tmp_path / "source")) == [ONE, TWO]


def test_handing_out_again_changes_nothing(folder: Path, files: dict[str, bytes]) -> None:
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("*.ipynb")}
    assert set(hand_out(folder, files).values()) == {CopyOutcome.CURRENT}
    assert before == {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("*.ipynb")}


def test_a_changed_notebook_is_kept_even_when_a_newer_edition_comes(folder: Path, files: dict[str, bytes]) -> None:
    (folder / ONE).write_text("my answers")
    files[ONE] = b"one, second edition"
    for _ in range(2):
        assert hand_out(folder, files) == {ONE: CopyOutcome.CHANGED, TWO: CopyOutcome.CURRENT}
        assert (folder / ONE).read_text() == "my answers"


def test_a_deleted_notebook_stays_deleted(folder: Path, files: dict[str, bytes]) -> None:
    (folder / ONE).unlink()
    files[ONE] = b"one, second edition"
    for _ in range(2):
        assert hand_out(folder, files)[ONE] is CopyOutcome.DELETED
        assert not (folder / ONE).exists()


def test_an_untouched_notebook_follows_each_new_edition(folder: Path, files: dict[str, bytes]) -> None:
    for edition in ("second", "third"):
        files[ONE] = f"one, {edition} edition".encode()
        assert hand_out(folder, files) == {ONE: CopyOutcome.UPDATED, TWO: CopyOutcome.CURRENT}
        assert (folder / ONE).read_text() == f"one, {edition} edition"


def test_a_notebook_that_joins_the_course_later_is_copied(folder: Path, files: dict[str, bytes]) -> None:
    new = "03-replies.ipynb"
    assert hand_out(folder, files | {new: b"three"})[new] is CopyOutcome.COPIED
    assert (folder / new).read_text() == "three"


def test_a_file_of_the_students_own_under_a_notebooks_name_is_kept(tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / ONE).write_text("it was here first")
    for _ in range(2):
        assert hand_out(folder, files)[ONE] is CopyOutcome.CHANGED
    assert (folder / ONE).read_text() == "it was here first"


@pytest.mark.parametrize("place", ["folder", "broken link"])
def test_what_is_not_a_file_is_kept(tmp_path: Path, files: dict[str, bytes], place: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    if place == "folder":
        (folder / ONE).mkdir()
    else:
        (folder / ONE).symlink_to(tmp_path / "nowhere")
    for _ in range(2):
        wanted = CopyOutcome.IN_THE_WAY if place == "folder" else CopyOutcome.CHANGED
        assert hand_out(folder, files)[ONE] is wanted
    assert not (folder / ONE).is_file()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": []}', '{"files": {"a": 1}}', "\x00"])
def test_a_damaged_manifest_is_reported_and_costs_no_work(folder: Path, files: dict[str, bytes], text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(CourseError, match="damaged"):
        read_manifest(folder)
    (folder / ONE).write_text("my answers")
    assert hand_out(folder, files) == {ONE: CopyOutcome.CHANGED, TWO: CopyOutcome.CURRENT}
    assert (folder / ONE).read_text() == "my answers"
    assert list(read_manifest(folder)) == [TWO]


def test_a_run_cut_short_is_finished_by_the_next(folder: Path, files: dict[str, bytes]) -> None:
    files[ONE] = b"one, second edition"
    (folder / ONE).write_text("one, second edition")  # written, and then the power failed before the manifest was
    assert hand_out(folder, files)[ONE] is CopyOutcome.CURRENT
    files[ONE] = b"one, third edition"
    assert hand_out(folder, files)[ONE] is CopyOutcome.UPDATED


def test_a_file_is_replaced_whole_or_not_at_all(
    folder: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    files[ONE] = b"one, second edition"

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        hand_out(folder, files)
    assert (folder / ONE).read_text() == "one, first edition"
    assert {path.name for path in folder.iterdir()} == {ONE, TWO, MANIFEST}


def test_survey_foretells_and_writes_nothing(folder: Path, files: dict[str, bytes]) -> None:
    files[ONE] = b"one, second edition"
    (folder / TWO).unlink()
    assert survey(folder, files, read_manifest(folder)) == {ONE: CopyOutcome.UPDATED, TWO: CopyOutcome.DELETED}
    assert (folder / ONE).read_text() == "one, first edition"


@pytest.mark.parametrize("wanted", ["1", "01", "01-session", "01-session.ipynb"])
def test_a_notebook_is_found_by_number_or_name(files: dict[str, bytes], wanted: str) -> None:
    assert find_notebook(wanted, files) == ONE


@pytest.mark.parametrize("wanted", ["3", "10", "", "session", "01-", "../01-session", "-1"])
def test_an_unknown_notebook_is_refused_with_the_list(files: dict[str, bytes], wanted: str) -> None:
    with pytest.raises(UnknownNotebookError, match=r"01-session\.ipynb, 02-commands\.ipynb"):
        find_notebook(wanted, files)


def test_a_number_that_fits_two_notebooks_is_answered_with_the_commands_to_choose_from(
    files: dict[str, bytes],
) -> None:
    typed = "01-type-session.ipynb"
    two = files | {typed: files[ONE]}
    with pytest.raises(UnknownNotebookError) as told:
        find_notebook("1", two)
    said = re.findall(r"`smtplab reset (\S+)`", str(told.value))
    assert [find_notebook(name, two) for name in said] == [ONE, typed]


def test_the_shortest_name_of_a_notebook_is_one_by_which_it_is_found(files: dict[str, bytes]) -> None:
    course = files | {"01-type-session.ipynb": b"", "exercises/01-session.ipynb": b"", "exercises/03-a.ipynb": b""}
    short = {name: shortest_name(name, course) for name in course}
    assert list(short.values()) == ["01-session", "02", "01-type-session", "exercises/01", "exercises/03"]
    assert [find_notebook(each, course) for each in short.values()] == list(course)


def test_reset_keeps_the_changed_notebook_under_its_date(folder: Path, files: dict[str, bytes]) -> None:
    (folder / ONE).write_text("my answers")
    os.utime(folder / ONE, (1_000_000_000, 1_000_000_000))  # 2001-09-09 in every time zone
    fresh = reset(folder, ONE, files[ONE])
    assert (folder / ONE).read_text() == "one, first edition"
    assert fresh.kept == folder / "01-session.2001-09-09.ipynb"
    assert fresh.kept.read_text() == "my answers"
    assert fresh.kept.stat().st_mtime == 1_000_000_000


def test_reset_never_writes_over_an_older_kept_copy(folder: Path, files: dict[str, bytes]) -> None:
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


def test_reset_of_an_unchanged_notebook_keeps_no_second_copy(folder: Path, files: dict[str, bytes]) -> None:
    assert reset(folder, ONE, files[ONE]).kept is None
    assert {path.name for path in folder.iterdir()} == {ONE, TWO, MANIFEST}


def test_reset_brings_back_a_deleted_notebook_which_then_follows_new_editions(
    folder: Path, files: dict[str, bytes]
) -> None:
    (folder / ONE).unlink()
    files[ONE] = b"one, second edition"
    reset(folder, ONE, files[ONE])
    assert (folder / ONE).read_text() == "one, second edition"
    files[ONE] = b"one, third edition"
    assert hand_out(folder, files)[ONE] is CopyOutcome.UPDATED


def test_reset_needs_a_folder_with_a_course(tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(CourseError, match="course"):
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
    for content in files.values():
        assert json.loads(content)["nbformat"] == 4
    assert {name for name in files if "/" not in name} == {
        path.name for path in (root / "notebooks" / "tutorials").glob("*.ipynb")
    }


# Exercises


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a tutorial and the instructor's notebook of an exercise, and what nbgrader made there once."""
    notebooks = tmp_path / "checkout" / "notebooks"
    marks = {"schema_version": 3, "grade_id": "a", "solution": True, "grade": False, "locked": False}
    cell = {"cell_type": "code", "id": "a", "metadata": {"nbgrader": marks}, "source": "the solution", "outputs": []}
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    for place, text in {
        f"tutorials/{ONE}": "a tutorial",
        f"exercises/source/01-session/{ONE}": json.dumps(book),
        f"exercises/release/01-session/{ONE}": "of last year",
        f"exercises/source/.ipynb_checkpoints/{ONE}": "hidden",
    }.items():
        (notebooks / place).parent.mkdir(parents=True)
        (notebooks / place).write_text(text)
    return tmp_path / "checkout"


def test_exercises_come_behind_the_tutorials_without_their_solutions(checkout: Path) -> None:
    files = course_files(checkout)
    assert list(files) == [ONE, f"exercises/{ONE}"]
    assert b"YOUR CODE HERE" in files[f"exercises/{ONE}"]
    assert b"the solution" not in files[f"exercises/{ONE}"]


def test_an_installation_without_sources_hands_out_what_was_released(checkout: Path) -> None:
    shutil.rmtree(checkout / "notebooks" / "exercises" / "source")
    assert course_files(checkout)[f"exercises/{ONE}"] == b"of last year"


def test_an_exercise_is_handed_out_into_its_folder_and_kept_like_a_tutorial(checkout: Path, tmp_path: Path) -> None:
    folder, files, name = tmp_path / "student", course_files(checkout), f"exercises/{ONE}"
    assert hand_out(folder, files)[name] is CopyOutcome.COPIED
    assert (folder / "exercises" / ONE).read_bytes() == files[name]
    (folder / "exercises" / ONE).write_text("my answers")
    assert hand_out(folder, files) == {ONE: CopyOutcome.CURRENT, name: CopyOutcome.CHANGED}
    fresh = reset(folder, name, files[name])
    assert fresh.path.read_bytes() == files[name]
    assert fresh.kept is not None
    assert fresh.kept.parent == folder / "exercises"
    shutil.rmtree(folder / "exercises")
    assert hand_out(folder, files)[name] is CopyOutcome.DELETED
    reset(folder, name, files[name])
    assert (folder / "exercises" / ONE).is_file()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("01", ONE),
        ("exercises/1", f"exercises/{ONE}"),
        ("exercises/01-session.ipynb", f"exercises/{ONE}"),
        (r"exercises\01", f"exercises/{ONE}"),
        ("03-replies", "exercises/03-replies.ipynb"),
        ("exercises/03", "exercises/03-replies.ipynb"),
    ],
)
def test_a_number_alone_means_a_tutorial(checkout: Path, wanted: str, found: str) -> None:
    assert find_notebook(wanted, course_files(checkout) | {"exercises/03-replies.ipynb": b""}) == found


def test_a_name_that_a_tutorial_and_an_exercise_have_is_the_tutorials(checkout: Path) -> None:
    files = course_files(checkout)
    assert find_notebook("01-session", files) == ONE
    assert find_notebook("exercises/01-session", files) == f"exercises/{ONE}"
