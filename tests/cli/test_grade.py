"""``smtplab grade`` takes what a class handed in, and leaves a report, tables and pages, also after Ctrl-C."""

from __future__ import annotations

import json
import os
import shutil
import signal
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from smtplab.cli import frame, grade
from smtplab.cli.grading_progress import GradingProgress
from smtplab.grading.engine import run as module
from smtplab.grading.engine import starting
from smtplab.grading.engine.run import GradedStep
from smtplab.grading.results.outcome import StudentResult
from support.bank import SOURCE
from support.fake_grader import FakeGrader, FakeGraders
from support.handed_in import NAME, answered

ALL_RIGHT = {"session": "right", "phases": "right", "banner": "right"}


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "StartedGraders", FakeGraders)
    FakeGrader.graded = []


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course folder with two submissions, one of them right; the roster has a third student."""
    shutil.copytree(SOURCE / NAME, tmp_path / "source" / NAME)
    for student, answers in (("mia", ALL_RIGHT), ("noah", {})):
        folder = tmp_path / "submitted" / student / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_bytes(answered(student, answers))
    (tmp_path / "roster.csv").write_text("id,name\nmia,Mia M\nnoah,\neve,Eve\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    return int(frame.run(["grade", *arguments]))


def report(course: Path, out: str = "graded") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((course / out / NAME / "report.json").read_bytes())
    return found


def points(course: Path) -> dict[str, tuple[str, int]]:
    return {each["student"]: (each["status"], each["points"]) for each in report(course)["students"]}


def test_a_course_folder_is_graded_into_a_report_with_everybody(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(".") == 0
    assert points(course) == {"eve": ("absent", 0), "mia": ("graded", 21), "noah": ("graded", 0)}
    assert {each["name"] for each in report(course)["students"]} == {"Mia M", "", "Eve"}
    said = capsys.readouterr()
    assert f"{NAME}: 2 submissions graded, 1 absent" in said.out
    assert FakeGrader.border in said.err
    assert (course / "graded" / NAME / "grades.csv").is_file()


def test_a_second_run_grades_what_has_changed(course: Path) -> None:
    run(".")
    FakeGrader.graded = []
    (course / "submitted" / "noah" / NAME / f"{NAME}.ipynb").write_bytes(answered("noah", ALL_RIGHT))
    assert run(".") == 0
    assert FakeGrader.graded == ["noah"]
    assert points(course)["noah"] == ("graded", 21)


def test_one_student_alone_is_graded_and_the_others_stay(course: Path) -> None:
    assert run(".", "--only", "mia") == 0
    assert FakeGrader.graded == ["mia"]
    assert points(course)["noah"] == ("not graded", 0)


def test_when_work_was_due_holds_for_later_runs_until_another_time_is_given(course: Path) -> None:
    def late(*arguments: str) -> list[bool]:
        assert run(".", *arguments) == 0
        return [each["late_seconds"] > 0 for each in report(course)["students"] if each["status"] == "graded"]

    os.utime(course / "submitted" / "noah" / NAME / f"{NAME}.ipynb", (10**9, 10**9))  # in 2001
    assert late("--due", "2020-01-01T00:00") == [True, False]
    assert late("--only", "mia") == [True, False]
    assert report(course)["due"].startswith("2020-01-01")
    assert late("--due", "2120-01-01T00:00") == [False, False]


def test_a_result_keeps_the_time_at_which_it_was_judged(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(".")
    before = {each["student"]: each["graded_at"] for each in report(course)["students"]}
    monkeypatch.setattr(module, "_now", lambda: "2999-01-01T00:00:00+00:00")
    (course / "submitted" / "noah" / NAME / f"{NAME}.ipynb").write_bytes(answered("noah", ALL_RIGHT))
    run(".")
    after = {each["student"]: each["graded_at"] for each in report(course)["students"]}
    assert after == {**before, "noah": "2999-01-01T00:00:00+00:00"}


def test_another_id_in_a_notebook_is_taken_from_the_table_beside_the_zip(course: Path) -> None:
    with zipfile.ZipFile(course / "class.zip", "w") as archive:
        archive.writestr(f"mia_{NAME}.ipynb", answered("mia.m", ALL_RIGHT))
    shutil.rmtree(course / "submitted")
    (course / "ids.csv").write_text("student,id\nmia,mia.m\n")
    assert run("class.zip") == 0
    assert FakeGrader.graded == ["mia.m"]


def test_each_fault_of_the_table_of_ids_is_told_before_the_run(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "ids.csv").write_text("student,id\nmia,x\nnoah,x\n")
    run(".")
    assert "line 3 gives the id 'x'" in " ".join(capsys.readouterr().err.lower().split())


def test_it_is_said_that_no_notebook_has_changed(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(".")
    assert "none has changed" not in capsys.readouterr().out
    run(".", "--only", "mia")
    assert "none has changed since the last run" in capsys.readouterr().out


def test_it_is_said_that_nobody_is_late_because_nothing_has_a_time(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "Nothing tells when the work was handed in"
    run(".", "--due", "2020-01-01T00:00")  # all files were written at once
    assert words in capsys.readouterr().err
    os.utime(course / "submitted" / "noah" / NAME / f"{NAME}.ipynb", (10**9, 10**9))
    run(".")
    assert words not in capsys.readouterr().err


def test_a_course_folder_with_a_zip_and_nothing_handed_in_is_refused(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(course / "submitted")
    (course / "moodle.zip").write_bytes(b"")
    assert run(".") == 2
    assert "smtplab grade moodle.zip" in capsys.readouterr().err


def test_points_given_by_hand_are_in_the_report_of_this_and_each_later_run(course: Path) -> None:
    (course / "points.csv").write_text("id,exercise,part,points,reason\nnoah,01,banner,3,an appeal\n")
    run(".")
    assert points(course)["noah"] == ("graded", 3)
    assert run(".") == 0
    assert points(course)["noah"] == ("graded", 3)
    (course / "points.csv").unlink()
    run(".")
    assert points(course)["noah"] == ("graded", 0)


def test_a_line_of_points_that_cannot_be_used_stops_before_anybody_is_graded(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "points.csv").write_text("id,exercise,part,points,reason\nnoah,01,banners,3,an appeal\n")
    assert run(".") == 3
    assert "banners" in capsys.readouterr().err
    assert FakeGrader.graded == []


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["."], 0, ""),
        ([".", "--only", "zoe"], 2, "No student has the id 'zoe'"),
        ([".", "--exercise", "01", "--out", "elsewhere", "--workers", "1", "--due", "2026-01-01T00:00"], 0, ""),
        ([".", "--exercise", "77"], 2, "There is no exercise '77'"),
        ([".", "--since", "yesterday"], 2, "not a date and a time"),
        ([".", "--source", "nowhere"], 3, "no exercises in nowhere"),
        (["nowhere"], 2, "does not exist"),
        ([], 2, "Missing argument"),
        ([".", "--workers", "0"], 2, "workers"),
        (["source"], 3, "no notebook of"),
        ([".", "--roster", "roster.bad"], 3, "id"),
    ],
)
def test_exit_codes_are_those_of_the_other_commands(
    course: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, word: str
) -> None:
    (course / "roster.bad").write_text("name\nx\n")
    shutil.rmtree(course / "submitted" / "noah") if arguments == ["source"] else None
    assert run(*arguments) == code
    assert word in capsys.readouterr().err


def test_a_test_cell_that_no_referee_judges_stops_the_run_before_anybody_is_graded(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = course / "source" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace('smtplab.check(\\"01-hold-your-own-session\\", \\"banner\\")', "check(N)"))
    assert run(".") == 3
    assert "no referee judges the cell check-banner" in capsys.readouterr().err
    assert FakeGrader.graded == []


@pytest.mark.parametrize("named", [(), ("--source", "source"), ("--exercise", NAME)])
def test_a_notebook_is_graded_under_several_ids_and_nothing_is_written(
    course: Path, capsys: pytest.CaptureFixture[str], named: tuple[str, ...]
) -> None:
    path = f"submitted/mia/{NAME}/{NAME}.ipynb"
    assert run(path, "--as", "Mia, noah,mia", "--source", "source") == 0
    assert run(f"source/{NAME}/{NAME}.ipynb", "--as", "eve", *named) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"{student}: 21 of 21 (session 11, phases 6, banner 4)" for student in ("mia", "noah")]
    assert lines[2].startswith("eve: 0 of 21")
    assert FakeGrader.graded == ["mia", "noah", "eve"]
    assert not (course / "graded").exists()


def test_ctrl_c_finishes_what_runs_and_says_how_to_go_on(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    init, grade_one = module.ClassRun.__init__, FakeGrader.grade
    runs: list[module.ClassRun] = []

    def remember(self: module.ClassRun, *arguments: Any) -> None:
        init(self, *arguments)
        runs.append(self)

    def stop_and_grade(*arguments: Any) -> Any:
        runs[0].stop()
        return grade_one(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module.ClassRun, "__init__", remember)
        patch.setattr(FakeGrader, "grade", stop_and_grade)
        assert run(".", "--workers", "1") == 130
    assert "2 of 3 are done, the absent among them, and results are kept" in capsys.readouterr().err
    assert not (course / "graded" / NAME / "report.json").exists()
    assert run(".") == 0
    assert sorted(FakeGrader.graded) == ["mia", "noah"]


def test_the_signal_of_ctrl_c_stops_the_run_once_and_is_itself_again() -> None:
    stopped: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    with grade._interruptible(SimpleNamespace(stop=lambda: stopped.append(1))):  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is before
    assert stopped == [1]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("at_terminal", [True, False])
def test_progress_says_how_far_it_is_and_how_long_it_may_take(
    at_terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: at_terminal)
    now = iter(range(0, 1000, 20))
    progress = GradingProgress("01", 4, clock=lambda: next(now))
    with progress:
        progress.say("begun")
        progress.show(GradedStep(StudentResult("mia"), False, 1, 4))
        progress.show(GradedStep(StudentResult("noah"), True, 2, 4))
    told = capsys.readouterr().err
    assert "01: 1 of 4, about some time left" in told
    assert "01: 2 of 4, about 1 min 20 s left" in told
    assert told.startswith("begun\n")
    assert ("\r" in told) is at_terminal
