"""Each cell of the exercise becomes the instructor's again, and what was changed is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any, cast

import pytest

from smtplab.grading.engine.restoring import ChangeKind, restore
from smtplab.grading.release import name_of
from smtplab.roster.notebook_text import read_notebook
from support.handed_in import NAMED, exercise, released

Cells = list[dict[str, Any]]


def cells_of(book: dict[str, Any]) -> Cells:
    return cast("Cells", json.loads(read_notebook(json.dumps(book).encode()).data)["cells"])


def restored(change: Callable[[Cells], object]) -> tuple[Cells, list[tuple[str, str]]]:
    """Return the cells of a notebook after a change of a student's, and what was undone."""
    cells = cells_of(released())
    change(cells)
    changes = restore(cells, exercise().known)
    return cells, [(each.kind.value, each.cell) for each in changes]


def at(cells: Cells, name: str) -> dict[str, Any]:
    return next(cell for cell in cells if cell.get("id") == name)


def test_what_nobody_changed_is_named_by_nobody() -> None:
    cells, changes = restored(lambda cells: None)
    assert changes == []
    assert [name_of(cell) for cell in cells if name_of(cell)] == NAMED


@pytest.mark.parametrize("name", ["check-session", "your-task"])
def test_the_text_of_a_locked_cell_is_the_instructors(name: str) -> None:
    cells, changes = restored(lambda cells: at(cells, name).update(source="points = 400"))
    assert changes == [("changed", name)]
    assert at(cells, name)["source"] == exercise().known[name]["source"]


def test_points_and_roles_are_the_instructors() -> None:
    def change(cells: Cells) -> None:
        marks = at(cells, "check-session")["metadata"]["nbgrader"]
        marks |= {"points": 400, "locked": False, "grade": False, "solution": True}

    cells, changes = restored(change)
    assert changes == [("marked", "check-session")]
    assert at(cells, "check-session")["metadata"] == exercise().known["check-session"]["metadata"] | {
        "deletable": False,
        "editable": False,
    }


@pytest.mark.parametrize(("kind", "keys"), [("markdown", set()), ("raw", set()), ("code", {"outputs"})])
def test_a_cell_of_another_kind_gets_its_own_again(kind: str, keys: set[str]) -> None:
    cells, changes = restored(lambda cells: at(cells, "session").update(cell_type=kind))
    assert at(cells, "session")["cell_type"] == "code"
    assert at(cells, "session")["outputs"] == []
    assert changes == ([] if keys else [("changed", "session")])


def test_a_text_cell_of_the_exercise_has_no_outputs() -> None:
    known = deepcopy(dict(exercise().known))
    known["session"] = {**known["session"], "cell_type": "markdown"}
    cells = cells_of(released())
    restore(cells, known)
    assert "outputs" not in at(cells, "session")


@pytest.mark.parametrize("marks", [{"grade_id": "planted"}, {"grade_id": 5}, {}, 5, None])
def test_a_cell_that_says_it_is_of_the_exercise_is_not(marks: object) -> None:
    planted = {"cell_type": "code", "source": "", "metadata": {"nbgrader": marks}, "outputs": []}
    cells, changes = restored(lambda cells: cells.insert(0, planted))
    assert "nbgrader" not in cells[0]["metadata"]
    assert changes == ([("unknown", "planted")] if marks == {"grade_id": "planted"} else [])


def test_of_two_copies_the_last_counts() -> None:
    cells, changes = restored(lambda cells: cells.append(deepcopy(at(cells, "phases"))))
    assert changes == [("copied", "phases"), ("moved", "check-phases")] or changes == [("copied", "phases")]
    assert [name_of(cell) for cell in cells].count("phases") == 1
    assert name_of(cells[-1]) in ("phases", "check-phases")


def test_a_missing_cell_comes_back_and_each_change_has_a_sentence() -> None:
    cells, changes = restored(lambda cells: cells.remove(at(cells, "check-banner")))
    assert changes == [("missing", "check-banner")]
    assert name_of(cells[[name_of(cell) for cell in cells].index("banner") + 1]) == "check-banner"


def test_without_any_cell_all_locked_ones_come_back() -> None:
    cells, _ = restored(lambda cells: cells.clear())
    assert [name_of(cell) for cell in cells] == [name for name in NAMED if name not in ("session", "phases", "banner")]


def test_before_format_4_5_a_cell_that_comes_back_has_no_id() -> None:
    cells: Cells = []
    restore(cells, exercise().known, with_ids=False)
    assert all("id" not in cell for cell in cells)


def test_an_id_that_another_cell_has_taken_is_not_given_twice() -> None:
    def change(cells: Cells) -> None:
        at(cells, "check-banner").update(source="mine", metadata={"nbgrader": {"grade_id": "elsewhere"}})

    cells, changes = restored(change)
    ids = [cell.get("id") for cell in cells]
    assert len(set(ids)) == len(ids)
    assert ("missing", "check-banner") in changes


def test_every_kind_of_change_has_a_sentence() -> None:
    from smtplab.grading.engine.restoring import CellChange

    assert all("the cell x " in str(CellChange(kind, "x")) for kind in ChangeKind)
