"""A ``smtplab serve`` that runs, and the check that a command fails as it should."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from raw_client import RawClient

from smtplab.worlds.tcp import dial

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@dataclass(frozen=True)
class Served:
    """A ``smtplab serve`` that is ready.

    Args:
        process: its process.
        ready: the line that says where it listens.
        told: the line behind it.
    """

    process: subprocess.Popen[str]
    ready: str
    told: str

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, port = self.ready.removeprefix("listening on ").rsplit(":", 1)
        return host.strip("[]"), int(port)

    @property
    def port(self) -> str:
        """The port, for a command line."""
        return str(self.address[1])

    def connect(self) -> RawClient:
        """Open a session; the greeting waits to be read."""
        return RawClient(dial(*self.address))


Serve = Callable[..., Served]


def start_server(root: Path, folder: Path, arguments: tuple[str, ...], open_files: int | None) -> Served:
    """Start ``smtplab serve`` in `folder`, under a soft limit of open files if one is given."""

    def limit() -> None:
        if open_files is not None:
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, hard))

    process = subprocess.Popen(
        [sys.executable, "-m", "smtplab", "serve", "--port", "0", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )
    assert process.stdout is not None
    ready, told = (process.stdout.readline().rstrip("\n") for _ in range(2))
    return Served(process, ready, told)


def check_fails(done: Done, code: int, *words: str) -> None:
    """See that a command ended with `code` and one plain sentence in which all of `words` are."""
    assert done.returncode == code, done
    assert done.stderr.endswith("\n")
    assert done.stderr[:-1].isprintable(), done.stderr  # so it is one line
    for word in words:
        assert word in done.stderr
