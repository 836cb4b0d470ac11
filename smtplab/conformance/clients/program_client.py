"""A client that is a program of any language, tried over TCP on this machine."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...worlds.client_process import run_client
from ...worlds.peer_script import WireLog
from ...worlds.program_end import ProgramEnd
from ...worlds.socket_play import Patience
from .played_server import PlayedServer
from .plays import RECIPIENT, SENDER, Play

PLACES = ("host", "port", "from", "to", "file", "timeout")
"""What a command line may name in braces."""

_AMPLE_SECONDS = 60


class ProgramClient:
    """A command line that sends a message.

    Args:
        command: the command line, with ``{host}``, ``{port}``, ``{from}``, ``{to}``, ``{file}`` and, if the program can
            be told how long to wait, ``{timeout}``. No shell reads it.
        unix_file: True if the lines of the file end in LF, as Unix keeps text; by default they end in CRLF.
        seconds: what ``{timeout}`` stands for with a silent server; with others it is a minute, because some programs
            take it as the limit of a whole session.

    Raises:
        ValueError: if the command line cannot be split into words.
    """

    sends_parts = False

    def __init__(self, command: str, *, unix_file: bool = False, seconds: int = 2) -> None:
        self.name = command
        self._words = shlex.split(command)
        self._unix_file = unix_file
        self._seconds = seconds
        self.gives_up = "{timeout}" in command

    def perform(self, play: Play, server: PlayedServer) -> tuple[ProgramEnd, WireLog]:
        """Start the program with the message of a play, and return how it ended.

        Raises:
            OSError: if it cannot be started.
        """
        with tempfile.TemporaryDirectory(prefix="smtplab-") as folder:
            file = Path(folder, "message.eml")
            file.write_bytes(play.message.replace(b"\r\n", b"\n") if self._unix_file else play.message)
            seconds = self._seconds if play.silent_at else _AMPLE_SECONDS
            return run_client(lambda host, port: self._line(host, port, file, seconds), server, self._patience(play))

    def _line(self, host: str, port: int, file: Path, seconds: int) -> Sequence[str]:
        values = (host, str(port), SENDER, RECIPIENT, str(file), str(seconds))
        places = dict(zip(PLACES, values, strict=True))
        return [_filled(word, places) for word in self._words]

    def _patience(self, play: Play) -> Patience:
        patience = Patience()
        return replace(patience, idle=patience.idle + self._seconds) if play.silent_at else patience


def _filled(word: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        word = word.replace(f"{{{name}}}", value)
    return word
