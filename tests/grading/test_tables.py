"""Tables beside the gradebook are brought up to date student by student, whatever stands in them and whoever writes."""

from __future__ import annotations

import csv
import logging
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from smtplab.grading import tables

TABLE = tables.Table("table.csv", ("student", "said"))
MIA = {"student": "mia"}
NOAH = {"student": "noah"}
# Enters forty students, whose names begin with a letter.
WRITER = """
import sys
from pathlib import Path
from smtplab.grading.tables import Table
for number in range(40):
    Table("table.csv", ("student", "said")).replace_rows(Path(), {"student": f"{sys.argv[1]}{number}"}, [{"said": "x"}])
"""


def cells(course: Path) -> list[list[str]]:
    """Return the cells as a spreadsheet finds them, without the title."""
    with (course / "table.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def test_the_rows_of_a_key_are_replaced_and_the_others_stay(tmp_path: Path) -> None:
    for key, said in ((MIA, "one, two"), (NOAH, "x"), (MIA, "three")):
        TABLE.replace_rows(tmp_path, key, [{"said": said}])
    assert TABLE.rows(tmp_path) == [{"student": "noah", "said": "x"}, {"student": "mia", "said": "three"}]
    assert [each.name for each in tmp_path.glob("[!.]*")] == ["table.csv"]


def test_for_nothing_no_table_is_made(tmp_path: Path) -> None:
    TABLE.replace_rows(tmp_path, MIA, [])
    assert TABLE.rows(tmp_path) == []
    assert not (tmp_path / "table.csv").exists()


# What a student writes


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("＝1", "'＝1"),
        ("a;=1;b", "a;'=1;b"),
        ("'=1", "''=1"),
        ("''", "''"),
        ("it's 1=1, a-b", "it's 1=1, a-b"),
    ],
)
def test_no_text_is_a_formula_and_it_is_read_as_it_was(tmp_path: Path, text: str, cell: str) -> None:
    TABLE.replace_rows(tmp_path, {"student": text}, [{"said": text}])
    TABLE.replace_rows(tmp_path, NOAH, [{"said": text}])
    assert cells(tmp_path) == [[cell, cell], ["noah", cell]]
    assert TABLE.rows(tmp_path)[0] == {"student": text, "said": text}
    TABLE.replace_rows(tmp_path, {"student": text}, [])
    assert cells(tmp_path) == [["noah", cell]]


@pytest.mark.parametrize("number", [0, 11, -3, 2.5, "-3", "+1"])
def test_a_number_stays_a_number(tmp_path: Path, number: object) -> None:
    TABLE.replace_rows(tmp_path, MIA, [{"said": number}])
    TABLE.replace_rows(tmp_path, NOAH, [{"said": "x"}])
    assert cells(tmp_path)[0] == ["mia", str(number)]


def test_a_text_without_an_end_is_cut_and_the_next_student_is_entered(tmp_path: Path) -> None:
    for key in (MIA, NOAH, MIA):
        TABLE.replace_rows(tmp_path, key, [{"said": "x" * 200_000}])
    assert cells(tmp_path) == [["noah", "x" * 999 + "…"], ["mia", "x" * 999 + "…"]]


def test_half_a_character_is_shown(tmp_path: Path) -> None:
    for _ in range(2):
        TABLE.replace_rows(tmp_path, {"student": "\ud800"}, [{"said": "\ud800"}])
    assert cells(tmp_path) == [["\\ud800", "\\ud800"]]


# Who else writes


def test_two_runs_at_once_lose_no_row(tmp_path: Path) -> None:
    runs = [subprocess.Popen([sys.executable, "-c", WRITER, letter], cwd=tmp_path) for letter in "ab"]
    assert [run.wait(timeout=60) for run in runs] == [0, 0]
    assert {row["student"] for row in TABLE.rows(tmp_path)} == {f"{a}{number}" for a in "ab" for number in range(40)}


def test_a_table_is_made_anew_of_what_another_run_has_left(tmp_path: Path) -> None:
    def counted() -> list[dict[str, object]]:
        other = sqlite3.connect(tmp_path / ".tables.lock", timeout=0, isolation_level=None)
        with closing(other), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN EXCLUSIVE")
        return [{"student": "all", "said": len(TABLE.rows(tmp_path))}]

    TABLE.replace_rows(tmp_path, MIA, [{"said": "x"}])
    sums = tables.Table("sums.csv", TABLE.columns)
    sums.make(tmp_path, counted)
    assert sums.rows(tmp_path) == [{"student": "all", "said": "1"}]


def test_a_table_that_a_spreadsheet_has_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes("\ufeffstudent;said;mine\r\nmia;a,b;seen\r\n".encode())
    TABLE.replace_rows(tmp_path, NOAH, [{"said": "x"}])
    assert TABLE.rows(tmp_path) == [{"student": "mia", "said": "a,b"}, {"student": "noah", "said": "x"}]


def test_a_table_that_cannot_be_written_is_told_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "get_logger", lambda: logging.getLogger("nbgrader"))
    (tmp_path / "table.csv").mkdir()
    TABLE.replace_rows(tmp_path, MIA, [{"said": "x"}])
    (message,) = caplog.messages
    assert message.startswith("table.csv has not been brought up to date: ")


def test_changes_inside_one_lock_are_made_under_it_and_the_next_needs_its_own(tmp_path: Path) -> None:
    def is_locked() -> bool:
        with closing(sqlite3.connect(tmp_path / ".tables.lock", timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                return True
        return False

    with tables.locked(tmp_path):
        TABLE.make(tmp_path, lambda: [{"student": "all", "said": "one"}])
        assert is_locked()
    assert not is_locked()
    TABLE.make(tmp_path, lambda: [{"student": "all", "said": str(is_locked())}])
    assert [row["said"] for row in TABLE.rows(tmp_path)] == ["True"]
