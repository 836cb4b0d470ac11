"""The command ``transcript``: diagnose a session that was copied into a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import sentences
from .frame import ExitCode, fail, sentence
from .output import echo


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def transcript(file: Path) -> None:
    """Show a session that was copied into a file, and explain each refusal in it.

    FILE is what a terminal, swaks, a mail program or a server log shows of the session; - is standard input.
    """
    from ..lab.diagnosis import diagnose

    try:
        diagnosis = diagnose(_text_of(file))
    except ValueError as error:
        fail(sentence(error), ExitCode.REFUSED)
    echo(str(diagnosis))


def _text_of(file: Path) -> str:
    """Return the text of a file; an octet that is not UTF-8 stays what it is, because sessions hold any octets."""
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(sentences.FILE_UNREADABLE.format(file=file, reason=error.strerror or error), ExitCode.USAGE)
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"  # Windows PowerShell writes UTF-16
    return data.decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
