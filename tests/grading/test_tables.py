"""Tables beside the gradebook are brought up to date student by student."""

from __future__ import annotations

from pathlib import Path

from smtplab.grading import tables

COLUMNS = ("student", "said")


def test_the_rows_of_a_key_are_replaced_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for student, said in (("mia", "one, two"), ("noah", "x"), ("mia", "three")):
        tables.replace_rows(path, COLUMNS, {"student": student}, [{"said": said}])
    assert tables.read(path) == [{"student": "noah", "said": "x"}, {"student": "mia", "said": "three"}]
    assert [each.name for each in tmp_path.iterdir()] == ["table.csv"]


def test_for_nothing_no_table_is_made(tmp_path: Path) -> None:
    tables.replace_rows(tmp_path / "table.csv", COLUMNS, {"student": "mia"}, [])
    assert tables.read(tmp_path / "table.csv") == []
    assert not (tmp_path / "table.csv").exists()
