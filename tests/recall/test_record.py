"""The record is one file in the student's folder, whole or absent; a damaged one is kept and tells one sentence."""

import json
from datetime import date
from pathlib import Path

import pytest

from smtplab.base.resources import MANIFEST
from smtplab.recall import sentences
from smtplab.recall.boxes import Card
from smtplab.recall.record import NAME, read_cards, record_path, write_cards
from support.paths import ROOT
from support.templates import says

CARDS = {"lf-ends-a-line": Card(2, date(2004, 8, 6), 3, 1), "quit-sends-the-mail": Card(0, date(2004, 8, 7))}


def test_what_is_written_is_read_and_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write_cards(path, CARDS)
    assert read_cards(path) == (CARDS, "")
    assert "Delete this file" in json.loads(path.read_text("utf-8"))["about"]
    assert [each.name for each in tmp_path.iterdir()] == [NAME]


def test_without_a_file_there_are_no_cards_and_nothing_is_said(tmp_path: Path) -> None:
    assert read_cards(tmp_path / NAME) == read_cards(None) == ({}, "")
    write_cards(None, CARDS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"cards": [1]}',
        b'{"cards": {"x": 1}}',
        b'{"cards": {"x": {"box": 4, "due": "2004-08-06", "asked": 0, "slips": 0}}}',
        b'{"cards": {"x": {"box": -1, "due": "2004-08-06", "asked": 0, "slips": 0}}}',
        b'{"cards": {"x": {"box": true, "due": "2004-08-06", "asked": 0, "slips": 0}}}',
        b'{"cards": {"x": {"box": 0, "due": "tomorrow", "asked": 0, "slips": 0}}}',
        b'{"cards": {"x": {"box": 0, "due": 5, "asked": 0, "slips": 0}}}',
        b"[" * 100_000,
        b" " * 1_000_001,
    ],
    ids=range(14),
)
def test_a_damaged_file_is_one_sentence_and_a_fresh_start_and_is_kept(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    cards, said = read_cards(path)
    assert cards == {}
    assert says(sentences, said, "DAMAGED_RECORD", NAME, "smtplab-review.damaged.json")
    assert (tmp_path / "smtplab-review.damaged.json").read_bytes() == content
    assert read_cards(path) == ({}, "")


def test_a_file_that_cannot_be_read_or_renamed_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / "smtplab-review.damaged.json").write_text("in the way")
    cards, said = read_cards(tmp_path / NAME)
    assert cards == {}
    assert says(sentences, said, "UNREADABLE_RECORD", NAME)
    write_cards(tmp_path / NAME, CARDS)  # and no error where it cannot be written
    assert sorted(each.name for each in tmp_path.iterdir()) == ["smtplab-review.damaged.json", NAME]


# Where it is


def test_it_is_beside_the_notebook(tmp_path: Path) -> None:
    assert record_path(tmp_path) == tmp_path.resolve() / NAME


def test_an_exercise_has_the_record_of_its_course(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{}")
    exercise = tmp_path / "exercises" / "01-title"
    exercise.mkdir(parents=True)
    assert record_path(exercise) == record_path(tmp_path) == tmp_path.resolve() / NAME


def test_a_course_that_lies_in_a_checkout_has_a_record(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "smtplab" / "recall").mkdir(parents=True)
    course = tmp_path / "smtplab-course"
    course.mkdir()
    assert record_path(course) is record_path(tmp_path) is None
    (course / MANIFEST).write_text("{}")
    assert record_path(course) == course.resolve() / NAME
    assert record_path(tmp_path) is None


def test_the_files_in_folders_of_students_keep_their_names() -> None:
    assert (MANIFEST, NAME) == (".smtplab-course.json", "smtplab-review.json")


@pytest.mark.parametrize("folder", ["", "notebooks/tutorials", "tests"])
def test_in_a_checkout_there_is_none(folder: str) -> None:
    assert record_path(ROOT / folder) is None
