"""The grader takes locked cells, parts and points from the instructor, and refuses what no referee judges."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smtplab.grading.engine.graded_exercise import GradedExercise, unjudged_in
from smtplab.grading.engine.warm_process import EngineError
from smtplab.grading.exercises import NAMES, design_of
from support.bank import SOURCE, notebook
from support.handed_in import NAME, TESTS, exercise


def source(name: str = NAME) -> dict[str, Any]:
    book: dict[str, Any] = json.loads((SOURCE / name / f"{name}.ipynb").read_bytes())
    return book


def with_test(text: str) -> bytes:
    """Return the notebook with another last test cell."""
    book = source()
    (cell,) = (cell for cell in book["cells"] if cell["id"] == "check-banner")
    cell["source"] = text
    return json.dumps(book).encode()


@pytest.mark.parametrize("name", NAMES)
def test_each_test_cell_is_a_part_with_its_title_and_points(name: str) -> None:
    graded, design = exercise(name), design_of(name)
    assert [(part.name, part.possible, part.hidden_possible) for part in graded.parts] == [
        (part.name, part.points, part.hidden_points) for part in design.parts
    ]
    assert all(part.title[0].isupper() and "point" not in part.title for part in graded.parts)
    assert graded.title == "".join(notebook(name)["cells"][0]["source"]).splitlines()[0].removeprefix("# ")
    assert graded.course == "smtplab"
    assert graded.language == graded.metadata["kernelspec"]["language"]
    assert graded.possible == sum(part.points for part in design.parts)


def test_solutions_are_not_among_the_cells_and_hidden_tests_are() -> None:
    told = "\n".join(cell["source"] for cell in exercise().known.values())
    assert "BEGIN SOLUTION" not in told
    assert "BEGIN HIDDEN TESTS" in told
    assert "HIDDEN" not in exercise().public_source("check-session")


@pytest.mark.parametrize(
    "text",
    [
        "NAME = '01'\nsmtplab.check(NAME, 'banner')",
        "check('01-hold-your-own-session', PART)",
        "check()",
        "check('01-hold-your-own-session', *PARTS)",
        "check('01-hold-your-own-session', **PARTS)",
        "check('01-hold-your-own-session', part=PART)",
        "check('01-hold-your-own-session', 'banner')\ncheck('01-hold-your-own-session', PART)",
        "check('99-elsewhere', 'banner')",
        "check('01-hold-your-own-session', 'baner')",
        "chek('01-hold-your-own-session', 'banner')",
        "assert answer == 42",
        "%check",
        "check('01-hold-your-own-session', 'banner'",
        "",
    ],
)
def test_a_test_cell_that_no_referee_judges_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(EngineError, match="no referee judges the cell check-banner"):
        GradedExercise.from_notebook(NAME, with_test(text))
    assert list(unjudged_in(with_test(text)))


def test_what_is_no_notebook_of_an_instructor_is_refused() -> None:
    with pytest.raises(EngineError, match="cannot be graded"):
        GradedExercise.from_notebook(NAME, b"{}")
    assert list(unjudged_in(b"{}")) == []


@pytest.mark.parametrize("name", NAMES)
def test_all_test_cells_of_the_course_are_judged(name: str) -> None:
    assert list(unjudged_in(json.dumps(source(name)).encode())) == []


def test_a_cell_that_a_person_grades_needs_no_referee() -> None:
    book = source()
    book["cells"].append(
        {
            "cell_type": "code",
            "id": "essay",
            "metadata": {
                "nbgrader": {"grade": True, "grade_id": "essay", "points": 3, "schema_version": 3, "solution": True}
            },
            "outputs": [],
            "source": "",
        }
    )
    assert list(GradedExercise.from_notebook(NAME, json.dumps(book).encode()).tests) == list(TESTS)


def test_another_hidden_rule_makes_another_exercise_of_it() -> None:
    before = exercise().hash
    book = source()
    (cell,) = (cell for cell in book["cells"] if cell["id"] == "check-session")
    cell["source"] = ["# another\n", *cell["source"]]
    assert GradedExercise.from_notebook(NAME, json.dumps(book).encode()).hash != before
    assert GradedExercise.from_notebook(NAME, json.dumps(source()).encode()).hash == before
