"""Every exercise gives every answer of its bank the points it deserves, and the sentence for its mistake.

What is particular to an exercise is in a file of its own; here is what holds for all of them.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from smtplab.grading.exercises import NAMES, design_of
from smtplab.grading.rules import ExercisePart
from smtplab.grading.scoring import called, owners
from support.bank import Answer, by, filled, graded, notebook, run, said
from support.engine_in_process import judged_in_process
from support.graded_bank import BANKS, MIA, NOAH, Bank

PARTS = [(bank, part) for bank in BANKS for part in design_of(bank.name).parts]
each_bank = pytest.mark.parametrize("bank", BANKS, ids=str)
# What may stand in an answer cell that breaks.
BREAKS = ("raise ValueError", "exit()", "import sys; sys.exit()", "mine.telnet('nowhere.example')", "del mine")
each_part = pytest.mark.parametrize(("bank", "part"), PARTS, ids=lambda value: getattr(value, "name", str(value)))


# Answers


def test_every_exercise_has_a_bank() -> None:
    assert sorted(bank.name for bank in BANKS) == list(NAMES)


@each_bank
def test_a_bank_is_as_large_as_the_course_wants_it(bank: Bank) -> None:
    assert len(bank.right) >= 3 < 8 <= len(bank.wrong)
    assert len({answer.name for answer in bank.wrong}) == len(bank.wrong)


@pytest.mark.parametrize(
    ("bank", "student"), [(bank, student) for bank in BANKS for student in bank.module.STUDENTS], ids=str
)
def test_the_instructors_own_solution_has_full_marks(bank: Bank, student: str) -> None:
    book = notebook(bank.name)
    (cell,) = (cell for cell in book["cells"] if cell["id"] == "student")
    cell["source"] = [by(book, student)]
    assert run(book).points == bank.full


@pytest.mark.parametrize(
    ("bank", "student", "number"),
    [
        (bank, student, number)
        for bank in BANKS
        for student in bank.module.STUDENTS
        for number in range(len(bank.right))
    ],
    ids=str,
)
def test_every_right_answer_has_full_marks(bank: Bank, student: str, number: int) -> None:
    answer = bank.right_for(student)[number]
    outcome = bank.graded(number, student)
    assert outcome.points == answer.points == bank.full, outcome.told
    assert "not yet" not in outcome.told
    assert outcome.errors == ""


@pytest.mark.parametrize(
    ("bank", "number", "answer"),
    [(bank, len(bank.right) + number, answer) for bank in BANKS for number, answer in enumerate(bank.wrong)],
    ids=str,
)
def test_every_wrong_answer_loses_its_points_and_gets_its_sentence(bank: Bank, number: int, answer: Answer) -> None:
    outcome = bank.graded(number)
    assert outcome.points == answer.points, outcome.told
    assert outcome.points != bank.full
    assert [sentence for sentence in answer.sentences if sentence not in said(outcome.told)] == []
    assert outcome.errors == ""


# The engine says what `check` says


# What is told in other words while a notebook is graded, because what is announced at the desk follows there.
ANNOUNCED = (
    (r"No points show here: all (\d+ points?) come when your notebook is graded", r"Hidden rules, worth \1"),
    (r"\d+ more rules? (?:runs? when your notebook is graded|follows?), worth", "Hidden rules, worth"),
)


def without_announcements(report: str) -> str:
    told = said(report)
    for words, same in ANNOUNCED:
        told = re.sub(words, same, told)
    return told


@pytest.mark.parametrize(
    ("bank", "number"), [(bank, number) for bank in BANKS for number in range(len(bank.right + bank.wrong))], ids=str
)
def test_the_engine_gives_the_points_and_the_sentences_of_check(bank: Bank, number: int) -> None:
    here = bank.graded(number)
    results = judged_in_process(bank.name, MIA, bank.answers[number].cells, NOAH)["results"]
    assert {test: result["points"] for test, result in results.items()} == here.points
    report = "".join(result["report"] for result in results.values())
    assert without_announcements(report) == without_announcements(here.told)


# Turning off any single rule is noticed


@each_part
def test_the_bank_expects_what_the_rules_give(bank: Bank, part: ExercisePart[Any]) -> None:
    assert [
        answer.name
        for number, answer in enumerate(bank.answers)
        if bank.graded(number).judged[part.name] != answer.points[f"check-{part.name}"]
    ] == []


@each_bank
def test_turning_one_rule_off_makes_an_answer_fail_its_expectation(bank: Bank) -> None:
    """Other points, or a sentence that is not told any more."""
    assert bank.unnoticed() == set(), "no answer of the bank notices that these rules are off"


# The notebook and the rules agree


@each_bank
def test_the_test_cells_have_the_points_of_their_parts(bank: Bank) -> None:
    cells = {graded(cell)["grade_id"]: graded(cell) for cell in notebook(bank.name)["cells"] if graded(cell)}
    points = {f"check-{part.name}": part.points for part in design_of(bank.name).parts}
    assert {name: cell["points"] for name, cell in cells.items() if cell["grade"]} == points == bank.full
    assert all(cell["schema_version"] == 3 for cell in cells.values())


@each_bank
def test_a_heading_tells_the_points_of_each_part(bank: Bank) -> None:
    texts = ["".join(cell["source"]) for cell in notebook(bank.name)["cells"] if cell["cell_type"] == "markdown"]
    told = re.findall(r"^## \d\. .* \((\d+) points\)$", "\n".join(texts), re.MULTILINE)
    assert [int(points) for points in told] == list(bank.full.values())


@each_part
def test_as_many_hidden_rules_are_announced_as_there_are(bank: Bank, part: ExercisePart[Any]) -> None:
    hidden = bank.hidden[part.name]
    assert (part.hidden, part.hidden_points) == (len(hidden), sum(rule.points for rule in hidden))


@each_bank
def test_every_rule_has_an_id_of_its_own_that_begins_with_its_part(bank: Bank) -> None:
    ids = [(rule.id, part.name) for part in design_of(bank.name).parts for rule in bank.rules_of(part)]
    assert len({rule for rule, _ in ids}) == len(ids)
    assert all(rule.startswith(f"{part}.") for rule, part in ids)


@each_bank
def test_each_rule_that_holds_is_named_once_and_its_section_stands_at_the_end(bank: Bank) -> None:
    outcome = bank.graded(0)
    held = said(" ".join(re.findall(r"^  ok .*(?:\n {14}.*)*", outcome.told, re.MULTILINE)))
    rules = re.compile(r"^rules: .*(?:\n {7}.*)*", re.MULTILINE)
    written = said(" ".join(rules.findall(outcome.told)))
    assert "RFC" not in rules.sub("", outcome.told)
    for part in design_of(bank.name).parts:
        for rule in [*part.rules, *bank.hidden[part.name]]:
            assert rule.result(None).name in held
            assert all(number in written for number in re.findall(r"[0-9]+(?:\.[0-9]+)+", rule.rfc))


@each_bank
def test_each_rule_that_fails_is_told_by_its_demand(bank: Bank) -> None:
    told = " ".join(said(bank.graded(len(bank.right) + number).told) for number in range(len(bank.wrong)))
    demands = [rule.demand for part in design_of(bank.name).parts for rule in bank.rules_of(part)]
    assert [demand for demand in demands if demand not in told] == []


@each_bank
def test_the_hidden_rules_stand_between_the_markers_alone(bank: Bank) -> None:
    hidden = [rule for rules in bank.hidden.values() for rule in rules]
    for cell in notebook(bank.name)["cells"]:
        left = ["".join(cell["source"])]
        if "### BEGIN HIDDEN TESTS" in left[0]:
            left = re.split(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS\n?", left[0], flags=re.DOTALL)
        assert not [rule for rule in hidden for text in left if rule.id in text or rule.demand in text]


# Other people's work, and answers that break


@each_bank
def test_somebody_elses_answers_score_at_most_a_fifth_and_are_told_apart(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", MIA)
    for copy in bank.right_for(NOAH):
        outcome = run(filled(bank.name, NOAH, copy.cells))
        assert sum(outcome.points.values()) * 5 <= sum(bank.full.values())
        assert "The notebook says that it is the work of noah; it was handed in by mia." in outcome.told
        mine = outcome.variables["mine"]
        found = {owner for part in mine.design.parts for owner in owners(mine, part.name, ["ada", "mia", "noah"])}
        assert found | {*called(mine, ["ada", "mia", "noah"])} == {NOAH}


@pytest.mark.parametrize(
    ("bank", "part", "end"),
    [(bank, part, end) for bank, part in PARTS for end in getattr(bank.module, "BREAKS", BREAKS)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_an_answer_that_breaks_costs_its_own_points_only(bank: Bank, part: ExercisePart[Any], end: str) -> None:
    cells = {**bank.right[0].cells, part.name: end}
    outcome = run(filled(bank.name, MIA, cells))
    assert outcome.points[f"check-{part.name}"] == 0
    assert outcome.errors == ""
    if end != "del mine":  # then nothing else can be handed in
        assert outcome.points == bank.full | {f"check-{part.name}": 0}
