"""What `RefereedExecute` adds to nbgrader; `exercises/test_nbgrader` sees it grade a class."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from unittest import mock

import pytest
from nbformat.v4 import new_notebook

from smtplab.grading import autograde, classroom


def test_an_smtp_notebook_is_asked_in_python() -> None:
    smtp = new_notebook(metadata={"kernelspec": {"language": "smtp", "name": "smtp", "display_name": "SMTP"}})
    assert autograde._save_journal_cell("01-x", smtp).source.startswith("%%py\n__import__(")
    assert autograde._save_journal_cell("01-x", new_notebook()).source.startswith("__import__(")


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


def test_grading_goes_on_after_a_cell_that_ends_with_an_error() -> None:
    assert autograde.RefereedExecute().allow_errors is True


def test_a_part_that_could_not_be_judged_says_so() -> None:
    (output,) = autograde._outputs(None)
    assert output.output_type == "error"
    assert "ask your instructor" in output.evalue


def test_each_fault_of_the_table_of_ids_is_logged_once(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("student,id\nnobody-of-this-test,x\n")
    executor = autograde.RefereedExecute()
    resources = {"metadata": {"path": str(tmp_path / "autograded" / "mia" / "01")}}
    with mock.patch.object(executor.log, "warning") as logged:
        assert executor._ids(resources) == executor._ids(resources) == {"nobody-of-this-test": "x"}
    ((_, fault),) = (call.args for call in logged.call_args_list)
    assert "'nobody-of-this-test', who has no folder" in fault


def test_the_beliefs_that_the_referee_tells_are_entered_for_the_class(tmp_path: Path) -> None:
    executor = autograde.RefereedExecute()
    executor._turns = {}
    resources = {
        "metadata": {"path": str(tmp_path / "autograded" / "mia" / "01")},
        "nbgrader": {"assignment": "01", "student": "mia"},
    }
    judged = {"report": "", "points": 1, "rules": [], "beliefs": ["lf-ends-a-line"]}
    said = {"results": {"check-a": judged, "check-b": judged, "locked": None}, "findings": []}
    executor._take(new_notebook(), said, resources)
    assert classroom.BELIEFS.rows(tmp_path) == [{"exercise": "01", "student": "mia", "belief": "lf-ends-a-line"}]
