"""A Python of its own, for what a running one cannot show: what an import loads, what is said before anything is."""

import subprocess
import sys
from pathlib import Path

import pytest

from .paths import ROOT


def printed_by(script: str, cwd: Path = ROOT) -> str:
    """Run a script and return what it prints; a script that fails fails the test, with what it said."""
    done = subprocess.run([sys.executable, "-c", script], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"the script ended with {done.returncode}:\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout
