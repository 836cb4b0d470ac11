"""Scores come into nbgrader's gradebook in one step, and what somebody has edited there stays."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearSolutions, ComputeChecksums, SaveCells

from smtplab.grading.engine import gradebook
from smtplab.grading.engine.gradebook import GRADEBOOK, GradedWork, write_scores
from smtplab.grading.engine.prepared import prepare
from smtplab.grading.engine.warm_process import EngineError
from smtplab.grading.release import CODE_STUBS
from smtplab.grading.results.outcome import CellShown, PartResult, StudentResult
from support.bank import SOURCE
from support.handed_in import NAME, TESTS, answered, exercise


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook that knows the exercise."""
    path = tmp_path_factory.mktemp("gradebook") / GRADEBOOK
    about = {"nbgrader": {"notebook": NAME, "assignment": NAME, "db_url": f"sqlite:///{path}"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]))  # alembic
        with Gradebook(f"sqlite:///{path}") as book:
            book.add_assignment(NAME)
    source = nbformat.read(SOURCE / NAME / f"{NAME}.ipynb", as_version=4)
    for step in (ClearSolutions(code_stub=CODE_STUBS), ComputeChecksums(), SaveCells()):
        source, _ = step.preprocess(source, about)
    return path


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    shutil.copy(made, tmp_path)
    return tmp_path


def work(student: str, *points: int, **more: Any) -> GradedWork:
    parts = tuple(
        PartResult(test.removeprefix("check-"), earned, possible, f"report of {test}")
        for (test, possible), earned in zip(TESTS.items(), points, strict=True)
    )
    cells = (CellShown(5, "code", "", "said <b>"),)
    prepared = prepare(answered(student, {"session": "1"}), exercise())
    return GradedWork(prepared, StudentResult(student, parts=parts, cells=cells, points=sum(points), **more))


def open_book(course: Path) -> Iterator[Any]:
    return Gradebook(f"sqlite:///{course / GRADEBOOK}")  # type: ignore[no-any-return]


def scores(course: Path) -> dict[str, dict[str, float | None]]:
    with open_book(course) as book:  # type: ignore[attr-defined]
        return {
            submission.student.id: {grade.name: grade.auto_score for grade in submission.notebooks[0].grades}
            for submission in book.find_assignment(NAME).submissions
        }


def test_all_scores_are_written_and_the_gradebook_of_before_is_kept(course: Path) -> None:
    before = (course / GRADEBOOK).read_bytes()
    written = write_scores(course, exercise(), [work("mia", 11, 6, 4), work("noah", 0, 0, 0)])
    assert scores(course) == {"mia": TESTS, "noah": dict.fromkeys(TESTS, 0)}
    assert len(written.backup.read_bytes()) == len(before)
    assert written.edited == ()


def test_a_score_that_was_edited_stays_and_is_named(course: Path) -> None:
    write_scores(course, exercise(), [work("mia", 0, 0, 0)])
    with open_book(course) as book:  # type: ignore[attr-defined]
        grade = book.find_grade("check-phases", NAME, NAME, "mia")
        grade.manual_score, grade.needs_manual_grade = 5, False
        book.db.commit()
    written = write_scores(course, exercise(), [work("mia", 11, 6, 4)])
    assert [sentence for sentence in written.edited if "mia" in sentence and "check-phases" in sentence]
    with open_book(course) as book:  # type: ignore[attr-defined]
        grade = book.find_grade("check-phases", NAME, NAME, "mia")
        assert (grade.auto_score, grade.manual_score, grade.score, grade.needs_manual_grade) == (6, 5, 5, True)


def test_if_one_score_cannot_be_written_none_is(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = gradebook._write

    def fail_at_noah(book: Any, exercise: Any, work: GradedWork) -> Any:
        yield from write(book, exercise, work)
        if work.result.student == "noah":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(gradebook, "_write", fail_at_noah)
        with pytest.raises(KeyboardInterrupt):
            write_scores(course, exercise(), [work("mia", 11, 6, 4), work("noah", 11, 6, 4)])
    assert scores(course) == {}
    assert not (course / "autograded").exists()


def test_an_exercise_that_the_gradebook_does_not_have_is_refused(tmp_path: Path, course: Path) -> None:
    with open_book(course) as book:  # type: ignore[attr-defined]
        book.remove_assignment(NAME)
    with pytest.raises(EngineError, match="generate_assignment"):
        write_scores(course, exercise(), [work("mia", 11, 6, 4)])
    assert not (course / "autograded").exists()


def test_what_is_no_gradebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / GRADEBOOK).write_text("no database" * 100)
    with pytest.raises(EngineError, match="was not changed"):
        write_scores(tmp_path, exercise(), [work("mia", 11, 6, 4)])


def test_the_graded_notebook_has_text_alone_and_is_valid(course: Path) -> None:
    write_scores(course, exercise(), [work("mia", 11, 6, 4, submitted="2026-11-30T12:00:00+01:00")])
    folder = course / "autograded" / "mia" / NAME
    book = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
    nbformat.validate(book)
    outputs = {cell.id: cell.outputs for cell in book.cells if cell.cell_type == "code" and cell.outputs}
    assert [each["text"] for each in outputs["session"]] == ["said <b>"]
    assert outputs["check-session"][1]["data"] == {"text/plain": "11"}
    assert {key for found in outputs.values() for each in found for key in each.get("data", {})} == {"text/plain"}
    assert (folder / "timestamp.txt").read_text().startswith("2026-11-30 12:00:00")
    with open_book(course) as graded:  # type: ignore[attr-defined]
        notebook = graded.find_submission_notebook(NAME, NAME, "mia")
        assert {each.name: each.auto_comment for each in notebook.comments} == {
            "session": None,
            "phases": "No response.",
            "banner": "No response.",
        }
        assert json.loads(json.dumps(str(graded.find_submission(NAME, "mia").timestamp)))[:10] == "2026-11-30"
