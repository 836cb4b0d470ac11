"""What a student gets: each tutorial without the answers to its tasks, which still runs from top to bottom."""

import json
import re
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from notebooks.execute import SECONDS_PER_CELL, TUTORIALS, kernel_of
from smtplab.course.copies import course_files
from smtplab.lessons.cells import Kind, LessonCell, cells_of, tasks

PATHS = sorted(TUTORIALS.glob("*.ipynb"))
FILES = course_files()
every_tutorial = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def tasks_of(path: Any) -> list[LessonCell]:
    return tasks(cells_of(path.read_bytes()))


def cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (cell for cell in notebook["cells"] if cell["cell_type"] == "code")


@every_tutorial
def test_no_answer_and_no_output_of_one_is_delivered(path: Any) -> None:
    given = {cell["id"]: cell for cell in cells(json.loads(FILES[path.name]))}
    for task in tasks_of(path):
        assert "".join(given[task.id]["source"]) == task.given
        assert given[task.id]["outputs"] == []
    for task in tasks_of(path):
        if task.secrets:  # a verb alone, or a dot, stands everywhere
            above = [*given.values()][: [*given].index(task.id) + 1]  # further down the same line may come again
            assert all(task.answer not in "".join(cell["source"]) for cell in above), task.id


@every_tutorial
def test_no_output_from_the_first_task_on_is_delivered(path: Any) -> None:
    first = tasks_of(path)[0].id
    given = [*cells(json.loads(FILES[path.name]))]
    at = next(at for at, cell in enumerate(given) if cell["id"] == first)
    assert not [cell["id"] for cell in given[at:] if cell["outputs"]]


@every_tutorial
def test_no_heading_and_no_other_folded_part_is_inside_a_folded_part(path: Any) -> None:
    texts = ["".join(c["source"]) for c in json.loads(path.read_bytes())["cells"] if c["cell_type"] == "markdown"]
    for text in texts:
        folded = re.findall(r"<details>(.*?)(?:</details>|\Z)", text, re.DOTALL)
        assert text.count("<details>") == text.count("</details>") == len(folded), text
        assert not [part for part in folded if re.search(r"^#+ ", part, re.MULTILINE)], text


@every_tutorial
def test_ids_and_all_other_cells_are_those_of_the_source(path: Any) -> None:
    source, given = json.loads(path.read_bytes()), json.loads(FILES[path.name])
    assert [cell["id"] for cell in given["cells"]] == [cell["id"] for cell in source["cells"]]
    open_ids = {task.id for task in tasks_of(path)}
    for before, after in zip(source["cells"], given["cells"], strict=True):
        if before["id"] not in open_ids:
            assert after["source"] == before["source"]


@every_tutorial
def test_run_all_of_what_is_delivered_ends_without_an_error(path: Any, tmp_path: Any) -> None:
    notebook = nbformat.reads(FILES[path.name].decode(), as_version=4)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=SECONDS_PER_CELL, kernel_name=kernel_of(notebook), resources=resources).execute()
    verdicts = [
        output.data.get("text/plain", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    opened = [task for task in tasks_of(path) if task.kind is Kind.OPEN]
    assert sum(text.startswith("not yet") for text in verdicts) == len(opened)
    assert not [text for text in verdicts if "its step failed" in text]
