"""A program is tried once in each way, in its own process; where only its records are, nothing of it runs."""

from __future__ import annotations

from typing import Any

import pytest

from smtplab.grading.recording import Unasked
from smtplab.grading.trials import TriedProgram


class Doubling:
    """CheckedAnswers a function with a number."""

    names = ("2", "3")

    def perform(self, name: str, program: TriedProgram) -> dict[str, Any]:
        return {"gave": program.code(int(name))}


def test_a_trial_is_made_when_it_is_asked_for_and_once() -> None:
    asked = []
    program = TriedProgram(lambda number: asked.append(number) or 2 * number, Doubling())
    assert asked == []
    assert program.record("2") == program.record("2") == {"gave": 4}
    assert asked == [2]


def test_trials_are_made_in_their_order_whichever_is_asked_for_first() -> None:
    asked = []
    program = TriedProgram(lambda number: asked.append(number), Doubling())
    program.record("3")
    program.record("2")
    assert asked == [2, 3]


def test_where_the_program_is_not_its_records_answer() -> None:
    program = TriedProgram(None, Doubling())
    program.records["2"] = {"gave": 5}
    assert program.record("2") == {"gave": 5}
    with pytest.raises(Unasked):
        program.record("3")


def test_what_rules_work_out_is_worked_out_once() -> None:
    program, worked = TriedProgram(None, Doubling()), []
    assert [program.once("key", lambda: worked.append(1) or 7) for _ in range(2)] == [7, 7]
    assert worked == [1]
