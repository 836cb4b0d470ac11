"""Exercise 01 in the SMTP kernel is exercise 01: the same task, rules and points, and hints in words of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from exercises import bank_01, bank_01_typed
from smtplab.grading.exercises import design_of
from support.bank import by, filled, graded, hidden_pieces, language, notebook, run

NAME, TWIN = bank_01_typed.NAME, bank_01.NAME
DESIGN, IN_PYTHON = design_of(NAME), design_of(TWIN)


def marked_cells(name: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the cells that nbgrader knows, with what it knows."""
    for cell in notebook(name)["cells"]:
        if graded(cell):
            yield cell["cell_type"], dict(graded(cell))


def test_it_is_a_notebook_of_the_smtp_kernel() -> None:
    assert notebook(NAME)["metadata"]["kernelspec"] == {"display_name": "SMTP", "language": "smtp", "name": "smtp"}
    assert language(notebook(TWIN)) == "python"


def test_nbgrader_knows_the_same_cells_with_the_same_points() -> None:
    assert list(marked_cells(NAME)) == list(marked_cells(TWIN))


@pytest.mark.parametrize("student", bank_01.STUDENTS)
def test_a_student_is_asked_for_the_same_and_judged_by_the_same_rules(student: str) -> None:
    assert DESIGN.task(student, "smtplab") == IN_PYTHON.task(student, "smtplab")
    assert DESIGN.parts is IN_PYTHON.parts


def test_the_hidden_tests_are_the_same_letter_by_letter() -> None:
    def tests(name: str) -> list[str]:
        return [piece for piece in hidden_pieces(name) if "HIDDEN = (" in piece]

    # In Python the rules are called below them; %check does that by itself.
    assert len(tests(NAME)) == 2
    assert tests(NAME) == tests(TWIN)


def test_the_answer_cells_of_a_student_are_smtp() -> None:
    for answer in bank_01_typed.right(DESIGN.task("mia", "smtplab")):
        assert not any(cell.startswith("%%") for cell in answer.cells.values())


@pytest.mark.parametrize("part", [part.name for part in DESIGN.parts])
def test_no_hint_speaks_python(part: str) -> None:
    mistakes = bank_01_typed.wrong(DESIGN.task("mia", "smtplab"), DESIGN.task("noah", "smtplab"))
    told = "\n".join(
        run(filled(NAME, "mia", answer.cells)).told
        for answer in mistakes
        if answer.points[f"check-{part}"] != DESIGN.part(part).points
    )
    assert "hint:" in told
    assert re.findall(r"mine|hand_in|print\(|send_bytes|quotes", told) == []


def test_the_student_id_is_left_to_the_student() -> None:
    book = notebook(NAME)
    (cell,) = (cell for cell in book["cells"] if cell["id"] == "student")
    assert cell["source"] == [by(book, "")] == ["%student"]
