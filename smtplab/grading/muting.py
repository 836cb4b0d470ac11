"""Mute all output while code of a student's runs, whatever way it writes.

`contextlib.redirect_stderr` replaces ``sys.stderr``. Code that keeps the old stream, such as a handler of `logging`,
still writes to it, and ``os.write(2, ...)`` bypasses both. So this module mutes the streams themselves and the two file
descriptors.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any

_DESCRIPTORS = (1, 2)  # standard output and standard error


@contextlib.contextmanager
def muted_output() -> Iterator[None]:
    """Drop all that is written to standard output and standard error."""
    with contextlib.ExitStack() as stack:
        for stream in {id(each): each for each in _streams()}.values():
            stack.enter_context(_muted(stream))
        for descriptor in _DESCRIPTORS:
            stack.enter_context(_to_nowhere(descriptor))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        yield


def _streams() -> Iterator[Any]:
    for name in ("stdout", "stderr", "__stdout__", "__stderr__"):
        stream = getattr(sys, name, None)
        if stream is not None:
            yield stream


@contextlib.contextmanager
def _muted(stream: Any) -> Iterator[None]:
    """Make a stream drop what is written to it; what it holds is flushed before."""
    _flush(stream)
    own = vars(stream).get("write") if hasattr(stream, "__dict__") else None
    try:
        stream.write = len
    except AttributeError:  # a stream that cannot be changed; its descriptor is muted
        yield
        return
    try:
        yield
    finally:
        if own is None:
            del stream.write
        else:
            stream.write = own


@contextlib.contextmanager
def _to_nowhere(descriptor: int) -> Iterator[None]:
    """Point a file descriptor to the null device."""
    try:
        kept = os.dup(descriptor)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:  # nothing is open there, so nothing can be written
        yield
        return
    try:
        os.dup2(nowhere, descriptor)
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
        os.close(nowhere)


def _flush(stream: Any) -> None:
    with contextlib.suppress(Exception):
        stream.flush()
