"""A student does an exercise in JupyterLab: the answers go into the cells that are left open, and the checks tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

from exercises import bank_01, bank_01_typed
from smtplab.grading.exercises import design_of
from smtplab.grading.release import CODE_STUBS
from support.axe import grave_violations
from support.bank import Answer
from support.lab_page import THEMES, LabPage, NotebookPage

STUDENT = "ada01"


def right(bank: ModuleType) -> Mapping[str, str]:
    """Return the bank's first right answer: for each part what goes into its answer cell."""
    answers: Iterator[Answer] = bank.right(design_of(bank.NAME).task(STUDENT, "smtplab"))
    return next(answers).cells


def answer(page: NotebookPage, bank: ModuleType) -> None:
    """Write a right answer into the answer cells, which come in the order of the parts."""
    open_cells = [number for number, cell in enumerate(page.results()) if cell.source in CODE_STUBS.values()]
    for number, part in zip(open_cells, design_of(bank.NAME).parts, strict=True):
        page.write(number, right(bank)[part.name])


@pytest.mark.parametrize("bank", [bank_01, bank_01_typed], ids=lambda bank: bank.NAME)
def test_right_answers_earn_all_the_points_that_can_be_seen(lab: LabPage, bank: ModuleType) -> None:
    page = lab.open(f"exercises/{bank.NAME}.ipynb")
    page.sign(STUDENT)
    answer(page, bank)
    results = page.run_all()
    assert [result.errors for result in results if result.errors] == []
    told = [result.text for result in results if "check" in result.source]
    parts = design_of(bank.NAME).parts
    assert [text.splitlines()[-1] for text in told] == [str(part.points - part.hidden_points) for part in parts]
    assert "not yet" not in "".join(told)
    for theme in THEMES:
        lab.theme(theme)
        assert grave_violations(lab.page) == []


def test_a_session_that_is_typed_again_counts_once_it_is_right(lab: LabPage) -> None:
    page = lab.open(f"exercises/{bank_01_typed.NAME}.ipynb")
    page.sign(STUDENT)
    page.run_all()
    cells = [result.source for result in page.results()]
    session, check = cells.index(CODE_STUBS["smtp"]), cells.index(f"%check {bank_01_typed.NAME} session")
    task = design_of(bank_01_typed.NAME).task(STUDENT, "smtplab")
    page.write(session, f"telnet {task.host}\nMAIL FROM:<{task.sender}>")
    assert page.run(session).errors == []
    assert "MAIL came before the host had accepted your HELO or EHLO." in page.run(check).text
    page.write(session, right(bank_01_typed)["session"])
    page.run(session)
    assert "10 of 10 points that can be seen; 1 more at grading" in page.run(check).text
