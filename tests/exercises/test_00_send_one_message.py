"""What is particular to exercise 00; `test_banks` grades the answers of its bank."""

from __future__ import annotations

import pytest

from exercises.bank_00 import NAME, STUDENTS, dialogue, said
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.one_message.message import header_and_text
from smtplab.grading.handout import Exercise
from support.bank import filled, run

DESIGN = design_of(NAME)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_task_sheet_has_all_that_is_needed_and_names_its_student(student: str) -> None:
    task = DESIGN.task(student, "smtplab")
    sheet = str(Exercise(DESIGN, student, "smtplab"))
    for name in (student, f"{NAME}.ipynb", task.client, task.host, *task.addresses, task.subject, task.token):
        assert name in sheet
    assert len(set(task.addresses)) == 4
    assert max(map(len, DESIGN.sheet(task).splitlines())) <= 95


def test_the_fields_end_at_the_first_empty_line_and_a_folded_one_is_one() -> None:
    assert header_and_text(["Subject: a", " b", "To: c", "", "d", "", "e"]) == (
        ["Subject: a b", "To: c"],
        ["d", "", "e"],
    )
    assert header_and_text(["a", "b"]) == (["a", "b"], [])
    assert header_and_text([]) == ([], [])


def test_a_message_that_came_right_in_an_earlier_session_counts() -> None:
    task = DESIGN.task("mia", "smtplab")
    code = said(task, *dialogue(task)) + said(task, "HELO", f"MAIL FROM:<{task.recipient}>", "QUIT")
    assert run(filled(NAME, "mia", {"message": code})).points == {"check-message": 10}
