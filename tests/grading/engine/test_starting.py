"""The processes of graders start first, and what the program loads before them is little. Four processes start here."""

from __future__ import annotations

import os
from unittest import mock

import pytest

from smtplab.grading.engine import starting
from smtplab.grading.engine.starting import StartedGraders
from smtplab.grading.engine.warm_process import WarmProcess, ahead
from smtplab.grading.engine.warming import load_designs
from support.handed_in import NAME
from support.python import printed_by

LOADED = """
import sys
import smtplab.__main__, smtplab.cli.frame, smtplab.cli.grade, smtplab.grading.engine.starting
print([name for name in ("smtplab.lessons", "smtplab.border", "smtplab.protocol", "IPython") if name in sys.modules])
import smtplab.grading.engine.run, smtplab.grading.results.result_files
print([name for name in ("IPython", "pandas", "matplotlib", "nbformat") if name in sys.modules])
"""


def test_little_is_loaded_before_the_graders_start_and_no_shell_in_the_program_that_grades() -> None:
    assert printed_by(LOADED).splitlines() == ["[]", "[]"]


def test_all_graders_start_with_one_load_and_know_their_exercises(monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[list[WarmProcess]] = []
    monkeypatch.setattr(starting, "launch", launched.append)
    started = StartedGraders((NAME,), 3)
    (processes,) = launched
    assert len(processes) == 6
    assert {each._exercises for each in processes} == {(NAME,)}
    with started.graders(2) as graders:
        assert [type(each).__name__ for each in graders] == ["Grader"] * 2


def test_who_says_no_number_gets_a_grader_for_each_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "launch", lambda processes: None)
    monkeypatch.setattr(starting.os, "sched_getaffinity", lambda process: {0, 1, 2}, raising=False)
    assert StartedGraders(()).size == 3


def test_processes_that_nobody_used_end_while_they_are_still_loading() -> None:
    with StartedGraders((NAME,), 1) as started:
        (server,) = {process._fork_server for pair in started._pairs for process in pair}
        assert server is not None
        with mock.patch.object(server._process, "kill", wraps=server._process.kill) as kill:
            started.close()
    assert kill.called
    assert server._process.returncode == -9


def test_an_exercise_that_nobody_has_is_skipped_when_a_process_loads() -> None:
    assert [design.name for design in load_designs(["no-such", NAME])] == [NAME]


def test_what_a_fork_finds_out_is_there_when_it_is_asked_for() -> None:
    found = ahead(lambda: [os.getpid(), "found"])
    number, word = found()
    assert (number != os.getpid(), word) == (True, "found")


def test_a_fork_that_fails_gives_nothing() -> None:
    found = ahead(lambda: 1 // 0)
    with pytest.raises(EOFError):
        found()
