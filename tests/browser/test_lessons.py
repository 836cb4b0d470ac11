"""A student works through delivered tutorials in JupyterLab: types answers, presses predictions, asks for a hint."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtplab.lessons.cells import Kind, LessonCell, cells_of
from support.axe import grave_violations
from support.lab_page import LabPage, NotebookPage
from support.paths import ROOT

TUTORIALS = ROOT / "notebooks" / "tutorials"
PYTHON = TUTORIALS / "00-start-here.ipynb"
TYPED = TUTORIALS / "01-type-the-lectures-session.ipynb"
_PREDICTED = re.compile(r"""\.answer\((?:"([\w ]+)"|(\d+))\)""")


def cells(path: Path) -> list[LessonCell]:
    return cells_of(path.read_bytes())


def first(kind: Kind, path: Path) -> int:
    return next(number for number, cell in enumerate(cells(path)) if cell.kind is kind)


def predict(notebook: NotebookPage, number: int, cell: LessonCell) -> None:
    """Answer a prediction as a student does: by a button, or, where words are typed, in place of the question mark."""
    found = _PREDICTED.search(cell.source)
    if found is None:
        notebook.write(number, cell.source)
        notebook.run(number)
        return
    notebook.run(number)
    outputs = notebook.outputs(number)
    if found[1]:
        outputs.get_by_role("button", name=found[1], exact=True).click()
    else:
        outputs.get_by_label("or type it").fill(found[2])
        outputs.get_by_role("button", name="answer, and send the line").click()
    outputs.locator(".smtplab-live").get_by_text(re.compile(r"^(Right|Not so): ")).first.wait_for()


@pytest.fixture
def closed(lab: LabPage) -> Iterator[LabPage]:
    yield lab
    lab.close_all()


@pytest.mark.parametrize("path", [PYTHON, TYPED], ids=lambda path: path.stem)
def test_whoever_answers_everything_is_told_so_and_nothing_is_done_for_him(closed: LabPage, path: Path) -> None:
    notebook = closed.open(path.name)
    for number, cell in enumerate(cells(path)):
        if cell.kind is Kind.PREDICTION:
            predict(notebook, number, cell)
            continue
        if cell.kind is Kind.OPEN:
            notebook.write(number, cell.source)
        result = notebook.run(number)
        assert cell.kind is Kind.RUN or "\nok: " in f"\n{result.text}", result
    said = "\n".join(result.text for result in notebook.results())
    assert "is not answered yet" not in said
    assert "is not made yet" not in said
    closed.screenshot(f"answered-{path.stem}")


def test_an_open_cell_is_judged_in_words_a_hint_helps_and_the_next_cell_goes_on(closed: LabPage) -> None:
    notebook = closed.open(PYTHON.name)
    at = first(Kind.OPEN, PYTHON)
    task = cells(PYTHON)[at]
    for number in range(at):
        notebook.run(number)
    notebook.write(at, f'{task.given}session.send("HELLO laptop.example")')
    assert "not yet: " in notebook.run(at).text
    assert f"Hint: {task.hint}" in notebook.run(at).text
    assert grave_violations(closed.page) == []
    closed.screenshot("open-cell-not-yet")
    done = notebook.run(at + 1)
    assert "its step was done for you" in done.text


def test_a_prediction_has_buttons_before_the_line_is_sent(closed: LabPage) -> None:
    notebook = closed.open(PYTHON.name)
    at = first(Kind.PREDICTION, PYTHON)
    for number in range(at + 1):
        notebook.run(number)
    outputs = notebook.outputs(at)
    for word in ("done", "go on", "not now", "never", "no reply"):
        outputs.get_by_role("button", name=word, exact=True).wait_for()
    assert "Right" not in outputs.last.inner_text()
    assert grave_violations(closed.page) == []
    closed.screenshot("prediction-asked")
    outputs.get_by_role("button", name="never", exact=True).click()
    outputs.locator(".smtplab-live").get_by_text(re.compile(r"^Not so: ")).first.wait_for()
    closed.screenshot("prediction-answered")


_HIDDEN = """
({codeCells}) => codeCells.map((cell) => {
  const box = cell.node.querySelector('.cm-scroller');
  return box.scrollWidth - box.clientWidth;
})
"""


def test_a_task_can_be_read_in_a_narrow_window(closed: LabPage) -> None:
    """A window of 1280 pixels at 200 % zoom is as narrow."""
    size = closed.page.viewport_size
    assert size is not None
    closed.page.set_viewport_size({"width": 640, "height": 700})
    try:
        notebook = closed.open(PYTHON.name)
        assert set(notebook.evaluate(_HIDDEN)) == {0}
    finally:
        closed.page.set_viewport_size(size)
