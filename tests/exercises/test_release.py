"""The student's notebook has all that the instructor's has, but for what is to be found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smtplab.grading.design import ExerciseError
from smtplab.grading.exercises import NAMES
from smtplab.grading.release import ReleaseError, assignments, release, student_version
from smtplab.jupyter.engine import Engine
from support.bank import SOURCE, graded, language, notebook, secrets, text_of

Cell = dict[str, Any]
each_exercise = pytest.mark.parametrize("name", NAMES)


def released(name: str) -> dict[str, Any]:
    return dict(json.loads(student_version(SOURCE / name / f"{name}.ipynb")))


def marks(role: str = "", **changed: Any) -> dict[str, Any]:
    """Return nbgrader's metadata for a cell with a role."""
    roles = {each: each == role for each in ("grade", "solution", "locked", "task")}
    return {"nbgrader": {"grade_id": "a", "schema_version": 3, "points": 1, **roles, **changed}}


def code(source: str, metadata: dict[str, Any] | None = None) -> Cell:
    return {"cell_type": "code", "id": "x", "metadata": metadata or {}, "source": source, "outputs": [1]}


@pytest.fixture
def student_cells(tmp_path: Path) -> Callable[..., list[Cell]]:
    """Return what releases a notebook that has the cells given, and returns the student's cells."""

    def make(*cells: Cell, **metadata: Any) -> list[Cell]:
        path = tmp_path / "a.ipynb"
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}))
        return list(json.loads(student_version(path))["cells"])

    return make


# The exercises of the course


def test_every_exercise_has_a_source_with_a_notebook_of_its_name() -> None:
    assert assignments(SOURCE) == NAMES
    assert sorted(path.name for path in SOURCE.rglob("*.ipynb")) == [f"{name}.ipynb" for name in NAMES]


@each_exercise
def test_a_student_receives_neither_solutions_nor_hidden_rules(name: str) -> None:
    text = text_of(student_version(SOURCE / name / f"{name}.ipynb"), is_notebook=True)
    assert [secret for secret in secrets(name) if secret in text] == []
    assert "BEGIN" not in text


@each_exercise
def test_a_student_receives_every_cell_with_its_id_and_no_output(name: str) -> None:
    ours, theirs = notebook(name)["cells"], released(name)["cells"]
    assert [cell["id"] for cell in ours] == [cell["id"] for cell in theirs]
    for before, after in zip(ours, theirs, strict=True):
        assert graded(before).items() <= graded(after).items()
        if not graded(before):
            assert before["source"] == after["source"]
        if after["cell_type"] == "code":
            assert (after["outputs"], after["execution_count"]) == ([], None)


@each_exercise
def test_every_test_cell_of_a_student_still_calls_check(name: str) -> None:
    for cell in released(name)["cells"]:
        if graded(cell).get("grade"):
            part = graded(cell)["grade_id"].removeprefix("check-")
            python = f'import smtplab\n\nsmtplab.check("{name}", "{part}")'  # whatever a student calls `check`
            assert "".join(cell["source"]) in (python, f"%check {name} {part}")
            assert ("%check" in cell["source"][0]) is (language(notebook(name)) == "smtp")


@each_exercise
def test_a_release_is_the_same_every_time_and_a_fixed_point_of_the_json(name: str) -> None:
    first, second = (student_version(SOURCE / name / f"{name}.ipynb") for _ in range(2))
    assert first == second
    text = json.dumps(json.loads(first), ensure_ascii=False, indent=1, sort_keys=True)
    assert first.decode() == f"{text}\n"


@each_exercise
def test_the_sources_are_committed_without_outputs(name: str) -> None:
    for cell in notebook(name)["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


# Cells


def test_a_solution_is_replaced_where_it_stands(student_cells: Callable[..., list[Cell]]) -> None:
    source = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\nf()"
    (cell,) = student_cells(code(source, marks("solution")))
    assert "".join(cell["source"]) == "def f():\n    # YOUR CODE HERE\nf()"


def test_a_solution_cell_without_markers_is_replaced_as_a_whole(student_cells: Callable[..., list[Cell]]) -> None:
    (cell,) = student_cells(code("the answer", marks("solution")))
    assert cell["source"] == ["# YOUR CODE HERE"]


def test_an_smtp_cell_has_a_stub_of_its_own(student_cells: Callable[..., list[Cell]]) -> None:
    (cell,) = student_cells(code("QUIT", marks("solution")), kernelspec={"language": "smtp"})
    assert cell["source"] == ["# YOUR COMMANDS HERE"]


def test_an_answer_in_words_has_a_stub_of_its_own(student_cells: Callable[..., list[Cell]]) -> None:
    metadata = marks("solution", grade=True)
    (cell,) = student_cells({"cell_type": "markdown", "id": "x", "metadata": metadata, "source": ["Because.\n", "So."]})
    assert cell["source"] == ["YOUR ANSWER HERE"]


def test_hidden_tests_and_marking_schemes_are_taken_out(student_cells: Callable[..., list[Cell]]) -> None:
    tests = "# BEGIN HIDDEN TESTS\na\n# END HIDDEN TESTS\ncheck()\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS"
    scheme = "Draw.\n=== BEGIN MARK SCHEME ===\ntwo points\n=== END MARK SCHEME ===\nThank you."
    task = {"cell_type": "markdown", "id": "y", "metadata": marks("task", grade_id="b"), "source": scheme}
    cells = student_cells(code(tests, marks("grade")), task)
    assert ["".join(cell["source"]) for cell in cells] == ["check()", "Draw.\nThank you."]


@pytest.mark.parametrize(
    ("role", "deletable", "editable"),
    [("solution", False, None), ("grade", False, False), ("locked", False, False), ("", None, None)],
)
def test_what_nbgrader_needs_can_be_neither_deleted_nor_edited(
    student_cells: Callable[..., list[Cell]], role: str, deletable: bool | None, editable: bool | None
) -> None:
    (cell,) = student_cells(code("1", marks(role) if role else None))
    assert cell["metadata"].get("deletable") is deletable
    assert cell["metadata"].get("editable") is editable


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([code("### BEGIN SOLUTION\n1", marks("solution"))], "no END SOLUTION"),
        ([code("### BEGIN HIDDEN TESTS\n1", marks("grade"))], "no END HIDDEN TESTS"),
        (
            [code("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", marks("solution"))],
            "BEGIN SOLUTION stands twice before END SOLUTION",
        ),
        ([code("### BEGIN SOLUTION\n### END SOLUTION")], "as a solution cell"),
        ([code("### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", marks("locked"))], "as a cell with tests"),
        ([code("### BEGIN MARK SCHEME\n### END MARK SCHEME", marks("grade"))], "as a task cell"),
        ([code("### AUTOTEST f(1)", marks("grade"))], "AUTOTEST"),
        ([code("1", marks("grade")), code("2", marks("locked"))], "another cell"),
        ([code("1", marks("grade", grade_id=""))], "grade_id"),
        ([code("1", marks("grade", schema_version=2))], "schema version"),
        ([code("1", {"nbgrader": {"grade_id": "a", "schema_version": 3, "grade": True}})], "points"),
    ],
)
def test_a_cell_that_could_tell_a_secret_or_break_nbgrader_is_refused_by_its_id(
    student_cells: Callable[..., list[Cell]], cells: list[Cell], sentence: str
) -> None:
    with pytest.raises(ReleaseError, match=r"a\.ipynb: cell x: .*" + sentence):
        student_cells(*cells)


def test_a_kernel_of_a_language_without_a_stub_is_refused(student_cells: Callable[..., list[Cell]]) -> None:
    with pytest.raises(ReleaseError, match="language"):
        student_cells(kernelspec={"language": "R"})


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"nbformat": 3}', '{"nbformat": 4}', '{"nbformat": 4, "cells": [1]}']
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.ipynb").write_text(text)
    with pytest.raises(ReleaseError, match=r"a\.ipynb: it is (damaged, or )?not a notebook"):
        student_version(tmp_path / "a.ipynb")


# Folders


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source folder with an assignment, a file beside its notebook, and what was left behind there."""
    for place, content in {
        "one/one.ipynb": json.dumps({"nbformat": 4, "metadata": {}, "cells": [code("1", marks("solution"))]}),
        "one/data/words.txt": "words",
        "one/.ipynb_checkpoints/one.ipynb": "older",
        "one/__pycache__/a.pyc": "",
        "empty/notes.txt": "",
        ".hidden/hidden.ipynb": "",
    }.items():
        (tmp_path / "source" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / place).write_text(content)
    return tmp_path / "source"


def test_an_assignment_is_a_folder_with_a_notebook(source: Path, tmp_path: Path) -> None:
    assert assignments(source) == ("one",)
    assert assignments(tmp_path / "nowhere") == ()


def test_the_files_beside_a_notebook_come_along_and_nothing_hidden(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "release"
    assert release("one", source, out) == [out / "one" / "data" / "words.txt", out / "one" / "one.ipynb"]
    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == ["one.ipynb", "words.txt"]
    assert "YOUR CODE HERE" in (out / "one" / "one.ipynb").read_text()


def test_nothing_is_written_where_one_notebook_is_refused(source: Path, tmp_path: Path) -> None:
    (source / "one" / "two.ipynb").write_text("{")
    with pytest.raises(ReleaseError):
        release("one", source, tmp_path / "release")
    assert not (tmp_path / "release").exists()


@each_exercise
def test_an_empty_student_id_is_told_in_the_cell_that_asks_for_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("JUPYTERHUB_USER", "SMTPLAB_STUDENT"):
        monkeypatch.delenv(variable, raising=False)
    book = notebook(name)
    (cell,) = (cell for cell in book["cells"] if cell["id"] == "student")
    source = "".join(cell["source"])
    if language(book) == "smtp":
        assert "Write your student id behind %student" in str(Engine().run(source).failure)
    else:
        with pytest.raises(ExerciseError, match="put your student id between the quotes"):
            exec(source, {})
