"""The page of a tutorial shows the course as it runs, and no answer before the reader asks for it."""

import json
from typing import Any

import pytest

from smtplab.lessons.cells import Kind, cells_of
from smtplab.site.folded_answers import ANSWER, OUTCOME, readable_notebook
from support.paths import ROOT

TUTORIALS = sorted((ROOT / "notebooks" / "tutorials").glob("*.ipynb"))


def code(source: str, name: str, *outputs: str, **metadata: Any) -> dict[str, Any]:
    shown = [{"output_type": "stream", "name": "stdout", "text": each} for each in outputs]
    return {"cell_type": "code", "id": name, "source": source, "outputs": shown, "metadata": metadata}


def text(source: str, name: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "source": source, "metadata": {}}


def page(*cells: dict[str, Any]) -> list[dict[str, Any]]:
    notebook = {"cells": cells, "metadata": {"kernelspec": {"language": "python"}}}
    shown: list[dict[str, Any]] = readable_notebook(json.dumps(notebook).encode())["cells"]
    return shown


def prompts(cells: list[dict[str, Any]]) -> list[str | None]:
    return [cell["metadata"].get("mystnb", {}).get("code_prompt_show") for cell in cells]


def test_an_open_cell_shows_its_task_and_folds_the_answer_with_its_outputs() -> None:
    goal = {"goal": {"said": ["250 NOOP"]}}
    task, answer = page(code('# Now you: say NOOP.\nsession.send("NOOP")', "say", "250 ok", smtplab=goal))
    assert (task["source"], task["outputs"], task["metadata"]) == ("# Now you: say NOOP.", [], {})
    assert (answer["source"], len(answer["outputs"])) == ('session.send("NOOP")', 1)
    assert answer["metadata"]["tags"] == ["hide-cell"]
    assert prompts([task, answer]) == [None, ANSWER]


def test_a_prediction_shows_its_question_and_folds_the_outcome() -> None:
    question, answer = page(code('session.predict("DATA").answer("go on")', "predict", "Right"))
    assert question["source"] == 'session.predict("DATA")'
    assert question["outputs"] == []
    assert answer["metadata"]["tags"] == ["hide-cell"]
    assert prompts([question, answer]) == [None, OUTCOME]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([text("Does it arrive?", "a"), code("look()", "b", "yes")], [None, OUTCOME]),
        ([text("It arrives.", "a"), code("look()", "b", "yes")], [None, None]),
        ([text("It arrives.", "a"), code("look()", "b", "yes", smtplab={"output": "after the run"})], [None, OUTCOME]),
        ([text("Does it arrive?", "a"), code("look()", "b")], [None, None]),
    ],
    ids=["below a question", "elsewhere", "kept back", "without an output"],
)
def test_an_output_that_answers_the_text_is_folded(cells: list[dict[str, Any]], expected: list[str | None]) -> None:
    assert prompts(page(*cells)) == expected


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_no_answer_of_a_tutorial_stands_unfolded(path: Any) -> None:
    content = path.read_bytes()
    shown = readable_notebook(content)["cells"]
    open_source = {cell["id"]: cell["source"] for cell in shown if "tags" not in cell["metadata"]}
    for cell in cells_of(content):
        if cell.kind is not Kind.RUN:
            assert open_source[cell.id] == cell.given.rstrip("\n")
            assert f"{cell.id}-answer" in {each["id"] for each in shown}


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_every_output_of_a_tutorial_is_on_its_page(path: Any) -> None:
    def outputs(cells: list[dict[str, Any]]) -> list[Any]:
        return [output for cell in cells for output in cell.get("outputs", ())]

    content = path.read_bytes()
    assert outputs(readable_notebook(content)["cells"]) == outputs(json.loads(content)["cells"])
