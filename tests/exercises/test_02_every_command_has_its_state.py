"""What is particular to exercise 02; `test_banks` grades the answers of its bank."""

from __future__ import annotations

from collections import Counter

import pytest

from exercises import bank_02
from exercises.bank_02 import FULL, NAME, STUDENTS
from smtplab.explain.verb_order import ways_from
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.every_command import tour
from smtplab.grading.exercises.every_command.fourteen import FOURTEEN
from smtplab.grading.exercises.every_command.task import KINDS
from smtplab.grading.handout import Exercise
from smtplab.protocol.commands import VERBS
from smtplab.protocol.states import State
from support.bank import filled, run
from support.matrix_codes import right_codes

DESIGN = design_of(NAME)
MANY = [f"s{number}" for number in range(40)]


@pytest.mark.parametrize("student", STUDENTS)
def test_the_task_sheet_has_all_that_is_needed_and_names_its_student(student: str) -> None:
    task = DESIGN.task(student, "smtplab")
    sheet = str(Exercise(DESIGN, student, "smtplab"))
    hosts = (task.host, task.second_host, task.closed_host)
    for name in (student, f"{NAME}.ipynb", task.client, task.traveller, task.sender, task.group, *hosts):
        assert name in sheet


def test_every_student_is_asked_for_two_different_cells_of_each_kind() -> None:
    for student in MANY:
        cells = DESIGN.task(student, "smtplab").cells
        assert Counter(cell.kind for cell in cells) == dict.fromkeys(KINDS, 2)
        assert len({(cell.verb, cell.state) for cell in cells}) == 10


def test_the_right_codes_are_as_the_kinds_say() -> None:
    found: dict[str, set[int]] = {kind: set() for kind in KINDS}
    for student in MANY:
        for cell, code in right_codes(DESIGN.task(student, "smtplab")).items():
            found[cell.kind].add(code)
    assert found == {
        "too-early": {503},
        "inside": {503},
        "onward": {250, 354},
        "any-time": {211, 221, 250},
        "again": {250, 502},
    }


def test_no_two_students_share_a_list_of_cells() -> None:
    lists = {frozenset(map(str, DESIGN.task(student, "smtplab").cells)) for student in MANY}
    assert len(lists) == len(MANY)


def test_the_fourteen_are_all_verbs_of_the_lecture() -> None:
    assert set(FOURTEEN) == set(VERBS) - {"EHLO"}


def test_no_tour_is_shorter_than_the_table_of_states_allows() -> None:
    to_data = ways_from(State.GREETED)[State.DATA]
    assert len(to_data) + len((".", "QUIT")) == tour._FEWEST


def test_the_prediction_is_worth_a_fifth_of_the_points_at_most() -> None:
    assert FULL["check-cells"] * 5 <= sum(FULL.values())


def test_sessions_of_one_part_do_not_count_in_the_other() -> None:
    task = DESIGN.task("mia", "smtplab")
    cells = bank_02.good(task)
    for part in ("fourteen", "tour"):
        points = run(filled(NAME, "mia", cells | {part: ""})).points
        assert points == FULL | {f"check-{part}": 0}


# A misspelt command is shown where it is missed


@pytest.mark.parametrize("line", ["HELLO {client}", "HALO {client}", "EHL0 {client}", "C: HELO {client}"])
def test_a_misspelt_hello_is_shown_to_somebody_who_has_not_given_a_name(line: str) -> None:
    task = DESIGN.task("mia", "smtplab")
    code = bank_02.session(task.host, line.format(client=task.client), "NOOP", "QUIT")
    told = " ".join(run(filled(NAME, "mia", {"fourteen": code})).told.split())
    shown = line.format(client=task.client)
    assert (
        f"You have not given your name in any session. expected: HELO or EHLO with {task.client} got: {shown}" in told
    )


@pytest.mark.parametrize(("verb", "line"), [("EXPN", "EXPAND crew"), ("VRFY", "VERFY x"), ("QUIT", "BYE")])
def test_a_misspelt_command_is_shown_to_somebody_who_has_not_said_it(verb: str, line: str) -> None:
    task = DESIGN.task("mia", "smtplab")
    code = bank_02.session(task.host, f"HELO {task.client}", line)
    told = " ".join(run(filled(NAME, "mia", {"fourteen": code})).told.split())
    assert f"You have not said {verb} to any host yet. got: {line}, answered never (500)" in told
