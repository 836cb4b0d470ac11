"""A cluster gives the results of one machine, also if a worker dies. A scheduler and two workers start here."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exercises import bank_01
from smtplab.grading.engine.class_work import ClassWork
from smtplab.grading.engine.cluster import connect
from smtplab.grading.engine.run import ClassRun, GradedStep, Graders
from smtplab.grading.engine.run_file import RunFile
from smtplab.grading.engine.starting import StartedGraders
from smtplab.grading.exercises import design_of
from smtplab.grading.results.outcome import Report, StudentResult
from support.handed_in import NAME, answered, exercise

distributed = pytest.importorskip("distributed", reason="distributed is not installed")
STUDENTS = [f"s{number}" for number in range(8)]


def work(student: str) -> ClassWork:
    right = next(bank_01.right(design_of(NAME).task(student, "smtplab"))).cells
    answers = right if student != "s3" else {**right, "phases": "import os\nos._exit(0)"}
    return ClassWork(answered(student, dict(answers)), StudentResult(student), student)


def without_times(report: Report) -> Report:
    students = (replace(each, cpu_seconds=0.0, wall_seconds=0.0, graded_at="") for each in report.students)
    return replace(report, students=tuple(students), begun="", ended="")


def test_a_cluster_gives_the_same_results_and_loses_none_if_a_worker_is_killed(tmp_path: Path) -> None:
    handed = [work(student) for student in STUDENTS]

    def graded(name: str, graders: Graders, step: Callable[[GradedStep], None] = lambda step: None) -> Report:
        run = ClassRun(exercise(), STUDENTS, RunFile(tmp_path / name), 4, graders)
        return without_times(run.grade(handed, step))

    killed: list[int] = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path / "dask")
        ) as machines,
        connect(machines.scheduler_address) as cluster,
    ):
        processes = sorted(cluster._client.run(os.getpid).values())

        def kill_one(step: GradedStep) -> None:
            if not killed:
                killed.append(processes[0])
                os.kill(processes[0], signal.SIGKILL)

        assert cluster.size == 4
        there = graded("there", cluster.graders, kill_one)
    assert killed
    with StartedGraders((), 4) as started:
        assert there == graded("here", started.graders)
    assert [each.points for each in there.students] == [21, 21, 21, 11, 21, 21, 21, 21]
