"""Two mail hosts for the benchmarks: one relays durably to the other, which keeps mail in a Maildir."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 120.0
_CONFIG = """
listen = "127.0.0.1:{port}"
relay_from = ["127.0.0.1"]
[directory]
domains = ["{domain}"]
mailboxes = ["b"]
[zone.hosts]
"example.com" = {{ address = "127.0.0.1", port = {far} }}
"down.example" = {{ address = "127.0.0.1", port = {down} }}
"""


class Relays:
    """Two hosts that run.

    Args:
        port: where the first one listens.
        mailbox: where the second one puts mail for b@example.com.
    """

    def __init__(self, port: int, mailbox: Path) -> None:
        self.port = port
        self._mailbox = mailbox

    def acknowledged(self, send: Callable[[], float]) -> float:
        """Return the messages that the first host acknowledges in a second, and wait until all are delivered."""
        figure, _ = self._timed(send)
        return figure

    def delivered(self, send: Callable[[], float], count: int) -> float:
        """Return the messages in a second, from the first one sent to the last one delivered."""
        _, seconds = self._timed(send, count)
        return count / seconds

    def _timed(self, send: Callable[[], float], count: int = 0) -> tuple[float, float]:
        before, begin = self._count(), time.perf_counter()
        figure = send()
        while count and self._count() < before + count:
            if time.perf_counter() - begin > _PATIENCE:
                raise SystemExit("mail was not delivered")
            time.sleep(0.005)
        seconds = time.perf_counter() - begin
        self._drain()
        return figure, seconds

    def _drain(self) -> None:
        """Wait until nothing more arrives."""
        last = -1
        while (now := self._count()) != last:
            last = now
            time.sleep(0.2)

    def _count(self) -> int:
        return len(os.listdir(self._mailbox)) if self._mailbox.is_dir() else 0


@contextmanager
def relays(free_port: Callable[[], int], await_greeting: Callable[..., None]) -> Iterator[Relays]:
    """Run two hosts, each in a process of its own.

    Args:
        free_port: returns a port that nobody uses.
        await_greeting: returns once a process listens on a port.
    """
    near, far, down = free_port(), free_port(), free_port()
    processes = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name, domain, port in (("far", "example.com", far), ("near", "near.example", near)):
                (Path(folder) / name).mkdir()
                config = Path(folder) / name / "host.toml"
                config.write_text(_CONFIG.format(port=port, domain=domain, far=far, down=down))
                processes.append(_start(config))
                await_greeting(processes[-1], f"smtplab mta, {name}", port)
            yield Relays(near, Path(folder) / "far" / "maildir" / "b" / "new")
        finally:
            for process in processes:
                process.kill()
                process.wait(_PATIENCE)


def _start(config: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "smtplab", "mta", "--quiet", "--config", str(config)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent)}
    with open(config.with_name("log"), "wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
