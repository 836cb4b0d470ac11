"""What all tests may use: the repository's root, and the command line run as a user runs it.

Hypothesis looks a little, and always at the same, unless HYPOTHESIS_PROFILE=thorough tells it to look hard. It sets no
deadline: how long one example takes tells how busy the machine is.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.paths import ROOT

QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=100, derandomize=True, **QUIET)
settings.register_profile("thorough", max_examples=2000, **QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the kernel's own tests to `test_coverage`, which runs them too, where nobody says which tests to run."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return True if everything and collection_path == ROOT / "tests" / "protocol" else None


@pytest.fixture(scope="session", autouse=True)
def _interrupts_are_heard() -> Iterator[None]:
    """Hear SIGINT here and in what tests start, also where a shell began the tests in the background and ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture
def smtplab(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``smtplab`` in a process and a folder of its own; `env` adds to the environment, `stdin` is typed in."""

    def run(*arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | (env or {})
        command = [sys.executable, "-m", "smtplab", *arguments]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return run
