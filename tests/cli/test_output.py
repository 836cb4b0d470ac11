"""What the commands print when nobody reads it: they go on, and the exit code stays their own."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from smtplab.cli import frame
from smtplab.cli.frame import CommandError, require_posix
from support.command_line import Serve

PASTED = "220 hi\nHELO me\n250 ok\nQUIT\n221 bye\n"
COMMANDS = [
    (["codes"], 0),
    (["codes", "999"], 1),
    (["transcript", "pasted.txt"], 0),
    (["start", "--no-lab"], 0),
    (["serve", "--help"], 0),
    (["--version"], 0),
    (["codes", "--nope"], 2),
]


def run_with(root: Path, arguments: list[str], redirection: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a command by a shell that redirects its streams."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "smtplab", *arguments],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder, with a session in a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pasted.txt").write_text(PASTED)


@pytest.mark.parametrize(("arguments", "code"), COMMANDS)
def test_a_reader_that_has_gone_changes_no_exit_code(root: Path, arguments: list[str], code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "smtplab", *arguments]
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(command, env=environment, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writer)
    assert done.returncode == code
    assert done.stderr.count(b"\n") == (code != 0)


@pytest.mark.parametrize(("arguments", "code"), COMMANDS)
def test_closed_streams_change_no_exit_code(root: Path, arguments: list[str], code: int) -> None:
    done = run_with(root, arguments, "<&- >&-")
    assert done.returncode == code
    assert done.stderr.count(b"\n") == (code != 0)


def test_a_closed_standard_error_changes_neither_output_nor_exit_code(root: Path) -> None:
    done = run_with(root, ["codes", "999"], "2>&-")
    assert done.returncode == 1
    assert b"not a reply code" not in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(("redirection", "code"), [(">/dev/full", 3), ("2>/dev/full", 0), (">/dev/full 2>&1", 3)])
def test_a_full_disk_is_exit_3(root: Path, redirection: str, code: int) -> None:
    done = run_with(root, ["codes"], redirection)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


def test_a_released_notebook_does_not_need_a_reader(root: Path, tmp_path: Path) -> None:
    source = root / "notebooks" / "exercises" / "source"
    done = run_with(root, ["release", "--source", str(source), "--out", "out"], ">&-")
    assert done.returncode == 0
    assert len(list(tmp_path.glob("out/*/*.ipynb"))) == len([*source.glob("[!.]*/[!.]*.ipynb")])


def test_a_server_goes_on_though_nobody_reads_where_it_listens(served: Serve) -> None:
    server = served("--discard")
    assert server.process.stdout is not None
    server.process.stdout.close()
    client = server.connect()
    assert client.reply().startswith("220 ")
    assert server.process.poll() is None


@pytest.mark.parametrize("command", ["serve", "talk"])
def test_what_needs_posix_names_the_systems_that_have_it(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    require_posix(command)
    monkeypatch.setattr(frame, "os", SimpleNamespace(name="nt"))
    with pytest.raises(CommandError, match=f"smtplab {command}.*WSL") as failed:
        require_posix(command)
    assert failed.value.code == 3
