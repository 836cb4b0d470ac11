"""All results are written whole, from the report alone, and each student's page has a name of its own."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from smtplab.grading.results import result_files
from smtplab.grading.results.outcome import Report, StudentResult
from smtplab.grading.results.result_files import PAGES, REPORT, page_name, results, write_results
from support import graded_class

CLASS = graded_class.REPORT


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_gets_the_report_the_tables_and_the_pages(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "01"
    write_results(CLASS, folder)
    assert files(folder) == results(CLASS)
    assert {*files(folder)} == {
        "report.json",
        "grades.csv",
        "incidents.csv",
        "moodle.csv",
        "class.html",
        *(f"pages/{name}.html" for name in ("mia", "noah", "uma", "zoe")),
    }
    assert Report.from_json((folder / REPORT).read_bytes()) == CLASS


def test_the_file_for_another_platform_of_an_earlier_run_goes(tmp_path: Path) -> None:
    (tmp_path / "canvas.csv").write_text("old")
    write_results(CLASS, tmp_path)
    assert not (tmp_path / "canvas.csv").exists()


def test_writing_again_replaces_everything_of_the_results_and_nothing_else(tmp_path: Path) -> None:
    write_results(CLASS, tmp_path)
    (tmp_path / "run.jsonl").write_text("kept")
    fewer = replace(CLASS, students=CLASS.students[:1])
    write_results(fewer, tmp_path)
    assert files(tmp_path) == results(fewer) | {"run.jsonl": b"kept"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_results_are_the_same_whenever_they_are_made_and_in_whatever_order(tmp_path: Path) -> None:
    other = replace(CLASS, students=CLASS.students[::-1])
    there, back = results(CLASS), results(other)
    assert {name for name in there if there[name] != back[name]} == {REPORT}
    assert results(CLASS) == there


def test_a_run_that_fails_leaves_the_older_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_results(CLASS, tmp_path)
    before = files(tmp_path)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(OSError, match="disk full"):
        write_results(replace(CLASS, students=()), tmp_path)
    assert files(tmp_path) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_pages_that_cannot_take_their_place_leave_the_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_results(CLASS, tmp_path)
    before = files(tmp_path)
    move = os.replace

    def fail(source: Path, target: Path) -> None:
        if Path(source).name.endswith(".new") and Path(target).name == PAGES:
            raise OSError("no room")
        move(source, target)

    monkeypatch.setattr(result_files.os, "replace", fail)
    with pytest.raises(OSError, match="no room"):
        write_results(CLASS, tmp_path)
    assert files(tmp_path) == before


def test_a_link_in_the_place_of_the_pages_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("kept")
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / PAGES).symlink_to(elsewhere)
    write_results(CLASS, folder)
    assert files(elsewhere) == {"precious": b"kept"}
    assert not (folder / PAGES).is_symlink()


ODD = [
    "a/b",
    "../../x",
    "..",
    ".",
    ".hidden",
    "a\\b",
    "a:b",
    "a\0b",
    "",
    "~",
    "ü" * 200,
    "\ud800",
    "Doe, Jane (2)",
    "%2E",
]


@pytest.mark.parametrize("student", ODD)
def test_the_page_of_any_id_lies_in_the_folder_of_the_pages(student: str, tmp_path: Path) -> None:
    name = page_name(student)
    assert name == os.path.basename(name)
    assert not set(name) & set('/\\:*?"<>|\0')
    assert not name.startswith("..")
    assert len(name) <= 105
    write_results(replace(CLASS, students=(StudentResult(student),)), tmp_path)
    assert [path.name for path in (tmp_path / PAGES).iterdir()] == [name]


def test_no_two_ids_have_the_same_page() -> None:
    ids = [*ODD, "ü" * 201, "%2e", "\\ud800", "~~", "a", "A b", "mia", *("x" * length for length in range(95, 105))]
    assert len({page_name(student) for student in ids}) == len(ids)


def test_usual_ids_can_be_read_in_the_names_of_their_pages() -> None:
    assert [page_name(each) for each in ("mia", "o'brien", "s.47-11_x@uni")] == [
        "mia.html",
        "o'brien.html",
        "s.47-11_x@uni.html",
    ]
