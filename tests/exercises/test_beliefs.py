"""A wrong belief is found in the answer that has it, and in no right one: all banks against all detectors."""

from __future__ import annotations

from typing import Any

import pytest

from smtplab.explain.belief_evidence import NEVER_PROVEN
from smtplab.explain.misconceptions import beliefs
from smtplab.grading.exercises import design_of
from smtplab.grading.scoring import assess
from support.bank import filled, run, said
from support.believers import ASKED_ONLY, BELIEVERS
from support.graded_bank import BANKS, Bank

RIGHT = [
    (bank, student, number) for bank in BANKS for student in bank.module.STUDENTS for number in range(len(bank.right))
]


@pytest.mark.parametrize(("bank", "student", "number"), RIGHT, ids=str)
def test_no_right_answer_has_a_belief(bank: Bank, student: str, number: int) -> None:
    outcome = bank.graded(number, student)
    assert outcome.beliefs == ()
    assert "belief:" not in outcome.told
    assert not [each.id for each in beliefs().values() if each.tell in said(outcome.told)]


@pytest.mark.parametrize("bank", BANKS, ids=str)
def test_an_answer_that_is_named_after_a_belief_has_this_one_alone(bank: Bank) -> None:
    for number, answer in enumerate(bank.answers):
        _, believes, belief = answer.name.partition("believes ")
        if believes:
            found = bank.graded(number)
            assert found.slips == {belief}
            assert found.named == ({belief} - NEVER_PROVEN)


def test_a_belief_of_an_earlier_session_counts_for_the_class_and_is_not_told_below_a_right_one() -> None:
    bank = next(each for each in BANKS if str(each) == "01")
    wrong = next(each for each in bank.wrong if each.name == "believes mail-again-starts-anew")
    right = bank.right[0]
    cells = {**right.cells, "session": wrong.cells["session"] + right.cells["session"]}
    outcome = run(filled(bank.name, "mia", cells))
    assert assess(outcome.variables["mine"]).beliefs == ("mail-again-starts-anew",)
    assert "belief:" not in outcome.told


@pytest.mark.parametrize(("belief", "exercise", "cells"), BELIEVERS, ids=[belief for belief, *_ in BELIEVERS])
def test_who_has_a_belief_is_told_its_sentence_and_no_other(belief: str, exercise: str, cells: Any) -> None:
    outcome = run(filled(exercise, "mia", cells(design_of(exercise).task("mia", "smtplab"))))
    mine = outcome.variables["mine"]
    assert assess(mine).beliefs == (belief,)
    asked = str(mine.ask()) if mine.design.opening else ""
    tells = {each.id for each in beliefs().values() if said(each.tell) in said(outcome.told + asked)}
    assert tells == {belief}


def test_each_belief_is_met_by_an_exercise_or_has_a_reason_why_not() -> None:
    met = {belief for belief, *_ in BELIEVERS}
    for bank in BANKS:
        met = met.union(*(bank.graded(number).named for number in range(len(bank.answers))))
    assert met == set(beliefs()) - set(ASKED_ONLY)


@pytest.mark.parametrize(
    ("bank", "belief"),
    [("01", "header-names-the-sender"), ("06", "higher-mx-is-better"), ("07", "bounce-has-a-sender")],
)
def test_a_rule_names_a_belief_where_its_mistake_has_no_other_reading(bank: str, belief: str) -> None:
    (found,) = (each for each in BANKS if str(each) == bank)
    numbers = [number for number in range(len(found.answers)) if belief in found.graded(number).named]
    assert numbers
    assert all(number >= len(found.right) for number in numbers)
