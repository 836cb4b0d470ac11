"""``smtplab simulate``: what it prints, what it writes, and how a run is repeated."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from smtplab.base.duration import DAY
from smtplab.capture import read_capture
from smtplab.cli.simulate import _RunProgress
from smtplab.simulation.scenario_file import supplied
from support.command_line import Run, check_fails


def test_the_list_has_every_scenario_with_what_can_be_seen(smtplab: Run) -> None:
    done = smtplab("simulate", "--list")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(supplied())


def test_a_run_prints_what_repeats_it_and_writes_its_files(smtplab: Run, tmp_path: Path) -> None:
    done = smtplab("simulate", "lost-250", "--seed", "3", "--check", "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    facts = json.loads((tmp_path / "out" / "run.json").read_text())
    assert f"lost-250, seed 3, smtplab {facts['version']}, trace {facts['trace'][:16]}" in done.stdout
    again = smtplab("simulate", "lost-250", "--seed", "3", "--expect", facts["trace"][:16])
    assert again.returncode == 0
    (command,) = re.findall(r"^  again +smtplab (.*)$", done.stdout, re.MULTILINE)
    assert command == f"simulate lost-250 --seed 3 --expect {facts['trace'][:16]}"
    assert smtplab(*shlex.split(command)).returncode == 0
    from_file = smtplab("simulate", str(tmp_path / "out" / "scenario.toml"), "--seed", "3", "--expect", facts["trace"])
    assert from_file.returncode == 0
    assert "sha256 " in from_file.stdout


def test_the_help_names_the_columns_of_every_file(smtplab: Run, tmp_path: Path) -> None:
    assert smtplab("simulate", "mail-loop", "--out", str(tmp_path)).returncode == 0
    told = smtplab("simulate", "--help").stdout
    for path in tmp_path.iterdir():
        about = told.partition(path.name)[2]
        assert about
        if path.suffix == ".csv":
            columns = path.read_text().partition("\n")[0].split(",")
            places = [re.search(rf"\b{name}\b", about) for name in columns]
            assert all(places)
    kinds = [line.rpartition(",")[2] for line in (tmp_path / "deliveries.csv").read_text().splitlines()[1:]]
    facts = json.loads((tmp_path / "run.json").read_text())["counts"]
    assert facts.get("delivered", 0) == kinds.count("message")
    assert facts.get("report delivered", 0) == kinds.count("report")


def test_another_trace_than_expected_fails(smtplab: Run) -> None:
    done = smtplab("simulate", "lost-250", "--expect", "0123")
    assert done.returncode == 1
    assert "0123" in done.stderr


def test_several_seeds_make_a_row_and_a_folder_each(smtplab: Run, tmp_path: Path) -> None:
    done = smtplab("simulate", "greylisting", "--seed", "5", "--seeds", "2", "--out", str(tmp_path))
    assert done.returncode == 0
    head, *rows = done.stdout.partition("\n\n")[0].splitlines()
    assert head.split() == ["seed", "delivered", "failures", "in", "queue", "median", "delay", "trace"]
    assert [row.split()[:4] for row in rows] == [["5", "3", "0", "0"], ["6", "3", "0", "0"]]
    seed, *_, trace = rows[1].split()
    assert smtplab("simulate", "greylisting", "--seed", seed, "--expect", trace).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seed-5", "seed-6", "seeds.csv"]
    table = [line.split(",") for line in (tmp_path / "seeds.csv").read_text().splitlines()]
    assert table[0] == ["seed", "delivered", "failures", "in_queue", "median_delay", "trace"]
    assert [line[:4] for line in table[1:]] == [["5", "3", "0", "0"], ["6", "3", "0", "0"]]
    assert float(table[1][4]) > 60
    assert table[2][5].startswith(trace)


def test_the_sessions_of_a_run_become_a_capture(smtplab: Run, tmp_path: Path) -> None:
    file = tmp_path / "run.pcap"
    done = smtplab("simulate", "lost-250", "--pcap", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert str(file) in done.stdout
    assert [each.whole for each in read_capture(file)] == [True, True, True]
    check_fails(smtplab("simulate", "lost-250", "--pcap", str(tmp_path / "none" / "run.pcap")), 3, "run.pcap")


def test_a_wrong_file_is_told_with_its_line(smtplab: Run, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text("[hosts.x]\ncolor = 1\n", encoding="utf-8")
    check_fails(smtplab("simulate", str(path)), 2, "line 2")


@pytest.mark.parametrize(
    "words", [(), ("nix",), ("greylisting", "--seed", "x", "--seeds", "2"), ("greylisting", "--seeds", "0")]
)
def test_a_wrong_command_line_is_told_in_a_sentence(smtplab: Run, words: tuple[str, ...]) -> None:
    done = smtplab("simulate", *words)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("at_terminal", [True, False])
def test_progress_is_a_line_that_changes_at_a_terminal_and_lines_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at_terminal: bool
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: at_terminal)
    with (progress := _RunProgress(4 * DAY, clock := Clock())):
        progress.show(0)
        clock.now = 20.0
        progress.show(DAY)
        clock.now = 40.0
        progress.show(2 * DAY)
    lines = [" 25%  1 d of 4 d, at most 1 min left", " 50%  2 d of 4 d, at most 40 s left"]
    if at_terminal:
        first, second = lines
        wanted = f"\r{first}\r{second:<{len(first)}}\r{' ' * len(second)}\r"
    else:
        wanted = "".join(f"{line}\n" for line in lines)
    assert capsys.readouterr().err == wanted
