"""What is particular to exercise 01; `test_banks` grades the answers of its bank."""

from __future__ import annotations

from time import process_time

import pytest

from exercises import bank_01
from exercises.bank_01 import FULL, NAME, STUDENTS
from smtplab.grading.evidence import Evidence, Wire
from smtplab.grading.exercises import design_of
from smtplab.grading.exercises.exchanges import badly_ended
from smtplab.grading.exercises.own_session.shown_session import TWISTS
from smtplab.grading.hint_wording import PYTHON
from smtplab.grading.rules import RuleFailure, judge
from smtplab.grading.scoring import owners
from smtplab.transcript import Side, Transcript
from support.bank import filled, hidden_rules, run
from support.marked_sessions import marked_lines

DESIGN = design_of(NAME)
MIA, NOAH = "mia", "noah"
RIGHT = next(bank_01.right(DESIGN.task(MIA, "smtplab")))


def test_the_students_of_the_bank_see_every_twist() -> None:
    assert {DESIGN.task(student, "smtplab").shown.twist for student in STUDENTS} == set(TWISTS)


def test_a_message_that_the_host_refuses_is_not_called_endless() -> None:
    task = DESIGN.task(MIA, "smtplab")
    lines = "\n".join(f"C: {line}".rstrip() for line in task.message)
    transcript = Transcript.parse(
        f"S: 220 {task.host}\nC: HELO {task.client}\nS: 250 ok\nC: MAIL FROM:<{task.sender}>\nS: 250 ok\n"
        f"C: RCPT TO:<{task.recipient}>\nS: 250 ok\nC: DATA\nS: 354 go on\n{lines}\nC: .\nS: 452 the disk is full\n"
    )
    wire = Wire(task.host, transcript, b"".join(transcript.lines(Side.CLIENT)), closed=False)
    score = judge(DESIGN.part("session"), Evidence(task, (wire,), {}, {}))
    (failure,) = (result.failure for result in score.results if result.rule == "session.dot")
    assert failure == RuleFailure("The host did not take your message.", got="452 the disk is full")


@pytest.mark.parametrize("student", STUDENTS)
def test_the_task_sheet_has_all_that_is_needed(student: str) -> None:
    task = DESIGN.task(student, "smtplab")
    sheet = DESIGN.sheet(task)
    for name in (task.client, task.host, task.sender, task.recipient, *task.message):
        assert name in sheet
    assert len({task.sender, task.recipient, task.author, task.audience}) == 4
    assert max(map(len, sheet.splitlines())) <= 80
    assert tuple(sheet.splitlines()[-len(task.message) :]) == task.message  # as it is copied


@pytest.mark.parametrize("student", STUDENTS)
def test_the_session_to_mark_carries_no_marks(student: str) -> None:
    given = DESIGN.given(DESIGN.task(student, "smtplab"))["session"].splitlines()
    assert len(given) > 15
    assert all(line.startswith(("? C:", "? S:")) for line in given)


# Variants are equally hard: one mistake costs one point, whatever makes the session longer


MISTAKES = {
    "the end of each message counted as termination, as in the lecture": ("end", "T"),
    "each envelope counted as establishment": ("envelope", "E"),
    "each message counted as termination": ("message", "T"),
}


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_about_phases_costs_one_point_in_every_variant(student: str, mistake: str) -> None:
    group, mark = MISTAKES[mistake]
    task = DESIGN.task(student, "smtplab")
    phases = bank_01.marked(task, lambda number, line: mark if line.like == group else "")
    outcome = run(filled(NAME, student, {**RIGHT.cells, "phases": phases}))
    assert outcome.points["check-phases"] == FULL["check-phases"] - 1


def test_a_slip_in_a_second_message_alone_is_seen_at_grading_as_in_the_other_variants() -> None:
    student = next(each for each in STUDENTS if DESIGN.task(each, "smtplab").shown.twist == "second message")
    task = DESIGN.task(student, "smtplab")
    lines = [(line.group, line.like) for line in marked_lines(task.shown)]
    slip = lines.index(("twist", "envelope")) + 1
    phases = bank_01.marked(task, lambda number, line: "E" if number == slip else "")
    mine = run(filled(NAME, student, {**RIGHT.cells, "phases": phases})).variables["mine"]
    public, hidden = DESIGN.part("phases"), hidden_rules(NAME)["phases"]
    assert judge(public, mine.evidence()).points == FULL["check-phases"] - 1
    assert judge(public, mine.evidence(), hidden).points == FULL["check-phases"] - 1


# Other people's work


COPY = next(bank_01.right(DESIGN.task(NOAH, "smtplab")))


def test_a_copy_is_told_from_its_owners_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", MIA)
    outcome = run(filled(NAME, NOAH, COPY.cells))
    for part, found in (("session", (NOAH,)), ("phases", (NOAH,)), ("banner", ())):
        assert owners(outcome.variables["mine"], part, ["ada", MIA, NOAH]) == found


def test_a_copy_with_the_id_changed_is_told_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", MIA)
    host = DESIGN.task(MIA, "smtplab").host
    cells = {**COPY.cells, "session": COPY.cells["session"].replace(DESIGN.task(NOAH, "smtplab").host, host)}
    outcome = run(filled(NAME, MIA, cells))
    assert sum(outcome.points.values()) * 5 <= sum(FULL.values())
    assert owners(outcome.variables["mine"], "session", ["ada", MIA, NOAH]) == (NOAH,)
    assert "The notebook says" not in outcome.told


def test_the_owner_of_the_work_is_named_to_no_student(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPLAB_STUDENT", MIA)
    assert NOAH not in run(filled(NAME, MIA, COPY.cells)).told


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
    cells = {**RIGHT.cells, "phases": YES + FURY + hand_in, "banner": ""}
    outcome = run(filled(NAME, MIA, cells))
    assert outcome.points == {"check-session": 11, "check-phases": 0, "check-banner": 0}
    assert all(type(points) is int for points in outcome.points.values())
    assert outcome.errors == ""


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        (b"HELO a\r\nQUIT\n", r"QUIT\n"),
        (b"HELO a\r\r\n", r"HELO a\r"),
        (b"\n", r"\n"),
        (b"a\r\nb\rc\r\n", r"b\r"),
    ],
)
def test_the_first_line_that_does_not_end_in_crlf_is_shown(sent: bytes, got: str) -> None:
    fault = badly_ended(Wire("", Transcript(), sent, closed=False), PYTHON)
    assert fault is not None
    assert fault.got == got


@pytest.mark.parametrize("sent", [b"x" * 100_000, b"x" * 100_000 + b"\r\n", b"\n" * 100_000, b"\r" * 100_000])
def test_the_ends_of_long_lines_are_found_in_no_time(sent: bytes) -> None:
    begun = process_time()
    badly_ended(Wire("", Transcript(), sent, closed=False), PYTHON)
    assert process_time() - begun < 1
