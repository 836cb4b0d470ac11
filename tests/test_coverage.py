"""The kernel and the drivers are covered by their own tests: every statement and every branch.

A plain ``pytest`` runs their tests here, traced, and nowhere else; ``pytest tests/protocol`` runs the kernel's alone,
and faster. Coverage pauses for those that try many examples, as `support.tracing` says.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import given
from hypothesis import strategies as st

from support import selection, tracing

# The modules that find wrong beliefs, and ask about them.
QUESTIONS = ("belief_evidence", "choice_question", "inquiry", "question_sheet")

# The modules that decide what becomes of mail under way. Each has its own test file.
DECISIONS = [
    "base/duration",
    "base/seed",
    "mta/attempt",
    "mta/bounce",
    "mta/durable",
    "mta/entry_files",
    "mta/entry_record",
    "mta/hop_session",
    "mta/host_names",
    "mta/message_files",
    "mta/next_hop",
    "mta/outlook",
    "mta/queue",
    "mta/queue_control",
    "mta/queue_entry",
    "mta/queue_ids",
    "mta/queue_manager",
    "mta/queue_table",
    "mta/relay_policy",
    "mta/remarks",
    "mta/report_fields",
    "mta/retry_schedule",
    "mta/settling",
    "mta/spool",
    "mta/spool_folder",
    "mta/transmission",
    "mta/triplets",
    "mta/zone",
    "mta/zone_file",
]

# What is covered, as patterns of coverage's `--include`, and the tests that must do it alone.
COVERED = {
    "the kernel": (["smtplab/protocol/*"], ["tests/protocol"]),
    "the server's driver": (
        ["smtplab/mta/session.py", "smtplab/mta/policy.py"],
        ["tests/mta/test_session.py", "tests/mta/test_policy.py"],
    ),
    "the client's driver": (
        [f"smtplab/client/{name}.py" for name in ("arguments", "session", "operations", "transfer")],
        [f"tests/client/test_{name}.py" for name in ("arguments", "session", "transfer")],
    ),
    "the decisions of a relay": (
        [f"smtplab/{name}.py" for name in DECISIONS],
        [f"tests/{room}/test_{name}.py" for room, name in (path.split("/") for path in DECISIONS)],
    ),
    "the faults": (["smtplab/faults/*"], ["tests/faults"]),
    "wrong beliefs and their review": (
        [
            "smtplab/recall/*",
            *(f"smtplab/explain/{name}.py" for name in QUESTIONS),
        ],
        [
            "tests/recall",
            *(f"tests/explain/test_{name}.py" for name in QUESTIONS),
        ],
    ),
    "captures": (["smtplab/capture/*"], ["tests/capture"]),
    "the virtual world": (
        [f"smtplab/worlds/{name}.py" for name in ("scheduler", "wire", "connections", "virtual", "host_jobs")],
        [
            "tests/faults/test_session.py",
            *(f"tests/worlds/test_{name}.py" for name in ("scheduler", "virtual", "host_jobs")),
        ],
    ),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("modules", "tests"), COVERED.values(), ids=COVERED.keys())
def test_their_own_tests_pass_and_cover_every_statement_and_branch(
    root: Path, tmp_path: Path, modules: Sequence[str], tests: Sequence[str]
) -> None:
    environment = os.environ | {"COVERAGE_FILE": str(tmp_path / "coverage")}

    def coverage(*arguments: str) -> str:
        command = [sys.executable, "-m", "coverage", *arguments]
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=500
        )
        if done.returncode:
            pytest.fail(f"{' '.join(command[1:])}\n{done.stdout}{done.stderr}", pytrace=False)
        return done.stdout

    # Traced code is slow: what a test in there may take is settled in this test's own time-out.
    command = ["-m", "pytest", *tests, "-q", "-rfE", "--tb=short", "--show-capture=no", "--no-header"]
    options = ["-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:nbval", "--timeout=300"]
    coverage("run", "--branch", f"--include={','.join(modules)}", *command, *options)
    report = coverage("report", "--show-missing", "--fail-under=100")
    seen = {line.split()[0] for line in report.splitlines() if line.startswith("smtplab/")}
    there = {path.relative_to(root).as_posix() for pattern in modules for path in root.glob(pattern)}
    assert seen == {path for path in there if path.endswith(".py")}


def test_what_is_run_here_is_not_run_a_second_time() -> None:
    named = {path for _, tests in COVERED.values() for path in tests}
    here = {path for path in named if not any(path != other and selection.is_in(path, other) for other in named)}
    assert here | {"notebooks/tutorials"} == set(selection.RUN_ELSEWHERE)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said to a coverage that pretends to measure this process."""
    said: list[str] = []

    class Measured:
        def stop(self) -> None:
            said.append("stop")

        def start(self) -> None:
            said.append("start")

    monkeypatch.setattr(Coverage, "current", Measured)
    return said


@given(st.none())
def _of_hypothesis(nothing: None) -> None:
    pass


@pytest.mark.untraced
def test_coverage_has_paused_for_a_test_that_is_marked(measured: list[str]) -> None:
    assert measured == ["stop"]


def test_coverage_has_paused_for_no_other_test(measured: list[str]) -> None:
    assert measured == []


def test_coverage_pauses_for_a_test_of_hypothesis_and_goes_on_behind_it(
    request: pytest.FixtureRequest, measured: list[str]
) -> None:
    with tracing.paused_for(pytest.Function.from_parent(request.node.parent, name="_of_hypothesis")):
        assert measured == ["stop"]
    assert measured == ["stop", "start"]
