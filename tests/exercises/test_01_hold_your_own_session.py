"""Exercise 01 gives every answer of its bank the points it deserves and the sentence for its mistake."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import bank_01
import pytest
from bank import Answer, filled, graded, hidden_rules, notebook, run
from bank_01 import FULL, NAME, STUDENTS

from smtplab.grading.evidence import Evidence, Wire
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.own_session.script import TWISTS
from smtplab.grading.rules import Failure, Part, Rule, judge
from smtplab.transcript import Side, Transcript

DESIGN = design_of(NAME)
MIA, NOAH = "mia", "noah"
RIGHT = list(bank_01.right(DESIGN.task(MIA, "smtplab")))
WRONG = list(bank_01.wrong(DESIGN.task(MIA, "smtplab"), DESIGN.task(NOAH, "smtplab")))
HIDDEN = hidden_rules(NAME)
PARTS = {f"check-{part.name}": part for part in DESIGN.parts}


@pytest.fixture(autouse=True)
def at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody grades, and this is no hub."""
    for name in ("SMTPLAB_STUDENT", "SMTPLAB_ROSTER", "NBGRADER_EXECUTION", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)


def said(text: str) -> str:
    return " ".join(text.split())


def test_the_bank_is_as_large_as_the_course_wants_it() -> None:
    assert len(RIGHT) >= 3 < 8 <= len(WRONG)
    assert {DESIGN.task(student, "smtplab").script.twist for student in STUDENTS} == set(TWISTS)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_instructors_own_solution_has_full_marks(student: str) -> None:
    book = notebook(NAME)
    (cell,) = (cell for cell in book["cells"] if cell["id"] == "student")
    cell["source"] = [f"student = {student!r}"]
    assert run(book).points == FULL


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("number", range(len(RIGHT)))
def test_every_right_answer_has_full_marks(student: str, number: int) -> None:
    answer = list(bank_01.right(DESIGN.task(student, "smtplab")))[number]
    outcome = run(filled(NAME, student, answer.cells))
    assert outcome.points == answer.points, outcome.told
    assert "not yet" not in outcome.told
    assert outcome.errors == ""


@pytest.mark.parametrize("answer", WRONG, ids=str)
def test_every_wrong_answer_loses_its_points_and_gets_its_sentence(answer: Answer) -> None:
    outcome = run(filled(NAME, MIA, answer.cells))
    assert outcome.points == answer.points, outcome.told
    assert [sentence for sentence in answer.sentences if sentence not in said(outcome.told)] == []
    assert outcome.errors == ""


def test_a_message_that_the_host_refuses_is_not_called_endless() -> None:
    task = DESIGN.task(MIA, "smtplab")
    lines = "\n".join(f"C: {line}".rstrip() for line in task.message)
    transcript = Transcript.parse(
        f"S: 220 {task.host}\nC: HELO {task.client}\nS: 250 ok\nC: MAIL FROM:<{task.sender}>\nS: 250 ok\n"
        f"C: RCPT TO:<{task.recipient}>\nS: 250 ok\nC: DATA\nS: 354 go on\n{lines}\nC: .\nS: 452 the disk is full\n"
    )
    wire = Wire(task.host, transcript, b"".join(transcript.lines(Side.CLIENT)), closed=False)
    score = judge(PARTS["check-session"], Evidence(task, (wire,), {}, {}))
    (failure,) = (verdict.failure for verdict in score.verdicts if verdict.rule == "session.dot")
    assert failure == Failure("The host did not take your message.", got="452 the disk is full")


@pytest.mark.parametrize("student", STUDENTS)
def test_the_task_sheet_has_all_that_is_needed(student: str) -> None:
    task = DESIGN.task(student, "smtplab")
    sheet = DESIGN.sheet(task)
    for name in (task.client, task.host, task.sender, task.recipient, *task.message):
        assert name in sheet
    assert len({task.sender, task.recipient, task.author, task.audience}) == 4
    assert max(map(len, sheet.splitlines())) <= 80


@pytest.mark.parametrize("student", STUDENTS)
def test_the_session_to_mark_carries_no_marks(student: str) -> None:
    given = DESIGN.given(DESIGN.task(student, "smtplab"))["session"].splitlines()
    assert len(given) > 15
    assert all(line.startswith(("? C:", "? S:")) for line in given)


# Turning off any single rule is noticed


def rules_of(part: Part[Any]) -> list[Rule[Any]]:
    return [*part.rules, *HIDDEN[part.name], *([part.needs] if part.needs else [])]


def without(part: Part[Any], off: str) -> tuple[Part[Any], list[Rule[Any]]]:
    """Return the part and its hidden rules with one rule that always holds."""

    def changed(rule: Rule[Any]) -> Rule[Any]:
        return replace(rule, judge=lambda evidence: None) if rule.id == off else rule

    needs = part.needs and changed(part.needs)
    return replace(part, rules=tuple(map(changed, part.rules)), needs=needs), list(map(changed, HIDDEN[part.name]))


@pytest.fixture(scope="module")
def evidence() -> list[tuple[Answer, Any]]:
    """What there is to judge of each answer of the bank."""
    return [(answer, run(filled(NAME, MIA, answer.cells)).variables["mine"].evidence()) for answer in RIGHT + WRONG]


@pytest.mark.parametrize("cell", PARTS)
def test_the_bank_expects_what_the_rules_give(cell: str, evidence: list[tuple[Answer, Any]]) -> None:
    part = PARTS[cell]
    assert [
        answer.name for answer, found in evidence if judge(part, found, HIDDEN[part.name]).points != answer.points[cell]
    ] == []


@pytest.mark.parametrize(
    ("cell", "rule"), [(cell, rule.id) for cell, part in PARTS.items() for rule in rules_of(part)], ids=str
)
def test_turning_one_rule_off_makes_an_answer_fail_its_expectation(
    cell: str, rule: str, evidence: list[tuple[Answer, Any]]
) -> None:
    part, hidden = without(PARTS[cell], rule)
    assert any(judge(part, found, hidden).points != answer.points[cell] for answer, found in evidence)


# The notebook and the rules agree


def test_the_test_cells_have_the_points_of_their_parts() -> None:
    cells = {graded(cell)["grade_id"]: graded(cell) for cell in notebook(NAME)["cells"] if graded(cell)}
    assert {name: cells[name]["points"] for name in PARTS} == {name: part.points for name, part in PARTS.items()}
    assert {name: part.points for name, part in PARTS.items()} == FULL
    assert {name for name, cell in cells.items() if cell["grade"]} == set(PARTS)
    assert all(cell["schema_version"] == 3 for cell in cells.values())


@pytest.mark.parametrize("part", DESIGN.parts, ids=lambda part: part.name)
def test_as_many_hidden_rules_are_announced_as_there_are(part: Part[Any]) -> None:
    assert (part.hidden, part.hidden_points) == (
        len(HIDDEN[part.name]),
        sum(rule.points for rule in HIDDEN[part.name]),
    )


def test_every_rule_has_an_id_of_its_own_that_begins_with_its_part() -> None:
    ids = [(rule.id, part.name) for part in DESIGN.parts for rule in rules_of(part)]
    assert len({rule for rule, _ in ids}) == len(ids)
    assert all(rule.startswith(f"{part}.") for rule, part in ids)


def test_no_sentence_of_a_rule_is_told_for_a_right_answer_and_each_demand_is() -> None:
    told = said(run(filled(NAME, MIA, RIGHT[0].cells)).told)
    for part in DESIGN.parts:
        for rule in [*part.rules, *HIDDEN[part.name]]:
            assert f"{rule.demand} ({rule.rfc})" in told


def test_the_hidden_rules_stand_between_the_markers_alone() -> None:
    hidden = [rule for rules in HIDDEN.values() for rule in rules]
    for cell in notebook(NAME)["cells"]:
        left = ["".join(cell["source"])]
        if "### BEGIN HIDDEN TESTS" in left[0]:
            left = re.split(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS\n?", left[0], flags=re.DOTALL)
        assert not [rule for rule in hidden for text in left if rule.id in text or rule.demand in text]


# Other people's work


COPY = next(bank_01.right(DESIGN.task(NOAH, "smtplab")))


def test_somebody_elses_answers_score_at_most_a_fifth_and_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "class.txt").write_text("Mia\nnoah\nada\n\n")
    monkeypatch.setenv("SMTPLAB_STUDENT", MIA)
    monkeypatch.setenv("SMTPLAB_ROSTER", str(tmp_path / "class.txt"))
    outcome = run(filled(NAME, NOAH, COPY.cells))
    assert sum(outcome.points.values()) * 5 <= sum(FULL.values())
    assert "The notebook says that it is the work of noah; it was handed in by mia." in outcome.told
    assert outcome.told.count("This fits the task of noah.") == 4  # two parts, with and without the hidden rules
    assert "the task of ada" not in outcome.told


def test_a_copy_with_the_id_changed_is_told_apart_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "class.txt").write_text("mia\nnoah\n")
    monkeypatch.setenv("SMTPLAB_STUDENT", MIA)
    monkeypatch.setenv("SMTPLAB_ROSTER", str(tmp_path / "class.txt"))
    host = DESIGN.task(MIA, "smtplab").host
    cells = {**COPY.cells, "session": COPY.cells["session"].replace(DESIGN.task(NOAH, "smtplab").host, host)}
    outcome = run(filled(NAME, MIA, cells))
    assert sum(outcome.points.values()) * 5 <= sum(FULL.values())
    assert outcome.told.count("This fits the task of noah.") == 4  # two parts, with and without the hidden rules
    assert "The notebook says" not in outcome.told


def test_the_owner_of_the_work_is_never_named_at_a_students_desk() -> None:
    outcome = run(filled(NAME, MIA, {**COPY.cells, "session": ""}))
    assert "This fits" not in outcome.told


# Values that do what they like

YES = """
class Yes(str):
    def __eq__(self, other): return True
    def __hash__(self): return 0
    def __len__(self): return 3
    def startswith(self, *_): return True
    def casefold(self): return "connection termination"
    def splitlines(self, *_): return []
    def replace(self, *_): return self
    def __str__(self): return self
"""
FURY = """
class Fury:
    def __getattribute__(self, name):
        import sys
        print("noise", file=sys.stderr)
        raise SystemExit(3)
"""


@pytest.mark.parametrize("value", ["Yes('no')", "Fury()", "None", "b'E'", "['QUIT']", "float('nan')", "Fury", "exit"])
def test_no_value_earns_marks_by_what_it_does_and_none_makes_a_noise(value: str) -> None:
    hand_in = "".join(f"mine.hand_in({question!r}, {value})\n" for question in DESIGN.questions)
    cells = {**RIGHT[0].cells, "phases": YES + FURY + hand_in, "banner": ""}
    outcome = run(filled(NAME, MIA, cells))
    assert outcome.points == {"check-session": 11, "check-phases": 0, "check-banner": 0}
    assert all(type(points) is int for points in outcome.points.values())
    assert outcome.errors == ""


@pytest.mark.parametrize("end", ["raise ValueError", "exit()", "1/0", "mine.telnet('nowhere.example')", "del mine"])
def test_an_answer_that_breaks_costs_its_own_points_only(end: str) -> None:
    cells = {**RIGHT[0].cells, "phases": end}
    outcome = run(filled(NAME, MIA, cells))
    assert outcome.points["check-session"] == 11
    assert outcome.points["check-phases"] == 0
    assert outcome.errors == ""
