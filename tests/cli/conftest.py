"""Servers for the commands to talk to."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from smtplab.worlds.background import BackgroundServer, serve
from support.command_line import Open, Run, Serve, Served, Terminal, run_here, start_server
from support.raw_client import PATIENCE


@pytest.fixture
def smtplab(tmp_path: Path) -> Run:
    """Run ``smtplab`` in this process, in a folder of its own; `stdin` is typed in."""
    return partial(run_here, tmp_path)


@pytest.fixture
def served(root: Path, tmp_path: Path) -> Iterator[Serve]:
    """Start ``smtplab serve`` on a free port, as often as needed."""
    servers: list[Served] = []

    def start(*arguments: str, open_files: int | None = None) -> Served:
        servers.append(start_server(root, tmp_path, arguments, open_files))
        return servers[-1]

    yield start
    for server in servers:
        server.process.kill()
        server.process.communicate(timeout=PATIENCE)


@pytest.fixture
def lab() -> Iterator[BackgroundServer]:
    """A server in this process, where alice and bob live."""
    with serve() as server:
        yield server


@pytest.fixture
def terminal(root: Path) -> Iterator[Open]:
    """Run a command in a terminal, as often as needed."""
    terminals: list[Terminal] = []

    def start(*arguments: str, kind: str = "xterm") -> Terminal:
        terminals.append(Terminal(root, *arguments, kind=kind))
        return terminals[-1]

    yield start
    for each in terminals:
        each.close()
