"""What is done is in the run file, whatever ends the run, and nothing else is taken for done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from smtplab.grading.engine.run_file import RunFile, RunKey, class_hash
from smtplab.grading.engine.warm_process import EngineError
from smtplab.grading.results.outcome import PartResult, StudentResult

KEY = RunKey("mia", "a" * 64, "b" * 64)
RESULT = StudentResult("mia", points=3, parts=(PartResult("x", 3, 4, "report \ud7ff \N{BULLET}"),))


def test_a_result_is_there_in_the_next_run(tmp_path: Path) -> None:
    RunFile(tmp_path / "out" / "run").add(KEY, RESULT)
    assert RunFile(tmp_path / "out" / "run").result(KEY) == RESULT


@pytest.mark.parametrize("change", [{"student": "noah"}, {"notebook": "c"}, {"exercise": "c"}])
def test_what_has_changed_is_not_done(tmp_path: Path, change: dict[str, str]) -> None:
    file = RunFile(tmp_path / "run")
    file.add(KEY, RESULT)
    assert file.result(replace(KEY, **change)) is None


@pytest.mark.parametrize("cut", [2, 10, 200])
def test_of_a_run_that_was_killed_the_whole_lines_count_and_the_next_line_is_whole(tmp_path: Path, cut: int) -> None:
    path, other = tmp_path / "run", replace(KEY, student="noah")
    RunFile(path).add(KEY, RESULT)
    RunFile(path).add(other, RESULT)
    path.write_bytes(path.read_bytes()[:-cut])
    again = RunFile(path)
    assert again.result(KEY) == RESULT
    assert again.result(other) is None
    again.add(other, RESULT)
    assert RunFile(path).result(other) == RunFile(path).result(KEY) == RESULT


def test_the_last_line_of_a_key_counts(tmp_path: Path) -> None:
    RunFile(tmp_path / "run").add(KEY, RESULT)
    RunFile(tmp_path / "run").add(KEY, replace(RESULT, points=4))
    found = RunFile(tmp_path / "run").result(KEY)
    assert found is not None
    assert found.points == 4


@pytest.mark.parametrize("line", [b"{}", b"5", b"\xff", b'{"key": {}, "result": {}}', b'{"key": 5}', b"["])
def test_a_line_of_another_kind_is_skipped(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "run").write_bytes(line + b"\n")
    assert RunFile(tmp_path / "run").result(KEY) is None


def test_a_file_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be used"):
        RunFile(tmp_path)
    file = RunFile(tmp_path / "run")
    (tmp_path / "run").mkdir()
    with pytest.raises(EngineError, match="cannot be used"):
        file.add(KEY, RESULT)


def test_another_class_makes_another_key_and_its_order_does_not() -> None:
    assert class_hash("x", ["a", "b"]) == class_hash("x", ["b", "a"]) != class_hash("x", ["a"])
