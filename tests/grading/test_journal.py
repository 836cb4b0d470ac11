"""A journal tells what was done, in its order; what is no entry is left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from smtplab.grading.journal import (
    MAX_CALLS,
    MAX_STEPS,
    SAVED,
    VARIABLE,
    ExerciseJournal,
    entries,
    journal_of_this_process,
)

ALL = 10**9


def written(path: Path, *told: tuple[str, dict[str, Any]], exercise: str = "01") -> None:
    """Write a journal of an exercise, and save it."""
    journal = ExerciseJournal(path)
    for did, more in told:
        journal.write(did, exercise, **more)
    journal.save()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def test_what_was_written_is_read_in_its_order(path: Path) -> None:
    written(path, ("hand out", {"said": "mia"}), ("send", {"call": 0, "data": "NOOP\r\n\xff\0"}))
    assert [(entry["did"], entry.get("data")) for entry in entries(path, "01", ALL)] == [
        ("hand out", None),
        ("send", "NOOP\r\n\xff\0"),
    ]


def test_an_exercise_that_is_handed_out_again_begins_anew(path: Path) -> None:
    for number in range(3):
        written(path, ("hand out", {"number": number}))
        written(path, ("hand out", {}), exercise="03")
        written(path, ("dial", {"number": number}))
    assert [(entry["did"], entry["number"]) for entry in entries(path, "01", ALL)] == [("hand out", 2), ("dial", 2)]


def test_what_was_written_later_is_not_read(path: Path) -> None:
    journal = ExerciseJournal(path)
    journal.write("dial", "01", number=1)
    journal.save()
    octets = path.stat().st_size
    journal.write("dial", "01", number=2)
    assert path.stat().st_size == octets
    journal.save()
    assert [entry["number"] for entry in entries(path, "01", ALL)] == [1, 2]
    assert [entry["number"] for entry in entries(path, "01", octets)] == [1]
    assert entries(path, "01", octets - 2) == []


def test_a_journal_that_is_saved_holds_no_file_open(path: Path) -> None:
    next_free = os.dup(0)
    os.close(next_free)
    journals = [ExerciseJournal(path) for _ in range(3)]
    for journal in journals:
        journal.save()
    assert os.dup(0) == next_free
    os.close(next_free)


def test_lines_that_are_no_entries_are_left_out(path: Path) -> None:
    path.write_bytes(b'\xff\n{"exercise"\n5\n[]\n{}\n' + b"[" * 100_000 + b'\n{"did": "dial", "exercise": "01"}\n')
    assert entries(path, "01", ALL) == [{"did": "dial", "exercise": "01"}]


def test_what_json_does_not_know_is_written_as_nothing(path: Path) -> None:
    written(path, ("dial", {"host": object()}))
    assert [entry["host"] for entry in entries(path, "01", ALL)] == [None]


def test_a_journal_is_kept_only_where_the_environment_names_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert journal_of_this_process() is None
    monkeypatch.setenv(VARIABLE, str(path))
    journal = journal_of_this_process()
    assert journal is not None
    journal.write("dial", "01")
    journal.save()
    assert path.read_text() == '{"did": "dial", "exercise": "01"}\n'


def test_a_loop_without_an_end_leaves_room_for_the_answers_behind_it(path: Path) -> None:
    journal = ExerciseJournal(path)
    journal.write("hand out", "01")
    for number in range(MAX_STEPS + 10):
        journal.write("send", "01", call=0, data="NOOP\r\n", number=number)
    journal.write("hand in", "01")
    journal.save()
    found = entries(path, "01", ALL)
    assert len(found) == 1 + MAX_STEPS + 1
    assert found[-1]["did"] == "hand in"
    journal.write("hand out", "01")
    journal.write("send", "01")
    journal.save()
    assert len(entries(path, "01", ALL)) == 2


def test_there_is_as_much_room_behind_a_test_cell_as_before_it(path: Path) -> None:
    sends = [("send", {"call": 0})] * (MAX_STEPS + 10)
    written(path, ("hand out", {}), *sends, (SAVED, {}), *sends)
    assert len(entries(path, "01", ALL)) == 1 + MAX_STEPS + 1 + MAX_STEPS


def test_made_up_test_cells_make_no_room_without_an_end(path: Path) -> None:
    path.write_text('{"did": "dial", "exercise": "01"}\n{"did": "save", "exercise": "01"}\n' * 2 * MAX_CALLS)
    assert sum(entry["did"] == "dial" for entry in entries(path, "01", ALL)) < MAX_CALLS + 50


def test_long_lines_without_an_end_leave_room_as_well(path: Path) -> None:
    written(path, *[("send", {"data": "x" * 1_000_000})] * 20, ("hand in", {}))
    assert path.stat().st_size < 17_000_000
    assert entries(path, "01", ALL)[-1]["did"] == "hand in"


def test_of_a_journal_that_was_forged_no_more_is_read_than_would_have_been_written(path: Path) -> None:
    path.write_text('{"did": "dial", "exercise": "01"}\n' * (MAX_CALLS + 10) + '{"did": "hand in", "exercise": "01"}\n')
    assert len(entries(path, "01", ALL)) == MAX_CALLS + 1
