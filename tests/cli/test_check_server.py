"""``smtplab check-server``: what it prints, and how it ends."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from smtplab.cli import main
from smtplab.conformance.servers.server_rules import SERVER_RULES, ServerCheck
from smtplab.conformance.stages import SERVER_STAGES
from smtplab.worlds.background import BackgroundServer, serve
from support.command_line import Open, Run, check_fails
from support.odd_server import OddServer, say, silence


def at(address: tuple[str, int]) -> tuple[str, str, str]:
    return "check-server", address[0], str(address[1])


def test_a_right_server_is_exit_0_and_each_stage_is_a_line(lab: BackgroundServer, smtplab: Run) -> None:
    done = smtplab(*at(lab.address))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[2] for line in lines[:20]] == [stage.name for stage in SERVER_STAGES]
    assert "0 failed" in done.stdout


def test_what_is_stored_is_seen_through_maildirs(tmp_path: Path, smtplab: Run) -> None:
    with serve(maildir=tmp_path / "mail") as server:
        done = smtplab(*at(server.address), "--maildir", str(tmp_path / "mail"), "--mailbox", "bob@lab.example")
    assert done.returncode == 0
    assert f"{len(SERVER_RULES) - 1} rules passed, 0 failed, 1 skipped" in done.stdout


def test_a_wrong_server_is_exit_1_and_the_run_stops_with_what_to_look_at(smtplab: Run) -> None:
    with OddServer(say("250 hello")) as server:
        done = smtplab(*at(server.address))
    assert done.returncode == 1
    assert done.stdout.count("FAILED: ") == 1
    assert "FAILED: greeting-is-220" in done.stdout
    assert "  Came      250 hello<CRLF>\n" in done.stdout
    assert "stopped after stage 1 of 20, greet" in done.stdout


def test_with_all_the_run_goes_on(smtplab: Run) -> None:
    with OddServer(say("250 mail.lab.example")) as server:
        done = smtplab(*at(server.address), "--all", "--timeout", "0.2")
    assert done.returncode == 1
    assert "pipelining" in done.stdout


def test_the_report_as_json_is_all_that_is_printed(smtplab: Run) -> None:
    with OddServer(say("250 hello")) as server:
        done = smtplab(*at(server.address), "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr, report["passed"]) == (1, "", False)
    assert [each["rule"] for each in report["findings"] if each["outcome"] == "fail"] == ["greeting-is-220"]


def test_the_report_is_written_as_a_page(tmp_path: Path, smtplab: Run) -> None:
    with OddServer(say("250 hello")) as server:
        done = smtplab(*at(server.address), "--html", str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert done.returncode == 1
    assert page.startswith("<!doctype html>")
    assert "greeting-is-220" in page


def test_where_nothing_listens_is_exit_3(smtplab: Run) -> None:
    with OddServer() as server:
        address = server.address
    check_fails(smtplab(*at(address)), 3, "Nobody listens")


def test_another_machine_is_refused_unless_it_is_allowed(smtplab: Run) -> None:
    check_fails(smtplab("check-server", "192.0.2.1", "25"), 2, "--allow-remote")


@pytest.mark.parametrize("arguments", [("127.0.0.1",), ("127.0.0.1", "0"), ("127.0.0.1", "25", "--timeout", "0")])
def test_a_wrong_command_line_is_exit_2(arguments: tuple[str, ...], smtplab: Run) -> None:
    check_fails(smtplab("check-server", *arguments), 2, "--help")


def test_ctrl_c_is_exit_130_and_reports_what_was_found(
    lab: BackgroundServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = ServerCheck._judge

    def interrupted(self: ServerCheck, rule: Any) -> Any:
        if rule.stage == "sender":
            signal.raise_signal(signal.SIGINT)
            time.sleep(0)
        return judge(self, rule)

    monkeypatch.setattr(ServerCheck, "_judge", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(at(lab.address))
    assert ended.value.code == 130
    printed = capsys.readouterr().out
    assert printed.splitlines()[2].split()[:3] == ["ok", "3", "quit"]
    assert "interrupted" in printed


def test_a_terminal_shows_the_rule_of_the_moment_and_clears_it(lab: BackgroundServer, terminal: Open) -> None:
    screen = terminal(*at(lab.address))
    assert screen.process.wait(30) == 0
    screen.wait_for("0 failed")
    assert screen.text.splitlines()[0].startswith("ok       1 greet")


def test_a_silent_server_ends_the_run_after_the_time_of_one_reply(smtplab: Run) -> None:
    with OddServer(silence) as server:
        begin = time.monotonic()
        done = smtplab(*at(server.address), "--timeout", "0.3")
    assert done.returncode == 1
    assert time.monotonic() - begin < 5
    assert "(nothing more for 0.3 s)" in done.stdout
