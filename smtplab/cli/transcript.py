"""The command ``transcript``: diagnose a session that was copied into a file, or captured from a network."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import sentences
from .frame import ExitCode, fail, sentence
from .output import echo

if TYPE_CHECKING:
    from ..capture import CapturedSession


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--connection",
    type=click.IntRange(1),
    metavar="N",
    help="Show this connection of a capture alone; the first is 1.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="The server's port. Of a capture, only connections to it are read; --pcap writes it.  [25]",
)
@click.option(
    "--pcap",
    "target",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Also write what is shown to this file, as a capture for Wireshark.",
)
def transcript(file: Path, connection: int | None, port: int | None, target: Path | None) -> None:
    """Show a session that was copied into a file, and explain each refusal in it.

    FILE is what a terminal, swaks, a mail program or a server log shows of the session, or a capture of the network
    (pcap or pcapng); - is standard input.
    """
    from ..capture import is_capture

    data = _read(file)
    try:
        if is_capture(data[:6]):
            sessions = _captured(file, data, port, connection)
            echo("\n\n".join(_described(sessions, connection)))
        else:
            sessions = [_pasted(file, data, port, connection)]
        if target is not None:
            _save(sessions, target)
    except ValueError as error:
        fail(sentence(error), ExitCode.REFUSED)


def _pasted(file: Path, data: bytes, port: int | None, connection: int | None) -> CapturedSession:
    """Show a session that was copied as text, and return it."""
    from ..capture import CapturedSession
    from ..lab.diagnosis import diagnose

    diagnosis = diagnose(_text(data))
    _check_connection(file, connection, 1)
    echo(str(diagnosis))
    return CapturedSession(diagnosis.transcript, "client", "server", server_port=port or 0)


def _captured(file: Path, data: bytes, port: int | None, connection: int | None) -> list[CapturedSession]:
    """Return the sessions of a capture, or the one that is wanted; end the command if there is none."""
    from ..capture import read_capture

    opened = BytesIO(data)
    opened.name = _name(file)
    sessions = read_capture(opened, port=port)
    if not sessions:
        what = sentences.NO_CONNECTION_TO_PORT if port else sentences.NO_SMTP_CONNECTION
        fail(what.format(file=_name(file), port=port), ExitCode.REFUSED)
    _check_connection(file, connection, len(sessions))
    return [sessions[connection - 1]] if connection else sessions


def _check_connection(file: Path, connection: int | None, count: int) -> None:
    if connection is not None and connection > count:
        fail(sentences.NO_SUCH_CONNECTION.format(file=_name(file), number=connection, count=count), ExitCode.USAGE)


def _described(sessions: Sequence[CapturedSession], connection: int | None) -> Iterator[str]:
    """Yield a text for each connection of a capture: who called whom, and what was said."""
    from ..lab.diagnosis import diagnose

    for number, session in enumerate(sessions, connection or 1):
        head = f"Connection {number}: {session.title}"
        if session.whole and session.transcript.last_exchange is not None:
            yield f"{head}\n{diagnose(session.transcript)}"
        else:  # replies and commands cannot be paired for sure
            yield f"{head}\n{session.transcript}"


def _save(sessions: Sequence[CapturedSession], target: Path) -> None:
    from ..capture import write_capture

    try:
        write_capture(target, sessions)
    except OSError as error:
        fail(sentences.NOT_SAVED.format(file=target, reason=error.strerror or error))


def _name(file: Path) -> str:
    return "standard input" if str(file) == "-" else str(file)


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(sentences.FILE_UNREADABLE.format(file=file, reason=error.strerror or error), ExitCode.USAGE)


def _text(data: bytes) -> str:
    """Return the octets as text; an octet that is not UTF-8 stays what it is, because sessions hold any octets."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"  # Windows PowerShell writes UTF-16
    return data.decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
