"""The kernel's own tests, and what they cover: every statement and every branch of it.

A plain ``pytest`` runs them here, traced, and nowhere else; ``pytest tests/protocol`` runs them alone and faster.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(600)
def test_the_kernels_own_tests_pass_and_cover_every_statement_and_branch_of_it(root: Path, tmp_path: Path) -> None:
    environment = os.environ | {"COVERAGE_FILE": str(tmp_path / "coverage")}

    def coverage(*arguments: str) -> None:
        command = [sys.executable, "-m", "coverage", *arguments]
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=500
        )
        if done.returncode:
            pytest.fail(f"{' '.join(command[1:])}\n{done.stdout}{done.stderr}", pytrace=False)

    # Traced code is slow: what a test in there may take is settled in this test's own time-out.
    tests = ["-m", "pytest", "tests/protocol", "-q", "-rfE", "--tb=short", "--show-capture=no", "--no-header"]
    options = ["-o", "addopts=", "-p", "no:cacheprovider", "--timeout=300"]
    coverage("run", "--branch", "--source=smtplab.protocol", *tests, *options)
    coverage("report", "--show-missing", "--skip-covered", "--fail-under=100")
