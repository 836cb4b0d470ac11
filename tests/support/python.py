"""A Python of its own, for what a running one cannot show: what an import loads, what is said before anything is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .paths import ROOT


def printed_by(script: str, cwd: Path = ROOT, **environment: str) -> str:
    """Run a script and return what it prints; a script that fails fails the test, with what it said."""
    command, variables = [sys.executable, "-c", script], os.environ | environment
    done = subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"the script ended with {done.returncode}:\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout
