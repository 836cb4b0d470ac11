"""What `RefereedExecute` adds to nbgrader; `exercises/test_nbgrader` sees it grade a class."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from unittest import mock

import pytest
from nbformat.v4 import new_notebook

from smtplab.grading import autograde

ABOUT = {"assignment": "01-title", "student": "uma", "notebook": "01-title"}
FINDING = {"part": "session", "owner": "noah", "evidence": "it fits the owner's task"}
HEAD = "exercise,student,part,owner,evidence\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / autograde.FINDINGS


def test_findings_are_a_table_for_the_instructor(table: Path) -> None:
    autograde._write_findings(table, ABOUT, [FINDING])
    assert table.read_text() == HEAD + "01-title,uma,session,noah,it fits the owner's task\n"


def test_graded_again_a_student_has_the_new_findings_and_the_others_keep_theirs(table: Path) -> None:
    autograde._write_findings(table, ABOUT, [FINDING, {**FINDING, "part": "phases"}])
    autograde._write_findings(table, {**ABOUT, "student": "ada"}, [FINDING])
    autograde._write_findings(table, ABOUT, [FINDING])
    assert table.read_text().count("uma") == 1
    autograde._write_findings(table, ABOUT, [])
    assert table.read_text() == HEAD + "01-title,ada,session,noah,it fits the owner's task\n"


def test_where_there_are_no_findings_there_is_no_table(table: Path) -> None:
    autograde._write_findings(table, ABOUT, [])
    assert not table.exists()


def test_an_smtp_notebook_is_asked_in_python() -> None:
    smtp = new_notebook(metadata={"kernelspec": {"language": "smtp", "name": "smtp", "display_name": "SMTP"}})
    assert autograde._deposition("01-x", smtp).source.startswith("%%py\n__import__(")
    assert autograde._deposition("01-x", new_notebook()).source.startswith("__import__(")


@pytest.mark.parametrize(("deaths", "starts"), [(0, 1), (2, 3), (9, 3)])
def test_a_kernel_that_dies_before_it_has_begun_is_started_again(
    monkeypatch: pytest.MonkeyPatch, deaths: int, starts: int
) -> None:
    executor = autograde.RefereedExecute()
    begin = mock.Mock(side_effect=[RuntimeError("Kernel died")] * deaths + [None])
    monkeypatch.setattr(executor, "create_kernel_manager", mock.Mock())
    monkeypatch.setattr(executor, "_environment", dict)
    monkeypatch.setattr(executor, "start_new_kernel", mock.Mock())
    monkeypatch.setattr(executor, "start_new_kernel_client", begin)
    with pytest.raises(RuntimeError) if deaths > 2 else nullcontext():
        executor._start()
    assert begin.call_count == starts


def test_a_part_that_could_not_be_judged_says_so() -> None:
    (output,) = autograde._outputs(None)
    assert output.output_type == "error"
    assert "ask your instructor" in output.evalue
