"""Run the programs of others that fetch and build: pip, npm and jupyter."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class RunProgram(Protocol):
    """Runs a program to its end."""

    def __call__(
        self, command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command and return what it said and its exit code."""


def run_quietly(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command without input, and return what it said instead of printing it.

    Args:
        command: the program and its arguments.
        cwd: its folder; None is this one.
        env: its environment; None is this one.
    """
    nothing = subprocess.DEVNULL
    return subprocess.run(
        command, cwd=cwd, env=env, stdin=nothing, capture_output=True, text=True, errors="replace", check=False
    )


def last_line(text: str) -> str:
    """Return the last line of what a program said that is not empty, without its full stop."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines or ["it does not say why"])[-1].rstrip(".")
