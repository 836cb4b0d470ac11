"""The outputs of a graded notebook are those that nbformat knows, and plain text."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from smtplab.grading.engine import outputs
from smtplab.grading.engine.grader import ShownText


@pytest.mark.parametrize(
    ("stream", "kind"),
    [
        ("stdout", "stream"),
        ("stderr", "stream"),
        ("display", "display_data"),
        ("result", "execute_result"),
        ("error", "error"),
        ("made up", "display_data"),
    ],
)
def test_what_a_cell_showed_is_plain_text_on_the_feedback_page(stream: str, kind: str) -> None:
    output = outputs.of_shown(ShownText(stream, "<script>\n", "E", "v"))
    assert output["output_type"] == kind
    assert set(output.get("data", {"text/plain"})) == {"text/plain"}


def test_all_of_them_are_valid() -> None:
    shown = [outputs.of_shown(ShownText(stream, "x", "E", "v")) for stream in ("stdout", "display", "result", "error")]
    cell = new_code_cell("", outputs=nbformat.from_dict([*outputs.of_test_cell("report", 3), *shown]))
    nbformat.validate(new_notebook(cells=[cell]))


def test_the_number_of_a_test_cell_is_its_last_output() -> None:
    *_, last = outputs.of_test_cell("report", 3)
    assert last["data"]["text/plain"] == "3"
