"""Commands run in this process, a ``smtplab serve`` that runs, a terminal, and the check that a command failed well."""

import contextlib
import os
import pty
import resource
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from smtplab.cli import main
from smtplab.worlds.tcp_client import dial
from support.raw_client import PATIENCE, RawClient
from support.terminal_screen import TerminalScreen

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

# What cannot be waited for.
NO_TIMES = ("0", "-1", "nan", "inf", "86401", "1e300", "abc", "")


def run_here(folder: Path, *arguments: str, stdin: str = "") -> Done:
    """Run a command line in this process, in `folder`; `stdin` is typed in.

    It reads and writes files, as a command does whose streams a shell redirects. So hundreds of commands are tested in
    the time that starting as many processes would take.
    """
    with contextlib.ExitStack() as stack:
        typed, out, err = (
            stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors=errors))
            for errors in ("surrogateescape", "strict", "backslashreplace")
        )
        typed.write(stdin)
        typed.seek(0)
        for context in (
            contextlib.chdir(folder),
            mock.patch("sys.stdin", typed),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            stack.enter_context(context)
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code
        texts = []
        for file in (out, err):
            file.flush()
            file.seek(0)
            texts.append(file.read())
    assert isinstance(code, int)
    return Done(["smtplab", *arguments], code, *texts)


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


class Terminal:
    """A terminal of 80 columns with a command in it.

    Args:
        root: where it runs.
        arguments: those of the command.
        kind: what the command hears of the terminal, its TERM.
    """

    def __init__(self, root: Path, *arguments: str, kind: str = "xterm") -> None:
        self._end, other = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "smtplab", *arguments],
            cwd=root,
            env=os.environ | {"COLUMNS": "80", "TERM": kind},
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        self._screen = TerminalScreen()

    @property
    def text(self) -> str:
        """What has appeared."""
        return self._screen.text

    def type(self, text: str) -> None:
        """Type, Enter included where it should be."""
        os.write(self._end, text.encode())

    def wait_for(self, text: str, times: int = 1) -> None:
        """Return once `text` has appeared so many times; fail if it takes too long."""
        while self.text.count(text) < times:
            assert self._read(), f"{text!r} is not in {self.text}"

    def wait_for_prompt(self) -> None:
        """Return once ``talk`` waits for a command, at the end of the text."""
        self.wait_for("C: ", times=self.text.count("C: ") + (not self.text.endswith("C: ")))

    def say(self, *commands: str) -> None:
        """Type each command at a prompt of ``talk``, and wait for the reply to each."""
        for command in commands:
            self.wait_for_prompt()
            self.type(f"{command}\n")
            self.wait_for("\nS: ", times=self.text.count("\nS: ") + 1)

    def wait_for_end(self) -> int:
        """Return the exit code, once all has been read."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait(PATIENCE)
        os.close(self._end)

    def _read(self) -> bool:
        try:
            ready, _, _ = select.select([self._end], [], [], PATIENCE)
            data = os.read(self._end, 65536) if ready else b""
        except OSError:  # nobody holds the terminal any more
            data = b""
        self._screen.feed(data.decode())
        return bool(data)


Open = Callable[..., Terminal]


def check_fails(done: Done, code: int, *words: str) -> None:
    """See that a command ended with `code` and one plain sentence in which all of `words` are."""
    assert done.returncode == code, done
    assert done.stderr.endswith("\n")
    assert done.stderr[:-1].isprintable(), done.stderr  # so it is one line
    for word in words:
        assert word in done.stderr
