"""Failures that a user is told of in one sentence, and how a notebook shows them: without the insides of smtplab.

Elsewhere they are exceptions as all others, with the whole traceback. What a function refuses, such as a wrong
argument, is an exception of Python's or of the kernel's, which know no notebook: `show_refusals` tells IPython of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traceback import FrameSummary


class Failure(Exception):
    """What was asked for cannot be done; ``str(error)`` says why, in words that need no traceback."""

    def _render_traceback_(self) -> list[str]:
        """Show in IPython the lines of the notebook that led here, and the sentence."""
        return _brief(self)


def show_refusals(shell: Any, kinds: tuple[type[Exception], ...]) -> None:
    """Have an IPython shell show as a failure what smtplab refuses to a cell, and everything else as ever.

    What is refused is raised by a statement of smtplab, which a cell has called with no other package in between.
    ``%tb`` still shows the whole traceback. A shell that was told its own way with exceptions keeps it.

    Args:
        shell: the shell.
        kinds: what refusals are.
    """
    if not shell.custom_exceptions:
        shell.set_custom_exc(kinds, _show)


def _show(shell: Any, kind: type[Exception], error: Any, trace: TracebackType, tb_offset: int | None = None) -> None:
    """Show an exception; the arguments are those that IPython gives."""
    refused = _is_refused(shell.user_global_ns, trace)
    if refused:
        error._render_traceback_ = lambda: _brief(error)
    try:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset, running_compiled_code=True)
    finally:
        if refused:
            del error._render_traceback_


def _is_refused(names: dict[str, Any], trace: TracebackType) -> bool:
    """Say whether a cell, whose global names are `names`, called smtplab, and it raised the exception itself."""
    *_, (last, line) = _frames(trace)
    # Behind the frames of IPython stand those of the cell, and right behind them ours.
    frames = (frame for frame, _ in _frames(trace))
    behind_ipython = dropwhile(lambda frame: frame.f_globals is not names, frames)
    called = next(dropwhile(lambda frame: frame.f_globals is names, behind_ipython), None)
    return called is not None and _is_ours(called) and _is_ours(last) and str(line.line).startswith("raise ")


def _brief(error: BaseException) -> list[str]:
    lines: list[str] = []
    for frame, line in _frames(error.__traceback__):
        if _is_ours(frame):
            break
        within = "" if line.name == "<module>" else f" of {line.name}"
        # IPython's own calls stand before those of the cell.
        lines = [] if _package(frame) == "IPython" else [*lines, f"line {line.lineno}{within}: {line.line}"]
    return [*lines, f"{type(error).__name__}: {error}"]


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, FrameSummary]]:
    """Yield the frames of a traceback, the outermost first, and of each where it stands."""
    import traceback

    for (frame, _), line in zip(traceback.walk_tb(trace), traceback.extract_tb(trace), strict=True):
        yield frame, line


def _is_ours(frame: FrameType) -> bool:
    return _package(frame) == __name__.partition(".")[0]


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]
