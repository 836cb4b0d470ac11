"""``smtplab check-client``, with wrong clients of the bank as programs."""

import json
import shlex
import sys
from pathlib import Path

import pytest

from conformance.bank_clients import WRONG
from support.command_line import Run
from support.paths import ROOT

PROGRAM = ROOT / "tests" / "conformance" / "run_bank_client.py"


def command(name: str) -> str:
    return f"{shlex.join([sys.executable, str(PROGRAM), name])} {{host}} {{port}} {{from}} {{to}} {{file}}"


@pytest.mark.parametrize("name", ["ends lines in lf", "says quit in its text", "never reads the greeting"])
def test_a_program_fails_the_same_rule_as_the_function(smtplab: Run, name: str) -> None:
    done = smtplab("check-client", "--json", "--cmd", command(name))
    findings = json.loads(done.stdout)["findings"]
    failed = tuple(finding["rule"] for finding in findings if finding["outcome"] == "fail")
    assert (done.returncode, failed) == (1, next(client.fails for client in WRONG if client.name == name))


def test_the_report_is_printed_and_written_as_a_page(smtplab: Run, tmp_path: Path) -> None:
    done = smtplab("check-client", "--html", "report.html", "--cmd", command("forgets hello"))
    assert done.returncode == 1
    assert "FAILED: begins-with-hello" in done.stdout
    assert "begins-with-hello" in (tmp_path / "report.html").read_text()


def test_a_program_that_crashes_is_told_with_its_last_line(smtplab: Run) -> None:
    program = f"{sys.executable} -c 'import sys; sys.argv[1]; raise LookupError(\"no such thing\")' {{port}}"
    done = smtplab("check-client", "--cmd", program)
    assert done.returncode == 1
    assert "LookupError: no such thing" in done.stdout
