"""Print the output of commands. If the reader of a pipe has gone, such as ``head``, the command goes on in silence.

So the exit code is that of the command, however much of its output was read.
"""

from __future__ import annotations

import contextlib
import os
import sys

import click


def echo(text: str = "", *, nl: bool = True, dim: bool = False) -> None:
    """Print text on standard output, or discard it if its reader has gone.

    Args:
        text: what to print.
        nl: True ends the line.
        dim: True prints faintly at a terminal.
    """
    try:
        click.secho(text, nl=nl, dim=True) if dim else click.echo(text, nl=nl)
    except BrokenPipeError:
        print_no_more()


def complain(text: str) -> None:
    """Print one line on standard error; the exit code has to do if that cannot be printed."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def print_no_more() -> None:
    """Discard unprinted output, because Python would try to print it again at exit, and report an error."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def open_missing_streams() -> None:
    """Give the process the standard streams that it was started without; they hold nothing."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115
