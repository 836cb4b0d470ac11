"""What nbgrader stumbles over in a submission is mended, or told in plain words; `exercises/test_nbgrader` sees it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.warnings import DuplicateCellId
from nbgrader.api import Gradebook
from nbgrader.preprocessors import CheckCellMetadata, ClearSolutions, ComputeChecksums, SaveCells

from smtplab.grading import classroom, submissions
from smtplab.grading.release import CODE_STUBS, student_version
from support.bank import SOURCE, graded

NAME = "01-hold-your-own-session"
RELEASED = student_version(SOURCE / NAME / f"{NAME}.ipynb").decode()
LOCKED = ["your-task", "check-session", "session-to-mark", "check-phases", "lecture", "check-banner"]


# Cells


@pytest.fixture(scope="module")
def about(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A gradebook that knows the exercise."""
    url = f"sqlite:///{tmp_path_factory.mktemp('gradebook') / 'gradebook.db'}"
    about = {"nbgrader": {"notebook": NAME, "assignment": NAME, "db_url": url}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]))  # alembic
        with Gradebook(url) as book:
            book.add_assignment(NAME)
    source = nbformat.read(SOURCE / NAME / f"{NAME}.ipynb", as_version=4)
    for step in (ClearSolutions(code_stub=CODE_STUBS), ComputeChecksums(), SaveCells()):
        source, _ = step.preprocess(source, about)
    return about


def restored(about: dict[str, Any], change: Callable[[list[Any]], list[Any]]) -> list[str]:
    """Return the ids of the cells that count, of a notebook in which a student has changed something."""
    book = nbformat.reads(RELEASED, as_version=4)
    book.cells = change(book.cells)
    for step in (submissions.RestoreCells(), CheckCellMetadata()):
        book, _ = step.preprocess(book, about)
    assert all("id" in cell for cell in book.cells)  # which `validate` would give to those that have none
    nbformat.validate(book)
    return [graded(cell)["grade_id"] for cell in book.cells if "grade_id" in graded(cell)]


WHOLE = ["your-task", "session", "check-session", "session-to-mark", "phases", "check-phases"]
WHOLE += ["lecture", "banner", "check-banner"]


@pytest.mark.parametrize(
    "gone",
    [
        ["session", "check-session"],
        ["your-task"],
        ["check-session", "session-to-mark", "phases", "check-phases"],
        ["lecture", "banner", "check-banner"],
        LOCKED,
        WHOLE,
    ],
    ids=" ".join,
)
def test_locked_cells_that_are_missing_come_back_where_they_were(about: dict[str, Any], gone: list[str]) -> None:
    ids = restored(about, lambda cells: [cell for cell in cells if cell["id"] not in gone])
    assert ids == [name for name in WHOLE if name not in gone or name in LOCKED]


def test_an_editor_that_drops_nbgraders_metadata_costs_nothing(about: dict[str, Any]) -> None:
    def drop(cells: list[Any]) -> list[Any]:
        for cell in cells:
            cell.metadata = nbformat.from_dict({})
        return cells

    assert restored(about, drop) == WHOLE


def test_a_cell_that_has_its_metadata_is_not_mistaken_for_another(about: dict[str, Any]) -> None:
    def copy(cells: list[Any]) -> list[Any]:
        return [*cells, nbformat.v4.new_code_cell("1", id="phases")]

    with pytest.warns(DuplicateCellId):  # which is mended, too
        assert restored(about, copy) == WHOLE


def moved(first: str, *others: str, answered: bool = True) -> Callable[[list[Any]], list[Any]]:
    """Return what puts cells before another one, and answers all questions."""

    def change(cells: list[Any]) -> list[Any]:
        ids = [first, *others]
        chosen = [cell for name in ids for cell in cells if cell["id"] == name]
        for cell in cells:
            if answered and graded(cell).get("solution"):
                cell.source = "1"
        rest = [cell for cell in cells if cell["id"] not in ids[:-1]]
        place = rest.index(chosen[-1])
        return [*rest[:place], *chosen[:-1], *rest[place:]]

    return change


@pytest.mark.parametrize(
    "change",
    [
        moved("check-session", "session"),
        moved("check-phases", "your-task"),
        moved("check-banner", "banner"),
        moved("check-session", "check-phases", "check-banner", "your-task"),
        moved("check-banner", "check-phases", "check-session", "title"),
    ],
)
def test_a_test_cell_that_was_moved_above_its_answer_goes_behind_it(
    about: dict[str, Any], change: Callable[[list[Any]], list[Any]]
) -> None:
    assert restored(about, change) == WHOLE


@pytest.mark.parametrize(
    ("change", "order"),
    [
        (moved("phases", "check-phases", "your-task"), "phases check-phases your-task session check-session"),
        (moved("session", "check-session"), "your-task session check-session"),
        (moved("check-session", "check-phases"), "your-task session session-to-mark phases check-session check-phases"),
        (moved("check-session", "session", answered=False), "your-task check-session session"),
    ],
    ids=["parts in another order", "as it was", "a test further down", "no answer"],
)
def test_what_needs_no_other_place_stays_where_a_student_has_put_it(
    about: dict[str, Any], change: Callable[[list[Any]], list[Any]], order: str
) -> None:
    assert restored(about, change)[: len(order.split())] == order.split()


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "submitted" / "mia" / NAME
    folder.mkdir(parents=True)
    return folder


def taken_in(folder: Path) -> tuple[list[str], str]:
    """Return the names of the notebooks that will be graded, and the table of those that will not."""
    notebooks = sorted(map(str, folder.glob("*.ipynb")))
    submissions.take_in("*", "*", notebooks)
    return [Path(notebook).name for notebook in notebooks], table(folder)


def table(folder: Path) -> str:
    path = folder.parents[2] / classroom.NOT_GRADED.name
    return path.read_text("utf-8") if path.exists() else ""


@pytest.mark.parametrize("name", ["final version (1).ipynb", f"{NAME}-Copy1.ipynb"])
def test_a_renamed_notebook_is_graded_under_its_own_name(folder: Path, name: str) -> None:
    (folder / name).write_text(RELEASED, "utf-8")
    assert taken_in(folder)[0] == [f"{NAME}.ipynb"]
    assert (folder / f"{NAME}.ipynb").read_text("utf-8") == RELEASED
    assert (folder / name).exists()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "empty"),
        ('{"cells"', "not a notebook"),
        ('{"nbformat": 4}', "not a notebook"),
        ('{"nbformat": 3}', "format 3"),
    ],
)
def test_the_table_says_why_a_file_is_no_notebook(folder: Path, content: str, word: str) -> None:
    (folder / f"{NAME}.ipynb").write_text(content, "utf-8")
    assert word in taken_in(folder)[1]


def test_of_several_notebooks_the_one_with_the_right_name_counts(folder: Path) -> None:
    (folder / f"{NAME}.ipynb").write_text(RELEASED, "utf-8")
    (folder / "draft.ipynb").write_text("{}", "utf-8")
    taken_in(folder)
    assert (folder / f"{NAME}.ipynb").read_text("utf-8") == RELEASED
    assert json.loads((folder / "draft.ipynb").read_text("utf-8")) == {}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({f"{NAME}.ipynb": RELEASED[:4000]}, "not a notebook"),
        ({f"{NAME}.ipynb": ""}, "empty"),
        ({f"{NAME}.ipynb": "<html>Please log in</html>"}, "not a notebook"),
        ({f"{NAME}.ipynb": "[]"}, "not a notebook"),
        ({f"{NAME}.ipynb": "5"}, "not a notebook"),
        ({f"{NAME}.ipynb": '{"cells": [], "nbformat": 5}'}, "format 5"),
        (
            {"a.ipynb": RELEASED, "b.ipynb": RELEASED},
            "several notebooks",
        ),
    ],
)
def test_why_a_submission_cannot_be_graded_is_told(folder: Path, files: dict[str, str], reason: str) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    assert reason in taken_in(folder)[1]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to(SOURCE / NAME / f"{NAME}.ipynb"), "it is a link"),
        (lambda path: path.symlink_to(path), "it is a link"),
        (os.mkfifo, "not a regular file"),
        (os.mkdir, "not a regular file"),
    ],
    ids=["link to the source", "link to itself", "pipe", "folder"],
)
@pytest.mark.parametrize("name", [NAME, "renamed"])
def test_what_nbgrader_must_not_open_is_refused(
    folder: Path, make: Callable[[Path], object], reason: str, name: str
) -> None:
    make(folder / f"{name}.ipynb")
    notebooks, told = taken_in(folder)
    assert (notebooks, reason in told) == ([], True)
    submissions.let_go("*", "*", [])
    assert reason in table(folder)


def test_a_link_beside_the_notebook_costs_nothing(folder: Path) -> None:
    (folder / f"{NAME}.ipynb").write_text(RELEASED, "utf-8")
    (folder / "draft.ipynb").symlink_to("/dev/zero")
    assert taken_in(folder)[0] == [f"{NAME}.ipynb"]


def test_half_a_character_is_replaced_because_no_file_can_hold_it(about: dict[str, Any]) -> None:
    book = nbformat.reads(RELEASED, as_version=4)
    book.metadata["\ud800"] = book.cells[0].source = "a\ud800\udfffb\U0001f600"
    book, _ = submissions.RestoreCells().preprocess(book, about)
    assert book.cells[0].source == "a??b\U0001f600"
    nbformat.writes(book).encode()


def test_who_is_graded_after_all_leaves_the_table(folder: Path) -> None:
    (folder / f"{NAME}.ipynb").write_text(RELEASED, "utf-8")
    notebooks, before = taken_in(folder)
    assert f"{NAME},mia,nbgrader stopped" in before
    submissions.let_go("*", "*", [str(folder / name) for name in notebooks])
    assert "mia" not in table(folder)
