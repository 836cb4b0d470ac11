"""A class is graded whole, whatever the order and the number of workers, and an ended run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from smtplab.grading.engine.class_work import ClassWork
from smtplab.grading.engine.grader import JudgedNotebook
from smtplab.grading.engine.run import ClassRun, GradedStep, Stopped
from smtplab.grading.engine.run_file import RunFile, RunKey
from smtplab.grading.engine.warm_process import EngineError
from smtplab.grading.results.outcome import Incident, IncidentKind, Report, StudentResult, StudentStatus
from support.fake_grader import FakeGrader, FakeGraders
from support.handed_in import answered, exercise

STUDENTS = [f"s{number}" for number in range(9)]


@pytest.fixture(autouse=True)
def grader() -> type[FakeGrader]:
    FakeGrader.graded = []
    return FakeGrader


def work(student: str, *right: str, is_left_out: bool = False) -> ClassWork:
    data = answered(student, dict.fromkeys(right, "right"))
    return ClassWork(data, StudentResult(student, name=student.upper()), student, is_left_out)


CLASS = [work(student, *["session", "phases", "banner"][: number % 4]) for number, student in enumerate(STUDENTS)]


def graded(path: Path, handed: Sequence[ClassWork] = CLASS, workers: int = 2) -> Report:
    run = ClassRun(exercise(), [each.task_of for each in handed], RunFile(path / "run"), workers, FakeGraders.graders)
    report = run.grade(handed)
    students = tuple(replace(each, graded_at="") for each in report.students)
    return replace(report, begun="", ended="", students=students)


def test_no_result_depends_on_the_order_or_on_how_many_are_graded_at_a_time(tmp_path: Path) -> None:
    runs = [(CLASS, 1), (CLASS[::-1], 1), (CLASS, 4), (CLASS[::2] + CLASS[1::2], 3)]
    reports = [graded(tmp_path / f"{number}", *each) for number, each in enumerate(runs)]
    assert all(report == reports[0] for report in reports)
    assert [each.student for each in reports[0].students] == STUDENTS
    assert [each.points for each in reports[0].students[:4]] == [0, 11, 17, 21]
    assert reports[0].students[3].name == "S3"
    assert reports[0].border == FakeGrader.border


def test_what_is_done_is_not_graded_again_and_what_has_changed_is(tmp_path: Path) -> None:
    first = graded(tmp_path)
    FakeGrader.graded = []
    assert graded(tmp_path).students == first.students
    assert FakeGrader.graded == []
    changed = [work("s0", "banner"), *CLASS[1:]]
    assert graded(tmp_path, changed).students[0].points == 4
    assert FakeGrader.graded == ["s0"]


def test_whose_notebook_took_long_before_comes_last(tmp_path: Path) -> None:
    file = RunFile(tmp_path / "run")
    for student, seconds in (("s0", 19.0), ("s1", 5.0), ("s2", 0.0)):
        file.add(RunKey(f"{student} {student}", "another", "exercise"), StudentResult(student, wall_seconds=seconds))
    graded(tmp_path, workers=1)
    assert FakeGrader.graded == [*STUDENTS[2:], "s1", "s0"]


def test_another_class_is_graded_again_because_the_work_may_be_that_of_a_new_one(tmp_path: Path) -> None:
    graded(tmp_path)
    FakeGrader.graded = []
    graded(tmp_path, [*CLASS, work("t0")])
    assert len(FakeGrader.graded) == 10


def test_a_run_that_is_stopped_finishes_what_runs_and_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ClassRun(exercise(), STUDENTS, RunFile(tmp_path / "run"), 1, FakeGraders.graders)
    steps: list[GradedStep] = []
    grade = FakeGrader.grade

    def grade_and_stop(*arguments: Any) -> JudgedNotebook:
        if len(FakeGrader.graded) == 2:
            run.stop()
        return grade(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(FakeGrader, "grade", grade_and_stop)
        with pytest.raises(Stopped):
            run.grade(CLASS, steps.append)
    assert [(each.is_new, each.done, each.count) for each in steps] == [(True, number, 9) for number in (1, 2, 3)]
    assert len(graded(tmp_path).students) == 9
    assert len(FakeGrader.graded) == 9
    assert sorted(FakeGrader.graded) == STUDENTS


def test_who_handed_in_nothing_or_no_notebook_is_in_the_report(tmp_path: Path) -> None:
    absent = ClassWork(b"", StudentResult("noah", status=StudentStatus.ABSENT, reason="nothing"), "noah")
    report = graded(tmp_path, [absent, ClassWork(b"{}", StudentResult("eve"), "eve"), work("mia")])
    eve, mia, noah = report.students
    assert (noah.status, noah.reason) == (StudentStatus.ABSENT, "nothing")
    assert (eve.status, mia.status) == (StudentStatus.NOT_GRADED, StudentStatus.GRADED)
    assert eve.incidents == (Incident(IncidentKind.UNREADABLE, eve.reason),)
    assert FakeGrader.graded == ["mia"]


def test_who_is_left_out_keeps_an_earlier_result_or_is_named(tmp_path: Path) -> None:
    left_out = replace(CLASS[3], is_left_out=True)
    first = graded(tmp_path, [*CLASS[:3], left_out, *CLASS[4:]])
    assert first.students[3].status is StudentStatus.NOT_GRADED
    assert "left out" in first.students[3].reason
    graded(tmp_path)
    assert graded(tmp_path, [*CLASS[:3], left_out, *CLASS[4:]]).students[3].points == 21


def test_what_could_not_be_judged_is_graded_again_in_the_next_run(tmp_path: Path) -> None:
    odd = ClassWork(answered("mia", {"session": "unjudged"}), StudentResult("mia"), "mia")
    assert graded(tmp_path, [odd]).students[0].status is StudentStatus.NOT_GRADED
    graded(tmp_path, [odd])
    assert FakeGrader.graded == ["mia", "mia"]


def test_a_notebook_at_which_the_grader_fails_stops_nobody_else_and_is_named(tmp_path: Path) -> None:
    broken = ClassWork(answered("mia", {"session": "raise RuntimeError"}), StudentResult("mia"), "mia")
    report = graded(tmp_path, [broken, *CLASS])
    assert len(report.students) == 10
    (mia,) = (each for each in report.students if each.student == "mia")
    assert mia.status is StudentStatus.NOT_GRADED
    assert "RuntimeError" in mia.reason
    assert [each.kind for each in mia.incidents] == [IncidentKind.NOT_JUDGED]


def test_where_no_process_can_be_started_the_run_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> JudgedNotebook:
        raise EngineError("no border")

    monkeypatch.setattr(FakeGrader, "grade", fail)
    with pytest.raises(EngineError, match="no border"):
        graded(tmp_path)


def test_incidents_of_collecting_come_before_those_of_grading_and_are_told_once(tmp_path: Path) -> None:
    late = Incident(IncidentKind.LATE, "late")
    handed = replace(work("mia"), result=StudentResult("mia", incidents=(late,), late_seconds=5.0, submitted="x"))
    for _ in range(2):
        (result,) = graded(tmp_path, [handed]).students
        assert (result.incidents, result.late_seconds, result.submitted) == ((late,), 5.0, "x")
