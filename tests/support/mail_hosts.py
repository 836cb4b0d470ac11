"""``smtplab mta`` in a process of its own, and ``smtplab queue`` beside it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from smtplab.worlds.tcp_client import dial
from support.paths import ROOT
from support.raw_client import PATIENCE, RawClient

_ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return once a condition holds; fail if it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


class MailHostProcess:
    """A mail host whose users are alice and bob, and which may be stopped and started again.

    Args:
        folder: where its files are.
        hop: the port where the host of far.example, or of near.example if this is another, listens.
        more: more lines of the configuration, before its tables.
        queue: lines of its table ``queue``.
        before: what runs the command, such as ``strace``.
        domain: its name.
    """

    def __init__(
        self,
        folder: Path,
        hop: int,
        more: str = 'relay_from = ["127.0.0.1"]',
        queue: str = 'delays = ["200 ms"]',
        before: Sequence[str] = (),
        domain: str = "near.example",
    ) -> None:
        self.folder = folder
        self.config = folder / "host.toml"
        self.port = free_port()
        self.spool = folder / "spool"
        self._before = before
        self.process: subprocess.Popen[str] | None = None
        ports = {**dict.fromkeys(("near.example", "far.example", "postfix.example"), hop), domain: self.port}
        hosts = "\n".join(f'"{name}" = {{ address = "127.0.0.1", port = {port} }}' for name, port in ports.items())
        self.config.write_text(
            f"""
listen = "127.0.0.1:{self.port}"
{more}
[directory]
domains = ["{domain}"]
mailboxes = ["alice", "bob"]
[zone]
mx = {{ "nomail.example" = "0 ." }}
[zone.hosts]
{hosts}
[queue]
{queue}
"""
        )

    def start(self) -> list[str]:
        """Run it; return the two lines that it prints once it is ready."""
        command = [*self._before, sys.executable, "-m", "smtplab", "mta", "--config", str(self.config)]
        log = (self.folder / "log").open("a")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=_ENVIRONMENT, start_new_session=True
        )
        log.close()
        assert self.process.stdout is not None
        return [self.process.stdout.readline().rstrip("\n") for _ in range(2)]

    @property
    def log(self) -> str:
        """What it has said about its queue."""
        return (self.folder / "log").read_text()

    @property
    def messages(self) -> list[Path]:
        """The files of the messages in its spool."""
        return sorted((self.spool / "messages").iterdir())

    def mailbox(self, name: str) -> list[bytes]:
        """Return the messages of a user."""
        new = self.folder / "maildir" / name / "new"
        return [path.read_bytes() for path in sorted(new.iterdir())] if new.is_dir() else []

    def connect(self) -> RawClient:
        """Open a session, past its greeting."""
        client = RawClient(dial("127.0.0.1", self.port))
        assert client.reply().startswith("220 ")
        return client

    def send(self, *recipients: str, sender: str = "alice@near.example", body: str = "x") -> str:
        """Send a message; return the reply to its end."""
        client = self.connect()
        client.say("EHLO client.example", f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{each}>" for each in recipients))
        client.say("DATA")
        reply = client.say(f"Subject: x\r\n\r\n{body}\r\n.")
        client.say("QUIT")
        client.stream.close()
        return reply

    def kill(self) -> None:
        """Kill it as a crash does."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> int:
        """Stop it with SIGTERM; return its exit code."""
        return self._signal(signal.SIGTERM)

    def queue(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``smtplab queue``."""
        command = [sys.executable, "-m", "smtplab", "queue", "--config", str(self.config), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=_ENVIRONMENT, check=False, timeout=3 * PATIENCE
        )

    def close(self) -> None:
        """End it, however it is, with whatever runs it: what `strace` has traced would survive it."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)

    def _signal(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code
